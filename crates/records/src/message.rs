//! One message of format v0 or v1, as Kafka wrote them before record batches (0.11).
//!
//! Layout (big endian): offset 8, size 4, CRC 4, magic 1, attributes 1, in v1 timestamp 8, then key
//! and value, each with a length of 4 (negative: null). The CRC (CRC-32, not CRC32C) covers what
//! comes after it. A message whose attributes name a codec is a wrapper: its value is compressed
//! and holds a set of messages; its offset is that of the last of them.

use crc_fast::CrcAlgorithm;
use model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::compression::Compression;
use crate::error::BatchError;
use crate::header::{BatchHeader, LENGTH_PREFIX, MAGIC_AT, TimestampType};

/// Bytes of the smallest message, a v0 message of two nulls; also the bytes of a v1 message up to
/// its timestamp, so that so many bytes tell all that a header tells.
pub const MESSAGE_LENGTH_MIN: usize = 26;

const CRC_AT: usize = LENGTH_PREFIX;
const ATTRIBUTES_AT: usize = MAGIC_AT + 1;
const TIMESTAMP_AT: usize = ATTRIBUTES_AT + 1;
/// Where the key's length begins in a v0 message.
const KEY_AT_V0: usize = TIMESTAMP_AT;
/// Where the key's length begins in a v1 message.
const KEY_AT_V1: usize = TIMESTAMP_AT + 8;
/// What the CRC covers begins here.
pub(crate) const COVERED_AT: usize = CRC_AT + 4;

const COMPRESSION_MASK: u8 = 0x07;
const LOG_APPEND_TIME_BIT: u8 = 0x08;

/// The formats before record batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OldFormat {
    /// Magic 0, before Kafka 0.10: no timestamps, absolute offsets inside of wrappers.
    V0,
    /// Magic 1, Kafka 0.10: timestamps, relative offsets inside of wrappers.
    V1,
}

impl OldFormat {
    /// The number in a message.
    pub const fn magic(self) -> i8 {
        match self {
            Self::V0 => 0,
            Self::V1 => 1,
        }
    }

    /// The format of a number, unless it is that of record batches or of none.
    pub const fn from_magic(magic: i8) -> Option<Self> {
        match magic {
            0 => Some(Self::V0),
            1 => Some(Self::V1),
            _ => None,
        }
    }

    /// Bytes of a message besides its key and value.
    pub(crate) const fn overhead(self) -> usize {
        self.key_at() + 8
    }

    const fn key_at(self) -> usize {
        match self {
            Self::V0 => KEY_AT_V0,
            Self::V1 => KEY_AT_V1,
        }
    }
}

/// A message, borrowed. Its offset and timestamp are what its bytes say, which from a producer may
/// be anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) offset: i64,
    pub(crate) format: OldFormat,
    pub(crate) attributes: u8,
    pub(crate) timestamp: Timestamp,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    /// All of it, from its offset on.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Message<'a> {
    /// Takes one message off the front of `rest`.
    pub(crate) fn take(rest: &mut &'a [u8]) -> Result<Self, BatchError> {
        let (format, size) = format_and_size(rest)?;
        let available = rest.len();
        let (bytes, after) =
            rest.split_at_checked(size).ok_or(BatchError::Truncated { needed: size, available })?;
        let mut fields = &bytes[format.key_at()..];
        let malformed = BatchError::InvalidRecord { index: 0, reason: "its key or value is cut" };
        let key = nullable(&mut fields).ok_or(malformed.clone())?;
        let value = nullable(&mut fields).ok_or(malformed)?;
        let timestamp = match format {
            OldFormat::V0 => Timestamp::NONE,
            OldFormat::V1 => Timestamp::new(long_at(bytes, TIMESTAMP_AT)),
        };
        let (offset, attributes) = (long_at(bytes, 0), bytes[ATTRIBUTES_AT]);
        *rest = after;
        Ok(Self { offset, format, attributes, timestamp, key, value, bytes })
    }

    pub(crate) fn compression(&self) -> Result<Compression, BatchError> {
        codec(self.attributes)
    }

    pub(crate) fn timestamp_type(&self) -> TimestampType {
        match self.format {
            OldFormat::V1 if self.attributes & LOG_APPEND_TIME_BIT != 0 => {
                TimestampType::LogAppendTime
            }
            _ => TimestampType::CreateTime,
        }
    }

    /// The CRC that it says.
    pub(crate) fn crc(&self) -> u32 {
        crc_at(self.bytes)
    }

    /// Whether the bytes are those that were written.
    pub(crate) fn verify_crc(&self) -> Result<(), BatchError> {
        verify(self.bytes)
    }
}

/// The codec in the attributes of a message; zstd came after these formats.
fn codec(attributes: u8) -> Result<Compression, BatchError> {
    let id = attributes & COMPRESSION_MASK;
    match Compression::from_codec_id(id) {
        Some(Compression::Zstd) | None => Err(BatchError::UnknownCompression(id)),
        Some(codec) => Ok(codec),
    }
}

