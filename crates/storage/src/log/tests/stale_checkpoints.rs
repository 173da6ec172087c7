//! Checkpoints that do not fit the log: those of a deleted partition of the same name say nothing of
//! the one that came after, and terms that are missing are read from the records.

use std::io::ErrorKind;

use super::*;
use crate::checkpoint::EPOCHS_FILE;
use crate::fs::{Fault, Operation, remove_file_if_exists};

const STALE: Offset = Offset::new(1000);

#[test]
fn stale_log_start_of_a_deleted_topic_hides_no_record_of_its_successor() {
    // Behind the end of the new log, and inside of it.
    for stale in [STALE, Offset::new(5)] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..30);
        log.sync().unwrap();
        log.advance_log_start_offset(Offset::new(20)).unwrap();
        let partition = model::TopicPartition::new("t", model::PartitionIndex::new(0));
        log.rename_for_delete(&partition, model::Uuid::from_bytes([7; 16])).unwrap();
        let mut log = bench.open_at(stale, stale, false).unwrap().0;
        assert_eq!((log.log_start_offset(), log.log_end_offset()), (Offset::ZERO, Offset::ZERO));
        append_values(&mut log, 0..10);
        log.sync().unwrap();
        for seed in 0..8 {
            bench.disk.crash(seed);
            let log = bench.open_at(stale, stale, false).unwrap().0;
            assert_eq!(log.log_start_offset(), Offset::ZERO, "{stale}");
            assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..10), "{stale}");
        }
    }
}

#[test]
fn log_whose_creation_was_interrupted_begins_at_zero() {
    for seed in 0..32 {
        let bench = Bench::tiny();
        drop(bench.open_new());
        bench.disk.crash(seed);
        let mut log = bench.open_at(STALE, STALE, false).unwrap().0;
        append_values(&mut log, 0..3);
        log.sync().unwrap();
        bench.disk.crash(seed);
        let log = bench.open_at(STALE, STALE, false).unwrap().0;
        assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..3), "seed {seed}");
    }
}

#[test]
fn records_outlive_a_log_start_offset_beyond_them() {
    for clean in [true, false] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..20);
        // A clean close: nothing bounds the checkpoint any more.
        log.close().unwrap();
        bench.disk.kill();
        let log = bench.open_at(Offset::new(20), STALE, clean).unwrap().0;
        assert_eq!(log.log_start_offset(), Offset::ZERO);
        assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..20));
    }
}

#[test]
fn deleted_records_stay_deleted_in_a_log_that_was_never_closed() {
    for seed in 0..8 {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..30);
        log.sync().unwrap();
        log.advance_log_start_offset(Offset::new(17)).unwrap();
        bench.disk.crash(seed);
        let log = bench.open_at(Offset::new(30), Offset::new(17), false).unwrap().0;
        assert_eq!(log.log_start_offset(), Offset::new(17));
        assert_eq!(read_all(&log, Offset::new(17), 1000), values(17..30));
    }
}

#[test]
fn deleted_records_stay_deleted_when_a_bound_that_was_removed_comes_back() {
    for seed in 0..32 {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..30);
        log.sync().unwrap();
        let recovery_point = log.recovery_point();
        log.recovery_point_checkpointed(recovery_point).unwrap();
        log.advance_log_start_offset(Offset::new(17)).unwrap();
        bench.disk.crash(seed);
        let log = bench.open_at(recovery_point, Offset::new(17), false).unwrap().0;
        assert_eq!(log.log_start_offset(), Offset::new(17), "seed {seed}");
        assert_eq!(read_all(&log, Offset::new(17), 1000), values(17..30), "seed {seed}");
    }
}

#[test]
fn terms_of_records_that_a_crash_brings_back_are_known() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for (epoch, offsets) in [(3, 0..10), (5, 10..20), (6, 20..30)] {
        for offset in offsets {
            let value = batch(&[&format!("value-{offset}")]);
            append_at(&mut log, &value, LeaderEpoch::new(epoch), START).unwrap();
        }
    }
    let recovery_point = log.sync().unwrap();
    log.recovery_point_checkpointed(recovery_point).unwrap();
    log.advance_log_start_offset(Offset::new(25)).unwrap();
    bench.disk.kill();
    let log = bench.open_at(recovery_point, Offset::new(12), false).unwrap().0;
    let known: Vec<_> = (12..30).map(|offset| log.epoch_for_offset(Offset::new(offset))).collect();
    let expected = [vec![5; 8], vec![6; 10]].concat();
    assert_eq!(known, expected.into_iter().map(|e| Some(LeaderEpoch::new(e))).collect::<Vec<_>>());
}

#[test]
fn terms_are_read_from_the_log_when_their_file_is_gone() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for epoch in [1, 4] {
        append_at(&mut log, &batch(&["value"]), LeaderEpoch::new(epoch), START).unwrap();
    }
    let end = log.close().unwrap();
    remove_file_if_exists(&bench.disk, &PathBuf::from(FOLDER).join(EPOCHS_FILE)).unwrap();
    let log = bench.open_at(end, Offset::ZERO, true).unwrap().0;
    assert_eq!(log.epoch_for_offset(Offset::ZERO), Some(LeaderEpoch::new(1)));
    assert_eq!(log.epoch_for_offset(Offset::new(1)), Some(LeaderEpoch::new(4)));
}

#[test]
fn log_that_begins_inside_of_a_segment_is_not_read_for_its_terms() {
    let bench = Bench::new(LogConfig::default());
    let mut log = bench.open_new();
    append_values(&mut log, 0..200);
    log.advance_log_start_offset(Offset::new(199)).unwrap();
    let end = log.close().unwrap();
    bench.disk.kill();
    // The first read tells where the log ends; another would fail.
    let (operation, path_contains) = (Operation::Read, ".log".to_owned());
    let error = ErrorKind::Other;
    bench.disk.inject(Fault { operation, path_contains, skip: 1, count: u32::MAX, error });
    let log = bench.open_at(end, Offset::new(199), true).unwrap().0;
    assert_eq!(log.log_start_offset(), Offset::new(199));
    assert_eq!(log.epoch_for_offset(Offset::new(199)), Some(EPOCH));
}
