//! Compaction: what stays, what goes, and when.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::Clock;
use records::{DownConversion, OldFormat, down_convert};

use super::*;
use crate::cleaner::{CleanError, CleaningReport, OffsetMap};
use crate::fs::{Fault, Operation};

/// Memory for the keys of a test.
const MAP_BYTES: u64 = 1 << 20;

fn config() -> LogConfig {
    LogConfig {
        compact: true,
        delete: false,
        segment_bytes: 600,
        index_interval_bytes: 100,
        delete_retention_ms: 1000,
        ..LogConfig::default()
    }
}

/// A batch of records with these keys and values; a record without value is a tombstone.
pub(super) fn keyed(records: &[(&str, Option<&str>)]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    for (key, value) in records {
        builder.append(START, Some(key.as_bytes()), value.map(str::as_bytes), []).unwrap();
    }
    builder.finish().unwrap()
}

/// Cleans a log as the broker does, and removes the files that were replaced.
pub(super) fn clean_at(
    log: &mut Log,
    map_bytes: u64,
    now: Timestamp,
) -> Result<CleaningReport, CleanError> {
    let end = log.log_end_offset();
    let Some(mut cleaning) = log.begin_cleaning(end, &Clock::steady(now), 300)? else {
        return Ok(CleaningReport::default());
    };
    let mut map = OffsetMap::new(map_bytes, 0.9);
    let mut pace = |_| ControlFlow::Continue(());
    cleaning.fill(&mut map, &mut pace)?;
    while let Some(group) = cleaning.next_group(&map, &mut pace)? {
        log.swap_in(group)?.remove()?;
    }
    log.finish_cleaning(&cleaning);
    Ok(cleaning.report())
}

fn clean(log: &mut Log) -> CleaningReport {
    clean_at(log, MAP_BYTES, START).unwrap()
}

/// Offset, key and value of each record from an offset on.
pub(super) fn records_from(log: &Log, from: Offset) -> Vec<(i64, String, Option<String>)> {
    let mut found = Vec::new();
    let mut next = from;
    while next < log.log_end_offset() {
        let read = log.read(next, 500, log.log_end_offset(), FirstBatch::Whole).unwrap();
        let bytes = read.read_to_vec().unwrap();
        let before = next;
        for batch in Batches::new(&bytes) {
            let Ok((header, bytes)) = batch else { break };
            records::verify_crc(bytes).unwrap();
            for record in BatchBody::decode(bytes, 1 << 20).unwrap().records() {
                let record = record.unwrap();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                if record.offset >= next && !header.is_control() {
                    let key = record.key.map(text).unwrap_or_default();
                    found.push((record.offset.get(), key, record.value.map(text)));
                }
            }
            next = header.next_offset();
        }
        if next == before {
            break; // The rest of the offsets has no batches.
        }
    }
    found
}

fn records(log: &Log) -> Vec<(i64, String, Option<String>)> {
    records_from(log, log.log_start_offset())
}

/// The last record of each key before an offset, and everything from there on.
fn compacted(
    written: &[(i64, String, Option<String>)],
    before: i64,
) -> Vec<(i64, String, Option<String>)> {
    let latest: BTreeMap<&str, i64> =
        written.iter().filter(|r| r.0 < before).map(|r| (r.1.as_str(), r.0)).collect();
    let stays = |r: &&(i64, String, Option<String>)| r.0 >= before || latest[r.1.as_str()] == r.0;
    written.iter().filter(stays).cloned().collect()
}

/// Appends `count` records over `keys` keys and syncs.
fn fill(log: &mut Log, count: i64, keys: i64) {
    for _ in 0..count {
        let i = log.log_end_offset().get();
        let (key, value) = (format!("key-{}", i * 7 % keys), format!("value-{i}"));
        append(log, &keyed(&[(&key, Some(&value))])).unwrap();
    }
    log.sync().unwrap();
}

