//! Creating, deleting, extending and describing topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{BrokerId, ErrorCode, Offset, PartitionIndex, TopicPartition};
use protocol::Str;
use protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use protocol::messages::delete_topics_request::DeleteTopicState;
use protocol::messages::{
    CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest, DeleteTopicsRequest,
};

use super::Admin;
use crate::cluster::{Lane, api_error, retry};
use crate::error::ClientError;
use crate::metadata::TopicMetadata;

/// A topic to create.
#[derive(Debug, Clone, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions; the cluster's default if `None`.
    pub partitions: Option<i32>,
    /// How many replicas each; the cluster's default if `None`.
    pub replication_factor: Option<i16>,
    /// The replicas of each partition, from partition 0; instead of the two above.
    pub assignments: Vec<Vec<BrokerId>>,
    /// Configurations that differ from the defaults.
    pub configs: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic with the cluster's defaults.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    fn request(&self) -> CreatableTopic {
        let assignment = |(index, replicas): (usize, &Vec<BrokerId>)| CreatableReplicaAssignment {
            partition_index: PartitionIndex::new(index as i32),
            broker_ids: replicas.clone(),
        };
        let given = !self.assignments.is_empty();
        CreatableTopic {
            name: Str::from(&self.name),
            num_partitions: if given { -1 } else { self.partitions.unwrap_or(-1) },
            replication_factor: if given { -1 } else { self.replication_factor.unwrap_or(-1) },
            assignments: self.assignments.iter().enumerate().map(assignment).collect(),
            configs: self
                .configs
                .iter()
                .map(|(name, value)| CreatableTopicConfig {
                    name: Str::from(name),
                    value: Some(Str::from(value)),
                })
                .collect(),
        }
    }
}

