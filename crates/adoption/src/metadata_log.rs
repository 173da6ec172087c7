//! `__cluster_metadata-0`: the newest snapshot and the log after it, as record values in order.
//!
//! The log of a single voter is committed as far as it is whole; who the voters are stands in control
//! records. A last batch that is not whole was being written when the process was killed. It is damage,
//! and an error, where a whole batch follows it, or Kafka was stopped cleanly.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use model::Offset;
use records::{
    BatchHeader, ControlType, HEADER_LENGTH, UNCOMPRESSED_BYTES_MAX, control_type, records_of,
    verify_crc,
};
use storage::fs::{File, FileSystem, OpenMode, read_full_at};

use crate::error::{AdoptionError, RecordError};

/// The folder of the metadata log within a data folder.
pub(crate) const FOLDER: &str = "__cluster_metadata-0";
/// The topic that the log is a partition of.
pub(crate) const TOPIC: &str = "__cluster_metadata";
/// The records that a folder was formatted with, which the node copies into its log at its first
/// start.
const BOOTSTRAP: &str = "bootstrap.checkpoint";
/// The type of the control record with which a snapshot ends.
const SNAPSHOT_FOOTER: ControlType = ControlType::Other(4);

/// How much is read at once in search of a batch behind a flaw.
const SEARCH_BYTES: u64 = 1024 * 1024;

/// Takes the values of the records in the order of the log.
pub(crate) trait Sink {
    /// One record.
    fn record(&mut self, offset: Offset, value: Bytes) -> Result<(), RecordError>;
    /// One record of the log's own. Those of a snapshot have the offset of its end; the log may go on
    /// with some that are older.
    fn control(
        &mut self,
        offset: Offset,
        kind: ControlType,
        value: Bytes,
    ) -> Result<(), RecordError>;
}

/// Reads everything that a metadata log's folder holds; gives the end of the log. After a clean stop
/// nothing is cut off.
pub(crate) fn read(
    file_system: &dyn FileSystem,
    folder: &Path,
    is_stopped_cleanly: bool,
    sink: &mut dyn Sink,
) -> Result<Offset, AdoptionError> {
    let entries = file_system.list(folder).map_err(AdoptionError::io("list", folder))?;
    let names = || entries.iter().map(|entry| entry.name.as_str());
    let newest = names().filter_map(|name| Some((snapshot_end(name)?, name))).max();
    let start = match newest {
        Some((end, name)) => {
            read_snapshot(file_system, &folder.join(name), end, sink)?;
            end
        }
        None => Offset::ZERO,
    };
    let mut segments: Vec<(Offset, &str)> =
        names().filter_map(|name| Some((segment_base(name)?, name))).collect();
    segments.sort_unstable();
    let log = Segments { folder, segments: &segments, is_stopped_cleanly };
    let end = log.read(file_system, start, sink)?;
    let bootstrap = folder.with_file_name(BOOTSTRAP);
    let exists =
        file_system.exists(&bootstrap).map_err(AdoptionError::io("look up", &bootstrap))?;
    if end == Offset::ZERO && exists {
        read_snapshot(file_system, &bootstrap, end, sink)?;
    }
    Ok(end)
}

/// The end offset in the name of a snapshot: twenty digits, then the epoch's ten.
fn snapshot_end(name: &str) -> Option<Offset> {
    let (end, epoch) = name.strip_suffix(".checkpoint")?.split_once('-')?;
    (end.len() == 20 && epoch.len() == 10).then_some(())?;
    epoch.parse::<u32>().ok()?;
    end.parse().ok().map(Offset::new)
}

fn segment_base(name: &str) -> Option<Offset> {
    let digits = name.strip_suffix(".log")?;
    (digits.len() == 20).then(|| digits.parse().ok().map(Offset::new))?
}

