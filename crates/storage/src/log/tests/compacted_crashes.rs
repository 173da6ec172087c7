//! A compacted log against a model: random appends, compactions within any memory, deletions, disks
//! that refuse, and crashes that lose and tear what was not synced. The last record of each key is
//! always there, nothing comes back, and nothing changes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::Clock;
use proptest::prelude::*;

use super::compaction::{keyed, records_from};
use super::*;
use crate::cleaner::{CleanError, OffsetMap};
use crate::fs::{Fault, Operation};

#[derive(Debug, Clone)]
enum Step {
    Append { keys: Vec<(u8, bool)> },
    Sync,
    NoteCheckpoints,
    Roll,
    Compact { keys_max: u64, wait_ms: i64, stop_after: usize },
    CompactOnBrokenDisk { operation: Operation, skip: u32 },
    DeleteRecords { share: u8 },
    Crash { seed: u64 },
    Kill,
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let operation = prop_oneof![
        Just(Operation::Rename),
        Just(Operation::Create),
        Just(Operation::Write),
        Just(Operation::Sync),
        Just(Operation::Read),
        Just(Operation::Open),
        Just(Operation::Remove),
        Just(Operation::SyncDirectory),
    ];
    let keys = prop::collection::vec((0..6u8, prop::bool::weighted(0.8)), 1..4);
    prop_oneof![
        12 => keys.prop_map(|keys| Step::Append { keys }),
        3 => Just(Step::Sync),
        2 => Just(Step::NoteCheckpoints),
        3 => Just(Step::Roll),
        4 => (1..20u64, 0..600i64, 0..40usize).prop_map(|(keys_max, wait_ms, stop_after)| {
            Step::Compact { keys_max, wait_ms, stop_after }
        }),
        2 => (operation, 0..20u32)
            .prop_map(|(operation, skip)| Step::CompactOnBrokenDisk { operation, skip }),
        1 => any::<u8>().prop_map(|share| Step::DeleteRecords { share }),
        2 => any::<u64>().prop_map(|seed| Step::Crash { seed }),
        1 => Just(Step::Kill),
        1 => Just(Step::Close),
    ]
}

type KeyAndValue = (String, Option<String>);

struct Model {
    bench: Bench,
    log: Log,
    /// Everything that was appended and not lost, also what was compacted away.
    written: BTreeMap<i64, KeyAndValue>,
    /// Everything that was ever appended.
    history: BTreeMap<i64, Vec<KeyAndValue>>,
    synced: i64,
    /// Nothing from here on was ever compacted.
    compacted_to: i64,
    now: Timestamp,
    recovery_point: Offset,
    log_start_offset: Offset,
    cleaned_to: Offset,
    counter: u64,
}

impl Model {
    fn new() -> Self {
        let bench = Bench::new(LogConfig {
            compact: true,
            segment_bytes: 500,
            index_interval_bytes: 100,
            delete_retention_ms: 1000,
            ..LogConfig::default()
        });
        let log = bench.open_new();
        Self {
            bench,
            log,
            written: BTreeMap::new(),
            history: BTreeMap::new(),
            synced: 0,
            compacted_to: 0,
            now: START,
            recovery_point: Offset::ZERO,
            log_start_offset: Offset::ZERO,
            cleaned_to: Offset::ZERO,
            counter: 0,
        }
    }

    fn append(&mut self, keys: &[(u8, bool)]) {
        let records: Vec<KeyAndValue> = keys
            .iter()
            .map(|(key, has_value)| {
                self.counter += 1;
                (format!("key-{key}"), has_value.then(|| format!("value-{}", self.counter)))
            })
            .collect();
        let borrowed: Vec<(&str, Option<&str>)> =
            records.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
        let info = append(&mut self.log, &keyed(&borrowed)).unwrap();
        for (offset, record) in (info.base_offset.get()..).zip(records) {
            self.history.entry(offset).or_default().push(record.clone());
            self.written.insert(offset, record);
        }
    }

