//! Random work on a log against a model of it: appends, reads, truncation, retention, compaction,
//! DeleteRecords, and disks that refuse, lose and tear. Whatever happens, everything that was synced
//! stays, nothing is altered, nothing deleted comes back, and producers stay known.
//!
//! `steps` has what is done, this file what must hold.

use std::collections::{BTreeMap, BTreeSet};

use model::Clock;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::steps::step;
use super::*;

/// A record as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: Option<String>,
    pub(super) value: Option<String>,
    /// Grows with each record.
    pub(super) time: i64,
}

/// A batch of an idempotent producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) sequence: i32,
    pub(super) records: i32,
    pub(super) base: i64,
}

/// What the checkpoint files of the folder say of the log.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Checkpoints {
    pub(super) recovery_point: Offset,
    pub(super) log_start: Offset,
    pub(super) cleaned_to: Offset,
}

/// The log and what it must hold.
pub(super) struct Model {
    pub(super) bench: Bench,
    pub(super) log: Log,
    /// Everything that was appended and not lost, also what was deleted or compacted away.
    pub(super) written: BTreeMap<i64, Record>,
    /// Everything that was ever appended at an offset.
    pub(super) history: BTreeMap<i64, Vec<Record>>,
    /// The batches of each producer that it may send again.
    pub(super) sent: BTreeMap<i64, Vec<Sent>>,
    /// Producers whose last batch was compacted for the sake of one that was cut off: what the log
    /// knows of them is from before either.
    pub(super) uncertain: BTreeSet<i64>,
    pub(super) synced: i64,
    /// The offsets that had records when the disk broke.
    pub(super) held: Vec<i64>,
    /// Nothing from here on was ever compacted.
    pub(super) compacted_to: i64,
    /// Whether the log was ever one that may have holes.
    pub(super) may_have_holes: bool,
    pub(super) checkpoints: Checkpoints,
    pub(super) log_start: Offset,
    /// Where the log may begin after a crash although a later start was told: the disk refused it.
    pub(super) refused_start: Option<Offset>,
    /// Whether records were cut off.
    pub(super) is_truncated: bool,
    pub(super) counter: i64,
    pub(super) now: Timestamp,
    pub(super) leader_epoch: i32,
}

impl Model {
    fn new(compact: bool) -> Self {
        let bench = Bench::new(LogConfig {
            segment_bytes: 1200,
            index_interval_bytes: 100,
            delete_retention_ms: 1000,
            retention_ms: -1,
            retention_bytes: 5000,
            delete: !compact,
            compact,
            ..LogConfig::default()
        });
        let log = bench.open_new();
        Self {
            bench,
            log,
            written: BTreeMap::new(),
            history: BTreeMap::new(),
            sent: BTreeMap::new(),
            uncertain: BTreeSet::new(),
            synced: 0,
            held: Vec::new(),
            compacted_to: 0,
            may_have_holes: compact,
            checkpoints: Checkpoints::default(),
            log_start: Offset::ZERO,
            refused_start: None,
            is_truncated: false,
            counter: 0,
            now: START,
            leader_epoch: 1,
        }
    }

    /// Opens the log as it is on the disk, and compares it with what must be there.
    pub(super) fn reopen(&mut self, clean: bool) {
        let state = self.open_state(clean);
        self.log = self.open(state).unwrap();
        let end = self.log.log_end_offset().get();
        assert!(end >= self.synced, "synced up to {}, found up to {end}", self.synced);
        // A start that no checkpoint has yet may go back, never forward.
        let start = self.log.log_start_offset();
        let least = self.log_start.min(state.log_start_offset);
        let least = self.refused_start.map_or(least, |refused| refused.min(least));
        assert!(start <= self.log_start, "log start {start} is after {}", self.log_start);
        assert!(start >= least, "log start {start} is before {least}");
        self.log_start = start;
        // What was not synced may be lost, also in the middle of a compacted log, and what was
        // truncated may come back.
        self.written.split_off(&self.synced);
        for (offset, record) in self.found() {
            if offset >= self.synced {
                assert!(self.history[&offset].contains(&record), "offset {offset}: {record:?}");
                self.written.insert(offset, record);
            }
        }
        self.synced = self.log.synced_offset().get().max(self.synced);
        self.compacted_to = self.compacted_to.min(end);
        self.forget_compacted();
        self.leader_epoch += 1;
        self.log.begin_epoch(LeaderEpoch::new(self.leader_epoch)).unwrap();
        self.adopt_producers();
        self.check();
    }

