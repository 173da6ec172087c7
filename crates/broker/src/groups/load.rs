//! Reading a partition of `__consumer_offsets` from its beginning into a shard.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use coordinator::{GroupShard, Replayed};
use model::{ErrorCode, GROUP_METADATA_TOPIC, LeaderEpoch, Offset, ProducerId};
use records::{
    BatchError, BatchHeader, Batches, ControlType, LENGTH_PREFIX, control_type, records_of,
};
use tokio::sync::{Notify, Semaphore};
use tracing::{error, info, warn};

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
    #[error("the thread that read it ended")]
    Thread,
}

/// Replays everything that the log holds. What is not committed yet is waited for: this node is the
/// only one that writes here, so its log's end is what the groups are.
pub(super) async fn load(
    partition: &Arc<Partition>,
    shard: GroupShard,
    loads: &Semaphore,
) -> Result<GroupShard, LoadError> {
    let news = Arc::new(Notify::new());
    let mut next = partition.log_start_offset();
    let mut replay = Replay::new(shard);
    loop {
        if next >= partition.log(storage::Log::log_end_offset) {
            return Ok(replay.finish(partition));
        }
        let turn = loads.acquire().await.map_err(|_| LoadError::Thread)?;
        partition.wake_on_news(&news);
        let reader = Arc::clone(partition);
        let (read, outcome) = tokio::task::spawn_blocking(move || {
            let outcome = replay_committed(&reader, &mut replay, next);
            (replay, outcome)
        })
        .await
        .map_err(|_| LoadError::Thread)?;
        (replay, next) = (read, outcome?);
        drop(turn);
        if next < partition.log(storage::Log::log_end_offset) {
            news.notified().await;
        }
    }
}

/// A shard on its way, with the offsets of transactions of which the end is not read yet.
struct Replay {
    shard: GroupShard,
    /// Key and value of records in the order of the log, by producer.
    pending: BTreeMap<ProducerId, Vec<(Bytes, Option<Bytes>)>>,
    /// Records of kinds that are not served.
    unknown: usize,
}

impl Replay {
    fn new(shard: GroupShard) -> Self {
        Self { shard, pending: BTreeMap::new(), unknown: 0 }
    }

    /// Gives the shard. A transaction without an end has committed nothing.
    fn finish(self, partition: &Partition) -> GroupShard {
        let partition = partition.topic_partition();
        if self.unknown > 0 {
            info!(%partition, records = self.unknown, "records of other kinds of groups are left alone");
        }
        let open: usize = self.pending.values().map(Vec::len).sum();
        if open > 0 {
            warn!(%partition, offsets = open, "offsets of transactions that were not ended do not count");
        }
        self.shard
    }

    fn record(&mut self, offset: Offset, key: &Bytes, value: Option<&Bytes>) {
        match self.shard.replay(key, value) {
            Ok(Replayed::Applied) => {}
            Ok(Replayed::Unknown(_)) => self.unknown += 1,
            Err(error) => skipped(offset, &error),
        }
    }

    /// What a transaction commits of a key comes after what is pending for it.
    fn plain(&mut self, offset: Offset, key: &Bytes, value: Option<&Bytes>) {
        for pending in self.pending.values_mut() {
            pending.retain(|(other, _)| other != key);
        }
        self.record(offset, key, value);
    }

    /// The marker with which a transaction ends.
    fn end(&mut self, header: &BatchHeader, batch: &Bytes) {
        let kind = records_of(batch, BATCH_BYTES_MAX).ok().and_then(|mut records| {
            let record = records.next()?.ok()?;
            control_type(record.key.as_deref()?)
        });
        let pending = match kind {
            Some(ControlType::Commit | ControlType::Abort) => {
                self.pending.remove(&header.producer_id).unwrap_or_default()
            }
            _ => return,
        };
        if kind == Some(ControlType::Commit) {
            for (key, value) in pending {
                self.record(header.base_offset, &key, value.as_ref());
            }
        }
    }
}

fn skipped(offset: Offset, error: &dyn std::error::Error) {
    error!(%offset, %error, "what {GROUP_METADATA_TOPIC} holds here cannot be decoded and is skipped");
}

/// Replays from `next` to the high watermark; the offset after the last record.
fn replay_committed(
    partition: &Partition,
    replay: &mut Replay,
    mut next: Offset,
) -> Result<Offset, LoadError> {
    loop {
        let request = ReadRequest {
            offset: next,
            bytes_max: READ_BYTES,
            at_least_one_batch: true,
            isolation: Isolation::ReadUncommitted,
            leader_epoch: LeaderEpoch::NONE,
            last_fetched_epoch: LeaderEpoch::NONE,
        };
        // Each batch is verified below: one that is damaged must not cost the groups in the others.
        let read = partition.read_unverified(&request).map_err(LoadError::Read)?;
        let bytes = crate::gather::gather(read.records)?;
        let after = replay_batches(&bytes, replay, next)?;
        if after == next {
            return Ok(next);
        }
        next = after;
    }
}

