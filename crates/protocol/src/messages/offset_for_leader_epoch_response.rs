//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of OffsetForLeaderEpoch (key 23), v0 to v4, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetForLeaderEpochResponse {
    /// From v2 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

impl Wire for OffsetForLeaderEpochResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 2 {
            m.throttle_time_ms = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 2 {
            self.throttle_time_ms.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetForLeaderEpochResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetForLeaderTopicResult {
    pub topic: Str,
    pub partitions: Vec<EpochEndOffset>,
}

impl Wire for OffsetForLeaderTopicResult {
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

/// Part of [`OffsetForLeaderEpochResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct EpochEndOffset {
    pub error_code: i16,
    pub partition: PartitionIndex,
    /// From v1 on; dropped silently in others.
    pub leader_epoch: LeaderEpoch,
    pub end_offset: Offset,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition: Default::default(),
            leader_epoch: LeaderEpoch::new(-1),
            end_offset: Offset::new(-1),
        }
    }
}

impl Wire for EpochEndOffset {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.partition = r.get()?;
        if v >= 1 {
            m.leader_epoch = r.get()?;
        }
        m.end_offset = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.partition.put(w)?;
        if v >= 1 {
            self.leader_epoch.put(w)?;
        }
        self.end_offset.put(w)?;
        w.tags(&[])
    }
}

impl Message for OffsetForLeaderEpochResponse {
    const NAME: &'static str = "OffsetForLeaderEpochResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}