/// The format and whole size of the message at the start of `bytes`, which need not be there whole.
fn format_and_size(bytes: &[u8]) -> Result<(OldFormat, usize), BatchError> {
    let available = bytes.len();
    let Some(head) = bytes.first_chunk::<MESSAGE_LENGTH_MIN>() else {
        return Err(BatchError::Truncated { needed: MESSAGE_LENGTH_MIN, available });
    };
    let magic = head[MAGIC_AT] as i8;
    let format = OldFormat::from_magic(magic).ok_or(BatchError::UnknownMagic(magic))?;
    let claimed = i32::from_be_bytes([head[8], head[9], head[10], head[11]]);
    let size = usize::try_from(claimed).map_or(0, |claimed| LENGTH_PREFIX + claimed);
    if size < format.overhead() {
        return Err(BatchError::InvalidLength(claimed));
    }
    Ok((format, size))
}

/// The header of the message at the start of `bytes`, in the words of a batch: offsets are those of
/// the last message, for what a wrapper holds is not looked at.
pub(crate) fn header(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
    let (format, size) = format_and_size(bytes)?;
    let attributes = match format {
        OldFormat::V0 => bytes[ATTRIBUTES_AT] & COMPRESSION_MASK,
        OldFormat::V1 => bytes[ATTRIBUTES_AT] & (COMPRESSION_MASK | LOG_APPEND_TIME_BIT),
    };
    let timestamp = match format {
        OldFormat::V0 => Timestamp::NONE,
        OldFormat::V1 => Timestamp::new(long_at(bytes, TIMESTAMP_AT)),
    };
    let is_wrapper = attributes & COMPRESSION_MASK != 0;
    let offset = long_at(bytes, 0);
    if offset < 0 || offset == i64::MAX {
        return Err(BatchError::InvalidHeader { field: "offset", value: offset });
    }
    Ok(BatchHeader {
        base_offset: Offset::new(offset),
        batch_length: (size - LENGTH_PREFIX) as i32,
        partition_leader_epoch: LeaderEpoch::NONE,
        magic: format.magic(),
        crc: crc_at(bytes),
        attributes: i16::from(attributes),
        last_offset_delta: 0,
        base_timestamp: timestamp,
        max_timestamp: timestamp,
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::NONE,
        base_sequence: Sequence::NONE,
        record_count: i32::from(!is_wrapper),
    })
}

/// Whether the one message that fills `message` has the CRC that it says.
pub(crate) fn verify(message: &[u8]) -> Result<(), BatchError> {
    let (stored, computed) = (crc_at(message), crc_of(message));
    if stored != computed {
        return Err(BatchError::Crc { stored, computed });
    }
    Ok(())
}

fn crc_of(message: &[u8]) -> u32 {
    let covered = message.get(COVERED_AT..).unwrap_or_default();
    crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, covered) as u32
}

fn crc_at(message: &[u8]) -> u32 {
    let bytes = message.get(CRC_AT..COVERED_AT).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_be_bytes)
}

fn long_at(message: &[u8], at: usize) -> i64 {
    let bytes = message.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, i64::from_be_bytes)
}

/// Takes nullable bytes off the front. The outer `None` means that they are cut.
fn nullable<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
        *rest = after;
        return Some(None);
    };
    let (bytes, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(Some(bytes))
}

/// What [`write`] puts into a message besides key and value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageFields {
    pub(crate) offset: i64,
    pub(crate) format: OldFormat,
    pub(crate) compression: Compression,
    pub(crate) timestamp_type: TimestampType,
    pub(crate) timestamp: Timestamp,
}

/// Appends a message. The caller sees to it that it stays below 2 GiB.
pub(crate) fn write(
    out: &mut Vec<u8>,
    fields: MessageFields,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) {
    let start = out.len();
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let size = fields.format.overhead() + length(key) + length(value) - LENGTH_PREFIX;
    out.extend_from_slice(&fields.offset.to_be_bytes());
    out.extend_from_slice(&(size as i32).to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.push(fields.format.magic() as u8);
    let mut attributes = fields.compression.codec_id();
    if fields.format == OldFormat::V1 && fields.timestamp_type == TimestampType::LogAppendTime {
        attributes |= LOG_APPEND_TIME_BIT;
    }
    out.push(attributes);
    if fields.format == OldFormat::V1 {
        // Negative timestamps came with record batches.
        out.extend_from_slice(&fields.timestamp.get().max(Timestamp::NONE.get()).to_be_bytes());
    }
    for bytes in [key, value] {
        let length = bytes.map_or(-1, |bytes| bytes.len() as i32);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(bytes.unwrap_or_default());
    }
    let crc = crc_of(&out[start..]);
    out[start + CRC_AT..start + COVERED_AT].copy_from_slice(&crc.to_be_bytes());
}
