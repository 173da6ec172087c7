//! The parts of transactions that the log already carries: what is unstable, and what was aborted.

use std::path::Path;

use super::*;
use crate::fs::{OpenMode, write_all_at};
use crate::transaction_index::AbortedTransaction;

const TRANSACTIONAL: i64 = 9;

fn transactional(sequence: i32) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    builder.producer(producer(sequence)).transactional();
    builder.append(START, None, Some(b"x"), []).unwrap();
    builder.finish().unwrap()
}

fn producer(sequence: i32) -> Producer {
    Producer {
        id: ProducerId::new(TRANSACTIONAL),
        epoch: ProducerEpoch::new(0),
        base_sequence: Sequence::new(sequence),
    }
}

/// The marker that a coordinator writes at the end.
fn marker(kind: u8, coordinator_epoch: u8) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    builder.producer(producer(-1)).transactional().control();
    let value = [0, 0, 0, 0, 0, coordinator_epoch];
    builder.append(START, Some(&[0, 0, 0, kind]), Some(&value), []).unwrap();
    builder.finish().unwrap()
}

fn end(log: &mut Log, marker: &Bytes) -> Result<AppendInfo, AppendError> {
    let header = BatchHeader::parse(marker).unwrap();
    let append =
        LeaderAppend { leader_epoch: EPOCH, now: START, origin: AppendOrigin::Coordinator };
    log.append_as_leader(marker, &[header], append)
}

#[test]
fn last_stable_offset_waits_for_the_end_of_a_transaction_and_for_its_commit() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &batch(&["a"])).unwrap();
    append(&mut log, &transactional(0)).unwrap();
    append(&mut log, &batch(&["b"])).unwrap();
    assert_eq!(log.last_stable_offset(Offset::new(3)), Offset::new(1));
    end(&mut log, &marker(1, 0)).unwrap();
    assert_eq!(log.last_stable_offset(Offset::new(3)), Offset::new(1));
    log.note_high_watermark(Offset::new(4));
    assert_eq!(log.last_stable_offset(Offset::new(4)), Offset::new(4));
    assert_eq!(log.aborted_transactions(Offset::ZERO, Offset::new(4)).unwrap(), []);
}

#[test]
fn open_and_aborted_transactions_survive_restarts() {
    for clean in [true, false] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append(&mut log, &transactional(0)).unwrap();
        append(&mut log, &batch(&["a"])).unwrap();
        end(&mut log, &marker(0, 0)).unwrap();
        append(&mut log, &transactional(1)).unwrap();
        if clean {
            log.close().unwrap();
        }
        bench.disk.kill();
        let log = bench.open(Offset::ZERO, clean).unwrap().0;
        let aborted = AbortedTransaction {
            producer_id: ProducerId::new(TRANSACTIONAL),
            first_offset: Offset::ZERO,
            last_offset: Offset::new(2),
            last_stable_offset: Offset::new(3),
        };
        assert_eq!(log.aborted_transactions(Offset::ZERO, Offset::new(4)).unwrap(), [aborted]);
        assert_eq!(log.aborted_transactions(Offset::new(3), Offset::new(4)).unwrap(), []);
        // After an unclean stop nobody knows yet that the first marker is committed.
        let unstable = log.last_stable_offset(Offset::new(4));
        assert_eq!(unstable, if clean { Offset::new(3) } else { Offset::ZERO });
    }
}

#[test]
fn plain_batch_within_a_transaction_and_old_coordinator_are_refused() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &transactional(0)).unwrap();
    let error = append(&mut log, &idempotent(TRANSACTIONAL, 0, 1, &["x"])).unwrap_err();
    assert!(matches!(error, AppendError::InvalidTransactionState { .. }), "{error}");
    end(&mut log, &marker(1, 5)).unwrap();
    append(&mut log, &transactional(1)).unwrap();
    let error = end(&mut log, &marker(1, 4)).unwrap_err();
    assert!(matches!(error, AppendError::CoordinatorFenced { current: 5, found: 4 }), "{error}");
}

/// A log with an aborted transaction, closed; and what a reader has to leave out.
fn with_aborted_transaction(bench: &Bench) -> AbortedTransaction {
    let mut log = bench.open_new();
    append(&mut log, &transactional(0)).unwrap();
    append(&mut log, &batch(&["a"])).unwrap();
    end(&mut log, &marker(0, 0)).unwrap();
    log.close().unwrap();
    AbortedTransaction {
        producer_id: ProducerId::new(TRANSACTIONAL),
        first_offset: Offset::ZERO,
        last_offset: Offset::new(2),
        last_stable_offset: Offset::new(3),
    }
}

fn write_at(bench: &Bench, path: &Path, position: u64, bytes: &[u8]) {
    let file = bench.disk.open(path, OpenMode::Create).unwrap();
    write_all_at(&*file, position, bytes).unwrap();
}

#[test]
fn lost_or_damaged_transaction_index_is_built_again() {
    let name = "00000000000000000000.txnindex";
    type Damage = fn(&Bench, &Path);
    let cases: [(Damage, bool); 5] = [
        (
            |bench, path| bench.disk.open(path, OpenMode::Create).unwrap().set_length(20).unwrap(),
            true,
        ),
        (|bench, path| write_at(bench, path, 0, &[7, 7]), true),
        (|bench, path| write_at(bench, path, 2 + 16, &i64::MIN.to_be_bytes()), true),
        // Kafka writes none where nothing was aborted, so that a lost one shows only with the other
        // index, or when the log is checked anyway.
        (|bench, path| bench.disk.remove_file(path).unwrap(), false),
        (
            |bench, path| {
                bench.disk.remove_file(path).unwrap();
                bench.disk.remove_file(&path.with_extension("index")).unwrap();
            },
            true,
        ),
    ];
    for (number, (damage, clean)) in cases.into_iter().enumerate() {
        let bench = Bench::tiny();
        let aborted = with_aborted_transaction(&bench);
        damage(&bench, &Path::new(FOLDER).join(name));
        let log = bench.open(Offset::ZERO, clean).unwrap().0;
        let found = log.aborted_transactions(Offset::ZERO, Offset::new(3)).unwrap();
        assert_eq!(found, [aborted], "case {number}");
    }
}

