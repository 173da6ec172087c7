//! The log and its directory on the disk of the operating system.

use std::path::Path;
use std::sync::Arc;

use model::{Clock, LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicPartition};
use records::{BatchBuilder, BatchHeader, Compression};
use storage::fs::{FileSystem, RealFileSystem};
use storage::{
    AppendOrigin, Checkpoint, FirstBatch, LastStop, LeaderAppend, Log, LogConfig, LogDirectory,
    OffsetCheckpoint, OpenFiles, OpenState, StorageError,
};

const NOW: Timestamp = Timestamp::new(1_700_000_000_000);

fn open(folder: &Path, recovery_point: Offset, clean: bool) -> Log {
    let config = LogConfig { segment_bytes: 2000, ..LogConfig::default() };
    let state = OpenState {
        recovery_point,
        log_start_offset: Offset::ZERO,
        clean,
        now: NOW,
        cleaned_to: Offset::ZERO,
        jitter_seed: 0,
    };
    let folder = folder.to_owned();
    let opened =
        Log::open(Arc::new(RealFileSystem), OpenFiles::new(16), folder, Arc::new(config), state);
    opened.unwrap().0
}

fn append(log: &mut Log, number: i64) {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::Lz4);
    builder.append(NOW, None, Some(format!("value-{number}").as_bytes()), []).unwrap();
    let bytes = builder.finish().unwrap();
    let header = BatchHeader::parse(&bytes).unwrap();
    let append =
        LeaderAppend { leader_epoch: LeaderEpoch::new(0), now: NOW, origin: AppendOrigin::Client };
    let info = log.append_as_leader(&bytes, &[header], append).unwrap();
    assert_eq!(info.base_offset, Offset::new(number));
}

fn batches(log: &Log) -> i64 {
    let (mut next, end) = (log.log_start_offset(), log.log_end_offset());
    let mut count = 0;
    while next < end {
        let read = log.read(next, 700, end, FirstBatch::Whole).unwrap();
        assert!(read.slices.iter().all(|slice| slice.file.file().is_some()));
        let bytes = read.read_to_vec().unwrap();
        for batch in records::Batches::new(&bytes) {
            let Ok((header, bytes)) = batch else { break };
            records::verify_crc(bytes).unwrap();
            assert_eq!(header.base_offset, next);
            next = header.next_offset();
            count += 1;
        }
    }
    count
}

#[test]
fn log_lives_through_a_clean_and_an_unclean_stop() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("t-0");
    let mut log = open(&folder, Offset::ZERO, false);
    (0..100).for_each(|number| append(&mut log, number));
    log.close().unwrap();
    drop(log);
    let mut log = open(&folder, Offset::new(100), true);
    (100..150).for_each(|number| append(&mut log, number));
    let recovery_point = log.recovery_point();
    drop(log);
    let mut log = open(&folder, recovery_point, false);
    assert_eq!(batches(&log), 150);
    log.advance_log_start_offset(Offset::new(120)).unwrap();
    let deleted = log.retention(&Clock::steady(NOW), Offset::new(150)).unwrap();
    assert!(deleted.segments() > 0);
    deleted.remove().unwrap();
    let partition = TopicPartition::new("t", PartitionIndex::new(0));
    let renamed = log.rename_for_delete(&partition, model::Uuid::from_bytes([1; 16])).unwrap();
    drop(log);
    storage::remove_partition_folder(&RealFileSystem, &renamed).unwrap();
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn directory_is_held_by_one_and_keeps_its_checkpoints() {
    let data = tempfile::tempdir().unwrap();
    let disk: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let open = || LogDirectory::open(Arc::clone(&disk), data.path().join("logs"));
    let directory = open().unwrap();
    assert!(matches!(open(), Err(StorageError::Locked { .. })));
    assert_eq!(directory.last_stop(None).unwrap(), LastStop::Never);
    let at = TopicPartition::new("t", PartitionIndex::new(3));
    let offsets = OffsetCheckpoint::from([(at, Offset::new(77))]);
    directory.write_checkpoint(Checkpoint::Replication, &offsets).unwrap();
    directory.end_run(5).unwrap();
    drop(directory);
    let directory = open().unwrap();
    assert_eq!(directory.read_checkpoint(Checkpoint::Replication).unwrap(), offsets);
    assert_eq!(directory.last_stop(None).unwrap(), LastStop::Clean { broker_epoch: Some(5) });
    directory.begin_run(None).unwrap();
    assert!(!data.path().join("logs/.kafka_cleanshutdown").exists());
}

#[test]
fn file_in_the_place_of_a_directory_is_refused_with_its_name() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("logs");
    std::fs::write(&path, "x").unwrap();
    let error = LogDirectory::open(Arc::new(RealFileSystem), path.clone()).unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}
