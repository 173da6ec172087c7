//! What the log remembers of idempotent and transactional producers (KIP-98): the last batches of
//! each, to recognise what is sent again, and the transactions that are open.
//!
//! A check looks at batches against the state without changing it; the changes are applied once the
//! batches are in the log. So a failed write leaves the state as it was.

use std::collections::BTreeMap;

use model::{Clock, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::BatchHeader;

use crate::error::AppendError;

/// How many batches of a producer are remembered: as many as a client may have in flight.
const BATCHES_REMEMBERED: usize = 5;

/// Where batches come from, which tells how much has to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOrigin {
    /// A producer: everything is checked.
    Client,
    /// A coordinator of this node: its batches carry no sequences.
    Coordinator,
    /// The leader, which checked already.
    Replication,
}

/// One batch of a producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchMetadata {
    pub(crate) last_sequence: Sequence,
    pub(crate) last_offset: Offset,
    pub(crate) offset_delta: i32,
    pub(crate) timestamp: Timestamp,
}

impl BatchMetadata {
    /// What is remembered of a batch that is in the log.
    pub(crate) fn of(batch: &BatchHeader) -> Self {
        Self {
            last_sequence: batch.last_sequence(),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta,
            timestamp: batch.max_timestamp,
        }
    }

    pub(crate) fn first_offset(&self) -> Offset {
        self.last_offset.plus(-i64::from(self.offset_delta))
    }

    fn first_sequence(&self) -> Sequence {
        // Sequences go from their maximum to 0.
        let span = i64::from(i32::MAX) + 1;
        let first = i64::from(self.last_sequence.get()) - i64::from(self.offset_delta);
        Sequence::new(first.rem_euclid(span) as i32)
    }
}

/// What is known of one producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProducerEntry {
    pub(crate) epoch: ProducerEpoch,
    pub(crate) coordinator_epoch: i32,
    pub(crate) last_timestamp: Timestamp,
    pub(crate) transaction_start: Option<Offset>,
    /// Oldest first.
    batches: Vec<BatchMetadata>,
}

impl Default for ProducerEntry {
    fn default() -> Self {
        Self {
            epoch: ProducerEpoch::NONE,
            coordinator_epoch: -1,
            last_timestamp: Timestamp::NONE,
            transaction_start: None,
            batches: Vec::new(),
        }
    }
}

impl ProducerEntry {
    pub(crate) fn last_batch(&self) -> Option<&BatchMetadata> {
        self.batches.last()
    }

    /// The end of the last batch that is remembered from before an offset.
    pub(crate) fn last_offset_before(&self, offset: Offset) -> Option<Offset> {
        self.batches.iter().rev().map(|batch| batch.last_offset).find(|last| *last < offset)
    }

    pub(crate) fn last_sequence(&self) -> Sequence {
        self.last_batch().map_or(Sequence::NONE, |batch| batch.last_sequence)
    }

    pub(crate) fn add_batch(&mut self, epoch: ProducerEpoch, batch: BatchMetadata) {
        self.set_epoch(epoch);
        self.remember(batch);
        self.last_timestamp = batch.timestamp;
    }

    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.batches.clear();
            self.epoch = epoch;
        }
    }

    fn remember(&mut self, batch: BatchMetadata) {
        if self.batches.len() == BATCHES_REMEMBERED {
            self.batches.remove(0);
        }
        self.batches.push(batch);
    }

    /// Puts older batches of the same epoch before those that a snapshot kept.
    pub(crate) fn remember_earlier(&mut self, earlier: &[BatchMetadata]) {
        let room = BATCHES_REMEMBERED.saturating_sub(self.batches.len());
        let skipped = earlier.len().saturating_sub(room);
        self.batches.splice(..0, earlier[skipped..].iter().copied());
    }

    /// The entry that an append starts from: the same producer, no batches yet.
    fn continued(&self) -> Self {
        Self { batches: Vec::new(), ..self.clone() }
    }

    fn apply(&mut self, next: Self) {
        self.set_epoch(next.epoch);
        next.batches.into_iter().for_each(|batch| self.remember(batch));
        self.coordinator_epoch = next.coordinator_epoch;
        self.transaction_start = next.transaction_start;
        self.last_timestamp = next.last_timestamp;
    }

    fn duplicate_of(&self, batch: &BatchHeader) -> Option<BatchMetadata> {
        let known = |old: &&BatchMetadata| {
            old.first_sequence() == batch.base_sequence
                && old.last_sequence == batch.last_sequence()
        };
        (batch.producer_epoch == self.epoch)
            .then(|| self.batches.iter().find(known).copied())
            .flatten()
    }
}

/// The end of a transaction, as its marker in the log tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndMarker {
    pub(crate) is_abort: bool,
    pub(crate) coordinator_epoch: i32,
    pub(crate) timestamp: Timestamp,
}

