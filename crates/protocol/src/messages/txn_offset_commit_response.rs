//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of TxnOffsetCommit (key 28), v0 to v6, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TxnOffsetCommitResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<TxnOffsetCommitResponseTopic>,
}

impl Wire for TxnOffsetCommitResponse {
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

/// Part of [`TxnOffsetCommitResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TxnOffsetCommitResponseTopic {
    /// Up to v5; dropped silently in others.
    pub name: Str,
    /// v6 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<TxnOffsetCommitResponsePartition>,
}

impl Wire for TxnOffsetCommitResponseTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 5 {
            m.name = r.get()?;
        }
        if v >= 6 {
            m.topic_id = r.get()?;
        }
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 5 {
            self.name.put(w)?;
        }
        if v >= 6 {
            self.topic_id.put(w)?;
        }
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`TxnOffsetCommitResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TxnOffsetCommitResponsePartition {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
}

impl Wire for TxnOffsetCommitResponsePartition {
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

impl Message for TxnOffsetCommitResponse {
    const NAME: &'static str = "TxnOffsetCommitResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
