//! How far moves are, and `--verify`.

use std::collections::{BTreeMap, BTreeSet};

use client::Reassignment;
use model::{BrokerId, TopicPartition};

use super::plan::{Plan, Replica};
use super::{Tool, joined};
use crate::failure::Failure;
use crate::output::print;

/// Where a replica is on its broker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Whereabouts {
    /// Its folder, if any that can be used has it.
    pub(super) current: Option<String>,
    /// The folder to which it is being moved.
    pub(super) future: Option<String>,
}

impl Tool {
    /// Where replicas are. A broker that there is not has none.
    pub(super) async fn whereabouts(
        &self,
        replicas: impl IntoIterator<Item = Replica>,
    ) -> Result<BTreeMap<Replica, Whereabouts>, Failure> {
        let mut found: BTreeMap<Replica, Whereabouts> =
            replicas.into_iter().map(|replica| (replica, Whereabouts::default())).collect();
        let known: BTreeSet<BrokerId> = self.nodes().await?.iter().map(|node| node.id).collect();
        let asked: BTreeSet<BrokerId> = found.keys().map(|replica| replica.broker).collect();
        for broker in asked.intersection(&known).copied() {
            for folder in self.admin.describe_log_dirs(broker).await? {
                for there in folder.replicas.iter().filter(|_| folder.error.is_none()) {
                    let key = Replica { broker, partition: there.partition.clone() };
                    let Some(whereabouts) = found.get_mut(&key) else { continue };
                    let path = Some(folder.path.clone());
                    match there.is_future {
                        true => whereabouts.future = path,
                        false => whereabouts.current = path,
                    }
                }
            }
        }
        Ok(found)
    }

    /// The folders of the replicas of partitions.
    pub(super) async fn folders(
        &self,
        partitions: &BTreeMap<TopicPartition, Vec<BrokerId>>,
    ) -> Result<BTreeMap<Replica, String>, Failure> {
        let replicas = partitions.iter().flat_map(|(partition, brokers)| {
            let replica =
                |broker: &BrokerId| Replica { broker: *broker, partition: partition.clone() };
            brokers.iter().map(replica)
        });
        let found = self.whereabouts(replicas).await?;
        Ok(found
            .into_iter()
            .filter_map(|(replica, there)| Some((replica, there.current?)))
            .collect())
    }

    pub(super) async fn verify(
        &self,
        plan: &Plan,
        preserve_throttles: bool,
    ) -> Result<(), Failure> {
        let targets = plan.targets();
        let moves = self.admin.list_partition_reassignments(None).await?;
        let mut current = BTreeMap::new();
        let names: Vec<String> = plan.topics().into_iter().collect();
        for (name, described) in self.admin.describe_topics(&names).await? {
            for partition in described.map(|topic| topic.partitions).unwrap_or_default() {
                let key = TopicPartition::new(name.as_str(), partition.partition);
                current.insert(key, partition.replicas);
            }
        }
        print(&partition_states(&targets, &moves, &current))?;
        let there = self.whereabouts(plan.folders.keys().cloned()).await?;
        print(&folder_states(&plan.folders, &there))?;
        let is_moving = there.values().any(|one| one.future.is_some());
        if moves.is_empty() && !is_moving && !preserve_throttles {
            self.clear_throttles(plan).await?;
        }
        Ok(())
    }
}

/// What is told of moves between brokers.
pub(super) fn partition_states(
    targets: &BTreeMap<TopicPartition, Vec<BrokerId>>,
    moves: &BTreeMap<TopicPartition, Reassignment>,
    current: &BTreeMap<TopicPartition, Vec<BrokerId>>,
) -> String {
    let mut text = "Status of partition reassignment:\n".to_owned();
    for (partition, target) in targets {
        let now = current.get(partition).map(Vec::as_slice).unwrap_or_default();
        let line = if moves.contains_key(partition) {
            format!("Reassignment of partition {partition} is still in progress.")
        } else if now == target {
            format!("Reassignment of partition {partition} is completed.")
        } else {
            format!(
                "There is no active reassignment of partition {partition}, but replica set is {} \
                 rather than {}.",
                joined(now),
                joined(target)
            )
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// What is told of moves between folders; an empty line if there are none.
pub(super) fn folder_states(
    targets: &BTreeMap<Replica, String>,
    there: &BTreeMap<Replica, Whereabouts>,
) -> String {
    let lines: Vec<String> = targets
        .iter()
        .map(|(replica, target)| {
            let Replica { broker, partition } = replica;
            let there = there.get(replica).cloned().unwrap_or_default();
            match (there.current, there.future) {
                (None, _) => format!(
                    "Partition {partition} is not found in any live log dir on broker {broker}. \
                     There is likely an offline log directory on the broker."
                ),
                (Some(_), Some(future)) if future == *target => {
                    format!("Reassignment of replica {replica} is still in progress.")
                }
                (Some(_), Some(future)) => format!(
                    "Partition {partition} on broker {broker} is being moved to log dir {future} \
                     instead of {target}."
                ),
                (Some(current), None) if current == *target => {
                    format!("Reassignment of replica {replica} completed successfully.")
                }
                (Some(current), None) => format!(
                    "Partition {partition} on broker {broker} is not being moved from log dir \
                     {current} to {target}."
                ),
            }
        })
        .collect();
    format!("{}\n", lines.join("\n"))
}
