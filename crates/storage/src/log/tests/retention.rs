//! Rolling and retention, by time, size and start offset.

use super::*;
use crate::fs::{Fault, Operation};

const HOUR_MS: i64 = 60 * 60 * 1000;

#[test]
fn segments_roll_by_the_timestamps_of_their_records() {
    let bench = Bench::new(LogConfig { segment_ms: 1000, ..LogConfig::default() });
    let mut log = bench.open_new();
    for ms in [0, 500, 1000, 1001, 1500] {
        append_at(&mut log, &batch_at(&["x"], START.plus_ms(ms)), EPOCH, START).unwrap();
    }
    // The fourth is the first that is more than a second after the first of its segment.
    let bases: Vec<i64> = log.segments.iter().map(|segment| segment.base_offset().get()).collect();
    assert_eq!(bases, [0, 3]);
}

#[test]
fn jitter_rolls_earlier_by_at_most_its_bound() {
    let config = LogConfig { segment_ms: 1000, segment_jitter_ms: 400, ..LogConfig::default() };
    for base in 0..200 {
        for seed in [0, 1, u64::MAX] {
            assert!((0..400).contains(&config.jitter_ms(seed, base)));
        }
    }
    let spread: std::collections::BTreeSet<i64> =
        (0..50).map(|seed| config.jitter_ms(seed, 0)).collect();
    assert!(spread.len() > 30);
}

#[test]
fn segments_roll_before_a_full_index_and_before_offsets_overflow() {
    let bench = Bench::new(LogConfig {
        segment_index_bytes: 36,
        index_interval_bytes: 0,
        ..LogConfig::default()
    });
    let mut log = bench.open_new();
    append_values(&mut log, 0..20);
    // Four entries: five batches, as the first of a segment has none.
    assert_eq!(log.number_of_segments(), 4);
    assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..20));

    let bench = Bench::new(LogConfig::default());
    let mut log = bench.open_new();
    for base in [0, i64::from(i32::MAX), i64::from(i32::MAX) + 1] {
        let mut bytes = batch(&["x"]).to_vec();
        records::patch_base_offset_and_epoch(&mut bytes, Offset::new(base), EPOCH).unwrap();
        let header = BatchHeader::parse(&bytes).unwrap();
        log.append_as_follower(&bytes, &[header], EPOCH, START).unwrap();
    }
    let bases: Vec<i64> = log.segments.iter().map(|segment| segment.base_offset().get()).collect();
    assert_eq!(bases, [0, i64::from(i32::MAX) + 1]);
}

#[test]
fn retention_by_size_keeps_at_least_the_limit() {
    let bench = Bench::new(LogConfig {
        retention_bytes: 2000,
        retention_ms: -1,
        ..(*Bench::tiny().config).clone()
    });
    let mut log = bench.open_new();
    append_values(&mut log, 0..100);
    let deleted = log.retention(&Clock::steady(START), Offset::new(100)).unwrap();
    assert!(deleted.segments() > 3);
    assert!(log.size_in_bytes() >= 2000 && log.size_in_bytes() < 2600);
    let start = log.log_start_offset();
    assert_eq!(start, log.segments[0].base_offset());
    assert_eq!(read_all(&log, start, 1000), values(start.get()..100));
    let names = |ending: &str| {
        let entries = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
        entries.iter().filter(|entry| entry.name.ends_with(ending)).count()
    };
    assert!(names(".log.deleted") > 3);
    deleted.remove().unwrap();
    assert_eq!(names(".deleted"), 0);
}

#[test]
fn retention_never_reaches_the_high_watermark() {
    let bench = Bench::new(LogConfig {
        retention_bytes: 0,
        retention_ms: 0,
        ..(*Bench::tiny().config).clone()
    });
    let mut log = bench.open_new();
    append_values(&mut log, 0..100);
    let now = START.plus_ms(HOUR_MS);
    log.retention(&Clock::steady(now), Offset::new(42)).unwrap().remove().unwrap();
    assert!(log.log_start_offset() <= Offset::new(42) && log.log_start_offset() > Offset::new(30));
    log.retention(&Clock::steady(now), Offset::new(100)).unwrap().remove().unwrap();
    assert_eq!(log.log_start_offset(), Offset::new(100));
    assert_eq!((log.number_of_segments(), log.size_in_bytes()), (1, 0));
    append_values(&mut log, 100..110);
    assert_eq!(read_all(&log, Offset::new(100), 1000), values(100..110));
}

#[test]
fn retention_by_time_goes_by_the_largest_timestamp_of_a_segment() {
    let bench = Bench::new(LogConfig { retention_ms: HOUR_MS, ..(*Bench::tiny().config).clone() });
    let mut log = bench.open_new();
    for i in 0..40 {
        append(&mut log, &batch_at(&["x"], START.plus_ms(i * 60_000))).unwrap();
    }
    assert_eq!(
        log.retention(&Clock::steady(START.plus_ms(HOUR_MS)), Offset::new(40)).unwrap().segments(),
        0
    );
    let deleted = log
        .retention(&Clock::steady(START.plus_ms(HOUR_MS + 20 * 60_000)), Offset::new(40))
        .unwrap();
    assert!(deleted.segments() > 0);
    let first = log.log_start_offset();
    assert!(first.get() > 10 && first.get() <= 20, "{first}");
    deleted.remove().unwrap();
    bench.disk.kill();
    let log = bench.open(Offset::ZERO, false).unwrap().0;
    assert_eq!(log.log_start_offset(), first);
}

