//! Reading the records inside a batch.
//!
//! A record is a varint of its length, then attributes (1 byte), timestamp delta, offset delta, key,
//! value and headers, all varints and length-prefixed bytes; a length of -1 is null. Every record
//! must fill its length exactly, and a batch must hold as many as its header says. The messages of
//! formats v0 and v1 are read as records, too; see [`crate::message_set`].

use std::borrow::Cow;

use bytes::Bytes;
use model::{Offset, Sequence, Timestamp};

use crate::compression::Compression;
use crate::error::BatchError;
use crate::header::{BatchHeader, HEADER_LENGTH, TimestampType};
use crate::message_set::{self, Placement};
use crate::varint;

/// The smallest record: a length and six bytes of one-byte fields.
pub(crate) const RECORD_LENGTH_MIN: usize = 7;

/// The decompressed records of one batch.
#[derive(Debug, Clone)]
pub struct BatchBody<'a> {
    header: BatchHeader,
    bytes: Cow<'a, [u8]>,
    old: Option<Placement>,
}

impl<'a> BatchBody<'a> {
    /// Decompresses the batch that fills `batch` to at most `uncompressed_bytes_max` bytes; without
    /// compression it only borrows. The CRC is not checked.
    pub fn decode(batch: &'a [u8], uncompressed_bytes_max: usize) -> Result<Self, BatchError> {
        let (header, batch) = split(batch)?;
        if header.old_format().is_some() {
            let (bytes, placement) = message_set::open(batch, uncompressed_bytes_max)?;
            return Ok(Self { header, bytes, old: Some(placement) });
        }
        let payload = &batch[HEADER_LENGTH..];
        let bytes = match header.compression()? {
            Compression::None => Cow::Borrowed(payload),
            codec => Cow::Owned(codec.decompress(payload, uncompressed_bytes_max)?),
        };
        Ok(Self { header, bytes, old: None })
    }

    /// The batch's header.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The decompressed records.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The records, in order. After an error the iterator ends.
    pub fn records(&self) -> RecordViews<'_> {
        let rest = &*self.bytes;
        RecordViews { header: self.header, old: self.old, rest, index: 0, failed: false }
    }

    /// The CRC of each message of an old format, and whether it is right; none for record batches,
    /// whose records have no CRC of their own.
    pub fn message_crcs(&self) -> impl Iterator<Item = (u32, bool)> {
        let mut rest = if self.old.is_some() { &*self.bytes } else { &[] };
        std::iter::from_fn(move || {
            let message = message_set::next(&mut rest).ok().flatten()?;
            Some((message.crc(), message.verify_crc().is_ok()))
        })
    }
}

/// The header of a batch of any format, and its bytes without what follows it. Those of a record
/// batch are at least as many as its header has.
fn split(batch: &[u8]) -> Result<(BatchHeader, &[u8]), BatchError> {
    let header = BatchHeader::parse_any_format(batch)?;
    let needed = header.size_in_bytes();
    let whole =
        batch.get(..needed).ok_or(BatchError::Truncated { needed, available: batch.len() })?;
    Ok((header, whole))
}

/// One record, borrowed from its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordView<'a> {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp, or the append time of its batch.
    pub timestamp: Timestamp,
    /// Its sequence, or [`Sequence::NONE`].
    pub sequence: Sequence,
    /// The key, if there is one.
    pub key: Option<&'a [u8]>,
    /// The value; null is a tombstone.
    pub value: Option<&'a [u8]>,
    /// The headers.
    pub headers: Headers<'a>,
}

/// The headers of a record, read as one iterates. They were checked when the record was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    count: usize,
    rest: &'a [u8],
}

impl Headers<'_> {
    /// No headers, as in the formats before record batches.
    pub(crate) const fn none() -> Self {
        Self { count: 0, rest: &[] }
    }

    /// How many headers are left.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.count = self.count.checked_sub(1)?;
        let key = nullable(&mut self.rest)??;
        let value = nullable(&mut self.rest)?;
        // Java clients write UTF-8; whatever else is there is kept out of the name.
        Some((valid_prefix(key), value))
    }
}

fn valid_prefix(key: &[u8]) -> &str {
    match std::str::from_utf8(key) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&key[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// Iterates the records of a [`BatchBody`].
#[derive(Debug, Clone)]
pub struct RecordViews<'a> {
    header: BatchHeader,
    old: Option<Placement>,
    rest: &'a [u8],
    index: usize,
    failed: bool,
}

impl<'a> RecordViews<'a> {
    /// The bytes of the records that are left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for RecordViews<'a> {
    type Item = Result<RecordView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let count = self.header.record_count as usize;
        let item = if let Some(placement) = self.old {
            match message_set::next(&mut self.rest).transpose()? {
                Ok(message) => placement.record(&message),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        } else if self.index < count {
            read(&self.header, &mut self.rest)
        } else if self.rest.is_empty() {
            return None;
        } else {
            Err("bytes follow the last record")
        };
        let index = self.index;
        self.index += 1;
        self.failed = item.is_err();
        Some(item.map_err(|reason| BatchError::InvalidRecord { index, reason }))
    }
}

/// Takes one record off the front of `rest`.
fn read<'a>(header: &BatchHeader, rest: &mut &'a [u8]) -> Result<RecordView<'a>, &'static str> {
    const CUT: &str = "it ends too early";
    let mut body = take_body(rest)?;
    let (_attributes, fields) = body.split_first().ok_or(CUT)?;
    body = fields;
    let timestamp_delta = varint::read_long(&mut body).ok_or(CUT)?;
    let offset_delta = varint::read(&mut body).ok_or(CUT)?;
    let key = nullable(&mut body).ok_or(CUT)?;
    let value = nullable(&mut body).ok_or(CUT)?;
    let header_count = varint::read(&mut body).ok_or(CUT)?;
    let headers = headers(body, header_count)?;
    if offset_delta < 0 || offset_delta > header.last_offset_delta {
        return Err("its offset lies outside of the batch");
    }
    let timestamp = match header.timestamp_type() {
        TimestampType::LogAppendTime => header.max_timestamp,
        TimestampType::CreateTime => {
            Timestamp::new(header.base_timestamp.get().wrapping_add(timestamp_delta))
        }
    };
    let sequence = if header.base_sequence.get() < 0 {
        Sequence::NONE
    } else {
        header.base_sequence.plus(offset_delta)
    };
    let offset = header.base_offset.plus(i64::from(offset_delta));
    Ok(RecordView { offset, timestamp, sequence, key, value, headers })
}

