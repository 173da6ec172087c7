//! KIP-98: what an idempotent producer sends again is recognised, and what it skips is refused.

use super::*;

fn sequence_error(result: Result<AppendInfo, AppendError>) -> (i32, i32) {
    match result {
        Err(AppendError::OutOfOrderSequence { last, found, .. }) => (last.get(), found.get()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn kip_98_each_of_the_last_five_batches_is_recognised() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    for sequence in 0..8 {
        append(&mut log, &idempotent(7, 0, sequence, &["x"])).unwrap();
    }
    for sequence in 3..8 {
        let info = append(&mut log, &idempotent(7, 0, sequence, &["x"])).unwrap();
        assert!(info.is_duplicate);
        assert_eq!(info.base_offset, Offset::new(i64::from(sequence)));
    }
    assert_eq!(log.log_end_offset(), Offset::new(8));
    assert_eq!(sequence_error(append(&mut log, &idempotent(7, 0, 2, &["x"]))), (7, 2));
    assert_eq!(log.log_end_offset(), Offset::new(8));
}

#[test]
fn kip_98_a_gap_in_sequences_is_refused() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &idempotent(7, 0, 0, &["a", "b"])).unwrap();
    assert_eq!(sequence_error(append(&mut log, &idempotent(7, 0, 3, &["x"]))), (1, 3));
    append(&mut log, &idempotent(7, 0, 2, &["c"])).unwrap();
}

#[test]
fn kip_98_an_older_epoch_is_fenced_and_a_newer_starts_at_zero() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &idempotent(7, 1, 0, &["a"])).unwrap();
    let fenced = append(&mut log, &idempotent(7, 0, 1, &["x"])).unwrap_err();
    assert!(matches!(fenced, AppendError::InvalidProducerEpoch { .. }), "{fenced}");
    assert_eq!(sequence_error(append(&mut log, &idempotent(7, 2, 1, &["x"]))), (0, 1));
    append(&mut log, &idempotent(7, 2, 0, &["b"])).unwrap();
}

#[test]
fn sequences_wrap_from_their_maximum_to_zero() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &idempotent(7, 0, i32::MAX - 1, &["a", "b", "c"])).unwrap();
    let again = append(&mut log, &idempotent(7, 0, i32::MAX - 1, &["a", "b", "c"])).unwrap();
    assert!(again.is_duplicate);
    append(&mut log, &idempotent(7, 0, 1, &["d"])).unwrap();
    append(&mut log, &idempotent(8, 0, i32::MAX, &["a"])).unwrap();
    append(&mut log, &idempotent(8, 0, 0, &["b"])).unwrap();
}

#[test]
fn unknown_producer_may_begin_at_any_sequence() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &idempotent(7, 3, 1000, &["a"])).unwrap();
    append(&mut log, &idempotent(7, 3, 1001, &["b"])).unwrap();
}

#[test]
fn duplicates_are_recognised_after_a_clean_stop_and_after_a_kill() {
    for clean in [true, false] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        for sequence in 0..20 {
            append(&mut log, &idempotent(7, 0, sequence, &["x"])).unwrap();
        }
        let recovery_point = if clean { log.close().unwrap() } else { log.recovery_point() };
        bench.disk.kill();
        drop(log);
        let (mut log, _) = bench.open(recovery_point, clean).unwrap();
        for sequence in 15..20 {
            let info = append(&mut log, &idempotent(7, 0, sequence, &["x"])).unwrap();
            assert!(info.is_duplicate, "clean {clean}, sequence {sequence}");
            assert_eq!(info.base_offset, Offset::new(i64::from(sequence)));
        }
        assert_eq!(sequence_error(append(&mut log, &idempotent(7, 0, 25, &["x"]))), (19, 25));
        assert!(!append(&mut log, &idempotent(7, 0, 20, &["x"])).unwrap().is_duplicate);
    }
}

#[test]
fn idle_producers_are_forgotten() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &idempotent(7, 0, 0, &["x"])).unwrap();
    let day = log.config().producer_id_expiration_ms;
    log.expire_producers(&Clock::steady(START.plus_ms(day - 1)));
    assert_eq!(log.producer_count(), 1);
    log.expire_producers(&Clock::steady(START.plus_ms(day)));
    assert_eq!(log.producer_count(), 0);
    append(&mut log, &idempotent(7, 0, 5, &["x"])).unwrap();
}