/// A transaction that a marker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompletedTransaction {
    pub(crate) producer_id: ProducerId,
    pub(crate) first_offset: Offset,
    pub(crate) last_offset: Offset,
    pub(crate) is_abort: bool,
}

/// What an append will change, once it is in the log.
#[derive(Debug, Default)]
pub(crate) struct ProducerUpdate {
    entries: Vec<(ProducerId, ProducerEntry)>,
    started: Vec<(Offset, ProducerId)>,
    pub(crate) completed: Vec<CompletedTransaction>,
}

/// The outcome of a check.
#[derive(Debug)]
pub(crate) enum ProducerCheck {
    /// The batch is in the log already.
    Duplicate(BatchMetadata),
    /// The batches may be appended.
    Accepted(ProducerUpdate),
}

/// The producers of a partition.
#[derive(Debug, Default)]
pub(crate) struct ProducerStates {
    producers: BTreeMap<ProducerId, ProducerEntry>,
    /// Open transactions by their first offset.
    ongoing: BTreeMap<Offset, ProducerId>,
    /// Ended transactions whose marker is not known to be committed: first offset to marker.
    unreplicated: BTreeMap<Offset, Offset>,
    /// All batches before this offset are in the state.
    end_offset: Offset,
}

impl ProducerStates {
    pub(crate) fn end_offset(&self) -> Offset {
        self.end_offset
    }

    pub(crate) fn set_end_offset(&mut self, offset: Offset) {
        self.end_offset = offset;
    }

    pub(crate) fn producers(&self) -> &BTreeMap<ProducerId, ProducerEntry> {
        &self.producers
    }

    pub(crate) fn entry_mut(&mut self, producer_id: ProducerId) -> Option<&mut ProducerEntry> {
        self.producers.get_mut(&producer_id)
    }

    /// Forgets everything and starts again at an offset.
    pub(crate) fn reset(&mut self, offset: Offset) {
        *self = Self { end_offset: offset, ..Self::default() };
    }

    /// Takes over a producer from a snapshot.
    pub(crate) fn load(&mut self, producer_id: ProducerId, entry: ProducerEntry) {
        if let Some(start) = entry.transaction_start {
            self.ongoing.insert(start, producer_id);
        }
        self.producers.insert(producer_id, entry);
    }

    /// Forgets producers that were idle for long. Those with a transaction open stay.
    pub(crate) fn expire(&mut self, clock: &Clock, expiration_ms: i64) {
        self.producers.retain(|_, entry| !is_expired(entry, clock, expiration_ms));
    }

    /// The first offset whose fate is not yet known to all: of an open transaction, or of one whose
    /// end is not committed.
    pub(crate) fn first_unstable_offset(&self) -> Option<Offset> {
        let undecided = self.ongoing.keys().next();
        let unreplicated = self.unreplicated.keys().next();
        undecided.into_iter().chain(unreplicated).min().copied()
    }

    /// Notes that markers before an offset are committed.
    pub(crate) fn committed_to(&mut self, high_watermark: Offset) {
        self.unreplicated.retain(|_, marker| *marker >= high_watermark);
    }

    /// The last stable offset after a transaction ends, which the transaction index keeps.
    pub(crate) fn last_stable_offset(&self, completed: &CompletedTransaction) -> Offset {
        let other = self.ongoing.iter().find(|(_, producer)| **producer != completed.producer_id);
        other.map_or(completed.last_offset.next(), |(first_offset, _)| *first_offset)
    }

    /// Looks at batches that are to be appended at the offsets in their headers.
    pub(crate) fn check(
        &self,
        batches: &[(BatchHeader, Option<EndMarker>)],
        origin: AppendOrigin,
    ) -> Result<ProducerCheck, AppendError> {
        let mut update = ProducerUpdate::default();
        for (batch, marker) in batches {
            if batch.producer_id.get() < 0 {
                continue;
            }
            let current = self.producers.get(&batch.producer_id);
            if origin == AppendOrigin::Client
                && let Some(duplicate) = current.and_then(|entry| entry.duplicate_of(batch))
            {
                return Ok(ProducerCheck::Duplicate(duplicate));
            }
            let slot = update.entries.iter().position(|(id, _)| *id == batch.producer_id);
            let slot = slot.unwrap_or_else(|| {
                let entry = current.map(ProducerEntry::continued).unwrap_or_default();
                update.entries.push((batch.producer_id, entry));
                update.entries.len() - 1
            });
            let updated = &mut update.entries[slot].1;
            match marker {
                Some(marker) => {
                    update.completed.extend(end_transaction(updated, batch, marker, origin)?)
                }
                // A control batch without a marker was emptied by a cleaner.
                None if batch.is_control() => {}
                None => update.started.extend(add_data(updated, current, batch, origin)?),
            }
        }
        Ok(ProducerCheck::Accepted(update))
    }

