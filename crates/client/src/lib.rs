//! Our own Kafka client, for the tools, for tests and between nodes. It speaks to Klamm and to
//! Apache Kafka (2.1 and later), each request in the newest version that both sides know.
//!
//! - [`ClientConfig`]: Kafka's properties under Kafka's names, for every client below.
//!   `ClientConfig::towards("localhost:9092")`, then [`ClientConfig::set`]; what has no effect comes
//!   back from [`ClientConfig::warnings`].
//! - [`Admin`]: topics, configurations, groups and their offsets, offsets by time, the cluster.
//! - [`Producer`]: [`Producer::send`] a borrowed [`ProducerRecord`]; the [`Delivery`] or the callback
//!   of [`Producer::send_with`] tells what becomes of it. Idempotent unless told otherwise.
//! - [`Consumer`]: [`Consumer::subscribe`] in a group, or [`Consumer::assign`] and
//!   [`Consumer::seek_to`] alone; then [`Consumer::poll`] in a loop and [`Consumer::close`].
//! - [`Cluster`]: connections to all nodes, the cache of metadata, coordinators, retries; the clients
//!   above stand on it, and it takes any request that has no method of its own
//!   ([`Cluster::call_any`], [`Connection::call`]).
//! - [`ClientError`] is the one error of all of them; [`ClientError::code`] is the node's answer.
//!
//! Invariant: answers come in the order of requests on one connection, and a request is sent again
//! only where that cannot change what happens.

mod admin;
mod cluster;
mod config;
mod connection;
mod consumer;
mod error;
mod group_offsets;
mod metadata;
mod producer;

pub use admin::{
    Admin, AlterOperation, ClusterDescription, ClusterNode, CommittedOffset, ConfigAlteration,
    ConfigDescription, ConfigEntry, ConfigResource, ConfigSource, ConfigSynonym, ElectionType,
    EndpointType, FeatureMetadata, FoundOffset, GroupDescription, GroupListing, GroupMember,
    LogDirDescription, LogDirReplica, NewTopic, OffsetSpec, OffsetToCommit, QuorumDescription,
    QuorumListener, QuorumReplica, Reassignment, ResourceType, UpgradeType,
};
pub use cluster::{Backoff, Cluster, Lane};
pub use config::{
    Acks, AssignmentStrategy, ClientConfig, ConfigError, IsolationLevel, OffsetReset,
};
pub use connection::{Connection, ConnectionOptions, NodeVersions};
pub use consumer::{Consumer, ConsumerRecord};
pub use error::ClientError;
pub use metadata::{ClusterMetadata, Node, PartitionMetadata, TopicMetadata};
pub use producer::{Delivered, Delivery, Producer, ProducerRecord, RecordMetadata, murmur2};
