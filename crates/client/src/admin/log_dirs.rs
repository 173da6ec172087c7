//! The log folders of brokers and what they hold.

use model::{BrokerId, TopicPartition};
use protocol::messages::DescribeLogDirsRequest;
use protocol::messages::describe_log_dirs_response::DescribeLogDirsResult;

use super::Admin;
use crate::cluster::{Lane, retry};
use crate::error::ClientError;

/// A log folder of a broker.
#[derive(Debug, Clone)]
pub struct LogDirDescription {
    /// Where it is on the broker.
    pub path: String,
    /// Why it cannot be used, if it cannot.
    pub error: Option<ClientError>,
    /// The replicas in it, in the order in which the broker named them.
    pub replicas: Vec<LogDirReplica>,
}

/// A replica in a log folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDirReplica {
    /// Its partition.
    pub partition: TopicPartition,
    /// The bytes of its segments.
    pub size: i64,
    /// How many records it is behind.
    pub offset_lag: i64,
    /// Whether it is being made, to replace the one in another folder.
    pub is_future: bool,
}

impl Admin {
    /// The log folders of a broker.
    pub async fn describe_log_dirs(
        &self,
        broker: BrokerId,
    ) -> Result<Vec<LogDirDescription>, ClientError> {
        let request = DescribeLogDirsRequest { topics: None };
        retry!(self.cluster, {
            let connection = self.cluster.node(broker, Lane::General).await?;
            let response = connection.call(&request).await?;
            let context = || format!("the log folders of broker {broker}");
            ClientError::check(response.error_code, None, context)?;
            Ok(response.results.into_iter().map(folder).collect())
        })
    }
}

fn folder(result: DescribeLogDirsResult) -> LogDirDescription {
    let path = String::from(result.log_dir);
    let error = ClientError::check(result.error_code, None, || format!("log folder {path}")).err();
    let mut replicas = Vec::new();
    for topic in result.topics {
        replicas.extend(topic.partitions.iter().map(|replica| LogDirReplica {
            partition: TopicPartition::new(topic.name.as_str(), replica.partition_index),
            size: replica.partition_size,
            offset_lag: replica.offset_lag,
            is_future: replica.is_future_key,
        }));
    }
    LogDirDescription { path, error, replicas }
}
