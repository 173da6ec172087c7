//! Truncation: a follower drops what its leader does not have.
//!
//! The recovery point in the directory's checkpoint may be older than a truncation and lie after
//! it, or be that of a deleted partition of the same name. Then what is appended next and torn by a
//! crash would look like damage to synced data. So a truncation below the recovery point first
//! leaves its offset in the folder, and a new log leaves 0. That bounds the recovery point until the
//! checkpoint is written anew or the log is closed cleanly. The log start offset is bounded likewise
//! and beside it, since one of a deleted partition would hide acknowledged records.

use model::{Offset, Timestamp};

use super::Log;
use crate::error::{IoContext, StorageError};
use crate::file_names;
use crate::fs::{File, OpenMode, read_file, remove_file_if_exists, replace_file, write_all_at};
use crate::segment::Segment;
use crate::transaction_index;

/// Our own file in the folder of a partition; Kafka ignores it.
const RECOVERY_LIMIT_FILE: &str = "klamm.recovery-limit";

impl Log {
    /// Drops all records from `offset` on; the batch that holds it goes as a whole. Returns whether
    /// anything was dropped.
    pub fn truncate_to(&mut self, offset: Offset, now: Timestamp) -> Result<bool, StorageError> {
        self.check_alive()?;
        if offset >= self.log_end_offset {
            // An epoch that began here but got no records may contradict the leader.
            if self.epochs.truncate_from_end(self.log_end_offset) {
                self.epochs.write(self.folder.file_system())?;
            }
            return Ok(false);
        }
        if offset < self.segments[0].base_offset() {
            self.truncate_fully_and_start_at(offset, now)?;
            return Ok(true);
        }
        // The batch that holds the offset goes as a whole.
        let offset = match self.segments[self.segment_index(offset)].locate(&self.folder, offset)? {
            Some(batch) => batch.base_offset.min(offset),
            None => offset,
        };
        self.lower_recovery_point(offset)?;
        self.truncate_segments(offset, now).map_err(|error| self.fail(error))?;
        Ok(true)
    }

    fn truncate_segments(&mut self, offset: Offset, now: Timestamp) -> Result<(), StorageError> {
        self.truncations += 1;
        self.hints.clear();
        while self.segments.len() > 1 && self.active().base_offset() > offset {
            if let Some(segment) = self.segments.pop() {
                self.remove_segment_files(segment.base_offset())?;
            }
        }
        self.sync_removals()?;
        let (active, folder) = self.active_mut();
        active.truncate_to(folder, offset, now)?;
        let end_offset = active.end_offset(folder)?.min(offset);
        let base_offset = active.base_offset();
        if end_offset < offset {
            // Compaction left no batch right before the offset. Nothing at all may be left behind
            // the start of the log; it does not go back then.
            let start = self.log_start_offset;
            if end_offset < start && start <= offset {
                self.lower_recovery_point(start)?;
                return self.start_again_at(start, now);
            }
            self.lower_recovery_point(end_offset)?;
        }
        self.truncate_transaction_index(base_offset, end_offset)?;
        self.log_end_offset = end_offset;
        self.log_start_offset = self.log_start_offset.min(end_offset);
        self.synced_offset = self.synced_offset.min(end_offset);
        self.cleaned_to = self.cleaned_to.min(end_offset);
        self.recovery_point = self.recovery_point.min(end_offset);
        if self.epochs.truncate_from_end(end_offset) {
            self.epochs.write(self.folder.file_system())?;
        }
        self.rebuild_producers(end_offset, None)?;
        self.remember_end();
        Ok(())
    }

    /// Makes the removal of segments safe, lest a power loss brings them back beside what is
    /// appended next.
    fn sync_removals(&self) -> Result<(), StorageError> {
        let path = self.folder.path();
        self.folder.file_system().sync_directory(path).during("sync", path)
    }

    fn truncate_transaction_index(
        &mut self,
        base_offset: Offset,
        end_offset: Offset,
    ) -> Result<(), StorageError> {
        let path = self.folder.file_path(base_offset, file_names::TRANSACTION_INDEX);
        let file_system = self.folder.file_system();
        let mut entries = transaction_index::read(file_system, &path)?;
        let before = entries.len();
        entries.retain(|entry| entry.last_offset < end_offset);
        if entries.len() < before {
            transaction_index::replace(file_system, &path, &entries)?;
        }
        Ok(())
    }

