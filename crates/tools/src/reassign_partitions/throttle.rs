//! Throttles: configurations of topics and brokers that are set for the time of a move.

use std::collections::{BTreeMap, BTreeSet};

use client::{AlterOperation, ConfigAlteration, ConfigResource, Reassignment, ResourceType};
use model::{BrokerId, PartitionIndex, TopicPartition};

use super::plan::Plan;
use super::{Tool, joined, plural};
use crate::failure::Failure;
use crate::output::print;

const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
const FOLDER_RATE: &str = "replica.alter.log.dirs.io.max.bytes.per.second";
const LEADERS: &str = "leader.replication.throttled.replicas";
const FOLLOWERS: &str = "follower.replication.throttled.replicas";

/// Where a partition comes from and goes to.
#[derive(Debug, Default)]
struct Move {
    sources: BTreeSet<BrokerId>,
    destinations: BTreeSet<BrokerId>,
}

type Moves = BTreeMap<String, BTreeMap<PartitionIndex, Move>>;

impl Tool {
    /// Sets the throttles of moves between brokers.
    pub(super) async fn throttle_brokers(
        &self,
        going_on: &BTreeMap<TopicPartition, Reassignment>,
        targets: &BTreeMap<TopicPartition, Vec<BrokerId>>,
        current: &BTreeMap<TopicPartition, Vec<BrokerId>>,
        bytes: i64,
    ) -> Result<(), Failure> {
        let moves = moves(going_on, targets, current);
        for (topic, partitions) in &moves {
            let leaders = listed(partitions, |one| one.sources.iter().collect());
            let followers =
                listed(partitions, |one| one.destinations.difference(&one.sources).collect());
            self.set(ResourceType::Topic, topic, &[(LEADERS, leaders), (FOLLOWERS, followers)])
                .await?;
        }
        let brokers: BTreeSet<BrokerId> = moves
            .values()
            .flat_map(BTreeMap::values)
            .flat_map(|one| one.sources.iter().chain(&one.destinations).copied())
            .collect();
        for broker in brokers {
            let rates = [(LEADER_RATE, bytes.to_string()), (FOLLOWER_RATE, bytes.to_string())];
            self.set(ResourceType::Broker, &broker.to_string(), &rates).await?;
        }
        print(&format!("The inter-broker throttle limit was set to {bytes} B/s\n"))
    }

    /// Sets the throttle of moves between the folders of a broker.
    pub(super) async fn throttle_folders(&self, plan: &Plan, bytes: i64) -> Result<(), Failure> {
        let brokers: BTreeSet<BrokerId> = plan.folders.keys().map(|one| one.broker).collect();
        for broker in brokers {
            let rate = [(FOLDER_RATE, bytes.to_string())];
            self.set(ResourceType::Broker, &broker.to_string(), &rate).await?;
        }
        print(&format!("The replica-alter-dir throttle limit was set to {bytes} B/s\n"))
    }

    async fn set(
        &self,
        kind: ResourceType,
        name: &str,
        configs: &[(&str, String)],
    ) -> Result<(), Failure> {
        let alterations: Vec<ConfigAlteration> = configs
            .iter()
            .map(|(name, value)| ConfigAlteration {
                name: (*name).to_owned(),
                operation: AlterOperation::Set,
                value: Some(value.clone()),
            })
            .collect();
        let resource = ConfigResource::new(kind, name);
        let set = self.admin.incremental_alter_configs(&resource, &alterations, false).await;
        set.map_err(|error| {
            let reason = Failure::from(error);
            Failure::Refused(format!(
                "Error: nothing was moved, since the throttle cannot be set: {reason}"
            ))
        })
    }

    /// Takes all throttles away, from the brokers that there are too: which of them were part of the
    /// moves is not known any more.
    pub(super) async fn clear_throttles(&self, plan: &Plan) -> Result<(), Failure> {
        let mut brokers: BTreeSet<BrokerId> =
            self.nodes().await?.iter().map(|node| node.id).collect();
        brokers.extend(plan.targets().into_values().flatten());
        print(&format!(
            "Clearing broker-level throttles on broker{} {}\n",
            plural(brokers.len()),
            joined(&brokers)
        ))?;
        for broker in brokers {
            let name = broker.to_string();
            let rates = [LEADER_RATE, FOLLOWER_RATE, FOLDER_RATE];
            self.unset(ResourceType::Broker, &name, &rates).await?;
        }
        let topics = plan.topics();
        print(&format!(
            "Clearing topic-level throttles on topic{} {}\n",
            plural(topics.len()),
            joined(&topics)
        ))?;
        for topic in topics {
            self.unset(ResourceType::Topic, &topic, &[LEADERS, FOLLOWERS]).await?;
        }
        Ok(())
    }

    async fn unset(&self, kind: ResourceType, name: &str, configs: &[&str]) -> Result<(), Failure> {
        let alterations: Vec<ConfigAlteration> = configs
            .iter()
            .map(|name| ConfigAlteration {
                name: (*name).to_owned(),
                operation: AlterOperation::Delete,
                value: None,
            })
            .collect();
        let resource = ConfigResource::new(kind, name);
        Ok(self.admin.incremental_alter_configs(&resource, &alterations, false).await?)
    }
}

/// All moves, those that go on already among them.
fn moves(
    going_on: &BTreeMap<TopicPartition, Reassignment>,
    targets: &BTreeMap<TopicPartition, Vec<BrokerId>>,
    current: &BTreeMap<TopicPartition, Vec<BrokerId>>,
) -> Moves {
    let mut moves = Moves::new();
    for (partition, one) in going_on {
        let replicas: BTreeSet<BrokerId> = one.replicas.iter().copied().collect();
        let destinations: BTreeSet<BrokerId> = one.adding.iter().copied().collect();
        let sources = replicas.difference(&destinations).copied().collect();
        let topic = moves.entry(partition.topic.to_string()).or_default();
        topic.insert(partition.partition, Move { sources, destinations });
    }
    for (partition, brokers) in targets {
        let topic = moves.entry(partition.topic.to_string()).or_default();
        let one = topic.entry(partition.partition).or_default();
        if one.sources.is_empty() {
            one.sources = current.get(partition).into_iter().flatten().copied().collect();
        }
        one.destinations =
            brokers.iter().filter(|broker| !one.sources.contains(broker)).copied().collect();
    }
    moves
}

/// `PARTITION:BROKER` for each, sorted as text.
fn listed(
    partitions: &BTreeMap<PartitionIndex, Move>,
    of: impl Fn(&Move) -> Vec<&BrokerId>,
) -> String {
    let all: BTreeSet<String> = partitions
        .iter()
        .flat_map(|(partition, one)| {
            of(one).into_iter().map(move |broker| format!("{partition}:{broker}"))
        })
        .collect();
    joined(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttles_are_listed_by_where_partitions_come_from_and_go_to() {
        let key = |index| TopicPartition::new("t", PartitionIndex::new(index));
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId::new).collect::<Vec<_>>();
        let going_on = Reassignment { replicas: ids(&[1, 2]), adding: ids(&[2]), removing: vec![] };
        let moves = moves(
            &[(key(10), going_on)].into(),
            &[(key(2), ids(&[3, 1]))].into(),
            &[(key(2), ids(&[1]))].into(),
        );
        let partitions = &moves["t"];
        assert_eq!(listed(partitions, |one| one.sources.iter().collect()), "10:1,2:1");
        assert_eq!(listed(partitions, |one| one.destinations.iter().collect()), "10:2,2:3");
    }
}
