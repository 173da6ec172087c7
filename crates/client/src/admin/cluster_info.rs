//! The cluster and its metadata quorum.

use model::{BrokerId, ErrorCode, LeaderEpoch, Offset, PartitionIndex, Timestamp, Uuid};
use protocol::Str;
use protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use protocol::messages::describe_quorum_response::ReplicaState;
use protocol::messages::{DescribeClusterRequest, DescribeQuorumRequest};

use super::Admin;
use crate::cluster::{api_error, retry};
use crate::error::ClientError;
use crate::metadata::Node;

/// The topic whose quorum DescribeQuorum asks about.
const METADATA_TOPIC: Str = Str::from_static("__cluster_metadata");

/// The cluster.
#[derive(Debug, Clone)]
pub struct ClusterDescription {
    /// Its id.
    pub cluster_id: String,
    /// Its controller, as far as clients are told.
    pub controller: Option<BrokerId>,
    /// Its brokers.
    pub nodes: Vec<Node>,
}

/// The quorum that decides on metadata.
#[derive(Debug, Clone)]
pub struct QuorumDescription {
    /// Its leader.
    pub leader: BrokerId,
    /// The leader's term.
    pub leader_epoch: LeaderEpoch,
    /// Up to where decisions stand.
    pub high_watermark: Offset,
    /// Those who vote.
    pub voters: Vec<QuorumReplica>,
    /// Those who only follow.
    pub observers: Vec<QuorumReplica>,
}

/// A member of the quorum or an observer of it.
#[derive(Debug, Clone)]
pub struct QuorumReplica {
    /// The node.
    pub id: BrokerId,
    /// Its metadata folder.
    pub directory_id: Uuid,
    /// How far its log goes.
    pub log_end_offset: Offset,
    /// When it last asked; -1 if unknown.
    pub last_fetch: Timestamp,
    /// When it last had everything; -1 if unknown.
    pub last_caught_up: Timestamp,
}

impl Admin {
    /// The cluster's id, controller and brokers.
    pub async fn describe_cluster(&self) -> Result<ClusterDescription, ClientError> {
        retry!(self.cluster, {
            let connection = self.cluster.any().await?;
            if connection.version::<DescribeClusterRequest>().is_err() {
                // Before Kafka 2.8, metadata says the same.
                let metadata = self.cluster.refresh(&[], false).await?;
                return Ok(ClusterDescription {
                    cluster_id: metadata.cluster_id.clone().unwrap_or_default(),
                    controller: metadata.controller,
                    nodes: metadata.nodes.values().cloned().collect(),
                });
            }
            let response = connection.call(&DescribeClusterRequest::default()).await?;
            let message = response.error_message.as_deref();
            ClientError::check(response.error_code, message, || {
                "describing the cluster".to_owned()
            })?;
            Ok(ClusterDescription {
                cluster_id: response.cluster_id.into(),
                controller: Some(response.controller_id).filter(|id| id.get() >= 0),
                nodes: response
                    .brokers
                    .into_iter()
                    .map(|broker| Node {
                        id: broker.broker_id,
                        host: broker.host.into(),
                        port: broker.port,
                        rack: broker.rack.map(String::from),
                    })
                    .collect(),
            })
        })
    }

    /// The metadata quorum.
    pub async fn describe_quorum(&self) -> Result<QuorumDescription, ClientError> {
        let request = DescribeQuorumRequest {
            topics: vec![TopicData {
                topic_name: METADATA_TOPIC,
                partitions: vec![PartitionData { partition_index: PartitionIndex::new(0) }],
            }],
        };
        retry!(self.cluster, {
            let response = self.cluster.any().await?.call(&request).await?;
            let context = || "describing the metadata quorum".to_owned();
            let message = response.error_message.as_deref();
            ClientError::check(response.error_code, message, context)?;
            let partition = response.topics.into_iter().flat_map(|t| t.partitions).next();
            let partition =
                partition.ok_or_else(|| api_error(ErrorCode::UnknownServerError, context()))?;
            let message = partition.error_message.as_deref();
            ClientError::check(partition.error_code, message, context)?;
            Ok(QuorumDescription {
                leader: partition.leader_id,
                leader_epoch: partition.leader_epoch,
                high_watermark: partition.high_watermark,
                voters: partition.current_voters.iter().map(replica).collect(),
                observers: partition.observers.iter().map(replica).collect(),
            })
        })
    }
}

fn replica(state: &ReplicaState) -> QuorumReplica {
    QuorumReplica {
        id: state.replica_id,
        directory_id: state.replica_directory_id,
        log_end_offset: state.log_end_offset,
        last_fetch: Timestamp::new(state.last_fetch_timestamp),
        last_caught_up: Timestamp::new(state.last_caught_up_timestamp),
    }
}
