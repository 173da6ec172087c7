//! Reading a partition of `__consumer_offsets` from its beginning into a shard.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use coordinator::{GroupShard, Replayed};
use model::{ErrorCode, LeaderEpoch, Offset};
use protocol::{Chunk, Records};
use records::{BatchError, Batches, records_of};
use tokio::sync::Notify;
use tracing::{info, warn};

use crate::partition::{Isolation, Partition, ReadRequest};

/// Bytes that are read at once; a larger batch is read as a whole.
const READ_BYTES: u64 = 1 << 20;
/// The most that one batch may decompress to.
const BATCH_BYTES_MAX: usize = 128 << 20;

/// Why a partition could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("reading it failed with {0}")]
    Read(ErrorCode),
    #[error("a segment could not be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("a batch at offset {offset} is damaged: {source}")]
    Batch { offset: Offset, source: BatchError },
    #[error("at offset {offset}: {source}")]
    Record { offset: Offset, source: coordinator::RecordError },
    #[error("the thread that read it ended")]
    Thread,
}

/// Replays everything that the log holds. What is not committed yet is waited for: this node is the
/// only one that writes here, so its log's end is what the groups are.
pub(super) async fn load(
    partition: &Arc<Partition>,
    mut shard: GroupShard,
) -> Result<GroupShard, LoadError> {
    let news = Arc::new(Notify::new());
    let mut next = partition.log_start_offset();
    loop {
        partition.wake_on_news(&news);
        let reader = Arc::clone(partition);
        let (read, outcome) = tokio::task::spawn_blocking(move || {
            let outcome = replay_committed(&reader, &mut shard, next);
            (shard, outcome)
        })
        .await
        .map_err(|_| LoadError::Thread)?;
        (shard, next) = (read, outcome?);
        if next >= partition.log(storage::Log::log_end_offset) {
            return Ok(shard);
        }
        news.notified().await;
    }
}

/// Replays from `next` to the high watermark; the offset after the last record.
fn replay_committed(
    partition: &Partition,
    shard: &mut GroupShard,
    mut next: Offset,
) -> Result<Offset, LoadError> {
    let mut unknown = 0usize;
    loop {
        let request = ReadRequest {
            offset: next,
            bytes_max: READ_BYTES,
            at_least_one_batch: true,
            isolation: Isolation::ReadUncommitted,
            leader_epoch: LeaderEpoch::NONE,
            last_fetched_epoch: LeaderEpoch::NONE,
        };
        let read = partition.read(&request).map_err(LoadError::Read)?;
        let bytes = gather(read.records)?;
        let after = replay_batches(&bytes, shard, next, &mut unknown)?;
        if after == next {
            break;
        }
        next = after;
    }
    if unknown > 0 {
        info!(
            partition = %partition.topic_partition(), unknown,
            "records of other kinds of groups are left alone"
        );
    }
    Ok(next)
}

fn replay_batches(
    bytes: &Bytes,
    shard: &mut GroupShard,
    mut next: Offset,
    unknown: &mut usize,
) -> Result<Offset, LoadError> {
    for batch in Batches::new(bytes) {
        let (header, batch) = match batch {
            Ok(batch) => batch,
            // The read was cut at its limit.
            Err(BatchError::Truncated { .. }) => break,
            Err(source) => return Err(LoadError::Batch { offset: next, source }),
        };
        if header.is_control() || header.is_transactional() {
            if !header.is_control() {
                warn!(offset = %header.base_offset, "offsets of a transaction are not read yet");
            }
        } else {
            let batch = bytes.slice_ref(batch);
            let damaged = |source| LoadError::Batch { offset: header.base_offset, source };
            for record in records_of(&batch, BATCH_BYTES_MAX).map_err(damaged)? {
                let record = record.map_err(damaged)?;
                // The read may begin inside a batch.
                if record.offset < next {
                    continue;
                }
                let Some(key) = &record.key else { continue };
                let replayed = shard.replay(key, record.value.as_ref());
                match replayed {
                    Ok(Replayed::Applied) => {}
                    Ok(Replayed::Unknown(_)) => *unknown += 1,
                    Err(source) => {
                        return Err(LoadError::Record { offset: record.offset, source });
                    }
                }
            }
        }
        next = header.next_offset();
    }
    Ok(next)
}

/// The bytes of what was read, in one piece.
fn gather(records: Records) -> Result<Bytes, LoadError> {
    let chunks = match records {
        Records::Null => return Ok(Bytes::new()),
        Records::Bytes(bytes) => return Ok(bytes),
        Records::Chunks(chunks) => chunks,
    };
    let mut gathered = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => gathered.extend_from_slice(&bytes),
            Chunk::File(range) => {
                let start = gathered.len();
                gathered.resize(start + usize::try_from(range.length).unwrap_or(0), 0);
                let mut filled = start;
                while filled < gathered.len() {
                    let position = range.position + (filled - start) as u64;
                    match range.file.read_at(position, &mut gathered[filled..])? {
                        0 => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?,
                        read => filled += read,
                    }
                }
            }
        }
    }
    Ok(gathered.freeze())
}
