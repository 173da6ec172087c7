//! Retention: segments that are too old, too many, or lie before the start of the log are taken out
//! of it. Their files are renamed at once and removed by the caller after `file.delete.delay.ms`, so
//! that readers who hold one finish in peace.
//!
//! Retention is what ends the lack of space on a full disk, so that it needs none: what cannot be
//! written is written later or found out again when the log is opened.

use std::path::PathBuf;
use std::sync::Arc;

use model::{Clock, Offset, Timestamp};

use super::Log;
use crate::error::{IoContext, StorageError};
use crate::file_names;
use crate::fs::{FileSystem, remove_file_if_exists};
use crate::segment::Segment;

/// Files that are no part of the log any more.
#[derive(Debug)]
#[must_use = "the files stay on the disk until they are removed"]
pub struct DeletedFiles {
    file_system: Arc<dyn FileSystem>,
    paths: Vec<PathBuf>,
    segments: usize,
    /// A folder whose names have to be safe first: others took the place of these files.
    replaced_in: Option<PathBuf>,
}

impl DeletedFiles {
    /// How many segments were deleted.
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Removes the files. A crash before that is no harm: opening the log removes them.
    pub fn remove(self) -> Result<(), StorageError> {
        if let Some(folder) = &self.replaced_in {
            match self.file_system.sync_directory(folder) {
                // The partition was deleted.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                synced => synced.during("sync", folder)?,
            }
        }
        for path in &self.paths {
            remove_file_if_exists(&*self.file_system, path).during("remove", path)?;
        }
        Ok(())
    }
}

/// The order in which the files of a segment go.
const DELETION_ORDER: [&str; 4] = [
    file_names::TIME_INDEX,
    file_names::OFFSET_INDEX,
    file_names::LOG,
    file_names::TRANSACTION_INDEX,
];

impl Log {
    /// Moves the start of the log forward, as DeleteRecords and a leader's answer ask for. The
    /// caller makes sure that it is at most the high watermark. Returns whether it moved.
    pub fn advance_log_start_offset(&mut self, offset: Offset) -> Result<bool, StorageError> {
        self.check_alive()?;
        let offset = offset.min(self.log_end_offset);
        if offset <= self.log_start_offset {
            return Ok(false);
        }
        self.log_start_offset = offset;
        // Deleting must also go on where there is no room left; the bound follows with the next sync.
        if let Err(error) = self.raise_log_start_limit() {
            tracing::warn!(log = %self.folder.path().display(), %error, "a crash may bring deleted records back");
        }
        self.forget_epochs_before_start();
        self.producers.committed_to(offset);
        Ok(true)
    }

    fn forget_epochs_before_start(&mut self) {
        if !self.epochs.truncate_from_start(self.log_start_offset) {
            return;
        }
        if let Err(error) = self.epochs.write(self.folder.file_system()) {
            tracing::warn!(log = %self.folder.path().display(), %error, "epochs of deleted records stay on the disk until the next change");
        }
    }

    /// Takes segments out of the log by its limits of time and size and by its start offset, never
    /// one that reaches the high watermark. Fails only when no segment could be taken out.
    pub fn retention(
        &mut self,
        clock: &Clock,
        high_watermark: Offset,
    ) -> Result<DeletedFiles, StorageError> {
        self.check_alive()?;
        let by_start = self.count_before_start(high_watermark);
        let by_limits = match self.config.delete {
            true => self
                .count_over_size(high_watermark)
                .max(self.count_over_age(clock, high_watermark)?),
            false => 0,
        };
        self.delete_segments(by_start.max(by_limits), clock.now())
    }

    /// The offset after a segment.
    fn upper_bound(&self, index: usize) -> Offset {
        self.segments.get(index + 1).map_or(self.log_end_offset, Segment::base_offset)
    }

    /// How many segments may go at most: those committed, and the last one only with records.
    fn deletable(&self, high_watermark: Offset) -> usize {
        let committed = (0..self.segments.len())
            .take_while(|index| self.upper_bound(*index) <= high_watermark)
            .count();
        if self.active().size() == 0 { committed.min(self.segments.len() - 1) } else { committed }
    }

    fn count_before_start(&self, high_watermark: Offset) -> usize {
        let before = self.segments[1..]
            .iter()
            .take_while(|next| next.base_offset() <= self.log_start_offset)
            .count();
        before.min(self.deletable(high_watermark))
    }

