//! One test for each call of the disk that can fail.

use std::io::ErrorKind;

use super::*;
use crate::checkpoint::{EPOCHS_FILE, EpochEntry, read_epochs};
use crate::fs::{Fault, Operation};

fn fault(operation: Operation, path_contains: &str, error: ErrorKind) -> Fault {
    Fault { operation, path_contains: path_contains.to_owned(), skip: 0, count: 1, error }
}

/// The log holds the same as before the failure, and goes on.
fn goes_on(bench: &Bench, log: &mut Log, end: i64) {
    assert!(bench.disk.clear_faults(), "the fault did not happen");
    assert_eq!(log.failure(), None);
    assert_eq!(log.log_end_offset(), Offset::new(end));
    append_values(log, end..end + 30);
    assert_eq!(read_all(log, Offset::ZERO, 1000), values(0..end + 30));
    let recovery_point = log.recovery_point();
    bench.disk.kill();
    let (log, report) = bench.open(recovery_point, false).unwrap();
    assert_eq!(report.truncated_bytes, 0);
    assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..end + 30));
}

/// The log refuses everything and says why.
fn is_failed(log: &mut Log) {
    assert!(log.failure().is_some());
    assert!(matches!(
        append(log, &batch(&["x"])),
        Err(AppendError::Storage(StorageError::Failed { .. }))
    ));
    assert!(log.read(Offset::ZERO, 1, Offset::new(1), FirstBatch::Whole).is_err());
    assert!(log.begin_sync().is_err());
    assert!(log.close().is_err());
}

#[test]
fn full_disk_refuses_the_append_and_passes() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..10);
    for extra in [0, 1, 30, 60, 70] {
        bench.disk.set_capacity(Some(bench.disk.used_bytes() + extra));
        let error = append(&mut log, &batch(&["value-10"])).unwrap_err();
        assert!(matches!(error, AppendError::Storage(StorageError::Full { .. })), "{error}");
        assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..10));
    }
    bench.disk.set_capacity(None);
    goes_on(&bench, &mut log, 10);
}

#[test]
fn full_disk_at_any_byte_never_loses_or_fails_the_log() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    let mut end = 0;
    for extra in 0..400 {
        bench.disk.set_capacity(Some(bench.disk.used_bytes() + extra % 97));
        match append(&mut log, &batch(&[&format!("value-{end}")])) {
            Ok(info) => {
                assert_eq!(info.base_offset, Offset::new(end));
                end += 1;
            }
            Err(AppendError::Storage(StorageError::Full { .. })) => {
                bench.disk.set_capacity(None);
                append_values(&mut log, end..end + 1);
                end += 1;
            }
            Err(error) => panic!("{error}"),
        }
        if extra % 50 == 0 {
            bench.disk.set_capacity(Some(bench.disk.used_bytes()));
            log.sync().unwrap();
        }
    }
    bench.disk.set_capacity(None);
    goes_on(&bench, &mut log, end);
}

#[test]
fn failed_write_of_records_fails_the_log() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..3);
    bench.disk.inject(fault(Operation::Write, ".log", ErrorKind::Other));
    append(&mut log, &batch(&["x"])).unwrap_err();
    is_failed(&mut log);
    bench.disk.kill();
    let log = bench.open(Offset::ZERO, false).unwrap().0;
    assert_eq!(read_all(&log, Offset::ZERO, 1000), values(0..3));
}

#[test]
fn append_that_cannot_be_undone_fails_the_log() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..3);
    bench.disk.inject(fault(Operation::Write, ".log", ErrorKind::StorageFull));
    bench.disk.inject(fault(Operation::SetLength, ".log", ErrorKind::Other));
    append(&mut log, &batch(&["x"])).unwrap_err();
    is_failed(&mut log);
}

#[test]
fn failed_sync_fails_the_log_for_good() {
    for path in ["0.log", ".index", ".timeindex", ".snapshot"] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..20);
        bench.disk.inject(fault(Operation::Sync, path, ErrorKind::Other));
        assert!(log.sync().is_err(), "{path}");
        assert_eq!(log.synced_offset(), Offset::ZERO);
        is_failed(&mut log);
    }
}

/// As a process has it that ran out of descriptors.
const NO_DESCRIPTOR: ErrorKind = ErrorKind::Other;

