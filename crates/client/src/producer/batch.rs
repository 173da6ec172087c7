//! A batch on its way, and its fate, which each of its records shares.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use model::{Offset, PartitionIndex, Timestamp};
use records::{BatchBuilder, BuildError, Producer, patch_producer};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::ClientError;

/// Where a record has come to lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordMetadata {
    /// Its topic.
    pub topic: Arc<str>,
    /// Its partition.
    pub partition: PartitionIndex,
    /// Its offset; [`Offset::NONE`] with acks=0, or when the node only knows that it has it already.
    pub offset: Offset,
    /// Its timestamp.
    pub timestamp: Timestamp,
}

/// What happened to a batch: its base offset and, with LogAppendTime, its time.
type Outcome = Result<(Offset, Option<Timestamp>), ClientError>;

/// What a batch's records wait for.
#[derive(Debug)]
pub(super) struct Fate {
    topic: Arc<str>,
    partition: PartitionIndex,
    outcome: OnceLock<Outcome>,
    decided: Notify,
}

impl Fate {
    pub(super) async fn decided(&self) -> &Outcome {
        loop {
            // Made before the look, so that a decision in between wakes it.
            let decided = self.decided.notified();
            if let Some(outcome) = self.outcome.get() {
                return outcome;
            }
            decided.await;
        }
    }

    fn of_record(&self, outcome: &Outcome, index: u32, timestamp: Timestamp) -> Delivered {
        outcome.clone().map(|(base, append_time)| RecordMetadata {
            topic: self.topic.clone(),
            partition: self.partition,
            offset: base.known().map_or(Offset::NONE, |base| base.plus(index.into())),
            timestamp: append_time.unwrap_or(timestamp),
        })
    }
}

/// What a record's sender is told.
pub type Delivered = Result<RecordMetadata, ClientError>;

/// A record on its way; [`Delivery::wait`] tells what has become of it. It may be dropped.
#[derive(Debug)]
pub struct Delivery {
    pub(super) fate: Arc<Fate>,
    pub(super) index: u32,
    pub(super) timestamp: Timestamp,
}

impl Delivery {
    /// Waits until the record is acknowledged, or has failed for good.
    pub async fn wait(self) -> Delivered {
        let outcome = self.fate.decided().await;
        self.fate.of_record(outcome, self.index, self.timestamp)
    }
}

/// What a sender wants to be called with.
pub(super) type Callback = Box<dyn FnOnce(Delivered) + Send>;

struct Waiting {
    index: u32,
    timestamp: Timestamp,
    callback: Callback,
}

/// A batch from its first record to its fate.
pub(super) struct Batch {
    /// The order among all batches of the producer.
    pub(super) order: u64,
    pub(super) fate: Arc<Fate>,
    pub(super) created: Instant,
    pub(super) attempts: u32,
    /// Set when it is first sent by an idempotent producer.
    pub(super) sequence: Option<i32>,
    /// What it holds of `buffer.memory`.
    pub(super) memory: usize,
    pub(super) record_count: i32,
    content: Content,
    callbacks: Vec<Waiting>,
}

enum Content {
    Open(BatchBuilder),
    Finished(Bytes),
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("order", &self.order)
            .field("record_count", &self.record_count)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Batch {
    pub(super) fn new(
        order: u64,
        topic: Arc<str>,
        partition: PartitionIndex,
        builder: BatchBuilder,
    ) -> Self {
        let fate =
            Fate { topic, partition, outcome: OnceLock::new(), decided: Notify::const_new() };
        Self {
            order,
            fate: Arc::new(fate),
            created: Instant::now(),
            attempts: 0,
            sequence: None,
            memory: 0,
            record_count: 0,
            content: Content::Open(builder),
            callbacks: Vec::new(),
        }
    }

    /// Bytes so far, before compression.
    pub(super) fn size(&self) -> usize {
        match &self.content {
            Content::Open(builder) => builder.uncompressed_size(),
            Content::Finished(bytes) => bytes.len(),
        }
    }

    pub(super) fn append(
        &mut self,
        record: &super::ProducerRecord<'_>,
        timestamp: Timestamp,
        memory: usize,
        callback: Option<Callback>,
    ) -> Result<Delivery, BuildError> {
        let Content::Open(builder) = &mut self.content else {
            // Only open batches are appended to; a finished one is as good as full.
            return Err(BuildError::TooLarge);
        };
        let headers = record.headers.iter().copied();
        builder.append(timestamp, record.key, record.value, headers)?;
        let index = self.record_count as u32;
        self.record_count += 1;
        self.memory += memory;
        if let Some(callback) = callback {
            self.callbacks.push(Waiting { index, timestamp, callback });
        }
        Ok(Delivery { fate: self.fate.clone(), index, timestamp })
    }

    /// The bytes to send, compressed at the first call.
    pub(super) fn bytes(&mut self, producer: Option<Producer>) -> Result<Bytes, BuildError> {
        if let Content::Open(builder) = &mut self.content {
            if let Some(producer) = producer {
                builder.producer(producer);
            }
            let empty = BatchBuilder::new(Offset::ZERO, records::Compression::None);
            let bytes = std::mem::replace(builder, empty).finish()?;
            self.content = Content::Finished(bytes);
        }
        match &self.content {
            Content::Finished(bytes) => Ok(bytes.clone()),
            Content::Open(_) => Err(BuildError::TooLarge),
        }
    }

    /// Gives a batch that was sent before another producer id and sequence.
    pub(super) fn renumber(&mut self, producer: Producer) {
        self.sequence = Some(producer.base_sequence.get());
        if let Content::Finished(bytes) = &mut self.content {
            let mut copy = bytes.to_vec();
            // What the builder finished has a header.
            if patch_producer(&mut copy, producer).is_ok() {
                *bytes = Bytes::from(copy);
            }
        }
    }

    /// Tells everyone what has become of the batch.
    pub(super) fn decide(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        for Waiting { index, timestamp, callback } in std::mem::take(&mut self.callbacks) {
            callback(self.fate.of_record(&outcome, index, timestamp));
        }
        // A batch is decided once, by whoever owns it.
        let _ = self.fate.outcome.set(outcome);
        self.fate.decided.notify_waiters();
    }
}

impl Drop for Batch {
    /// Nobody waits for ever: a batch that was under way when its producer was dropped has failed.
    fn drop(&mut self) {
        if self.fate.outcome.get().is_none() {
            self.tell(Err(ClientError::State("the producer was dropped before an answer came")));
        }
    }
}
