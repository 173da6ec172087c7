//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of AlterPartition (key 56), v0 to v3, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlterPartitionResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub topics: Vec<TopicData>,
}

impl Wire for AlterPartitionResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterPartitionResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicData {
    /// Up to v1; dropped silently in others.
    pub topic_name: Str,
    /// From v2 on; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl Wire for TopicData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 1 {
            m.topic_name = r.get()?;
        }
        if v >= 2 {
            m.topic_id = r.get()?;
        }
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 1 {
            self.topic_name.put(w)?;
        }
        if v >= 2 {
            self.topic_id.put(w)?;
        }
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterPartitionResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub isr: Vec<BrokerId>,
    /// From v1 on; dropped silently in others.
    pub leader_recovery_state: i8,
    pub partition_epoch: i32,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        m.isr = r.get()?;
        if v >= 1 {
            m.leader_recovery_state = r.get()?;
        }
        m.partition_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        self.isr.put(w)?;
        if v >= 1 {
            self.leader_recovery_state.put(w)?;
        }
        self.partition_epoch.put(w)?;
        w.tags(&[])
    }
}

impl Message for AlterPartitionResponse {
    const NAME: &'static str = "AlterPartitionResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
