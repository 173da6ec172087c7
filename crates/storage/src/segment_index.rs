//! The two sparse indexes of a segment, as Kafka writes them.
//!
//! `.index` maps the last offset of a batch to the batch's position (4 + 4 bytes, the offset
//! relative to the segment's base); `.timeindex` maps the largest timestamp so far to the last
//! offset of its batch (8 + 4 bytes). An entry is added once more than `index.interval.bytes` lie
//! between it and the one before.

use std::io;

use model::{Offset, Timestamp};
use records::BatchHeader;

use crate::error::{IoContext, StorageError};
use crate::fs::{File, OpenMode, SegmentFile};
use crate::index_file::{Entry, IndexFile};
use crate::open_files::{FileKind, Folder};

const OFFSET_ENTRY_BYTES: usize = 8;
const TIME_ENTRY_BYTES: usize = 12;

/// A timestamp and the last offset of the batch that carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimestampOffset {
    pub(crate) timestamp: Timestamp,
    pub(crate) offset: Offset,
}

/// How large the indexes may become and how dense they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexLimits {
    pub(crate) index_bytes: u32,
    pub(crate) interval_bytes: u32,
}

/// Both indexes of a segment.
#[derive(Debug)]
pub(crate) struct SegmentIndex {
    base_offset: Offset,
    offsets: IndexFile,
    times: IndexFile,
    /// The last entry of the time index; (-1, base offset) when it has none.
    last_time: TimestampOffset,
    /// The largest timestamp of the segment so far.
    largest: TimestampOffset,
    bytes_since_entry: u32,
    /// Both files, open as long as they have unsynced changes.
    held: Option<(SegmentFile, SegmentFile)>,
}

/// What an append changes, to take it back.
#[derive(Debug)]
pub(crate) struct IndexMark {
    offset_entries: u32,
    time_entries: u32,
    last_time: TimestampOffset,
    largest: TimestampOffset,
    bytes_since_entry: u32,
}

impl SegmentIndex {
    /// Indexes without entries.
    pub(crate) fn empty(base_offset: Offset) -> Self {
        let none = TimestampOffset { timestamp: Timestamp::NONE, offset: base_offset };
        Self {
            base_offset,
            offsets: IndexFile::empty(OFFSET_ENTRY_BYTES),
            times: IndexFile::empty(TIME_ENTRY_BYTES),
            last_time: none,
            largest: none,
            bytes_since_entry: 0,
            held: None,
        }
    }

    /// Reads the indexes of a segment of `size` bytes; `None` when one is missing or cannot be
    /// right, so that both have to be built again from the records.
    pub(crate) fn load(
        folder: &Folder,
        base_offset: Offset,
        size: u32,
    ) -> Result<Option<Self>, StorageError> {
        for kind in [FileKind::OffsetIndex, FileKind::TimeIndex] {
            let path = folder.file_path(base_offset, kind.ending());
            if !folder.file_system().exists(&path).during("look up", &path)? {
                return Ok(None);
            }
        }
        let offset_path = folder.file_path(base_offset, FileKind::OffsetIndex.ending());
        let (offset_file, time_file) = files(folder, base_offset)?;
        let mut index = Self::empty(base_offset);
        index.offsets = IndexFile::load(OFFSET_ENTRY_BYTES, offset_file.handle())
            .during("read", &offset_path)?;
        let time_path = folder.file_path(base_offset, FileKind::TimeIndex.ending());
        index.times =
            IndexFile::load(TIME_ENTRY_BYTES, time_file.handle()).during("read", &time_path)?;
        if let Some(entry) =
            index.offsets.last(offset_file.handle()).during("read", &offset_path)?
        {
            let (offset, position) = index.offset_entry(&entry);
            if offset < base_offset || position >= size {
                return Ok(None);
            }
        }
        if let Some(entry) = index.times.last(time_file.handle()).during("read", &time_path)? {
            index.last_time = index.time_entry(&entry);
            index.largest = index.last_time;
            let first = index.times.entry(time_file.handle(), 0).during("read", &time_path)?;
            if index.last_time.offset < base_offset
                || index.last_time.timestamp < index.time_entry(&first).timestamp
            {
                return Ok(None);
            }
        }
        Ok(Some(index))
    }

