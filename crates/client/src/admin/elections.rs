//! Elections of leaders.

use std::collections::BTreeMap;

use model::{PartitionIndex, TopicPartition};
use protocol::Str;
use protocol::messages::ElectLeadersRequest;
use protocol::messages::elect_leaders_request::TopicPartitions;

use super::Admin;
use crate::cluster::retry;
use crate::error::ClientError;

/// Who may become leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElectionType {
    /// The first replica of the list, if it is in sync.
    Preferred,
    /// Any replica that is alive, if none is in sync; records may be lost.
    Unclean,
}

impl ElectionType {
    const fn number(self) -> i8 {
        match self {
            Self::Preferred => 0,
            Self::Unclean => 1,
        }
    }
}

impl Admin {
    /// Elects the leaders of some partitions, or of all that need it; each has its own result.
    pub async fn elect_leaders(
        &self,
        election_type: ElectionType,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<BTreeMap<TopicPartition, Result<(), ClientError>>, ClientError> {
        let mut topics: BTreeMap<&str, Vec<PartitionIndex>> = BTreeMap::new();
        for partition in partitions.unwrap_or_default() {
            topics.entry(&partition.topic).or_default().push(partition.partition);
        }
        let topics = topics.into_iter();
        let topics = topics
            .map(|(topic, partitions)| TopicPartitions { topic: Str::from(topic), partitions })
            .collect();
        let request = ElectLeadersRequest {
            election_type: election_type.number(),
            topic_partitions: partitions.map(|_| topics),
            timeout_ms: self.timeout_ms(),
        };
        retry!(self.cluster, {
            let response = self.cluster.controller().await?.call(&request).await?;
            let context = || "electing leaders".to_owned();
            ClientError::check(response.error_code, None, context)?;
            let mut results = BTreeMap::new();
            for topic in response.replica_election_results {
                for result in topic.partition_result {
                    let partition = TopicPartition::new(topic.topic.as_str(), result.partition_id);
                    let message = result.error_message.as_deref();
                    let outcome = ClientError::check(result.error_code, message, || {
                        format!("electing the leader of {partition}")
                    });
                    results.insert(partition, outcome);
                }
            }
            Ok(results)
        })
    }
}
