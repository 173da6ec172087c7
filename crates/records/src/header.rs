//! The header of a batch of magic 2: a view of its 61 bytes, its CRC, and the changes that a leader
//! makes to it in place.
//!
//! Layout (big endian): base offset 8, length 4, leader epoch 4, magic 1, CRC 4, attributes 2, last
//! offset delta 4, base timestamp 8, max timestamp 8, producer id 8, producer epoch 2, base sequence
//! 4, record count 4. The CRC covers what comes after it, so base offset and leader epoch may change
//! without touching it.

use crc_fast::CrcAlgorithm;
use model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::MAGIC;
use crate::builder::Producer;
use crate::compression::Compression;
use crate::error::BatchError;
use crate::message::{self, OldFormat};

/// Bytes of the header, from the base offset to the record count.
pub const HEADER_LENGTH: usize = 61;
/// Bytes of base offset and length, which the length field does not count.
pub const LENGTH_PREFIX: usize = 12;

const LENGTH_AT: usize = 8;
const LEADER_EPOCH_AT: usize = 12;
pub(crate) const MAGIC_AT: usize = 16;
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;
const LAST_OFFSET_DELTA_AT: usize = 23;
const BASE_TIMESTAMP_AT: usize = 27;
const MAX_TIMESTAMP_AT: usize = 35;
const PRODUCER_ID_AT: usize = 43;
const PRODUCER_EPOCH_AT: usize = 51;
const BASE_SEQUENCE_AT: usize = 53;
const RECORD_COUNT_AT: usize = 57;

/// What the CRC covers begins here.
pub(crate) const COVERED_AT: usize = ATTRIBUTES_AT;

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME_BIT: i16 = 0x08;
const TRANSACTIONAL_BIT: i16 = 0x10;
const CONTROL_BIT: i16 = 0x20;
pub(crate) const DELETE_HORIZON_BIT: i16 = 0x40;

const _: () = assert!(RECORD_COUNT_AT + 4 == HEADER_LENGTH);
const _: () = assert!(COVERED_AT == CRC_AT + 4);

/// Who gave a record its timestamp.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer.
    #[default]
    CreateTime,
    /// The leader, for the whole batch, when it appended it.
    LogAppendTime,
}