    fn offset_entry(&self, entry: &Entry) -> (Offset, u32) {
        let relative = i32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]);
        let position = u32::from_be_bytes([entry[4], entry[5], entry[6], entry[7]]);
        (self.base_offset.plus(i64::from(relative)), position)
    }

    fn time_entry(&self, entry: &Entry) -> TimestampOffset {
        let (timestamp, relative) = entry.split_at(8);
        let timestamp = timestamp.try_into().map(i64::from_be_bytes).unwrap_or(-1);
        let relative = relative.try_into().map(i32::from_be_bytes).unwrap_or(-1);
        TimestampOffset {
            timestamp: Timestamp::new(timestamp),
            offset: self.base_offset.plus(i64::from(relative)),
        }
    }

    /// The largest timestamp of the segment so far; (-1, base offset) when it has none.
    pub(crate) fn largest(&self) -> TimestampOffset {
        self.largest
    }

    /// Whether one index has no room for another entry; the time index keeps one for the end.
    pub(crate) fn is_full(&self, limits: IndexLimits) -> bool {
        self.offsets.count() >= limits.index_bytes / OFFSET_ENTRY_BYTES as u32
            || self.times.count() + 1 >= limits.index_bytes / TIME_ENTRY_BYTES as u32
    }

    pub(crate) fn mark(&self) -> IndexMark {
        IndexMark {
            offset_entries: self.offsets.count(),
            time_entries: self.times.count(),
            last_time: self.last_time,
            largest: self.largest,
            bytes_since_entry: self.bytes_since_entry,
        }
    }

    /// Takes back everything since the mark.
    pub(crate) fn rewind(&mut self, mark: IndexMark) {
        self.offsets.truncate(mark.offset_entries);
        self.times.truncate(mark.time_entries);
        self.last_time = mark.last_time;
        self.largest = mark.largest;
        self.bytes_since_entry = mark.bytes_since_entry;
    }

    /// Notes a batch that was appended at a position.
    pub(crate) fn note_batch(&mut self, batch: &BatchHeader, position: u32, interval_bytes: u32) {
        let last_offset = batch.last_offset();
        self.note_timestamp(batch);
        if self.bytes_since_entry > interval_bytes {
            self.push_offset(last_offset, position);
            self.push_largest_time();
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += batch.size_in_bytes() as u32;
    }

    /// Notes a batch that the entries found on the disk already speak for.
    pub(crate) fn note_timestamp(&mut self, batch: &BatchHeader) {
        // A batch that a cleaner emptied has no record of that time.
        let is_emptied = batch.record_count == 0 && batch.old_format().is_none();
        if !is_emptied && batch.max_timestamp > self.largest.timestamp {
            self.largest =
                TimestampOffset { timestamp: batch.max_timestamp, offset: batch.last_offset() };
        }
    }

    /// Whether an offset can be told relative to the base.
    pub(crate) fn relative(base_offset: Offset, offset: Offset) -> Option<i32> {
        i32::try_from(offset.since(base_offset)).ok().filter(|relative| *relative >= 0)
    }

    fn push_offset(&mut self, offset: Offset, position: u32) {
        // Segments roll before an offset does not fit.
        let Some(relative) = Self::relative(self.base_offset, offset) else { return };
        let mut entry = [0; OFFSET_ENTRY_BYTES];
        entry[..4].copy_from_slice(&relative.to_be_bytes());
        entry[4..].copy_from_slice(&position.to_be_bytes());
        self.offsets.push(&entry);
    }

    /// Adds the largest timestamp to the time index, when it is news.
    pub(crate) fn push_largest_time(&mut self) {
        if self.largest.timestamp <= self.last_time.timestamp {
            return;
        }
        let Some(relative) = Self::relative(self.base_offset, self.largest.offset) else { return };
        let mut entry = [0; TIME_ENTRY_BYTES];
        entry[..8].copy_from_slice(&self.largest.timestamp.get().to_be_bytes());
        entry[8..].copy_from_slice(&relative.to_be_bytes());
        self.times.push(&entry);
        self.last_time = self.largest;
    }

    /// The position of the last indexed batch whose last offset is at most `offset`, with that
    /// offset; (base offset, 0) when there is none.
    pub(crate) fn lookup_offset(
        &self,
        folder: &Folder,
        offset: Offset,
    ) -> Result<(Offset, u32), StorageError> {
        if self.offsets.count() == 0 {
            return Ok((self.base_offset, 0));
        }
        let path = folder.file_path(self.base_offset, FileKind::OffsetIndex.ending());
        let file = folder.open(self.base_offset, FileKind::OffsetIndex, OpenMode::Create)?;
        let after = self
            .offsets
            .partition_point(file.handle(), |entry| self.offset_entry(entry).0 <= offset)
            .during("read", &path)?;
        let Some(slot) = after.checked_sub(1) else { return Ok((self.base_offset, 0)) };
        let entry = self.offsets.entry(file.handle(), slot).during("read", &path)?;
        Ok(self.offset_entry(&entry))
    }

    /// The position of the last indexed batch that begins at or before `position`; 0 when there is
    /// none.
    pub(crate) fn lookup_position(
        &self,
        folder: &Folder,
        position: u32,
    ) -> Result<u32, StorageError> {
        if self.offsets.count() == 0 {
            return Ok(0);
        }
        let path = folder.file_path(self.base_offset, FileKind::OffsetIndex.ending());
        let file = folder.open(self.base_offset, FileKind::OffsetIndex, OpenMode::Create)?;
        let after = self
            .offsets
            .partition_point(file.handle(), |entry| self.offset_entry(entry).1 <= position)
            .during("read", &path)?;
        let Some(slot) = after.checked_sub(1) else { return Ok(0) };
        let entry = self.offsets.entry(file.handle(), slot).during("read", &path)?;
        Ok(self.offset_entry(&entry).1)
    }

    /// The last offset of the first indexed batch that begins at or after `position`: whatever lies
    /// before the position comes before that offset.
    pub(crate) fn offset_from_position(
        &self,
        folder: &Folder,
        position: u32,
    ) -> Result<Option<Offset>, StorageError> {
        if self.offsets.count() == 0 {
            return Ok(None);
        }
        let path = folder.file_path(self.base_offset, FileKind::OffsetIndex.ending());
        let file = folder.open(self.base_offset, FileKind::OffsetIndex, OpenMode::Create)?;
        let slot = self
            .offsets
            .partition_point(file.handle(), |entry| self.offset_entry(entry).1 < position)
            .during("read", &path)?;
        if slot == self.offsets.count() {
            return Ok(None);
        }
        let entry = self.offsets.entry(file.handle(), slot).during("read", &path)?;
        Ok(Some(self.offset_entry(&entry).0))
    }

    /// The last entry whose timestamp is at most `timestamp`.
    pub(crate) fn lookup_time(
        &self,
        folder: &Folder,
        timestamp: Timestamp,
    ) -> Result<TimestampOffset, StorageError> {
        let none = TimestampOffset { timestamp: Timestamp::NONE, offset: self.base_offset };
        if self.times.count() == 0 {
            return Ok(none);
        }
        let path = folder.file_path(self.base_offset, FileKind::TimeIndex.ending());
        let file = folder.open(self.base_offset, FileKind::TimeIndex, OpenMode::Create)?;
        let after = self
            .times
            .partition_point(file.handle(), |entry| self.time_entry(entry).timestamp <= timestamp)
            .during("read", &path)?;
        let Some(slot) = after.checked_sub(1) else { return Ok(none) };
        let entry = self.times.entry(file.handle(), slot).during("read", &path)?;
        Ok(self.time_entry(&entry))
    }

    /// Drops the entries of offsets from `offset` on. The largest timestamp falls back to the last
    /// entry; the caller makes up for the batches after it.
    pub(crate) fn truncate_to(
        &mut self,
        folder: &Folder,
        offset: Offset,
    ) -> Result<(), StorageError> {
        let (offset_file, time_file) = files(folder, self.base_offset)?;
        let path = folder.path();
        let offsets = self
            .offsets
            .partition_point(offset_file.handle(), |entry| self.offset_entry(entry).0 < offset)
            .during("read", path)?;
        let times = self
            .times
            .partition_point(time_file.handle(), |entry| self.time_entry(entry).offset < offset)
            .during("read", path)?;
        self.offsets.truncate(offsets);
        self.times.truncate(times);
        self.last_time = match self.times.last(time_file.handle()).during("read", path)? {
            Some(entry) => self.time_entry(&entry),
            None => TimestampOffset { timestamp: Timestamp::NONE, offset: self.base_offset },
        };
        self.largest = self.last_time;
        self.bytes_since_entry = 0;
        Ok(())
    }

    /// Whether the entries on the disk are in order: a power loss may have left holes in what was
    /// not synced, and no search would notice.
    pub(crate) fn is_ordered(&self, folder: &Folder) -> Result<bool, StorageError> {
        let (offset_file, time_file) = files(folder, self.base_offset)?;
        let offsets = self.offsets.is_ordered(offset_file.handle(), |before, after| {
            let ((offset, position), next) = (self.offset_entry(before), self.offset_entry(after));
            offset < next.0 && position < next.1
        });
        let times = self.times.is_ordered(time_file.handle(), |before, after| {
            let (before, after) = (self.time_entry(before), self.time_entry(after));
            before.timestamp < after.timestamp && before.offset <= after.offset
        });
        Ok(offsets.during("read", folder.path())? && times.during("read", folder.path())?)
    }

    /// Writes the entries that gathered, if there are many.
    pub(crate) fn flush_if_many(&mut self, folder: &Folder) -> Result<(), StorageError> {
        if self.offsets.wants_flush() || self.times.wants_flush() {
            self.flush(folder)?;
        }
        Ok(())
    }

    /// Writes the entries that gathered and cuts what is no entry off the files.
    pub(crate) fn flush(&mut self, folder: &Folder) -> Result<(), StorageError> {
        if !self.is_dirty() {
            return Ok(());
        }
        let (offset_file, time_file) = match self.held.take() {
            Some(held) => held,
            None => files(folder, self.base_offset)?,
        };
        let path = folder.file_path(self.base_offset, FileKind::OffsetIndex.ending());
        let offsets = self.offsets.flush(offset_file.handle()).during("write", &path);
        let path = folder.file_path(self.base_offset, FileKind::TimeIndex.ending());
        let times = self.times.flush(time_file.handle()).during("write", &path);
        self.held = Some((offset_file, time_file));
        offsets.and(times)
    }

    /// Writes all entries to new, empty files of other names.
    pub(crate) fn write_to(&mut self, offsets: &dyn File, times: &dyn File) -> io::Result<()> {
        self.offsets.flush(offsets)?;
        self.times.flush(times)
    }

    /// Notes that an earlier process may have left changes unsynced.
    pub(crate) fn mark_dirty(&mut self) {
        self.offsets.mark_dirty();
        self.times.mark_dirty();
    }

    /// Whether there is something to write or to sync.
    pub(crate) fn is_dirty(&self) -> bool {
        self.offsets.is_dirty() || self.times.is_dirty()
    }

    /// Both files, for a sync outside of the log's lock. Flush first.
    pub(crate) fn dirty_files(&self) -> Option<(SegmentFile, SegmentFile)> {
        if self.is_dirty() { self.held.clone() } else { None }
    }

    /// Makes both files safe and lets go of them. Flush first.
    pub(crate) fn sync(&mut self, folder: &Folder) -> Result<(), StorageError> {
        if let Some((offset_file, time_file)) = &self.held {
            let path = |kind: FileKind| folder.file_path(self.base_offset, kind.ending());
            let offsets = offset_file.handle().sync_data();
            offsets.during("sync", &path(FileKind::OffsetIndex))?;
            time_file.handle().sync_data().during("sync", &path(FileKind::TimeIndex))?;
        }
        self.mark_synced();
        Ok(())
    }

    /// Notes that both files were synced after the last change.
    pub(crate) fn mark_synced(&mut self) {
        self.offsets.mark_synced();
        self.times.mark_synced();
        self.held = None;
    }
}

fn files(folder: &Folder, base: Offset) -> Result<(SegmentFile, SegmentFile), StorageError> {
    Ok((
        folder.open(base, FileKind::OffsetIndex, OpenMode::Create)?,
        folder.open(base, FileKind::TimeIndex, OpenMode::Create)?,
    ))
}