    pub(super) fn open_state(&self, clean: bool) -> OpenState {
        OpenState {
            recovery_point: self.checkpoints.recovery_point,
            log_start_offset: self.checkpoints.log_start,
            clean,
            now: self.now,
            cleaned_to: self.checkpoints.cleaned_to,
            jitter_seed: 0,
        }
    }

    pub(super) fn open(&self, state: OpenState) -> Result<Log, StorageError> {
        let disk: Arc<dyn FileSystem> = Arc::new(self.bench.disk.clone());
        let (files, config) = (Arc::clone(&self.bench.files), Arc::clone(&self.bench.config));
        Log::open(disk, files, PathBuf::from(FOLDER), config, state).map(|(log, _)| log)
    }

    /// Goes on from the batches that the log really holds. Producers may still be known by what was
    /// deleted or compacted.
    fn adopt_producers(&mut self) {
        let from = self.log.log_start_offset().get().max(self.compacted_to);
        for batches in self.sent.values_mut() {
            batches.retain(|sent| sent.base < from);
        }
        for (producer, sent) in self.batches_of_producers() {
            if sent.base >= from {
                self.sent.entry(producer).or_default().push(sent);
            }
        }
    }

    /// The batches of producers that the log holds.
    pub(super) fn batches_of_producers(&self) -> Vec<(i64, Sent)> {
        let mut found = Vec::new();
        each_batch(&self.log, self.log.log_start_offset(), 1 << 20, |header, _| {
            if header.has_producer_id() {
                let sent = Sent {
                    sequence: header.base_sequence.get(),
                    records: header.last_offset_delta + 1,
                    base: header.base_offset.get(),
                };
                found.push((header.producer_id.get(), sent));
            }
        });
        found
    }

    /// Every record of the log.
    pub(super) fn found(&self) -> Vec<(i64, Record)> {
        let start = self.log.log_start_offset();
        let mut found = Vec::new();
        each_batch(&self.log, start, 500, |header, batch| {
            found.extend(records_in(header, batch).filter(|(offset, _)| *offset >= start.get()));
        });
        found
    }

    /// Forgets what was cut off.
    pub(super) fn forget_from(&mut self, end: i64) {
        self.written.split_off(&end);
        for batches in self.sent.values_mut() {
            batches.retain(|sent| sent.base < end);
        }
        self.synced = self.synced.min(end);
        self.compacted_to = self.compacted_to.min(end);
        self.log_start = self.log_start.min(Offset::new(end));
    }

    /// Forgets what was compacted away for the sake of records that were cut off since.
    pub(super) fn forget_compacted(&mut self) {
        if !std::mem::take(&mut self.is_truncated) {
            return;
        }
        let found: BTreeMap<i64, Record> = self.found().into_iter().collect();
        let compacted_to = self.compacted_to;
        let held = self.batches_of_producers();
        let uncertain = self.sent.iter().filter(|(producer, batches)| {
            batches.last().is_some_and(|last| !held.contains(&(**producer, *last)))
        });
        self.uncertain.extend(uncertain.map(|(producer, _)| *producer));
        self.written.retain(|offset, _| *offset >= compacted_to || found.contains_key(offset));
    }

    /// What must hold at any moment.
    pub(super) fn check(&self) {
        let log = &self.log;
        let start = log.log_start_offset().get();
        assert_eq!(log.log_start_offset(), self.log_start);
        assert!(log.log_start_offset() <= log.log_end_offset());
        assert!(log.recovery_point() <= log.synced_offset());
        assert!(log.synced_offset() <= log.log_end_offset());
        self.check_epochs();
        let found = self.found();
        assert!(found.is_sorted_by(|(one, _), (other, _)| one < other));
        for (offset, record) in &found {
            assert_eq!(self.written.get(offset), Some(record), "offset {offset}");
        }
        if !self.may_have_holes {
            let expected: Vec<i64> = (start..log.log_end_offset().get()).collect();
            let offsets: Vec<i64> = found.iter().map(|(offset, _)| *offset).collect();
            assert_eq!(offsets, expected);
        }
        self.check_times(&found);
        self.check_keys(start, &found.into_iter().collect());
    }

