//! What the controller answers when it refuses, and what a damaged log looks like to the image.

use model::{BrokerId, ErrorCode, PartitionIndex, Uuid};

/// A refusal as a client gets it: the code, and words for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The code on the wire; never [`ErrorCode::None`].
    pub code: ErrorCode,
    /// What was wrong and what is allowed.
    pub message: String,
}

impl ApiError {
    /// A refusal with its reason.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        debug_assert!(!code.is_none());
        Self { code, message: message.into() }
    }
}

/// Why a committed record cannot be applied: the log was written by a newer version, or is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A record speaks of a topic that there is not.
    #[error("a {record} speaks of topic id {topic_id}, which does not exist")]
    UnknownTopic {
        /// The record's name.
        record: &'static str,
        /// The id it names.
        topic_id: Uuid,
    },
    /// A record speaks of a partition that there is not, or creates one out of order.
    #[error("a {record} speaks of partition {partition} of topic `{topic}`, which has {count}")]
    UnknownPartition {
        /// The record's name.
        record: &'static str,
        /// The topic's name.
        topic: String,
        /// The partition it names.
        partition: PartitionIndex,
        /// How many partitions the topic has.
        count: usize,
    },
    /// A record speaks of a broker that is not registered.
    #[error("a {record} speaks of broker {broker_id}, which is not registered")]
    UnknownBroker {
        /// The record's name.
        record: &'static str,
        /// The broker it names.
        broker_id: BrokerId,
    },
    /// A record carries the epoch of an earlier registration.
    #[error("a {record} of broker {broker_id} carries epoch {found}, registered is {expected}")]
    StaleBrokerEpoch {
        /// The record's name.
        record: &'static str,
        /// The broker it names.
        broker_id: BrokerId,
        /// The epoch in the record.
        found: i64,
        /// The epoch of the registration.
        expected: i64,
    },
    /// A topic is created that exists.
    #[error("topic `{name}` is created twice")]
    TopicExists {
        /// The topic's name.
        name: String,
    },
    /// A configuration is of a kind that this version does not know.
    #[error("a configuration record is of resource type {0}, which is not known")]
    UnknownResourceType(i8),
}
