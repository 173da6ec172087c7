//! Opening a log: what the folder holds becomes segments, a log that was not closed cleanly is
//! recovered, and the producers' state is loaded.

use std::path::PathBuf;
use std::sync::Arc;

use model::{Offset, Timestamp};

use super::holes::HOLES_FILE;
use super::{Log, interrupted};
use crate::checkpoint::{EPOCHS_FILE, EpochEntry};
use crate::error::{IoContext, StorageError};
use crate::file_names::{self, offset_of};
use crate::fs::{DirectoryEntry, FileSystem, remove_file_if_exists};
use crate::leader_epoch_cache::LeaderEpochCache;
use crate::log_config::LogConfig;
use crate::open_files::{Folder, OpenFiles};
use crate::position_hints::PositionHints;
use crate::producer_state::ProducerStates;
use crate::segment::{AppendFailure, Segment};
use crate::transaction_index;

/// What the checkpoints of the log directory say of a log that is opened.
#[derive(Debug, Clone, Copy)]
pub struct OpenState {
    /// From `recovery-point-offset-checkpoint`; 0 when it has no entry.
    pub recovery_point: Offset,
    /// From `log-start-offset-checkpoint`; 0 when it has no entry. Ignored, like the recovery
    /// point, where it can only be that of a deleted partition of the same name.
    pub log_start_offset: Offset,
    /// From `cleaner-offset-checkpoint`; 0 when it has no entry.
    pub cleaned_to: Offset,
    /// Whether the directory has the mark of a clean stop: nothing is scanned then.
    pub clean: bool,
    /// The clock.
    pub now: Timestamp,
    /// Random bits, from which the roll times are drawn.
    pub jitter_seed: u64,
}

/// What opening a log did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Bytes whose checksums were verified.
    pub scanned_bytes: u64,
    /// Bytes of the unflushed end that were no whole batches and were cut off.
    pub truncated_bytes: u64,
    /// Whether the log ends before its recovery point.
    pub ends_before_recovery_point: bool,
}

/// What a partition's folder holds.
#[derive(Debug, Default)]
struct Contents {
    /// Whether there was nothing, not even what an interrupted operation left.
    is_bare: bool,
    /// Base offset and size, ascending.
    segments: Vec<(Offset, u32)>,
    snapshots: Vec<Offset>,
    /// The first segment whose transaction index is not to be trusted: it is damaged, or the offset
    /// index beside it is gone.
    suspect: Option<Offset>,
    /// Whether there is the mark of `holes`.
    has_holes: bool,
}

impl Log {
    /// Opens the log in a folder, creating it when it is not there.
    pub fn open(
        file_system: Arc<dyn FileSystem>,
        files: Arc<OpenFiles>,
        directory: PathBuf,
        config: Arc<LogConfig>,
        state: OpenState,
    ) -> Result<(Self, RecoveryReport), StorageError> {
        let folder = Folder::new(file_system, files, directory);
        create_folder(&folder)?;
        let contents = read_folder(&folder)?;
        let epochs = LeaderEpochCache::open(folder.file_system(), folder.path().join(EPOCHS_FILE))?;
        let limits = config.index_limits();
        let existing =
            |&(base, size): &(Offset, u32)| Segment::existing(base, size, limits, state.now);
        // A folder without anything is left of a creation that a stop interrupted.
        let is_new = contents.is_bare;
        let first_base = contents.segments.first().map_or(Offset::ZERO, |(base, _)| *base);
        let mut log = Self {
            folder,
            config,
            jitter_seed: state.jitter_seed,
            segments: contents.segments.iter().map(existing).collect(),
            log_start_offset: state.log_start_offset.max(first_base),
            log_end_offset: Offset::ZERO,
            synced_offset: Offset::ZERO,
            recovery_point: state.recovery_point,
            cleaned_to: if is_new { Offset::ZERO } else { state.cleaned_to },
            has_holes: contents.has_holes,
            has_recovery_limit: false,
            bytes_since_recovery_point: 0,
            epochs,
            producers: ProducerStates::default(),
            snapshots: contents.snapshots,
            unsynced_snapshots: Vec::new(),
            unsynced_transactions: Vec::new(),
            renamed_files: Vec::new(),
            hints: PositionHints::default(),
            truncations: 0,
            name_changes: u64::from(is_new),
            synced_name_changes: 0,
            is_being_copied: false,
            failed: None,
        };
        if is_new {
            log.begin_recovery_limit()?;
        } else {
            log.apply_recovery_limit(state.clean)?;
        }
        let report = log.load(state.clean || is_new, contents.suspect, state.now)?;
        Ok((log, report))
    }

