//! Random work with crashes in between: whatever the disk loses or tears, the log opens again with
//! everything that was synced, no offset missing, no record altered, and its producers known.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Append { records: usize, length: usize },
    AppendIdempotent { producer: i64, records: usize },
    SendAgain { producer: i64, back: usize },
    Sync,
    SyncWhileAppending,
    NoteRecoveryPoint,
    Roll,
    Truncate { back: i64 },
    DeleteRecords { share: u8 },
    FullDisk { room: u64 },
    Crash { seed: u64 },
    Kill,
    Close,
    Recreate,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..6usize, 0..200usize).prop_map(|(records, length)| Step::Append { records, length }),
        6 => (0..3i64, 1..4usize)
            .prop_map(|(producer, records)| Step::AppendIdempotent { producer, records }),
        2 => (0..3i64, 0..5usize).prop_map(|(producer, back)| Step::SendAgain { producer, back }),
        3 => Just(Step::Sync),
        2 => Just(Step::SyncWhileAppending),
        2 => Just(Step::NoteRecoveryPoint),
        1 => Just(Step::Roll),
        1 => (1..20i64).prop_map(|back| Step::Truncate { back }),
        1 => any::<u8>().prop_map(|share| Step::DeleteRecords { share }),
        2 => (0..1500u64).prop_map(|room| Step::FullDisk { room }),
        3 => any::<u64>().prop_map(|seed| Step::Crash { seed }),
        1 => Just(Step::Kill),
        1 => Just(Step::Close),
        1 => Just(Step::Recreate),
    ]
}

/// What the log must hold.
struct Model {
    bench: Bench,
    log: Log,
    /// Every value that was ever appended at an offset.
    history: BTreeMap<i64, BTreeSet<String>>,
    /// The values that the log holds now.
    current: BTreeMap<i64, String>,
    /// The batches of each producer that the log holds: first sequence, records, first offset.
    sent: BTreeMap<i64, Vec<(i32, usize, i64)>>,
    synced: i64,
    checkpointed: Offset,
    /// What `cleaner-offset-checkpoint` says.
    cleaned_to: Offset,
    log_start: Offset,
    /// The log start in the checkpoint, when it is still that of a deleted topic.
    stale_log_start: Option<Offset>,
    counter: u64,
    leader_epoch: i32,
}

impl Model {
    fn new() -> Self {
        let bench = Bench::new(LogConfig {
            segment_bytes: 1500,
            index_interval_bytes: 100,
            ..LogConfig::default()
        });
        let log = bench.open_new();
        Self {
            bench,
            log,
            history: BTreeMap::new(),
            current: BTreeMap::new(),
            sent: BTreeMap::new(),
            synced: 0,
            checkpointed: Offset::ZERO,
            cleaned_to: Offset::ZERO,
            log_start: Offset::ZERO,
            stale_log_start: None,
            counter: 0,
            leader_epoch: 1,
        }
    }

    fn append(&mut self, producer: Option<i64>, records: usize, length: usize) {
        let values: Vec<String> = (0..records)
            .map(|_| {
                self.counter += 1;
                format!("{}-{}", self.counter, "x".repeat(length))
            })
            .collect();
        let timed: Vec<(&str, Timestamp)> =
            values.iter().map(|value| (value.as_str(), timestamp_of(value))).collect();
        let bytes = match producer {
            None => idempotent_at(-1, -1, -1, &timed),
            Some(producer) => idempotent_at(producer, 0, self.next_sequence(producer), &timed),
        };
        let epoch = LeaderEpoch::new(self.leader_epoch);
        let info = append_at(&mut self.log, &bytes, epoch, START).unwrap();
        assert!(!info.is_duplicate);
        let base = info.base_offset.get();
        if let Some(producer) = producer {
            let sequence = self.next_sequence(producer);
            self.sent.entry(producer).or_default().push((sequence, records, base));
        }
        for (offset, value) in (base..).zip(values) {
            self.history.entry(offset).or_default().insert(value.clone());
            self.current.insert(offset, value);
        }
    }

    fn next_sequence(&self, producer: i64) -> i32 {
        let last = self.sent.get(&producer).and_then(|batches| batches.last());
        last.map_or(0, |(sequence, records, _)| sequence + *records as i32)
    }

    fn send_again(&mut self, producer: i64, back: usize) {
        let batches = self.sent.get(&producer).cloned().unwrap_or_default();
        let Some(&(sequence, records, base)) = batches.iter().rev().nth(back) else { return };
        let end = self.log.log_end_offset();
        // What was deleted may be forgotten.
        if base < self.log.log_start_offset().get() {
            return;
        }
        let info = append_at(
            &mut self.log,
            &idempotent(producer, 0, sequence, &vec!["again"; records]),
            LeaderEpoch::new(self.leader_epoch),
            START,
        );
        let info = info.unwrap();
        assert!(info.is_duplicate, "producer {producer}, sequence {sequence}");
        assert_eq!(info.base_offset, Offset::new(base));
        assert_eq!(self.log.log_end_offset(), end);
    }

