//! Where each leader's term begins in the log (KIP-101), kept in `leader-epoch-checkpoint`.
//!
//! Epochs and their start offsets grow together. An assignment is on the disk before the first record
//! of its term; a removal is in memory first, as recovery repeats it. A term without records is in
//! memory only: nobody can miss it after a restart, and starting with thousands of partitions must
//! not wait for a sync of each.

use std::path::PathBuf;

use model::{LeaderEpoch, Offset};

use crate::checkpoint::{EpochEntry, read_epochs, write_epochs};
use crate::error::StorageError;
use crate::fs::FileSystem;

/// The terms of a partition's leaders.
#[derive(Debug)]
pub(crate) struct LeaderEpochCache {
    path: PathBuf,
    /// Ascending in both fields.
    entries: Vec<EpochEntry>,
    /// Whether the latest term is not on the disk.
    is_unwritten: bool,
}

impl LeaderEpochCache {
    pub(crate) fn open(file_system: &dyn FileSystem, path: PathBuf) -> Result<Self, StorageError> {
        let read = read_epochs(file_system, &path)?;
        let mut cache = Self { path, entries: Vec::new(), is_unwritten: false };
        for entry in read {
            cache.entries = cache.with(entry).unwrap_or(cache.entries);
        }
        Ok(cache)
    }

    pub(crate) fn set_path(&mut self, path: PathBuf) {
        self.path = path;
    }

    #[cfg(test)]
    pub(crate) fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    pub(crate) fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    pub(crate) fn earliest(&self) -> Option<EpochEntry> {
        self.entries.first().copied()
    }

    /// Notes that `epoch` begins at `start_offset`, before it has a record.
    pub(crate) fn begin(&mut self, epoch: LeaderEpoch, start_offset: Offset) {
        let news = epoch.known().and_then(|epoch| self.with(EpochEntry { epoch, start_offset }));
        if let Some(entries) = news {
            self.entries = entries;
            self.is_unwritten = true;
        }
    }

    /// Notes that the first record of `epoch` comes at `start_offset`; writes only when the disk does
    /// not know.
    pub(crate) fn assign(
        &mut self,
        file_system: &dyn FileSystem,
        epoch: LeaderEpoch,
        start_offset: Offset,
    ) -> Result<(), StorageError> {
        if epoch.known().is_none() {
            return Ok(());
        }
        let news = self.with(EpochEntry { epoch, start_offset });
        if news.is_some() || self.is_unwritten {
            let entries = news.unwrap_or_else(|| self.entries.clone());
            write_epochs(file_system, &self.path, &entries)?;
            self.entries = entries;
            self.is_unwritten = false;
        }
        Ok(())
    }

    /// The entries with this one added and what contradicts it removed; `None` when it is no news.
    fn with(&self, entry: EpochEntry) -> Option<Vec<EpochEntry>> {
        let news = self.latest().is_none_or(|latest| {
            entry.epoch != latest.epoch || entry.start_offset < latest.start_offset
        });
        news.then(|| {
            let keep = self
                .entries
                .iter()
                .take_while(|old| old.epoch < entry.epoch && old.start_offset < entry.start_offset)
                .copied();
            keep.chain([entry]).collect()
        })
    }

