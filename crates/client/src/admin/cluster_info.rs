//! The cluster and its metadata quorum.

use model::{BrokerId, ErrorCode, LeaderEpoch, Offset, PartitionIndex, Timestamp, Uuid};
use protocol::Str;
use protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use protocol::messages::describe_quorum_response::ReplicaState;
use protocol::messages::{DescribeClusterRequest, DescribeQuorumRequest, UnregisterBrokerRequest};

use super::Admin;
use crate::cluster::{Lane, api_error, retry};
use crate::connection::NodeVersions;
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

/// Which nodes of a cluster are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointType {
    /// Those that serve clients.
    Brokers,
    /// Those that decide on metadata; only they answer.
    Controllers,
}

/// A node in a list of a cluster's nodes.
#[derive(Debug, Clone)]
pub struct ClusterNode {
    /// The node.
    pub node: Node,
    /// Whether it is a broker that does not serve clients at the moment.
    pub is_fenced: bool,
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
    /// Where members listen, as far as the node says it (Kafka 3.9 and later).
    pub listeners: Vec<QuorumListener>,
}

/// Where a member of the quorum listens.
#[derive(Debug, Clone)]
pub struct QuorumListener {
    /// The member.
    pub id: BrokerId,
    /// The name of the listener.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
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

    /// The id of the cluster and its nodes, from a node that knows them itself.
    pub async fn list_nodes(
        &self,
        endpoint_type: EndpointType,
        include_fenced: bool,
    ) -> Result<(String, Vec<ClusterNode>), ClientError> {
        let controllers = endpoint_type == EndpointType::Controllers;
        let request = DescribeClusterRequest {
            endpoint_type: if controllers { 2 } else { 1 },
            include_fenced_brokers: include_fenced,
            ..DescribeClusterRequest::default()
        };
        let least = match (controllers, include_fenced) {
            (_, true) => 2,
            (true, false) => 1,
            (false, false) => 0,
        };
        retry!(self.cluster, {
            let connection = self.cluster.any().await?;
            let version = connection.version_within::<DescribeClusterRequest>(least..=i16::MAX)?;
            let timeout = self.cluster.config().request_timeout;
            let response = connection.call_in(&request, version, timeout).await?;
            let message = response.error_message.as_deref();
            ClientError::check(response.error_code, message, || "listing the nodes".to_owned())?;
            let brokers = response.brokers.into_iter();
            let nodes = brokers.map(|broker| ClusterNode {
                node: Node {
                    id: broker.broker_id,
                    host: broker.host.into(),
                    port: broker.port,
                    rack: broker.rack.map(String::from),
                },
                is_fenced: broker.is_fenced,
            });
            Ok((response.cluster_id.into(), nodes.collect()))
        })
    }

    /// The versions of requests that a broker understands.
    pub async fn node_versions(&self, broker: BrokerId) -> Result<NodeVersions, ClientError> {
        retry!(self.cluster, {
            Ok(self.cluster.node(broker, Lane::General).await?.versions().clone())
        })
    }

    /// Takes a broker that is gone for good out of the cluster.
    pub async fn unregister_broker(&self, broker: BrokerId) -> Result<(), ClientError> {
        let request = UnregisterBrokerRequest { broker_id: broker };
        retry!(self.cluster, {
            let response = self.cluster.controller().await?.call(&request).await?;
            let message = response.error_message.as_deref();
            ClientError::check(response.error_code, message, || format!("broker {broker}"))
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
            let nodes = response.nodes.into_iter();
            let listeners = nodes.flat_map(|node| {
                node.listeners.into_iter().map(move |listener| QuorumListener {
                    id: node.node_id,
                    name: listener.name.into(),
                    host: listener.host.into(),
                    port: listener.port,
                })
            });
            Ok(QuorumDescription {
                listeners: listeners.collect(),
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
