//! Making the log safe. A sync runs outside of the log's lock: `begin_sync` notes what has to be
//! safe, `run` waits for the disk, `finish_sync` moves the synced offset.
//!
//! A sync covers everything appended before it began. Every sync makes the records safe; once
//! [`RECOVERY_INTERVAL_BYTES`] have gathered, or a segment was rolled, it makes the indexes and a
//! producer snapshot safe too and moves the recovery point, so that a recovery reads at most about
//! that much of records that were safe already. After a failed sync nobody knows what the disk
//! holds, and trying again may report a success that is none: the log is failed for good. A file
//! that cannot be opened, for want of descriptors perhaps, was not synced at all and can be later.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::Offset;

use super::Log;
use crate::error::{IoContext, StorageError};
use crate::file_names;
use crate::fs::{FileSystem, OpenMode, SegmentFile};
use crate::open_files::FileKind;
use crate::segment::SyncedExtent;

/// How many bytes are appended at most before a sync moves the recovery point.
const RECOVERY_INTERVAL_BYTES: u64 = 16 << 20;

/// A sync that was begun.
#[derive(Debug)]
pub struct SyncJob {
    file_system: Arc<dyn FileSystem>,
    files: Vec<(SegmentFile, PathBuf)>,
    /// Files that were written and closed, such as a snapshot.
    paths: Vec<PathBuf>,
    directory: Option<PathBuf>,
    /// Whether the partition was deleted, and with it every name.
    deleted: Arc<AtomicBool>,
    covered: Covered,
}

/// What a sync makes safe.
#[derive(Debug)]
struct Covered {
    end_offset: Offset,
    segments: Vec<SyncedExtent>,
    truncations: u64,
    name_changes: u64,
    moves_recovery_point: bool,
    snapshots: Vec<Offset>,
    /// Segments whose transaction indexes it makes safe.
    transactions: Vec<Offset>,
    bytes_since_recovery_point: u64,
}

/// A sync that has run.
#[derive(Debug)]
#[must_use = "give it to Log::finish_sync, also when it failed"]
pub struct FinishedSync {
    covered: Covered,
    result: Result<(), SyncFailure>,
}

/// Why a sync did not reach its end.
#[derive(Debug)]
enum SyncFailure {
    /// A file could not be opened. What was synced before is safe; the rest can be tried again.
    NotOpened(StorageError),
    /// Nobody knows what the disk holds.
    NotSynced(StorageError),
}

impl SyncJob {
    /// Whether there is nothing to do: everything is safe already.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.paths.is_empty() && self.directory.is_none()
    }

    /// The offset up to which the log will be safe.
    pub fn end_offset(&self) -> Offset {
        self.covered.end_offset
    }

    /// Waits until the disk has everything.
    pub fn run(self) -> FinishedSync {
        let result = self.sync();
        FinishedSync { covered: self.covered, result }
    }

    fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::SeqCst)
    }

    fn sync(&self) -> Result<(), SyncFailure> {
        let synced = |result: std::io::Result<()>, path: &Path| {
            result.during("sync", path).map_err(SyncFailure::NotSynced)
        };
        for (file, path) in &self.files {
            synced(file.handle().sync_data(), path)?;
        }
        for path in &self.paths {
            match self.file_system.open(path, OpenMode::Write) {
                Ok(file) => synced(file.sync_data(), path)?,
                // Removed meanwhile, so that nobody needs it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(SyncFailure::NotOpened(StorageError::io("open", path, error)));
                }
            }
        }
        match &self.directory {
            Some(path) => match self.file_system.sync_directory(path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.is_deleted() => {
                    Ok(())
                }
                result => synced(result, path),
            },
            None => Ok(()),
        }
    }
}

impl Log {
    /// Begins a sync of everything that was appended so far.
    pub fn begin_sync(&mut self) -> Result<SyncJob, StorageError> {
        self.check_alive()?;
        let active = self.active().base_offset();
        let has_rolled = self.recovery_point < active;
        let moves = self.bytes_since_recovery_point >= RECOVERY_INTERVAL_BYTES || has_rolled;
        self.sync_job(moves)
    }

    /// Begins a sync that also moves the recovery point, for the periodic checkpoint and the end.
    pub fn begin_checkpoint_sync(&mut self) -> Result<SyncJob, StorageError> {
        self.check_alive()?;
        self.sync_job(true)
    }

