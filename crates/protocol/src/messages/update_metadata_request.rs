//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of UpdateMetadata (key 6), v0 to v8, flexible from v6.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateMetadataRequest {
    pub controller_id: BrokerId,
    /// v8 only.
    pub is_kraft_controller: bool,
    /// v8 only.
    pub r#type: i8,
    pub controller_epoch: i32,
    /// From v5 on; dropped silently in others.
    pub broker_epoch: i64,
    /// Up to v4.
    pub ungrouped_partition_states: Vec<UpdateMetadataPartitionState>,
    /// From v5 on.
    pub topic_states: Vec<UpdateMetadataTopicState>,
    pub live_brokers: Vec<UpdateMetadataBroker>,
}

impl Default for UpdateMetadataRequest {
    fn default() -> Self {
        Self {
            controller_id: Default::default(),
            is_kraft_controller: Default::default(),
            r#type: Default::default(),
            controller_epoch: Default::default(),
            broker_epoch: -1,
            ungrouped_partition_states: Default::default(),
            topic_states: Default::default(),
            live_brokers: Default::default(),
        }
    }
}

impl Wire for UpdateMetadataRequest {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.controller_id = r.get()?;
        if v >= 8 {
            m.is_kraft_controller = r.get()?;
        }
        m.controller_epoch = r.get()?;
        if v >= 5 {
            m.broker_epoch = r.get()?;
        }
        if v <= 4 {
            m.ungrouped_partition_states = r.get()?;
        }
        if v >= 5 {
            m.topic_states = r.get()?;
        }
        m.live_brokers = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 8 => m.r#type = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.controller_id.put(w)?;
        if v >= 8 {
            self.is_kraft_controller.put(w)?;
        } else {
            w.absent(self.is_kraft_controller, "is_kraft_controller")?;
        }
        self.controller_epoch.put(w)?;
        if v >= 5 {
            self.broker_epoch.put(w)?;
        }
        if v <= 4 {
            self.ungrouped_partition_states.put(w)?;
        } else {
            w.absent(!self.ungrouped_partition_states.is_empty(), "ungrouped_partition_states")?;
        }
        if v >= 5 {
            self.topic_states.put(w)?;
        } else {
            w.absent(!self.topic_states.is_empty(), "topic_states")?;
        }
        self.live_brokers.put(w)?;
        w.absent(v < 8 && self.r#type != 0, "type")?;
        w.tags(&[(0, v >= 8 && self.r#type != 0, &|w| self.r#type.put(w))])?;
        Ok(())
    }
}

/// Part of [`UpdateMetadataRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateMetadataPartitionState {
    /// Up to v4; dropped silently in others.
    pub topic_name: Str,
    pub partition_index: PartitionIndex,
    pub controller_epoch: i32,
    pub leader: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub isr: Vec<BrokerId>,
    pub zk_version: i32,
    pub replicas: Vec<BrokerId>,
    /// From v4 on; dropped silently in others.
    pub offline_replicas: Vec<BrokerId>,
}

impl Wire for UpdateMetadataPartitionState {
    const SIZE_MIN: usize = 24;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 4 {
            m.topic_name = r.get()?;
        }
        m.partition_index = r.get()?;
        m.controller_epoch = r.get()?;
        m.leader = r.get()?;
        m.leader_epoch = r.get()?;
        m.isr = r.get()?;
        m.zk_version = r.get()?;
        m.replicas = r.get()?;
        if v >= 4 {
            m.offline_replicas = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 4 {
            self.topic_name.put(w)?;
        }
        self.partition_index.put(w)?;
        self.controller_epoch.put(w)?;
        self.leader.put(w)?;
        self.leader_epoch.put(w)?;
        self.isr.put(w)?;
        self.zk_version.put(w)?;
        self.replicas.put(w)?;
        if v >= 4 {
            self.offline_replicas.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`UpdateMetadataRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateMetadataTopicState {
    pub topic_name: Str,
    /// From v7 on; dropped silently in others.
    pub topic_id: Uuid,
    pub partition_states: Vec<UpdateMetadataPartitionState>,
}

impl Wire for UpdateMetadataTopicState {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.topic_name = r.get()?;
        if v >= 7 {
            m.topic_id = r.get()?;
        }
        m.partition_states = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.topic_name.put(w)?;
        if v >= 7 {
            self.topic_id.put(w)?;
        }
        self.partition_states.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`UpdateMetadataRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateMetadataBroker {
    pub id: BrokerId,
    /// v0 only; dropped silently in others.
    pub v0_host: Str,
    /// v0 only; dropped silently in others.
    pub v0_port: i32,
    /// From v1 on; dropped silently in others.
    pub endpoints: Vec<UpdateMetadataEndpoint>,
    /// From v2 on; dropped silently in others.
    pub rack: Option<Str>,
}

impl Wire for UpdateMetadataBroker {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.id = r.get()?;
        if v <= 0 {
            m.v0_host = r.get()?;
        }
        if v <= 0 {
            m.v0_port = r.get()?;
        }
        if v >= 1 {
            m.endpoints = r.get()?;
        }
        if v >= 2 {
            m.rack = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.id.put(w)?;
        if v <= 0 {
            self.v0_host.put(w)?;
        }
        if v <= 0 {
            self.v0_port.put(w)?;
        }
        if v >= 1 {
            self.endpoints.put(w)?;
        }
        if v >= 2 {
            self.rack.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`UpdateMetadataRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateMetadataEndpoint {
    pub port: i32,
    pub host: Str,
    /// From v3 on; dropped silently in others.
    pub listener: Str,
    pub security_protocol: i16,
}

impl Wire for UpdateMetadataEndpoint {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.port = r.get()?;
        m.host = r.get()?;
        if v >= 3 {
            m.listener = r.get()?;
        }
        m.security_protocol = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.port.put(w)?;
        self.host.put(w)?;
        if v >= 3 {
            self.listener.put(w)?;
        }
        self.security_protocol.put(w)?;
        w.tags(&[])
    }
}

impl Message for UpdateMetadataRequest {
    const NAME: &'static str = "UpdateMetadataRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=8;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}

impl Request for UpdateMetadataRequest {
    const KEY: ApiKey = ApiKey::UpdateMetadata;
    type Response = super::UpdateMetadataResponse;
}
