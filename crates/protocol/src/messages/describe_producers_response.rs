//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeProducers (key 61), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeProducersResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<TopicResponse>,
}

impl Wire for DescribeProducersResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeProducersResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicResponse {
    pub name: Str,
    pub partitions: Vec<PartitionResponse>,
}

impl Wire for TopicResponse {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeProducersResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionResponse {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub active_producers: Vec<ProducerState>,
}

impl Wire for PartitionResponse {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.active_producers = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.active_producers.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeProducersResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerState {
    pub producer_id: ProducerId,
    pub producer_epoch: i32,
    pub last_sequence: i32,
    pub last_timestamp: i64,
    pub coordinator_epoch: i32,
    pub current_txn_start_offset: Offset,
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            producer_id: Default::default(),
            producer_epoch: Default::default(),
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: Default::default(),
            current_txn_start_offset: Offset::new(-1),
        }
    }
}

impl Wire for ProducerState {
    const SIZE_MIN: usize = 37;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.producer_id = r.get()?;
        m.producer_epoch = r.get()?;
        m.last_sequence = r.get()?;
        m.last_timestamp = r.get()?;
        m.coordinator_epoch = r.get()?;
        m.current_txn_start_offset = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.producer_id.put(w)?;
        self.producer_epoch.put(w)?;
        self.last_sequence.put(w)?;
        self.last_timestamp.put(w)?;
        self.coordinator_epoch.put(w)?;
        self.current_txn_start_offset.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeProducersResponse {
    const NAME: &'static str = "DescribeProducersResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
