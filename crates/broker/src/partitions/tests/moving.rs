//! Partitions that are moved from one folder to another, over disks that fail and crash.

use bytes::Bytes;
use records::{BatchBuilder, Compression};
use storage::fs::{OpenMode, read_file, write_all_at};

use super::*;

/// What is appended at a time.
const RECORDS: i64 = 3;

fn batch() -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    for _ in 0..RECORDS {
        builder.append(crate::clock::now(), None, Some(b"value"), []).expect("fits");
    }
    builder.finish().expect("a batch")
}

/// Appends some records, which are committed when they are acknowledged.
async fn appended(partitions: &Partitions, partition: &Arc<Partition>) -> bool {
    let append = Append::of_coordinator(partition, batch(), crate::clock::now()).expect("valid");
    partitions.append(append).await.is_ok_and(|outcome| outcome.is_ok())
}

fn partition_of(partitions: &Partitions, topic_id: TopicId) -> Arc<Partition> {
    partitions.by_id(topic_id, PartitionIndex::new(0)).expect("is served")
}

fn end_of(partition: &Partition) -> i64 {
    partition.log(storage::Log::log_end_offset).get()
}

/// A topic whose only partition lies in the first folder, as the controller knows.
async fn in_first_folder(bench: &Bench) -> (Arc<Partitions>, TopicId) {
    let topic_id = bench.create_topic().await;
    bench.assign(topic_id, 0).await;
    bench.put(0, topic_id);
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    (partitions, topic_id)
}

fn futures(bench: &Bench, folder: u8) -> usize {
    let path = format!("/data-{folder}");
    let entries = bench.disk.list(Path::new(&path)).expect("lists");
    entries.iter().filter(|entry| entry.name.ends_with("-future")).count()
}

fn log_file(bench: &Bench, folder: u8) -> Option<Vec<u8>> {
    let path = format!("/data-{folder}/t-0/00000000000000000000.log");
    read_file(&*bench.disk, Path::new(&path)).expect("reads")
}

#[tokio::test]
async fn moved_partition_has_its_bytes_and_goes_on_in_the_other_folder() {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    for _ in 0..4 {
        assert!(appended(&partitions, &partition).await);
    }
    let before = log_file(&bench, 0);
    let target = Path::new("/data-1");
    partitions.move_to(&partition, target).expect("begins");
    let contents = partitions.contents_of(target).expect("is there");
    let told = contents.replicas.first().expect("is on its way");
    assert!(told.is_future);
    assert_eq!(told.offset_lag, 4 * RECORDS);
    assert_eq!(partition.disk(), 0);
    partitions.work_off_moves();
    assert_eq!(partition.disk(), 1);
    assert_eq!((log_file(&bench, 0), log_file(&bench, 1)), (None, before));
    let reported = partitions.take_unreported_directories();
    assert_eq!(reported, [(topic_id, PartitionIndex::new(0), folder_id(1))]);
    assert!(appended(&partitions, &partition).await);
    assert_eq!(partition.high_watermark().get(), 5 * RECORDS);
    let contents = partitions.contents_of(target).expect("is there");
    assert_eq!(contents.replicas.len(), 1);
    assert!(!contents.replicas[0].is_future);
    assert_eq!(partitions.contents_of(Path::new("/data-0")).expect("is there").replicas.len(), 0);
    // And back, over the checkpoints of before.
    partitions.move_to(&partition, Path::new("/data-0")).expect("begins");
    partitions.work_off_moves();
    assert!(appended(&partitions, &partition).await);
    partitions.close(1);
    drop((partition, partitions));
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    let partition = partition_of(&partitions, topic_id);
    assert_eq!((partition.disk(), end_of(&partition)), (0, 6 * RECORDS));
}

#[tokio::test]
async fn move_is_cancelled_by_the_folder_where_the_partition_is_and_refused_to_unknown_ones() {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    assert!(appended(&partitions, &partition).await);
    let elsewhere = partitions.move_to(&partition, Path::new("/data-7"));
    assert_eq!(elsewhere, Err(ErrorCode::LogDirNotFound));
    partitions.move_to(&partition, Path::new("/data-1")).expect("begins");
    partitions.move_to(&partition, Path::new("/data-1")).expect("goes on");
    assert_eq!(futures(&bench, 1), 1);
    partitions.move_to(&partition, Path::new("/data-0")).expect("cancels");
    assert_eq!(futures(&bench, 1), 0);
    partitions.work_off_moves();
    assert_eq!((partition.disk(), end_of(&partition)), (0, RECORDS));
}

