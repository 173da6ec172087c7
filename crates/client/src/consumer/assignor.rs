//! How a group's leader shares out partitions: with the same results as Java's `RangeAssignor`
//! (without racks) and `RoundRobinAssignor`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{PartitionIndex, TopicPartition};
use protocol::Str;

use crate::config::AssignmentStrategy;

/// A member as the group's leader sees it.
#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    pub(crate) member_id: Str,
    pub(crate) instance_id: Option<Str>,
    pub(crate) topics: BTreeSet<Arc<str>>,
}

impl Subscriber {
    /// Static members come first, by their names, so that they keep their places over a restart.
    fn compare(&self, other: &Self) -> Ordering {
        match (&self.instance_id, &other.instance_id) {
            (Some(one), Some(two)) => one.cmp(two),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.member_id.cmp(&other.member_id),
        }
    }
}

/// What each member reads.
pub(crate) type Assignments = BTreeMap<Str, Vec<TopicPartition>>;

/// Shares out the partitions of `topics` (name and number of partitions) among `subscribers`.
pub(crate) fn assign(
    strategy: AssignmentStrategy,
    mut subscribers: Vec<Subscriber>,
    topics: &BTreeMap<Arc<str>, usize>,
) -> Assignments {
    subscribers.sort_by(Subscriber::compare);
    let mut assignments: Assignments =
        subscribers.iter().map(|member| (member.member_id.clone(), Vec::new())).collect();
    let mut give = |member: &Subscriber, topic: &Arc<str>, partition: usize| {
        let partition = TopicPartition::new(topic.clone(), PartitionIndex::new(partition as i32));
        assignments.entry(member.member_id.clone()).or_default().push(partition);
    };
    match strategy {
        AssignmentStrategy::Range => range(&subscribers, topics, &mut give),
        AssignmentStrategy::RoundRobin => round_robin(&subscribers, topics, &mut give),
    }
    assignments
}

fn range(
    subscribers: &[Subscriber],
    topics: &BTreeMap<Arc<str>, usize>,
    give: &mut impl FnMut(&Subscriber, &Arc<str>, usize),
) {
    for (topic, &count) in topics {
        let members: Vec<&Subscriber> =
            subscribers.iter().filter(|member| member.topics.contains(topic)).collect();
        let mut next = 0;
        for (at, member) in members.iter().enumerate() {
            let share = count / members.len() + usize::from(at < count % members.len());
            (next..next + share).for_each(|partition| give(member, topic, partition));
            next += share;
        }
    }
}

fn round_robin(
    subscribers: &[Subscriber],
    topics: &BTreeMap<Arc<str>, usize>,
    give: &mut impl FnMut(&Subscriber, &Arc<str>, usize),
) {
    let mut next = 0;
    for (topic, &count) in topics {
        if !subscribers.iter().any(|member| member.topics.contains(topic)) {
            continue;
        }
        for partition in 0..count {
            while !subscribers[next % subscribers.len()].topics.contains(topic) {
                next += 1;
            }
            give(&subscribers[next % subscribers.len()], topic, partition);
            next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, topics: &[&str]) -> Subscriber {
        Subscriber {
            member_id: Str::from(id),
            instance_id: None,
            topics: topics.iter().map(|topic| (*topic).into()).collect(),
        }
    }

    fn check(strategy: AssignmentStrategy, members: &[(&str, &[&str])], expected: &[(&str, &str)]) {
        let topics = BTreeMap::from([("a".into(), 3), ("b".into(), 3), ("nobody".into(), 2)]);
        let members = members.iter().map(|(id, topics)| member(id, topics)).collect();
        let found: Vec<(String, String)> = assign(strategy, members, &topics)
            .into_iter()
            .map(|(id, partitions)| {
                let partitions: Vec<String> = partitions.iter().map(ToString::to_string).collect();
                (id.to_string(), partitions.join(" "))
            })
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(id, list)| (id.to_string(), list.to_string())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn range_gives_neighbours_of_each_topic_and_the_first_members_more() {
        check(
            AssignmentStrategy::Range,
            &[("n", &["a", "b"]), ("m", &["a", "b"])],
            &[("m", "a-0 a-1 b-0 b-1"), ("n", "a-2 b-2")],
        );
    }

    #[test]
    fn round_robin_goes_on_from_topic_to_topic_and_skips_who_did_not_subscribe() {
        check(
            AssignmentStrategy::RoundRobin,
            &[("m", &["a", "b"]), ("n", &["a", "b"])],
            &[("m", "a-0 a-2 b-1"), ("n", "a-1 b-0 b-2")],
        );
        check(
            AssignmentStrategy::RoundRobin,
            &[("m", &["a"]), ("n", &["a", "b"])],
            &[("m", "a-0 a-2"), ("n", "a-1 b-0 b-1 b-2")],
        );
    }

    #[test]
    fn more_members_than_partitions_leaves_some_with_nothing() {
        check(
            AssignmentStrategy::Range,
            &[("k", &["a"]), ("l", &["a"]), ("m", &["a"]), ("n", &["a"])],
            &[("k", "a-0"), ("l", "a-1"), ("m", "a-2"), ("n", "")],
        );
    }

    #[test]
    fn static_members_keep_their_places_whatever_their_ids() {
        let topics = BTreeMap::from([("a".into(), 2)]);
        let with = |id: &str, instance: &str| Subscriber {
            instance_id: Some(Str::from(instance)),
            ..member(id, &["a"])
        };
        let found =
            assign(AssignmentStrategy::Range, vec![with("z", "1"), with("y", "2")], &topics);
        assert_eq!(found["z"][0].partition.get(), 0);
        assert_eq!(found["y"][0].partition.get(), 1);
    }
}
