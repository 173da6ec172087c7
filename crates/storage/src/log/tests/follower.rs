//! Followers: offsets as the leader gave them, truncation, and starting again elsewhere.

use super::*;

/// A batch as the leader's log has it.
fn replicated(base_offset: i64, epoch: i32, values: &[&str]) -> Bytes {
    let mut bytes = batch(values).to_vec();
    records::patch_base_offset_and_epoch(
        &mut bytes,
        Offset::new(base_offset),
        LeaderEpoch::new(epoch),
    )
    .unwrap();
    Bytes::from(bytes)
}

fn follow(log: &mut Log, bytes: &Bytes, leader_epoch: i32) -> Result<AppendInfo, AppendError> {
    let headers: Vec<BatchHeader> = Batches::new(bytes).map(|batch| batch.unwrap().0).collect();
    log.append_as_follower(bytes, &headers, LeaderEpoch::new(leader_epoch), START)
}

#[test]
fn follower_keeps_the_offsets_and_epochs_of_its_leader() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    let bytes = [replicated(0, 1, &["a", "b"]), replicated(2, 3, &["c"])].concat();
    follow(&mut log, &Bytes::from(bytes.clone()), 3).unwrap();
    let read = log.read(Offset::ZERO, 10_000, Offset::new(3), FirstBatch::Whole).unwrap();
    assert_eq!(read.read_to_vec().unwrap(), bytes);
    assert_eq!(
        log.end_offset_for_epoch(LeaderEpoch::new(2)),
        Some((LeaderEpoch::new(1), Offset::new(2)))
    );
}

#[test]
fn follower_refuses_offsets_that_it_has() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    follow(&mut log, &replicated(0, 1, &["a", "b"]), 1).unwrap();
    let error = follow(&mut log, &replicated(1, 1, &["c"]), 1).unwrap_err();
    assert!(matches!(error, AppendError::UnexpectedOffset { .. }), "{error}");
    let twice = [replicated(2, 1, &["c"]), replicated(2, 1, &["d"])].concat();
    follow(&mut log, &Bytes::from(twice), 1).unwrap_err();
    assert_eq!(log.log_end_offset(), Offset::new(2));
}

#[test]
fn follower_refuses_damaged_batches() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    let mut bytes = replicated(0, 1, &["a"]).to_vec();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    let error = follow(&mut log, &Bytes::from(bytes), 1).unwrap_err();
    assert!(matches!(error, AppendError::Malformed(_)), "{error}");
}

#[test]
fn follower_leaves_out_batches_of_a_later_epoch() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    let bytes = [replicated(0, 1, &["a"]), replicated(1, 2, &["b"])].concat();
    follow(&mut log, &Bytes::from(bytes), 1).unwrap();
    assert_eq!(log.log_end_offset(), Offset::new(1));
}

#[test]
fn follower_with_holes_in_its_offsets_reads_over_them() {
    let bench = Bench::new(LogConfig { compact: true, segment_bytes: 300, ..LogConfig::default() });
    let mut log = bench.open_new();
    for base in [0, 10, 25, 26, 1000] {
        follow(&mut log, &replicated(base, 1, &["x"]), 1).unwrap();
    }
    log.close().unwrap();
    bench.disk.kill();
    for clean in [true, false] {
        let log = bench.open(Offset::ZERO, clean).unwrap().0;
        assert_eq!(log.log_end_offset(), Offset::new(1001));
        let offsets: Vec<i64> =
            read_all(&log, Offset::new(3), 10).iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, [10, 25, 26, 1000]);
    }
}

#[test]
fn truncation_drops_the_batch_that_holds_the_offset_and_all_after() {
    for target in 0..60 {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        for base in (0..60).step_by(3) {
            let texts: Vec<String> = (base..base + 3).map(|i| format!("value-{i}")).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            append(&mut log, &batch(&texts)).unwrap();
        }
        assert!(log.truncate_to(Offset::new(target), START).unwrap());
        let end = target / 3 * 3;
        assert_eq!(log.log_end_offset(), Offset::new(end));
        assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..end));
        append_values(&mut log, end..end + 20);
        assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..end + 20));
    }
}

#[test]
fn truncation_forgets_epochs_and_producers_of_what_it_drops() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for sequence in 0..30 {
        let epoch = LeaderEpoch::new(1 + sequence / 10);
        append_at(&mut log, &idempotent(7, 0, sequence, &["x"]), epoch, START).unwrap();
    }
    log.truncate_to(Offset::new(15), START).unwrap();
    assert_eq!(log.latest_epoch(), Some(LeaderEpoch::new(2)));
    let again =
        append_at(&mut log, &idempotent(7, 0, 14, &["x"]), LeaderEpoch::new(4), START).unwrap();
    assert!(again.is_duplicate);
    let next =
        append_at(&mut log, &idempotent(7, 0, 15, &["x"]), LeaderEpoch::new(4), START).unwrap();
    assert_eq!((next.is_duplicate, next.base_offset), (false, Offset::new(15)));
}

#[test]
fn truncation_at_the_end_forgets_an_epoch_without_records() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..5);
    log.begin_epoch(LeaderEpoch::new(9)).unwrap();
    assert_eq!(log.latest_epoch(), Some(LeaderEpoch::new(9)));
    assert!(!log.truncate_to(Offset::new(5), START).unwrap());
    assert_eq!(log.latest_epoch(), Some(EPOCH));
}

#[test]
fn follower_starts_again_where_its_leader_starts() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..50);
    log.sync().unwrap();
    log.truncate_fully_and_start_at(Offset::new(1000), START).unwrap();
    assert_eq!(
        (log.log_start_offset(), log.log_end_offset()),
        (Offset::new(1000), Offset::new(1000))
    );
    append_values(&mut log, 1000..1020);
    log.close().unwrap();
    bench.disk.kill();
    let log = bench.open(Offset::ZERO, true).unwrap().0;
    assert_eq!(log.log_start_offset(), Offset::new(1000));
    assert_eq!(read_all(&log, Offset::new(1000), 300), values(1000..1020));
}

#[test]
fn sync_that_ran_during_a_truncation_says_nothing_about_what_came_after() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..10);
    let job = log.begin_sync().unwrap();
    let finished = job.run();
    log.truncate_to(Offset::new(5), START).unwrap();
    append_values(&mut log, 5..10);
    assert_eq!(log.finish_sync(finished).unwrap(), Offset::ZERO);
    assert_eq!(log.sync().unwrap(), Offset::new(10));
}
