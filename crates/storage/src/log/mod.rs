//! The log of one partition: segments of records with growing offsets, in Kafka's format on disk.
//!
//! `log_start_offset <= synced_offset`'s and every other position `<= log_end_offset`; the last
//! segment takes the appends. The methods are split by phase of life: `open` and `recovery`,
//! `append`, `read`, `sync`, `truncate`, `retention`, `timestamps`, `close`.
//!
//! Callers put a log behind a read-write lock: reading takes `&self`, and what comes out are ranges
//! of files that are read outside of the lock; a sync runs outside of it too.

mod append;
mod cleaning;
mod close;
mod copy;
mod holes;
mod interrupted;
mod open;
mod producers;
mod read;
mod recovery;
mod retention;
mod segments;
mod sync;
#[cfg(test)]
mod tests;
mod timestamps;
mod truncate;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{LeaderEpoch, Offset, Timestamp};

pub use append::{AppendInfo, LeaderAppend};
pub use cleaning::Dirtiness;
pub use close::{remove_partition_folder, rename_folder, set_aside_for_removal};
pub use copy::{CopyError, LogCopy, MissingPart, is_copy, settle_copy};
pub use open::{OpenState, RecoveryReport};
pub use producers::ActiveProducer;
pub use read::{Damage, FileSlice, FirstBatch, ReadResult};
pub use retention::DeletedFiles;
pub use sync::{FinishedSync, SyncJob};
pub use timestamps::TimestampAndOffset;

use crate::error::StorageError;
use crate::file_names;
use crate::leader_epoch_cache::LeaderEpochCache;
use crate::log_config::LogConfig;
use crate::open_files::{FileKind, Folder};
use crate::position_hints::{PositionHint, PositionHints};
use crate::producer_state::ProducerStates;
use crate::segment::{AppendFailure, Segment};

/// The log of one partition.
#[derive(Debug)]
pub struct Log {
    folder: Folder,
    config: Arc<LogConfig>,
    jitter_seed: u64,
    /// Ascending by base offset; never empty.
    segments: Vec<Segment>,
    log_start_offset: Offset,
    log_end_offset: Offset,
    /// Everything before it is safe on the disk.
    synced_offset: Offset,
    /// Everything before it is safe with its indexes: where a recovery starts.
    recovery_point: Offset,
    /// Everything before it was compacted: offsets without records are no loss there.
    cleaned_to: Offset,
    /// Whether the folder holds the mark that offsets without records are no loss (see `holes`).
    has_holes: bool,
    /// Whether the folder holds a file that lowers the recovery point (see `truncate`).
    has_recovery_limit: bool,
    /// Bytes appended since the recovery point last moved.
    bytes_since_recovery_point: u64,
    epochs: LeaderEpochCache,
    producers: ProducerStates,
    /// Offsets of the producer snapshots on the disk, ascending.
    snapshots: Vec<Offset>,
    /// Those of them that are not safe yet.
    unsynced_snapshots: Vec<Offset>,
    /// Segments whose transaction indexes have entries that are not safe yet.
    unsynced_transactions: Vec<Offset>,
    /// Files of a segment that could not be deleted as a whole, renamed already.
    renamed_files: Vec<PathBuf>,
    hints: PositionHints,
    /// How often the log was truncated: a sync that began before says nothing about what came after.
    truncations: u64,
    /// How often names in the folder changed, and how many of those changes are safe.
    name_changes: u64,
    synced_name_changes: u64,
    /// Whether a copy of the log is being made.
    is_being_copied: bool,
    /// Why the log does not work any more.
    failed: Option<Arc<str>>,
}

impl Log {
    /// The folder of the partition.
    pub fn directory(&self) -> &Path {
        self.folder.path()
    }

    /// The settings in force.
    pub fn config(&self) -> &Arc<LogConfig> {
        &self.config
    }

    /// Changes the settings from the next operation on.
    pub fn set_config(&mut self, config: Arc<LogConfig>) {
        let limits = config.index_limits();
        self.segments.iter_mut().for_each(|segment| segment.set_limits(limits));
        self.config = config;
    }

    /// The first offset that can be read.
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// The offset of the next record.
    pub fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// Everything before this offset survives a power loss.
    pub fn synced_offset(&self) -> Offset {
        self.synced_offset
    }