#[test]
fn append_that_cannot_open_its_files_leaves_the_log_as_it_was() {
    for path in ["0.log", "0.index", "0.timeindex"] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..5);
        // Opened anew, so that no file is open.
        log.close().unwrap();
        drop(log);
        let mut log = bench.open(Offset::ZERO, true).unwrap().0;
        close_all_files(&bench);
        if path != "0.log" {
            // Indexes are loaded with the log; only a truncation lets them be loaded again.
            log.segments[0].take_index(&log.folder).unwrap();
            close_all_files(&bench);
        }
        bench.disk.inject(fault(Operation::Open, path, NO_DESCRIPTOR));
        append(&mut log, &batch(&["x"])).unwrap_err();
        goes_on(&bench, &mut log, 5);
    }
}

/// Opens so many other files that none of the log's is kept open.
fn close_all_files(bench: &Bench) {
    let disk: Arc<dyn FileSystem> = Arc::new(bench.disk.clone());
    let others = PathBuf::from("/data");
    let others = crate::open_files::Folder::new(disk, Arc::clone(&bench.files), others);
    for base in 0..16 {
        let (kind, mode) = (crate::open_files::FileKind::Log, crate::fs::OpenMode::Create);
        others.open(Offset::new(1_000_000 + base), kind, mode).unwrap();
    }
}

#[test]
fn append_whose_index_entries_cannot_be_written_leaves_the_log_as_it_was() {
    for operation in [Operation::Open, Operation::Write] {
        let config = LogConfig { index_interval_bytes: 1, ..LogConfig::default() };
        let bench = Bench::new(config);
        let mut log = bench.open_new();
        append_values(&mut log, 0..5);
        log.sync().unwrap();
        close_all_files(&bench);
        bench.disk.inject(fault(operation, "0.index", NO_DESCRIPTOR));
        let mut end = 5;
        while append(&mut log, &batch(&[&format!("value-{end}")])).is_ok() {
            end += 1;
            assert!(end < 100, "no entry was written");
        }
        goes_on(&bench, &mut log, end);
    }
}

#[test]
fn indexes_that_cannot_be_opened_keep_no_record_from_becoming_safe() {
    for (operation, path) in [
        (Operation::Open, "0.index"),
        (Operation::Open, "0.timeindex"),
        (Operation::Create, ".snapshot"),
    ] {
        let bench = Bench::new(LogConfig { index_interval_bytes: 1, ..LogConfig::default() });
        let mut log = bench.open_new();
        append_values(&mut log, 0..3);
        log.sync().unwrap();
        append_values(&mut log, 3..5);
        close_all_files(&bench);
        bench.disk.inject(fault(operation, path, NO_DESCRIPTOR));
        assert_eq!(log.sync().unwrap(), Offset::new(5), "{path}");
        assert_eq!(log.recovery_point(), Offset::new(3), "{path}");
        assert!(bench.disk.clear_faults());
        log.sync().unwrap();
        assert_eq!(log.recovery_point(), Offset::new(5), "{path}");
        goes_on(&bench, &mut log, 5);
    }
}

#[test]
fn sync_that_cannot_open_a_snapshot_is_tried_again() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..5);
    bench.disk.inject(fault(Operation::Open, ".snapshot", NO_DESCRIPTOR));
    log.sync().unwrap_err();
    assert_eq!((log.failure(), log.synced_offset()), (None, Offset::ZERO));
    assert_eq!(log.sync().unwrap(), Offset::new(5));
    goes_on(&bench, &mut log, 5);
}

#[test]
fn failed_sync_of_the_folder_fails_the_log() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..3);
    bench.disk.inject(fault(Operation::SyncDirectory, FOLDER, ErrorKind::Other));
    assert!(log.sync().is_err());
    is_failed(&mut log);
}

#[test]
fn segment_that_cannot_be_created_leaves_the_log_as_it_was() {
    for path in [".log", ".index", ".timeindex", ".snapshot"] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..5);
        bench.disk.inject(fault(Operation::Create, path, ErrorKind::StorageFull));
        let segments = log.number_of_segments();
        assert!(log.roll(START).is_err(), "{path}");
        assert_eq!(log.number_of_segments(), segments);
        goes_on(&bench, &mut log, 5);
    }
}

#[test]
fn epochs_that_cannot_be_written_leave_the_log_as_it_was() {
    for operation in [Operation::Create, Operation::Write, Operation::Sync, Operation::Rename] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..5);
        let path = "leader-epoch-checkpoint.tmp";
        bench.disk.inject(fault(operation, path, ErrorKind::StorageFull));
        let next = LeaderEpoch::new(2);
        append_at(&mut log, &batch(&["x"]), next, START).unwrap_err();
        assert_eq!(log.latest_epoch(), Some(EPOCH));
        goes_on(&bench, &mut log, 5);
    }
}

#[test]
fn failed_reads_are_told_and_change_nothing() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..5);
    bench.disk.inject(fault(Operation::Read, ".log", ErrorKind::Other));
    log.read(Offset::new(2), 100, Offset::new(5), FirstBatch::Whole).unwrap_err();
    goes_on(&bench, &mut log, 5);
}

