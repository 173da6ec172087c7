//! Bytes that changed on the disk: no reader gets them, and every reader gets all the others.

use std::io::ErrorKind;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::error::ReadError;
use crate::fs::{Fault, Operation};
use crate::log::read::Damage;

const RECORDS: i64 = 40;

/// A closed log of a record a batch, in several segments.
fn written() -> Bench {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..RECORDS);
    log.close().unwrap();
    bench
}

fn segments(bench: &Bench) -> Vec<(PathBuf, u64)> {
    let entries = bench.disk.list(Path::new(FOLDER)).unwrap();
    let logs = entries.into_iter().filter(|entry| entry.name.ends_with(".log"));
    logs.map(|entry| (Path::new(FOLDER).join(entry.name), entry.length)).collect()
}

fn byte_at(bench: &Bench, path: &Path, position: u64) -> u8 {
    crate::fs::read_file(&bench.disk, path).unwrap().unwrap()[position as usize]
}

/// What a reader gets at an offset: the offset after the last batch, or where the damage is.
fn read_at(log: &Log, at: i64, max_bytes: u64) -> Result<Vec<(i64, String)>, String> {
    let start = Offset::new(at);
    let mut read = match log.read(start, max_bytes, log.log_end_offset(), FirstBatch::Whole) {
        Ok(read) => read,
        Err(ReadError::Storage(StorageError::Corrupt { reason, .. })) => return Err(reason),
        Err(error) => panic!("{error}"),
    };
    let damage = read.verify().unwrap();
    let bytes = read.read_to_vec().unwrap();
    if bytes.is_empty() {
        return Err(damage.expect("a reason").reason);
    }
    let mut found = Vec::new();
    for batch in Batches::new(&bytes) {
        let Ok((_, batch)) = batch else { break };
        for record in BatchBody::decode(batch, 1 << 20).unwrap().records() {
            let record = record.unwrap();
            let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
            found.push((record.offset.get(), value));
        }
    }
    Ok(found)
}

/// Everything that a reader gets who seeks past what is damaged.
fn read_past_damage(log: &Log, max_bytes: u64) -> Vec<(i64, String)> {
    let (mut found, mut next) = (Vec::new(), 0);
    // What a damaged batch at the end says of it is nothing to go by.
    while next < log.log_end_offset().get().min(RECORDS) {
        match read_at(log, next, max_bytes) {
            Ok(records) => {
                let before = next;
                for (offset, value) in records {
                    if offset >= next {
                        found.push((offset, value));
                        next = offset + 1;
                    }
                }
                assert!(next > before, "no batch at {before}");
            }
            Err(_) => next += 1,
        }
    }
    found
}

#[test]
fn batches_before_and_behind_a_damaged_one_are_read_and_it_is_not() {
    let bench = written();
    let (path, _) = segments(&bench)[1].clone();
    let (log, _) = bench.open(Offset::new(RECORDS), true).unwrap();
    let first = log.read(Offset::new(8), 1, Offset::new(RECORDS), FirstBatch::Whole).unwrap();
    assert_eq!(log.segment_path(first.segment_base_offset), path);
    // The last byte of the batch's only record but one, its value.
    let position = first.position + first.size_in_bytes() - 2;
    bench.disk.decay(&path, position, b"!").unwrap();
    for max_bytes in [1, 100, 10_000] {
        assert!(read_at(&log, 8, max_bytes).unwrap_err().contains("CRC"), "{max_bytes}");
        let expected: Vec<_> = values(0..8).into_iter().chain(values(9..RECORDS)).collect();
        assert_eq!(read_past_damage(&log, max_bytes), expected);
    }
    let mut read = log.read(Offset::ZERO, 10_000, Offset::new(RECORDS), FirstBatch::Whole).unwrap();
    let damage = read.verify().unwrap().unwrap();
    let expected = Damage {
        segment_base_offset: first.segment_base_offset,
        position: first.position,
        offset: Offset::new(8),
        reason: damage.reason.clone(),
    };
    assert_eq!(damage, expected);
    assert_eq!(read.verify().unwrap(), None, "what is left is whole");
}

