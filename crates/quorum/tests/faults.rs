//! A quorum of one over a simulated disk that fails, fills up, and loses what was not synced.

mod common;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::{bring_up, create, delete, identity, start};
use metadata::{StartKind, invariants};
use quorum::{Options, Quorum};
use storage::fs::{Fault, Operation, SimulatedFileSystem};

const SEEDS: u64 = 80;
const FOLDER: &str = "/data/klamm-metadata";

fn options(disk: &SimulatedFileSystem) -> Options {
    Options {
        file_system: Arc::new(disk.clone()),
        snapshot_entries: 7,
        segment_bytes: 1500,
        entries_kept: 2,
        ..Options::default()
    }
}

fn new_disk() -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    storage::fs::FileSystem::create_directories(&disk, Path::new("/data")).unwrap();
    storage::fs::FileSystem::sync_directory(&disk, Path::new("/")).unwrap();
    disk
}

/// Creates and deletes topics until the disk fails; returns what was answered to be there, and the
/// topic of which nothing was answered.
async fn work(quorum: &Quorum, round: u64, there: &mut BTreeSet<String>) -> Option<String> {
    for number in 0..100 {
        let name = format!("topic-{round}-{number}");
        match quorum.submit(create(&name, 1)).await {
            Ok(mut results) => {
                results.remove(0).unwrap();
                there.insert(name.clone());
            }
            Err(_) => return Some(name),
        }
        if number % 3 == 0 {
            match quorum.submit(delete(&name)).await {
                Ok(mut results) => {
                    results.remove(0).unwrap();
                    there.remove(&name);
                }
                Err(_) => return Some(name),
            }
        }
    }
    None
}

#[tokio::test]
async fn what_was_answered_survives_power_loss_at_any_call_of_the_disk() {
    let mut failed = 0;
    for seed in 0..SEEDS {
        let disk = new_disk();
        let mut there = BTreeSet::new();
        let operations =
            [Operation::Write, Operation::Sync, Operation::Rename, Operation::SyncDirectory];
        for round in 0..2 {
            let quorum = start(Path::new(FOLDER), options(&disk)).await;
            bring_up(&quorum, StartKind::Unclean, round as u8).await;
            disk.inject(Fault {
                operation: operations[((seed + round) % 4) as usize],
                path_contains: String::new(),
                skip: (seed / 2) as u32,
                count: u32::MAX,
                error: io::ErrorKind::Other,
            });
            let unanswered = work(&quorum, round, &mut there).await;
            failed += u64::from(unanswered.is_some());
            // The process is gone when the disk loses what was not synced.
            quorum.shutdown().await;
            disk.crash(seed);

            let quorum = start(Path::new(FOLDER), options(&disk)).await;
            let image = quorum.image();
            invariants::check(&image).unwrap();
            let mut found: BTreeSet<_> =
                image.topics().map(|topic| topic.name.to_string()).collect();
            // What was not answered may have been done or not.
            if let Some(name) = unanswered {
                found.remove(&name);
                there.remove(&name);
            }
            assert_eq!(found, there, "seed {seed} round {round}");
            there = image.topics().map(|topic| topic.name.to_string()).collect();
            quorum.shutdown().await;
        }
    }
    assert!(failed > SEEDS, "the faults hardly ever fired: {failed}");
}

#[tokio::test]
async fn a_full_disk_makes_commands_wait_until_there_is_space() {
    let disk = new_disk();
    let quorum = start(Path::new(FOLDER), options(&disk)).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    quorum.submit(create("before", 1)).await.unwrap().remove(0).unwrap();
    disk.set_capacity(Some(disk.used_bytes()));
    let waiting = quorum.submit(create("waits", 1));
    tokio::pin!(waiting);
    let early = tokio::time::timeout(Duration::from_millis(500), &mut waiting).await;
    assert!(early.is_err(), "answered without space");
    assert!(quorum.image().topic("before").is_some());
    disk.set_capacity(None);
    waiting.await.unwrap().remove(0).unwrap();
    quorum.submit(create("after", 1)).await.unwrap().remove(0).unwrap();
    quorum.shutdown().await;

    let quorum = start(Path::new(FOLDER), options(&disk)).await;
    for name in ["before", "waits", "after"] {
        assert!(quorum.image().topic(name).is_some(), "{name}");
    }
    quorum.shutdown().await;
}

#[tokio::test]
async fn a_disk_that_is_full_before_a_snapshot_fits_stops_nothing_for_good() {
    let disk = new_disk();
    let quorum = start(Path::new(FOLDER), options(&disk)).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    for number in 0..60 {
        quorum.submit(create(&format!("topic-{number}"), 1)).await.unwrap().remove(0).unwrap();
    }
    // Room for some entries of the log, but not for an image of sixty topics.
    disk.set_capacity(Some(disk.used_bytes() + 1500));
    let mut done = 60;
    loop {
        let name = format!("topic-{done}");
        let submitted = quorum.submit(create(&name, 1));
        tokio::pin!(submitted);
        match tokio::time::timeout(Duration::from_millis(500), &mut submitted).await {
            Ok(answer) => answer.unwrap().remove(0).unwrap(),
            Err(_) => {
                disk.set_capacity(None);
                submitted.await.unwrap().remove(0).unwrap();
                break;
            }
        };
        done += 1;
    }
    assert!(done > 62, "no entry fitted: {done}");
    for number in 0..20 {
        quorum.submit(create(&format!("later-{number}"), 1)).await.unwrap().remove(0).unwrap();
    }
    let before = quorum.image();
    quorum.shutdown().await;
    let quorum = start(Path::new(FOLDER), options(&disk)).await;
    assert_eq!(*quorum.image(), *before);
    quorum.shutdown().await;
}

#[tokio::test]
async fn a_start_on_a_full_disk_says_so_at_once() {
    let disk = new_disk();
    disk.set_capacity(Some(0));
    let error =
        Quorum::start(Path::new(FOLDER), identity(), options(&disk)).await.unwrap_err().to_string();
    assert!(error.contains(FOLDER), "{error}");
}

#[tokio::test]
async fn a_failed_sync_stops_the_quorum_which_says_why() {
    let disk = new_disk();
    let quorum = start(Path::new(FOLDER), options(&disk)).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    disk.inject(Fault {
        operation: Operation::Sync,
        path_contains: ".log".into(),
        skip: 0,
        count: 1,
        error: io::ErrorKind::Other,
    });
    quorum.submit(create("lost", 1)).await.unwrap_err();
    let reason = quorum.stopped().await;
    assert!(reason.contains(".log"), "{reason}");
    quorum.submit(create("late", 1)).await.unwrap_err();
    quorum.shutdown().await;
}
