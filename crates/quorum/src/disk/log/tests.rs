//! The log's files against a model: a vector of entries, with its front cut.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use openraft::EntryPayload;
use proptest::collection::vec;
use proptest::prelude::*;
use storage::fs::SimulatedFileSystem;

use super::*;
use crate::node::{Proposal, log_id};

const SEGMENT_BYTES: u64 = 300;

#[derive(Debug, Clone)]
enum Step {
    /// Append as many entries at once, each with as many bytes.
    Append(u64, usize),
    /// Remove the last entries.
    Truncate(u64),
    /// Forget the first entries.
    Purge(u64),
    /// Close and open, as a restart does.
    Reopen,
    /// Cut the power and open.
    Crash(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..5u64, 0..200usize).prop_map(|(count, length)| Step::Append(count, length)),
        1 => (0..6u64).prop_map(Step::Truncate),
        1 => (0..9u64).prop_map(Step::Purge),
        1 => Just(Step::Reopen),
        1 => any::<u64>().prop_map(Step::Crash),
    ]
}

fn entry(term: u64, index: u64, length: usize) -> Entry {
    let payload = match length {
        0 => EntryPayload::Blank,
        _ => EntryPayload::Normal(Proposal {
            decided_after: index,
            records: Bytes::from(vec![index as u8; length]),
        }),
    };
    Entry { log_id: log_id(term, index), payload }
}

fn vote(term: u64) -> Vote {
    Vote::new(term, crate::node::VoterId { node_id: 1, directory_id: 7 })
}

fn open(disk: &SimulatedFileSystem) -> LogFiles {
    LogFiles::open(Arc::new(disk.clone()), folder(), SEGMENT_BYTES).expect("the log opens")
}

fn folder() -> PathBuf {
    PathBuf::from("/log")
}

fn new_disk() -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    disk.create_directories(&folder()).unwrap();
    disk.sync_directory(std::path::Path::new("/")).unwrap();
    disk
}

proptest! {
    #[test]
    fn the_log_holds_what_was_appended_over_restarts_and_crashes(steps in vec(step(), 1..40)) {
        let disk = new_disk();
        let mut files = open(&disk);
        files.save_vote(vote(1)).unwrap();
        let mut model: Vec<Entry> = Vec::new();
        let (mut term, mut purged) = (1, 0u64);
        for step in steps {
            let next = model.last().map_or(purged, |last| last.log_id.index + 1);
            match step {
                Step::Append(count, length) => {
                    let entries: Vec<_> =
                        (next..next + count).map(|index| entry(term, index, length)).collect();
                    files.append(&entries).unwrap();
                    model.extend(entries);
                }
                Step::Truncate(count) => {
                    let from = next.saturating_sub(count).max(purged);
                    files.truncate(from).unwrap();
                    model.retain(|entry| entry.log_id.index < from);
                    term += 1;
                    files.save_vote(vote(term)).unwrap();
                }
                Step::Purge(count) => {
                    let Some(last) = model.get(count as usize) else { continue };
                    let last = last.log_id;
                    files.purge(last).unwrap();
                    purged = last.index + 1;
                    model.retain(|entry| entry.log_id.index >= purged);
                }
                Step::Reopen => files = open(&disk),
                Step::Crash(seed) => {
                    disk.crash(seed);
                    files = open(&disk);
                }
            }
            let found = files.read(0..u64::MAX).unwrap();
            prop_assert_eq!(found.len(), model.len());
            for (found, expected) in found.iter().zip(&model) {
                prop_assert_eq!(found.log_id, expected.log_id);
                prop_assert!(found.payload == expected.payload);
            }
            let expected_last = model.last().map(|entry| entry.log_id).or(files.purged());
            prop_assert_eq!(files.last(), expected_last);
            prop_assert_eq!(files.purged().map_or(0, |id| id.index + 1), purged);
        }
    }
}

#[test]
fn a_vote_is_there_after_a_crash() {
    let disk = new_disk();
    let mut files = open(&disk);
    assert_eq!(files.vote(), None);
    for term in 1..20 {
        files.save_vote(vote(term)).unwrap();
        disk.crash(term);
        files = open(&disk);
        assert_eq!(files.vote(), Some(vote(term)));
    }
}

