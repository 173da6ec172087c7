//! Records of one partition that a fetch has brought and that nobody has read yet.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use model::{LeaderEpoch, Offset, ProducerId, Timestamp, TopicPartition};
use protocol::messages::fetch_response::AbortedTransaction;
use records::{
    BatchError, BatchHeader, Batches, ControlType, OwnedRecords, TimestampType,
    UNCOMPRESSED_BYTES_MAX, control_type, records_of, verify_crc,
};

use crate::config::IsolationLevel;
use crate::error::ClientError;

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRecord {
    /// Its topic.
    pub topic: Arc<str>,
    /// Its partition.
    pub partition: model::PartitionIndex,
    /// Its offset.
    pub offset: Offset,
    /// The term of the leader that appended it.
    pub leader_epoch: LeaderEpoch,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// Who gave it that timestamp.
    pub timestamp_type: TimestampType,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Option<Bytes>,
    /// Its headers.
    pub headers: Vec<records::Header>,
}

/// What one fetch has brought for one partition.
#[derive(Debug)]
pub(super) struct Fetched {
    partition: TopicPartition,
    bytes: Bytes,
    /// How far `bytes` is read.
    at: usize,
    current: Option<OwnedRecords>,
    /// The next offset to hand out; what comes before it in its batch is skipped.
    pub(super) position: Offset,
    pub(super) leader_epoch: LeaderEpoch,
    /// The offset after the last batch.
    pub(super) end: Offset,
    check_crcs: bool,
    aborted: VecDeque<AbortedTransaction>,
    aborted_producers: BTreeSet<ProducerId>,
}

impl Fetched {
    /// `None` when there is no whole batch in `bytes`.
    pub(super) fn new(
        partition: TopicPartition,
        bytes: Bytes,
        position: Offset,
        check_crcs: bool,
        isolation_level: IsolationLevel,
        aborted: Option<Vec<AbortedTransaction>>,
    ) -> Result<Option<Self>, BatchError> {
        let mut end = None;
        for batch in Batches::new(&bytes) {
            match batch {
                Ok((header, _)) => end = Some(header.next_offset()),
                Err(error) if error.is_truncated() => break,
                // Whole batches before it are worth reading first; the error comes again then.
                Err(error) if end.is_none() => return Err(error),
                Err(_) => break,
            }
        }
        let Some(end) = end else { return Ok(None) };
        let mut aborted = match isolation_level {
            IsolationLevel::ReadCommitted => aborted.unwrap_or_default(),
            IsolationLevel::ReadUncommitted => Vec::new(),
        };
        aborted.sort_by_key(|transaction| transaction.first_offset);
        Ok(Some(Self {
            partition,
            bytes,
            at: 0,
            current: None,
            position,
            leader_epoch: LeaderEpoch::NONE,
            end,
            check_crcs,
            aborted: aborted.into(),
            aborted_producers: BTreeSet::new(),
        }))
    }

    /// Moves up to `max` records to `out`; false when nothing is left.
    pub(super) fn take(
        &mut self,
        max: usize,
        out: &mut Vec<ConsumerRecord>,
    ) -> Result<bool, ClientError> {
        let full = out.len() + max;
        while out.len() < full {
            if let Some(records) = &mut self.current {
                let header = *records.header();
                match records.next() {
                    Some(Ok(record)) if record.offset < self.position => {}
                    Some(Ok(record)) => {
                        self.position = record.offset.next();
                        self.leader_epoch = header.partition_leader_epoch;
                        out.push(self.record(record, &header));
                    }
                    Some(Err(error)) => return Err(self.failure(error)),
                    None => {
                        self.current = None;
                        self.position = self.position.max(header.next_offset());
                    }
                }
            } else if !self.open_next().map_err(|error| self.failure(error))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn record(&self, record: records::Record, header: &BatchHeader) -> ConsumerRecord {
        ConsumerRecord {
            topic: self.partition.topic.clone(),
            partition: self.partition.partition,
            offset: record.offset,
            leader_epoch: header.partition_leader_epoch,
            timestamp: record.timestamp,
            timestamp_type: header.timestamp_type(),
            key: record.key,
            value: record.value,
            headers: record.headers,
        }
    }

    fn failure(&self, error: BatchError) -> ClientError {
        let context = format!(
            "reading {} at offset {}; seek past it to go on",
            self.partition, self.position
        );
        ClientError::Batch { context: context.into(), error }
    }

    /// Opens the next batch that holds records for the caller; false at the end.
    fn open_next(&mut self) -> Result<bool, BatchError> {
        loop {
            let rest = self.bytes.slice(self.at..);
            let (header, batch) = match Batches::new(&rest).next() {
                None => return Ok(false),
                Some(Err(error)) if error.is_truncated() => return Ok(false),
                Some(batch) => batch?,
            };
            let wanted = header.last_offset() >= self.position;
            if wanted && self.check_crcs {
                verify_crc(batch)?;
            }
            let batch = rest.slice_ref(batch);
            self.at += batch.len();
            if wanted && self.is_readable(&header, &batch)? {
                self.current = Some(records_of(&batch, UNCOMPRESSED_BYTES_MAX)?);
                return Ok(true);
            }
            self.position = self.position.max(header.next_offset());
        }
    }

    /// Whether a batch holds records for the caller: no markers, nothing of aborted transactions.
    fn is_readable(&mut self, header: &BatchHeader, batch: &Bytes) -> Result<bool, BatchError> {
        let last = header.last_offset();
        while let Some(transaction) = self.aborted.pop_front_if_before(last) {
            self.aborted_producers.insert(transaction.producer_id);
        }
        if header.is_control() {
            let marker = records_of(batch, UNCOMPRESSED_BYTES_MAX)?.next().transpose()?;
            let marker = marker.and_then(|record| control_type(&record.key.unwrap_or_default()));
            if marker == Some(ControlType::Abort) {
                self.aborted_producers.remove(&header.producer_id);
            }
            return Ok(false);
        }
        let aborted =
            header.is_transactional() && self.aborted_producers.contains(&header.producer_id);
        Ok(!aborted)
    }
}

trait PopBefore {
    fn pop_front_if_before(&mut self, last: Offset) -> Option<AbortedTransaction>;
}

impl PopBefore for VecDeque<AbortedTransaction> {
    fn pop_front_if_before(&mut self, last: Offset) -> Option<AbortedTransaction> {
        if self.front()?.first_offset <= last { self.pop_front() } else { None }
    }
}
