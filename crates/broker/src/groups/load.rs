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
/// The most that is read at once to get past what is damaged.
const READ_BYTES_MAX: u64 = 256 << 20;
/// The most that one batch may decompress to.
const BATCH_BYTES_MAX: usize = 128 << 20;

/// Why a partition could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("reading it failed with {0}")]
    Read(ErrorCode),
    #[error("a segment could not be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("a batch at or behind offset {offset} is damaged: {source}")]
    Batch { offset: Offset, source: BatchError },
    #[error(
        "what comes at offset {offset} is damaged, and where the next batch begins is not known"
    )]
    Damaged { offset: Offset },
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
    /// By producer, in the order of the log.
    pending: BTreeMap<ProducerId, Vec<PendingRecord>>,
    /// How many records came so far, which puts them in an order that no damage to an offset changes.
    records: u64,
    /// Records of kinds that are not served.
    unknown: usize,
}

/// A record of a transaction.
struct PendingRecord {
    place: u64,
    key: Bytes,
    value: Option<Bytes>,
}

impl Replay {
    fn new(shard: GroupShard) -> Self {
        Self { shard, pending: BTreeMap::new(), records: 0, unknown: 0 }
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

    /// Takes the record in that stands at `place`: what is pending of its key from before it does not
    /// count any more, as the record that was written last does, not the one committed last.
    fn record(&mut self, place: u64, offset: Offset, key: &Bytes, value: Option<&Bytes>) {
        for pending in self.pending.values_mut() {
            pending.retain(|other| other.place > place || other.key != key);
        }
        match self.shard.replay(key, value) {
            Ok(Replayed::Applied) => {}
            Ok(Replayed::Unknown(_)) => self.unknown += 1,
            Err(error) => skipped(offset, &error),
        }
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
            for PendingRecord { place, key, value } in pending {
                self.record(place, header.base_offset, &key, value.as_ref());
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
    next: Offset,
) -> Result<Offset, LoadError> {
    replay_all(replay, next, READ_BYTES, |offset, bytes_max| {
        let request = ReadRequest {
            offset,
            bytes_max,
            at_least_one_batch: true,
            isolation: Isolation::ReadUncommitted,
            leader_epoch: LeaderEpoch::NONE,
            last_fetched_epoch: LeaderEpoch::NONE,
        };
        // Each batch is verified below: one that is damaged must not cost the groups in the others.
        let read = partition.read_unverified(&request).map_err(LoadError::Read)?;
        Ok((crate::gather::gather(read.records)?, read.high_watermark))
    })
}

/// Replays what `read` gives from an offset on, with the end of what is committed, to that end.
///
/// No checksum covers the offset of a batch, so that none is believed that the next batch does not
/// bear out: what was read is read again from the last one that is, further if need be. To replay a
/// part of the log twice leaves what replaying it once does.
fn replay_all(
    replay: &mut Replay,
    mut next: Offset,
    read_bytes: u64,
    mut read: impl FnMut(Offset, u64) -> Result<(Bytes, Offset), LoadError>,
) -> Result<Offset, LoadError> {
    // Where the last read began that got ahead.
    let mut before = next;
    let (mut start, mut bytes_max) = (next, read_bytes);
    loop {
        let (bytes, committed) = match read(start, bytes_max) {
            // A damaged batch hides where this one is.
            Err(LoadError::Read(ErrorCode::CorruptMessage)) if before < start => {
                (start, bytes_max) = (before, bytes_max * 2);
                continue;
            }
            outcome => outcome?,
        };
        let read_to = replay_batches(&bytes, replay, start, committed)?;
        if read_to.next > next {
            next = read_to.next;
            (before, start, bytes_max) = (start, next, read_bytes);
            continue;
        }
        let is_all = (bytes.len() as u64) < bytes_max;
        if is_all && read_to.is_whole {
            return Ok(next.max(committed));
        }
        if is_all || bytes_max >= READ_BYTES_MAX {
            return Err(LoadError::Damaged { offset: next });
        }
        bytes_max *= 2;
    }
}

/// How far the batches were replayed that were read.
#[derive(Debug, PartialEq, Eq)]
struct ReplayedTo {
    /// The end of the last batch that another one follows.
    next: Offset,
    /// Whether nothing was cut off at the end.
    is_whole: bool,
}

/// Which offset to go on from, by batches that follow one another.
struct Following {
    committed: Offset,
    next: Offset,
    /// Where the last batch ends, if it can end there.
    end: Option<Offset>,
}

impl Following {
    fn can_be(&self, offset: Offset) -> bool {
        offset >= Offset::ZERO && offset <= self.committed
    }

    /// The next batch begins here; `end` gives where it ends.
    fn batch(&mut self, base_offset: Offset, end: impl FnOnce() -> Option<Offset>) {
        let can_be = self.can_be(base_offset);
        match self.end {
            Some(end) if can_be && base_offset >= end => self.next = self.next.max(end),
            Some(end) => error!(
                offset = %base_offset, after = %end,
                "an offset in {GROUP_METADATA_TOPIC} does not follow the one before it: one of them is \
                 damaged; the records count all the same"
            ),
            None => {}
        }
        self.end = if can_be { end().filter(|end| self.can_be(*end)) } else { None };
    }
}

/// What cannot be decoded is named in the log and skipped: the other groups of the partition must
/// not be lost with one record.
fn replay_batches(
    bytes: &Bytes,
    replay: &mut Replay,
    start: Offset,
    committed: Offset,
) -> Result<ReplayedTo, LoadError> {
    let mut following = Following { committed, next: start, end: None };
    let mut position = 0;
    loop {
        let mut batches = Batches::new(&bytes[position..]);
        let failure = loop {
            match batches.next() {
                None => return Ok(ReplayedTo { next: following.next, is_whole: true }),
                // The read was cut at its limit.
                Some(Err(BatchError::Truncated { .. })) => {
                    return Ok(ReplayedTo { next: following.next, is_whole: false });
                }
                Some(Err(source)) => break source,
                Some(Ok((header, batch))) => {
                    following.batch(header.base_offset, || Some(header.next_offset()));
                    // The read may begin inside its first batch.
                    let is_first = batch.as_ptr() == bytes.as_ptr();
                    let from = if is_first { start } else { Offset::ZERO };
                    let batch = bytes.slice_ref(batch);
                    let batch = match following.can_be(header.base_offset) {
                        true => batch,
                        false => at_offset(&batch, start),
                    };
                    replay_batch(&header, batch, replay, from);
                }
            }
        };
        position += batches.position();
        let Some((base_offset, size)) = extent(&bytes[position..]) else {
            return Err(LoadError::Batch { offset: following.next, source: failure });
        };
        if size > bytes.len() - position {
            return Ok(ReplayedTo { next: following.next, is_whole: false });
        }
        error!(
            offset = %base_offset, error = %failure,
            "a batch of {GROUP_METADATA_TOPIC} cannot be decoded and is skipped"
        );
        position += size;
        following.batch(base_offset, || None);
    }
}

/// A batch whose offset cannot be, with another one; of older formats, which have an offset in each
/// message, as it is.
fn at_offset(batch: &Bytes, offset: Offset) -> Bytes {
    let mut bytes = batch.to_vec();
    match records::patch_base_offset_and_epoch(&mut bytes, offset, LeaderEpoch::NONE) {
        Ok(()) => bytes.into(),
        Err(_) => batch.clone(),
    }
}

/// The base offset and size of a batch of which nothing else is understood.
fn extent(bytes: &[u8]) -> Option<(Offset, usize)> {
    let (base_offset, rest) = bytes.split_first_chunk::<8>()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(i32::from_be_bytes(*length)).ok().filter(|length| *length > 0)?;
    Some((Offset::new(i64::from_be_bytes(*base_offset)), LENGTH_PREFIX + length))
}

fn replay_batch(header: &BatchHeader, batch: Bytes, replay: &mut Replay, from: Offset) {
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
        if record.offset < from {
            continue;
        }
        let Some(key) = record.key else { continue };
        replay.records += 1;
        let (place, value) = (replay.records, record.value);
        if header.is_transactional() {
            let pending = replay.pending.entry(header.producer_id).or_default();
            pending.push(PendingRecord { place, key, value });
        } else {
            replay.record(place, record.offset, &key, value.as_ref());
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
        log_of_commits_to(count, 1)
    }

    /// As [`log_of_commits`], to so many partitions in turn.
    fn log_of_commits_to(count: i64, partitions: i64) -> Bytes {
        let mut shard = GroupShard::new(GroupConfig::default());
        let mut log = bytes::BytesMut::new();
        for number in 0..count {
            let mut effects = Effects::default();
            let now = Now { wall: Timestamp::new(1), ticks_ms: 0 };
            let mut commit = commit(number);
            let partition = i32::try_from(number % partitions).expect("fits");
            commit.topics[0].partitions[0].partition = PartitionIndex::new(partition);
            shard.handle(now, Token(0), Request::OffsetCommit(commit), &mut effects);
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

    /// Reads a log as a partition does, which looks for an offset from a position on that comes
    /// before it.
    fn read_of(
        log: &Bytes,
        mut position: usize,
        start: Offset,
        bytes_max: usize,
    ) -> Result<Bytes, LoadError> {
        let corrupt = LoadError::Read(ErrorCode::CorruptMessage);
        let mut at_least = Offset::ZERO;
        for batch in Batches::new(&log.slice(position..)) {
            let Ok((header, bytes)) = batch else { return Err(corrupt) };
            if header.base_offset < at_least {
                return Err(corrupt);
            }
            if header.base_offset >= start || header.last_offset() >= start {
                let cut = (position + bytes_max.max(bytes.len())).min(log.len());
                return Ok(log.slice(position..cut));
            }
            position += bytes.len();
            at_least = header.next_offset();
        }
        Ok(Bytes::new())
    }

    /// Replays a log of so many records, in batches of one size, in reads of so many bytes. With an
    /// index each offset is looked for from where it was appended, else from the beginning.
    fn load_in_reads(
        log: &Bytes,
        count: i64,
        read_bytes: usize,
        has_index: bool,
    ) -> Result<Replay, LoadError> {
        let size = log.len() / usize::try_from(count).expect("fits");
        let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
        let mut reads = 0;
        let next = replay_all(&mut replay, Offset::ZERO, read_bytes as u64, |start, bytes_max| {
            reads += 1;
            assert!(reads < 1000, "it comes to an end");
            let position = if has_index { start.get() as usize * size } else { 0 };
            Ok((read_of(log, position, start, bytes_max as usize)?, Offset::new(count)))
        })?;
        assert_eq!(next.get(), count);
        Ok(replay)
    }

    fn replayed(bytes: &Bytes, replay: &mut Replay, start: i64, committed: i64) -> (i64, bool) {
        let (start, committed) = (Offset::new(start), Offset::new(committed));
        let to = replay_batches(bytes, replay, start, committed).expect("replays");
        (to.next.get(), to.is_whole)
    }

    #[test]
    fn last_commit_counts_and_a_cut_read_goes_on_where_it_ended() {
        let log = log_of_commits(5);
        for cut in 0..=log.len() {
            let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
            let (next, _) = replayed(&log.slice(..cut), &mut replay, 0, 5);
            assert_eq!(next, offset_in(&replay.shard).max(0), "cut at {cut}");
            let rest = read_of(&log, 0, Offset::new(next), log.len()).expect("reads");
            assert_eq!(replayed(&rest, &mut replay, next, 5), (4, true), "cut at {cut}");
            assert_eq!(offset_in(&replay.shard), 4, "cut at {cut}");
        }
    }

    #[test]
    fn damaged_record_costs_no_other_one() {
        let mut log = log_of_commits(3).to_vec();
        // The version of the last value, of which there are five.
        let value = [0, 4, 0, 0, 0, 0, 0, 0, 0, 2];
        let at = log.windows(10).position(|window| window == value).expect("a value");
        log[at + 1] = 99;
        let replay = load_in_reads(&log.into(), 3, 1 << 20, false).expect("loads");
        assert_eq!(offset_in(&replay.shard), 1);
    }

    #[test]
    fn damaged_batch_is_skipped_by_its_length() {
        let mut log = log_of_commits(3).to_vec();
        let second = Batches::new(&log).next().expect("a batch").expect("whole").1.len();
        // Its magic, which tells how to read all the rest.
        log[second + 16] = 77;
        let log = Bytes::from(log);
        let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
        assert_eq!(replayed(&log.slice(..2 * second), &mut replay, 0, 3), (1, true));
        assert_eq!(offset_in(&replay.shard), 0);
        replayed(&log, &mut replay, 0, 3);
        assert_eq!(offset_in(&replay.shard), 2);
    }

    #[test]
    fn damaged_offset_of_a_batch_costs_no_commit_at_all() {
        const COUNT: i64 = 8;
        let log = log_of_commits_to(COUNT, COUNT);
        let size = log.len() / COUNT as usize;
        for damaged in 0..COUNT as usize {
            for bit in 0..64 {
                let mut bytes = log.to_vec();
                bytes[damaged * size + bit / 8] ^= 1 << (bit % 8);
                // Of a batch with a negative offset nobody makes anything, nor of a log that begins with it.
                let is_negative = bit == 7;
                if is_negative && damaged == 0 {
                    continue;
                }
                let left: Vec<i64> =
                    (0..COUNT).filter(|it| !is_negative || *it != damaged as i64).collect();
                let bytes = Bytes::from(bytes);
                let reads = [size - 1, 3 * size + 5, log.len() + 1];
                let reads = reads.into_iter().flat_map(|bytes| [(bytes, false), (bytes, true)]);
                for (read_bytes, has_index) in reads {
                    let what = format!("bit {bit} of {damaged}, {read_bytes} at once, {has_index}");
                    let replay = load_in_reads(&bytes, COUNT, read_bytes, has_index).expect(&what);
                    let fetch =
                        OffsetFetch { group: "g".into(), topics: None, require_stable: false };
                    let topics = replay.shard.fetch_offsets(&fetch).topics;
                    let offsets = topics[0].partitions.iter().map(|it| it.offset.get());
                    let mut found: Vec<i64> = offsets.collect();
                    found.sort_unstable();
                    assert_eq!(found, left, "{what}");
                }
            }
        }
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

    /// Key and value of the only record of each batch.
    fn records_in(log: &Bytes) -> Vec<(Bytes, Option<Bytes>)> {
        let record_of = |batch: &[u8]| {
            let record = records_of(&log.slice_ref(batch), 1 << 20).expect("reads").next();
            let record = record.expect("one").expect("whole");
            (record.key.expect("a key"), record.value)
        };
        Batches::new(log).map(|batch| record_of(batch.expect("whole").1)).collect()
    }

    #[test]
    fn offsets_of_a_transaction_count_once_it_is_committed_unless_a_later_commit_came() {
        let log = log_of_commits(8);
        let commits = records_in(&log);
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
        for (number, (batch, expected)) in (0..).zip(steps) {
            replayed(&batch, &mut replay, number, 100);
            assert_eq!(offset_in(&replay.shard), expected, "{number}");
        }
        assert_eq!(replay.pending.len(), 1);
    }

    #[test]
    fn of_two_transactions_the_offset_that_was_written_last_counts_whichever_ended_last() {
        let log = log_of_commits(3);
        let commits = records_in(&log);
        for (first, second) in [(7, 8), (8, 7)] {
            let mut replay = Replay::new(GroupShard::new(GroupConfig::default()));
            let steps = [
                of_transaction(7, 0, &commits[1..2]),
                of_transaction(8, 1, &commits[2..3]),
                marker(first, 2, true),
                marker(second, 3, true),
            ];
            for (number, batch) in (0..).zip(steps) {
                replayed(&batch, &mut replay, number, 100);
            }
            assert_eq!(offset_in(&replay.shard), 2, "{first} ends first");
        }
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