#[test]
fn compaction_keeps_the_last_value_of_each_key_at_its_offset() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 200, 10);
    let written = records(&log);
    let dirtiness = log.dirtiness(Offset::new(200), &Clock::steady(START)).unwrap();
    assert!(dirtiness.clean_bytes == 0 && dirtiness.cleanable_bytes > 0);
    assert!(dirtiness.is_due(&bench.config));
    let segments = log.number_of_segments();
    let report = clean(&mut log);
    let active = log.active_segment_base_offset().get();
    let expected = compacted(&written, active);
    assert_eq!(records(&log), expected);
    assert_eq!(report.keys, 10);
    assert_eq!(log.cleaned_to().get(), active);
    assert!(!log.dirtiness(Offset::new(200), &Clock::steady(START)).unwrap().is_due(&bench.config));
    // From any offset the same is read.
    for from in 0..200 {
        let rest: Vec<_> = expected.iter().filter(|r| r.0 >= from).cloned().collect();
        assert_eq!(records_from(&log, Offset::new(from)), rest);
    }
    // It opens the same after a clean stop and after a kill, and whatever the disk lost.
    for (stop, clean_stop) in [(0, false), (1, false), (2, true)] {
        match stop {
            0 => bench.disk.kill(),
            1 => bench.disk.crash(7),
            _ => drop(log.close()),
        }
        log = bench.open(Offset::new(150), clean_stop).unwrap().0;
        assert_eq!(records(&log), expected);
        assert_eq!(log.log_end_offset(), Offset::new(200));
    }
    fill(&mut log, 200, 7);
    let written = records(&log);
    clean(&mut log);
    assert_eq!(records(&log), compacted(&written, log.active_segment_base_offset().get()));
    fill(&mut log, 20, 7);
    clean(&mut log);
    assert!(log.number_of_segments() < segments / 2, "what became small merges");
}

#[test]
fn a_full_map_cleans_in_several_rounds() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 300, 100);
    let written = records(&log);
    let mut rounds = 0;
    while log.cleaned_to() < log.active_segment_base_offset() {
        let before = log.cleaned_to();
        // Room for about 20 keys.
        clean_at(&mut log, 24 * 24, START).unwrap();
        assert!(log.cleaned_to() > before);
        rounds += 1;
    }
    assert!(rounds > 5);
    assert_eq!(records(&log), compacted(&written, log.active_segment_base_offset().get()));
}

#[test]
fn tombstones_go_after_their_delay_and_hide_nothing_before() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    append(&mut log, &keyed(&[("a", Some("1")), ("b", Some("1"))])).unwrap();
    append(&mut log, &keyed(&[("a", None)])).unwrap();
    log.roll(START).unwrap();
    append(&mut log, &keyed(&[("c", Some("1"))])).unwrap();
    log.sync().unwrap();
    let told = |log: &Log| -> Vec<(i64, bool)> {
        records(log).iter().map(|r| (r.0, r.2.is_some())).collect()
    };
    clean(&mut log);
    assert_eq!(told(&log), [(1, true), (2, false), (3, true)]);
    // The horizon is that of the first cleaning, however often the log is cleaned before it.
    for (ms, is_gone) in [(500, false), (999, false), (1000, true)] {
        log.roll(START).unwrap();
        append(&mut log, &keyed(&[("d", Some("1"))])).unwrap();
        log.sync().unwrap();
        clean_at(&mut log, MAP_BYTES, START.plus_ms(ms)).unwrap();
        assert_eq!(!told(&log).contains(&(2, false)), is_gone, "{ms}");
    }
}

#[test]
fn records_without_a_key_go_and_the_last_offset_stays() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    append(&mut log, &batch(&["x", "y"])).unwrap();
    append(&mut log, &batch(&["z"])).unwrap();
    log.roll(START).unwrap();
    log.sync().unwrap();
    clean(&mut log);
    assert_eq!(records(&log), []);
    // A reader gets to the end by an empty batch.
    let read = log.read(Offset::ZERO, 500, Offset::new(3), FirstBatch::Whole).unwrap();
    let bytes = read.read_to_vec().unwrap();
    let last = Batches::new(&bytes).last().unwrap().unwrap().0;
    assert_eq!((last.next_offset(), last.record_count), (Offset::new(3), 0));
    assert_eq!(log.max_timestamp_offset().unwrap(), None);
    assert_eq!(log.offset_for_timestamp(START).unwrap(), None);
    bench.disk.kill();
    let mut log = bench.open(Offset::new(3), false).unwrap().0;
    assert_eq!(log.log_end_offset(), Offset::new(3));
    append(&mut log, &keyed(&[("k", Some("v"))])).unwrap();
    assert_eq!(records(&log).len(), 1);
}

