//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DeleteRecords (key 21), v0 to v2, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteRecordsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<DeleteRecordsTopicResult>,
}

impl Wire for DeleteRecordsResponse {
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

/// Part of [`DeleteRecordsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteRecordsTopicResult {
    pub name: Str,
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

impl Wire for DeleteRecordsTopicResult {
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

/// Part of [`DeleteRecordsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteRecordsPartitionResult {
    pub partition_index: PartitionIndex,
    pub low_watermark: i64,
    pub error_code: i16,
}

impl Wire for DeleteRecordsPartitionResult {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.low_watermark = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        self.low_watermark.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for DeleteRecordsResponse {
    const NAME: &'static str = "DeleteRecordsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
