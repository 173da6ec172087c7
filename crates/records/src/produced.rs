//! Whether what a producer sent for one partition may be appended.
//!
//! Headers are read in place and the CRC is verified in place; nothing is decompressed (DESIGN D4).
//! Records without compression are walked, field by field, right after the CRC has
//! brought them into the cache: a count that lies would leave holes in the offsets, and a record that
//! cannot be read would stop every consumer. Of compressed
//! records the header is believed; where their keys matter, [`crate::convert_produced`] looks inside.

use model::Timestamp;

use crate::batches::Batches;
use crate::compression::Compression;
use crate::error::{BatchError, ProduceError};
use crate::header::{BatchHeader, HEADER_LENGTH, TimestampType, crc_of};
use crate::record::{self, RECORD_LENGTH_MIN, take_body};
use crate::record_check::RecordCheck;
use crate::varint;

/// What a topic and a request version allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProduceLimits {
    /// `max.message.bytes` of the topic.
    pub batch_bytes_max: usize,
    /// Whether the version of the request (7 and later) admits zstd.
    pub zstd_allowed: bool,
    /// Bounds for the producer's timestamps; `None` when the topic uses LogAppendTime.
    pub timestamps: Option<TimestampBounds>,
    /// Whether a record without a key is refused, as compacted topics must.
    pub keys_required: bool,
    /// How many bytes a batch may decompress to, where it is decompressed.
    pub uncompressed_bytes_max: usize,
}

/// How far the producer's timestamps may lie from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampBounds {
    /// The broker's clock.
    pub now: Timestamp,
    /// `message.timestamp.before.max.ms`.
    pub before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub after_max_ms: i64,
}

impl TimestampBounds {
    pub(crate) fn check(&self, timestamp: Timestamp) -> Result<(), ProduceError> {
        if timestamp == Timestamp::NONE {
            return Ok(());
        }
        let earliest = self.now.plus_ms(self.before_max_ms.saturating_neg());
        let latest = self.now.plus_ms(self.after_max_ms);
        if timestamp < earliest || timestamp > latest {
            return Err(ProduceError::InvalidTimestamp { timestamp, earliest, latest });
        }
        Ok(())
    }
}

/// A batch that may be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducedBatch {
    /// Its header.
    pub header: BatchHeader,
    /// The latest timestamp of its records: where the header says something else, which happens
    /// with hand-made clients, [`crate::patch_max_timestamp`] puts it right before the append.
    pub max_timestamp: Timestamp,
}

/// Checks the bytes that a produce request (version 3 and later) carries for one partition. They
/// must be exactly one batch.
pub fn validate_produced(
    bytes: &[u8],
    limits: &ProduceLimits,
) -> Result<ProducedBatch, ProduceError> {
    if let Some(old @ (0 | 1)) = Batches::magic(bytes) {
        return Err(BatchError::OldFormat(old).into());
    }
    let (header, batch) = Batches::new(bytes).next().ok_or(ProduceError::Empty)??;
    if batch.len() < bytes.len() {
        return Err(ProduceError::MoreThanOneBatch(bytes.len() - batch.len()));
    }
    if batch.len() > limits.batch_bytes_max {
        return Err(ProduceError::TooLarge { size: batch.len(), limit: limits.batch_bytes_max });
    }
    let computed = crc_of(batch);
    if computed != header.crc {
        return Err(BatchError::Crc { stored: header.crc, computed }.into());
    }
    let compression = header.compression()?;
    if compression == Compression::Zstd && !limits.zstd_allowed {
        return Err(ProduceError::ZstdTooEarly);
    }
    check_header(&header)?;
    let max_timestamp = match compression {
        Compression::None => check_records(&header, &batch[HEADER_LENGTH..], limits)?,
        _ => {
            if let Some(bounds) = limits.timestamps {
                bounds.check(header.base_timestamp)?;
                bounds.check(header.max_timestamp)?;
            }
            header.max_timestamp
        }
    };
    Ok(ProducedBatch { header, max_timestamp })
}

/// What Kafka demands of a header that comes from a client.
fn check_header(header: &BatchHeader) -> Result<(), ProduceError> {
    let base_offset = header.base_offset.get();
    if base_offset != 0 {
        return Err(ProduceError::BaseOffset(base_offset));
    }
    let span = i64::from(header.last_offset_delta) + 1;
    if header.record_count == 0 || i64::from(header.record_count) != span {
        return Err(ProduceError::InconsistentCount { count: header.record_count, span });
    }
    if header.is_control() {
        return Err(ProduceError::ControlBatch);
    }
    if header.timestamp_type() == TimestampType::LogAppendTime {
        return Err(ProduceError::LogAppendTimeFromClient);
    }
    if header.is_transactional() && !header.has_producer_id() {
        return Err(ProduceError::TransactionalWithoutProducerId);
    }
    let (epoch, sequence) = (header.producer_epoch.get(), header.base_sequence.get());
    if header.has_producer_id() && (epoch < 0 || sequence < 0) {
        let producer_id = header.producer_id;
        return Err(ProduceError::InvalidSequence { producer_id, epoch, sequence });
    }
    Ok(())
}

/// Walks records that are not compressed, or no longer: there must be as many as the header says, each within its
/// bounds. Returns their latest timestamp.
pub(crate) fn check_records(
    header: &BatchHeader,
    mut rest: &[u8],
    limits: &ProduceLimits,
) -> Result<Timestamp, ProduceError> {
    let count = header.record_count as usize;
    if count > rest.len() / RECORD_LENGTH_MIN {
        return Err(invalid(0, "the batch is too short for the records it claims"));
    }
    let mut check = RecordCheck::new(limits);
    for index in 0..count {
        let mut body = take_body(&mut rest).map_err(|reason| invalid(index, reason))?;
        let delta = body
            .split_off_first()
            .and_then(|_attributes| varint::read_long(&mut body))
            .ok_or_else(|| invalid(index, "it ends too early"))?;
        let offset_delta = varint::read(&mut body);
        if offset_delta.and_then(|delta| usize::try_from(delta).ok()) != Some(index) {
            return Err(invalid(index, "its offset is not the next one"));
        }
        let timestamp = Timestamp::new(header.base_timestamp.get().wrapping_add(delta));
        // What is stored must be readable: one malformed record would stop every consumer.
        let has_key = record::check_fields(body).map_err(|reason| invalid(index, reason))?;
        check.record(index, timestamp, has_key);
    }
    if !rest.is_empty() {
        return Err(invalid(count, "bytes follow the last record"));
    }
    check.finish()
}

fn invalid(index: usize, reason: &'static str) -> ProduceError {
    BatchError::InvalidRecord { index, reason }.into()
}