#[test]
fn producers_are_known_by_what_compaction_leaves() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    for producer in 1..4 {
        let builder = |sequence: i32| {
            let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
            builder.producer(records::Producer {
                id: ProducerId::new(producer),
                epoch: ProducerEpoch::new(0),
                base_sequence: Sequence::new(sequence),
            });
            builder.append(START, Some(b"k"), Some(b"v"), []).unwrap();
            builder.finish().unwrap()
        };
        for sequence in 0..3 {
            append(&mut log, &builder(sequence)).unwrap();
        }
    }
    log.roll(START).unwrap();
    append(&mut log, &keyed(&[("k", Some("last"))])).unwrap();
    log.roll(START).unwrap();
    log.sync().unwrap();
    clean(&mut log);
    assert_eq!(records(&log).len(), 1);
    // Without any snapshot the batches have to tell.
    let folder = PathBuf::from(FOLDER);
    bench.disk.kill();
    for entry in bench.disk.list(&folder).unwrap() {
        if entry.name.ends_with(".snapshot") {
            bench.disk.remove_file(&folder.join(entry.name)).unwrap();
        }
    }
    let mut log = bench.open(Offset::new(10), false).unwrap().0;
    for producer in 1..4 {
        let again = append(&mut log, &idempotent(producer, 0, 2, &["again"])).unwrap();
        assert!(again.is_duplicate, "producer {producer}");
        let next = append(&mut log, &idempotent(producer, 0, 3, &["next"])).unwrap();
        assert!(!next.is_duplicate);
    }
}

#[test]
fn nothing_uncommitted_unsafe_or_active_is_cleaned() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 100, 5);
    let written = records(&log);
    let begin = |log: &Log, high_watermark: i64| {
        log.begin_cleaning(Offset::new(high_watermark), &Clock::steady(START), 300).unwrap()
    };
    assert!(begin(&log, 3).is_none());
    let second = log.segments[2].base_offset();
    let mut cleaning = begin(&log, second.get()).unwrap();
    let mut map = OffsetMap::new(MAP_BYTES, 0.9);
    cleaning.fill(&mut map, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(cleaning.end_offset(), second);
    assert_eq!(records(&log), written);
    // Appended but not synced.
    let unsynced = log.log_end_offset();
    for i in 0..50 {
        append(&mut log, &keyed(&[("key-1", Some(&format!("{i}")))])).unwrap();
    }
    clean(&mut log);
    assert!(log.cleaned_to() <= unsynced);
}

#[test]
fn a_lag_keeps_young_records_and_calls_for_old_ones() {
    let lag = LogConfig { min_compaction_lag_ms: 5000, ..config() };
    let bench = Bench::new(lag);
    let mut log = bench.open_new();
    fill(&mut log, 100, 5);
    assert!(
        log.begin_cleaning(Offset::new(100), &Clock::steady(START.plus_ms(4999)), 300)
            .unwrap()
            .is_none()
    );
    assert!(
        log.begin_cleaning(Offset::new(100), &Clock::steady(START.plus_ms(5000)), 300)
            .unwrap()
            .is_some()
    );
    let config =
        LogConfig { max_compaction_lag_ms: 9000, min_cleanable_dirty_ratio: 1.0, ..config() };
    log.set_config(Arc::new(config.clone()));
    let is_due = |ms| {
        log.dirtiness(Offset::new(100), &Clock::steady(START.plus_ms(ms))).unwrap().is_due(&config)
    };
    assert!(!is_due(9000));
    assert!(is_due(9001));
}

#[test]
fn a_log_that_changed_meanwhile_is_left_as_it_is() {
    let changes: [fn(&mut Log); 4] = [
        |log| {
            log.advance_log_start_offset(Offset::new(50)).unwrap();
            log.retention(&Clock::steady(START), Offset::new(100)).unwrap().remove().unwrap();
        },
        |log| assert!(log.truncate_to(Offset::new(95), START).unwrap()),
        |log| log.set_config(no_more_compacted()),
        |log| {
            let partition = model::TopicPartition::new("t", model::PartitionIndex::new(0));
            log.rename_for_delete(&partition, model::Uuid::from_bytes([1; 16])).unwrap();
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let bench = Bench::new(config());
        let mut log = bench.open_new();
        fill(&mut log, 100, 5);
        let mut cleaning =
            log.begin_cleaning(Offset::new(100), &Clock::steady(START), 300).unwrap().unwrap();
        let mut map = OffsetMap::new(MAP_BYTES, 0.9);
        let mut pace = |_| ControlFlow::Continue(());
        cleaning.fill(&mut map, &mut pace).unwrap();
        let group = cleaning.next_group(&map, &mut pace).unwrap().unwrap();
        change(&mut log);
        let before = log.number_of_segments();
        assert!(matches!(log.swap_in(group), Err(CleanError::Outdated)), "change {index}");
        assert_eq!(log.number_of_segments(), before);
        let names = bench.disk.list(log.directory()).unwrap();
        if index < 3 {
            assert!(!names.iter().any(|entry| entry.name.ends_with(".cleaned")), "{names:?}");
        }
    }
}

#[test]
fn a_stopped_cleaning_leaves_nothing_behind() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 100, 5);
    let names = bench.disk.list(log.directory()).unwrap();
    let mut cleaning =
        log.begin_cleaning(Offset::new(100), &Clock::steady(START), 300).unwrap().unwrap();
    let mut map = OffsetMap::new(MAP_BYTES, 0.9);
    cleaning.fill(&mut map, &mut |_| ControlFlow::Continue(())).unwrap();
    let mut left = 3;
    let mut pace = |_| {
        left -= 1;
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert!(matches!(cleaning.next_group(&map, &mut pace), Err(CleanError::Stopped)));
    assert_eq!(bench.disk.list(log.directory()).unwrap(), names);
}

