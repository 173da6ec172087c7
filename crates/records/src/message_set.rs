//! What a wrapper of message format v0 or v1 holds, and the records of both formats.
//!
//! Inner offsets are absolute in v0. In v1 they count from the first record, and the wrapper's
//! offset says where the last of them lies; a wrapper with offset 0 comes from a producer that does
//! not know these rules, and counts from 0. A set that was cut at its end, as old brokers
//! stored and sent them, ends with its last whole message.

use std::borrow::Cow;

use model::{Offset, Sequence, Timestamp};

use crate::compression::Compression;
use crate::error::BatchError;
use crate::header::TimestampType;
use crate::message::{Message, OldFormat};
use crate::record::{Headers, RecordView};

/// Where the records of one message, plain or a wrapper, lie in the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placement {
    /// Added to the offsets that the records say; 0 where they are absolute.
    shift: i64,
    /// The wrapper's timestamp, if it holds for all records.
    append_time: Option<Timestamp>,
    /// Whether the records lie in a wrapper.
    wrapped: bool,
}

/// The records of the one message that fills `bytes`: itself, or what it wraps, decompressed to at
/// most `uncompressed_bytes_max` bytes. CRCs are not checked.
pub(crate) fn open(
    bytes: &[u8],
    uncompressed_bytes_max: usize,
) -> Result<(Cow<'_, [u8]>, Placement), BatchError> {
    let message = Message::take(&mut &*bytes)?;
    let compression = message.compression()?;
    if compression == Compression::None {
        let placement = Placement { shift: 0, append_time: None, wrapped: false };
        return Ok((Cow::Borrowed(bytes), placement));
    }
    let invalid = |reason| BatchError::InvalidRecord { index: 0, reason };
    let value = message.value.ok_or(invalid("it is a wrapper without a value"))?;
    let inner = compression.decompress_message(value, message.format, uncompressed_bytes_max)?;
    let append_time = match message.timestamp_type() {
        TimestampType::LogAppendTime => Some(message.timestamp),
        TimestampType::CreateTime => None,
    };
    let last = last_offset(&inner)?.ok_or(invalid("it is a wrapper of nothing"))?;
    let shift = match message.format {
        OldFormat::V0 => 0,
        OldFormat::V1 if message.offset == 0 => 0,
        OldFormat::V1 => match message.offset.checked_sub(last) {
            Some(shift) if shift >= 0 => shift,
            _ => return Err(invalid("its offset lies before the messages that it wraps")),
        },
    };
    Ok((Cow::Owned(inner), Placement { shift, append_time, wrapped: true }))
}

/// The offset that the last whole message of a set says.
fn last_offset(mut set: &[u8]) -> Result<Option<i64>, BatchError> {
    let mut last = None;
    while let Some(message) = next(&mut set)? {
        last = Some(message.offset);
    }
    Ok(last)
}

/// Takes the next whole message off a set.
pub(crate) fn next<'a>(set: &mut &'a [u8]) -> Result<Option<Message<'a>>, BatchError> {
    match Message::take(set) {
        Ok(message) => Ok(Some(message)),
        Err(BatchError::Truncated { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Placement {
    /// When a message of the set was made or appended.
    pub(crate) fn timestamp(&self, message: &Message<'_>) -> Timestamp {
        match (message.format, self.append_time) {
            (OldFormat::V0, _) => Timestamp::NONE,
            (OldFormat::V1, Some(append_time)) => append_time,
            (OldFormat::V1, None) => message.timestamp,
        }
    }

    /// A message of the set as a record.
    pub(crate) fn record<'a>(&self, message: &Message<'a>) -> Result<RecordView<'a>, &'static str> {
        if self.wrapped && message.compression() != Ok(Compression::None) {
            return Err("it is compressed within a compressed message");
        }
        let offset = message.offset.checked_add(self.shift).filter(|offset| *offset >= 0);
        Ok(RecordView {
            offset: Offset::new(offset.ok_or("its offset is impossible")?),
            timestamp: self.timestamp(message),
            sequence: Sequence::NONE,
            key: message.key,
            value: message.value,
            headers: Headers::none(),
        })
    }
}