    fn count_over_size(&self, high_watermark: Offset) -> usize {
        let Ok(limit) = u64::try_from(self.config.retention_bytes) else { return 0 };
        let mut excess = self.size_in_bytes().saturating_sub(limit);
        let mut count = 0;
        for segment in &self.segments[..self.deletable(high_watermark)] {
            let size = u64::from(segment.size());
            if excess == 0 || size > excess {
                break;
            }
            excess -= size;
            count += 1;
        }
        count
    }

    /// A segment that is too young only because its stamps were corrected goes with an older one
    /// behind it: it was written before that one.
    fn count_over_age(&self, clock: &Clock, high_watermark: Offset) -> Result<usize, StorageError> {
        if self.config.retention_ms < 0 {
            return Ok(0);
        }
        let mut count = 0;
        for (index, segment) in self.segments[..self.deletable(high_watermark)].iter().enumerate() {
            let largest = segment.age_timestamp(&self.folder)?;
            if clock.now().ms_since(largest) <= self.config.retention_ms {
                break;
            }
            if clock.age_ms(largest).is_some_and(|age| age > self.config.retention_ms) {
                count = index + 1;
            }
        }
        Ok(count)
    }

    fn delete_segments(
        &mut self,
        count: usize,
        now: Timestamp,
    ) -> Result<DeletedFiles, StorageError> {
        // When the active segment cannot make room for a new one, the others still go.
        let rolled = match count > 0 && count == self.segments.len() {
            true => self.roll_at(self.log_end_offset, now),
            false => Ok(()),
        };
        let mut paths = std::mem::take(&mut self.renamed_files);
        let count = count.min(self.segments.len() - 1);
        // Lowest first: a stop in between leaves a log without a hole.
        let mut segments = 0;
        let deleted = (0..count).try_for_each(|_| {
            self.delete_first_segment(&mut paths)?;
            segments += 1;
            Ok(())
        });
        self.forget_epochs_before_start();
        let first = self.segments[0].base_offset();
        let tidied = self.remove_snapshots(|offset| offset < first);
        let result = rolled.and(deleted).and(tidied);
        if segments == 0 {
            // Should only a part of the files be renamed, they go with the next segment.
            self.renamed_files = paths;
            result?;
            paths = Vec::new();
        } else if let Err(error) = result {
            tracing::warn!(log = %self.folder.path().display(), %error, "not every segment that may go could be deleted");
        }
        Ok(self.deleted_files(paths, segments, None))
    }

    pub(super) fn deleted_files(
        &self,
        paths: Vec<PathBuf>,
        segments: usize,
        replaced_in: Option<PathBuf>,
    ) -> DeletedFiles {
        DeletedFiles { file_system: self.folder.shared_file_system(), paths, segments, replaced_in }
    }

    fn delete_first_segment(&mut self, paths: &mut Vec<PathBuf>) -> Result<(), StorageError> {
        self.check_alive()?;
        let base_offset = self.segments[0].base_offset();
        self.log_start_offset = self.log_start_offset.max(self.upper_bound(0));
        self.producers.committed_to(self.log_start_offset);
        let marked = self.mark_deleted(base_offset, paths);
        self.folder.forget_segment(base_offset);
        let log = format!("{}{}", file_names::LOG, file_names::DELETED);
        if paths.contains(&self.folder.file_path(base_offset, &log)) {
            self.segments.remove(0);
        } else {
            // The segment stays for now, and its indexes may be renamed already.
            self.segments[0].forget_index();
        }
        marked
    }

    pub(super) fn mark_deleted(
        &mut self,
        base_offset: Offset,
        paths: &mut Vec<PathBuf>,
    ) -> Result<(), StorageError> {
        // A segment without its indexes can be opened, should the next name not change; without its
        // aborted transactions its records must not be shown.
        self.name_changes += 1;
        for ending in DELETION_ORDER {
            let path = self.folder.file_path(base_offset, ending);
            let renamed =
                self.folder.file_path(base_offset, &format!("{ending}{}", file_names::DELETED));
            match self.folder.file_system().rename(&path, &renamed) {
                Ok(()) => paths.push(renamed),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(StorageError::io("rename", &path, error)),
            }
        }
        Ok(())
    }
}
