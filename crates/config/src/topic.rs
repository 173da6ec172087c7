//! A topic's configuration, typed: its own overrides over the node's values over the defaults.

use crate::layers::{DynamicConfigs, Values};
use crate::node::NodeConfig;
use crate::settings::{Setting, settings};
use crate::table;
use crate::value::split_list;

settings! {
    /// What one topic is configured to do. Read it again when the topic's or the brokers'
    /// configuration changes.
    TopicConfig {
        cleanup_policy: CleanupPolicy = "cleanup.policy",
        compression_gzip_level: i32 = "compression.gzip.level",
        compression_lz4_level: i32 = "compression.lz4.level",
        compression_type: CompressionType = "compression.type",
        compression_zstd_level: i32 = "compression.zstd.level",
        delete_retention_ms: i64 = "delete.retention.ms",
        file_delete_delay_ms: i64 = "file.delete.delay.ms",
        flush_messages: i64 = "flush.messages",
        flush_ms: i64 = "flush.ms",
        index_interval_bytes: u32 = "index.interval.bytes",
        acks_all_durability: Durability = "klamm.acks.all.durability",
        max_compaction_lag_ms: i64 = "max.compaction.lag.ms",
        max_decompressed_message_bytes: u32 = "max.decompressed.message.bytes",
        max_message_bytes: u32 = "max.message.bytes",
        message_downconversion_enable: bool = "message.downconversion.enable",
        message_timestamp_after_max_ms: i64 = "message.timestamp.after.max.ms",
        message_timestamp_before_max_ms: i64 = "message.timestamp.before.max.ms",
        message_timestamp_difference_max_ms: i64 = "message.timestamp.difference.max.ms",
        message_timestamp_type: TimestampType = "message.timestamp.type",
        min_cleanable_dirty_ratio: f64 = "min.cleanable.dirty.ratio",
        min_compaction_lag_ms: i64 = "min.compaction.lag.ms",
        min_insync_replicas: u32 = "min.insync.replicas",
        retention_bytes: Option<u64> = "retention.bytes",
        retention_ms: Option<i64> = "retention.ms",
        segment_bytes: u32 = "segment.bytes",
        segment_index_bytes: u32 = "segment.index.bytes",
        segment_jitter_ms: i64 = "segment.jitter.ms",
        segment_ms: i64 = "segment.ms",
    }
}

impl TopicConfig {
    /// The configuration of a topic with these overrides on a node with these dynamic values.
    pub fn resolve(overrides: &Values, node: &NodeConfig, dynamic: &DynamicConfigs) -> Self {
        Self::read(
            |key| match overrides.get(key) {
                Some(value) => Some(value.clone()),
                None => table::topic(key).and_then(|def| node.layers(dynamic).first(def)),
            },
            |key| table::topic(key).and_then(|def| def.default),
        )
    }

    /// A topic without overrides on a node without a file.
    pub fn defaults() -> Self {
        Self::read(|_| None, |key| table::topic(key).and_then(|def| def.default))
    }
}

/// What happens to records that retention no longer protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CleanupPolicy {
    /// Whole segments are deleted by age and size.
    pub delete: bool,
    /// Only the newest record of each key is kept.
    pub compact: bool,
}

impl Setting for CleanupPolicy {
    fn read(text: Option<&str>) -> Option<Self> {
        let words: Vec<_> = split_list(text?).collect();
        Some(Self { delete: words.contains(&"delete"), compact: words.contains(&"compact") })
    }
}

/// How records are compressed on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CompressionType {
    /// As they came.
    #[default]
    Producer,
    /// Not at all.
    Uncompressed,
    /// gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl Setting for CompressionType {
    fn read(text: Option<&str>) -> Option<Self> {
        match text?.trim() {
            "producer" => Some(Self::Producer),
            "uncompressed" => Some(Self::Uncompressed),
            "gzip" => Some(Self::Gzip),
            "snappy" => Some(Self::Snappy),
            "lz4" => Some(Self::Lz4),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Whose clock a record's timestamp comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampType {
    /// The producer's.
    #[default]
    CreateTime,
    /// The broker's, when it appends.
    LogAppendTime,
}

impl Setting for TimestampType {
    fn read(text: Option<&str>) -> Option<Self> {
        match text?.trim() {
            "CreateTime" => Some(Self::CreateTime),
            "LogAppendTime" => Some(Self::LogAppendTime),
            _ => None,
        }
    }
}

/// What an acknowledgement of acks=all promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The record survives the loss of any one machine.
    #[default]
    AnyFailure,
    /// The record is in the memory of every in-sync replica, as in Kafka.
    PageCache,
    /// Every in-sync replica has synced the record.
    Synced,
}

impl Setting for Durability {
    fn read(text: Option<&str>) -> Option<Self> {
        match text?.trim() {
            "any-failure" => Some(Self::AnyFailure),
            "page-cache" => Some(Self::PageCache),
            "synced" => Some(Self::Synced),
            _ => None,
        }
    }
}