/// What cannot be decoded is named in the log and skipped: the other groups of the partition must
/// not be lost with one record.
fn replay_batches(
    bytes: &Bytes,
    replay: &mut Replay,
    mut next: Offset,
) -> Result<Offset, LoadError> {
    let mut position = 0;
    loop {
        let mut batches = Batches::new(&bytes[position..]);
        let failure = loop {
            match batches.next() {
                None => return Ok(next),
                // The read was cut at its limit.
                Some(Err(BatchError::Truncated { .. })) => return Ok(next),
                Some(Err(source)) => break source,
                Some(Ok((header, batch))) => {
                    replay_batch(&header, bytes.slice_ref(batch), replay, next);
                    next = next.max(header.next_offset());
                }
            }
        };
        position += batches.position();
        let Some((base_offset, size)) = extent(&bytes[position..]) else {
            return Err(LoadError::Batch { offset: next, source: failure });
        };
        if size > bytes.len() - position {
            return Ok(next);
        }
        error!(
            offset = %base_offset, error = %failure,
            "a batch of {GROUP_METADATA_TOPIC} cannot be decoded and is skipped"
        );
        position += size;
        next = next.max(base_offset.next());
    }
}

/// The base offset and size of a batch of which nothing else is understood.
fn extent(bytes: &[u8]) -> Option<(Offset, usize)> {
    let (base_offset, rest) = bytes.split_first_chunk::<8>()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(i32::from_be_bytes(*length)).ok().filter(|length| *length > 0)?;
    Some((Offset::new(i64::from_be_bytes(*base_offset)), LENGTH_PREFIX + length))
}

