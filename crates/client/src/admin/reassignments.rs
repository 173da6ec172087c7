//! Moves of partitions: between brokers, and between the log folders of one.

use std::collections::BTreeMap;

use model::{BrokerId, TopicPartition};
use protocol::Str;
use protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterReplicaLogDirsRequest,
    ListPartitionReassignmentsRequest, alter_partition_reassignments_request,
    alter_replica_log_dirs_request, list_partition_reassignments_request,
};

use super::Admin;
use crate::cluster::{Lane, retry};
use crate::error::ClientError;

/// A move of a partition between brokers that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassignment {
    /// All replicas that there are now.
    pub replicas: Vec<BrokerId>,
    /// Those of them that are being added.
    pub adding: Vec<BrokerId>,
    /// Those of them that will be removed.
    pub removing: Vec<BrokerId>,
}

impl Admin {
    /// The moves between brokers that have not ended, of some partitions or of all.
    pub async fn list_partition_reassignments(
        &self,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<BTreeMap<TopicPartition, Reassignment>, ClientError> {
        use list_partition_reassignments_request::ListPartitionReassignmentsTopics;
        let topics = partitions.map(|partitions| {
            by_topic(partitions.iter().map(|partition| (partition, partition.partition)))
                .map(|(name, partition_indexes)| ListPartitionReassignmentsTopics {
                    name,
                    partition_indexes,
                })
                .collect()
        });
        let request = ListPartitionReassignmentsRequest { timeout_ms: self.timeout_ms(), topics };
        retry!(self.cluster, {
            let response = self.cluster.controller().await?.call(&request).await?;
            let context = || "listing the moves of partitions".to_owned();
            ClientError::check(response.error_code, response.error_message.as_deref(), context)?;
            let mut found = BTreeMap::new();
            for topic in response.topics {
                for moved in topic.partitions {
                    let partition = TopicPartition::new(topic.name.as_str(), moved.partition_index);
                    let reassignment = Reassignment {
                        replicas: moved.replicas,
                        adding: moved.adding_replicas,
                        removing: moved.removing_replicas,
                    };
                    found.insert(partition, reassignment);
                }
            }
            Ok(found)
        })
    }

    /// Moves partitions to brokers, or with `None` cancels their moves; each has its own result.
    pub async fn alter_partition_reassignments(
        &self,
        moves: &BTreeMap<TopicPartition, Option<Vec<BrokerId>>>,
        allow_replication_factor_change: bool,
    ) -> Result<BTreeMap<TopicPartition, Result<(), ClientError>>, ClientError> {
        use alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic};
        let wanted = moves.iter().map(|(partition, replicas)| {
            let wanted = ReassignablePartition {
                partition_index: partition.partition,
                replicas: replicas.clone(),
            };
            (partition, wanted)
        });
        let request = AlterPartitionReassignmentsRequest {
            timeout_ms: self.timeout_ms(),
            allow_replication_factor_change,
            topics: by_topic(wanted)
                .map(|(name, partitions)| ReassignableTopic { name, partitions })
                .collect(),
        };
        retry!(self.cluster, {
            let response = self.cluster.controller().await?.call(&request).await?;
            let context = || "moving partitions".to_owned();
            ClientError::check(response.error_code, response.error_message.as_deref(), context)?;
            let mut results = BTreeMap::new();
            for topic in response.responses {
                for moved in topic.partitions {
                    let partition = TopicPartition::new(topic.name.as_str(), moved.partition_index);
                    let message = moved.error_message.as_deref();
                    let outcome = ClientError::check(moved.error_code, message, || {
                        format!("moving {partition}")
                    });
                    results.insert(partition, outcome);
                }
            }
            Ok(results)
        })
    }

    /// Moves replicas of a broker to other log folders of it; each has its own result.
    pub async fn alter_replica_log_dirs(
        &self,
        broker: BrokerId,
        moves: &BTreeMap<TopicPartition, String>,
    ) -> Result<BTreeMap<TopicPartition, Result<(), ClientError>>, ClientError> {
        use alter_replica_log_dirs_request::{AlterReplicaLogDir, AlterReplicaLogDirTopic};
        let mut folders: BTreeMap<&str, Vec<&TopicPartition>> = BTreeMap::new();
        for (partition, folder) in moves {
            folders.entry(folder).or_default().push(partition);
        }
        let folder = |(path, partitions): (&str, Vec<&TopicPartition>)| AlterReplicaLogDir {
            path: Str::from(path),
            topics: by_topic(partitions.into_iter().map(|one| (one, one.partition)))
                .map(|(name, partitions)| AlterReplicaLogDirTopic { name, partitions })
                .collect(),
        };
        let request =
            AlterReplicaLogDirsRequest { dirs: folders.into_iter().map(folder).collect() };
        let connection = self.cluster.node(broker, Lane::General).await?;
        let response = connection.call(&request).await?;
        let mut results = BTreeMap::new();
        for topic in response.results {
            for moved in topic.partitions {
                let partition =
                    TopicPartition::new(topic.topic_name.as_str(), moved.partition_index);
                let outcome = ClientError::check(moved.error_code, None, || {
                    format!("moving {partition} on broker {broker}")
                });
                results.insert(partition, outcome);
            }
        }
        Ok(results)
    }
}

/// What is said of partitions, by their topics.
fn by_topic<'a, T>(
    all: impl Iterator<Item = (&'a TopicPartition, T)>,
) -> impl Iterator<Item = (Str, Vec<T>)> {
    let mut topics: BTreeMap<&str, Vec<T>> = BTreeMap::new();
    for (partition, one) in all {
        topics.entry(&partition.topic).or_default().push(one);
    }
    topics.into_iter().map(|(name, all)| (Str::from(name), all))
}