    fn check_epochs(&self) {
        each_batch(&self.log, self.log_start, 1 << 20, |header, _| {
            if header.base_offset >= self.log_start {
                let known = self.log.epoch_for_offset(header.base_offset);
                let epoch = header.partition_leader_epoch;
                assert_eq!(known, Some(epoch), "{}", header.base_offset);
            }
        });
    }

    fn check_times(&self, found: &[(i64, Record)]) {
        for target in [0, 1, self.counter / 3, self.counter / 2, self.counter - 3, self.counter + 1]
        {
            let target = START.get() + target;
            let expected = found.iter().find(|(_, record)| record.time >= target);
            let told = self.log.offset_for_timestamp(Timestamp::new(target)).unwrap();
            let told = told.map(|told| (told.offset.get(), told.timestamp.get()));
            assert_eq!(told, expected.map(|(offset, record)| (*offset, record.time)));
        }
        if let Some((offset, record)) = found.iter().max_by_key(|(_, record)| record.time) {
            let told = self.log.max_timestamp_offset().unwrap().unwrap();
            assert_eq!((told.offset.get(), told.timestamp.get()), (*offset, record.time));
        }
    }

    /// What was never compacted is there, and of the rest the last of each key.
    fn check_keys(&self, start: i64, found: &BTreeMap<i64, Record>) {
        for (offset, record) in self.written.range(start.max(self.compacted_to)..) {
            assert_eq!(found.get(offset), Some(record), "offset {offset} was never compacted");
        }
        let mut latest: BTreeMap<&str, (i64, bool)> = BTreeMap::new();
        for (offset, record) in &self.written {
            if let Some(key) = &record.key {
                latest.insert(key, (*offset, record.value.is_some()));
            }
        }
        for (key, (offset, has_value)) in latest {
            if offset >= start && has_value {
                assert!(found.contains_key(&offset), "the last of {key} at {offset} is gone");
            } else if !has_value && !found.contains_key(&offset) {
                let is_older = |(at, record): &(&i64, &Record)| {
                    **at < offset && record.key.as_deref() == Some(key)
                };
                let older = found.iter().find(is_older);
                assert_eq!(older, None, "a tombstone at {offset} went before what it deletes");
            }
        }
    }

    pub(super) fn clock(&self) -> Clock {
        Clock::steady(self.now)
    }
}

/// The records of a batch.
pub(super) fn records_in(
    header: &BatchHeader,
    batch: &[u8],
) -> impl Iterator<Item = (i64, Record)> + use<> {
    assert!(!header.is_control());
    let body = BatchBody::decode(batch, 1 << 20).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let records: Vec<(i64, Record)> = body
        .records()
        .map(|record| {
            let record = record.unwrap();
            let (key, value) = (record.key.map(text), record.value.map(text));
            (record.offset.get(), Record { key, value, time: record.timestamp.get() })
        })
        .collect();
    records.into_iter()
}

/// Reads from an offset to the end, so many bytes at once, verified as for a consumer.
fn each_batch(log: &Log, from: Offset, max_bytes: u64, mut look: impl FnMut(&BatchHeader, &[u8])) {
    let (mut next, end) = (from, log.log_end_offset());
    while next < end {
        let mut read = log.read(next, max_bytes, end, FirstBatch::Whole).unwrap();
        assert_eq!(read.verify().unwrap(), None);
        let bytes = read.read_to_vec().unwrap();
        let before = next;
        for batch in Batches::new(&bytes) {
            let Ok((header, batch)) = batch else { break };
            records::verify_crc(batch).unwrap();
            look(&header, batch);
            next = header.next_offset();
        }
        if next == before {
            break; // The rest of the offsets has no batches.
        }
    }
}

/// Cases of a run, a few seconds' worth and always the same ones. `PROPTEST_CASES` asks for others.
const CASES: u32 = 100;
const SEED: u64 = 4;

fn proptest_config() -> ProptestConfig {
    let common = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => common,
        None => ProptestConfig { cases: CASES, rng_seed: RngSeed::Fixed(SEED), ..common },
    }
}

proptest! {
    #![proptest_config(proptest_config())]

    #[test]
    fn everything_synced_survives_any_work_and_any_crash(
        compact in any::<bool>(),
        steps in prop::collection::vec(step(), 1..70),
    ) {
        let mut model = Model::new(compact);
        for step in &steps {
            model.take(step);
        }
        model.bench.disk.crash(steps.len() as u64);
        model.reopen(false);
    }
}
