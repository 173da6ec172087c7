//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeShareGroupOffsets (key 90), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeShareGroupOffsetsResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
}

impl Wire for DescribeShareGroupOffsetsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.groups = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.groups.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeShareGroupOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeShareGroupOffsetsResponseGroup {
    pub group_id: Str,
    pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Wire for DescribeShareGroupOffsetsResponseGroup {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.topics = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group_id.put(w)?;
        self.topics.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeShareGroupOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeShareGroupOffsetsResponseTopic {
    pub topic_name: Str,
    pub topic_id: Uuid,
    pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
}

impl Wire for DescribeShareGroupOffsetsResponseTopic {
    const SIZE_MIN: usize = 19;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeShareGroupOffsetsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeShareGroupOffsetsResponsePartition {
    pub partition_index: PartitionIndex,
    pub start_offset: Offset,
    pub leader_epoch: LeaderEpoch,
    /// v1 only; dropped silently in others.
    pub lag: i64,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Default for DescribeShareGroupOffsetsResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            start_offset: Default::default(),
            leader_epoch: Default::default(),
            lag: -1,
            error_code: Default::default(),
            error_message: Default::default(),
        }
    }
}

impl Wire for DescribeShareGroupOffsetsResponsePartition {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.start_offset = r.get()?;
        m.leader_epoch = r.get()?;
        if v >= 1 {
            m.lag = r.get()?;
        }
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        self.start_offset.put(w)?;
        self.leader_epoch.put(w)?;
        if v >= 1 {
            self.lag.put(w)?;
        }
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeShareGroupOffsetsResponse {
    const NAME: &'static str = "DescribeShareGroupOffsetsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
