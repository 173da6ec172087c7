//! Segments that Kafka wrote before record batches, in message formats v0 and v1: found, checked,
//! indexed and read as any other, and gone on with in record batches.

use std::path::Path;

use records::{DownConversion, OldFormat, down_convert};

use super::*;
use crate::fs::{OpenMode, write_all_at};

const INDEXES: [&str; 2] = [".index", ".timeindex"];

/// Messages with the offsets from 0 on: plain ones and wrappers of three, each of its own second.
pub(super) fn messages(format: OldFormat, count: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut offset = 0;
    while offset < count {
        let (codec, records) = match offset % 8 {
            0 | 1 => (Compression::None, 1),
            2 => (Compression::Gzip, 3),
            _ => (Compression::Snappy, 3),
        };
        let mut builder = BatchBuilder::new(Offset::new(offset), codec);
        for number in offset..offset + records {
            let value = format!("value-{number}");
            let time = START.plus_ms(number * 1000);
            builder.append(time, None, Some(value.as_bytes()), []).unwrap();
        }
        let conversion = DownConversion {
            format,
            first_offset: Offset::ZERO,
            bytes_max: usize::MAX,
            uncompressed_bytes_max: 1 << 20,
        };
        let batch = builder.finish().unwrap();
        bytes.extend_from_slice(&down_convert(&batch, &conversion).unwrap().bytes);
        offset += records;
    }
    bytes
}

/// A disk with one segment of such messages and nothing else.
pub(super) fn bench_with(bytes: &[u8]) -> Bench {
    let bench = Bench::tiny();
    bench.disk.create_directories(Path::new(FOLDER)).unwrap();
    let path = Path::new(FOLDER).join("00000000000000000000.log");
    let file = bench.disk.open(&path, OpenMode::Create).unwrap();
    write_all_at(&*file, 0, bytes).unwrap();
    bench
}

#[test]
fn old_messages_are_read_by_offset_and_by_time_and_gone_on_with() {
    for format in [OldFormat::V0, OldFormat::V1] {
        for clean in [true, false] {
            let bytes = messages(format, 40);
            let bench = bench_with(&bytes);
            let (mut log, report) = bench.open(Offset::ZERO, clean).unwrap();
            let end = log.log_end_offset().get();
            assert!(end >= 40 && report.truncated_bytes == 0, "{report:?}");
            for from in 0..end {
                assert_eq!(read_all(&log, Offset::new(from), 100), values(from..end), "{format:?}");
            }
            let found = log.offset_for_timestamp(START.plus_ms(17_000)).unwrap();
            let expected = (format == OldFormat::V1).then_some(Offset::new(17));
            assert_eq!(found.map(|found| found.offset), expected);
            append_values(&mut log, end..end + 20);
            assert_eq!(read_all(&log, Offset::ZERO, 100), values(0..end + 20));
            log.close().unwrap();
            drop(log);
            let log = bench.open(Offset::ZERO, false).unwrap().0;
            assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..end + 20));
        }
    }
}

#[test]
fn torn_old_message_is_cut_off_and_a_damaged_one_before_the_recovery_point_is_told() {
    let bytes = messages(OldFormat::V1, 20);
    let whole = bench_with(&bytes).open(Offset::ZERO, false).unwrap().0.log_end_offset();
    for cut in 1..30 {
        let bench = bench_with(&bytes[..bytes.len() - cut]);
        let (log, report) = bench.open(Offset::ZERO, false).unwrap();
        assert!(log.log_end_offset() < whole && report.truncated_bytes > 0);
        assert_eq!(read_all(&log, Offset::ZERO, 100), values(0..log.log_end_offset().get()));
    }
    let mut damaged = bytes;
    damaged[30] ^= 1;
    let error = bench_with(&damaged).open(whole, false).unwrap_err();
    assert!(matches!(error, StorageError::Corrupt { position: 0, .. }), "{error}");
}

#[test]
fn indexes_of_old_messages_are_built_again() {
    let bench = bench_with(&messages(OldFormat::V1, 60));
    let mut log = bench.open(Offset::ZERO, false).unwrap().0;
    let end = log.log_end_offset().get();
    log.close().unwrap();
    drop(log);
    for ending in INDEXES {
        let path = Path::new(FOLDER).join(format!("00000000000000000000{ending}"));
        assert!(bench.disk.exists(&path).unwrap(), "{ending}");
        bench.disk.remove_file(&path).unwrap();
    }
    let log = bench.open(Offset::new(end), true).unwrap().0;
    assert_eq!(read_all(&log, Offset::ZERO, 100), values(0..end));
    let found = log.offset_for_timestamp(START.plus_ms(33_000)).unwrap();
    assert_eq!(found.map(|found| found.offset), Some(Offset::new(33)));
}
