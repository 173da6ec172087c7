//! Offsets by time.

use super::*;

fn at(ms: i64) -> Timestamp {
    START.plus_ms(ms)
}

fn timed(times: &[i64], compression: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, compression);
    for ms in times {
        builder.append(at(*ms), None, Some(b"x"), []).unwrap();
    }
    builder.finish().unwrap()
}

#[test]
fn first_record_at_or_after_a_time_is_found() {
    for compression in [Compression::None, Compression::Lz4] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        let mut times = Vec::new();
        for i in 0..60 {
            // Out of order within and between batches.
            let batch = [i * 10, i * 10 + 7, i * 10 - 15];
            times.extend(batch);
            append(&mut log, &timed(&batch, compression)).unwrap();
        }
        for target in -20..620 {
            let expected = times.iter().position(|time| *time >= target);
            let found = log.offset_for_timestamp(at(target)).unwrap();
            assert_eq!(found.map(|found| found.offset.get() as usize), expected, "{target}");
            assert_eq!(found.map(|found| found.timestamp), expected.map(|i| at(times[i])));
        }
        let max = log.max_timestamp_offset().unwrap().unwrap();
        assert_eq!((max.timestamp, max.offset), (at(597), Offset::new(178)));
    }
}

#[test]
fn times_are_found_after_a_restart_and_after_a_truncation() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for i in 0..60 {
        append(&mut log, &timed(&[i * 10], Compression::None)).unwrap();
    }
    log.close().unwrap();
    bench.disk.kill();
    let (mut log, _) = bench.open(Offset::new(60), true).unwrap();
    assert_eq!(log.max_timestamp_offset().unwrap().unwrap().offset, Offset::new(59));
    log.truncate_to(Offset::new(41), START).unwrap();
    assert_eq!(log.max_timestamp_offset().unwrap().unwrap().offset, Offset::new(40));
    assert_eq!(log.offset_for_timestamp(at(401)).unwrap(), None);
    assert_eq!(log.offset_for_timestamp(at(395)).unwrap().unwrap().offset, Offset::new(40));
}

#[test]
fn index_that_a_killed_process_did_not_sync_is_synced_by_the_next() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &timed(&[0], Compression::None)).unwrap();
    append(&mut log, &timed(&[10], Compression::None)).unwrap();
    log.sync().unwrap();
    log.roll(START).unwrap();
    append(&mut log, &timed(&[20], Compression::None)).unwrap();
    bench.disk.kill();
    let mut log = bench.open(Offset::new(2), false).unwrap().0;
    append(&mut log, &timed(&[30], Compression::None)).unwrap();
    log.sync().unwrap();
    let recovery_point = log.recovery_point();
    bench.disk.crash(0);
    let log = bench.open(recovery_point, false).unwrap().0;
    assert_eq!(log.offset_for_timestamp(at(5)).unwrap().unwrap().offset, Offset::new(1));
}

#[test]
fn records_before_the_start_of_the_log_are_not_found() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &timed(&[0, 10, 20, 30], Compression::None)).unwrap();
    log.advance_log_start_offset(Offset::new(2)).unwrap();
    assert_eq!(log.offset_for_timestamp(at(5)).unwrap().unwrap().offset, Offset::new(2));
}

#[test]
fn empty_log_has_no_times() {
    let log = Bench::tiny().open_new();
    assert_eq!(log.offset_for_timestamp(at(0)).unwrap(), None);
    assert_eq!(log.max_timestamp_offset().unwrap(), None);
}

#[test]
fn log_append_time_is_the_leaders_clock() {
    let bench = Bench::new(LogConfig { log_append_time: true, ..LogConfig::default() });
    let mut log = bench.open_new();
    let info = append_at(&mut log, &timed(&[0, 1], Compression::Zstd), EPOCH, at(777)).unwrap();
    assert_eq!(info.log_append_time, at(777));
    let read = log.read(Offset::ZERO, 1000, Offset::new(2), FirstBatch::Whole).unwrap();
    let bytes = read.read_to_vec().unwrap();
    records::verify_crc(&bytes).unwrap();
    assert_eq!(BatchHeader::parse(&bytes).unwrap().max_timestamp, at(777));
    assert_eq!(log.offset_for_timestamp(at(700)).unwrap().unwrap().offset, Offset::ZERO);
    assert_eq!(log.offset_for_timestamp(at(778)).unwrap(), None);
}
