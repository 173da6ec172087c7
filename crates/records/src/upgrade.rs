//! A message of format v0 or v1 as the record batch that compaction makes of it, as Kafka 4 does:
//! the same records at their offsets, in the same codec, without an epoch and a producer.

use bytes::Bytes;

use crate::builder::BatchBuilder;
use crate::error::{BatchError, BuildError};
use crate::header::TimestampType;
use crate::record::BatchBody;

/// The record batch of the one message that fills `message`: plain, or a wrapper, which decompresses
/// to at most `uncompressed_bytes_max` bytes. Its CRC is not checked.
pub fn to_record_batch(message: &[u8], uncompressed_bytes_max: usize) -> Result<Bytes, BatchError> {
    let body = BatchBody::decode(message, uncompressed_bytes_max)?;
    let header = body.header();
    let mut records = body.records().peekable();
    let base_offset = match records.peek() {
        Some(Ok(first)) => first.offset,
        Some(Err(error)) => return Err(error.clone()),
        None => header.base_offset,
    };
    let mut builder = BatchBuilder::new(base_offset, header.compression()?);
    // Format v0 has no timestamps; now is not when its records were appended.
    if header.timestamp_type() == TimestampType::LogAppendTime {
        builder.log_append_time(header.max_timestamp);
    }
    for (index, record) in records.enumerate() {
        let record = record?;
        builder
            .append_at(record.offset, record.timestamp, record.key, record.value, [])
            .map_err(|error| impossible(index, &error))?;
    }
    builder.finish().map_err(|error| impossible(0, &error))
}

fn impossible(index: usize, error: &BuildError) -> BatchError {
    let reason = match error {
        BuildError::OffsetNotIncreasing { .. } => "its offset is not above that of the one before",
        BuildError::TooLarge => "it does not fit into a record batch with the others",
        BuildError::Compression { .. } => "it cannot be compressed again",
    };
    BatchError::InvalidRecord { index, reason }
}