    /// The epoch of the records at an offset.
    pub(crate) fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.start_offset <= offset)
            .map(|entry| entry.epoch)
    }

    /// The greatest known epoch that is at most `requested`, and where it ends (KIP-101, KIP-279).
    pub(crate) fn end_offset_for(
        &self,
        requested: LeaderEpoch,
        log_end_offset: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        requested.known()?;
        if self.latest()?.epoch == requested {
            return Some((requested, log_end_offset));
        }
        let higher = self.entries.iter().position(|entry| entry.epoch > requested)?;
        let end_offset = self.entries[higher].start_offset;
        match higher.checked_sub(1) {
            Some(floor) => Some((self.entries[floor].epoch, end_offset)),
            // All of the requested epoch was deleted; its follower goes on where the log starts.
            None => Some((requested, end_offset)),
        }
    }

    /// Forgets epochs that begin at or after the end of the log; returns whether any did.
    pub(crate) fn truncate_from_end(&mut self, end_offset: Offset) -> bool {
        let kept = self.entries.partition_point(|entry| entry.start_offset < end_offset);
        let removed = kept < self.entries.len();
        self.entries.truncate(kept);
        removed
    }

    /// Moves the first epoch up to the start of the log and forgets those that end before it.
    pub(crate) fn truncate_from_start(&mut self, start_offset: Offset) -> bool {
        let before = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        let Some(first) = before.checked_sub(1) else { return false };
        let changed = first > 0 || self.entries[first].start_offset != start_offset;
        self.entries.drain(..first);
        self.entries[0].start_offset = start_offset;
        changed
    }

    /// Takes the term of a record from the record itself, and forgets what says otherwise; returns
    /// whether that is news, which [`Self::write`] makes lasting. The records are the truth: a
    /// truncation may have reached this file and not the log.
    pub(crate) fn learn(&mut self, record: EpochEntry) -> bool {
        let epoch = Some(record.epoch);
        if self.epoch_for_offset(record.start_offset) == epoch {
            return false;
        }
        let forgot = self.truncate_from_end(record.start_offset);
        let is_later = self.latest().is_none_or(|latest| latest.epoch < record.epoch);
        if is_later {
            self.entries.push(record);
        }
        forgot || is_later
    }

    /// Puts terms in front, ascending and at most the first one that is known.
    pub(crate) fn prepend(&mut self, mut earlier: Vec<EpochEntry>) {
        let last = earlier.last().map(|entry| entry.epoch);
        let is_known = self.earliest().is_some_and(|first| Some(first.epoch) == last);
        earlier.extend_from_slice(&self.entries[usize::from(is_known)..]);
        self.entries = earlier;
    }

    /// Forgets everything; [`Self::write`] makes it lasting.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Writes the entries as they are.
    pub(crate) fn write(&self, file_system: &dyn FileSystem) -> Result<(), StorageError> {
        write_epochs(file_system, &self.path, &self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::SimulatedFileSystem;

    fn cache(entries: &[(i32, i64)]) -> (SimulatedFileSystem, LeaderEpochCache) {
        let disk = SimulatedFileSystem::new();
        let mut cache = LeaderEpochCache::open(&disk, PathBuf::from("/epochs")).unwrap();
        for &(epoch, offset) in entries {
            cache.assign(&disk, LeaderEpoch::new(epoch), Offset::new(offset)).unwrap();
        }
        (disk, cache)
    }

    fn entries(cache: &LeaderEpochCache) -> Vec<(i32, i64)> {
        cache.entries().iter().map(|e| (e.epoch.get(), e.start_offset.get())).collect()
    }

    #[test]
    fn contradicting_entries_are_replaced() {
        let (disk, mut epochs) = cache(&[(1, 0), (2, 10), (3, 20)]);
        epochs.assign(&disk, LeaderEpoch::new(4), Offset::new(15)).unwrap();
        assert_eq!(entries(&epochs), [(1, 0), (2, 10), (4, 15)]);
        let again = LeaderEpochCache::open(&disk, PathBuf::from("/epochs")).unwrap();
        assert_eq!(entries(&again), entries(&epochs));
    }

    #[test]
    fn first_start_offset_of_an_epoch_stays() {
        assert_eq!(entries(&cache(&[(1, 0), (1, 10)]).1), [(1, 0)]);
    }

    #[test]
    fn kip_279_end_offset_of_the_greatest_epoch_not_above_the_requested() {
        let (_, epochs) = cache(&[(2, 5), (4, 20), (6, 30)]);
        let end = |epoch| {
            let found = epochs.end_offset_for(LeaderEpoch::new(epoch), Offset::new(40));
            found.map(|(epoch, offset)| (epoch.get(), offset.get()))
        };
        assert_eq!(end(6), Some((6, 40)));
        assert_eq!(end(5), Some((4, 30)));
        assert_eq!(end(4), Some((4, 30)));
        assert_eq!(end(3), Some((2, 20)));
        assert_eq!(end(1), Some((1, 5)));
        assert_eq!(end(7), None);
        assert_eq!(end(-1), None);
    }

    #[test]
    fn term_is_written_with_its_first_record_and_not_before() {
        let (disk, mut epochs) = cache(&[(1, 0)]);
        let on_disk = || LeaderEpochCache::open(&disk, PathBuf::from("/epochs")).unwrap();
        epochs.begin(LeaderEpoch::new(2), Offset::new(10));
        assert_eq!(entries(&epochs), [(1, 0), (2, 10)]);
        assert_eq!(entries(&on_disk()), [(1, 0)]);
        epochs.assign(&disk, LeaderEpoch::new(2), Offset::new(10)).unwrap();
        assert_eq!(entries(&on_disk()), [(1, 0), (2, 10)]);
        // A term in which nothing was written gives way to the next.
        epochs.begin(LeaderEpoch::new(3), Offset::new(20));
        epochs.begin(LeaderEpoch::new(4), Offset::new(20));
        epochs.assign(&disk, LeaderEpoch::new(4), Offset::new(20)).unwrap();
        assert_eq!(entries(&on_disk()), [(1, 0), (2, 10), (4, 20)]);
    }

    #[test]
    fn truncation_keeps_epochs_inside_the_log() {
        let (_, mut epochs) = cache(&[(2, 5), (4, 20), (6, 30)]);
        assert!(epochs.truncate_from_end(Offset::new(30)));
        assert_eq!(entries(&epochs), [(2, 5), (4, 20)]);
        assert!(epochs.truncate_from_start(Offset::new(25)));
        assert_eq!(entries(&epochs), [(4, 25)]);
        assert!(!epochs.truncate_from_start(Offset::new(25)));
        assert!(!epochs.truncate_from_end(Offset::new(26)));
    }
}