    fn load(
        &mut self,
        clean: bool,
        suspect: Option<Offset>,
        now: Timestamp,
    ) -> Result<RecoveryReport, StorageError> {
        self.remove_empty_segments()?;
        let report = match (clean, self.segments.last()) {
            (true, Some(last)) => {
                self.log_end_offset = last.end_offset(&self.folder)?;
                self.synced_offset = self.log_end_offset;
                self.recovery_point = self.log_end_offset;
                RecoveryReport::default()
            }
            (false, Some(_)) => self.recover()?,
            (_, None) => RecoveryReport::default(),
        };
        self.place_start(now)?;
        let end_offset = self.log_end_offset;
        let mut epochs_changed = self.epochs.truncate_from_end(end_offset);
        epochs_changed |= self.epochs.truncate_from_start(self.log_start_offset);
        epochs_changed |= self.find_earlier_epochs()?;
        if epochs_changed {
            self.epochs.write(self.folder.file_system())?;
        }
        let unsynced_from = (!clean).then_some(self.recovery_point);
        let repair_from = unsynced_from.into_iter().chain(suspect).min();
        self.rebuild_producers(end_offset, repair_from)?;
        self.remove_passed_snapshots()?;
        self.remember_end();
        Ok(report)
    }

    /// Removes empty segments between others: a roll that failed may have left one, which a power
    /// loss brings back. An empty first one says that its records are lost; recovery sees to that.
    fn remove_empty_segments(&mut self) -> Result<(), StorageError> {
        let last = self.segments.len().saturating_sub(1);
        let empty: Vec<Offset> = self.segments[..last]
            .iter()
            .skip(1)
            .filter(|segment| segment.size() == 0)
            .map(Segment::base_offset)
            .collect();
        self.segments.retain(|segment| !empty.contains(&segment.base_offset()));
        empty.into_iter().try_for_each(|base_offset| self.remove_segment_files(base_offset))
    }

    /// Makes the start of the log fit its records. A start that the log does not reach is stale, or
    /// records of before it were lost: either way, what is there is more likely wanted than not.
    fn place_start(&mut self, now: Timestamp) -> Result<(), StorageError> {
        let has_records = self.segments.iter().any(|segment| segment.size() > 0);
        match self.segments.first() {
            Some(_) if self.log_end_offset >= self.log_start_offset => Ok(()),
            Some(first) if has_records => {
                tracing::warn!(
                    log = %self.folder.path().display(),
                    log_start_offset = %self.log_start_offset,
                    log_end_offset = %self.log_end_offset,
                    "ignoring a checkpointed log start offset beyond the end of the log"
                );
                self.log_start_offset = first.base_offset();
                Ok(())
            }
            _ => self.start_empty(now),
        }
    }

    /// Begins at the log start offset: a log without records.
    fn start_empty(&mut self, now: Timestamp) -> Result<(), StorageError> {
        let start = self.log_start_offset;
        for segment in std::mem::take(&mut self.segments) {
            self.remove_segment_files(segment.base_offset())?;
        }
        let segment = Segment::create(&self.folder, start, self.config.index_limits(), now)
            .map_err(AppendFailure::into_error)?;
        self.name_changes += 1;
        self.segments.push(segment);
        self.log_end_offset = start;
        self.synced_offset = start;
        self.recovery_point = start;
        Ok(())
    }

    /// Reads the terms that the log has from before the first known one: its start went back, as no
    /// checkpoint had it yet, or the file of the terms is gone. Returns whether there are any.
    fn find_earlier_epochs(&mut self) -> Result<bool, StorageError> {
        let first = self.epochs.earliest();
        let end = first.map_or(self.log_end_offset, |first| first.start_offset);
        let start = self.log_start_offset;
        if end <= start {
            // The rule, also where the log begins inside of a segment: nothing is read.
            return Ok(false);
        }
        let mut found: Vec<EpochEntry> = Vec::new();
        let segments = self.segments.iter().skip(self.segment_index(start));
        'log: for segment in segments.take_while(|segment| segment.base_offset() < end) {
            let mut scanner = segment.scan(&self.folder, 0)?;
            loop {
                let batch = match scanner.next_batch() {
                    Ok(Some((_, batch))) => batch,
                    Ok(None) => break,
                    // Those who read the records are told.
                    Err(StorageError::Corrupt { .. }) => break 'log,
                    Err(error) => return Err(error),
                };
                let epoch = batch.partition_leader_epoch;
                let is_later = first.is_some_and(|first| epoch > first.epoch);
                // Formats before record batches have no epochs, and come first.
                if batch.base_offset >= end || epoch.known().is_none() || is_later {
                    break 'log;
                }
                let is_new = found.last().is_none_or(|last| last.epoch < epoch);
                if batch.next_offset() > start && is_new {
                    let start_offset = batch.base_offset.max(start);
                    found.push(EpochEntry { epoch, start_offset });
                }
            }
        }
        let any = !found.is_empty();
        if any {
            self.epochs.prepend(found);
        }
        Ok(any)
    }

    /// Removes all files of a segment at once.
    pub(super) fn remove_segment_files(&mut self, base_offset: Offset) -> Result<(), StorageError> {
        self.folder.forget_segment(base_offset);
        for ending in SEGMENT_ENDINGS {
            let path = self.folder.file_path(base_offset, ending);
            remove_file_if_exists(self.folder.file_system(), &path).during("remove", &path)?;
        }
        self.name_changes += 1;
        Ok(())
    }
}