    /// Takes over what a check found, now that the batches are in the log up to `end_offset`.
    /// Returns for each aborted transaction the last stable offset after it.
    pub(crate) fn apply(
        &mut self,
        update: ProducerUpdate,
        end_offset: Offset,
    ) -> Vec<(CompletedTransaction, Offset)> {
        for (producer_id, next) in update.entries {
            self.producers.entry(producer_id).or_default().apply(next);
        }
        self.ongoing.extend(update.started);
        let mut aborted = Vec::new();
        for completed in update.completed {
            if completed.is_abort {
                aborted.push((completed, self.last_stable_offset(&completed)));
            }
            self.ongoing.remove(&completed.first_offset);
            self.unreplicated.insert(completed.first_offset, completed.last_offset);
        }
        self.end_offset = end_offset;
        aborted
    }
}

/// Whether a producer was idle for so long that it is forgotten.
fn is_expired(entry: &ProducerEntry, clock: &Clock, expiration_ms: i64) -> bool {
    entry.transaction_start.is_none()
        && clock.age_ms(entry.last_timestamp).is_some_and(|age| age >= expiration_ms)
}

fn add_data(
    updated: &mut ProducerEntry,
    current: Option<&ProducerEntry>,
    batch: &BatchHeader,
    origin: AppendOrigin,
) -> Result<Option<(Offset, ProducerId)>, AppendError> {
    check_epoch(updated, batch, origin)?;
    if origin == AppendOrigin::Client {
        check_sequence(updated, current, batch)?;
    }
    updated.add_batch(batch.producer_epoch, BatchMetadata::of(batch));
    match updated.transaction_start {
        Some(_) if !batch.is_transactional() => {
            Err(AppendError::InvalidTransactionState { producer_id: batch.producer_id })
        }
        None if batch.is_transactional() => {
            updated.transaction_start = Some(batch.base_offset);
            Ok(Some((batch.base_offset, batch.producer_id)))
        }
        _ => Ok(None),
    }
}

fn end_transaction(
    updated: &mut ProducerEntry,
    batch: &BatchHeader,
    marker: &EndMarker,
    origin: AppendOrigin,
) -> Result<Option<CompletedTransaction>, AppendError> {
    check_epoch(updated, batch, origin)?;
    if updated.coordinator_epoch > marker.coordinator_epoch && origin != AppendOrigin::Replication {
        return Err(AppendError::CoordinatorFenced {
            current: updated.coordinator_epoch,
            found: marker.coordinator_epoch,
        });
    }
    // A marker of a transaction without records here changes no offset's fate.
    let completed = updated.transaction_start.map(|first_offset| CompletedTransaction {
        producer_id: batch.producer_id,
        first_offset,
        last_offset: batch.base_offset,
        is_abort: marker.is_abort,
    });
    updated.set_epoch(batch.producer_epoch);
    updated.coordinator_epoch = marker.coordinator_epoch;
    updated.transaction_start = None;
    updated.last_timestamp = marker.timestamp;
    Ok(completed)
}

fn check_epoch(
    updated: &ProducerEntry,
    batch: &BatchHeader,
    origin: AppendOrigin,
) -> Result<(), AppendError> {
    if batch.producer_epoch < updated.epoch && origin != AppendOrigin::Replication {
        return Err(AppendError::InvalidProducerEpoch {
            producer_id: batch.producer_id,
            current: updated.epoch,
            found: batch.producer_epoch,
        });
    }
    Ok(())
}

fn check_sequence(
    updated: &ProducerEntry,
    current: Option<&ProducerEntry>,
    batch: &BatchHeader,
) -> Result<(), AppendError> {
    let first = batch.base_sequence;
    let out_of_order = |last| AppendError::OutOfOrderSequence {
        producer_id: batch.producer_id,
        last,
        found: first,
    };
    if batch.producer_epoch != updated.epoch {
        // A new epoch starts at 0; of a producer that is not known, any sequence is taken, since
        // what it wrote before may have been deleted.
        if first.get() != 0 && updated.epoch != ProducerEpoch::NONE {
            let known = if updated.last_batch().is_some() { Some(updated) } else { current };
            return Err(out_of_order(known.map_or(Sequence::NONE, ProducerEntry::last_sequence)));
        }
        return Ok(());
    }
    let Some(current) = current.filter(|entry| entry.epoch != ProducerEpoch::NONE) else {
        return Ok(());
    };
    let last = if updated.last_batch().is_some() {
        updated.last_sequence()
    } else if batch.producer_epoch == current.epoch {
        current.last_sequence()
    } else {
        Sequence::NONE
    };
    let follows =
        first.get() == last.get().wrapping_add(1) || (first.get() == 0 && last.get() == i32::MAX);
    if follows { Ok(()) } else { Err(out_of_order(last)) }
}