/// The header of one batch. Made only by [`BatchHeader::parse`], its sibling and
/// [`crate::BatchBuilder`]'s output, so its numbers are sane: no negative length, offset, delta or
/// count, and `base_offset + last_offset_delta + 1` is an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchHeader {
    /// The offset of the first record, even when compaction has removed it.
    pub base_offset: Offset,
    /// Bytes that follow the length field.
    pub batch_length: i32,
    /// The term of the leader that appended the batch.
    pub partition_leader_epoch: LeaderEpoch,
    /// The format: [`MAGIC`], or an older one where [`BatchHeader::parse_any_format`] was asked.
    pub magic: i8,
    /// CRC32C of everything that follows it.
    pub crc: u32,
    /// Codec and flags; see the methods.
    pub attributes: i16,
    /// The last record's offset minus the base offset, even when compaction has removed it.
    pub last_offset_delta: i32,
    /// What the records' timestamp deltas count from.
    pub base_timestamp: Timestamp,
    /// The latest timestamp of the records, or the append time.
    pub max_timestamp: Timestamp,
    /// The idempotent producer, or [`ProducerId::NONE`].
    pub producer_id: ProducerId,
    /// Its epoch.
    pub producer_epoch: ProducerEpoch,
    /// The sequence of the first record, or [`Sequence::NONE`].
    pub base_sequence: Sequence,
    /// Records in the batch; fewer than offsets after compaction.
    pub record_count: i32,
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`; the rest of the batch need not be there. Does not
    /// look at the CRC.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let available = bytes.len();
        if available > MAGIC_AT {
            match bytes[MAGIC_AT] as i8 {
                MAGIC => {}
                old @ (0 | 1) => return Err(BatchError::OldFormat(old)),
                unknown => return Err(BatchError::UnknownMagic(unknown)),
            }
        }
        let Some(header) = bytes.first_chunk::<HEADER_LENGTH>() else {
            return Err(BatchError::Truncated { needed: HEADER_LENGTH, available });
        };
        let header = Self {
            base_offset: Offset::new(i64::from_be_bytes(field(header, 0))),
            batch_length: i32::from_be_bytes(field(header, LENGTH_AT)),
            partition_leader_epoch: LeaderEpoch::new(i32::from_be_bytes(field(
                header,
                LEADER_EPOCH_AT,
            ))),
            magic: MAGIC,
            crc: u32::from_be_bytes(field(header, CRC_AT)),
            attributes: i16::from_be_bytes(field(header, ATTRIBUTES_AT)),
            last_offset_delta: i32::from_be_bytes(field(header, LAST_OFFSET_DELTA_AT)),
            base_timestamp: Timestamp::new(i64::from_be_bytes(field(header, BASE_TIMESTAMP_AT))),
            max_timestamp: Timestamp::new(i64::from_be_bytes(field(header, MAX_TIMESTAMP_AT))),
            producer_id: ProducerId::new(i64::from_be_bytes(field(header, PRODUCER_ID_AT))),
            producer_epoch: ProducerEpoch::new(i16::from_be_bytes(field(
                header,
                PRODUCER_EPOCH_AT,
            ))),
            base_sequence: Sequence::new(i32::from_be_bytes(field(header, BASE_SEQUENCE_AT))),
            record_count: i32::from_be_bytes(field(header, RECORD_COUNT_AT)),
        };
        header.check()?;
        Ok(header)
    }

    /// As [`BatchHeader::parse`], but a message of format v0 or v1 is taken for a batch of its own:
    /// without epoch and producer, with its one timestamp, and with both offsets that of its last
    /// record, since a wrapper does not tell the others without being decompressed. For the same
    /// reason a wrapper's record count is 0.
    pub fn parse_any_format(bytes: &[u8]) -> Result<Self, BatchError> {
        match bytes.get(MAGIC_AT) {
            Some(0 | 1) => message::header(bytes),
            _ => Self::parse(bytes),
        }
    }

    /// The format, if it is older than record batches.
    pub const fn old_format(&self) -> Option<OldFormat> {
        OldFormat::from_magic(self.magic)
    }

    /// The numbers that the methods below calculate with.
    fn check(&self) -> Result<(), BatchError> {
        let invalid = |field, value| Err(BatchError::InvalidHeader { field, value });
        if self.batch_length < (HEADER_LENGTH - LENGTH_PREFIX) as i32 {
            return Err(BatchError::InvalidLength(self.batch_length));
        }
        let last_delta = self.last_offset_delta;
        if last_delta < 0 {
            return invalid("last offset delta", last_delta.into());
        }
        if self.record_count < 0 {
            return invalid("record count", self.record_count.into());
        }
        let base = self.base_offset.get();
        if base < 0 || base.checked_add(i64::from(last_delta) + 1).is_none() {
            return invalid("base offset", base);
        }
        Ok(())
    }

    /// The offset of the last record.
    pub const fn last_offset(&self) -> Offset {
        self.base_offset.plus(self.last_offset_delta as i64)
    }

    /// The offset that comes after the batch.
    pub const fn next_offset(&self) -> Offset {
        self.last_offset().next()
    }

    /// Bytes of the whole batch, header and length prefix included.
    pub const fn size_in_bytes(&self) -> usize {
        LENGTH_PREFIX + self.batch_length as usize
    }

    /// The sequence of the last record, or [`Sequence::NONE`].
    pub fn last_sequence(&self) -> Sequence {
        if self.base_sequence.get() < 0 {
            return Sequence::NONE;
        }
        self.base_sequence.plus(self.last_offset_delta)
    }

    /// Whether a producer id is given.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id.get() >= 0
    }

    /// Whether the batch belongs to a transaction.
    pub const fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL_BIT != 0
    }

    /// Whether the batch holds markers of a coordinator instead of records of users.
    pub const fn is_control(&self) -> bool {
        self.attributes & CONTROL_BIT != 0
    }

    /// The attributes with another codec.
    pub(crate) fn attributes_with(&self, codec: Compression) -> i16 {
        self.attributes & !COMPRESSION_MASK | i16::from(codec.codec_id())
    }

    /// When compaction may remove the batch's tombstones, if it has set a time.
    pub fn delete_horizon(&self) -> Option<Timestamp> {
        (self.attributes & DELETE_HORIZON_BIT != 0).then_some(self.base_timestamp)
    }

    /// Who gave the records their timestamps.
    pub const fn timestamp_type(&self) -> TimestampType {
        if self.attributes & LOG_APPEND_TIME_BIT != 0 {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        }
    }

    /// How the records are compressed; the codec may be one that we do not know.
    pub fn compression(&self) -> Result<Compression, BatchError> {
        let id = (self.attributes & COMPRESSION_MASK) as u8;
        Compression::from_codec_id(id).ok_or(BatchError::UnknownCompression(id))
    }
}

/// The bytes of one field. `AT` is one of the constants above, so the slice is there.
fn field<const LENGTH: usize>(header: &[u8; HEADER_LENGTH], at: usize) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes.copy_from_slice(&header[at..at + LENGTH]);
    bytes
}

/// The attribute bits of a batch that is being built.
pub(crate) fn attributes(
    compression: Compression,
    timestamp_type: TimestampType,
    transactional: bool,
    control: bool,
) -> i16 {
    let bit = |set, bit| if set { bit } else { 0 };
    i16::from(compression.codec_id())
        | bit(timestamp_type == TimestampType::LogAppendTime, LOG_APPEND_TIME_BIT)
        | bit(transactional, TRANSACTIONAL_BIT)
        | bit(control, CONTROL_BIT)
}

/// Writes `header` over the first bytes of `batch`, then its CRC. `batch` is whole.
pub(crate) fn write(header: &BatchHeader, batch: &mut [u8]) -> Result<(), BatchError> {
    let available = batch.len();
    let too_short = BatchError::Truncated { needed: HEADER_LENGTH, available };
    let bytes = batch.first_chunk_mut::<HEADER_LENGTH>().ok_or(too_short)?;
    bytes[..LENGTH_AT].copy_from_slice(&header.base_offset.get().to_be_bytes());
    bytes[LENGTH_AT..LEADER_EPOCH_AT].copy_from_slice(&header.batch_length.to_be_bytes());
    bytes[LEADER_EPOCH_AT..MAGIC_AT]
        .copy_from_slice(&header.partition_leader_epoch.get().to_be_bytes());
    bytes[MAGIC_AT] = header.magic as u8;
    bytes[ATTRIBUTES_AT..LAST_OFFSET_DELTA_AT].copy_from_slice(&header.attributes.to_be_bytes());
    bytes[LAST_OFFSET_DELTA_AT..BASE_TIMESTAMP_AT]
        .copy_from_slice(&header.last_offset_delta.to_be_bytes());
    bytes[BASE_TIMESTAMP_AT..MAX_TIMESTAMP_AT]
        .copy_from_slice(&header.base_timestamp.get().to_be_bytes());
    bytes[MAX_TIMESTAMP_AT..PRODUCER_ID_AT]
        .copy_from_slice(&header.max_timestamp.get().to_be_bytes());
    bytes[PRODUCER_ID_AT..PRODUCER_EPOCH_AT]
        .copy_from_slice(&header.producer_id.get().to_be_bytes());
    bytes[PRODUCER_EPOCH_AT..BASE_SEQUENCE_AT]
        .copy_from_slice(&header.producer_epoch.get().to_be_bytes());
    bytes[BASE_SEQUENCE_AT..RECORD_COUNT_AT]
        .copy_from_slice(&header.base_sequence.get().to_be_bytes());
    bytes[RECORD_COUNT_AT..].copy_from_slice(&header.record_count.to_be_bytes());
    write_crc(batch);
    Ok(())
}

/// Whether the bytes of the batch of any format at the start of `bytes` are those that were written.
/// What follows the batch is ignored.
pub fn verify_crc(bytes: &[u8]) -> Result<(), BatchError> {
    let header = BatchHeader::parse_any_format(bytes)?;
    let needed = header.size_in_bytes();
    let batch =
        bytes.get(..needed).ok_or(BatchError::Truncated { needed, available: bytes.len() })?;
    if header.old_format().is_some() {
        return message::verify(batch);
    }
    let computed = crc_of(batch);
    if computed != header.crc {
        return Err(BatchError::Crc { stored: header.crc, computed });
    }
    Ok(())
}

/// Gives the batch at the start of `batch` its place in the log. The CRC does not cover these
/// fields, so it stays.
pub fn patch_base_offset_and_epoch(
    batch: &mut [u8],
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
) -> Result<(), BatchError> {
    let bytes = header_of(batch)?;
    bytes[..LENGTH_AT].copy_from_slice(&base_offset.get().to_be_bytes());
    bytes[LEADER_EPOCH_AT..MAGIC_AT].copy_from_slice(&leader_epoch.get().to_be_bytes());
    Ok(())
}

/// Makes `now` the timestamp of all records of `batch`, which holds exactly one batch, and computes
/// the CRC anew. The records' own timestamps stay in the bytes and are no longer read.
pub fn patch_log_append_time(batch: &mut [u8], now: Timestamp) -> Result<(), BatchError> {
    let bytes = header_of(batch)?;
    let attributes = i16::from_be_bytes([bytes[ATTRIBUTES_AT], bytes[ATTRIBUTES_AT + 1]]);
    bytes[ATTRIBUTES_AT..LAST_OFFSET_DELTA_AT]
        .copy_from_slice(&(attributes | LOG_APPEND_TIME_BIT).to_be_bytes());
    patch_max_timestamp(batch, now)
}

/// Corrects the latest timestamp in the header of `batch`, which holds exactly one batch, and
/// computes the CRC anew.
pub fn patch_max_timestamp(batch: &mut [u8], max_timestamp: Timestamp) -> Result<(), BatchError> {
    header_of(batch)?[MAX_TIMESTAMP_AT..PRODUCER_ID_AT]
        .copy_from_slice(&max_timestamp.get().to_be_bytes());
    write_crc(batch);
    Ok(())
}

/// Gives `batch`, which holds exactly one batch, another producer and sequence, and computes the CRC
/// anew: a producer that has got a new id numbers anew what it has not delivered.
pub fn patch_producer(batch: &mut [u8], producer: Producer) -> Result<(), BatchError> {
    let bytes = header_of(batch)?;
    bytes[PRODUCER_ID_AT..PRODUCER_EPOCH_AT].copy_from_slice(&producer.id.get().to_be_bytes());
    bytes[PRODUCER_EPOCH_AT..BASE_SEQUENCE_AT].copy_from_slice(&producer.epoch.get().to_be_bytes());
    bytes[BASE_SEQUENCE_AT..RECORD_COUNT_AT]
        .copy_from_slice(&producer.base_sequence.get().to_be_bytes());
    write_crc(batch);
    Ok(())
}

fn header_of(batch: &mut [u8]) -> Result<&mut [u8; HEADER_LENGTH], BatchError> {
    let available = batch.len();
    if let Some(old @ (0 | 1)) = batch.get(MAGIC_AT) {
        return Err(BatchError::OldFormat(*old as i8));
    }
    batch
        .first_chunk_mut::<HEADER_LENGTH>()
        .ok_or(BatchError::Truncated { needed: HEADER_LENGTH, available })
}

/// CRC32C of everything after the CRC field. `batch` is one whole batch.
pub(crate) fn crc_of(batch: &[u8]) -> u32 {
    let covered = batch.get(COVERED_AT..).unwrap_or_default();
    crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, covered) as u32
}

fn write_crc(batch: &mut [u8]) {
    let crc = crc_of(batch);
    if let Some(bytes) = batch.get_mut(CRC_AT..ATTRIBUTES_AT) {
        bytes.copy_from_slice(&crc.to_be_bytes());
    }
}