#[test]
fn open_transaction_holds_readers_when_the_snapshot_is_lost() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &batch(&["a"])).unwrap();
    append(&mut log, &transactional(0)).unwrap();
    log.close().unwrap();
    for entry in bench.disk.list(Path::new(FOLDER)).unwrap() {
        if entry.name.ends_with(".snapshot") {
            bench.disk.remove_file(&Path::new(FOLDER).join(&entry.name)).unwrap();
        }
    }
    let log = bench.open(Offset::ZERO, true).unwrap().0;
    assert_eq!(log.last_stable_offset(Offset::new(2)), Offset::new(1));
}

#[test]
fn read_names_the_aborted_transactions_that_it_meets_and_not_all() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for round in 0..50 {
        append(&mut log, &transactional(round)).unwrap();
        end(&mut log, &marker(0, 0)).unwrap();
        append(&mut log, &batch(&["a", "b", "c"])).unwrap();
    }
    let end_offset = log.log_end_offset();
    let all = log.aborted_transactions(Offset::ZERO, end_offset).unwrap();
    assert_eq!(all.len(), 50);
    for aborted in &all {
        let read = log.read(aborted.first_offset, 1, end_offset, FirstBatch::Whole).unwrap();
        let found = log.aborted_in(&read, end_offset).unwrap();
        assert_eq!(found.first(), Some(aborted));
        assert!(found.len() < 10, "{} at {}", found.len(), aborted.first_offset);
    }
    let read = log.read(Offset::ZERO, u64::MAX, end_offset, FirstBatch::Whole).unwrap();
    assert!(log.aborted_in(&read, end_offset).unwrap().len() >= 10);
}

#[test]
fn aborted_transaction_behind_the_recovery_point_survives_a_power_loss() {
    for seed in 0..40 {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append(&mut log, &transactional(0)).unwrap();
        end(&mut log, &marker(0, 0)).unwrap();
        log.sync().unwrap();
        let recovery_point = log.recovery_point();
        assert_eq!(recovery_point, Offset::new(2));
        bench.disk.crash(seed);
        let log = bench.open(recovery_point, false).unwrap().0;
        let aborted = log.aborted_transactions(Offset::ZERO, Offset::new(2)).unwrap();
        assert_eq!(aborted.len(), 1, "seed {seed}");
    }
}

#[test]
fn compaction_drops_aborted_records_at_once_and_their_marker_after_its_delay() {
    use super::compaction::{clean_at, keyed, records_from};
    let bench = Bench::new(LogConfig {
        compact: true,
        delete_retention_ms: 1000,
        segment_bytes: 4000,
        ..LogConfig::default()
    });
    let mut log = bench.open_new();
    let in_transaction = |sequence: i32, key: &str| {
        let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
        builder.producer(producer(sequence)).transactional();
        builder.append(START, Some(key.as_bytes()), Some(b"v"), []).unwrap();
        builder.finish().unwrap()
    };
    append(&mut log, &keyed(&[("a", Some("before")), ("b", Some("before"))])).unwrap();
    append(&mut log, &in_transaction(0, "a")).unwrap();
    end(&mut log, &marker(0, 0)).unwrap();
    append(&mut log, &in_transaction(1, "b")).unwrap();
    end(&mut log, &marker(1, 0)).unwrap();
    append(&mut log, &in_transaction(2, "c")).unwrap();
    log.note_high_watermark(Offset::new(7));
    let open_at = log.last_stable_offset(Offset::new(7));
    assert_eq!(open_at, Offset::new(6));
    let mut told = Vec::new();
    for ms in [0, 1, 500, 1002] {
        append(&mut log, &keyed(&[("d", Some("1"))])).unwrap();
        log.roll(START).unwrap();
        log.sync().unwrap();
        if ms == 0 {
            // Nothing of a segment with an open transaction is cleaned.
            clean_at(&mut log, 1 << 16, START).unwrap();
            assert_eq!(log.cleaned_to(), Offset::ZERO);
            end(&mut log, &marker(1, 0)).unwrap();
            log.roll(START).unwrap();
            log.sync().unwrap();
            log.note_high_watermark(log.log_end_offset());
        }
        clean_at(&mut log, 1 << 16, START.plus_ms(ms)).unwrap();
        let found: Vec<(i64, String)> = records_from(&log, Offset::ZERO)
            .into_iter()
            .filter(|(_, key, _)| key != "d")
            .map(|(offset, key, _)| (offset, key))
            .collect();
        let expected = [(0, "a"), (4, "b"), (6, "c")].map(|(at, key)| (at, key.to_owned()));
        assert_eq!(found, expected, "what was aborted outdates nothing");
        let end = log.log_end_offset();
        let read = log.read(Offset::ZERO, 1 << 20, end, FirstBatch::Whole).unwrap();
        let bytes = read.read_to_vec().unwrap();
        let has_marker = Batches::new(&bytes).any(|batch| {
            let header = batch.unwrap().0;
            header.base_offset == Offset::new(3) && header.record_count > 0
        });
        let aborted = log.aborted_transactions(Offset::ZERO, end).unwrap().len();
        told.push((has_marker, aborted));
    }
    // The first cleaning meets the records, the next finds none and sets the delay.
    assert_eq!(told, [(true, 1), (true, 0), (true, 0), (false, 0)]);
}
