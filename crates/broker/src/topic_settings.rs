//! A topic's configuration as its partitions use it.

use std::sync::Arc;

use config::{BrokerSettings, TimestampType, TopicConfig};
use replication::Durability;
use storage::LogConfig;

/// What a partition needs to know of its topic's configuration.
#[derive(Debug)]
pub(crate) struct TopicSettings {
    /// What the log obeys.
    pub(crate) log: Arc<LogConfig>,
    /// What a record must have survived to be committed.
    pub(crate) durability: Durability,
    /// `min.insync.replicas`.
    pub(crate) min_insync_replicas: u32,
    /// `flush.messages`: so many records at most wait for a sync.
    pub(crate) flush_messages: i64,
    /// `file.delete.delay.ms`.
    pub(crate) file_delete_delay_ms: u64,
    /// `message.timestamp.before.max.ms`.
    pub(crate) timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub(crate) timestamp_after_max_ms: i64,
}

impl TopicSettings {
    /// Takes over a topic's configuration.
    pub(crate) fn new(topic: &TopicConfig, broker: &BrokerSettings) -> Self {
        let log = LogConfig {
            segment_bytes: topic.segment_bytes,
            segment_ms: topic.segment_ms,
            segment_jitter_ms: topic.segment_jitter_ms,
            segment_index_bytes: topic.segment_index_bytes,
            index_interval_bytes: topic.index_interval_bytes,
            retention_ms: topic.retention_ms.unwrap_or(-1),
            retention_bytes: topic
                .retention_bytes
                .map_or(-1, |bytes| bytes.min(i64::MAX as u64) as i64),
            max_message_bytes: topic.max_message_bytes,
            delete: topic.cleanup_policy.delete,
            compact: topic.cleanup_policy.compact,
            log_append_time: topic.message_timestamp_type == TimestampType::LogAppendTime,
            producer_id_expiration_ms: broker.producer_id_expiration_ms,
        };
        Self {
            log: Arc::new(log),
            durability: durability(topic),
            min_insync_replicas: topic.min_insync_replicas,
            flush_messages: topic.flush_messages,
            file_delete_delay_ms: u64::try_from(topic.file_delete_delay_ms).unwrap_or(0),
            timestamp_before_max_ms: topic.message_timestamp_before_max_ms,
            timestamp_after_max_ms: topic.message_timestamp_after_max_ms,
        }
    }
}

fn durability(topic: &TopicConfig) -> Durability {
    match topic.acks_all_durability {
        // Kafka's way to ask for a sync before every acknowledgement.
        _ if topic.flush_messages == 1 => Durability::Synced,
        config::Durability::AnyFailure => Durability::AnyFailure,
        config::Durability::PageCache => Durability::PageCache,
        config::Durability::Synced => Durability::Synced,
    }
}
