//! Writing a batch record by record.
//!
//! The header's place is kept at the front of the buffer, so a batch without compression is
//! finished without copying its records.

use bytes::Bytes;
use model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::MAGIC;
use crate::compression::Compression;
use crate::error::BuildError;
use crate::header::{self, BatchHeader, HEADER_LENGTH, LENGTH_PREFIX, TimestampType};
use crate::varint;

/// The most a batch may take before compression: its length field has 31 bits.
const BATCH_BYTES_MAX: usize = i32::MAX as usize;

/// The idempotent producer of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Producer {
    /// Its id.
    pub id: ProducerId,
    /// Its epoch.
    pub epoch: ProducerEpoch,
    /// The sequence of the batch's first record.
    pub base_sequence: Sequence,
}

impl Producer {
    /// Not an idempotent producer.
    pub const NONE: Self =
        Self { id: ProducerId::NONE, epoch: ProducerEpoch::NONE, base_sequence: Sequence::NONE };
}

/// Builds one batch. The first record's timestamp becomes the base timestamp.
#[derive(Debug, Clone)]
pub struct BatchBuilder {
    buffer: Vec<u8>,
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
    compression: Compression,
    level: Option<i32>,
    timestamp_type: TimestampType,
    producer: Producer,
    transactional: bool,
    control: bool,
    base_timestamp: Timestamp,
    max_timestamp: Timestamp,
    last_offset_delta: i32,
    count: i32,
}

impl BatchBuilder {
    /// An empty batch that begins at `base_offset` (0 for what a producer sends).
    pub fn new(base_offset: Offset, compression: Compression) -> Self {
        Self::with_buffer(base_offset, compression, Vec::new())
    }

    /// As [`BatchBuilder::new`], reusing the memory of `buffer`.
    pub fn with_buffer(base_offset: Offset, compression: Compression, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        buffer.resize(HEADER_LENGTH, 0);
        Self {
            buffer,
            base_offset,
            leader_epoch: LeaderEpoch::NONE,
            compression,
            level: None,
            timestamp_type: TimestampType::CreateTime,
            producer: Producer::NONE,
            transactional: false,
            control: false,
            base_timestamp: Timestamp::NONE,
            max_timestamp: Timestamp::NONE,
            last_offset_delta: -1,
            count: 0,
        }
    }

    /// Sets the term of the leader that writes the batch.
    pub fn leader_epoch(&mut self, leader_epoch: LeaderEpoch) -> &mut Self {
        self.leader_epoch = leader_epoch;
        self
    }

    /// Sets the level of the codec, where it has levels.
    pub fn compression_level(&mut self, level: Option<i32>) -> &mut Self {
        self.level = level;
        self
    }

    /// Sets the idempotent producer; possible until the batch is finished, since a producer knows
    /// its sequence only when it sends.
    pub fn producer(&mut self, producer: Producer) -> &mut Self {
        self.producer = producer;
        self
    }

    /// Makes `now` the timestamp of all records, whatever they say.
    pub fn log_append_time(&mut self, now: Timestamp) -> &mut Self {
        self.timestamp_type = TimestampType::LogAppendTime;
        self.max_timestamp = now;
        self
    }

    /// Marks the batch as part of a transaction.
    pub fn transactional(&mut self) -> &mut Self {
        self.transactional = true;
        self
    }

    /// Marks the batch as one of markers.
    pub fn control(&mut self) -> &mut Self {
        self.control = true;
        self
    }

    /// Records so far.
    pub fn record_count(&self) -> i32 {
        self.count
    }

    /// Whether there are no records yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of the batch so far, before compression.
    pub fn uncompressed_size(&self) -> usize {
        self.buffer.len()
    }

