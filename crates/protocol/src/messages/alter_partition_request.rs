//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of AlterPartition (key 56), v0 to v3, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterPartitionRequest {
    pub broker_id: BrokerId,
    pub broker_epoch: i64,
    pub topics: Vec<TopicData>,
}

impl Default for AlterPartitionRequest {
    fn default() -> Self {
        Self { broker_id: Default::default(), broker_epoch: -1, topics: Default::default() }
    }
}

impl Wire for AlterPartitionRequest {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.broker_epoch = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.broker_id.put(w)?;
        self.broker_epoch.put(w)?;
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterPartitionRequest`].
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

/// Part of [`AlterPartitionRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub leader_epoch: LeaderEpoch,
    /// Up to v2.
    pub new_isr: Vec<BrokerId>,
    /// v3 only.
    pub new_isr_with_epochs: Vec<BrokerState>,
    /// From v1 on.
    pub leader_recovery_state: i8,
    pub partition_epoch: i32,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.leader_epoch = r.get()?;
        if v <= 2 {
            m.new_isr = r.get()?;
        }
        if v >= 3 {
            m.new_isr_with_epochs = r.get()?;
        }
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
        self.leader_epoch.put(w)?;
        if v <= 2 {
            self.new_isr.put(w)?;
        } else {
            w.absent(!self.new_isr.is_empty(), "new_isr")?;
        }
        if v >= 3 {
            self.new_isr_with_epochs.put(w)?;
        } else {
            w.absent(!self.new_isr_with_epochs.is_empty(), "new_isr_with_epochs")?;
        }
        if v >= 1 {
            self.leader_recovery_state.put(w)?;
        } else {
            w.absent(self.leader_recovery_state != 0, "leader_recovery_state")?;
        }
        self.partition_epoch.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterPartitionRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct BrokerState {
    pub broker_id: BrokerId,
    pub broker_epoch: i64,
}

impl Default for BrokerState {
    fn default() -> Self {
        Self { broker_id: Default::default(), broker_epoch: -1 }
    }
}

impl Wire for BrokerState {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.broker_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.broker_id.put(w)?;
        self.broker_epoch.put(w)?;
        w.tags(&[])
    }
}

impl Message for AlterPartitionRequest {
    const NAME: &'static str = "AlterPartitionRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for AlterPartitionRequest {
    const KEY: ApiKey = ApiKey::AlterPartition;
    type Response = super::AlterPartitionResponse;
}