impl Admin {
    /// Creates topics, or only says whether they could be created.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Result<Vec<(String, Result<(), ClientError>)>, ClientError> {
        let request = CreateTopicsRequest {
            topics: topics.iter().map(NewTopic::request).collect(),
            timeout_ms: self.timeout_ms(),
            validate_only,
        };
        retry!(self.cluster, {
            let response = self.cluster.controller().await?.call(&request).await?;
            let mut results = Vec::with_capacity(response.topics.len());
            for topic in response.topics {
                let context = || format!("creating topic {}", topic.name);
                let message = topic.error_message.as_deref();
                let result = ClientError::check(topic.error_code, message, context);
                results.push((topic.name.to_string(), not_moved(result)?));
            }
            Ok(results)
        })
    }

    /// Deletes topics by name.
    pub async fn delete_topics(
        &self,
        names: &[String],
    ) -> Result<Vec<(String, Result<(), ClientError>)>, ClientError> {
        let state = |name: &String| DeleteTopicState {
            name: Some(Str::from(name)),
            ..DeleteTopicState::default()
        };
        retry!(self.cluster, {
            let connection = self.cluster.controller().await?;
            let version = connection.version::<DeleteTopicsRequest>()?;
            let mut request =
                DeleteTopicsRequest { timeout_ms: self.timeout_ms(), ..Default::default() };
            if version >= 6 {
                request.topics = names.iter().map(state).collect();
            } else {
                request.topic_names = names.iter().map(Str::from).collect();
            }
            let timeout = self.cluster.config().request_timeout;
            let response = connection.call_in(&request, version, timeout).await?;
            let mut results = Vec::with_capacity(response.responses.len());
            for topic in response.responses {
                let name = topic.name.map(String::from).unwrap_or_default();
                let message = topic.error_message.as_deref();
                let result = ClientError::check(topic.error_code, message, || {
                    format!("deleting topic {name}")
                });
                results.push((name, not_moved(result)?));
            }
            Ok(results)
        })
    }

    /// Raises a topic's number of partitions to `count`. `assignments` gives the replicas of the new
    /// ones; the cluster chooses them if it is empty.
    pub async fn create_partitions(
        &self,
        topic: &str,
        count: i32,
        assignments: &[Vec<BrokerId>],
        validate_only: bool,
    ) -> Result<(), ClientError> {
        let assignment =
            |replicas: &Vec<BrokerId>| CreatePartitionsAssignment { broker_ids: replicas.clone() };
        let request = CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic {
                name: Str::from(topic),
                count,
                assignments: (!assignments.is_empty())
                    .then(|| assignments.iter().map(assignment).collect()),
            }],
            timeout_ms: self.timeout_ms(),
            validate_only,
        };
        retry!(self.cluster, {
            let response = self.cluster.controller().await?.call(&request).await?;
            for result in response.results {
                let context = || format!("adding partitions to topic {topic}");
                let message = result.error_message.as_deref();
                ClientError::check(result.error_code, message, context)?;
            }
            Ok(())
        })
    }

    /// All topics of the cluster, by name.
    pub async fn list_topics(&self) -> Result<Vec<TopicMetadata>, ClientError> {
        let metadata = retry!(self.cluster, self.cluster.refresh_all().await)?;
        Ok(metadata.topics.values().cloned().collect())
    }

    /// Describes topics; one that does not exist has the error in its place.
    pub async fn describe_topics(
        &self,
        names: &[String],
    ) -> Result<Vec<(String, Result<TopicMetadata, ClientError>)>, ClientError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let topics: Vec<Arc<str>> = names.iter().map(|name| name.as_str().into()).collect();
        let metadata = retry!(self.cluster, self.cluster.refresh(&topics, false).await)?;
        let describe = |name: &String| {
            let result = match metadata.topics.get(name.as_str()) {
                Some(topic) if topic.error.is_none() => Ok(topic.clone()),
                Some(topic) => Err(api_error(topic.error, format!("topic {name}"))),
                None => Err(api_error(ErrorCode::UnknownTopicOrPartition, format!("topic {name}"))),
            };
            (name.clone(), result)
        };
        Ok(names.iter().map(describe).collect())
    }

    /// Deletes the records before the given offsets; answers with each partition's new first offset.
    pub async fn delete_records(
        &self,
        before: &BTreeMap<TopicPartition, Offset>,
    ) -> Result<BTreeMap<TopicPartition, Result<Offset, ClientError>>, ClientError> {
        let mut results = BTreeMap::new();
        for (partition, offset) in before {
            let result = retry!(self.cluster, self.delete_before(partition, *offset).await);
            results.insert(partition.clone(), result);
        }
        Ok(results)
    }

    async fn delete_before(
        &self,
        partition: &TopicPartition,
        offset: Offset,
    ) -> Result<Offset, ClientError> {
        let request = DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: Str::from(&*partition.topic),
                partitions: vec![DeleteRecordsPartition {
                    partition_index: partition.partition,
                    offset,
                }],
            }],
            timeout_ms: self.timeout_ms(),
        };
        let leader = self.leader(partition).await?;
        let response = self.cluster.node(leader, Lane::General).await?.call(&request).await?;
        let context = || format!("deleting records of {partition}");
        let found = response.topics.iter().flat_map(|topic| &topic.partitions).next();
        let found = found.ok_or_else(|| api_error(ErrorCode::UnknownServerError, context()))?;
        ClientError::check(found.error_code, None, context)?;
        Ok(Offset::new(found.low_watermark))
    }

    /// The leader of a partition by fresh metadata.
    pub(super) async fn leader(&self, partition: &TopicPartition) -> Result<BrokerId, ClientError> {
        let topics = [partition.topic.clone()];
        let metadata = self.cluster.refresh(&topics, false).await?;
        if let Some(topic) = metadata.topics.get(&partition.topic)
            && !topic.error.is_none()
        {
            return Err(api_error(topic.error, format!("topic {}", partition.topic)));
        }
        metadata.leader(&partition.topic, partition.partition).ok_or_else(|| {
            api_error(ErrorCode::LeaderNotAvailable, format!("partition {partition}"))
        })
    }
}

/// Lets the whole call be repeated when another node has become the controller.
fn not_moved(result: Result<(), ClientError>) -> Result<Result<(), ClientError>, ClientError> {
    match result {
        Err(error) if error.code() == Some(ErrorCode::NotController) => Err(error),
        result => Ok(result),
    }
}
