//! One segment of a log: the records from a base offset on, in one file, with its two indexes.
//!
//! A segment knows its size without opening a file. Its indexes are read when they are needed and
//! built again from the records when they are missing or damaged.

use std::io::{self, IoSlice};
use std::sync::Arc;

use model::{Offset, Timestamp};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use records::BatchHeader;

use crate::batch_scanner::BatchScanner;
use crate::checked::CheckedBytes;
use crate::error::{IoContext, StorageError};
use crate::fs::{OpenMode, SegmentFile, remove_file_if_exists, write_slices_at};
use crate::open_files::{FileKind, Folder};
use crate::segment_index::{IndexLimits, SegmentIndex, TimestampOffset};

/// Where a batch lies in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchPosition {
    pub(crate) base_offset: Offset,
    pub(crate) position: u32,
    pub(crate) size: u32,
}

/// A segment of a log.
#[derive(Debug)]
pub(crate) struct Segment {
    base_offset: Offset,
    size: u32,
    /// Bytes at the start that are safe.
    synced_size: u32,
    /// When this process created or opened it.
    created: Timestamp,
    /// The largest timestamp of the first batch, by which the segment rolls.
    first_timestamp: Mutex<Option<Timestamp>>,
    index: Mutex<Option<Box<SegmentIndex>>>,
    /// The file, open as long as it has unsynced data.
    held: Option<SegmentFile>,
    /// How many appends were taken back: a sync may have seen the part that was.
    undone: u32,
    /// What readers may get without another look; replaced when bytes are cut off.
    checked: Arc<CheckedBytes>,
    limits: IndexLimits,
}

impl Segment {
    /// Creates the files of an empty segment. The file of the records comes last, as it is what
    /// makes a segment; when anything fails, none of them stays.
    pub(crate) fn create(
        folder: &Folder,
        base_offset: Offset,
        limits: IndexLimits,
        now: Timestamp,
    ) -> Result<Self, AppendFailure> {
        match Self::create_files(folder, base_offset) {
            Ok((index, file)) => {
                let mut segment = Self::existing(base_offset, 0, limits, now);
                segment.held = Some(file);
                *segment.index.get_mut() = Some(Box::new(index));
                Ok(segment)
            }
            Err(error) => {
                folder.forget_segment(base_offset);
                let kinds = [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex];
                let undone = kinds.iter().try_for_each(|kind| {
                    let path = folder.file_path(base_offset, kind.ending());
                    remove_file_if_exists(folder.file_system(), &path).during("remove", &path)
                });
                Err(match undone {
                    Ok(()) => AppendFailure::Refused(error),
                    Err(undo) => AppendFailure::Broken(undo),
                })
            }
        }
    }

    fn create_files(
        folder: &Folder,
        base_offset: Offset,
    ) -> Result<(SegmentIndex, SegmentFile), StorageError> {
        let mut index = SegmentIndex::empty(base_offset);
        index.flush(folder)?;
        let path = folder.file_path(base_offset, FileKind::Log.ending());
        let file = folder.open(base_offset, FileKind::Log, OpenMode::Create)?;
        file.handle().set_length(0).during("empty", &path)?;
        Ok((index, file))
    }

    /// A segment that is on the disk.
    pub(crate) fn existing(
        base_offset: Offset,
        size: u32,
        limits: IndexLimits,
        now: Timestamp,
    ) -> Self {
        Self {
            base_offset,
            size,
            synced_size: size,
            created: now,
            first_timestamp: Mutex::new(None),
            index: Mutex::new(None),
            held: None,
            undone: 0,
            // What this process appends was checked before.
            checked: Arc::new(CheckedBytes::new(size..size)),
            limits,
        }
    }

    pub(crate) fn base_offset(&self) -> Offset {
        self.base_offset
    }

    pub(crate) fn size(&self) -> u32 {
        self.size
    }

    /// When this process created or opened it.
    pub(crate) fn created(&self) -> Timestamp {
        self.created
    }

    /// Which of its bytes this process has checked.
    pub(crate) fn checked(&self) -> &Arc<CheckedBytes> {
        &self.checked
    }

    /// The file of the records.
    pub(crate) fn file(&self, folder: &Folder) -> Result<SegmentFile, StorageError> {
        match &self.held {
            Some(file) => Ok(file.clone()),
            None => folder.open(self.base_offset, FileKind::Log, OpenMode::Write),
        }
    }

    /// The headers of the batches from a position on that begins one.
    pub(crate) fn scan(
        &self,
        folder: &Folder,
        position: u32,
    ) -> Result<BatchScanner, StorageError> {
        let path = folder.file_path(self.base_offset, FileKind::Log.ending());
        let scanner = BatchScanner::new(self.file(folder)?, path, position, self.size);
        Ok(scanner.telling(Arc::clone(&self.checked)))
    }

