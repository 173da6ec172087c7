//! Tests of the log over the simulated disk.

mod basics;
mod clocks;
mod compaction;
mod copy;
mod damage;
mod faults;
mod follower;
mod format;
mod hostile;
mod idempotence;
mod interrupted;
mod old_formats;
mod random_work;
mod retention;
mod stale_checkpoints;
mod steps;
mod timestamps;
mod transactions;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use model::{Clock, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::{BatchBody, BatchBuilder, BatchHeader, Batches, Compression, Producer};

use super::{AppendInfo, FirstBatch, LeaderAppend, Log, OpenState, RecoveryReport};
use crate::error::{AppendError, StorageError};
use crate::fs::{FileSystem, SimulatedFileSystem};
use crate::log_config::LogConfig;
use crate::open_files::OpenFiles;
use crate::producer_state::AppendOrigin;

pub(super) const EPOCH: LeaderEpoch = LeaderEpoch::new(1);
pub(super) const START: Timestamp = Timestamp::new(1_700_000_000_000);
pub(super) const FOLDER: &str = "/data/t-0";

/// A log on a simulated disk.
pub(super) struct Bench {
    pub(super) disk: SimulatedFileSystem,
    pub(super) files: Arc<OpenFiles>,
    pub(super) config: Arc<LogConfig>,
}

impl Bench {
    pub(super) fn new(config: LogConfig) -> Self {
        let disk = SimulatedFileSystem::new();
        disk.create_directories(&PathBuf::from("/data")).unwrap();
        disk.sync_directory(&PathBuf::from("/")).unwrap();
        Self { disk, files: OpenFiles::new(8), config: Arc::new(config) }
    }

    /// A log with segments and index intervals so small that everything happens often.
    pub(super) fn tiny() -> Self {
        Self::new(LogConfig {
            segment_bytes: 600,
            index_interval_bytes: 100,
            ..LogConfig::default()
        })
    }

    pub(super) fn open(
        &self,
        recovery_point: Offset,
        clean: bool,
    ) -> Result<(Log, RecoveryReport), StorageError> {
        self.open_at(recovery_point, Offset::ZERO, clean)
    }

    pub(super) fn open_at(
        &self,
        recovery_point: Offset,
        log_start_offset: Offset,
        clean: bool,
    ) -> Result<(Log, RecoveryReport), StorageError> {
        let state = OpenState {
            recovery_point,
            log_start_offset,
            cleaned_to: Offset::ZERO,
            clean,
            now: START,
            jitter_seed: 0,
        };
        let disk: Arc<dyn FileSystem> = Arc::new(self.disk.clone());
        Log::open(
            disk,
            Arc::clone(&self.files),
            PathBuf::from(FOLDER),
            Arc::clone(&self.config),
            state,
        )
    }

    pub(super) fn open_new(&self) -> Log {
        self.open(Offset::ZERO, false).unwrap().0
    }
}

/// A batch of plain records with these values, as a producer sends it.
pub(super) fn batch_at(values: &[&str], timestamp: Timestamp) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    for value in values {
        builder.append(timestamp, None, Some(value.as_bytes()), []).unwrap();
    }
    builder.finish().unwrap()
}

pub(super) fn batch(values: &[&str]) -> Bytes {
    batch_at(values, START)
}

/// A batch of an idempotent producer.
pub(super) fn idempotent(producer_id: i64, epoch: i16, sequence: i32, values: &[&str]) -> Bytes {
    let records: Vec<(&str, Timestamp)> = values.iter().map(|value| (*value, START)).collect();
    idempotent_at(producer_id, epoch, sequence, &records)
}

/// A batch of an idempotent producer, with a timestamp for each record.
pub(super) fn idempotent_at(
    producer_id: i64,
    epoch: i16,
    sequence: i32,
    records: &[(&str, Timestamp)],
) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    builder.producer(Producer {
        id: ProducerId::new(producer_id),
        epoch: ProducerEpoch::new(epoch),
        base_sequence: Sequence::new(sequence),
    });
    for (value, timestamp) in records {
        builder.append(*timestamp, None, Some(value.as_bytes()), []).unwrap();
    }
    builder.finish().unwrap()
}

pub(super) fn append(log: &mut Log, bytes: &Bytes) -> Result<AppendInfo, AppendError> {
    append_at(log, bytes, EPOCH, START)
}

pub(super) fn append_at(
    log: &mut Log,
    bytes: &Bytes,
    leader_epoch: LeaderEpoch,
    now: Timestamp,
) -> Result<AppendInfo, AppendError> {
    let headers: Vec<BatchHeader> = Batches::new(bytes).map(|batch| batch.unwrap().0).collect();
    log.append_as_leader(
        bytes,
        &headers,
        LeaderAppend { leader_epoch, now, origin: AppendOrigin::Client },
    )
}

/// Reads everything from an offset, with reads of `max_bytes`: offset and value of each record.
pub(super) fn read_all(log: &Log, from: Offset, max_bytes: u64) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    let mut next = from;
    while next < log.log_end_offset() {
        let read = log.read(next, max_bytes, log.log_end_offset(), FirstBatch::Whole).unwrap();
        let bytes = read.read_to_vec().unwrap();
        let before = next;
        for batch in Batches::new(&bytes) {
            let Ok((header, bytes)) = batch else { break };
            records::verify_crc(bytes).unwrap();
            for record in BatchBody::decode(bytes, 1 << 20).unwrap().records() {
                let record = record.unwrap();
                if record.offset >= next {
                    let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                    found.push((record.offset.get(), value));
                }
            }
            next = header.next_offset();
        }
        assert!(next > before, "a read at {before} brought nothing");
    }
    found
}

pub(super) fn values(range: std::ops::Range<i64>) -> Vec<(i64, String)> {
    range.map(|i| (i, format!("value-{i}"))).collect()
}

/// Appends a batch for each number; the batch of number i has one record `value-i`.
pub(super) fn append_values(log: &mut Log, range: std::ops::Range<i64>) {
    for i in range {
        let info = append(log, &batch(&[&format!("value-{i}")])).unwrap();
        assert_eq!(info.base_offset, Offset::new(i));
    }
}
