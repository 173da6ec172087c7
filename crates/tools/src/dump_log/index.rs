//! `.index` and `.timeindex` files: their entries, and whether these agree with the records.

use std::io::{self, Write};

use records::{BatchBody, UNCOMPRESSED_BYTES_MAX};

use super::batch::{self, Found, Head};
use super::source::Source;

/// What is done with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Only what a start of the node checks.
    Sanity,
    /// Every entry is compared with the records.
    Verify,
    /// The same, and every entry is printed.
    Print,
}

/// How many disagreements are remembered of an index.
const REMEMBERED_MAX: usize = 10_000;
/// A relative offset and a position.
const OFFSET_ENTRY_BYTES: u64 = 8;
/// A timestamp and a relative offset.
const TIME_ENTRY_BYTES: u64 = 12;

/// An index and the offset that its entries count from.
#[derive(Debug)]
pub(super) struct Index<'a, S> {
    /// Its bytes.
    pub(super) source: &'a S,
    /// The offset in the names of its files.
    pub(super) base_offset: i64,
}

impl<S: Source> Index<'_, S> {
    fn entries(&self, size: u64) -> u64 {
        self.source.length() / size
    }

    /// Offset and position of an entry of an offset index.
    fn offset_entry(&self, slot: u64) -> io::Result<(i64, i32)> {
        let entry = self.entry::<8>(slot)?;
        let (offset, position) = entry.split_at(4);
        Ok((self.offset(int32(offset)), int32(position)))
    }

    /// Timestamp and offset of an entry of a time index.
    fn time_entry(&self, slot: u64) -> io::Result<(i64, i64)> {
        let entry = self.entry::<12>(slot)?;
        let mut timestamp = [0; 8];
        timestamp.copy_from_slice(&entry[..8]);
        Ok((i64::from_be_bytes(timestamp), self.offset(int32(&entry[8..]))))
    }

    fn offset(&self, relative: i32) -> i64 {
        self.base_offset.wrapping_add(relative.into())
    }

    fn entry<const N: usize>(&self, slot: u64) -> io::Result<[u8; N]> {
        let mut entry = [0; N];
        let read = self.source.read_at(slot * N as u64, &mut entry)?;
        if read < N { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(entry) }
    }

    /// The position of the last entry whose offset is not after `offset`; 0 without one.
    fn lookup(&self, offset: i64) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.entries(OFFSET_ENTRY_BYTES));
        let mut found = 0;
        while low < high {
            let middle = low + (high - low) / 2;
            let (at, position) = self.offset_entry(middle)?;
            // Zeros at the end of the file are no entries.
            if at > offset || (at == self.base_offset && middle > 0) {
                high = middle;
            } else {
                found = u64::try_from(position).unwrap_or(0);
                low = middle + 1;
            }
        }
        Ok(found)
    }
}

fn int32(bytes: &[u8]) -> i32 {
    bytes.first_chunk().map_or(0, |bytes| i32::from_be_bytes(*bytes))
}

/// What disagrees in an offset index: an entry's offset, and what the records say.
pub(super) type Mismatches = Vec<(i64, String)>;

/// Dumps an offset index called `name`; the inner error says that the index is no index.
pub(super) fn offsets<S: Source>(
    name: &str,
    index: &Index<'_, S>,
    log: &impl Source,
    check: Check,
    message_bytes_max: u64,
    out: &mut impl Write,
) -> io::Result<Result<Mismatches, String>> {
    let mut mismatches = Vec::new();
    let entries = index.entries(OFFSET_ENTRY_BYTES);
    if entries == 0 {
        writeln!(out, "{name} is empty.")?;
        return Ok(Ok(mismatches));
    }
    if check == Check::Sanity {
        return offsets_are_sane(name, index, out);
    }
    for slot in 0..entries {
        let (offset, position) = index.offset_entry(slot)?;
        // What was preallocated and never written.
        if offset == index.base_offset && slot > 0 {
            break;
        }
        let start = u64::try_from(position).unwrap_or(u64::MAX);
        let end = start.saturating_add(message_bytes_max).min(log.length());
        let found = if start < end { batch::peek(log, start, end)? } else { Err(Found::Rest) };
        let in_log = match found {
            Ok((head, _)) if head.last_offset() == offset => None,
            Ok((head, _)) => Some(head.last_offset().to_string()),
            Err(_) => Some(format!("none, no batch begins at position {position}")),
        };
        if let Some(in_log) = in_log.filter(|_| mismatches.len() < REMEMBERED_MAX) {
            mismatches.push((offset, in_log));
        }
        if check == Check::Print {
            writeln!(out, "offset: {offset} position: {position}")?;
        }
    }
    // Kafka tells them from the last to the first.
    mismatches.reverse();
    Ok(Ok(mismatches))
}

