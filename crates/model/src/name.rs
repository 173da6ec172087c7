//! Names of topics and partitions.

use std::fmt;
use std::sync::Arc;

use crate::PartitionIndex;

/// Longest name of a topic; `NAME-NUMBER.<uuid>-delete` must still fit a file name.
const TOPIC_NAME_LENGTH_MAX: usize = 249;

/// The topic that holds committed offsets and groups.
pub const GROUP_METADATA_TOPIC: &str = "__consumer_offsets";
/// The topic that holds the state of transactions.
pub const TRANSACTION_STATE_TOPIC: &str = "__transaction_state";
const SHARE_GROUP_STATE_TOPIC: &str = "__share_group_state";

/// Whether Kafka itself owns the topic, so that clients are told `is_internal`.
pub fn is_internal_topic(name: &str) -> bool {
    [GROUP_METADATA_TOPIC, TRANSACTION_STATE_TOPIC, SHARE_GROUP_STATE_TOPIC].contains(&name)
}

/// One partition of one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition within the topic.
    pub partition: PartitionIndex,
}

impl TopicPartition {
    /// Names a partition.
    pub fn new(topic: impl Into<Arc<str>>, partition: PartitionIndex) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    /// `TOPIC-NUMBER`, which is also the name of the partition's folder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Why a topic cannot have this name. The text says what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicName {
    /// The name is empty.
    #[error("a topic name must not be empty")]
    Empty,
    /// The name is `.` or `..`.
    #[error("a topic cannot be called `.` or `..`")]
    Dots,
    /// The name is longer than 249 characters.
    #[error("topic name of {0} characters: at most {TOPIC_NAME_LENGTH_MAX} are allowed")]
    TooLong(usize),
    /// A character is not allowed.
    #[error(
        "topic name `{name}` contains `{found}`: only ASCII letters, digits, `.`, `_` and `-` are allowed"
    )]
    Character {
        /// The whole name.
        name: String,
        /// The first character that is not allowed.
        found: char,
    },
}

/// Checks a topic's name by Kafka's rules.
pub fn validate_topic_name(name: &str) -> Result<(), InvalidTopicName> {
    if name.is_empty() {
        return Err(InvalidTopicName::Empty);
    }
    if name == "." || name == ".." {
        return Err(InvalidTopicName::Dots);
    }
    if name.len() > TOPIC_NAME_LENGTH_MAX {
        return Err(InvalidTopicName::TooLong(name.chars().count()));
    }
    match name.chars().find(|c| !c.is_ascii_alphanumeric() && !"._-".contains(*c)) {
        Some(found) => Err(InvalidTopicName::Character { name: name.to_owned(), found }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_kafkas_rules() {
        for good in ["a", "my.topic", "my_topic-1", &"x".repeat(249)] {
            assert_eq!(validate_topic_name(good), Ok(()), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "ä", &"x".repeat(250)] {
            assert!(validate_topic_name(bad).is_err(), "{bad}");
        }
    }
}
