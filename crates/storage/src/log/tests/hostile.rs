//! Folders with anything in them: opening and reading one gives an error or a log, never a panic.

use proptest::prelude::*;

use super::*;
use crate::fs::{OpenMode, write_all_at};

fn written() -> Bench {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for sequence in 0..40 {
        append(&mut log, &idempotent(7, 0, sequence, &["some value"])).unwrap();
    }
    log.close().unwrap();
    bench
}

fn use_it(log: &mut Log) {
    let mut next = log.log_start_offset();
    while let Ok(read) = log.read(next, 300, log.log_end_offset(), FirstBatch::Whole) {
        let Ok(bytes) = read.read_to_vec() else { break };
        match Batches::new(&bytes).next() {
            Some(Ok((header, _))) if header.next_offset() > next => next = header.next_offset(),
            _ => break,
        }
    }
    let _ = log.offset_for_timestamp(START);
    let _ = log.max_timestamp_offset();
    let _ = log.aborted_transactions(Offset::ZERO, Offset::new(100));
    let _ = append_at(log, &idempotent(7, 0, 40, &["x"]), LeaderEpoch::new(i32::MAX), START);
    let _ =
        log.retention(&Clock::steady(START), log.log_end_offset()).map(|deleted| deleted.remove());
    let _ = log.truncate_to(Offset::new(20), START);
    let _ = log.sync();
    let _ = log.close();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_crash_the_log(
        damages in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..40)),
            1..6,
        ),
        cut in any::<Option<prop::sample::Index>>(),
        clean in any::<bool>(),
        recovery_point in 0..50i64,
    ) {
        let bench = written();
        let entries = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
        for (number, (file, position, bytes)) in damages.iter().enumerate() {
            let entry = &entries[file.index(entries.len())];
            let path = PathBuf::from(FOLDER).join(&entry.name);
            let file = bench.disk.open(&path, OpenMode::Write).unwrap();
            let length = entry.length as usize;
            write_all_at(&*file, position.index(length + 1) as u64, bytes).unwrap();
            if let (0, Some(cut)) = (number, cut) {
                file.set_length(cut.index(length + 1) as u64).unwrap();
            }
        }
        bench.disk.kill();
        if let Ok((mut log, _)) = bench.open(Offset::new(recovery_point), clean) {
            use_it(&mut log);
        }
    }
}

#[test]
fn idle_partition_fits_its_budget_of_memory() {
    let segments = 10 * size_of::<crate::segment::Segment>();
    let index = size_of::<crate::segment_index::SegmentIndex>();
    assert!(
        size_of::<Log>() + segments + index < 3 << 10,
        "{} {segments} {index}",
        size_of::<Log>()
    );
}
