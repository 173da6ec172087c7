//! What the model of `random_work` does with a log, one step after the other.

use std::io::ErrorKind;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::random_work::{Model, Record, Sent, records_in};
use super::*;
use crate::cleaner::{CleanError, OffsetMap};
use crate::fs::{Fault, Operation};

/// The most records of a batch.
const BATCH_RECORDS_MAX: usize = 5;

/// Key and kind of a record.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Value(u8),
    Tombstone(u8),
    WithoutKey,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Append {
        producer: Option<i64>,
        kinds: Vec<Kind>,
        length: usize,
    },
    SendAgain {
        producer: i64,
        back: usize,
    },
    Sync,
    SyncWhileAppending,
    NoteCheckpoints,
    Roll,
    Read {
        from: u8,
        to: u8,
        max_bytes: u64,
    },
    Truncate {
        back: i64,
    },
    DeleteRecords {
        share: u8,
    },
    Retention,
    Compact {
        keys_max: u64,
        wait_ms: i64,
        stop_after: usize,
    },
    SetPolicy {
        compact: bool,
        delete: bool,
    },
    /// One call of the disk fails during the step.
    Broken {
        operation: Operation,
        skip: u32,
        step: Box<Step>,
    },
    FullDisk {
        room: u64,
    },
    Crash {
        seed: u64,
    },
    Kill,
    KillAndFailToOpen {
        operation: Operation,
        skip: u32,
    },
    Close,
    Recreate,
}

fn appends() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        6 => (0..6u8).prop_map(Kind::Value),
        1 => (0..6u8).prop_map(Kind::Tombstone),
        1 => Just(Kind::WithoutKey),
    ];
    let kinds = prop::collection::vec(kind, 1..=BATCH_RECORDS_MAX);
    (prop::option::of(0..3i64), kinds, 0..200usize)
        .prop_map(|(producer, kinds, length)| Step::Append { producer, kinds, length })
}

fn compactions() -> impl Strategy<Value = Step> {
    (1..20u64, 0..600i64, 0..40usize).prop_map(|(keys_max, wait_ms, stop_after)| Step::Compact {
        keys_max,
        wait_ms,
        stop_after,
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        Just(Operation::Rename),
        Just(Operation::Create),
        Just(Operation::Write),
        Just(Operation::Sync),
        Just(Operation::Read),
        Just(Operation::Open),
        Just(Operation::Remove),
        Just(Operation::SetLength),
        Just(Operation::SyncDirectory),
    ]
}

/// Steps that may meet a broken disk.
fn breakable() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => appends(),
        3 => compactions(),
        1 => Just(Step::Sync),
        1 => Just(Step::Roll),
        1 => Just(Step::Retention),
        1 => any::<u8>().prop_map(|share| Step::DeleteRecords { share }),
        1 => (1..20i64).prop_map(|back| Step::Truncate { back }),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        14 => appends(),
        2 => (0..3i64, 0..5usize).prop_map(|(producer, back)| Step::SendAgain { producer, back }),
        4 => Just(Step::Sync),
        2 => Just(Step::SyncWhileAppending),
        2 => Just(Step::NoteCheckpoints),
        2 => Just(Step::Roll),
        3 => (any::<u8>(), any::<u8>(), 0..3000u64)
            .prop_map(|(from, to, max_bytes)| Step::Read { from, to, max_bytes }),
        1 => (1..20i64).prop_map(|back| Step::Truncate { back }),
        1 => any::<u8>().prop_map(|share| Step::DeleteRecords { share }),
        1 => Just(Step::Retention),
        4 => compactions(),
        1 => any::<(bool, bool)>().prop_map(|(compact, delete)| Step::SetPolicy { compact, delete }),
        3 => (operation(), 0..20u32, breakable()).prop_map(|(operation, skip, step)| {
            Step::Broken { operation, skip, step: Box::new(step) }
        }),
        2 => (0..1500u64).prop_map(|room| Step::FullDisk { room }),
        3 => any::<u64>().prop_map(|seed| Step::Crash { seed }),
        1 => Just(Step::Kill),
        1 => (operation(), 0..20u32)
            .prop_map(|(operation, skip)| Step::KillAndFailToOpen { operation, skip }),
        1 => Just(Step::Close),
        1 => Just(Step::Recreate),
    ]
}