fn replay_batch(header: &BatchHeader, batch: Bytes, replay: &mut Replay, next: Offset) {
    if let Err(error) = records::verify_crc(&batch) {
        return skipped(header.base_offset, &error);
    }
    if header.is_control() {
        return replay.end(header, &batch);
    }
    let records = match records_of(&batch, BATCH_BYTES_MAX) {
        Ok(records) => records,
        Err(error) => return skipped(header.base_offset, &error),
    };
    for record in records {
        let record = match record {
            Ok(record) => record,
            // Where the next record would begin, nobody knows.
            Err(error) => return skipped(header.base_offset, &error),
        };
        // The read may begin inside a batch.
        if record.offset < next {
            continue;
        }
        let Some(key) = &record.key else { continue };
        if header.is_transactional() {
            let pending = replay.pending.entry(header.producer_id).or_default();
            pending.push((key.clone(), record.value.clone()));
        } else {
            replay.plain(record.offset, key, record.value.as_ref());
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use coordinator::{
        CommitPartition, CommitTopic, Effects, GroupConfig, Now, OffsetCommit, OffsetFetch,
        Request, Token,
    };
    use model::{PartitionIndex, Timestamp, Uuid};

    use super::*;
    use crate::groups::batches;

    /// A commit of one offset by a consumer that assigns itself.
    pub(in crate::groups) fn commit(offset: i64) -> OffsetCommit {
        OffsetCommit {
            group: "g".into(),
            member: "".into(),
            instance: None,
            generation: -1,
            retention_ms: None,
            knows_group_id_not_found: true,
            topics: vec![CommitTopic {
                name: "t".into(),
                id: Uuid::ZERO,
                partitions: vec![CommitPartition {
                    partition: PartitionIndex::new(0),
                    offset: Offset::new(offset),
                    leader_epoch: LeaderEpoch::NONE,
                    metadata: None,
                }],
            }],
        }
    }

    /// A log of so many batches, each a commit of the next offset.
    fn log_of_commits(count: i64) -> Bytes {
        let mut shard = GroupShard::new(GroupConfig::default());
        let mut log = bytes::BytesMut::new();
        for number in 0..count {
            let mut effects = Effects::default();
            let now = Now { wall: Timestamp::new(1), ticks_ms: 0 };
            shard.handle(now, Token(0), Request::OffsetCommit(commit(number)), &mut effects);
            for batch in batches::pack(effects.appends, now.wall, 1_000_000).batches {
                let mut bytes = batch.bytes.to_vec();
                let (offset, epoch) = (Offset::new(number), LeaderEpoch::new(0));
                records::patch_base_offset_and_epoch(&mut bytes, offset, epoch).expect("a batch");
                log.extend_from_slice(&bytes);
            }
        }
        log.freeze()
    }

    fn offset_in(shard: &GroupShard) -> i64 {
        let fetch = OffsetFetch { group: "g".into(), topics: None, require_stable: false };
        let topics = shard.fetch_offsets(&fetch).topics;
        topics.first().map_or(-1, |topic| topic.partitions[0].offset.get())
    }

    #[test]
    fn last_commit_counts_and_a_cut_read_goes_on_where_it_ended() {
        let log = log_of_commits(5);
        for cut in 0..=log.len() {
            let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
            let first = log.slice(..cut);
            let next = replay_batches(&first, &mut replay, Offset::ZERO).expect("replays");
            assert_eq!(offset_in(&replay.shard), next.get() - 1, "cut at {cut}");
            let next = replay_batches(&log, &mut replay, next).expect("replays");
            assert_eq!((next.get(), offset_in(&replay.shard)), (5, 4), "cut at {cut}");
        }
    }

    #[test]
    fn damaged_record_costs_no_other_one() {
        let mut log = log_of_commits(3).to_vec();
        // The version of the last value, of which there are five.
        let value = [0, 4, 0, 0, 0, 0, 0, 0, 0, 2];
        let at = log.windows(10).position(|window| window == value).expect("a value");
        log[at + 1] = 99;
        let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
        let next = replay_batches(&log.into(), &mut replay, Offset::ZERO).expect("replays");
        assert_eq!((next.get(), offset_in(&replay.shard)), (3, 1));
    }

    #[test]
    fn damaged_batch_is_skipped_by_its_length() {
        let mut log = log_of_commits(3).to_vec();
        let second = Batches::new(&log).next().expect("a batch").expect("whole").1.len();
        // Its magic, which tells how to read all the rest.
        log[second + 16] = 77;
        let log = Bytes::from(log);
        let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
        let next = replay_batches(&log.slice(..2 * second), &mut replay, Offset::ZERO);
        assert_eq!((next.expect("replays").get(), offset_in(&replay.shard)), (2, 0));
        let next = replay_batches(&log, &mut replay, Offset::ZERO).expect("replays");
        assert_eq!((next.get(), offset_in(&replay.shard)), (3, 2));
    }

    /// One batch of a transaction of this producer, with these records; no records make a marker.
    fn of_transaction(producer: i64, offset: i64, records: &[(Bytes, Option<Bytes>)]) -> Bytes {
        let mut builder = records::BatchBuilder::new(Offset::new(offset), Default::default());
        builder.producer(records::Producer {
            id: ProducerId::new(producer),
            epoch: model::ProducerEpoch::new(0),
            base_sequence: model::Sequence::new(0),
        });
        builder.transactional();
        for (key, value) in records {
            builder.append(Timestamp::new(1), Some(key), value.as_deref(), []).expect("fits");
        }
        builder.finish().expect("a batch")
    }

    fn marker(producer: i64, offset: i64, is_commit: bool) -> Bytes {
        let mut builder = records::BatchBuilder::new(Offset::new(offset), Default::default());
        builder.producer(records::Producer {
            id: ProducerId::new(producer),
            epoch: model::ProducerEpoch::new(0),
            base_sequence: model::Sequence::NONE,
        });
        builder.transactional().control();
        let key = [0, 0, 0, u8::from(is_commit)];
        builder.append(Timestamp::new(1), Some(&key), Some(&[0; 6]), []).expect("fits");
        builder.finish().expect("a batch")
    }

    #[test]
    fn offsets_of_a_transaction_count_once_it_is_committed_unless_a_later_commit_came() {
        let log = log_of_commits(8);
        let commits: Vec<(Bytes, Option<Bytes>)> = Batches::new(&log)
            .map(|batch| {
                let batch = log.slice_ref(batch.expect("whole").1);
                let record = records_of(&batch, 1 << 20).expect("reads").next();
                let record = record.expect("one").expect("whole");
                (record.key.expect("a key"), record.value)
            })
            .collect();
        let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
        let steps = [
            (of_transaction(7, 0, &commits[1..2]), -1),
            (of_transaction(8, 1, &commits[2..3]), -1),
            (marker(8, 2, false), -1),
            (marker(7, 3, true), 1),
            (of_transaction(7, 4, &commits[4..5]), 1),
            (with_base_offset(&log, 6, 5), 6),
            (marker(7, 6, true), 6),
            (of_transaction(7, 7, &commits[7..8]), 6),
        ];
        for (number, (batch, expected)) in steps.into_iter().enumerate() {
            let next = Offset::new(number as i64);
            let after = replay_batches(&batch, &mut replay, next).expect("replays");
            assert_eq!((after, offset_in(&replay.shard)), (next.next(), expected), "{number}");
        }
        assert_eq!(replay.pending.len(), 1);
    }

    /// The batch of this number of a log, moved to another offset.
    fn with_base_offset(log: &Bytes, number: usize, offset: i64) -> Bytes {
        let batch = Batches::new(log).nth(number).expect("a batch").expect("whole").1;
        let mut bytes = batch.to_vec();
        let epoch = LeaderEpoch::new(0);
        records::patch_base_offset_and_epoch(&mut bytes, Offset::new(offset), epoch)
            .expect("a batch");
        bytes.into()
    }
}
