//! The folder of a partition with anything in it: opening gives an error or a log whose positions
//! are in order and that can be used, and what was opened once opens again.

#![no_main]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_fuzz::{disk_with, mend_batches, read_folder};
use libfuzzer_sys::fuzz_target;
use model::{Clock, Offset, Timestamp};
use records::Batches;
use storage::fs::SimulatedFileSystem;
use storage::{FirstBatch, Log, LogConfig, OffsetMap, OpenFiles, OpenState};

const FOLDER: &str = "/data/t-0";
const NOW: Timestamp = Timestamp::new(1_700_000_000_000);
/// Reads of one run: a log of this many batches is long enough.
const READS_MAX: usize = 200;

fn open(disk: &SimulatedFileSystem, choice: u8) -> Option<Log> {
    let config = LogConfig {
        segment_bytes: 600,
        index_interval_bytes: 100,
        compact: choice & 128 != 0,
        ..LogConfig::default()
    };
    let state = OpenState {
        recovery_point: Offset::new(i64::from(choice >> 3)),
        log_start_offset: Offset::new(i64::from(choice & 4)),
        cleaned_to: Offset::new(i64::from(choice >> 5)),
        clean: choice & 2 != 0,
        now: NOW,
        jitter_seed: 0,
    };
    let disk = Arc::new(disk.clone());
    let folder = PathBuf::from(FOLDER);
    Log::open(disk, OpenFiles::new(8), folder, Arc::new(config), state).ok().map(|(log, _)| log)
}

fn check(log: &Log) {
    assert!(log.log_start_offset() <= log.log_end_offset(), "start is behind the end");
    assert!(log.synced_offset() <= log.log_end_offset(), "synced is behind the end");
}

/// Compacts, as the cleaner of a node does.
fn clean(log: &mut Log) {
    let clock = Clock::steady(NOW);
    let Ok(Some(mut cleaning)) = log.begin_cleaning(log.log_end_offset(), &clock, 300) else {
        return;
    };
    let mut map = OffsetMap::new(4096, 0.9);
    let mut pace = |_| ControlFlow::Continue(());
    if cleaning.fill(&mut map, &mut pace).is_err() {
        return;
    }
    while let Ok(Some(group)) = cleaning.next_group(&map, &mut pace) {
        let Ok(replaced) = log.swap_in(group) else { return };
        let _ = replaced.remove();
    }
    log.finish_cleaning(&cleaning);
}

fn use_it(log: &mut Log) {
    check(log);
    let mut next = log.log_start_offset();
    for _ in 0..READS_MAX {
        let Ok(read) = log.read(next, 300, log.log_end_offset(), FirstBatch::Whole) else { break };
        let Ok(bytes) = read.read_to_vec() else { break };
        match Batches::new(&bytes).next() {
            Some(Ok((header, _))) if header.next_offset() > next => next = header.next_offset(),
            _ => break,
        }
    }
    let _ = log.offset_for_timestamp(NOW);
    let _ = log.max_timestamp_offset();
    clean(log);
    let _ = log.aborted_transactions(Offset::ZERO, Offset::new(100));
    let _ =
        log.retention(&Clock::steady(NOW), log.log_end_offset()).map(|deleted| deleted.remove());
    check(log);
    let _ = log.truncate_to(Offset::new(20), NOW);
    check(log);
    let _ = log.sync();
    let _ = log.close();
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut files = read_folder(data);
    if choice & 1 == 0 {
        files.iter_mut().filter(|(name, _)| name.contains(".log")).for_each(|(_, contents)| {
            mend_batches(contents);
        });
    }
    let disk = disk_with(Path::new(FOLDER), &files);
    if let Some(mut log) = open(&disk, choice) {
        use_it(&mut log);
        drop(log);
        if let Some(mut log) = open(&disk, choice & !2) {
            use_it(&mut log);
        }
    }
});