#[tokio::test]
async fn appends_of_one_producer_keep_their_order_over_a_move() {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    let mut outcomes = Vec::new();
    for round in 0..6 {
        for _ in 0..50 {
            let append = Append::of_coordinator(&partition, batch(), crate::clock::now());
            outcomes.push(partitions.append(append.expect("valid")));
        }
        let target = format!("/data-{}", 1 - round % 2);
        partitions.move_to(&partition, Path::new(&target)).expect("begins");
        let mover = Arc::clone(&partitions);
        let moved = tokio::task::spawn_blocking(move || mover.work_off_moves());
        for _ in 0..50 {
            let append = Append::of_coordinator(&partition, batch(), crate::clock::now());
            outcomes.push(partitions.append(append.expect("valid")));
        }
        moved.await.expect("moves");
    }
    for (number, outcome) in (0..).zip(outcomes) {
        let appended = outcome.await.expect("answers").expect("appends");
        assert_eq!(appended.base_offset.get(), number * RECORDS);
    }
}

fn fault(operation: Operation, path_contains: &str, skip: u32) -> Fault {
    let error = std::io::ErrorKind::Other;
    Fault { operation, path_contains: path_contains.to_owned(), skip, count: 1, error }
}

/// What tells a copy from the partition.
const MARK: &str = "/data-1/t-0/klamm.copy";

fn create_mark(bench: &Bench) {
    bench.disk.open(Path::new(MARK), OpenMode::Create).expect("creates");
    bench.disk.sync_directory(Path::new("/data-1/t-0")).expect("syncs");
}

fn copy_folder(bench: &Bench, from: &str, to: &str) {
    bench.disk.create_directories(Path::new(to)).expect("creates");
    for entry in bench.disk.list(Path::new(from)).expect("lists") {
        let (from, to) = (Path::new(from).join(&entry.name), Path::new(to).join(&entry.name));
        let contents = read_file(&*bench.disk, &from).expect("reads").expect("is there");
        let file = bench.disk.open(&to, OpenMode::Create).expect("creates");
        write_all_at(&*file, 0, &contents).expect("writes");
        file.sync_data().expect("syncs");
    }
    bench.disk.sync_directory(Path::new(to)).expect("syncs");
}

/// Tells the controller what the node has to tell it.
async fn report(bench: &Bench, partitions: &Partitions) {
    let command = AssignDirectories {
        broker_id: THIS,
        broker_epoch: bench.broker_epoch,
        assignments: partitions.take_unreported_directories(),
    };
    bench.quorum.submit(command).await.expect("answers").expect("assigns");
}

#[tokio::test]
async fn copy_that_took_the_place_without_the_old_disk_counts_when_that_is_back() {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    assert!(appended(&partitions, &partition).await);
    drop((partition, partitions));
    // As a crash leaves it after the copy got its name, and before the old folder lost it.
    copy_folder(&bench, "/data-0/t-0", "/data-1/t-0");
    create_mark(&bench);
    // The old disk is gone for a while.
    let partitions = bench.open_folders(&[1]);
    bench.apply(&partitions, &MetadataImage::default());
    report(&bench, &partitions).await;
    let partition = partition_of(&partitions, topic_id);
    assert!(appended(&partitions, &partition).await);
    drop((partition, partitions));
    bench.disk.crash(2);
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    let partition = partition_of(&partitions, topic_id);
    assert_eq!((partition.disk(), end_of(&partition)), (1, 2 * RECORDS));
}

#[tokio::test]
async fn copy_whose_mark_cannot_be_taken_away_is_not_opened() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    bench.put(1, topic_id);
    create_mark(&bench);
    bench.disk.inject(fault(Operation::Remove, "klamm.copy", 0));
    let partitions = bench.open_folders(&[1]);
    bench.apply(&partitions, &MetadataImage::default());
    assert_eq!(served_from(&partitions, topic_id), None);
    partitions.retry_pending();
    assert_eq!(served_from(&partitions, topic_id), Some(0));
    assert!(!bench.disk.exists(Path::new(MARK)).expect("looks"));
}