fn offsets_are_sane<S: Source>(
    name: &str,
    index: &Index<'_, S>,
    out: &mut impl Write,
) -> io::Result<Result<Mismatches, String>> {
    let (last, _) = index.offset_entry(index.entries(OFFSET_ENTRY_BYTES) - 1)?;
    if last < index.base_offset {
        return Ok(Err(format!(
            "the last offset {last} is before the base offset {}",
            index.base_offset
        )));
    }
    whole_entries(name, index.source, OFFSET_ENTRY_BYTES, out).map(|sane| sane.map(|()| Vec::new()))
}

fn whole_entries(
    name: &str,
    source: &impl Source,
    size: u64,
    out: &mut impl Write,
) -> io::Result<Result<(), String>> {
    let length = source.length();
    if !length.is_multiple_of(size) {
        return Ok(Err(format!("its length of {length} bytes is no multiple of {size}")));
    }
    writeln!(out, "{name} passed sanity check.")?;
    Ok(Ok(()))
}

/// What disagrees in a time index.
#[derive(Debug, Default)]
pub(super) struct TimeFindings {
    /// Timestamps of the index, and of the records.
    pub(super) mismatches: Vec<(i64, i64)>,
    /// Timestamps, and the one before that is not smaller.
    pub(super) disorder: Vec<(i64, i64)>,
    /// Offsets without a batch that ends with them, and where the batch ends instead.
    pub(super) missing: Vec<(i64, i64)>,
}

impl TimeFindings {
    /// Whether nothing disagrees.
    pub(super) fn is_empty(&self) -> bool {
        self.mismatches.is_empty() && self.disorder.is_empty() && self.missing.is_empty()
    }
}

/// Dumps a time index called `name`; the inner error says that the index is no index.
pub(super) fn times<S: Source>(
    name: &str,
    index: &Index<'_, S>,
    offset_index: &Index<'_, S>,
    log: &impl Source,
    check: Check,
    out: &mut impl Write,
) -> io::Result<Result<TimeFindings, String>> {
    let mut findings = TimeFindings::default();
    let entries = index.entries(TIME_ENTRY_BYTES);
    if check == Check::Sanity {
        return times_are_sane(name, index, out).map(|sane| sane.map(|()| findings));
    }
    let mut previous = -1;
    for slot in 0..entries {
        let (timestamp, offset) = index.time_entry(slot)?;
        // What was preallocated and never written.
        if offset == index.base_offset && slot > 0 {
            break;
        }
        let remember = |list: &mut Vec<(i64, i64)>, entry| {
            if list.len() < REMEMBERED_MAX {
                list.push(entry);
            }
        };
        match batch_with(log, offset_index.lookup(offset)?, offset)? {
            None => remember(&mut findings.missing, (offset, -1)),
            Some((_, head)) if head.last_offset() != offset => {
                remember(&mut findings.missing, (offset, head.last_offset()));
            }
            Some((position, _)) => {
                let latest = latest_timestamp(log, position)?;
                if latest != timestamp {
                    remember(&mut findings.mismatches, (timestamp, latest));
                }
                if previous >= timestamp {
                    remember(&mut findings.disorder, (timestamp, previous));
                }
            }
        }
        if check == Check::Print {
            writeln!(out, "timestamp: {timestamp} offset: {offset}")?;
        }
        previous = timestamp;
    }
    Ok(Ok(findings))
}

fn times_are_sane<S: Source>(
    name: &str,
    index: &Index<'_, S>,
    out: &mut impl Write,
) -> io::Result<Result<(), String>> {
    if let Some(last) = index.entries(TIME_ENTRY_BYTES).checked_sub(1) {
        let (first_time, _) = index.time_entry(0)?;
        let (last_time, last_offset) = index.time_entry(last)?;
        if last_time < first_time {
            return Ok(Err(format!(
                "the last timestamp {last_time} is before the first, {first_time}"
            )));
        }
        if last_offset < index.base_offset {
            return Ok(Err(format!(
                "the last offset {last_offset} is before the base offset {}",
                index.base_offset
            )));
        }
    }
    whole_entries(name, index.source, TIME_ENTRY_BYTES, out)
}

/// The first batch from `position` on that does not end before `offset`.
fn batch_with(
    log: &impl Source,
    mut position: u64,
    offset: i64,
) -> io::Result<Option<(u64, Head)>> {
    while let Ok((head, size)) = batch::peek(log, position, log.length())? {
        if head.last_offset() >= offset {
            return Ok(Some((position, head)));
        }
        position += size as u64;
    }
    Ok(None)
}

/// The latest timestamp of the records of a batch that can be read; -1 without one.
fn latest_timestamp(log: &impl Source, position: u64) -> io::Result<i64> {
    let Found::Batch(batch) = batch::find(log, position, log.length())? else {
        return Ok(-1);
    };
    let Ok(body) = BatchBody::decode(&batch.bytes, UNCOMPRESSED_BYTES_MAX) else {
        return Ok(-1);
    };
    let times = body.records().map_while(Result::ok).map(|record| record.timestamp.get());
    Ok(times.max().unwrap_or(-1).max(-1))
}
