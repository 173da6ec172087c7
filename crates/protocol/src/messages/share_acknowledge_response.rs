//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ShareAcknowledge (key 79), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareAcknowledgeResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
    /// v2 only; dropped silently in others.
    pub acquisition_lock_timeout_ms: i32,
    pub responses: Vec<ShareAcknowledgeTopicResponse>,
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Wire for ShareAcknowledgeResponse {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        if v >= 2 {
            m.acquisition_lock_timeout_ms = r.get()?;
        }
        m.responses = r.get()?;
        m.node_endpoints = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        if v >= 2 {
            self.acquisition_lock_timeout_ms.put(w)?;
        }
        self.responses.put(w)?;
        self.node_endpoints.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareAcknowledgeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareAcknowledgeTopicResponse {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl Wire for ShareAcknowledgeTopicResponse {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareAcknowledgeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub current_leader: LeaderIdAndEpoch,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 17;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.current_leader = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.current_leader.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareAcknowledgeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderIdAndEpoch {
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
}

impl Wire for LeaderIdAndEpoch {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareAcknowledgeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeEndpoint {
    pub node_id: BrokerId,
    pub host: Str,
    pub port: i32,
    pub rack: Option<Str>,
}

impl Wire for NodeEndpoint {
    const SIZE_MIN: usize = 11;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.node_id = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        m.rack = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.node_id.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        self.rack.put(w)?;
        w.tags(&[])
    }
}

impl Message for ShareAcknowledgeResponse {
    const NAME: &'static str = "ShareAcknowledgeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
