//! One batch of a segment, or one message from before record batches,
//! as it stands in the file, whole or damaged, and its line of text.
//!
//! [`Head`] takes the header's fields as they are, so that a batch whose header contradicts itself
//! can still be shown; nothing is calculated from them that could overflow.

use std::fmt::Write as _;
use std::io;

use bytes::Bytes;
use records::{BatchHeader, Compression, HEADER_LENGTH, LENGTH_PREFIX, OldFormat, verify_crc};

use super::source::Source;

/// A batch beyond this is not read: no configuration of Kafka's allows one that is near it.
pub(super) const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes up to and with the magic; Kafka takes no more than that at the end of a file for a batch.
const HEAD_BYTES_MIN: usize = 17;
/// The least that the length field of any message format may say: Kafka's message of version 0.
const LENGTH_MIN: i32 = 14;

/// What stands at a position of a segment.
#[derive(Debug)]
pub(super) enum Found {
    /// A batch, which may be damaged inside.
    Batch(FoundBatch),
    /// Too few bytes for a batch.
    Rest,
    /// A length that runs over the end.
    CutOff {
        /// What the length field says.
        length: i32,
    },
    /// No batch at all.
    Garbage(String),
}

/// A batch with its bytes.
#[derive(Debug)]
pub(super) struct FoundBatch {
    /// Its header.
    pub(super) head: Head,
    /// All its bytes.
    pub(super) bytes: Bytes,
    /// Why it cannot be trusted, if it cannot.
    pub(super) damage: Option<String>,
}

/// The fields of a header, unchecked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) base_offset: i64,
    pub(super) magic: i8,
    leader_epoch: i32,
    crc: u32,
    attributes: i16,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    count: i32,
}

impl Head {
    /// A message of an old format, as a batch of its own.
    fn old(header: &BatchHeader) -> Self {
        Self {
            base_offset: header.base_offset.get(),
            leader_epoch: header.partition_leader_epoch.get(),
            magic: header.magic,
            crc: header.crc,
            attributes: header.attributes,
            last_offset_delta: 0,
            base_timestamp: header.base_timestamp.get(),
            max_timestamp: header.max_timestamp.get(),
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: header.record_count,
        }
    }

    fn parse(bytes: &[u8; HEADER_LENGTH]) -> Self {
        fn field<const N: usize>(bytes: &[u8; HEADER_LENGTH], at: usize) -> [u8; N] {
            std::array::from_fn(|index| bytes[at + index])
        }
        Self {
            base_offset: i64::from_be_bytes(field(bytes, 0)),
            leader_epoch: i32::from_be_bytes(field(bytes, 12)),
            magic: bytes[16] as i8,
            crc: u32::from_be_bytes(field(bytes, 17)),
            attributes: i16::from_be_bytes(field(bytes, 21)),
            last_offset_delta: i32::from_be_bytes(field(bytes, 23)),
            base_timestamp: i64::from_be_bytes(field(bytes, 27)),
            max_timestamp: i64::from_be_bytes(field(bytes, 35)),
            producer_id: i64::from_be_bytes(field(bytes, 43)),
            producer_epoch: i16::from_be_bytes(field(bytes, 51)),
            base_sequence: i32::from_be_bytes(field(bytes, 53)),
            count: i32::from_be_bytes(field(bytes, 57)),
        }
    }

    pub(super) fn last_offset(&self) -> i64 {
        self.base_offset.wrapping_add(self.last_offset_delta.into())
    }

    fn last_sequence(&self) -> i32 {
        if self.base_sequence == -1 {
            return -1;
        }
        // Sequences begin again at 0 after the greatest.
        match self.base_sequence.checked_add(self.last_offset_delta) {
            Some(sequence) => sequence,
            None => self.base_sequence.wrapping_add(self.last_offset_delta) & i32::MAX,
        }
    }

    pub(super) fn is_control(&self) -> bool {
        self.attributes & 0x20 != 0
    }