/// Whether key, value and headers, which are all that `body` has left, can be read; and whether there
/// is a key.
#[inline]
pub(crate) fn check_fields(mut body: &[u8]) -> Result<bool, &'static str> {
    const CUT: &str = "it ends too early";
    let key = nullable(&mut body).ok_or(CUT)?;
    nullable(&mut body).ok_or(CUT)?;
    let header_count = varint::read(&mut body).ok_or(CUT)?;
    headers(body, header_count)?;
    Ok(key.is_some())
}

/// Takes the length and then the bytes of one record off the front of `rest`.
#[inline]
pub(crate) fn take_body<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], &'static str> {
    let length = varint::read(rest).ok_or("its length is cut")?;
    let length = usize::try_from(length).map_err(|_| "its length is negative")?;
    let (body, after) = rest.split_at_checked(length).ok_or("it is longer than the batch")?;
    *rest = after;
    Ok(body)
}

/// Takes nullable bytes off the front. The outer `None` means that they are malformed.
#[inline]
fn nullable<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = varint::read(rest)?;
    if length == -1 {
        return Some(None);
    }
    let (bytes, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(Some(bytes))
}

fn headers(bytes: &[u8], count: i32) -> Result<Headers<'_>, &'static str> {
    let count = usize::try_from(count).map_err(|_| "its header count is negative")?;
    let mut rest = bytes;
    for _ in 0..count {
        // Each turn takes at least a byte, so a lying count ends with the bytes.
        nullable(&mut rest).flatten().ok_or("a header key is malformed")?;
        nullable(&mut rest).ok_or("a header value is malformed")?;
    }
    if !rest.is_empty() {
        return Err("its length does not match its fields");
    }
    Ok(Headers { count, rest: bytes })
}

/// A header of a [`Record`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub key: String,
    /// Its value, if there is one.
    pub value: Option<Bytes>,
}

/// One record that shares the memory of its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp, or the append time of its batch.
    pub timestamp: Timestamp,
    /// Its sequence, or [`Sequence::NONE`].
    pub sequence: Sequence,
    /// The key, if there is one.
    pub key: Option<Bytes>,
    /// The value; null is a tombstone.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Vec<Header>,
}

/// The records of the batch that fills `batch`, which decompresses to at most
/// `uncompressed_bytes_max` bytes. After an error the iterator ends. The CRC is not checked.
pub fn records_of(
    batch: &Bytes,
    uncompressed_bytes_max: usize,
) -> Result<OwnedRecords, BatchError> {
    let body = BatchBody::decode(batch, uncompressed_bytes_max)?;
    let bytes = match body.bytes {
        Cow::Borrowed(payload) => batch.slice_ref(payload),
        Cow::Owned(decompressed) => Bytes::from(decompressed),
    };
    let (header, old) = (body.header, body.old);
    Ok(OwnedRecords { header, old, bytes, position: 0, index: 0, failed: false })
}

/// Iterates the records of a batch; see [`records_of`].
#[derive(Debug, Clone)]
pub struct OwnedRecords {
    header: BatchHeader,
    old: Option<Placement>,
    bytes: Bytes,
    position: usize,
    index: usize,
    failed: bool,
}

impl OwnedRecords {
    /// The batch's header.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }
}

impl Iterator for OwnedRecords {
    type Item = Result<Record, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let (header, old, index) = (self.header, self.old, self.index);
        let mut views = RecordViews { header, old, rest, index, failed: self.failed };
        let item = views.next()?;
        let (left, index, failed) = (views.rest.len(), views.index, views.failed);
        let item = item.map(|view| view.share(&self.bytes));
        self.position = self.bytes.len() - left;
        (self.index, self.failed) = (index, failed);
        Some(item)
    }
}

impl RecordView<'_> {
    /// The record with its bytes shared from `owner`, of which they are a part.
    fn share(&self, owner: &Bytes) -> Record {
        let share = |bytes: Option<&[u8]>| bytes.map(|bytes| owner.slice_ref(bytes));
        Record {
            offset: self.offset,
            timestamp: self.timestamp,
            sequence: self.sequence,
            key: share(self.key),
            value: share(self.value),
            headers: self
                .headers
                .map(|(key, value)| Header { key: key.to_owned(), value: share(value) })
                .collect(),
        }
    }
}

/// What a record of a control batch says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlType {
    /// The transaction was aborted.
    Abort,
    /// The transaction was committed.
    Commit,
    /// A marker of a metadata quorum, or of a version to come; readers skip it.
    Other(i16),
}

/// The kind of a control record by its key (a version, then a type); `None` when the key is cut.
pub fn control_type(key: &[u8]) -> Option<ControlType> {
    let number = key.get(2..4)?;
    Some(match i16::from_be_bytes([number[0], number[1]]) {
        0 => ControlType::Abort,
        1 => ControlType::Commit,
        other => ControlType::Other(other),
    })
}
