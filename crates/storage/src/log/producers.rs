//! The producers' state of a log on the disk: snapshots, loading them, and replaying the batches
//! that came after.

use std::collections::BTreeMap;

use model::{Clock, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::BatchHeader;

use super::Log;
use super::append::end_marker;
use crate::error::{IoContext, StorageError};
use crate::file_names;
use crate::fs::remove_file_if_exists;
use crate::producer_snapshot;
use crate::producer_state::{
    AppendOrigin, BatchMetadata, ProducerCheck, ProducerEntry, ProducerStates,
};
use crate::segment::Segment;
use crate::transaction_index::{self, AbortedTransaction};

/// How far before a snapshot batches are looked at again: a snapshot keeps only the last batch of a
/// producer, but a client may send up to five again.
const BACKFILL_BYTES: u32 = 1 << 20;

/// What a log remembers of one producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveProducer {
    /// Who it is.
    pub producer_id: ProducerId,
    /// Its newest epoch.
    pub epoch: ProducerEpoch,
    /// The epoch of the coordinator that last ended a transaction of it; -1 when none did.
    pub coordinator_epoch: i32,
    /// The sequence of its last record.
    pub last_sequence: Sequence,
    /// The time of its last batch.
    pub last_timestamp: Timestamp,
    /// Where its open transaction began.
    pub transaction_start: Option<Offset>,
}

impl Log {
    /// How many producers the log remembers.
    pub fn producer_count(&self) -> usize {
        self.producers.producers().len()
    }

    /// The producers that the log remembers.
    pub fn active_producers(&self) -> Vec<ActiveProducer> {
        let producers = self.producers.producers().iter();
        let active = producers.map(|(&producer_id, entry)| ActiveProducer {
            producer_id,
            epoch: entry.epoch,
            coordinator_epoch: entry.coordinator_epoch,
            last_sequence: entry.last_sequence(),
            last_timestamp: entry.last_timestamp,
            transaction_start: entry.transaction_start,
        });
        active.collect()
    }

    /// Forgets producers that were idle for `producer.id.expiration.ms`.
    pub fn expire_producers(&mut self, clock: &Clock) {
        self.producers.expire(clock, self.config.producer_id_expiration_ms);
    }