    fn truncate(&mut self, back: i64) {
        let target = (self.log.log_end_offset().get() - back).max(self.log_start.get());
        self.log.truncate_to(Offset::new(target), START).unwrap();
        let end = self.log.log_end_offset().get();
        assert!(end <= target);
        self.forget_from(end);
        self.synced = self.synced.min(end);
        self.log_start = self.log_start.min(Offset::new(end));
        // A follower is truncated on behalf of a newer leader.
        self.leader_epoch += 1;
    }

    fn forget_from(&mut self, end: i64) {
        self.current.retain(|offset, _| *offset < end);
        for batches in self.sent.values_mut() {
            batches.retain(|(_, _, base)| *base < end);
        }
    }

    fn reopen(&mut self, clean: bool) {
        let state = OpenState {
            recovery_point: self.checkpointed,
            log_start_offset: self.stale_log_start.unwrap_or(self.log_start),
            clean,
            now: START,
            cleaned_to: self.cleaned_to,
            jitter_seed: 0,
        };
        let disk: Arc<dyn FileSystem> = Arc::new(self.bench.disk.clone());
        let files = Arc::clone(&self.bench.files);
        let config = Arc::clone(&self.bench.config);
        let opened = Log::open(disk, files, PathBuf::from(FOLDER), config, state);
        self.log = opened.unwrap().0;
        // A start that no checkpoint has yet may go back, never forward.
        let start = self.log.log_start_offset();
        let (expected, checkpointed) = (self.log_start, state.log_start_offset);
        assert!(start <= expected, "log start {start} is after {expected}");
        assert!(start >= expected.min(checkpointed), "log start {start} is before {expected}");
        self.log_start = start;
        let end = self.log.log_end_offset().get();
        assert!(end >= self.synced, "synced up to {}, found up to {end}", self.synced);
        // What was not synced may be of before a truncation.
        let found = read_all(&self.log, self.log.log_start_offset(), 700);
        let offsets: Vec<i64> = found.iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, (self.log.log_start_offset().get()..end).collect::<Vec<_>>());
        for (offset, value) in &found {
            match self.current.get(offset) {
                Some(current) if *offset < self.synced => assert_eq!(value, current),
                _ => assert!(self.history[offset].contains(value), "offset {offset}: {value}"),
            }
        }
        self.adopt(&found, end);
        self.leader_epoch += 1;
    }

    /// Goes on from what the log really holds.
    fn adopt(&mut self, found: &[(i64, String)], end: i64) {
        self.current = found.iter().cloned().collect();
        self.forget_from(end);
        let start = self.log.log_start_offset();
        // Producers may still be known by what was deleted.
        let mut sent = std::mem::take(&mut self.sent);
        for batches in sent.values_mut() {
            batches.retain(|(_, _, base)| *base < start.get());
        }
        if self.log.log_end_offset() > start {
            let upper = self.log.log_end_offset();
            let mut next = start;
            while next < upper {
                let bytes = self.log.read(next, 1 << 20, upper, FirstBatch::Whole).unwrap();
                for batch in Batches::new(&bytes.read_to_vec().unwrap()) {
                    let header = batch.unwrap().0;
                    next = header.next_offset();
                    if header.has_producer_id() && header.base_offset >= start {
                        let entry = (
                            header.base_sequence.get(),
                            header.record_count as usize,
                            header.base_offset.get(),
                        );
                        sent.entry(header.producer_id.get()).or_default().push(entry);
                    }
                }
            }
        }
        self.sent = sent;
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Append { records, length } => self.append(None, *records, *length),
            Step::AppendIdempotent { producer, records } => {
                self.append(Some(*producer), *records, 5)
            }
            Step::SendAgain { producer, back } => self.send_again(*producer, *back),
            Step::Sync => self.synced = self.log.sync().unwrap().get(),
            Step::SyncWhileAppending => {
                let job = self.log.begin_sync().unwrap();
                self.append(None, 2, 30);
                let finished = job.run();
                self.synced = self.log.finish_sync(finished).unwrap().get();
            }
            Step::NoteRecoveryPoint => {
                self.checkpointed = self.log.recovery_point();
                self.log.recovery_point_checkpointed(self.checkpointed).unwrap();
                self.stale_log_start = None;
            }
            Step::Roll => self.log.roll(START).unwrap(),
            Step::Truncate { back } => self.truncate(*back),
            Step::DeleteRecords { share } => self.delete_records(*share),
            Step::FullDisk { room } => self.fill_the_disk(*room),
            Step::Crash { seed } => {
                self.bench.disk.crash(*seed);
                self.reopen(false);
            }
            Step::Kill => {
                self.bench.disk.kill();
                let end = self.log.log_end_offset();
                self.reopen(false);
                assert_eq!(self.log.log_end_offset(), end, "a kill loses nothing");
            }
            Step::Recreate => self.recreate(),
            Step::Close => {
                self.synced = self.log.close().unwrap().get();
                self.checkpointed = self.log.recovery_point();
                self.stale_log_start = None;
                self.bench.disk.crash(self.counter);
                self.reopen(true);
            }
        }
        self.check();
    }

    /// Deletes the topic and makes another of its name; the checkpoints stay those of the first.
    fn recreate(&mut self) {
        let partition = model::TopicPartition::new("t", model::PartitionIndex::new(0));
        let unique = u128::from(self.counter) << 32 | u128::from(self.leader_epoch as u32);
        let unique = model::Uuid::from_bytes(unique.to_be_bytes());
        let renamed = self.log.rename_for_delete(&partition, unique).unwrap();
        super::super::remove_partition_folder(&self.bench.disk, &renamed).unwrap();
        self.stale_log_start = Some(self.stale_log_start.unwrap_or(self.log_start));
        (self.log_start, self.synced) = (Offset::ZERO, 0);
        self.history.clear();
        self.forget_from(0);
        self.reopen(false);
    }

    /// Appends until there is no room; nothing but the lack of it may show.
    fn fill_the_disk(&mut self, room: u64) {
        let disk = self.bench.disk.clone();
        disk.set_capacity(Some(disk.used_bytes() + room));
        let epoch = LeaderEpoch::new(self.leader_epoch);
        loop {
            self.counter += 1;
            let value = format!("{}-full", self.counter);
            let bytes = batch_at(&[&value], timestamp_of(&value));
            match append_at(&mut self.log, &bytes, epoch, START) {
                Ok(info) => {
                    let offset = info.base_offset.get();
                    self.history.entry(offset).or_default().insert(value.clone());
                    self.current.insert(offset, value);
                }
                Err(AppendError::Storage(StorageError::Full { .. })) => {
                    // What was taken back may come back in a crash, until something is synced.
                    let offset = self.log.log_end_offset().get();
                    self.history.entry(offset).or_default().insert(value);
                    break;
                }
                Err(error) => panic!("{error}"),
            }
        }
        if room.is_multiple_of(2) {
            self.synced = self.log.sync().unwrap().get();
        }
        disk.set_capacity(None);
    }

    fn delete_records(&mut self, share: u8) {
        let (start, synced) = (self.log.log_start_offset().get(), self.log.synced_offset().get());
        let target = start + (synced - start).max(0) * i64::from(share) / 1000;
        self.log.advance_log_start_offset(Offset::new(target)).unwrap();
        let high_watermark = self.log.synced_offset();
        self.log.retention(&Clock::steady(START), high_watermark).unwrap().remove().unwrap();
        self.log_start = self.log.log_start_offset();
    }

    fn check(&self) {
        let log = &self.log;
        assert!(log.log_start_offset() <= log.log_end_offset());
        assert!(log.recovery_point() <= log.synced_offset());
        assert!(log.synced_offset() <= log.log_end_offset());
        let found = read_all(log, log.log_start_offset(), 500);
        let expected: Vec<(i64, String)> = self
            .current
            .range(log.log_start_offset().get()..)
            .map(|(offset, value)| (*offset, value.clone()))
            .collect();
        assert_eq!(found, expected);
        for target in [0, 1, self.counter / 3, self.counter / 2, self.counter - self.counter.min(3)]
        {
            let target = START.plus_ms(target as i64);
            let expected = expected.iter().find(|(_, value)| timestamp_of(value) >= target);
            let found = log.offset_for_timestamp(target).unwrap();
            assert_eq!(found.map(|found| found.offset.get()), expected.map(|(offset, _)| *offset));
        }
    }
}

/// Values begin with a number that grows with each record; it is their timestamp too.
fn timestamp_of(value: &str) -> Timestamp {
    START.plus_ms(value.split_once('-').unwrap().0.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_synced_survives_any_crash(steps in prop::collection::vec(step(), 1..60)) {
        let mut model = Model::new();
        for step in &steps {
            model.take(step);
        }
        model.bench.disk.crash(steps.len() as u64);
        model.reopen(false);
    }
}