#[test]
fn length_format_and_offset_that_are_not_possible_are_damage_like_any_other() {
    let changes: [(u64, &[u8]); 7] = [
        (8, &i32::MAX.to_be_bytes()),
        (8, &(-1i32).to_be_bytes()),
        (8, &0i32.to_be_bytes()),
        (8, &300i32.to_be_bytes()),
        (16, &[9]),
        (0, &i64::MAX.to_be_bytes()),
        (0, &2i64.to_be_bytes()),
    ];
    for (at, bytes) in changes {
        let bench = written();
        let (log, _) = bench.open(Offset::new(RECORDS), true).unwrap();
        let read = log.read(Offset::new(8), 1, Offset::new(RECORDS), FirstBatch::Whole).unwrap();
        let segment = log.segment_path(read.segment_base_offset);
        bench.disk.decay(&segment, read.position + at, bytes).unwrap();
        read_at(&log, 8, 10_000).unwrap_err();
        let found = read_past_damage(&log, 10_000);
        let lost: Vec<_> =
            values(0..RECORDS).into_iter().filter(|it| !found.contains(it)).collect();
        // Batches lie behind an entry of the index every 100 bytes.
        assert!(lost.len() <= 2 && lost.contains(&(8, "value-8".to_owned())), "{at}: {lost:?}");
        assert!(found.iter().all(|it| values(0..RECORDS).contains(it)), "{at}");
    }
}

#[test]
fn read_that_begins_inside_of_a_batch_is_no_damage() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &batch(&["zero", "one", "two", "three"])).unwrap();
    log.close().unwrap();
    let (log, _) = bench.open(Offset::new(4), true).unwrap();
    for bound in 1..4 {
        // Positions of bounds are remembered, too.
        let bound = Offset::new(bound);
        let read = log.read(Offset::ZERO, 1000, bound, FirstBatch::Whole).unwrap();
        assert!(read.slices.is_empty());
        let mut read = log.read(bound, 1000, Offset::new(4), FirstBatch::Whole).unwrap();
        assert_eq!(read.verify().unwrap(), None);
        assert!(read.size_in_bytes() > 0);
    }
}

#[test]
fn messages_of_old_formats_are_verified_too() {
    for format in [records::OldFormat::V0, records::OldFormat::V1] {
        let bytes = super::old_formats::messages(format, 40);
        let bench = super::old_formats::bench_with(&bytes);
        let (log, _) = bench.open(Offset::ZERO, true).unwrap();
        let path = segments(&bench)[0].0.clone();
        let end = log.log_end_offset();
        let mut whole = log.read(Offset::ZERO, 100_000, end, FirstBatch::Whole).unwrap();
        assert_eq!(whole.verify().unwrap(), None);
        let position = bytes.len() as u64 / 2;
        bench.disk.decay(&path, position, &[!byte_at(&bench, &path, position)]).unwrap();
        // As on a disk that was not looked at since.
        bench.disk.decay(&path, 0, &bytes[..1]).unwrap();
        let mut read = log.read(Offset::ZERO, 100_000, end, FirstBatch::Whole).unwrap();
        let damage = read.verify().unwrap().unwrap();
        assert!(damage.position <= position && read.size_in_bytes() == damage.position);
    }
}

#[test]
fn what_was_appended_or_verified_is_not_read_again_while_it_stays_in_memory() {
    let bench = written();
    let (mut log, _) = bench.open(Offset::new(RECORDS), true).unwrap();
    append_values(&mut log, RECORDS..RECORDS + 3);
    let end = log.log_end_offset();
    let mut old = log.read(Offset::ZERO, 700, end, FirstBatch::Whole).unwrap();
    let mut new = log.read(Offset::new(RECORDS), 100, end, FirstBatch::Whole).unwrap();
    assert_eq!(old.verify().unwrap(), None);
    let no_reads = Fault {
        operation: Operation::Read,
        path_contains: ".log".to_owned(),
        skip: 0,
        count: u32::MAX,
        error: ErrorKind::Other,
    };
    bench.disk.inject(no_reads);
    assert_eq!((old.verify().unwrap(), new.verify().unwrap()), (None, None));
    // A page that comes from the disk again is looked at. That it cannot be read is no damage.
    let path = log.segment_path(old.segment_base_offset);
    bench.disk.decay(&path, 0, &[]).unwrap();
    let error = old.verify().unwrap_err();
    assert_eq!(error.to_string(), "injected");
}