/// The files of a segment.
pub(super) const SEGMENT_ENDINGS: [&str; 4] = [
    file_names::LOG,
    file_names::OFFSET_INDEX,
    file_names::TIME_INDEX,
    file_names::TRANSACTION_INDEX,
];

/// Creates the folder when it is not there.
fn create_folder(folder: &Folder) -> Result<(), StorageError> {
    let (file_system, path) = (folder.file_system(), folder.path());
    if file_system.exists(path).during("look up", path)? {
        return Ok(());
    }
    file_system.create_directories(path).during("create", path)?;
    if let Some(parent) = path.parent() {
        file_system.sync_directory(parent).during("sync", parent)?;
    }
    Ok(())
}

/// Lists the folder and removes what an interrupted operation left behind.
fn read_folder(folder: &Folder) -> Result<Contents, StorageError> {
    let list = || folder.file_system().list(folder.path()).during("list", folder.path());
    let mut entries = list()?;
    if interrupted::finish(folder, &entries)? {
        entries = list()?;
    }
    let names: std::collections::HashSet<&str> =
        entries.iter().map(|entry| entry.name.as_str()).collect();
    let mut contents = Contents { is_bare: entries.is_empty(), ..Contents::default() };
    for entry in entries.iter().filter(|entry| !entry.is_directory) {
        let name = entry.name.as_str();
        if is_leftover(name, &names) {
            let path = folder.path().join(name);
            remove_file_if_exists(folder.file_system(), &path).during("remove", &path)?;
        } else if let Some(base) = offset_of(name, file_names::LOG) {
            contents.segments.push((base, segment_size(folder, entry)?));
        } else if let Some(offset) = offset_of(name, file_names::PRODUCER_SNAPSHOT) {
            contents.snapshots.push(offset);
        }
    }
    contents.has_holes = names.contains(HOLES_FILE);
    contents.segments.sort_unstable();
    contents.suspect = suspect(folder, &contents.segments, &names)?;
    contents.snapshots.sort_unstable();
    Ok(contents)
}

fn suspect(
    folder: &Folder,
    segments: &[(Offset, u32)],
    names: &std::collections::HashSet<&str>,
) -> Result<Option<Offset>, StorageError> {
    let has = |base, ending| names.contains(file_names::offset_file(base, ending).as_str());
    for (base, size) in segments {
        let unindexed = *size > 0 && !has(*base, file_names::OFFSET_INDEX);
        if unindexed {
            return Ok(Some(*base));
        }
        if has(*base, file_names::TRANSACTION_INDEX) {
            let path = folder.file_path(*base, file_names::TRANSACTION_INDEX);
            if let Err(reason) = transaction_index::check(folder.file_system(), &path, *base)? {
                tracing::warn!(index = %path.display(), reason, "a transaction index is built again");
                return Ok(Some(*base));
            }
        }
    }
    Ok(None)
}

fn segment_size(folder: &Folder, entry: &DirectoryEntry) -> Result<u32, StorageError> {
    // Kafka's positions are signed.
    let size = u32::try_from(entry.length).ok().filter(|size| *size <= i32::MAX as u32);
    size.ok_or_else(|| StorageError::Malformed {
        path: folder.path().join(&entry.name),
        reason: format!("has {} bytes; a segment has at most 2 GiB", entry.length),
    })
}

/// Whether a file is left of an operation that a stop interrupted, and of no use.
fn is_leftover(name: &str, names: &std::collections::HashSet<&str>) -> bool {
    if [file_names::DELETED, file_names::CLEANED, file_names::TEMPORARY]
        .iter()
        .any(|ending| name.ends_with(ending))
    {
        return true;
    }
    let index_of = SEGMENT_ENDINGS[1..].iter().find_map(|ending| offset_of(name, ending));
    index_of.is_some_and(|base| {
        !names.contains(file_names::offset_file(base, file_names::LOG).as_str())
    })
}
