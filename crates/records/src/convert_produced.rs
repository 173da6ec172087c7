//! What a producer sent, made into the one batch that is stored, where that takes more than looking
//! at the bytes: messages of formats v0 and v1, another codec than the producer's, and keys that
//! must be there although they are compressed.
//!
//! The records of a batch that only changes its codec stay the same to the byte. An old message set
//! becomes one batch of all its records, numbered from 0.

use bytes::Bytes;
use model::Offset;

use crate::MAGIC;
use crate::batches::Batches;
use crate::builder::BatchBuilder;
use crate::compression::Compression;
use crate::error::{BatchError, BuildError, ProduceError};
use crate::header::{self, BatchHeader, HEADER_LENGTH, LENGTH_PREFIX, TimestampType};
use crate::message::Message;
use crate::message_set;
use crate::produced::{ProduceLimits, ProducedBatch, check_records, validate_produced};
use crate::record_check::RecordCheck;

/// How a topic's records are compressed on disk (`compression.type`).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct TargetCompression {
    /// The codec; `None` is that of the producer.
    pub codec: Option<Compression>,
    /// The level, where the codec has levels; `None` is its default.
    pub level: Option<i32>,
}

/// A batch that was made to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvertedBatch {
    /// Its bytes: those that were sent, where they could stay.
    pub bytes: Bytes,
    /// What is known of it.
    pub batch: ProducedBatch,
}

/// Makes a batch of what a produce request carries for one partition. `None` when there is not one
/// whole message of an old format, which is no error.
pub fn convert_produced(
    bytes: &Bytes,
    limits: &ProduceLimits,
    target: TargetCompression,
) -> Result<Option<ConvertedBatch>, ProduceError> {
    let first = match Batches::magic(bytes) {
        None => return Ok(None),
        Some(magic) => magic,
    };
    let converted = match first {
        MAGIC => convert_batch(bytes, limits, target)?,
        0 | 1 => match convert_message_set(bytes, limits, target)? {
            None => return Ok(None),
            Some(converted) => converted,
        },
        unknown => return Err(BatchError::UnknownMagic(unknown).into()),
    };
    let size = converted.bytes.len();
    if size > limits.batch_bytes_max {
        return Err(ProduceError::TooLarge { size, limit: limits.batch_bytes_max });
    }
    Ok(Some(converted))
}

fn convert_batch(
    bytes: &Bytes,
    limits: &ProduceLimits,
    target: TargetCompression,
) -> Result<ConvertedBatch, ProduceError> {
    let mut batch = validate_produced(bytes, limits)?;
    let codec = batch.header.compression()?;
    let target_codec = target.codec.unwrap_or(codec);
    let payload = bytes.get(HEADER_LENGTH..).unwrap_or_default();
    let decompressed = match codec {
        Compression::None => None,
        codec => {
            let records = codec.decompress(payload, limits.uncompressed_bytes_max)?;
            batch.max_timestamp = check_records(&batch.header, &records, limits)?;
            Some(records)
        }
    };
    if target_codec == codec {
        return Ok(ConvertedBatch { bytes: bytes.clone(), batch });
    }
    let records = decompressed.as_deref().unwrap_or(payload);
    let bytes = compress_anew(&batch, records, target_codec, target.level)?;
    let header = BatchHeader::parse(&bytes)?;
    Ok(ConvertedBatch { bytes, batch: ProducedBatch { header, ..batch } })
}

/// A batch of the same records with another codec.
fn compress_anew(
    batch: &ProducedBatch,
    records: &[u8],
    codec: Compression,
    level: Option<i32>,
) -> Result<Bytes, ProduceError> {
    let mut bytes = vec![0; HEADER_LENGTH];
    codec.compress(records, level, &mut bytes).map_err(cannot_build)?;
    let length = i32::try_from(bytes.len() - LENGTH_PREFIX);
    let header = BatchHeader {
        batch_length: length.map_err(|_| cannot_build(BuildError::TooLarge))?,
        attributes: batch.header.attributes_with(codec),
        max_timestamp: batch.max_timestamp,
        ..batch.header
    };
    header::write(&header, &mut bytes)?;
    Ok(bytes.into())
}

fn cannot_build(error: BuildError) -> ProduceError {
    ProduceError::Conversion(error.to_string())
}

/// Makes one batch of a message set: plain messages, or one wrapper. What follows the last whole
/// message is left out, as Kafka does.
fn convert_message_set(
    bytes: &[u8],
    limits: &ProduceLimits,
    target: TargetCompression,
) -> Result<Option<ConvertedBatch>, ProduceError> {
    let (messages, codec) = shallow(bytes, limits)?;
    let Some(first) = messages.first() else { return Ok(None) };
    let mut builder = BatchBuilder::new(Offset::ZERO, target.codec.unwrap_or(codec));
    builder.compression_level(target.level);
    let mut check = RecordCheck::new(limits);
    if codec == Compression::None {
        for (index, message) in messages.iter().enumerate() {
            add(&mut builder, &mut check, index, message, message.timestamp)?;
        }
    } else {
        let (inner, placement) = message_set::open(first.bytes, limits.uncompressed_bytes_max)?;
        let mut rest = &*inner;
        let mut index = 0;
        while let Some(message) = message_set::next(&mut rest)? {
            check_inner(first, &message, index)?;
            add(&mut builder, &mut check, index, &message, placement.timestamp(&message))?;
            index += 1;
        }
    }
    let max_timestamp = check.finish()?;
    let bytes = builder.finish().map_err(cannot_build)?;
    let header = BatchHeader::parse(&bytes)?;
    Ok(Some(ConvertedBatch { bytes, batch: ProducedBatch { header, max_timestamp } }))
}

/// The whole messages of a set and its codec, checked as they are.
fn shallow<'a>(
    mut set: &'a [u8],
    limits: &ProduceLimits,
) -> Result<(Vec<Message<'a>>, Compression), ProduceError> {
    let mut messages: Vec<Message<'a>> = Vec::new();
    let mut codec = Compression::None;
    while let Some(message) = message_set::next(&mut set)? {
        if messages.first().is_some_and(|first| first.format != message.format) {
            return Err(ProduceError::MixedFormats);
        }
        let size = message.bytes.len();
        if size > limits.batch_bytes_max {
            return Err(ProduceError::TooLarge { size, limit: limits.batch_bytes_max });
        }
        message.verify_crc()?;
        if message.timestamp_type() == TimestampType::LogAppendTime {
            return Err(ProduceError::LogAppendTimeFromClient);
        }
        let compression = message.compression()?;
        if compression != Compression::None {
            codec = compression;
        }
        messages.push(message);
    }
    if codec != Compression::None && messages.len() > 1 {
        return Err(ProduceError::MoreThanOneWrapper);
    }
    Ok((messages, codec))
}

fn check_inner(wrapper: &Message<'_>, inner: &Message<'_>, index: usize) -> Result<(), BatchError> {
    let invalid = |reason| Err(BatchError::InvalidRecord { index, reason });
    if inner.format != wrapper.format {
        return invalid("its format is not that of the message that wraps it");
    }
    if inner.compression()? != Compression::None {
        return invalid("it is compressed within a compressed message");
    }
    inner.verify_crc()
}

fn add(
    builder: &mut BatchBuilder,
    check: &mut RecordCheck<'_>,
    index: usize,
    message: &Message<'_>,
    timestamp: model::Timestamp,
) -> Result<(), ProduceError> {
    check.record(index, timestamp, message.key.is_some());
    builder.append(timestamp, message.key, message.value, []).map_err(cannot_build)
}
