//! The settings of a topic that its logs obey, with Kafka's names and defaults.

use crate::segment_index::IndexLimits;

/// The settings of one log. Fields are Kafka's topic configurations.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment that would grow larger is rolled.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment is rolled after this time, by the timestamps of its records.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: up to this is taken off `segment_ms` at random.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is rolled when an index would grow larger.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: how many bytes lie at least between two index entries.
    pub index_interval_bytes: u32,
    /// `retention.ms`; negative is for ever.
    pub retention_ms: i64,
    /// `retention.bytes`; negative is no limit.
    pub retention_bytes: i64,
    /// `max.message.bytes`: the largest batch that a client may append.
    pub max_message_bytes: u32,
    /// Whether `cleanup.policy` has `delete`.
    pub delete: bool,
    /// Whether `cleanup.policy` has `compact`; offsets may then have holes.
    pub compact: bool,
    /// `delete.retention.ms`: how long tombstones stay after they were first cleaned.
    pub delete_retention_ms: i64,
    /// `min.cleanable.dirty.ratio`: the share of bytes that were not cleaned yet from which on a log
    /// is cleaned.
    pub min_cleanable_dirty_ratio: f64,
    /// `min.compaction.lag.ms`: records are not compacted before they are so old.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: records are compacted once they are so old.
    pub max_compaction_lag_ms: i64,
    /// Whether `message.timestamp.type` is `LogAppendTime`.
    pub log_append_time: bool,
    /// `producer.id.expiration.ms` of the node: a producer that was idle for this long is forgotten.
    pub producer_id_expiration_ms: i64,
}

impl Default for LogConfig {
    fn default() -> Self {
        const HOUR_MS: i64 = 60 * 60 * 1000;
        Self {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * HOUR_MS,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: 7 * 24 * HOUR_MS,
            retention_bytes: -1,
            max_message_bytes: (1 << 20) + 12,
            delete: true,
            compact: false,
            delete_retention_ms: 24 * HOUR_MS,
            min_cleanable_dirty_ratio: 0.5,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            log_append_time: false,
            producer_id_expiration_ms: 24 * HOUR_MS,
        }
    }
}

impl LogConfig {
    /// After this time a segment is rolled: a compacted log also rolls what has to be compacted.
    pub(crate) fn roll_ms(&self) -> i64 {
        match self.compact && self.max_compaction_lag_ms > 0 {
            true => self.segment_ms.min(self.max_compaction_lag_ms),
            false => self.segment_ms,
        }
    }

    pub(crate) fn index_limits(&self) -> IndexLimits {
        IndexLimits {
            index_bytes: self.segment_index_bytes,
            interval_bytes: self.index_interval_bytes,
        }
    }

    /// What is taken off `segment_ms` for the segment at an offset: a fixed draw for each seed and
    /// segment, so that the logs of a node do not all roll at once.
    pub(crate) fn jitter_ms(&self, seed: u64, base_offset: i64) -> i64 {
        let bound = self.segment_jitter_ms.min(self.roll_ms());
        if bound <= 0 {
            return 0;
        }
        let mut draw = seed ^ (base_offset as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        draw = (draw ^ (draw >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        draw = (draw ^ (draw >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((draw ^ (draw >> 31)) % bound as u64) as i64
    }
}