#[test]
fn folder_that_cannot_be_opened_is_an_error_with_its_path() {
    for (operation, path) in [
        (Operation::List, FOLDER),
        (Operation::CreateDirectories, FOLDER),
        (Operation::Create, ".log"),
        (Operation::SyncDirectory, "/data"),
    ] {
        let bench = Bench::tiny();
        bench.disk.inject(fault(operation, path, ErrorKind::PermissionDenied));
        let error = bench.open(Offset::ZERO, false).unwrap_err();
        assert!(matches!(error, StorageError::Denied { .. }), "{error}");
        assert!(error.to_string().contains("/data"), "{error}");
        bench.open(Offset::ZERO, false).unwrap();
    }
}

#[test]
fn retention_that_cannot_rename_keeps_a_readable_log() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..50);
    log.advance_log_start_offset(Offset::new(30)).unwrap();
    bench.disk.inject(fault(Operation::Rename, ".timeindex", ErrorKind::Other));
    log.retention(&Clock::steady(START), Offset::new(50)).unwrap_err();
    assert!(bench.disk.clear_faults());
    assert_eq!(read_all(&log, Offset::new(30), 1000), values(30..50));
    log.retention(&Clock::steady(START), Offset::new(50)).unwrap().remove().unwrap();
    assert_eq!(read_all(&log, Offset::new(30), 1000), values(30..50));
}

#[test]
fn segment_that_retention_could_rename_in_part_only_can_still_be_cut() {
    for ending in [".timeindex", ".index", ".log", ".txnindex"] {
        let bench = Bench::tiny();
        let mut log = bench.open_new();
        append_values(&mut log, 0..50);
        log.advance_log_start_offset(Offset::new(30)).unwrap();
        bench.disk.inject(fault(Operation::Rename, ending, ErrorKind::Other));
        log.retention(&Clock::steady(START), Offset::new(50)).unwrap_err();
        assert!(bench.disk.clear_faults());
        // Other files are opened, and those that were renamed closed.
        assert_eq!(read_all(&log, Offset::new(30), 1000), values(30..50));
        let target = log.log_start_offset().plus(-1);
        log.truncate_to(target, START).unwrap();
        append_values(&mut log, target.get()..40);
        assert_eq!(read_all(&log, target, 1000), values(target.get()..40), "{ending}");
    }
}

#[test]
fn damage_before_the_recovery_point_is_an_error_and_nothing_is_cut() {
    let bench = Bench::new(LogConfig { index_interval_bytes: 100, ..LogConfig::default() });
    let mut log = bench.open_new();
    append_values(&mut log, 0..40);
    log.sync().unwrap();
    let recovery_point = log.recovery_point();
    let size = log.size_in_bytes();
    append_values(&mut log, 40..50);
    bench.disk.kill();
    // The last batch before the recovery point.
    let path = PathBuf::from(FOLDER).join("00000000000000000000.log");
    let file = bench.disk.open(&path, crate::fs::OpenMode::Write).unwrap();
    crate::fs::write_all_at(&*file, size - 3, b"?").unwrap();
    let error = bench.open(recovery_point, false).unwrap_err();
    assert!(matches!(error, StorageError::Corrupt { .. }), "{error}");
    assert!(file.length().unwrap() > size);
    // The same damage after the recovery point is an end that was not flushed.
    let (log, report) = bench.open(Offset::new(39), false).unwrap();
    assert_eq!(log.log_end_offset(), Offset::new(39));
    assert!(report.truncated_bytes > 0);
}

#[test]
fn checkpoint_of_a_deleted_partition_of_the_same_name_does_no_harm() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..5);
    log.sync().unwrap();
    append_values(&mut log, 5..6);
    bench.disk.kill();
    let path = PathBuf::from(FOLDER).join("00000000000000000000.log");
    let file = bench.disk.open(&path, crate::fs::OpenMode::Write).unwrap();
    file.set_length(file.length().unwrap() - 1).unwrap();
    let (mut log, report) = bench.open(Offset::new(1000), false).unwrap();
    assert_eq!(log.log_end_offset(), Offset::new(5));
    assert!(report.truncated_bytes > 0 && !report.ends_before_recovery_point);
    // With the checkpoint written anew, what it says counts.
    log.sync().unwrap();
    log.recovery_point_checkpointed(log.recovery_point()).unwrap();
    bench.disk.kill();
    assert!(bench.open(Offset::new(1000), false).unwrap().1.ends_before_recovery_point);
}

