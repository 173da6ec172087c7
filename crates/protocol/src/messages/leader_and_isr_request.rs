//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of LeaderAndIsr (key 4), v0 to v7, flexible from v4.
#[derive(Debug, Clone, PartialEq)]
pub struct LeaderAndIsrRequest {
    pub controller_id: BrokerId,
    /// v7 only.
    pub is_kraft_controller: bool,
    pub controller_epoch: i32,
    /// From v2 on; dropped silently in others.
    pub broker_epoch: i64,
    /// From v5 on.
    pub r#type: i8,
    /// Up to v1.
    pub ungrouped_partition_states: Vec<LeaderAndIsrPartitionState>,
    /// From v2 on.
    pub topic_states: Vec<LeaderAndIsrTopicState>,
    pub live_leaders: Vec<LeaderAndIsrLiveLeader>,
}

impl Default for LeaderAndIsrRequest {
    fn default() -> Self {
        Self {
            controller_id: Default::default(),
            is_kraft_controller: Default::default(),
            controller_epoch: Default::default(),
            broker_epoch: -1,
            r#type: Default::default(),
            ungrouped_partition_states: Default::default(),
            topic_states: Default::default(),
            live_leaders: Default::default(),
        }
    }
}

impl Wire for LeaderAndIsrRequest {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.controller_id = r.get()?;
        if v >= 7 {
            m.is_kraft_controller = r.get()?;
        }
        m.controller_epoch = r.get()?;
        if v >= 2 {
            m.broker_epoch = r.get()?;
        }
        if v >= 5 {
            m.r#type = r.get()?;
        }
        if v <= 1 {
            m.ungrouped_partition_states = r.get()?;
        }
        if v >= 2 {
            m.topic_states = r.get()?;
        }
        m.live_leaders = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.controller_id.put(w)?;
        if v >= 7 {
            self.is_kraft_controller.put(w)?;
        } else {
            w.absent(self.is_kraft_controller, "is_kraft_controller")?;
        }
        self.controller_epoch.put(w)?;
        if v >= 2 {
            self.broker_epoch.put(w)?;
        }
        if v >= 5 {
            self.r#type.put(w)?;
        } else {
            w.absent(self.r#type != 0, "type")?;
        }
        if v <= 1 {
            self.ungrouped_partition_states.put(w)?;
        } else {
            w.absent(!self.ungrouped_partition_states.is_empty(), "ungrouped_partition_states")?;
        }
        if v >= 2 {
            self.topic_states.put(w)?;
        } else {
            w.absent(!self.topic_states.is_empty(), "topic_states")?;
        }
        self.live_leaders.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`LeaderAndIsrRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderAndIsrPartitionState {
    /// Up to v1; dropped silently in others.
    pub topic_name: Str,
    pub partition_index: PartitionIndex,
    pub controller_epoch: i32,
    pub leader: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub isr: Vec<BrokerId>,
    pub partition_epoch: i32,
    pub replicas: Vec<BrokerId>,
    /// From v3 on; dropped silently in others.
    pub adding_replicas: Vec<BrokerId>,
    /// From v3 on; dropped silently in others.
    pub removing_replicas: Vec<BrokerId>,
    /// From v1 on; dropped silently in others.
    pub is_new: bool,
    /// From v6 on.
    pub leader_recovery_state: i8,
}

impl Wire for LeaderAndIsrPartitionState {
    const SIZE_MIN: usize = 26;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 1 {
            m.topic_name = r.get()?;
        }
        m.partition_index = r.get()?;
        m.controller_epoch = r.get()?;
        m.leader = r.get()?;
        m.leader_epoch = r.get()?;
        m.isr = r.get()?;
        m.partition_epoch = r.get()?;
        m.replicas = r.get()?;
        if v >= 3 {
            m.adding_replicas = r.get()?;
        }
        if v >= 3 {
            m.removing_replicas = r.get()?;
        }
        if v >= 1 {
            m.is_new = r.get()?;
        }
        if v >= 6 {
            m.leader_recovery_state = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 1 {
            self.topic_name.put(w)?;
        }
        self.partition_index.put(w)?;
        self.controller_epoch.put(w)?;
        self.leader.put(w)?;
        self.leader_epoch.put(w)?;
        self.isr.put(w)?;
        self.partition_epoch.put(w)?;
        self.replicas.put(w)?;
        if v >= 3 {
            self.adding_replicas.put(w)?;
        }
        if v >= 3 {
            self.removing_replicas.put(w)?;
        }
        if v >= 1 {
            self.is_new.put(w)?;
        }
        if v >= 6 {
            self.leader_recovery_state.put(w)?;
        } else {
            w.absent(self.leader_recovery_state != 0, "leader_recovery_state")?;
        }
        w.tags(&[])
    }
}

/// Part of [`LeaderAndIsrRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderAndIsrTopicState {
    pub topic_name: Str,
    /// From v5 on; dropped silently in others.
    pub topic_id: Uuid,
    pub partition_states: Vec<LeaderAndIsrPartitionState>,
}

impl Wire for LeaderAndIsrTopicState {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.topic_name = r.get()?;
        if v >= 5 {
            m.topic_id = r.get()?;
        }
        m.partition_states = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.topic_name.put(w)?;
        if v >= 5 {
            self.topic_id.put(w)?;
        }
        self.partition_states.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`LeaderAndIsrRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderAndIsrLiveLeader {
    pub broker_id: BrokerId,
    pub host_name: Str,
    pub port: i32,
}

impl Wire for LeaderAndIsrLiveLeader {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.host_name = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.broker_id.put(w)?;
        self.host_name.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

impl Message for LeaderAndIsrRequest {
    const NAME: &'static str = "LeaderAndIsrRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=7;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Request for LeaderAndIsrRequest {
    const KEY: ApiKey = ApiKey::LeaderAndIsr;
    type Response = super::LeaderAndIsrResponse;
}
