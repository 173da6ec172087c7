//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeTransactions (key 65), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeTransactionsResponse {
    pub throttle_time_ms: i32,
    pub transaction_states: Vec<TransactionState>,
}

impl Wire for DescribeTransactionsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.transaction_states = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.transaction_states.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeTransactionsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TransactionState {
    pub error_code: i16,
    pub transactional_id: Str,
    pub transaction_state: Str,
    pub transaction_timeout_ms: i32,
    pub transaction_start_time_ms: i64,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub topics: Vec<TopicData>,
}

impl Wire for TransactionState {
    const SIZE_MIN: usize = 28;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.transactional_id = r.get()?;
        m.transaction_state = r.get()?;
        m.transaction_timeout_ms = r.get()?;
        m.transaction_start_time_ms = r.get()?;
        m.producer_id = r.get()?;
        m.producer_epoch = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.transactional_id.put(w)?;
        self.transaction_state.put(w)?;
        self.transaction_timeout_ms.put(w)?;
        self.transaction_start_time_ms.put(w)?;
        self.producer_id.put(w)?;
        self.producer_epoch.put(w)?;
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeTransactionsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicData {
    pub topic: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TopicData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeTransactionsResponse {
    const NAME: &'static str = "DescribeTransactionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
