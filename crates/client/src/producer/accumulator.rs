//! Records that wait for being sent: one queue of batches per partition, within `buffer.memory`.
//!
//! Invariant: the batches of a queue leave it in their order; one that comes back takes its old
//! place, and nothing else leaves before those that were sent after it have come back too.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{Offset, PartitionIndex, Timestamp};
use rand::Rng;
use records::BatchBuilder;
use tokio::time::Instant;

use super::ProducerRecord;
use super::batch::{Batch, Callback, Delivery, Fate};
use super::partitioner::partition_of_key;
use crate::config::ClientConfig;
use crate::error::ClientError;
use crate::metadata::TopicMetadata;

/// What a record may take beyond key, value and headers; for reckoning with memory only.
const RECORD_OVERHEAD: usize = 32;

/// The waiting records of a producer.
#[derive(Debug)]
pub(super) struct Accumulator {
    pub(super) topics: HashMap<Arc<str>, TopicQueues>,
    /// What is not decided yet, by order.
    pub(super) undecided: BTreeMap<u64, Arc<Fate>>,
    /// Senders that wait for memory: everything is sent at once then.
    pub(super) starving: usize,
    pub(super) closed: bool,
    memory_used: usize,
    next_order: u64,
}

/// The queues of a topic's partitions, by index.
#[derive(Debug)]
pub(super) struct TopicQueues {
    pub(super) name: Arc<str>,
    pub(super) partitions: Vec<PartitionQueue>,
    /// Where records without a key go for now, and how many bytes have gone there.
    sticky: usize,
    sticky_bytes: usize,
    /// Partitions that have a leader.
    available: Vec<usize>,
}

/// The batches of a partition.
#[derive(Debug, Default)]
pub(super) struct PartitionQueue {
    open: Option<Batch>,
    pub(super) ready: VecDeque<Batch>,
    /// Batches that were sent and are not answered.
    pub(super) in_flight: usize,
    /// Nothing is sent before all that was sent is answered, since one of them failed.
    pub(super) draining: bool,
    pub(super) paused_until: Option<Instant>,
    pub(super) next_sequence: i32,
}

/// What became of an attempt to append.
pub(super) enum Appended {
    /// It waits for being sent; `wake` when the sender should look.
    Done { delivery: Delivery, wake: bool },
    /// The topic's partitions are not known yet.
    TopicUnknown(Option<Callback>),
    /// There is no memory for it now.
    MemoryFull(Option<Callback>),
}

impl Accumulator {
    pub(super) fn new() -> Self {
        Self {
            topics: HashMap::new(),
            undecided: BTreeMap::new(),
            starving: 0,
            closed: false,
            memory_used: 0,
            next_order: 0,
        }
    }

    /// Takes a topic in, or its new partitions.
    pub(super) fn learn(&mut self, topic: &TopicMetadata) {
        let queues = self.topics.entry(topic.name.clone()).or_insert_with(|| TopicQueues {
            name: topic.name.clone(),
            partitions: Vec::new(),
            sticky: 0,
            sticky_bytes: usize::MAX,
            available: Vec::new(),
        });
        let count = topic.partitions.len().max(queues.partitions.len());
        queues.partitions.resize_with(count, PartitionQueue::default);
        queues.available = topic
            .partitions
            .iter()
            .enumerate()
            .filter(|(_, partition)| partition.leader.is_some())
            .map(|(index, _)| index)
            .collect();
    }

    pub(super) fn append(
        &mut self,
        config: &ClientConfig,
        record: &ProducerRecord<'_>,
        callback: Option<Callback>,
    ) -> Result<Appended, ClientError> {
        if self.closed {
            return Err(ClientError::State("the producer is closed"));
        }
        let size = size_of(record);
        if size > config.max_request_size {
            let limit = config.max_request_size;
            return Err(ClientError::RecordTooLarge { size, limit });
        }
        let Some(topic) = self.topics.get_mut(record.topic) else {
            return Ok(Appended::TopicUnknown(callback));
        };
        if self.memory_used > 0 && self.memory_used + size > config.buffer_memory {
            return Ok(Appended::MemoryFull(callback));
        }
        let index = topic.choose(record, size, config)?;
        let queue = &mut topic.partitions[index];
        let mut wake = false;
        if queue.open.as_ref().is_some_and(|batch| batch.size() + size > config.batch_size) {
            queue.seal();
            wake = true;
        }
        let batch = match &mut queue.open {
            Some(batch) => batch,
            None => {
                wake = true;
                let mut builder = BatchBuilder::new(Offset::ZERO, config.compression_type);
                builder.compression_level(config.compression_level());
                let partition = PartitionIndex::new(index as i32);
                let batch = Batch::new(self.next_order, topic.name.clone(), partition, builder);
                self.undecided.insert(batch.order, batch.fate.clone());
                self.next_order += 1;
                queue.open.insert(batch)
            }
        };
        let timestamp = record.timestamp.unwrap_or_else(now);
        let delivery = batch.append(record, timestamp, size, callback)?;
        self.memory_used += size;
        if batch.size() >= config.batch_size {
            queue.seal();
            wake = true;
        }
        Ok(Appended::Done { delivery, wake })
    }