/// A snapshot is renamed when it is whole: any flaw is damage.
fn read_snapshot(
    file_system: &dyn FileSystem,
    path: &Path,
    end: Offset,
    sink: &mut dyn Sink,
) -> Result<(), AdoptionError> {
    let mut file = BatchFile::open(file_system, path)?;
    let mut has_footer = false;
    while let Some(next) = file.next()? {
        let (position, header, batch) = match next {
            Next::Batch(position, header, batch) => (position, header, batch),
            Next::NotWhole { reason, .. } => {
                return Err(AdoptionError::damaged(path, file.position, reason));
            }
        };
        if header.is_control() {
            has_footer = is_footer(&batch);
            deliver_control(path, position, &batch, Some(end), sink)?;
        } else {
            deliver(path, position, &batch, Offset::ZERO, sink)?;
        }
    }
    if !has_footer && path.file_name().is_none_or(|name| name != BOOTSTRAP) {
        return Err(AdoptionError::damaged(path, file.position, "the snapshot has no end"));
    }
    Ok(())
}

fn is_footer(batch: &Bytes) -> bool {
    let Ok(records) = records_of(batch, UNCOMPRESSED_BYTES_MAX) else { return false };
    records.flatten().any(|record| {
        record.key.as_deref().and_then(control_type).is_some_and(|kind| kind == SNAPSHOT_FOOTER)
    })
}

/// The segments of the log, in their order.
struct Segments<'a> {
    folder: &'a Path,
    segments: &'a [(Offset, &'a str)],
    is_stopped_cleanly: bool,
}

impl Segments<'_> {
    /// Delivers what they hold from `start` on; gives where they end.
    fn read(
        &self,
        file_system: &dyn FileSystem,
        start: Offset,
        sink: &mut dyn Sink,
    ) -> Result<Offset, AdoptionError> {
        let segments = self.segments;
        let first = segments.partition_point(|(base, _)| *base <= start).saturating_sub(1);
        let mut expected = match segments.get(first) {
            Some((base, name)) if *base > start => {
                let reason =
                    format!("the log begins at {base}, and there is no snapshot up to there");
                return Err(AdoptionError::damaged(&self.folder.join(name), 0, reason));
            }
            Some((base, _)) => *base,
            None => return Ok(start),
        };
        for (at, (base, name)) in segments.iter().enumerate().skip(first) {
            let path = self.folder.join(name);
            if *base != expected {
                let reason = format!("the segment before it ends at {expected}");
                return Err(AdoptionError::damaged(&path, 0, reason));
            }
            let mut file = BatchFile::open(file_system, &path)?;
            let may_be_torn = at + 1 == segments.len() && !self.is_stopped_cleanly;
            while let Some(next) = file.next()? {
                let (position, header, batch) = match next {
                    Next::Batch(position, header, batch) => (position, header, batch),
                    // What was being written when the process was killed.
                    Next::NotWhole { is_end: true, .. }
                        if may_be_torn && !file.goes_on(expected)? =>
                    {
                        break;
                    }
                    Next::NotWhole { reason, .. } => {
                        return Err(AdoptionError::damaged(&path, file.position, reason));
                    }
                };
                if header.base_offset != expected {
                    let reason = format!("offset {} follows {expected}", header.base_offset);
                    return Err(AdoptionError::damaged(&path, position, reason));
                }
                expected = header.next_offset();
                if header.is_control() {
                    deliver_control(&path, position, &batch, None, sink)?;
                } else if expected > start {
                    deliver(&path, position, &batch, start, sink)?;
                }
            }
        }
        Ok(expected.max(start))
    }
}

/// Delivers the records of a control batch, with the offset `at` where that is not their own.
fn deliver_control(
    path: &Path,
    position: u64,
    batch: &Bytes,
    at: Option<Offset>,
    sink: &mut dyn Sink,
) -> Result<(), AdoptionError> {
    let damaged = |reason: String| AdoptionError::damaged(path, position, reason);
    let records =
        records_of(batch, UNCOMPRESSED_BYTES_MAX).map_err(|error| damaged(error.to_string()))?;
    for record in records {
        let record = record.map_err(|error| damaged(error.to_string()))?;
        let Some(kind) = record.key.as_deref().and_then(control_type) else { continue };
        let value = record.value.unwrap_or_default();
        sink.control(at.unwrap_or(record.offset), kind, value).map_err(|error| {
            damaged(format!("the control record at offset {}: {error}", record.offset))
        })?;
    }
    Ok(())
}