#[test]
fn a_missing_segment_is_noticed() {
    let disk = new_disk();
    let mut files = open(&disk);
    files.save_vote(vote(1)).unwrap();
    for index in 0..10 {
        files.append(&[entry(1, index, 150)]).unwrap();
    }
    let segments: Vec<_> = files.segments.iter().map(|segment| segment.path.clone()).collect();
    assert!(segments.len() > 2);
    for gone in [&segments[0], &segments[1]] {
        let disk_without = SimulatedFileSystem::clone(&disk);
        let held = storage::fs::read_file(&disk, gone).unwrap().unwrap();
        disk_without.remove_file(gone).unwrap();
        let error = LogFiles::open(Arc::new(disk_without), folder(), SEGMENT_BYTES).unwrap_err();
        assert!(matches!(error, DiskError::Damaged { .. }), "{error}");
        storage::fs::replace_file(&disk, gone, &held).unwrap();
    }
    assert_eq!(open(&disk).read(0..u64::MAX).unwrap().len(), 10);
}

#[test]
fn a_failed_sync_is_never_tried_again_but_a_full_disk_is() {
    let disk = new_disk();
    let mut files = open(&disk);
    files.append(&[entry(1, 0, 50)]).unwrap();
    disk.set_capacity(Some(disk.used_bytes()));
    let error = files.append(&[entry(1, 1, 50)]).unwrap_err();
    assert!(is_full(&error), "{error}");
    disk.set_capacity(None);
    files.append(&[entry(1, 1, 50)]).unwrap();
    disk.inject(storage::fs::Fault {
        operation: storage::fs::Operation::Sync,
        path_contains: ".log".into(),
        skip: 0,
        count: 1,
        error: io::ErrorKind::Other,
    });
    files.append(&[entry(1, 2, 50)]).unwrap_err();
    let error = files.append(&[entry(1, 2, 50)]).unwrap_err();
    assert!(error.to_string().contains("failed before"), "{error}");
}

#[test]
fn a_snapshot_that_does_not_go_with_its_log_is_refused() {
    let disk = new_disk();
    let mut files = open(&disk);
    files.save_vote(vote(2)).unwrap();
    files.append(&[entry(0, 0, 0), entry(1, 1, 10), entry(2, 2, 10)]).unwrap();
    for fits in [None, Some(log_id(1, 1)), Some(log_id(2, 2)), Some(log_id(2, 7))] {
        files.check_snapshot(fits).unwrap();
    }
    // Of another term than the entry, after the end but of an older term, newer than the vote.
    for odd in [log_id(2, 1), log_id(1, 1 << 40), log_id(3, 7)] {
        files.check_snapshot(Some(odd)).unwrap_err();
    }
    files.purge(log_id(1, 1)).unwrap();
    files.check_snapshot(Some(log_id(1, 1))).unwrap();
    for gone in [None, Some(log_id(0, 0))] {
        let refusal = files.check_snapshot(gone).unwrap_err().to_string();
        assert!(refusal.contains("no snapshot holds them"), "{refusal}");
    }
}

#[test]
fn terms_that_fall_are_damage() {
    let disk = new_disk();
    let mut files = open(&disk);
    files.save_vote(vote(2)).unwrap();
    files.append(&[entry(2, 0, 0), entry(1, 1, 10)]).unwrap();
    drop(files);
    let opened = LogFiles::open(Arc::new(disk.clone()), folder(), SEGMENT_BYTES);
    assert!(opened.unwrap_err().to_string().contains("of term 1 stands after 2"));
}

#[test]
fn a_vote_after_which_no_other_can_come_is_damage() {
    let disk = new_disk();
    open(&disk).save_vote(vote(u64::MAX)).unwrap();
    let opened = LogFiles::open(Arc::new(disk.clone()), folder(), SEGMENT_BYTES);
    assert!(opened.unwrap_err().to_string().contains("no term comes after"));
}