    /// Appends a record at the next offset.
    pub fn append<'h>(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl IntoIterator<Item = (&'h str, Option<&'h [u8]>), IntoIter: Clone>,
    ) -> Result<(), BuildError> {
        let delta = self.last_offset_delta.checked_add(1).ok_or(BuildError::TooLarge)?;
        self.write(delta, timestamp, key, value, headers.into_iter())
    }

    /// Appends a record at an offset beyond those in the batch; compaction leaves holes.
    pub fn append_at<'h>(
        &mut self,
        offset: Offset,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl IntoIterator<Item = (&'h str, Option<&'h [u8]>), IntoIter: Clone>,
    ) -> Result<(), BuildError> {
        let last = self.base_offset.get() + i64::from(self.last_offset_delta);
        if offset.get() <= last {
            return Err(BuildError::OffsetNotIncreasing { last, found: offset.get() });
        }
        let delta =
            i32::try_from(offset.since(self.base_offset)).map_err(|_| BuildError::TooLarge)?;
        self.write(delta, timestamp, key, value, headers.into_iter())
    }

    /// Lets the batch end at `offset` although its last record comes earlier.
    pub fn extend_to(&mut self, offset: Offset) -> Result<&mut Self, BuildError> {
        let delta =
            i32::try_from(offset.since(self.base_offset)).map_err(|_| BuildError::TooLarge)?;
        self.last_offset_delta = self.last_offset_delta.max(delta);
        Ok(self)
    }

    fn write<'h>(
        &mut self,
        offset_delta: i32,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl Iterator<Item = (&'h str, Option<&'h [u8]>)> + Clone,
    ) -> Result<(), BuildError> {
        let base_timestamp = if self.count == 0 { timestamp } else { self.base_timestamp };
        let timestamp_delta = timestamp.get().wrapping_sub(base_timestamp.get());
        let (header_count, header_bytes) =
            headers.clone().fold((0i64, 0usize), |(count, bytes), (key, value)| {
                (count + 1, bytes + nullable_size(Some(key.as_bytes())) + nullable_size(value))
            });
        let body = 1
            + varint::size(timestamp_delta)
            + varint::size(offset_delta.into())
            + nullable_size(key)
            + nullable_size(value)
            + varint::size(header_count)
            + header_bytes;
        let size = varint::size(body as i64) + body;
        if self.buffer.len() + size > BATCH_BYTES_MAX {
            return Err(BuildError::TooLarge);
        }
        self.buffer.reserve(size);
        varint::write(&mut self.buffer, body as i64);
        self.buffer.push(0);
        varint::write(&mut self.buffer, timestamp_delta);
        varint::write(&mut self.buffer, offset_delta.into());
        write_nullable(&mut self.buffer, key);
        write_nullable(&mut self.buffer, value);
        varint::write(&mut self.buffer, header_count);
        for (key, value) in headers {
            write_nullable(&mut self.buffer, Some(key.as_bytes()));
            write_nullable(&mut self.buffer, value);
        }
        self.base_timestamp = base_timestamp;
        if self.timestamp_type == TimestampType::CreateTime {
            self.max_timestamp = self.max_timestamp.max(timestamp);
        }
        self.last_offset_delta = offset_delta;
        self.count += 1;
        Ok(())
    }

    /// Compresses the records and writes the header. An empty batch is possible: compaction keeps
    /// them for a producer's last sequence.
    pub fn finish(mut self) -> Result<Bytes, BuildError> {
        if self.compression != Compression::None && self.count > 0 {
            let mut compressed = Vec::with_capacity(HEADER_LENGTH + self.buffer.len() / 2);
            compressed.resize(HEADER_LENGTH, 0);
            let records = &self.buffer[HEADER_LENGTH..];
            self.compression.compress(records, self.level, &mut compressed)?;
            self.buffer = compressed;
        }
        let length = self.buffer.len() - LENGTH_PREFIX;
        let header = BatchHeader {
            base_offset: self.base_offset,
            batch_length: i32::try_from(length).map_err(|_| BuildError::TooLarge)?,
            partition_leader_epoch: self.leader_epoch,
            magic: MAGIC,
            crc: 0,
            attributes: header::attributes(
                self.compression,
                self.timestamp_type,
                self.transactional,
                self.control,
            ),
            last_offset_delta: self.last_offset_delta.max(0),
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id: self.producer.id,
            producer_epoch: self.producer.epoch,
            base_sequence: self.producer.base_sequence,
            record_count: self.count,
        };
        header::write(&header, &mut self.buffer).map_err(|_| BuildError::TooLarge)?;
        Ok(Bytes::from(self.buffer))
    }
}

fn nullable_size(bytes: Option<&[u8]>) -> usize {
    match bytes {
        Some(bytes) => varint::size(bytes.len() as i64) + bytes.len(),
        None => 1,
    }
}

fn write_nullable(buffer: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            varint::write(buffer, bytes.len() as i64);
            buffer.extend_from_slice(bytes);
        }
        None => varint::write(buffer, -1),
    }
}