#[test]
fn damage_ends_the_cleaning_with_segment_and_position() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 100, 5);
    let written = records(&log);
    let path = PathBuf::from(FOLDER).join("00000000000000000000.log");
    let file = bench.disk.open(&path, crate::fs::OpenMode::Write).unwrap();
    let mut byte = [0];
    file.read_at(150, &mut byte).unwrap();
    crate::fs::write_all_at(&*file, 150, &[byte[0] ^ 4]).unwrap();
    match clean_at(&mut log, MAP_BYTES, START) {
        Err(CleanError::Storage(StorageError::Corrupt { segment, position, .. })) => {
            assert_eq!(segment, path);
            assert!((1..=150).contains(&position), "{position}");
        }
        other => panic!("{other:?}"),
    }
    crate::fs::write_all_at(&*file, 150, &byte).unwrap();
    assert_eq!(records(&log), written);
}

#[test]
fn a_crash_at_any_step_of_a_swap_loses_nothing() {
    let steps = [Operation::Rename, Operation::Create, Operation::Write, Operation::Sync];
    for operation in steps {
        for skip in 0..60 {
            for seed in 0..4 {
                let bench = Bench::new(config());
                let mut log = bench.open_new();
                fill(&mut log, 100, 5);
                let written = records(&log);
                let active = log.active_segment_base_offset().get();
                let error = std::io::ErrorKind::Other;
                let path_contains = String::new();
                bench.disk.inject(Fault { operation, path_contains, skip, count: 1, error });
                let result = clean_at(&mut log, MAP_BYTES, START);
                let fired = bench.disk.clear_faults();
                assert_eq!(result.is_err(), fired, "{operation:?} {skip}");
                bench.disk.crash(seed);
                let log = bench.open(Offset::new(100), false).unwrap().0;
                let found = records(&log);
                assert_eq!(log.log_end_offset(), Offset::new(100));
                // Some groups may be compacted and others not, but the last of each key is there.
                let expected = compacted(&written, active);
                assert!(expected.iter().all(|record| found.contains(record)));
                assert!(found.iter().all(|record| written.contains(record)));
                if !fired {
                    break;
                }
            }
        }
    }
}

fn no_more_compacted() -> Arc<LogConfig> {
    Arc::new(LogConfig { compact: false, ..config() })
}

#[test]
fn a_topic_that_is_compacted_no_more_keeps_what_is_left_of_it_whatever_checkpoints_say() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 100, 5);
    clean(&mut log);
    let expected = records(&log);
    assert!(log.segments[1].base_offset() > log.segments[0].end_offset(&log.folder).unwrap());
    bench.disk.crash(3);
    let plain = Bench { config: no_more_compacted(), ..bench };
    let state = OpenState {
        recovery_point: Offset::ZERO,
        log_start_offset: Offset::ZERO,
        cleaned_to: Offset::ZERO,
        clean: false,
        now: START,
        jitter_seed: 0,
    };
    let disk: Arc<dyn FileSystem> = Arc::new(plain.disk.clone());
    let config = Arc::clone(&plain.config);
    let log =
        Log::open(disk, Arc::clone(&plain.files), PathBuf::from(FOLDER), config, state).unwrap().0;
    assert_eq!(records(&log), expected);
}

#[test]
fn a_rename_that_is_refused_leaves_the_log_as_it_was() {
    let bench = Bench::new(config());
    let mut log = bench.open_new();
    fill(&mut log, 100, 5);
    let names = |log: &Log| {
        let entries = bench.disk.list(log.directory()).unwrap().into_iter();
        let names = entries.map(|entry| entry.name);
        names.filter(|name| !name.starts_with("klamm.")).collect::<Vec<_>>()
    };
    let active = log.active_segment_base_offset().get();
    for skip in 0.. {
        let before = (records(&log), names(&log));
        let error = std::io::ErrorKind::StorageFull;
        let path_contains = String::new();
        let fault = Fault { operation: Operation::Rename, path_contains, skip, count: 1, error };
        bench.disk.inject(fault);
        let result = clean_at(&mut log, MAP_BYTES, START);
        let fired = bench.disk.clear_faults();
        assert_eq!((result.is_err(), log.failure()), (fired, None), "{skip}");
        if !fired {
            assert!(skip > 6);
            break;
        }
        let found = (records(&log), names(&log));
        if skip < 4 {
            assert_eq!(found, before, "{skip}");
        }
        // Later the groups before the one that was refused are in their place.
        assert!(compacted(&before.0, active).iter().all(|record| found.0.contains(record)));
        let endings = [".log", ".index", ".timeindex", ".snapshot", "checkpoint"];
        let is_known = |name: &String| endings.iter().any(|ending| name.ends_with(ending));
        assert!(found.1.iter().all(is_known), "{:?}", found.1);
        append(&mut log, &keyed(&[("new", Some("value"))])).unwrap();
    }
}