    fn sync_job(&mut self, move_recovery_point: bool) -> Result<SyncJob, StorageError> {
        let mut files = Vec::new();
        let mut covered = Vec::new();
        let moves = move_recovery_point && self.can_move_recovery_point();
        for segment in &mut self.segments {
            let base_offset = segment.base_offset();
            if segment.is_dirty() {
                let path = self.folder.file_path(base_offset, FileKind::Log.ending());
                files.push((segment.file(&self.folder)?, path));
                covered.push(segment.extent());
            }
            if moves && let Some((offsets, times)) = segment.dirty_index_files() {
                let path = |kind: FileKind| self.folder.file_path(base_offset, kind.ending());
                files.push((offsets, path(FileKind::OffsetIndex)));
                files.push((times, path(FileKind::TimeIndex)));
                covered.push(segment.extent());
            }
        }
        let snapshots = if moves { self.unsynced_snapshots.clone() } else { Vec::new() };
        // A recovery builds entries of what comes after the recovery point again, not those before.
        let transactions =
            if moves { std::mem::take(&mut self.unsynced_transactions) } else { Vec::new() };
        let snapshot_paths = snapshots.iter().map(|offset| self.snapshot_path(*offset));
        let index_paths = transactions
            .iter()
            .map(|base| self.folder.file_path(*base, file_names::TRANSACTION_INDEX));
        let paths = snapshot_paths.chain(index_paths).collect();
        let directory =
            (self.name_changes > self.synced_name_changes).then(|| self.folder.path().to_owned());
        Ok(SyncJob {
            file_system: self.folder.shared_file_system(),
            files,
            paths,
            directory,
            deleted: Arc::clone(self.folder.deleted()),
            covered: Covered {
                end_offset: self.log_end_offset,
                segments: covered,
                truncations: self.truncations,
                name_changes: self.name_changes,
                moves_recovery_point: moves,
                snapshots,
                transactions,
                bytes_since_recovery_point: self.bytes_since_recovery_point,
            },
        })
    }

    /// Writes what a recovery point needs. Indexes and snapshots can be built again: that they
    /// cannot be written must not stop the records from becoming safe.
    fn can_move_recovery_point(&mut self) -> bool {
        match self.prepare_recovery_point() {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(log = %self.folder.path().display(), %error, "the recovery point stays; a recovery would take longer");
                false
            }
        }
    }

    fn prepare_recovery_point(&mut self) -> Result<(), StorageError> {
        for segment in &mut self.segments {
            segment.flush_index(&self.folder)?;
        }
        self.take_snapshot()
    }

    /// Takes over what a sync reached; returns the synced offset. When the disk failed to sync, the
    /// log is failed for good.
    pub fn finish_sync(&mut self, finished: FinishedSync) -> Result<Offset, StorageError> {
        self.check_alive()?;
        match finished.result {
            Ok(()) => {}
            Err(SyncFailure::NotOpened(error)) => {
                self.unsynced_transactions.extend(finished.covered.transactions);
                return Err(error);
            }
            Err(SyncFailure::NotSynced(error)) => return Err(self.fail(error)),
        }
        let covered = finished.covered;
        // What was truncated meanwhile may have been written anew after the sync.
        if covered.truncations != self.truncations {
            self.unsynced_transactions.extend(covered.transactions);
            return Ok(self.synced_offset);
        }
        for extent in covered.segments {
            let index = self.segment_index(extent.base_offset);
            let segment = &mut self.segments[index];
            if segment.base_offset() == extent.base_offset {
                segment.mark_synced(extent);
                if covered.moves_recovery_point {
                    segment.mark_index_synced(extent);
                }
            }
        }
        self.unsynced_snapshots.retain(|offset| !covered.snapshots.contains(offset));
        self.synced_name_changes = self.synced_name_changes.max(covered.name_changes);
        self.synced_offset = self.synced_offset.max(covered.end_offset);
        if covered.moves_recovery_point && covered.end_offset > self.recovery_point {
            self.recovery_point = covered.end_offset;
            self.bytes_since_recovery_point =
                self.bytes_since_recovery_point.saturating_sub(covered.bytes_since_recovery_point);
            self.tidy_up();
        }
        Ok(self.synced_offset)
    }

    /// A lower limit and more snapshots than needed only cost time at the next start.
    fn tidy_up(&mut self) {
        if self.folder.deleted().load(Ordering::SeqCst) {
            return;
        }
        let tidied = self.raise_recovery_limit().and_then(|()| self.remove_passed_snapshots());
        if let Err(error) = tidied {
            tracing::warn!(log = %self.folder.path().display(), %error, "cannot tidy up after a sync");
        }
    }

    /// Syncs everything at once, for those who may wait: begin, run and finish in one.
    pub fn sync(&mut self) -> Result<Offset, StorageError> {
        let finished = self.begin_checkpoint_sync()?.run();
        self.finish_sync(finished)
    }
}
