//! What is known about the cluster: its nodes, and the leaders of the partitions one asked about.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{BrokerId, ErrorCode, LeaderEpoch, PartitionIndex, TopicId};
use protocol::messages::MetadataResponse;
use protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: BrokerId,
    /// The host that it advertises.
    pub host: String,
    /// The port that it advertises.
    pub port: i32,
    /// Its rack, if it says one.
    pub rack: Option<String>,
}

impl Node {
    /// `host:port`, with brackets around an IPv6 address.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// A partition as a node described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionMetadata {
    /// Its index.
    pub partition: PartitionIndex,
    /// Its leader, if it has one.
    pub leader: Option<BrokerId>,
    /// The leader's term, if the node says it.
    pub leader_epoch: LeaderEpoch,
    /// Its replicas.
    pub replicas: Vec<BrokerId>,
    /// Those in sync.
    pub isr: Vec<BrokerId>,
    /// Those that are not reachable.
    pub offline_replicas: Vec<BrokerId>,
    /// What is wrong with it, if anything.
    pub error: ErrorCode,
}

/// A topic as a node described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMetadata {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; zero when the node does not say it.
    pub id: TopicId,
    /// Whether it is the cluster's own.
    pub is_internal: bool,
    /// Its partitions in order of their indexes.
    pub partitions: Vec<PartitionMetadata>,
    /// What is wrong with it, if anything.
    pub error: ErrorCode,
}

impl TopicMetadata {
    /// The partition of an index.
    pub fn partition(&self, index: PartitionIndex) -> Option<&PartitionMetadata> {
        self.partitions.iter().find(|partition| partition.partition == index)
    }
}

/// What is known about the cluster at some time.
#[derive(Debug, Clone, Default)]
pub struct ClusterMetadata {
    /// The cluster's id.
    pub cluster_id: Option<String>,
    /// The node to ask for changes.
    pub controller: Option<BrokerId>,
    /// The nodes.
    pub nodes: BTreeMap<BrokerId, Node>,
    /// The topics that were asked about.
    pub topics: BTreeMap<Arc<str>, TopicMetadata>,
}

impl ClusterMetadata {
    /// The leader of a partition, if one is known.
    pub fn leader(&self, topic: &str, partition: PartitionIndex) -> Option<BrokerId> {
        self.topics.get(topic)?.partition(partition)?.leader
    }

    pub(crate) fn from_response(response: &MetadataResponse) -> Self {
        let node = |broker: &protocol::messages::metadata_response::MetadataResponseBroker| Node {
            id: broker.node_id,
            host: broker.host.to_string(),
            port: broker.port,
            rack: broker.rack.as_ref().map(ToString::to_string),
        };
        let topics = response.topics.iter().filter_map(topic_of);
        Self {
            cluster_id: response.cluster_id.as_ref().map(ToString::to_string),
            controller: Some(response.controller_id).filter(|id| id.get() >= 0),
            nodes: response.brokers.iter().map(|broker| (broker.node_id, node(broker))).collect(),
            topics: topics.map(|topic| (topic.name.clone(), topic)).collect(),
        }
    }

    /// Takes over what `newer` says, and keeps the topics that it does not mention.
    pub(crate) fn merge(&mut self, newer: Self) {
        self.cluster_id = newer.cluster_id;
        self.controller = newer.controller;
        self.nodes = newer.nodes;
        self.topics.extend(newer.topics);
    }
}

fn topic_of(topic: &MetadataResponseTopic) -> Option<TopicMetadata> {
    let mut partitions: Vec<PartitionMetadata> =
        topic.partitions.iter().map(partition_of).collect();
    partitions.sort_by_key(|partition| partition.partition);
    Some(TopicMetadata {
        name: topic.name.as_ref()?.as_str().into(),
        id: topic.topic_id,
        is_internal: topic.is_internal,
        partitions,
        error: code(topic.error_code),
    })
}

fn partition_of(partition: &MetadataResponsePartition) -> PartitionMetadata {
    PartitionMetadata {
        partition: partition.partition_index,
        leader: Some(partition.leader_id).filter(|id| id.get() >= 0),
        leader_epoch: partition.leader_epoch,
        replicas: partition.replica_nodes.clone(),
        isr: partition.isr_nodes.clone(),
        offline_replicas: partition.offline_replicas.clone(),
        error: code(partition.error_code),
    }
}

/// The code of a number; numbers that are not known count as an unknown error of the server.
pub(crate) fn code(number: i16) -> ErrorCode {
    ErrorCode::from_code(number).unwrap_or(ErrorCode::UnknownServerError)
}
