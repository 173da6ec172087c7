//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of StopReplica (key 5), v0 to v4, flexible from v2.
#[derive(Debug, Clone, PartialEq)]
pub struct StopReplicaRequest {
    pub controller_id: BrokerId,
    /// v4 only.
    pub is_kraft_controller: bool,
    pub controller_epoch: i32,
    /// From v1 on; dropped silently in others.
    pub broker_epoch: i64,
    /// Up to v2.
    pub delete_partitions: bool,
    /// v0 only.
    pub ungrouped_partitions: Vec<StopReplicaPartitionV0>,
    /// v1 to v2.
    pub topics: Vec<StopReplicaTopicV1>,
    /// From v3 on.
    pub topic_states: Vec<StopReplicaTopicState>,
}

impl Default for StopReplicaRequest {
    fn default() -> Self {
        Self {
            controller_id: Default::default(),
            is_kraft_controller: Default::default(),
            controller_epoch: Default::default(),
            broker_epoch: -1,
            delete_partitions: Default::default(),
            ungrouped_partitions: Default::default(),
            topics: Default::default(),
            topic_states: Default::default(),
        }
    }
}

impl Wire for StopReplicaRequest {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.controller_id = r.get()?;
        if v >= 4 {
            m.is_kraft_controller = r.get()?;
        }
        m.controller_epoch = r.get()?;
        if v >= 1 {
            m.broker_epoch = r.get()?;
        }
        if v <= 2 {
            m.delete_partitions = r.get()?;
        }
        if v <= 0 {
            m.ungrouped_partitions = r.get()?;
        }
        if (1..=2).contains(&v) {
            m.topics = r.get()?;
        }
        if v >= 3 {
            m.topic_states = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.controller_id.put(w)?;
        if v >= 4 {
            self.is_kraft_controller.put(w)?;
        } else {
            w.absent(self.is_kraft_controller, "is_kraft_controller")?;
        }
        self.controller_epoch.put(w)?;
        if v >= 1 {
            self.broker_epoch.put(w)?;
        }
        if v <= 2 {
            self.delete_partitions.put(w)?;
        } else {
            w.absent(self.delete_partitions, "delete_partitions")?;
        }
        if v <= 0 {
            self.ungrouped_partitions.put(w)?;
        } else {
            w.absent(!self.ungrouped_partitions.is_empty(), "ungrouped_partitions")?;
        }
        if (1..=2).contains(&v) {
            self.topics.put(w)?;
        } else {
            w.absent(!self.topics.is_empty(), "topics")?;
        }
        if v >= 3 {
            self.topic_states.put(w)?;
        } else {
            w.absent(!self.topic_states.is_empty(), "topic_states")?;
        }
        w.tags(&[])
    }
}

/// Part of [`StopReplicaRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StopReplicaPartitionV0 {
    pub topic_name: Str,
    pub partition_index: PartitionIndex,
}

impl Wire for StopReplicaPartitionV0 {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partition_index = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partition_index.put(w)?;
        Ok(())
    }
}

/// Part of [`StopReplicaRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StopReplicaTopicV1 {
    pub name: Str,
    pub partition_indexes: Vec<PartitionIndex>,
}

impl Wire for StopReplicaTopicV1 {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.partition_indexes = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.partition_indexes.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StopReplicaRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StopReplicaTopicState {
    pub topic_name: Str,
    pub partition_states: Vec<StopReplicaPartitionState>,
}

impl Wire for StopReplicaTopicState {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partition_states = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partition_states.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StopReplicaRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct StopReplicaPartitionState {
    pub partition_index: PartitionIndex,
    pub leader_epoch: LeaderEpoch,
    pub delete_partition: bool,
}

impl Default for StopReplicaPartitionState {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            leader_epoch: LeaderEpoch::new(-1),
            delete_partition: Default::default(),
        }
    }
}

impl Wire for StopReplicaPartitionState {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.leader_epoch = r.get()?;
        m.delete_partition = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        self.leader_epoch.put(w)?;
        self.delete_partition.put(w)?;
        w.tags(&[])
    }
}

impl Message for StopReplicaRequest {
    const NAME: &'static str = "StopReplicaRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}

impl Request for StopReplicaRequest {
    const KEY: ApiKey = ApiKey::StopReplica;
    type Response = super::StopReplicaResponse;
}
