//! Writes a cleaned segment: its records, indexes and aborted transactions, in files that end in
//! `.cleaned`, all safe on the disk before they replace anything.

use std::path::{Path, PathBuf};

use model::{Offset, Timestamp};
use records::BatchHeader;

use super::CleanError;
use super::source::Source;
use crate::error::IoContext;
use crate::file_names::{CLEANED, LOG, OFFSET_INDEX, TIME_INDEX, TRANSACTION_INDEX};
use crate::fs::{OpenMode, SegmentFile, write_all_at};
use crate::segment_index::{IndexLimits, SegmentIndex};
use crate::transaction_index::{AbortedTransaction, encode_all};

/// Kafka's positions are signed.
const SEGMENT_BYTES_MAX: u64 = i32::MAX as u64;

/// A segment that is being written.
#[derive(Debug)]
pub(super) struct SegmentWriter {
    base_offset: Offset,
    path: PathBuf,
    log: SegmentFile,
    /// Bytes in the file, and those that gather.
    written: u64,
    pending: Vec<u8>,
    index: SegmentIndex,
    limits: IndexLimits,
    aborted: Vec<AbortedTransaction>,
}

/// A segment that was written and waits to replace others.
#[derive(Debug)]
pub(crate) struct NewSegment {
    pub(crate) base_offset: Offset,
    pub(crate) size: u32,
    pub(crate) created: Timestamp,
    /// The endings of its files; that of the records comes first.
    pub(crate) endings: Vec<&'static str>,
}

impl NewSegment {
    /// Its files as they are called now.
    pub(crate) fn cleaned_paths(&self, source: &Source) -> Vec<PathBuf> {
        let path = |ending| source.file_path(self.base_offset, &format!("{ending}{CLEANED}"));
        self.endings.iter().map(path).collect()
    }
}

fn cleaned_path(source: &Source, base_offset: Offset, ending: &str) -> PathBuf {
    source.file_path(base_offset, &format!("{ending}{CLEANED}"))
}

/// A new, empty file.
fn create(source: &Source, path: &Path) -> Result<SegmentFile, CleanError> {
    let file = source.open(path, OpenMode::Create)?;
    file.handle().set_length(0).during("empty", path)?;
    Ok(file)
}

impl SegmentWriter {
    pub(super) fn create(
        source: &Source,
        base_offset: Offset,
        limits: IndexLimits,
    ) -> Result<Self, CleanError> {
        let path = cleaned_path(source, base_offset, LOG);
        Ok(Self {
            base_offset,
            log: create(source, &path)?,
            path,
            written: 0,
            pending: Vec::new(),
            index: SegmentIndex::empty(base_offset),
            limits,
            aborted: Vec::new(),
        })
    }

    fn size(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// Whether a batch has to go to another segment. The first of a segment never has to.
    pub(super) fn is_full_for(&self, batch: &BatchHeader) -> bool {
        self.size() > 0
            && (self.size() + batch.size_in_bytes() as u64 > SEGMENT_BYTES_MAX
                || SegmentIndex::relative(self.base_offset, batch.last_offset()).is_none()
                || self.index.is_full(self.limits))
    }

    /// Adds a batch.
    pub(super) fn push(&mut self, batch: &BatchHeader, bytes: &[u8]) {
        self.index.note_batch(batch, self.size() as u32, self.limits.interval_bytes);
        self.pending.extend_from_slice(bytes);
    }

    /// Adds a transaction whose marker was added.
    pub(super) fn push_aborted(&mut self, aborted: AbortedTransaction) {
        self.aborted.push(aborted);
    }

    /// Writes what gathered, if that is so much; returns the bytes written.
    pub(super) fn flush_if(&mut self, bytes: usize) -> Result<u64, CleanError> {
        if self.pending.len() < bytes.max(1) {
            return Ok(0);
        }
        write_all_at(self.log.handle(), self.written, &self.pending).during("write", &self.path)?;
        let flushed = self.pending.len() as u64;
        self.written += flushed;
        self.pending.clear();
        Ok(flushed)
    }

    /// Ends the segment and waits until all its files are safe.
    pub(super) fn finish(
        &mut self,
        source: &Source,
        created: Timestamp,
    ) -> Result<NewSegment, CleanError> {
        self.flush_if(0)?;
        self.log.handle().sync_data().during("sync", &self.path)?;
        let mut endings = vec![LOG];
        if !self.aborted.is_empty() {
            let path = cleaned_path(source, self.base_offset, TRANSACTION_INDEX);
            let file = create(source, &path)?;
            write_all_at(file.handle(), 0, &encode_all(&self.aborted)).during("write", &path)?;
            file.handle().sync_data().during("sync", &path)?;
            endings.push(TRANSACTION_INDEX);
        }
        let paths =
            [OFFSET_INDEX, TIME_INDEX].map(|ending| cleaned_path(source, self.base_offset, ending));
        let (offsets, times) = (create(source, &paths[0])?, create(source, &paths[1])?);
        self.index.push_largest_time();
        self.index.write_to(offsets.handle(), times.handle()).during("write", &paths[0])?;
        offsets.handle().sync_data().during("sync", &paths[0])?;
        times.handle().sync_data().during("sync", &paths[1])?;
        endings.extend([OFFSET_INDEX, TIME_INDEX]);
        Ok(NewSegment {
            base_offset: self.base_offset,
            size: self.written as u32,
            created,
            endings,
        })
    }

    /// The files that it may have made.
    pub(super) fn paths(&self, source: &Source) -> Vec<PathBuf> {
        let endings = [LOG, TRANSACTION_INDEX, OFFSET_INDEX, TIME_INDEX];
        endings.iter().map(|ending| cleaned_path(source, self.base_offset, ending)).collect()
    }
}