    /// Drops everything and goes on at `offset`, as a follower does whose leader has deleted all
    /// that it has.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        self.check_alive()?;
        self.lower_recovery_point(offset)?;
        self.start_again_at(offset, now).map_err(|error| self.fail(error))
    }

    fn start_again_at(&mut self, offset: Offset, now: Timestamp) -> Result<(), StorageError> {
        self.truncations += 1;
        self.hints.clear();
        // Highest first: a stop in between leaves a log that is shorter, without a hole.
        while let Some(segment) = self.segments.pop() {
            if let Err(error) = self.remove_segment_files(segment.base_offset()) {
                self.segments.push(segment);
                return Err(error);
            }
        }
        let synced = self.sync_removals();
        let created = Segment::create(&self.folder, offset, self.config.index_limits(), now);
        // The log must have a segment, even when it is failed.
        let limits = self.config.index_limits();
        let (segment, result) = match created {
            Ok(segment) => (segment, Ok(())),
            Err(failure) => (Segment::existing(offset, 0, limits, now), Err(failure.into_error())),
        };
        self.segments.push(segment);
        synced.and(result)?;
        self.name_changes += 1;
        self.epochs.clear();
        self.epochs.write(self.folder.file_system())?;
        self.remove_snapshots(|_| true)?;
        self.producers.reset(offset);
        self.log_start_offset = offset;
        self.cleaned_to = offset;
        self.log_end_offset = offset;
        self.synced_offset = offset;
        self.recovery_point = offset;
        self.bytes_since_recovery_point = 0;
        self.remember_end();
        Ok(())
    }

    /// Leaves bounds in the folder before a truncation below the recovery point or, as a batch goes
    /// as a whole, below the start of the log.
    fn lower_recovery_point(&mut self, offset: Offset) -> Result<(), StorageError> {
        if offset < self.recovery_point || offset < self.log_start_offset {
            let log_start_offset = self.log_start_offset.min(offset);
            self.write_recovery_limit(offset.min(self.recovery_point), log_start_offset)?;
        }
        Ok(())
    }

    fn write_recovery_limit(
        &mut self,
        recovery_point: Offset,
        log_start_offset: Offset,
    ) -> Result<(), StorageError> {
        let path = self.folder.path().join(RECOVERY_LIMIT_FILE);
        let text = limit_text(recovery_point, log_start_offset);
        replace_file(self.folder.file_system(), &path, text.as_bytes()).during("write", &path)?;
        self.has_recovery_limit = true;
        Ok(())
    }

    /// Follows the recovery point with the bound, where there is one. No sync: an older bound only
    /// costs time, and so does one whose last digits are lost.
    pub(super) fn raise_recovery_limit(&mut self) -> Result<(), StorageError> {
        if self.has_recovery_limit { self.overwrite_recovery_limit().map(drop) } else { Ok(()) }
    }

    /// Follows the log start offset with the bound, where there is one, and makes it safe: deleted
    /// records must not come back.
    pub(super) fn raise_log_start_limit(&mut self) -> Result<(), StorageError> {
        if !self.has_recovery_limit {
            return Ok(());
        }
        let path = self.folder.path().join(RECOVERY_LIMIT_FILE);
        self.overwrite_recovery_limit()?.sync_data().during("sync", &path)
    }

    fn overwrite_recovery_limit(&mut self) -> Result<Box<dyn File>, StorageError> {
        let path = self.folder.path().join(RECOVERY_LIMIT_FILE);
        let file = self.folder.file_system().open(&path, OpenMode::Create).during("open", &path)?;
        let text = limit_text(self.recovery_point, self.log_start_offset);
        write_all_at(&*file, 0, text.as_bytes()).during("write", &path)?;
        Ok(file)
    }

    /// Bounds what the checkpoints say of a new log: nothing in them is of it. The file's name is
    /// safe with the first sync of the log; a bound that cannot be read counts as 0.
    pub(super) fn begin_recovery_limit(&mut self) -> Result<(), StorageError> {
        self.has_recovery_limit = true;
        self.recovery_point = Offset::ZERO;
        self.log_start_offset = Offset::ZERO;
        self.name_changes += 1;
        self.raise_recovery_limit()
    }

    /// Notes that `recovery-point-offset-checkpoint` now has this offset for the log, so that no
    /// older one needs a bound.
    pub fn recovery_point_checkpointed(&mut self, offset: Offset) -> Result<(), StorageError> {
        if offset <= self.recovery_point { self.remove_recovery_limit() } else { Ok(()) }
    }

    /// Obeys a bound that an earlier run left.
    pub(super) fn apply_recovery_limit(&mut self, clean: bool) -> Result<(), StorageError> {
        let path = self.folder.path().join(RECOVERY_LIMIT_FILE);
        let Some(text) = read_file(self.folder.file_system(), &path).during("read", &path)? else {
            return Ok(());
        };
        self.has_recovery_limit = true;
        if clean {
            return self.remove_recovery_limit();
        }
        let text = String::from_utf8_lossy(&text);
        let mut bounds = text.lines().map(|line| Offset::new(line.trim().parse().unwrap_or(0)));
        let mut next_bound = || bounds.next().unwrap_or(Offset::ZERO);
        self.recovery_point = self.recovery_point.min(next_bound());
        let first_base = self.segments.first().map_or(Offset::ZERO, Segment::base_offset);
        self.log_start_offset = self.log_start_offset.min(next_bound()).max(first_base);
        Ok(())
    }

    /// Takes the bound away, as the log is closed cleanly.
    pub(super) fn remove_recovery_limit(&mut self) -> Result<(), StorageError> {
        if !self.has_recovery_limit {
            return Ok(());
        }
        // Should a power loss bring it back, it is removed at the next clean start.
        let path = self.folder.path().join(RECOVERY_LIMIT_FILE);
        remove_file_if_exists(self.folder.file_system(), &path).during("remove", &path)?;
        self.has_recovery_limit = false;
        Ok(())
    }
}

/// What the bound's file says: the recovery point and the log start offset, a line each.
fn limit_text(recovery_point: Offset, log_start_offset: Offset) -> String {
    format!("{recovery_point}\n{log_start_offset}\n")
}