#[tokio::test]
async fn move_that_was_cancelled_as_it_began_leaves_no_copy() {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    assert!(appended(&partitions, &partition).await);
    partitions.move_to(&partition, Path::new("/data-1")).expect("begins");
    let begun = partitions.next_move().expect("was queued");
    partitions.move_to(&partition, Path::new("/data-0")).expect("cancels");
    partitions.work_off(&begun);
    assert_eq!(futures(&bench, 1), 0);
    assert_eq!((partition.disk(), end_of(&partition)), (0, RECORDS));
}

#[tokio::test]
async fn disk_that_hangs_holds_up_no_other_disk_when_a_partition_leaves_it() {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    assert!(appended(&partitions, &partition).await);
    let (release, hangs) = std::sync::mpsc::channel::<()>();
    let hang: Job = Box::new(move || {
        let _ = hangs.recv();
    });
    assert!(partitions.folders[0].disk.submit_if(|| true, hang).is_ok());
    let append = || {
        let append = Append::of_coordinator(&partition, batch(), crate::clock::now());
        partitions.append(append.expect("valid"))
    };
    let before = append();
    partitions.move_to(&partition, Path::new("/data-1")).expect("begins");
    partitions.work_off_moves();
    assert_eq!(partition.disk(), 1);
    let mut after = append();
    // Whatever else the other disk has to do is done.
    let (done, of_others) = oneshot::channel();
    let other: Job = Box::new(move || done.send(()).expect("is waited for"));
    assert!(partitions.folders[1].disk.submit_if(|| true, other).is_ok());
    of_others.await.expect("is done");
    assert!(after.try_recv().is_err());
    drop(release);
    for (outcome, offset) in [(before, RECORDS), (after, 2 * RECORDS)] {
        let appended = outcome.await.expect("answers").expect("appends");
        assert_eq!(appended.base_offset.get(), offset);
    }
    assert!(!partition.switching().is_under_way());
}

/// Moves a partition while one call of the disk fails, then lets the power fail.
async fn survives(operation: Operation, path_contains: &str, skip: u32) -> bool {
    let bench = Bench::start().await;
    let (partitions, topic_id) = in_first_folder(&bench).await;
    let partition = partition_of(&partitions, topic_id);
    let mut acknowledged = 0;
    for _ in 0..3 {
        acknowledged += i64::from(appended(&partitions, &partition).await) * RECORDS;
    }
    assert_eq!(acknowledged, 3 * RECORDS);
    bench.disk.inject(fault(operation, path_contains, skip));
    let begun = partitions.move_to(&partition, Path::new("/data-1"));
    partitions.work_off_moves();
    let is_moved = partition.disk() == 1;
    // Whatever came of the move: what is acknowledged after it counts too.
    acknowledged += i64::from(appended(&partitions, &partition).await) * RECORDS;
    drop((partition, partitions));
    bench.disk.crash(u64::from(skip));
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    let partition = partition_of(&partitions, topic_id);
    let what = format!("{operation:?} of {path_contains} after {skip}: {begun:?} {is_moved}");
    assert!(end_of(&partition) >= acknowledged, "{what}: {} left", end_of(&partition));
    // What did not come to its end is begun anew, and comes to its end.
    partitions.work_off_moves();
    assert!(appended(&partitions, &partition).await, "{what}");
    assert!(end_of(&partition) >= acknowledged + RECORDS, "{what}");
    let copies = [0, 1].map(|folder| log_file(&bench, folder).is_some());
    assert_eq!(copies.iter().filter(|copy| **copy).count(), 1, "{what}: {copies:?}");
    assert_eq!((futures(&bench, 0), futures(&bench, 1)), (0, 0), "{what}");
    is_moved && begun.is_ok()
}

#[tokio::test]
async fn failure_or_crash_at_any_step_of_a_move_loses_nothing_that_was_acknowledged() {
    use Operation::{Create, List, Open, Read, Rename, Sync, SyncDirectory, Write};
    for operation in [Create, Open, Read, Write, Sync, Rename, SyncDirectory, List] {
        for path in ["/data-0", "/data-1"] {
            let mut skip = 0;
            // Until the fault comes too late to hinder it.
            while !survives(operation, path, skip).await || skip < 3 {
                skip += 1;
                assert!(skip < 60, "{operation:?} of {path} is never passed");
            }
        }
    }
}