    fn compact(&mut self, keys_max: u64, stop_after: usize) -> Result<(), CleanError> {
        let end = Offset::new(self.synced);
        let clock = Clock::steady(self.now);
        let Some(mut cleaning) = self.log.begin_cleaning(end, &clock, 300)? else { return Ok(()) };
        let mut map = OffsetMap::new((keys_max + 1) * 24, 0.95);
        let mut left = stop_after;
        let mut pace = |_| {
            left = left.saturating_sub(1);
            if left == 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        cleaning.fill(&mut map, &mut pace)?;
        self.compacted_to = self.compacted_to.max(cleaning.end_offset().get());
        while let Some(group) = cleaning.next_group(&map, &mut pace)? {
            self.log.swap_in(group)?.remove()?;
        }
        self.log.finish_cleaning(&cleaning);
        Ok(())
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Append { keys } => self.append(keys),
            Step::Sync => self.synced = self.log.sync().unwrap().get(),
            Step::NoteCheckpoints => self.note_checkpoints(),
            Step::Roll => self.log.roll(START).unwrap(),
            Step::Compact { keys_max, wait_ms, stop_after } => {
                self.now = self.now.plus_ms(*wait_ms);
                match self.compact(*keys_max, *stop_after) {
                    Ok(()) | Err(CleanError::Stopped) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Step::CompactOnBrokenDisk { operation, skip } => {
                let error = std::io::ErrorKind::Other;
                let (operation, skip) = (*operation, *skip);
                self.bench.disk.inject(Fault {
                    operation,
                    path_contains: String::new(),
                    skip,
                    count: 1,
                    error,
                });
                let _ = self.compact(100, 0);
                self.bench.disk.clear_faults();
                if self.log.failure().is_some() {
                    self.bench.disk.kill();
                    self.reopen(false);
                }
            }
            Step::DeleteRecords { share } => {
                let start = self.log.log_start_offset().get();
                let target = start + (self.synced - start).max(0) * i64::from(*share) / 1000;
                self.log.advance_log_start_offset(Offset::new(target)).unwrap();
                let clock = Clock::steady(self.now);
                let deleted = self.log.retention(&clock, Offset::new(self.synced)).unwrap();
                deleted.remove().unwrap();
                self.log_start_offset = self.log.log_start_offset();
            }
            Step::Crash { seed } => {
                self.bench.disk.crash(*seed);
                self.reopen(false);
            }
            Step::Kill => {
                self.bench.disk.kill();
                let end = self.log.log_end_offset();
                self.reopen(false);
                assert_eq!(self.log.log_end_offset(), end);
            }
            Step::Close => {
                self.synced = self.log.close().unwrap().get();
                self.note_checkpoints();
                self.bench.disk.crash(self.counter);
                self.reopen(true);
            }
        }
        self.check();
    }

    fn note_checkpoints(&mut self) {
        self.recovery_point = self.log.recovery_point();
        self.cleaned_to = self.log.cleaned_to();
        self.log.recovery_point_checkpointed(self.recovery_point).unwrap();
    }

    fn reopen(&mut self, clean: bool) {
        let state = OpenState {
            recovery_point: self.recovery_point,
            log_start_offset: self.log_start_offset,
            cleaned_to: self.cleaned_to,
            clean,
            now: self.now,
            jitter_seed: 0,
        };
        let disk: Arc<dyn FileSystem> = Arc::new(self.bench.disk.clone());
        let (files, config) = (Arc::clone(&self.bench.files), Arc::clone(&self.bench.config));
        self.log = Log::open(disk, files, PathBuf::from(FOLDER), config, state).unwrap().0;
        let end = self.log.log_end_offset().get();
        assert!(end >= self.synced, "synced up to {}, found up to {end}", self.synced);
        // What was not synced may be lost, also in the middle, and come back after another crash.
        self.written.split_off(&self.synced);
        for (offset, record) in self.found() {
            if offset >= self.synced {
                assert!(self.history[&offset].contains(&record), "offset {offset}");
                self.written.insert(offset, record);
            }
        }
        self.compacted_to = self.compacted_to.min(end);
        self.synced = self.log.synced_offset().get().max(self.synced);
    }

    fn found(&self) -> Vec<(i64, KeyAndValue)> {
        let records = records_from(&self.log, self.log.log_start_offset());
        records.into_iter().map(|(offset, key, value)| (offset, (key, value))).collect()
    }

    fn check(&self) {
        let log = &self.log;
        let start = log.log_start_offset().get();
        let found = self.found();
        assert!(found.is_sorted_by_key(|(offset, _)| *offset));
        for (offset, record) in &found {
            assert_eq!(self.written.get(offset), Some(record), "offset {offset}");
        }
        let found: BTreeMap<i64, KeyAndValue> = found.into_iter().collect();
        for (offset, record) in self.written.range(start.max(self.compacted_to)..) {
            assert_eq!(found.get(offset), Some(record), "offset {offset} was never compacted");
        }
        let mut latest: BTreeMap<&str, (i64, bool)> = BTreeMap::new();
        for (offset, (key, value)) in &self.written {
            latest.insert(key, (*offset, value.is_some()));
        }
        for (key, (offset, has_value)) in latest {
            if offset >= start && (has_value || found.contains_key(&offset)) {
                assert!(found.contains_key(&offset), "the last of {key} at {offset} is gone");
            } else if !has_value {
                let older = found.iter().find(|(at, record)| **at < offset && record.0 == key);
                assert_eq!(older, None, "a tombstone at {offset} went before what it deletes");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_of_each_key_survives_any_crash(steps in prop::collection::vec(step(), 1..80)) {
        let mut model = Model::new();
        for step in &steps {
            model.take(step);
        }
        model.bench.disk.crash(steps.len() as u64);
        model.reopen(false);
        model.check();
    }
}
