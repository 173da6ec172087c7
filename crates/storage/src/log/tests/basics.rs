//! Appending, reading, closing and opening again.

use super::*;
use crate::error::ReadError;
use crate::fs::{Fault, Operation};

#[test]
fn what_is_appended_is_read_over_many_segments() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..100);
    assert!(log.number_of_segments() > 10);
    assert_eq!(read_all(&log, Offset::ZERO, 10_000), values(0..100));
    assert_eq!(log.size_in_bytes(), bench_log_bytes(&bench));
}

fn bench_log_bytes(bench: &Bench) -> u64 {
    let entries = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
    entries.iter().filter(|entry| entry.name.ends_with(".log")).map(|entry| entry.length).sum()
}

#[test]
fn reads_are_contiguous_for_every_start_and_limit() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    let sizes = [1usize, 3, 1, 7, 2, 1, 1, 12, 4, 1, 1, 1, 5];
    let mut next = 0;
    for size in sizes.iter().cycle().take(40) {
        let texts: Vec<String> =
            (next..next + *size as i64).map(|i| format!("value-{i}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        append(&mut log, &batch(&texts)).unwrap();
        next += *size as i64;
    }
    assert!(log.number_of_segments() > 5);
    for start in 0..next {
        for max_bytes in [0, 1, 61, 80, 100, 150, 299, 300, 301, 600, 601, 1000, 5000, 100_000] {
            let found = read_all(&log, Offset::new(start), max_bytes);
            assert_eq!(found, values(start..next), "start {start}, {max_bytes} bytes");
            let limits = (Offset::new(start), max_bytes, log.log_end_offset());
            let whole = log.read(limits.0, limits.1, limits.2, FirstBatch::Whole).unwrap();
            let bytes = whole.read_to_vec().unwrap();
            let first_size = Batches::new(&bytes).next().unwrap().unwrap().0.size_in_bytes() as u64;
            let limited = log.read(limits.0, limits.1, limits.2, FirstBatch::MayBeCut).unwrap();
            let expected = if first_size <= max_bytes { bytes } else { Vec::new() };
            assert_eq!(limited.read_to_vec().unwrap(), expected, "{start}, {max_bytes} bytes");
        }
    }
}

#[test]
fn reads_end_exactly_at_the_upper_bound() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..50);
    for upper in 0..=50 {
        for start in 0..=upper {
            let read = log
                .read(Offset::new(start), 1 << 20, Offset::new(upper), FirstBatch::Whole)
                .unwrap();
            let bytes = read.read_to_vec().unwrap();
            let offsets: Vec<i64> =
                Batches::new(&bytes).map(|batch| batch.unwrap().0.base_offset.get()).collect();
            // A read goes over a bounded number of segments, so it may end before.
            assert_eq!(offsets, (start..upper).take(offsets.len()).collect::<Vec<_>>());
            assert_eq!(offsets.is_empty(), start == upper);
        }
    }
}

#[test]
fn offsets_outside_of_the_log_are_out_of_range() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..10);
    log.advance_log_start_offset(Offset::new(3)).unwrap();
    for offset in [-1, 2, 11] {
        let error =
            log.read(Offset::new(offset), 100, Offset::new(10), FirstBatch::Whole).unwrap_err();
        assert!(matches!(error, ReadError::OffsetOutOfRange { .. }), "{offset}");
    }
    let at_end = log.read(Offset::new(10), 100, Offset::new(10), FirstBatch::Whole).unwrap();
    assert!(at_end.slices.is_empty());
}

#[test]
fn first_batch_is_whole_or_left_out_as_asked() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    let size = append(&mut log, &batch(&["a long enough value"])).unwrap().bytes;
    let whole = log.read(Offset::ZERO, 10, Offset::new(1), FirstBatch::Whole).unwrap();
    assert_eq!(whole.size_in_bytes(), size);
    for max_bytes in [0, 10, size - 1] {
        let none = log.read(Offset::ZERO, max_bytes, Offset::new(1), FirstBatch::MayBeCut).unwrap();
        assert!(none.slices.is_empty());
    }
    let fits = log.read(Offset::ZERO, size, Offset::new(1), FirstBatch::MayBeCut).unwrap();
    assert_eq!(fits.size_in_bytes(), size);
}

#[test]
fn clean_close_opens_without_a_scan() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..60);
    assert_eq!(log.close().unwrap(), Offset::new(60));
    drop(log);
    bench.disk.crash(7);
    let (mut log, report) = bench.open(Offset::new(60), true).unwrap();
    assert_eq!(report, RecoveryReport::default());
    assert_eq!(log.synced_offset(), Offset::new(60));
    assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..60));
    append_values(&mut log, 60..80);
    assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..80));
}

#[test]
fn log_that_did_not_change_closes_without_a_sync() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..60);
    log.close().unwrap();
    bench.disk.kill();
    let (mut log, _) = bench.open(Offset::new(60), true).unwrap();
    for operation in [Operation::Sync, Operation::SyncDirectory, Operation::Write] {
        bench.disk.inject(Fault {
            operation,
            path_contains: String::new(),
            skip: 0,
            count: 1,
            error: std::io::ErrorKind::Other,
        });
    }
    assert_eq!(log.close().unwrap(), Offset::new(60));
}

#[test]
fn empty_log_has_the_files_that_kafka_gives_it() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    log.sync().unwrap();
    log.close().unwrap();
    let entries = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "00000000000000000000.index",
            "00000000000000000000.log",
            "00000000000000000000.timeindex",
        ]
    );
}

#[test]
fn killed_process_loses_nothing_that_was_written() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..60);
    let recovery_point = log.recovery_point();
    bench.disk.kill();
    drop(log);
    let (log, report) = bench.open(recovery_point, false).unwrap();
    assert_eq!(report.truncated_bytes, 0);
    assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..60));
}

#[test]
fn sync_makes_safe_what_was_appended_before_it_began() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..10);
    let job = log.begin_sync().unwrap();
    append_values(&mut log, 10..20);
    let finished = job.run();
    assert_eq!(log.finish_sync(finished).unwrap(), Offset::new(10));
    assert_eq!(log.synced_offset(), Offset::new(10));
    assert_eq!(log.sync().unwrap(), Offset::new(20));
    assert!(log.begin_sync().unwrap().is_empty());
}

#[test]
fn headers_get_offsets_and_epoch_and_keep_their_bytes() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &batch(&["a", "b"])).unwrap();
    let sent = batch(&["c"]);
    append_at(&mut log, &sent, LeaderEpoch::new(5), START).unwrap();
    let read = log.read(Offset::new(2), 1000, Offset::new(3), FirstBatch::Whole).unwrap();
    let bytes = read.read_to_vec().unwrap();
    let header = BatchHeader::parse(&bytes).unwrap();
    assert_eq!(header.base_offset, Offset::new(2));
    assert_eq!(header.partition_leader_epoch, LeaderEpoch::new(5));
    assert_eq!(bytes[16..], sent[16..]);
    assert_eq!(log.end_offset_for_epoch(EPOCH), Some((EPOCH, Offset::new(2))));
}