/// Messages of an old format: keys that come again, and a tombstone, in wrappers of each codec and plain.
fn old_messages(format: OldFormat, append_time: Option<Timestamp>) -> Vec<u8> {
    let codecs = [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4];
    let mut bytes = Vec::new();
    let mut offset = 0;
    for round in 0..12 {
        let mut builder = BatchBuilder::new(Offset::new(offset), codecs[round % codecs.len()]);
        if let Some(append_time) = append_time {
            builder.log_append_time(append_time);
        }
        for _ in 0..3 {
            let (key, value) = (format!("key-{}", offset % 5), format!("value-{offset}"));
            let value = (offset != 34).then_some(value.as_bytes());
            builder.append(START.plus_ms(offset), Some(key.as_bytes()), value, []).unwrap();
            offset += 1;
        }
        let conversion = DownConversion {
            format,
            first_offset: Offset::ZERO,
            bytes_max: usize::MAX,
            uncompressed_bytes_max: 1 << 20,
        };
        let batch = builder.finish().unwrap();
        bytes.extend_from_slice(&down_convert(&batch, &conversion).unwrap().bytes);
    }
    bytes
}

/// The timestamps of all records.
fn timestamps(log: &Log) -> BTreeMap<i64, i64> {
    let end = log.log_end_offset();
    let read = log.read(Offset::ZERO, 1 << 20, end, FirstBatch::Whole).unwrap();
    let bytes = read.read_to_vec().unwrap();
    let batches = Batches::new(&bytes).map(|batch| batch.unwrap().1);
    let times = batches.flat_map(|batch| {
        let body = BatchBody::decode(batch, 1 << 20).unwrap();
        let times = body.records().map(|record| {
            let record = record.unwrap();
            (record.offset.get(), record.timestamp.get())
        });
        times.collect::<Vec<_>>()
    });
    times.collect()
}

#[test]
fn old_formats_are_compacted_into_record_batches_with_their_offsets_and_times() {
    for (format, append_time) in
        [(OldFormat::V0, None), (OldFormat::V1, None), (OldFormat::V1, Some(START.plus_ms(5_000)))]
    {
        let mut bench = super::old_formats::bench_with(&old_messages(format, append_time));
        bench.config = Arc::new(config());
        let (mut log, _) = bench.open(Offset::ZERO, false).unwrap();
        let (written, times) = (records(&log), timestamps(&log));
        assert_eq!(written.len(), 36);
        log.roll(START).unwrap();
        fill(&mut log, 30, 3);
        let (all, end) = (records(&log), log.active_segment_base_offset().get());
        clean(&mut log);
        let left = records(&log);
        assert_eq!(left, compacted(&all, end), "{format:?}");
        // The tombstone, and the keys that came no more.
        let of_old: Vec<_> = left.iter().filter(|record| record.0 < 36).collect();
        assert_eq!(of_old.len(), 2, "{of_old:?}");
        let stay = timestamps(&log);
        assert!(of_old.iter().all(|record| stay[&record.0] == times[&record.0]), "{format:?}");
        // Nothing is left of the old format, and the tombstone goes when its time has come.
        let mut all = log.read(Offset::ZERO, 1 << 20, log.log_end_offset(), FirstBatch::Whole);
        let bytes = all.as_mut().unwrap().read_to_vec().unwrap();
        assert!(Batches::new(&bytes).all(|batch| batch.unwrap().0.old_format().is_none()));
        fill(&mut log, 30, 3);
        clean_at(&mut log, MAP_BYTES, START.plus_ms(3_600_000)).unwrap();
        assert!(!records(&log).iter().any(|record| record.2.is_none()));
        let expected = records(&log);
        log.close().unwrap();
        drop(log);
        let (log, _) = bench.open(Offset::ZERO, false).unwrap();
        assert_eq!(records(&log), expected);
    }
}