fn deliver(
    path: &Path,
    position: u64,
    batch: &Bytes,
    from: Offset,
    sink: &mut dyn Sink,
) -> Result<(), AdoptionError> {
    let damaged = |reason: String| AdoptionError::damaged(path, position, reason);
    let records =
        records_of(batch, UNCOMPRESSED_BYTES_MAX).map_err(|error| damaged(error.to_string()))?;
    for record in records {
        let record = record.map_err(|error| damaged(error.to_string()))?;
        let Some(value) = record.value.filter(|_| record.offset >= from) else { continue };
        sink.record(record.offset, value).map_err(|error| match error {
            RecordError::Unknown { key, version } => {
                let offset = record.offset.get();
                AdoptionError::Unknown { path: path.to_owned(), offset, key, version }
            }
            other => damaged(format!("the record at offset {}: {other}", record.offset)),
        })?;
    }
    Ok(())
}

/// What lies at a position of a file of batches.
enum Next {
    /// A whole batch.
    Batch(u64, BatchHeader, Bytes),
    /// Nothing whole. `is_end` when it tells of no place at which something could follow.
    NotWhole { reason: String, is_end: bool },
}

/// The batches of a file, one after the other; no claimed length is believed beyond the file.
struct BatchFile {
    file: Box<dyn File>,
    path: PathBuf,
    length: u64,
    position: u64,
}

impl BatchFile {
    fn open(file_system: &dyn FileSystem, path: &Path) -> Result<Self, AdoptionError> {
        let io = |action| AdoptionError::io(action, path);
        let file = file_system.open(path, OpenMode::Read).map_err(io("open"))?;
        let length = file.length().map_err(io("measure"))?;
        Ok(Self { file, path: path.to_owned(), length, position: 0 })
    }

    fn next(&mut self) -> Result<Option<Next>, AdoptionError> {
        let left = self.length - self.position;
        if left == 0 {
            return Ok(None);
        }
        let torn = |reason: String| Ok(Some(Next::NotWhole { reason, is_end: true }));
        let header = self.read(self.position, left.min(HEADER_LENGTH as u64) as usize)?;
        let header = match BatchHeader::parse(&header) {
            Ok(header) => header,
            Err(error) => return torn(error.to_string()),
        };
        let size = header.size_in_bytes();
        if size as u64 > left {
            return torn(format!("a batch of {size} bytes is cut off"));
        }
        let batch = self.read(self.position, size)?;
        if let Err(error) = verify_crc(&batch) {
            let is_end = size as u64 == left;
            return Ok(Some(Next::NotWhole { reason: error.to_string(), is_end }));
        }
        let position = self.position;
        self.position += size as u64;
        Ok(Some(Next::Batch(position, header, batch)))
    }

    /// Whether a whole batch with this offset or one after it begins anywhere behind the flaw that was
    /// found last: then the flaw is no end of the log.
    fn goes_on(&self, expected: Offset) -> Result<bool, AdoptionError> {
        let mut start = self.position + 1;
        loop {
            let window =
                self.read(start, self.length.saturating_sub(start).min(SEARCH_BYTES) as usize)?;
            // A header that the window cuts is seen whole in the next.
            let mut places = 0;
            for (place, bytes) in window.windows(HEADER_LENGTH).enumerate() {
                places = place as u64 + 1;
                let Ok(header) = BatchHeader::parse(bytes) else { continue };
                let left = self.length - start - place as u64;
                // No offset takes less than a byte, so a batch that is much ahead is none.
                let ahead = header.base_offset.get().saturating_sub(expected.get());
                let is_plausible = u64::try_from(ahead).is_ok_and(|ahead| ahead <= self.length);
                let size = header.size_in_bytes();
                if is_plausible
                    && size as u64 <= left
                    && verify_crc(&self.read(start + place as u64, size)?).is_ok()
                {
                    return Ok(true);
                }
            }
            if places == 0 {
                return Ok(false);
            }
            start += places;
        }
    }

    fn read(&self, position: u64, length: usize) -> Result<Bytes, AdoptionError> {
        let mut bytes = vec![0; length];
        let read = read_full_at(&*self.file, position, &mut bytes)
            .map_err(AdoptionError::io("read", &self.path))?;
        bytes.truncate(read);
        Ok(bytes.into())
    }
}