#[test]
fn start_offset_removes_the_segments_before_it_and_survives() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..50);
    assert!(log.advance_log_start_offset(Offset::new(33)).unwrap());
    assert!(!log.advance_log_start_offset(Offset::new(20)).unwrap());
    log.retention(&Clock::steady(START), Offset::new(50)).unwrap().remove().unwrap();
    assert_eq!(log.log_start_offset(), Offset::new(33));
    assert!(log.segments[0].base_offset() <= Offset::new(33));
    assert_eq!(read_all(&log, Offset::new(33), 1000), values(33..50));
}

#[test]
fn deleted_partition_is_renamed_and_removed() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..10);
    let partition = model::TopicPartition::new("t", model::PartitionIndex::new(0));
    let renamed = log.rename_for_delete(&partition, model::Uuid::from_bytes([7; 16])).unwrap();
    assert!(!bench.disk.exists(&PathBuf::from(FOLDER)).unwrap());
    let name = renamed.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("t-0.{}-delete", "07".repeat(16)));
    let again = bench.open_new();
    assert_eq!(again.log_end_offset(), Offset::ZERO);
    super::super::remove_partition_folder(&bench.disk, &renamed).unwrap();
    assert!(!bench.disk.exists(&renamed).unwrap());
}

#[test]
fn idle_log_keeps_few_files_open() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..200);
    log.close().unwrap();
    assert!(log.number_of_segments() > 20);
    read_all(&log, Offset::ZERO, 100);
    assert!(bench.files.open_count() <= 8);
}

#[test]
fn retention_frees_space_on_a_full_disk() {
    for committed in [true, false] {
        let bench = Bench::new(LogConfig { retention_ms: 0, ..(*Bench::tiny().config).clone() });
        let mut log = bench.open_new();
        for i in 0..60 {
            // Each term has its epoch, so that deleting changes the epochs.
            let epoch = LeaderEpoch::new(1 + i / 10);
            append_at(&mut log, &batch(&[&format!("value-{i}")]), epoch, START).unwrap();
        }
        log.sync().unwrap();
        append_at(&mut log, &batch(&["value-60"]), LeaderEpoch::new(6), START).unwrap();
        bench.disk.set_capacity(Some(bench.disk.used_bytes()));
        let used = bench.disk.used_bytes();
        let segments = log.number_of_segments();
        // With everything committed even the active segment may go, if it could only be rolled.
        let high_watermark = Offset::new(if committed { 61 } else { 50 });
        let now = START.plus_ms(HOUR_MS);
        let deleted = log.retention(&Clock::steady(now), high_watermark).unwrap();
        let expected = if committed { segments - 1 } else { deleted.segments() };
        assert!(deleted.segments() == expected && expected > 5);
        deleted.remove().unwrap();
        assert!(bench.disk.used_bytes() < used - 2000, "{} of {used}", bench.disk.used_bytes());
        assert_eq!(log.failure(), None);
        let start = log.log_start_offset();
        assert_eq!(read_all(&log, start, 1000), values(start.get()..61));
        assert!(log.epochs.entries()[0].start_offset >= start);
        for i in 61..70 {
            let bytes = batch(&[&format!("value-{i}")]);
            append_at(&mut log, &bytes, LeaderEpoch::new(6), START).unwrap();
        }
        bench.disk.kill();
        let log = bench.open(Offset::ZERO, false).unwrap().0;
        assert_eq!(log.log_start_offset(), start);
        assert_eq!(read_all(&log, start, 1000), values(start.get()..70));
        assert!(log.epochs.entries()[0].start_offset >= start);
    }
}

#[test]
fn files_renamed_by_a_retention_that_failed_are_removed_by_the_next() {
    // The records of the first segment, then those of the third, cannot be renamed.
    for skip in [0, 2] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..50);
        log.advance_log_start_offset(Offset::new(40)).unwrap();
        bench.disk.inject(Fault {
            operation: Operation::Rename,
            path_contains: ".log".to_owned(),
            skip,
            count: 1,
            error: std::io::ErrorKind::Other,
        });
        match log.retention(&Clock::steady(START), Offset::new(50)) {
            Ok(deleted) => {
                assert_eq!(deleted.segments(), skip as usize);
                deleted.remove().unwrap();
            }
            Err(_) => assert_eq!(skip, 0),
        }
        assert!(bench.disk.clear_faults());
        log.retention(&Clock::steady(START), Offset::new(50)).unwrap().remove().unwrap();
        let entries = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
        assert!(entries.iter().all(|entry| !entry.name.ends_with(".deleted")), "{entries:?}");
        assert_eq!(read_all(&log, Offset::new(40), 1000), values(40..50));
    }
}

#[test]
fn sync_that_a_deletion_overtakes_does_not_fail() {
    // The files are still there under the new name, or gone already.
    for removed in [false, true] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..20);
        let job = log.begin_checkpoint_sync().unwrap();
        let partition = model::TopicPartition::new("t", model::PartitionIndex::new(0));
        let renamed = log.rename_for_delete(&partition, model::Uuid::from_bytes([7; 16])).unwrap();
        if removed {
            super::super::remove_partition_folder(&bench.disk, &renamed).unwrap();
        }
        let finished = job.run();
        log.finish_sync(finished).unwrap();
        assert_eq!(log.failure(), None);
    }
}

#[test]
fn sync_fails_when_the_folder_is_gone_without_a_deletion() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..20);
    let job = log.begin_checkpoint_sync().unwrap();
    bench.disk.rename(&PathBuf::from(FOLDER), &PathBuf::from("/data/elsewhere")).unwrap();
    log.finish_sync(job.run()).unwrap_err();
    assert!(log.failure().is_some());
}