#[test]
fn batches_before_one_that_cannot_be_read_now_are_read() {
    let bench = Bench::new(LogConfig { index_interval_bytes: 100, ..LogConfig::default() });
    let mut log = bench.open_new();
    // More than is read at once.
    let value = "x".repeat(100 << 10);
    for _ in 0..3 {
        append(&mut log, &batch(&[&value])).unwrap();
    }
    log.close().unwrap();
    let (log, _) = bench.open(Offset::new(3), true).unwrap();
    let read = log.read(Offset::ZERO, 1 << 20, Offset::new(3), FirstBatch::Whole).unwrap();
    let size = read.size_in_bytes();
    for (skip, expected) in
        [(0, Err("injected".to_owned())), (1, Ok(size / 3)), (2, Ok(size / 3 * 2))]
    {
        bench.disk.decay(&log.segment_path(Offset::ZERO), 0, &[]).unwrap();
        let error = ErrorKind::Other;
        let path_contains = ".log".to_owned();
        bench.disk.inject(Fault {
            operation: Operation::Read,
            path_contains,
            skip,
            count: 1,
            error,
        });
        let mut found = read.clone();
        let outcome = found.verify().map(|damage| assert_eq!(damage, None));
        let outcome = outcome.map(|()| found.size_in_bytes()).map_err(|error| error.to_string());
        assert!(bench.disk.clear_faults());
        assert_eq!(outcome, expected, "{skip}");
    }
}

#[test]
fn appends_after_a_truncation_take_the_place_of_what_was_verified() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..5);
    log.truncate_to(Offset::new(3), START).unwrap();
    let info = append(&mut log, &batch(&["other"])).unwrap();
    assert_eq!(info.base_offset, Offset::new(3));
    assert_eq!(read_at(&log, 3, 100).unwrap(), [(3, "other".to_owned())]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reader_gets_a_record_that_was_not_written_there(
        damages in prop::collection::vec((any::<Index>(), any::<Index>(), 1..=255u8), 1..4),
        max_bytes in 1..2000u64,
    ) {
        let bench = written();
        let mut damaged = 0;
        for (segment, position, change) in damages {
            let segments = segments(&bench);
            let (path, length) = &segments[segment.index(segments.len())];
            if *length == 0 {
                continue;
            }
            let position = position.index(*length as usize) as u64;
            let contents = crate::fs::read_file(&bench.disk, path).unwrap().unwrap();
            let mut batch_starts = 0;
            while let Some(Ok((header, _))) = Batches::new(&contents[batch_starts..]).next() {
                if batch_starts + header.size_in_bytes() > position as usize {
                    break;
                }
                batch_starts += header.size_in_bytes();
            }
            // No checksum covers base offset and leader epoch.
            let field = position - batch_starts as u64;
            if field < 8 || (12..16).contains(&field) {
                continue;
            }
            let byte = contents[position as usize] ^ change;
            bench.disk.decay(path, position, &[byte]).unwrap();
            damaged += 1;
        }
        // The last batches may be what the end of the log is told by.
        if let Ok((log, _)) = bench.open(Offset::new(RECORDS), true) {
            let found = read_past_damage(&log, max_bytes);
            prop_assert!(found.iter().all(|it| values(0..RECORDS).contains(it)), "{found:?}");
            let lost = RECORDS as usize - found.len();
            prop_assert!(lost <= 3 * damaged, "{lost} lost by {damaged} damages");
        }
    }
}
