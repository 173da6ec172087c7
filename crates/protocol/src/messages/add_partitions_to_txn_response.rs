//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of AddPartitionsToTxn (key 24), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnResponse {
    pub throttle_time_ms: i32,
    /// From v4 on; dropped silently in others.
    pub error_code: i16,
    /// From v4 on.
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// Up to v3.
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

impl Wire for AddPartitionsToTxnResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        if v >= 4 {
            m.error_code = r.get()?;
        }
        if v >= 4 {
            m.results_by_transaction = r.get()?;
        }
        if v <= 3 {
            m.results_by_topic_v3_and_below = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        if v >= 4 {
            w.error_code(self.error_code)?;
        }
        if v >= 4 {
            self.results_by_transaction.put(w)?;
        } else {
            w.absent(!self.results_by_transaction.is_empty(), "results_by_transaction")?;
        }
        if v <= 3 {
            self.results_by_topic_v3_and_below.put(w)?;
        } else {
            w.absent(
                !self.results_by_topic_v3_and_below.is_empty(),
                "results_by_topic_v3_and_below",
            )?;
        }
        w.tags(&[])
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnResult {
    pub transactional_id: Str,
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}

impl Wire for AddPartitionsToTxnResult {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.transactional_id = r.get()?;
        m.topic_results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.transactional_id.put(w)?;
        self.topic_results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnTopicResult {
    pub name: Str,
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

impl Wire for AddPartitionsToTxnTopicResult {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.results_by_partition = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.results_by_partition.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnPartitionResult {
    pub partition_index: PartitionIndex,
    pub partition_error_code: i16,
}

impl Wire for AddPartitionsToTxnPartitionResult {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.partition_error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.partition_error_code)?;
        w.tags(&[])
    }
}

impl Message for AddPartitionsToTxnResponse {
    const NAME: &'static str = "AddPartitionsToTxnResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