    /// Who gave the timestamps, as Kafka calls it.
    pub(super) fn timestamp_type(&self) -> &'static str {
        match self.magic {
            0 => "NoTimestampType",
            _ if self.attributes & 0x08 != 0 => "LogAppendTime",
            _ => "CreateTime",
        }
    }

    fn codec(&self) -> String {
        let id = (self.attributes & 0x07) as u8;
        let name = Compression::from_codec_id(id).map(|codec| codec.name().to_owned());
        name.unwrap_or_else(|| format!("unknown({id})"))
    }

    fn delete_horizon(&self) -> String {
        if self.attributes & 0x40 != 0 {
            format!("OptionalLong[{}]", self.base_timestamp)
        } else {
            "OptionalLong.empty".to_owned()
        }
    }

    /// Whether this is a message from before record batches.
    pub(super) fn is_old(&self) -> bool {
        self.magic < records::MAGIC
    }

    /// The line that Kafka prints for a batch.
    pub(super) fn line(&self, position: u64, size: usize, is_valid: bool) -> String {
        let mut line = if self.is_old() {
            format!("offset: {}", self.base_offset)
        } else {
            self.batch_fields()
        };
        let _ = writeln!(
            line,
            " position: {position} {}: {} size: {size} magic: {} compresscodec: {} crc: {} isvalid: {is_valid}",
            self.timestamp_type(),
            self.max_timestamp,
            self.magic,
            self.codec(),
            self.crc,
        );
        line
    }

    /// What only record batches have.
    fn batch_fields(&self) -> String {
        format!(
            "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} \
             producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} \
             deleteHorizonMs: {}",
            self.base_offset,
            self.last_offset(),
            self.count,
            self.base_sequence,
            self.last_sequence(),
            self.producer_id,
            self.producer_epoch,
            self.leader_epoch,
            self.attributes & 0x10 != 0,
            self.is_control(),
            self.delete_horizon(),
        )
    }
}

/// What stands at `position` of a segment that ends at `end`.
pub(super) fn find(source: &impl Source, position: u64, end: u64) -> io::Result<Found> {
    let (head, size) = match peek(source, position, end)? {
        Ok(found) => found,
        Err(nothing) => return Ok(nothing),
    };
    let bytes = Bytes::from(source.read(position, size)?);
    if bytes.len() < size {
        return Ok(Found::Rest);
    }
    let damage = verify_crc(&bytes).err().map(|error| error.to_string());
    Ok(Found::Batch(FoundBatch { head, bytes, damage }))
}

/// The header and the size of the batch at `position`, or what stands there instead.
pub(super) fn peek(
    source: &impl Source,
    position: u64,
    end: u64,
) -> io::Result<Result<(Head, usize), Found>> {
    let left = usize::try_from(end.saturating_sub(position)).unwrap_or(usize::MAX);
    if left <= HEAD_BYTES_MIN {
        return Ok(Err(Found::Rest));
    }
    let head = source.read(position, HEADER_LENGTH.min(left))?;
    let (Some(length), Some(magic)) = (head.get(8..12), head.get(16)) else {
        return Ok(Err(Found::Rest));
    };
    let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
    let garbage = |reason| Ok(Err(Found::Garbage(reason)));
    if length < LENGTH_MIN {
        return garbage(format!("a length of {length} bytes is too little for a batch"));
    }
    let size = LENGTH_PREFIX + length as usize;
    if size > left {
        return Ok(Err(Found::CutOff { length }));
    }
    if size > BATCH_BYTES_MAX {
        return garbage(format!("{size} bytes is more than any node writes as one batch"));
    }
    if OldFormat::from_magic(*magic as i8).is_some() {
        return match BatchHeader::parse_any_format(&head) {
            Ok(header) => Ok(Ok((Head::old(&header), size))),
            Err(error) => garbage(error.to_string()),
        };
    }
    if *magic as i8 != records::MAGIC {
        return garbage(format!("{} is the magic of no message format", *magic as i8));
    }
    match head.first_chunk().filter(|_| size >= HEADER_LENGTH) {
        Some(head) => Ok(Ok((Head::parse(head), size))),
        None => garbage(format!("a batch of {size} bytes is shorter than its header")),
    }
}