    /// Closes every open batch, so that it is sent without waiting for more records.
    pub(super) fn seal_all(&mut self) {
        for topic in self.topics.values_mut() {
            topic.partitions.iter_mut().for_each(PartitionQueue::seal);
        }
    }

    /// Closes the batches that have waited for `linger`; returns when the next one will have.
    pub(super) fn seal_lingered(&mut self, linger: Duration, now: Instant) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        for queue in self.topics.values_mut().flat_map(|topic| &mut topic.partitions) {
            let Some(open) = &queue.open else { continue };
            let due = open.created + linger;
            if due <= now {
                queue.seal();
            } else {
                next = Some(next.map_or(due, |next| next.min(due)));
            }
        }
        next
    }

    /// Notes that a batch is decided: its memory is free again.
    pub(super) fn forget(&mut self, batch: &Batch) {
        self.memory_used = self.memory_used.saturating_sub(batch.memory);
        self.undecided.remove(&batch.order);
    }

    pub(super) fn queue(&mut self, topic: &str, partition: usize) -> Option<&mut PartitionQueue> {
        self.topics.get_mut(topic)?.partitions.get_mut(partition)
    }

    /// Takes out everything, as the producer ends.
    pub(super) fn take_all(&mut self) -> Vec<Batch> {
        self.seal_all();
        let queues = self.topics.values_mut().flat_map(|topic| &mut topic.partitions);
        let batches: Vec<Batch> = queues.flat_map(|queue| queue.ready.drain(..)).collect();
        for batch in &batches {
            self.forget(batch);
        }
        batches
    }
}

impl TopicQueues {
    fn choose(
        &mut self,
        record: &ProducerRecord<'_>,
        size: usize,
        config: &ClientConfig,
    ) -> Result<usize, ClientError> {
        let count = self.partitions.len();
        if let Some(partition) = record.partition {
            let index = usize::try_from(partition.get()).ok().filter(|index| *index < count);
            return index.ok_or_else(|| ClientError::NoSuchPartition {
                topic: self.name.clone(),
                count,
                partition: partition.get(),
            });
        }
        if let Some(key) = record.key
            && !config.partitioner_ignore_keys
        {
            return Ok(partition_of_key(key, count));
        }
        // A batch's worth of bytes to one partition, then on to another (KIP-794).
        if self.sticky_bytes >= config.batch_size {
            let mut random = rand::rng();
            self.sticky = match self.available.len() {
                0 => random.random_range(0..count),
                available => self.available[random.random_range(0..available)],
            };
            self.sticky_bytes = 0;
        }
        self.sticky_bytes = self.sticky_bytes.saturating_add(size);
        Ok(self.sticky)
    }
}

impl PartitionQueue {
    fn seal(&mut self) {
        self.ready.extend(self.open.take());
    }

    /// Puts a batch back that has to be sent again.
    pub(super) fn put_back(&mut self, batch: Batch) {
        let at = self.ready.partition_point(|other| other.order < batch.order);
        self.ready.insert(at, batch);
    }

    /// Notes that a batch that was sent is answered.
    pub(super) fn answered(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.draining &= self.in_flight > 0;
    }
}

fn size_of(record: &ProducerRecord<'_>) -> usize {
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let headers = record.headers.iter();
    let headers: usize = headers.map(|(key, value)| key.len() + length(*value) + 8).sum();
    length(record.key) + length(record.value) + headers + RECORD_OVERHEAD
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