    /// The last stable offset: before it every transaction has ended for good.
    pub fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        match self.producers.first_unstable_offset() {
            Some(unstable) => unstable.max(self.log_start_offset).min(high_watermark),
            None => high_watermark,
        }
    }

    /// The aborted transactions that a reader of committed records has to leave out of what it
    /// reads from `start` to before `upper_bound`.
    pub fn aborted_transactions(
        &self,
        start: Offset,
        upper_bound: Offset,
    ) -> Result<Vec<AbortedTransaction>, StorageError> {
        self.check_alive()?;
        let mut found = Vec::new();
        for segment in &self.segments[self.segment_index(start)..] {
            let path = self.folder.file_path(segment.base_offset(), file_names::TRANSACTION_INDEX);
            for aborted in transaction_index::read(self.folder.file_system(), &path)? {
                if aborted.last_offset >= start && aborted.first_offset < upper_bound {
                    found.push(aborted);
                }
                // Every transaction that was aborted later began later.
                if aborted.last_stable_offset >= upper_bound {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// Notes how far the log is committed, which ends transactions for good.
    pub fn note_high_watermark(&mut self, high_watermark: Offset) {
        self.producers.committed_to(high_watermark);
    }

    /// Writes a snapshot at the end of the state, unless there is one.
    pub(super) fn take_snapshot(&mut self) -> Result<(), StorageError> {
        let offset = self.producers.end_offset();
        let known_from = self.snapshots.last().copied().unwrap_or(self.log_start_offset);
        if known_from >= offset {
            return Ok(());
        }
        let contents = producer_snapshot::encode(self.producers.producers().iter());
        let path = self.snapshot_path(offset);
        producer_snapshot::write(self.folder.file_system(), &path, &contents)?;
        self.snapshots.push(offset);
        self.unsynced_snapshots.push(offset);
        self.name_changes += 1;
        Ok(())
    }

    /// Removes a snapshot.
    fn remove_snapshot(&mut self, offset: Offset) -> Result<(), StorageError> {
        let path = self.snapshot_path(offset);
        remove_file_if_exists(self.folder.file_system(), &path).during("remove", &path)?;
        self.snapshots.retain(|snapshot| *snapshot != offset);
        self.unsynced_snapshots.retain(|snapshot| *snapshot != offset);
        self.name_changes += 1;
        Ok(())
    }

    /// Removes the snapshots that `remove` names.
    pub(super) fn remove_snapshots(
        &mut self,
        remove: impl Fn(Offset) -> bool,
    ) -> Result<(), StorageError> {
        let removed: Vec<Offset> =
            self.snapshots.iter().copied().filter(|offset| remove(*offset)).collect();
        removed.into_iter().try_for_each(|offset| self.remove_snapshot(offset))
    }

    /// Removes snapshots that belong to no segment, but for the latest: those of recovery points
    /// that have passed.
    pub(super) fn remove_passed_snapshots(&mut self) -> Result<(), StorageError> {
        let bases: Vec<Offset> = self.segments.iter().map(Segment::base_offset).collect();
        let latest = self.snapshots.last().copied();
        self.remove_snapshots(|offset| {
            Some(offset) != latest && bases.binary_search(&offset).is_err()
        })
    }

    /// Builds the state at `end_offset` from a snapshot before it and the batches after that; without
    /// a snapshot from the start of the log, as an open transaction may begin anywhere. Entries of the
    /// transaction indexes from `repair_from` on are compared with what the batches say.
    pub(super) fn rebuild_producers(
        &mut self,
        end_offset: Offset,
        repair_from: Option<Offset>,
    ) -> Result<(), StorageError> {
        let start = self.log_start_offset;
        // One from behind the recovery point may tell of batches that a crash lost.
        let latest = repair_from.map_or(end_offset, |repair_from| repair_from.min(end_offset));
        self.remove_snapshots(|offset| offset > latest || offset < start)?;
        let mut states = ProducerStates::default();
        let snapshot = self.load_snapshot(&mut states, latest)?;
        let from = snapshot.unwrap_or(start);
        states.set_end_offset(from);
        if snapshot.is_some() && !states.producers().is_empty() {
            self.backfill(&mut states, from)?;
        }
        let aborted = self.replay(&mut states, from, end_offset)?;
        if let Some(repair_from) = repair_from {
            self.repair_transaction_indexes(repair_from, &aborted)?;
        }
        states.set_end_offset(end_offset);
        self.producers = states;
        Ok(())
    }

    /// Loads the newest snapshot up to `latest`.
    fn load_snapshot(
        &mut self,
        states: &mut ProducerStates,
        latest: Offset,
    ) -> Result<Option<Offset>, StorageError> {
        let newest = |snapshots: &[Offset]| {
            snapshots.iter().copied().filter(|offset| *offset <= latest).max()
        };
        while let Some(offset) = newest(&self.snapshots) {
            let path = self.snapshot_path(offset);
            match producer_snapshot::read(self.folder.file_system(), &path)? {
                Ok(entries) => {
                    // Who was idle for too long goes with the next round of retention, which knows
                    // whether the clock can be believed.
                    for (producer_id, entry) in entries {
                        states.load(producer_id, entry);
                    }
                    return Ok(Some(offset));
                }
                Err(reason) => {
                    tracing::warn!(snapshot = %path.display(), %reason, "ignoring a producer snapshot");
                    self.remove_snapshot(offset)?;
                }
            }
        }
        Ok(None)
    }

    /// Brings the state forward, and gives the transactions that were aborted on the way.
    fn replay(
        &self,
        states: &mut ProducerStates,
        from: Offset,
        end_offset: Offset,
    ) -> Result<Vec<AbortedTransaction>, StorageError> {
        let mut aborted = Vec::new();
        if from >= end_offset {
            return Ok(aborted);
        }
        for segment in &self.segments[self.segment_index(from)..] {
            let position = match segment.locate(&self.folder, from)? {
                Some(found) => found.position,
                None => continue,
            };
            let mut scanner = segment.scan(&self.folder, position)?;
            while let Some((position, batch)) = scanner.next_batch()? {
                if batch.base_offset >= end_offset {
                    return Ok(aborted);
                }
                if !batch.has_producer_id() {
                    continue;
                }
                let marker = if batch.is_control() {
                    let bytes = scanner.read_batch(position, &batch)?;
                    end_marker(&bytes).map_err(|reason| StorageError::Corrupt {
                        segment: self.log_path(segment),
                        position: u64::from(position),
                        reason,
                    })?
                } else {
                    None
                };
                let check = states.check(&[(batch, marker)], AppendOrigin::Replication);
                // What is in the log was checked when it was appended; a transaction that a cleaner
                // left without its beginning is no reason to refuse the log.
                if let Ok(ProducerCheck::Accepted(update)) = check {
                    let ended = states.apply(update, batch.next_offset());
                    aborted.extend(ended.iter().map(|(completed, last_stable_offset)| {
                        AbortedTransaction::new(completed, *last_stable_offset)
                    }));
                }
            }
        }
        Ok(aborted)
    }

    /// Makes the entries of markers from `from` on those that the batches ask for.
    fn repair_transaction_indexes(
        &mut self,
        from: Offset,
        aborted: &[AbortedTransaction],
    ) -> Result<(), StorageError> {
        for index in self.segment_index(from)..self.segments.len() {
            let base_offset = self.segments[index].base_offset();
            let next = self.segments.get(index + 1).map(Segment::base_offset);
            let path = self.folder.file_path(base_offset, file_names::TRANSACTION_INDEX);
            let file_system = self.folder.file_system();
            let mut entries = transaction_index::read_sound(file_system, &path, base_offset)?;
            entries.retain(|entry| entry.last_offset < from);
            entries.extend(aborted.iter().filter(|entry| {
                let marker = entry.last_offset;
                marker >= from.max(base_offset) && next.is_none_or(|next| marker < next)
            }));
            if transaction_index::replace(file_system, &path, &entries)? {
                tracing::warn!(index = %path.display(), "built a transaction index again");
                self.name_changes += 1;
            }
        }
        Ok(())
    }

    /// Gives producers of a snapshot their batches before the last one.
    fn backfill(&self, states: &mut ProducerStates, snapshot: Offset) -> Result<(), StorageError> {
        let mut earlier: BTreeMap<ProducerId, Vec<BatchMetadata>> = BTreeMap::new();
        let (first, position) = self.backfill_start(snapshot)?;
        for (index, segment) in self.segments.iter().enumerate().skip(first) {
            if segment.base_offset() >= snapshot {
                break;
            }
            let position = if index == first { position } else { 0 };
            let mut scanner = segment.scan(&self.folder, position)?;
            while let Some((_, batch)) = scanner.next_batch()? {
                if batch.base_offset >= snapshot {
                    break;
                }
                let known = states.producers().get(&batch.producer_id);
                if !batch.is_control() && known.is_some_and(|entry| is_earlier(entry, &batch)) {
                    let batches = earlier.entry(batch.producer_id).or_default();
                    batches.push(BatchMetadata::of(&batch));
                }
            }
        }
        for (producer_id, batches) in earlier {
            if let Some(entry) = states.entry_mut(producer_id) {
                entry.remember_earlier(&batches);
            }
        }
        Ok(())
    }

    /// The segment and position from which batches are looked at again.
    fn backfill_start(&self, snapshot: Offset) -> Result<(usize, u32), StorageError> {
        let last = snapshot.plus(-1);
        let mut index = self.segment_index(last);
        let segment = &self.segments[index];
        let mut end = match segment.locate(&self.folder, last)? {
            Some(found) => found.position,
            None => segment.size(),
        };
        let mut left = BACKFILL_BYTES;
        while end < left && index > 0 {
            left -= end;
            index -= 1;
            end = self.segments[index].size();
        }
        let position = end.saturating_sub(left);
        Ok((index, self.segments[index].indexed_position_before(&self.folder, position)?))
    }
}

/// Whether a batch is one of the producer's before the last that a snapshot kept.
fn is_earlier(entry: &ProducerEntry, batch: &BatchHeader) -> bool {
    entry.epoch == batch.producer_epoch
        && entry.last_batch().is_some_and(|last| last.last_offset > batch.last_offset())
}
