//! A topic's configuration as its partitions use it.

use std::sync::Arc;

use config::{BrokerSettings, CompressionType, TimestampType, TopicConfig};
use records::{Compression, TargetCompression, UNCOMPRESSED_BYTES_MAX};
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
    /// `compression.type`, with the level of its codec.
    pub(crate) compression: TargetCompression,
    /// `max.decompressed.message.bytes`, where batches are decompressed at all; what no honest batch
    /// comes near where nobody has set it.
    pub(crate) uncompressed_bytes_max: usize,
    /// `message.downconversion.enable`.
    pub(crate) down_conversion: bool,
}

/// Honest batches do not shrink to less than a part of so many.
const SHRINKING_MAX: usize = 64;
/// Whatever `max.message.bytes` says, so much may come out of a batch.
const UNCOMPRESSED_BYTES_MIN: usize = 1 << 20;

/// The default of `max.decompressed.message.bytes`: no bound, so that nobody can have meant it.
const UNCOMPRESSED_BYTES_UNSET: u32 = 2147483639;

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
            delete_retention_ms: topic.delete_retention_ms,
            min_cleanable_dirty_ratio: topic.min_cleanable_dirty_ratio,
            min_compaction_lag_ms: topic.min_compaction_lag_ms,
            max_compaction_lag_ms: topic.max_compaction_lag_ms,
            log_append_time: topic.message_timestamp_type == TimestampType::LogAppendTime,
            producer_id_expiration_ms: broker.producer_id_expiration_ms,
        };
        let (before, after) = timestamp_bounds(topic);
        Self {
            log: Arc::new(log),
            durability: durability(topic),
            min_insync_replicas: topic.min_insync_replicas,
            flush_messages: topic.flush_messages,
            file_delete_delay_ms: u64::try_from(topic.file_delete_delay_ms).unwrap_or(0),
            timestamp_before_max_ms: before,
            timestamp_after_max_ms: after,
            compression: compression(topic),
            uncompressed_bytes_max: uncompressed_bytes_max(topic),
            down_conversion: topic.message_downconversion_enable,
        }
    }
}

/// `message.timestamp.before.max.ms` and `.after.max.ms`. Where one of them is not set, their older
/// common name counts.
fn timestamp_bounds(topic: &TopicConfig) -> (i64, i64) {
    let defaults = TopicConfig::defaults();
    let difference = topic.message_timestamp_difference_max_ms;
    let (mut before, mut after) =
        (topic.message_timestamp_before_max_ms, topic.message_timestamp_after_max_ms);
    if difference != defaults.message_timestamp_difference_max_ms {
        if before == defaults.message_timestamp_before_max_ms {
            before = difference;
        }
        if after == defaults.message_timestamp_after_max_ms {
            after = difference;
        }
    }
    (before, after)
}

fn compression(topic: &TopicConfig) -> TargetCompression {
    let level = |level: i32| TargetCompression { codec: None, level: Some(level) };
    let of = |codec, target| TargetCompression { codec: Some(codec), ..target };
    let none = TargetCompression::default();
    match topic.compression_type {
        CompressionType::Producer => none,
        CompressionType::Uncompressed => of(Compression::None, none),
        // -1 is the codec's own default.
        CompressionType::Gzip if topic.compression_gzip_level < 0 => of(Compression::Gzip, none),
        CompressionType::Gzip => of(Compression::Gzip, level(topic.compression_gzip_level)),
        CompressionType::Snappy => of(Compression::Snappy, none),
        CompressionType::Lz4 => of(Compression::Lz4, level(topic.compression_lz4_level)),
        CompressionType::Zstd => of(Compression::Zstd, level(topic.compression_zstd_level)),
    }
}

fn uncompressed_bytes_max(topic: &TopicConfig) -> usize {
    if topic.max_decompressed_message_bytes != UNCOMPRESSED_BYTES_UNSET {
        return topic.max_decompressed_message_bytes as usize;
    }
    let honest = (topic.max_message_bytes as usize).saturating_mul(SHRINKING_MAX);
    honest
        .clamp(UNCOMPRESSED_BYTES_MIN, UNCOMPRESSED_BYTES_MAX)
        .max(topic.max_message_bytes as usize)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_may_decompress_to_what_was_set_and_else_to_what_an_honest_one_may() {
        let bound = |message_bytes, decompressed_bytes: Option<u32>| {
            let mut topic = TopicConfig::defaults();
            assert_eq!(topic.max_decompressed_message_bytes, UNCOMPRESSED_BYTES_UNSET);
            topic.max_message_bytes = message_bytes;
            topic.max_decompressed_message_bytes =
                decompressed_bytes.unwrap_or(UNCOMPRESSED_BYTES_UNSET);
            uncompressed_bytes_max(&topic)
        };
        assert_eq!(bound(1 << 20, None), 64 << 20);
        assert_eq!(bound(1 << 10, None), 1 << 20);
        assert_eq!(bound(8 << 20, None), 128 << 20);
        assert_eq!(bound(256 << 20, None), 256 << 20);
        // Below what an honest batch may need, and above.
        assert_eq!(bound(1 << 20, Some(2 << 20)), 2 << 20);
        assert_eq!(bound(1 << 10, Some(2 << 20)), 2 << 20);
        assert_eq!(bound(1 << 20, Some(1 << 30)), 1 << 30);
    }
}
