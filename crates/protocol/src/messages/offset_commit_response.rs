//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of OffsetCommit (key 8), v0 to v10, flexible from v8.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetCommitResponse {
    /// From v3 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetCommitResponseTopic>,
}

impl Wire for OffsetCommitResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 3 {
            m.throttle_time_ms = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 3 {
            self.throttle_time_ms.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetCommitResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetCommitResponseTopic {
    /// Up to v9; dropped silently in others.
    pub name: Str,
    /// v10 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

impl Wire for OffsetCommitResponseTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 9 {
            m.name = r.get()?;
        }
        if v >= 10 {
            m.topic_id = r.get()?;
        }
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 9 {
            self.name.put(w)?;
        }
        if v >= 10 {
            self.topic_id.put(w)?;
        }
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetCommitResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetCommitResponsePartition {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
}

impl Wire for OffsetCommitResponsePartition {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for OffsetCommitResponse {
    const NAME: &'static str = "OffsetCommitResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(8);
}