/// What a step came to on a disk that may be broken.
type Outcome = Result<(), String>;

impl Model {
    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Broken { operation, skip, step } => {
                if let Step::DeleteRecords { .. } = **step {
                    // What bounds a stale start may not be written.
                    self.refuse_start(self.log_start);
                }
                self.held = self.found().into_iter().map(|(offset, _)| offset).collect();
                self.break_once(*operation, *skip);
                let _ = self.work(step);
                self.bench.disk.clear_faults();
                if self.log.failure().is_some() {
                    self.bench.disk.kill();
                    self.reopen(false);
                }
            }
            Step::Crash { seed } => {
                self.bench.disk.crash(*seed);
                self.reopen(false);
            }
            Step::Kill => self.kill(|_| {}),
            Step::KillAndFailToOpen { operation, skip } => self.kill(|model| {
                model.break_once(*operation, *skip);
                // Whether it opened or not, it is opened again.
                let _ = model.open(model.open_state(false));
                model.bench.disk.kill();
            }),
            Step::Close => {
                self.synced = self.log.close().unwrap().get();
                self.note_checkpoints();
                self.bench.disk.crash(self.counter as u64);
                self.reopen(true);
            }
            Step::Recreate => self.recreate(),
            Step::FullDisk { room } => self.fill_the_disk(*room),
            Step::Read { from, to, max_bytes } => self.read(*from, *to, *max_bytes),
            Step::SendAgain { producer, back } => self.send_again(*producer, *back),
            Step::SetPolicy { compact, delete } => {
                let config = LogConfig {
                    compact: *compact,
                    delete: *delete || !*compact,
                    ..LogConfig::clone(&self.bench.config)
                };
                self.bench.config = Arc::new(config);
                self.log.set_config(Arc::clone(&self.bench.config));
                self.may_have_holes |= *compact;
            }
            other => self.work(other).unwrap(),
        }
        self.forget_compacted();
        self.check();
    }

    /// Steps that say whether the disk let them.
    fn work(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Append { producer, kinds, length } => self.append(*producer, kinds, *length),
            Step::Sync => {
                self.synced = self.log.sync().map_err(|error| error.to_string())?.get();
                Ok(())
            }
            Step::SyncWhileAppending => {
                let job = self.log.begin_sync().unwrap();
                self.append(None, &[Kind::Value(1), Kind::Value(2)], 30)?;
                let finished = job.run();
                self.synced = self.log.finish_sync(finished).unwrap().get();
                Ok(())
            }
            Step::NoteCheckpoints => {
                self.note_checkpoints();
                Ok(())
            }
            Step::Roll => self.log.roll(self.now).map_err(|error| error.to_string()),
            Step::Truncate { back } => self.truncate(*back),
            Step::DeleteRecords { share } => self.delete_records(*share),
            Step::Retention => self.retain(),
            Step::Compact { keys_max, wait_ms, stop_after } => {
                self.now = self.now.plus_ms(*wait_ms);
                match self.compact(*keys_max, *stop_after) {
                    Ok(()) | Err(CleanError::Stopped) => Ok(()),
                    Err(error) => Err(error.to_string()),
                }
            }
            other => panic!("{other:?} is no work for a broken disk"),
        }
    }

    fn break_once(&self, operation: Operation, skip: u32) {
        let path_contains = String::new();
        let error = ErrorKind::Other;
        self.bench.disk.inject(Fault { operation, path_contains, skip, count: 1, error });
    }

    /// A record that was never there before.
    fn new_record(&mut self, kind: Kind, length: usize) -> Record {
        self.counter += 1;
        let value = Some(format!("{}-{}", self.counter, "x".repeat(length)));
        let time = START.get() + self.counter;
        let key = |key: u8| Some(format!("key-{key}"));
        match kind {
            Kind::Value(number) => Record { key: key(number), value, time },
            Kind::Tombstone(number) => Record { key: key(number), value: None, time },
            Kind::WithoutKey => Record { key: None, value, time },
        }
    }

    fn append(&mut self, producer: Option<i64>, kinds: &[Kind], length: usize) -> Outcome {
        let producer = producer.filter(|producer| !self.uncertain.contains(producer));
        let records: Vec<Record> =
            kinds.iter().map(|kind| self.new_record(*kind, length)).collect();
        let sequence = producer.map_or(-1, |producer| self.next_sequence(producer));
        let bytes = batch_of(producer.map(|producer| (producer, sequence)), &records);
        // What a failure takes back may come back in a crash.
        let end = self.log.log_end_offset().get();
        for (offset, record) in (end..).zip(&records) {
            self.history.entry(offset).or_default().push(record.clone());
        }
        let epoch = LeaderEpoch::new(self.leader_epoch);
        let info = append_at(&mut self.log, &bytes, epoch, self.now);
        let info = info.map_err(|error| error.to_string())?;
        assert_eq!((info.base_offset.get(), info.is_duplicate), (end, false));
        if let Some(producer) = producer {
            let sent = Sent { sequence, records: records.len() as i32, base: end };
            self.sent.entry(producer).or_default().push(sent);
        }
        self.written.extend((end..).zip(records));
        Ok(())
    }

    fn next_sequence(&self, producer: i64) -> i32 {
        let last = self.sent.get(&producer).and_then(|batches| batches.last());
        last.map_or(0, |sent| sent.sequence + sent.records)
    }

    fn send_again(&mut self, producer: i64, back: usize) {
        let batches = self.sent.get(&producer).map_or(&[][..], Vec::as_slice);
        let Some(&sent) = batches.iter().rev().nth(back) else { return };
        // What was deleted may be forgotten, and what was compacted, but for the last.
        let is_last = || back == 0 && self.batches_of_producers().contains(&(producer, sent));
        let is_known =
            sent.base >= self.log_start.get() && (sent.base >= self.compacted_to || is_last());
        if !is_known {
            return;
        }
        let end = self.log.log_end_offset();
        let record = Record { key: None, value: Some("again".to_owned()), time: START.get() };
        let bytes = batch_of(Some((producer, sent.sequence)), &vec![record; sent.records as usize]);
        let epoch = LeaderEpoch::new(self.leader_epoch);
        let info = append_at(&mut self.log, &bytes, epoch, self.now).unwrap();
        assert!(info.is_duplicate, "producer {producer}, {sent:?}");
        assert_eq!(info.base_offset, Offset::new(sent.base));
        assert_eq!(self.log.log_end_offset(), end);
    }

    fn read(&self, from: u8, to: u8, max_bytes: u64) {
        let (start, end) = (self.log_start.get(), self.log.log_end_offset().get());
        let place = |share: u8| start + (end - start) * i64::from(share) / 255;
        let (from, to) = (place(from), place(to));
        let (offset, bound) = (Offset::new(from), Offset::new(to));
        let mut read = self.log.read(offset, max_bytes, bound, FirstBatch::Whole).unwrap();
        assert_eq!(read.verify().unwrap(), None);
        let bytes = read.read_to_vec().unwrap();
        let mut found = Vec::new();
        for batch in Batches::new(&bytes) {
            let Ok((header, batch)) = batch else { break };
            found.extend(records_in(&header, batch).filter(|(offset, _)| *offset >= from));
        }
        let all = self.found();
        let is_asked = |(offset, _): &&(i64, Record)| *offset >= from;
        let expected: Vec<_> = all.iter().filter(is_asked).take(found.len()).cloned().collect();
        assert_eq!(found, expected, "from {from} to {to}");
        // Whole batches end at the bound.
        assert!(to > from || bytes.is_empty());
        for outside in [start - 1, end + 1] {
            let outside = Offset::new(outside);
            self.log.read(outside, max_bytes, bound, FirstBatch::Whole).unwrap_err();
        }
    }

    fn truncate(&mut self, back: i64) -> Outcome {
        let target = (self.log.log_end_offset().get() - back).max(self.log_start.get());
        // A batch goes as a whole, and so do the offsets that compaction left empty before it.
        let whole = target - BATCH_RECORDS_MAX as i64;
        let truncated = self.log.truncate_to(Offset::new(target), self.now);
        if let Err(error) = truncated {
            // How far it got shows when it is opened again.
            let kept = self.held.iter().rev().find(|offset| **offset < whole);
            self.synced = self.synced.min(kept.map_or(0, |offset| offset + 1));
            self.refuse_start(Offset::new(self.synced));
            self.is_truncated = true;
            return Err(error.to_string());
        }
        let end = self.log.log_end_offset().get();
        assert!(end <= target.max(self.log_start.get()));
        self.forget_from(end);
        self.is_truncated = true;
        // A follower is truncated on behalf of a newer leader.
        self.leader_epoch += 1;
        Ok(())
    }

    /// Notes that the log may begin there after a crash.
    fn refuse_start(&mut self, start: Offset) {
        let known = self.refused_start.unwrap_or(start);
        self.refused_start = Some(known.min(start));
    }

    fn delete_records(&mut self, share: u8) -> Outcome {
        let (start, synced) = (self.log_start.get(), self.synced);
        let target = start + (synced - start).max(0) * i64::from(share) / 1000;
        let moved = self.log.advance_log_start_offset(Offset::new(target));
        self.log_start = self.log.log_start_offset();
        // The broker writes it down before it answers.
        self.checkpoints.log_start = self.log_start;
        moved.map_err(|error| error.to_string())?;
        self.retain()
    }

    fn retain(&mut self) -> Outcome {
        let high_watermark = Offset::new(self.synced);
        let before = self.log_start;
        let deleted = self.log.retention(&self.clock(), high_watermark);
        self.log_start = self.log.log_start_offset();
        assert!(before <= self.log_start && self.log_start <= high_watermark.max(before));
        deleted.and_then(|deleted| deleted.remove()).map_err(|error| error.to_string())
    }

    fn compact(&mut self, keys_max: u64, stop_after: usize) -> Result<(), CleanError> {
        if !self.bench.config.compact {
            return Ok(());
        }
        let (end, clock) = (Offset::new(self.synced), self.clock());
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
        // The broker writes it down at once.
        self.checkpoints.cleaned_to = self.log.cleaned_to();
        Ok(())
    }

    fn note_checkpoints(&mut self) {
        self.checkpoints.recovery_point = self.log.recovery_point();
        self.checkpoints.cleaned_to = self.log.cleaned_to();
        self.checkpoints.log_start = self.log.log_start_offset();
        self.log.recovery_point_checkpointed(self.checkpoints.recovery_point).unwrap();
        self.refused_start = None;
    }

    fn kill(&mut self, and: impl FnOnce(&mut Self)) {
        self.bench.disk.kill();
        let end = self.log.log_end_offset();
        and(self);
        self.reopen(false);
        assert_eq!(self.log.log_end_offset(), end, "a kill loses nothing");
    }

    /// Deletes the topic and makes another of its name; the checkpoints stay those of the first.
    fn recreate(&mut self) {
        let partition = model::TopicPartition::new("t", model::PartitionIndex::new(0));
        let unique = u128::from(self.counter as u64) << 32 | u128::from(self.leader_epoch as u32);
        let unique = model::Uuid::from_bytes(unique.to_be_bytes());
        let renamed = self.log.rename_for_delete(&partition, unique).unwrap();
        super::super::remove_partition_folder(&self.bench.disk, &renamed).unwrap();
        self.forget_from(0);
        self.history.clear();
        self.uncertain.clear();
        self.refused_start = None;
        self.reopen(false);
    }

    /// Appends until there is no room; nothing but the lack of it may show.
    fn fill_the_disk(&mut self, room: u64) {
        let disk = self.bench.disk.clone();
        disk.set_capacity(Some(disk.used_bytes() + room));
        let full = loop {
            if let Err(error) = self.append(None, &[Kind::Value(7)], 0) {
                break error;
            }
        };
        assert!(full.contains("no space left"), "{full}");
        assert_eq!(self.log.failure(), None);
        if room.is_multiple_of(2) {
            self.synced = self.log.sync().unwrap().get();
        }
        disk.set_capacity(None);
    }
}

fn batch_of(producer: Option<(i64, i32)>, records: &[Record]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    if let Some((id, sequence)) = producer {
        builder.producer(Producer {
            id: ProducerId::new(id),
            epoch: ProducerEpoch::new(0),
            base_sequence: Sequence::new(sequence),
        });
    }
    for record in records {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let (key, value) = (key.map(str::as_bytes), value.map(str::as_bytes));
        builder.append(Timestamp::new(record.time), key, value, []).unwrap();
    }
    builder.finish().unwrap()
}
