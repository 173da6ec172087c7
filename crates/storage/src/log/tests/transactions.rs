//! The parts of transactions that the log already carries: what is unstable, and what was aborted.

use super::*;
use crate::transaction_index::AbortedTransaction;

const TRANSACTIONAL: i64 = 9;

fn transactional(sequence: i32) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    builder.producer(producer(sequence)).transactional();
    builder.append(START, None, Some(b"x"), []).unwrap();
    builder.finish().unwrap()
}

fn producer(sequence: i32) -> Producer {
    Producer {
        id: ProducerId::new(TRANSACTIONAL),
        epoch: ProducerEpoch::new(0),
        base_sequence: Sequence::new(sequence),
    }
}

/// The marker that a coordinator writes at the end.
fn marker(kind: u8, coordinator_epoch: u8) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    builder.producer(producer(-1)).transactional().control();
    let value = [0, 0, 0, 0, 0, coordinator_epoch];
    builder.append(START, Some(&[0, 0, 0, kind]), Some(&value), []).unwrap();
    builder.finish().unwrap()
}

fn end(log: &mut Log, marker: &Bytes) -> Result<AppendInfo, AppendError> {
    let header = BatchHeader::parse(marker).unwrap();
    let append =
        LeaderAppend { leader_epoch: EPOCH, now: START, origin: AppendOrigin::Coordinator };
    log.append_as_leader(marker, &[header], append)
}

#[test]
fn last_stable_offset_waits_for_the_end_of_a_transaction_and_for_its_commit() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &batch(&["a"])).unwrap();
    append(&mut log, &transactional(0)).unwrap();
    append(&mut log, &batch(&["b"])).unwrap();
    assert_eq!(log.last_stable_offset(Offset::new(3)), Offset::new(1));
    end(&mut log, &marker(1, 0)).unwrap();
    assert_eq!(log.last_stable_offset(Offset::new(3)), Offset::new(1));
    log.note_high_watermark(Offset::new(4));
    assert_eq!(log.last_stable_offset(Offset::new(4)), Offset::new(4));
    assert_eq!(log.aborted_transactions(Offset::ZERO, Offset::new(4)).unwrap(), []);
}

#[test]
fn open_and_aborted_transactions_survive_restarts() {
    for clean in [true, false] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append(&mut log, &transactional(0)).unwrap();
        append(&mut log, &batch(&["a"])).unwrap();
        end(&mut log, &marker(0, 0)).unwrap();
        append(&mut log, &transactional(1)).unwrap();
        if clean {
            log.close().unwrap();
        }
        bench.disk.kill();
        let log = bench.open(Offset::ZERO, clean).unwrap().0;
        let aborted = AbortedTransaction {
            producer_id: ProducerId::new(TRANSACTIONAL),
            first_offset: Offset::ZERO,
            last_offset: Offset::new(2),
            last_stable_offset: Offset::new(3),
        };
        assert_eq!(log.aborted_transactions(Offset::ZERO, Offset::new(4)).unwrap(), [aborted]);
        assert_eq!(log.aborted_transactions(Offset::new(3), Offset::new(4)).unwrap(), []);
        // After an unclean stop nobody knows yet that the first marker is committed.
        let unstable = log.last_stable_offset(Offset::new(4));
        assert_eq!(unstable, if clean { Offset::new(3) } else { Offset::ZERO });
    }
}

#[test]
fn plain_batch_within_a_transaction_and_old_coordinator_are_refused() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append(&mut log, &transactional(0)).unwrap();
    let error = append(&mut log, &idempotent(TRANSACTIONAL, 0, 1, &["x"])).unwrap_err();
    assert!(matches!(error, AppendError::InvalidTransactionState { .. }), "{error}");
    end(&mut log, &marker(1, 5)).unwrap();
    append(&mut log, &transactional(1)).unwrap();
    let error = end(&mut log, &marker(1, 4)).unwrap_err();
    assert!(matches!(error, AppendError::CoordinatorFenced { current: 5, found: 4 }), "{error}");
}
