//! The producer: records go into batches per partition, batches to their leaders, and each record's
//! sender learns what became of it.
//!
//! Appending is a lock and a copy; the [`sender`] task does the rest. With idempotence (the default)
//! a retry never writes a record twice nor changes the order within a partition.

mod accumulator;
mod batch;
mod partitioner;
mod sender;

use std::sync::Arc;

use model::{PartitionIndex, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

use accumulator::{Accumulator, Appended};
use batch::Callback;
pub use batch::{Delivered, Delivery, RecordMetadata};
pub use partitioner::murmur2;

use crate::cluster::Cluster;
use crate::config::ClientConfig;
use crate::error::ClientError;

/// A record to send. It is copied into its batch, so everything may be borrowed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProducerRecord<'a> {
    /// The topic.
    pub topic: &'a str,
    /// The partition; chosen by the key, or at random, if `None`.
    pub partition: Option<PartitionIndex>,
    /// The time; now if `None`.
    pub timestamp: Option<Timestamp>,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value; `None` deletes the key from a compacted topic.
    pub value: Option<&'a [u8]>,
    /// The headers.
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

/// A producer. Records that are neither delivered nor failed when it is dropped are lost: call
/// [`Producer::close`] before.
#[derive(Debug)]
pub struct Producer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cluster: Cluster,
    idempotent: bool,
    accumulator: Mutex<Accumulator>,
    /// Something may be ready for being sent.
    wake: Notify,
    /// Memory has become free.
    freed: Notify,
}

impl Producer {
    /// A producer towards `bootstrap.servers`; to be called within a tokio runtime. Nothing is
    /// connected before the first record.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        let shared = Arc::new(Shared {
            cluster: Cluster::new(config)?,
            idempotent: config.idempotence()?,
            accumulator: Mutex::new(Accumulator::new()),
            wake: Notify::new(),
            freed: Notify::new(),
        });
        tokio::spawn(sender::run(shared.clone()));
        Ok(Self { shared })
    }

    /// Appends a record to its batch. Waits for at most `max.block.ms` while the topic is not known
    /// or `buffer.memory` is used up.
    pub async fn send(&self, record: &ProducerRecord<'_>) -> Result<Delivery, ClientError> {
        self.append(record, None).await
    }

    /// As [`Producer::send`], and has `callback` called with what becomes of the record. It is
    /// called on the task that sends, and should not take long.
    pub async fn send_with(
        &self,
        record: &ProducerRecord<'_>,
        callback: impl FnOnce(Delivered) + Send + 'static,
    ) -> Result<(), ClientError> {
        self.append(record, Some(Box::new(callback))).await.map(|_| ())
    }

    async fn append(
        &self,
        record: &ProducerRecord<'_>,
        mut callback: Option<Callback>,
    ) -> Result<Delivery, ClientError> {
        let config = self.shared.cluster.config();
        let mut deadline = None;
        loop {
            let appended = self.shared.accumulator.lock().append(config, record, callback)?;
            let mut until = || *deadline.get_or_insert_with(|| Instant::now() + config.max_block);
            match appended {
                Appended::Done { delivery, wake } => {
                    if wake {
                        self.shared.wake.notify_one();
                    }
                    return Ok(delivery);
                }
                Appended::TopicUnknown(given_back) => {
                    callback = given_back;
                    let topic = self.shared.cluster.topic(record.topic, true, until()).await?;
                    self.shared.accumulator.lock().learn(&topic);
                }
                Appended::MemoryFull(given_back) => {
                    callback = given_back;
                    self.wait_for_memory(until()).await?;
                }
            }
        }
    }

    async fn wait_for_memory(&self, deadline: Instant) -> Result<(), ClientError> {
        let freed = self.shared.freed.notified();
        self.shared.accumulator.lock().starving += 1;
        self.shared.wake.notify_one();
        let result = tokio::time::timeout_at(deadline, freed).await;
        self.shared.accumulator.lock().starving -= 1;
        result.map_err(|_| ClientError::Timeout {
            what: "waiting for a place in buffer.memory".into(),
            ms: self.shared.cluster.config().max_block.as_millis() as u64,
        })
    }

    /// How many partitions a topic has; waits as [`Producer::send`] does.
    pub async fn partition_count(&self, topic: &str) -> Result<usize, ClientError> {
        let deadline = Instant::now() + self.shared.cluster.config().max_block;
        let topic = self.shared.cluster.topic(topic, true, deadline).await?;
        self.shared.accumulator.lock().learn(&topic);
        Ok(topic.partitions.len())
    }

    /// Sends everything at once and waits until all that was given to the producer before is either
    /// delivered or has failed.
    pub async fn flush(&self) {
        let fates: Vec<_> = {
            let mut accumulator = self.shared.accumulator.lock();
            accumulator.seal_all();
            accumulator.undecided.values().cloned().collect()
        };
        self.shared.wake.notify_one();
        for fate in fates {
            fate.decided().await;
        }
    }

    /// Flushes and ends.
    pub async fn close(self) {
        self.flush().await;
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.shared.accumulator.lock().closed = true;
        self.shared.wake.notify_one();
    }
}
