//! `kafka-consumer-groups --describe`.

use std::collections::{BTreeMap, BTreeSet};

use client::{Admin, CommittedOffset, IsolationLevel, OffsetSpec};
use model::{Offset, TopicPartition};

use super::group::Group;
use super::tables::{self, MemberRow, OffsetRow};
use super::{chosen, print_error};
use crate::failure::Failure;
use crate::options::Options;
use crate::output::print;

pub(super) async fn run(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let verbose = options.has("verbose");
    for id in chosen(admin, options).await? {
        let Some(group) = Group::find(admin, &id).await? else {
            print_error(&format!("Consumer group '{id}' does not exist."))?;
            continue;
        };
        if options.has("members") {
            // Kafka prints the header of members even for a group without any.
            tell_state(&group);
            print(&tables::members(&group.members, verbose))?;
        } else if options.has("state") {
            tell_state(&group);
            print(&tables::state(&group.state, verbose))?;
        } else {
            let rows = offsets(admin, &group).await?;
            tell_state(&group);
            if !rows.is_empty() {
                print(&tables::offsets(&rows, verbose))?;
            }
        }
    }
    Ok(())
}

/// Says what is unusual about a group's state.
fn tell_state(group: &Group) {
    let id = &group.state.group;
    match group.state.state.as_str() {
        "Empty" => eprintln!("\nConsumer group '{id}' has no active members."),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            eprintln!("\nWarning: Consumer group '{id}' is rebalancing.");
        }
        _ => {}
    }
}

async fn offsets(admin: &Admin, group: &Group) -> Result<Vec<OffsetRow>, Failure> {
    let committed = admin.group_offsets(&group.state.group, None).await?;
    let assigned = group.members.iter().flat_map(|member| member.assignment.iter().cloned());
    let partitions: BTreeSet<TopicPartition> = committed.keys().cloned().chain(assigned).collect();
    let ends = log_end_offsets(admin, &partitions).await?;
    Ok(rows(group, &committed, &ends))
}

/// Where partitions end; without those that nobody can say it of.
async fn log_end_offsets(
    admin: &Admin,
    partitions: &BTreeSet<TopicPartition>,
) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let wanted = partitions.iter().map(|p| (p.clone(), OffsetSpec::Latest)).collect();
    let found = admin.list_offsets(&wanted, IsolationLevel::ReadUncommitted).await?;
    let known = found.into_iter().filter_map(|(p, found)| Some((p, found.ok()?.offset)));
    Ok(known.collect())
}

/// Members with the most partitions come first, then what nobody reads.
fn rows(
    group: &Group,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    ends: &BTreeMap<TopicPartition, Offset>,
) -> Vec<OffsetRow> {
    let row = |partition: &TopicPartition, consumer: Option<[String; 3]>| {
        let committed = committed.get(partition);
        OffsetRow {
            group: group.state.group.clone(),
            partition: partition.clone(),
            leader_epoch: committed.and_then(|c| c.leader_epoch.known()).map(|epoch| epoch.get()),
            offset: committed.map(|committed| committed.offset),
            log_end_offset: ends.get(partition).copied(),
            consumer,
        }
    };
    let mut rows = Vec::new();
    let mut assigned = BTreeSet::new();
    let mut members: Vec<&MemberRow> = group.members.iter().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    for member in members {
        let mut partitions = member.assignment.clone();
        partitions.sort();
        for partition in partitions {
            let consumer =
                [member.consumer_id.clone(), member.host.clone(), member.client_id.clone()];
            rows.push(row(&partition, Some(consumer)));
            assigned.insert(partition);
        }
    }
    let unassigned = committed.keys().filter(|partition| !assigned.contains(*partition));
    rows.extend(unassigned.map(|partition| row(partition, None)));
    rows
}

#[cfg(test)]
mod tests {
    use model::{LeaderEpoch, PartitionIndex};

    use super::*;
    use crate::consumer_groups::tables::StateRow;

    #[test]
    fn member_with_most_partitions_comes_first_and_what_nobody_reads_last() {
        let partition = |index| TopicPartition::new("a", PartitionIndex::new(index));
        let member = |id: &str, partitions: &[i32]| MemberRow {
            subscription: Vec::new(),
            group: "g".into(),
            consumer_id: id.into(),
            instance_id: String::new(),
            host: "/h".into(),
            client_id: "c".into(),
            assignment: partitions.iter().map(|index| partition(*index)).collect(),
            current_epoch: None,
            target_epoch: None,
            target_assignment: Vec::new(),
            upgraded: None,
        };
        let group = Group {
            state: StateRow {
                group: "g".into(),
                coordinator: String::new(),
                assignor: String::new(),
                state: "Stable".into(),
                group_epoch: None,
                target_epoch: None,
                members: 3,
            },
            members: vec![member("one", &[3]), member("none", &[]), member("two", &[2, 1])],
        };
        let offset = CommittedOffset {
            offset: Offset::new(5),
            leader_epoch: LeaderEpoch::NONE,
            metadata: String::new(),
        };
        let committed = BTreeMap::from([(partition(0), offset.clone()), (partition(3), offset)]);
        let ends = BTreeMap::from([(partition(3), Offset::new(9))]);
        let found: Vec<_> = rows(&group, &committed, &ends)
            .into_iter()
            .map(|row| {
                let consumer = row.consumer.map(|[id, _, _]| id);
                let offset = row.offset.map(Offset::get);
                let end = row.log_end_offset.map(Offset::get);
                (row.partition.partition.get(), consumer, offset, end)
            })
            .collect();
        assert_eq!(
            found,
            [
                (1, Some("two".to_owned()), None, None),
                (2, Some("two".to_owned()), None, None),
                (3, Some("one".to_owned()), Some(5), Some(9)),
                (0, None, Some(5), None),
            ]
        );
    }
}