#[test]
fn recovery_reads_only_what_follows_the_recovery_point() {
    let bench = Bench::new(LogConfig { index_interval_bytes: 100, ..LogConfig::default() });
    let mut log = bench.open_new();
    append_values(&mut log, 0..1000);
    log.sync().unwrap();
    let recovery_point = log.recovery_point();
    assert_eq!(recovery_point, Offset::new(1000));
    let size = log.size_in_bytes();
    append_values(&mut log, 1000..1010);
    let tail = log.size_in_bytes() - size;
    bench.disk.kill();
    let (log, report) = bench.open(recovery_point, false).unwrap();
    assert!(report.scanned_bytes < tail + 500, "{} of {size}", report.scanned_bytes);
    assert_eq!(read_all(&log, Offset::ZERO, 5000), values(0..1010));
}

#[test]
fn start_after_a_kill_waits_for_no_sync_where_everything_was_safe() {
    let bench = Bench::tiny();
    let mut log = bench.open_new();
    append_values(&mut log, 0..100);
    log.begin_checkpoint_sync().and_then(|job| log.finish_sync(job.run())).unwrap();
    let recovery_point = log.recovery_point();
    bench.disk.kill();
    bench.disk.inject(fault(Operation::Sync, "", ErrorKind::Other));
    bench.disk.inject(fault(Operation::SyncDirectory, "", ErrorKind::Other));
    let (mut log, _) = bench.open(recovery_point, false).unwrap();
    log.begin_epoch(LeaderEpoch::new(2)).unwrap();
    assert_eq!((log.synced_offset(), log.log_end_offset()), (recovery_point, recovery_point));
    assert!(!bench.disk.clear_faults(), "something was synced");
    // The term is safe before its first record.
    append_at(&mut log, &batch(&["value-100"]), LeaderEpoch::new(2), START).unwrap();
    let path = PathBuf::from(FOLDER).join(EPOCHS_FILE);
    bench.disk.crash(7);
    let entry = EpochEntry { epoch: LeaderEpoch::new(2), start_offset: Offset::new(100) };
    assert_eq!(read_epochs(&bench.disk, &path).unwrap().last(), Some(&entry));
}

#[test]
fn disk_that_cannot_be_read_during_a_recovery_ends_it_and_cuts_nothing() {
    // Also one that is read in pieces, as it is longer than what is read at once.
    for length in [100, 3 << 20] {
        let bench = Bench::new(LogConfig { max_message_bytes: 4 << 20, ..LogConfig::default() });
        let mut log = bench.open_new();
        let value = "x".repeat(length);
        for _ in 0..3 {
            append(&mut log, &batch(&[&value])).unwrap();
        }
        let size = log.size_in_bytes();
        for skip in 0.. {
            bench.disk.kill();
            let mut fault = fault(Operation::Read, ".log", ErrorKind::Other);
            fault.skip = skip;
            bench.disk.inject(fault);
            let opened = bench.open(Offset::ZERO, false);
            if !bench.disk.clear_faults() {
                assert_eq!(opened.unwrap().0.log_end_offset(), Offset::new(3));
                assert!(skip > 0);
                break;
            }
            let error = opened.map(drop).unwrap_err();
            assert!(matches!(error, StorageError::Io { .. }), "{error}");
            let path = PathBuf::from(FOLDER).join("00000000000000000000.log");
            let file = bench.disk.open(&path, crate::fs::OpenMode::Read).unwrap();
            assert_eq!(file.length().unwrap(), size, "{length}, read {skip}");
        }
    }
}

#[test]
fn missing_and_damaged_indexes_are_built_again() {
    for ending in [".index", ".timeindex"] {
        for damage in [None, Some(&b"\x00\x00\x00\x01\x7f\xff\xff\xff\xff\xff\xff\xff"[..])] {
            let bench = Bench::tiny();
            let mut log = bench.open_new();
            append_values(&mut log, 0..60);
            log.close().unwrap();
            drop(log);
            let names = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
            for entry in names.iter().filter(|entry| entry.name.ends_with(ending)) {
                let path = PathBuf::from(FOLDER).join(&entry.name);
                bench.disk.remove_file(&path).unwrap();
                if let Some(damage) = damage {
                    let file = bench.disk.open(&path, crate::fs::OpenMode::Create).unwrap();
                    crate::fs::write_all_at(&*file, 0, damage).unwrap();
                }
            }
            bench.disk.kill();
            let (mut log, _) = bench.open(Offset::new(60), true).unwrap();
            append_values(&mut log, 60..70);
            assert_eq!(read_all(&log, Offset::ZERO, 100), values(0..70));
            let found = log.offset_for_timestamp(START).unwrap().unwrap();
            assert_eq!(found.offset, Offset::ZERO);
        }
    }
}