    /// Where a recovery would start; goes into `recovery-point-offset-checkpoint`.
    pub fn recovery_point(&self) -> Offset {
        self.recovery_point
    }

    /// The bytes of all segments, without their indexes.
    pub fn size_in_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.size())).sum()
    }

    /// How many segments there are.
    pub fn number_of_segments(&self) -> usize {
        self.segments.len()
    }

    /// The latest leader epoch that the log knows.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest().map(|entry| entry.epoch)
    }

    /// The leader epoch of the first record of the log.
    pub fn earliest_epoch(&self) -> Option<LeaderEpoch> {
        let earliest = self.epochs.earliest()?;
        (earliest.start_offset <= self.log_start_offset).then_some(earliest.epoch)
    }

    /// The leader epoch of the record at an offset.
    pub fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.epoch_for_offset(offset)
    }

    /// The greatest known epoch that is at most `epoch`, and the offset after its last record;
    /// `None` when the epoch is newer than all known ones.
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        self.epochs.end_offset_for(epoch, self.log_end_offset)
    }

    /// Notes that a leader's term begins at the end of the log, before its first append.
    pub fn begin_epoch(&mut self, epoch: LeaderEpoch) -> Result<(), StorageError> {
        self.check_alive()?;
        self.epochs.begin(epoch, self.log_end_offset);
        Ok(())
    }

    /// Why the log does not work any more, if so.
    pub fn failure(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    fn check_alive(&self) -> Result<(), StorageError> {
        match &self.failed {
            None => Ok(()),
            Some(reason) => Err(StorageError::Failed {
                directory: self.folder.path().to_owned(),
                reason: Arc::clone(reason),
            }),
        }
    }

    /// Stops the log for good: nobody knows any more what the disk holds.
    fn fail(&mut self, error: StorageError) -> StorageError {
        if self.failed.is_none() {
            tracing::error!(log = %self.folder.path().display(), %error, "the log has failed");
            self.failed = Some(error.to_string().into());
        }
        error
    }

    fn active(&self) -> &Segment {
        // Holds by construction: every path that removes segments adds one first.
        &self.segments[self.segments.len() - 1]
    }

    fn active_mut(&mut self) -> (&mut Segment, &Folder) {
        let last = self.segments.len() - 1;
        (&mut self.segments[last], &self.folder)
    }

    /// The segment that holds an offset, or the first one.
    fn segment_index(&self, offset: Offset) -> usize {
        let after = self.segments.partition_point(|segment| segment.base_offset() <= offset);
        after.saturating_sub(1)
    }

    fn log_path(&self, segment: &Segment) -> PathBuf {
        self.folder.file_path(segment.base_offset(), FileKind::Log.ending())
    }

    fn remember_end(&self) {
        let active = self.active();
        self.hints.add(PositionHint {
            offset: self.log_end_offset,
            segment: active.base_offset(),
            position: active.size(),
        });
    }

    /// Ends the active segment and begins a new one at the end of the log.
    pub fn roll(&mut self, now: Timestamp) -> Result<(), StorageError> {
        self.check_alive()?;
        self.roll_at(self.log_end_offset, now)
    }

    fn roll_at(&mut self, base_offset: Offset, now: Timestamp) -> Result<(), StorageError> {
        if self.active().base_offset() == base_offset {
            // An empty segment, or one whose only records were truncated.
            return Ok(());
        }
        let (active, folder) = self.active_mut();
        active.finish_index(folder)?;
        self.producers.set_end_offset(base_offset);
        self.take_snapshot()?;
        let created = Segment::create(&self.folder, base_offset, self.config.index_limits(), now);
        self.name_changes += 1;
        let segment = match created {
            Ok(segment) => segment,
            Err(AppendFailure::Refused(error) | AppendFailure::Undone(error)) => return Err(error),
            Err(AppendFailure::Broken(error)) => return Err(self.fail(error)),
        };
        self.segments.push(segment);
        self.remember_end();
        Ok(())
    }

    fn snapshot_path(&self, offset: Offset) -> PathBuf {
        self.folder.file_path(offset, file_names::PRODUCER_SNAPSHOT)
    }
}
