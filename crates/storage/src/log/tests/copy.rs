//! Copies of a log in another folder.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::*;
use crate::fs::{FileSystem, OpenMode, read_file, write_all_at};
use crate::log::{CopyError, LogCopy, is_copy, settle_copy};

const COPY: &str = "/other/t-0.0123-future";

fn topic_id() -> model::TopicId {
    model::Uuid::from_bytes([5; 16])
}

fn begin(bench: &Bench) -> LogCopy {
    bench.disk.create_directories(Path::new("/other")).unwrap();
    bench.disk.sync_directory(Path::new("/")).unwrap();
    LogCopy::begin(Arc::new(bench.disk.clone()), PathBuf::from(COPY), topic_id()).unwrap()
}

fn pass(log: &Log, copy: &mut LogCopy) -> usize {
    let missing = log.missing_in(copy).unwrap();
    for part in &missing {
        copy.write(part, &mut |_| ControlFlow::Continue(())).unwrap();
    }
    missing.len()
}

/// Every file of a folder that a log consists of.
fn files_in(bench: &Bench, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = bench.disk.list(Path::new(folder)).unwrap();
    let of_log = entries
        .into_iter()
        .filter(|entry| entry.name.starts_with('0') || entry.name == "leader-epoch-checkpoint");
    let contents = of_log.map(|entry| {
        let path = Path::new(folder).join(&entry.name);
        (entry.name, read_file(&bench.disk, &path).unwrap().unwrap())
    });
    contents.collect()
}

#[test]
fn copy_has_every_byte_of_the_log_and_survives_a_power_loss() {
    for seed in 0..20 {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        log.begin_epoch(EPOCH).unwrap();
        append_values(&mut log, 0..40);
        // Nobody aborted anything; the file is copied all the same.
        let path = Path::new(FOLDER).join("00000000000000000000.txnindex");
        let index = bench.disk.open(&path, OpenMode::Create).unwrap();
        write_all_at(&*index, 0, &[7; 68]).unwrap();
        let mut copy = begin(&bench);
        assert!(pass(&log, &mut copy) > 2);
        append_values(&mut log, 40..55);
        append(&mut log, &idempotent(9, 0, 0, &["value-55"])).unwrap();
        assert!(pass(&log, &mut copy) > 0);
        assert_eq!(pass(&log, &mut copy), 0);
        append_values(&mut log, 56..60);
        log.finish_copy(&mut copy).unwrap();
        assert_eq!(files_in(&bench, FOLDER), files_in(&bench, COPY));
        // The log goes on.
        append_values(&mut log, 60..61);
        drop(log);
        bench.disk.crash(seed);
        let state = OpenState {
            recovery_point: Offset::new(60),
            log_start_offset: Offset::ZERO,
            cleaned_to: Offset::ZERO,
            clean: true,
            now: START,
            jitter_seed: 0,
        };
        let disk: Arc<dyn FileSystem> = Arc::new(bench.disk.clone());
        let config = Arc::clone(&bench.config);
        let (mut copied, _) =
            Log::open(disk, Arc::clone(&bench.files), PathBuf::from(COPY), config, state).unwrap();
        assert_eq!(read_all(&copied, Offset::ZERO, 1 << 20), values(0..60));
        assert_eq!(copied.latest_epoch(), Some(EPOCH));
        // The producer is known by its last sequence.
        let again = append(&mut copied, &idempotent(9, 0, 0, &["value-55"])).unwrap();
        assert!(again.is_duplicate);
    }
}

#[test]
fn copy_follows_a_log_whose_first_segments_go_and_is_marked_until_it_is_settled() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..40);
    let mut copy = begin(&bench);
    pass(&log, &mut copy);
    log.advance_log_start_offset(Offset::new(30)).unwrap();
    log.sync().unwrap();
    let gone = log.retention(&Clock::steady(START), Offset::new(40)).unwrap();
    assert!(gone.segments() > 0);
    log.finish_copy(&mut copy).unwrap();
    let logs = |folder| {
        let files = files_in(&bench, folder).into_iter();
        files.filter(|(name, _)| name.ends_with(".log")).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(logs(FOLDER), logs(COPY));
    assert!(is_copy(&bench.disk, Path::new(COPY)).unwrap());
    assert!(!is_copy(&bench.disk, Path::new(FOLDER)).unwrap());
    settle_copy(&bench.disk, Path::new(COPY)).unwrap();
    assert!(!is_copy(&bench.disk, Path::new(COPY)).unwrap());
    let stopped = copy.write(
        &{
            append_values(&mut log, 40..41);
            log.missing_in(&copy).unwrap().remove(0)
        },
        &mut |_| ControlFlow::Break(()),
    );
    assert!(matches!(stopped, Err(CopyError::Stopped)));
}