    /// The indexes, read or built now if they were not needed before.
    fn index(&self, folder: &Folder) -> Result<MappedMutexGuard<'_, SegmentIndex>, StorageError> {
        let mut guard = self.index.lock();
        if guard.is_none() {
            let loaded = SegmentIndex::load(folder, self.base_offset, self.size)?;
            let index = match loaded {
                Some(index) => index,
                None => self.build_index(folder)?,
            };
            *guard = Some(Box::new(index));
        }
        MutexGuard::try_map(guard, |index| index.as_deref_mut())
            .map_err(|_| StorageError::io("index", folder.path(), io::ErrorKind::Other.into()))
    }

    fn build_index(&self, folder: &Folder) -> Result<SegmentIndex, StorageError> {
        tracing::warn!(
            segment = %folder.file_path(self.base_offset, FileKind::Log.ending()).display(),
            "rebuilding the indexes of a segment, as they are missing or damaged"
        );
        let mut index = SegmentIndex::empty(self.base_offset);
        let mut scanner = self.scan(folder, 0)?;
        while let Some((position, batch)) = scanner.next_batch()? {
            index.note_batch(&batch, position, self.limits.interval_bytes);
            index.flush_if_many(folder)?;
        }
        index.push_largest_time();
        index.flush(folder)?;
        // Nobody else would: the segment may lie before the recovery point.
        index.sync(folder)?;
        Ok(index)
    }

    /// Changes the limits of the indexes.
    pub(crate) fn set_limits(&mut self, limits: IndexLimits) {
        self.limits = limits;
    }

    /// Replaces the indexes, after a recovery that built them.
    pub(crate) fn set_index(&mut self, index: SegmentIndex) {
        *self.index.get_mut() = Some(Box::new(index));
    }

    /// Has the indexes read or built anew when they are needed next.
    pub(crate) fn forget_index(&mut self) {
        *self.index.get_mut() = None;
    }

    /// Takes the indexes out, to recover the segment.
    pub(crate) fn take_index(
        &mut self,
        folder: &Folder,
    ) -> Result<Option<SegmentIndex>, StorageError> {
        match self.index.get_mut().take() {
            Some(index) => Ok(Some(*index)),
            None => SegmentIndex::load(folder, self.base_offset, self.size),
        }
    }

    /// Whether an append of `bytes` that ends at `last_offset` has to go to a new segment.
    pub(crate) fn is_full_for(
        &self,
        folder: &Folder,
        bytes: u64,
        last_offset: Offset,
        segment_bytes: u32,
    ) -> Result<bool, StorageError> {
        Ok(u64::from(self.size) + bytes > u64::from(segment_bytes)
            || SegmentIndex::relative(self.base_offset, last_offset).is_none()
            || self.index(folder)?.is_full(self.limits))
    }

    /// How long the segment has waited to roll, for an append with this largest timestamp: by the
    /// timestamps of its records if they have any, else by the clock.
    pub(crate) fn waited_ms(
        &self,
        folder: &Folder,
        now: Timestamp,
        largest_timestamp: Timestamp,
    ) -> Result<i64, StorageError> {
        if self.size == 0 {
            return Ok(0);
        }
        Ok(match self.first_timestamp(folder)? {
            Some(first) if first.get() >= 0 => largest_timestamp.ms_since(first),
            _ => now.ms_since(self.created),
        })
    }

    /// The largest timestamp of the first batch; `None` when there is no batch.
    pub(crate) fn first_timestamp(
        &self,
        folder: &Folder,
    ) -> Result<Option<Timestamp>, StorageError> {
        let mut first = self.first_timestamp.lock();
        if first.is_none() && self.size > 0 {
            *first = self.scan(folder, 0)?.next_batch()?.map(|(_, batch)| batch.max_timestamp);
        }
        Ok(*first)
    }

    /// Appends batches in one write. When that fails, the segment is as it was before.
    pub(crate) fn append(
        &mut self,
        folder: &Folder,
        bytes: &[IoSlice<'_>],
        batches: &[BatchHeader],
    ) -> Result<(), AppendFailure> {
        let path = folder.file_path(self.base_offset, FileKind::Log.ending());
        drop(self.index(folder).map_err(AppendFailure::Refused)?);
        let file = self.file(folder).map_err(AppendFailure::Refused)?;
        let old_size = self.size;
        // Unsynced bytes keep the file open.
        self.held = Some(file.clone());
        let written =
            write_slices_at(file.handle(), u64::from(old_size), bytes).during("write", &path);
        // The indexes are rewound when they cannot be written, and lack nothing then.
        let noted = written
            .map_err(AppendFailure::Undone)
            .and_then(|()| self.note(folder, batches).map_err(AppendFailure::Refused));
        match noted {
            Ok(()) => {
                self.size += bytes.iter().map(|slice| slice.len() as u32).sum::<u32>();
                self.checked.add(old_size..self.size);
                Ok(())
            }
            // Cutting off what was written leaves the file as it was.
            Err(failure) => {
                self.undone = self.undone.wrapping_add(1);
                match file.handle().set_length(u64::from(old_size)) {
                    Ok(()) => Err(failure),
                    Err(undo) => {
                        Err(AppendFailure::Broken(StorageError::io("shorten", &path, undo)))
                    }
                }
            }
        }
    }

    fn note(&mut self, folder: &Folder, batches: &[BatchHeader]) -> Result<(), StorageError> {
        let Some(index) = self.index.get_mut() else { return Ok(()) };
        let mark = index.mark();
        let mut position = self.size;
        for batch in batches {
            index.note_batch(batch, position, self.limits.interval_bytes);
            position += batch.size_in_bytes() as u32;
        }
        if let Err(error) = index.flush_if_many(folder) {
            index.rewind(mark);
            return Err(error);
        }
        if let (0, Some(first)) = (self.size, batches.first()) {
            *self.first_timestamp.get_mut() = Some(first.max_timestamp);
        }
        Ok(())
    }

    /// The first batch that ends at or after an offset; `None` when the segment ends before.
    pub(crate) fn locate(
        &self,
        folder: &Folder,
        offset: Offset,
    ) -> Result<Option<BatchPosition>, StorageError> {
        let (_, position) = self.index(folder)?.lookup_offset(folder, offset)?;
        self.locate_from(folder, offset, position)
    }

    /// As [`Self::locate`], from a position that is known to lie before it.
    pub(crate) fn locate_from(
        &self,
        folder: &Folder,
        offset: Offset,
        position: u32,
    ) -> Result<Option<BatchPosition>, StorageError> {
        let mut scanner = self.scan(folder, position)?;
        let mut at_least = self.base_offset;
        while let Some((position, batch)) = scanner.next_batch()? {
            // No checksum covers a batch's offset: a damaged one must not hide the records.
            if batch.base_offset < at_least {
                let reason = format!("offset {} stands behind {at_least}", batch.base_offset);
                return Err(scanner.corrupt(position, reason));
            }
            at_least = batch.next_offset();
            if batch.last_offset() >= offset {
                let size = batch.size_in_bytes() as u32;
                return Ok(Some(BatchPosition { base_offset: batch.base_offset, position, size }));
            }
        }
        Ok(None)
    }

    /// The offset after the last record.
    pub(crate) fn end_offset(&self, folder: &Folder) -> Result<Offset, StorageError> {
        let far = Offset::new(i64::MAX);
        let (_, position) = self.index(folder)?.lookup_offset(folder, far)?;
        let mut end_offset = self.base_offset;
        let mut scanner = self.scan(folder, position)?;
        while let Some((position, batch)) = scanner.next_batch()? {
            if batch.base_offset < end_offset {
                let reason = format!("offset {} stands behind {end_offset}", batch.base_offset);
                return Err(scanner.corrupt(position, reason));
            }
            end_offset = batch.next_offset();
        }
        Ok(end_offset)
    }

    /// The largest timestamp of the segment and the last offset of its batch.
    pub(crate) fn largest_timestamp(
        &self,
        folder: &Folder,
    ) -> Result<TimestampOffset, StorageError> {
        Ok(self.index(folder)?.largest())
    }

    /// The position from which to look for a timestamp at or after an offset.
    pub(crate) fn position_for_timestamp(
        &self,
        folder: &Folder,
        timestamp: Timestamp,
        offset: Offset,
    ) -> Result<u32, StorageError> {
        let index = self.index(folder)?;
        let found = index.lookup_time(folder, timestamp)?.offset.max(offset);
        Ok(index.lookup_offset(folder, found)?.1)
    }

    /// A position at or before `position` where a batch begins.
    pub(crate) fn indexed_position_before(
        &self,
        folder: &Folder,
        position: u32,
    ) -> Result<u32, StorageError> {
        self.index(folder)?.lookup_position(folder, position)
    }

    /// An offset that everything before `position` comes before, as close as the index tells.
    pub(crate) fn offset_from_position(
        &self,
        folder: &Folder,
        position: u32,
    ) -> Result<Option<Offset>, StorageError> {
        self.index(folder)?.offset_from_position(folder, position)
    }

    /// The timestamp by which the segment is too old: its largest, or of records without
    /// timestamps when this process first saw the segment.
    pub(crate) fn age_timestamp(&self, folder: &Folder) -> Result<Timestamp, StorageError> {
        let largest = self.index(folder)?.largest().timestamp;
        Ok(if largest.get() >= 0 { largest } else { self.created })
    }

    /// Cuts off the batches from the one that holds `offset` on.
    pub(crate) fn truncate_to(
        &mut self,
        folder: &Folder,
        offset: Offset,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let found = self.locate(folder, offset)?;
        let Some(found) = found else { return Ok(()) };
        let path = folder.file_path(self.base_offset, FileKind::Log.ending());
        let file = self.file(folder)?;
        let mut index = self.take_index(folder)?.unwrap_or(SegmentIndex::empty(self.base_offset));
        index.truncate_to(folder, found.base_offset)?;
        file.handle().set_length(u64::from(found.position)).during("shorten", &path)?;
        // Lest a power loss brings the old records back below snapshots and epochs of new ones.
        file.handle().sync_data().during("sync", &path)?;
        self.held = Some(file);
        self.size = found.position;
        self.checked = Arc::new(self.checked.until(self.size));
        self.synced_size = self.synced_size.min(self.size);
        if self.size == 0 {
            self.created = now;
            *self.first_timestamp.get_mut() = None;
        }
        // Batches after the last entry may have larger timestamps.
        let (_, position) = index.lookup_offset(folder, index.largest().offset)?;
        let mut scanner = self.scan(folder, position)?;
        while let Some((_, batch)) = scanner.next_batch()? {
            index.note_timestamp(&batch);
        }
        index.flush(folder)?;
        self.set_index(index);
        Ok(())
    }

    /// Ends the indexes with the largest timestamp, as a segment that takes no more appends does.
    pub(crate) fn finish_index(&mut self, folder: &Folder) -> Result<(), StorageError> {
        drop(self.index(folder)?);
        match self.index.get_mut() {
            Some(index) => {
                index.push_largest_time();
                index.flush(folder)
            }
            None => Ok(()),
        }
    }

    /// Writes what gathered in the indexes.
    pub(crate) fn flush_index(&mut self, folder: &Folder) -> Result<(), StorageError> {
        self.index.get_mut().as_mut().map_or(Ok(()), |index| index.flush(folder))
    }

    /// Whether bytes at the end are not safe yet.
    pub(crate) fn is_dirty(&self) -> bool {
        self.size > self.synced_size || self.held.is_some()
    }

    /// Whether the indexes are not safe yet.
    pub(crate) fn dirty_index_files(&mut self) -> Option<(SegmentFile, SegmentFile)> {
        self.index.get_mut().as_ref().and_then(|index| index.dirty_files())
    }

    /// What a sync that begins now makes safe.
    pub(crate) fn extent(&self) -> SyncedExtent {
        SyncedExtent { base_offset: self.base_offset, size: self.size, undone: self.undone }
    }

    /// Notes what a sync made safe.
    pub(crate) fn mark_synced(&mut self, extent: SyncedExtent) {
        self.synced_size = self.synced_size.max(extent.size.min(self.size));
        if self.synced_size == self.size && self.undone == extent.undone {
            self.held = None;
        }
    }

    /// Notes that the indexes are safe, when they did not change since.
    pub(crate) fn mark_index_synced(&mut self, extent: SyncedExtent) {
        if self.extent() == extent
            && let Some(index) = self.index.get_mut()
        {
            index.mark_synced();
        }
    }

    /// Sets the size after a recovery, which has read everything from `checked_from` on.
    pub(crate) fn recovered(&mut self, checked_from: u32, size: u32, file: SegmentFile) {
        self.checked = Arc::new(CheckedBytes::new(checked_from.min(size)..size));
        self.size = size;
        self.synced_size = 0;
        self.held = Some(file);
    }
}

/// How far a sync reaches in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SyncedExtent {
    pub(crate) base_offset: Offset,
    size: u32,
    undone: u32,
}

/// What is left after an append or the creation of a segment failed.
#[derive(Debug)]
pub(crate) enum AppendFailure {
    /// The disk never failed to take a record: the next append may well succeed.
    Refused(StorageError),
    /// A write failed; what it left is cut off.
    Undone(StorageError),
    /// Nobody knows what the file holds after its old end.
    Broken(StorageError),
}

impl AppendFailure {
    /// The error, for those who fail either way.
    pub(crate) fn into_error(self) -> StorageError {
        match self {
            Self::Refused(error) | Self::Undone(error) | Self::Broken(error) => error,
        }
    }
}
