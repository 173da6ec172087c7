//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of BeginQuorumEpoch (key 53), v0 to v1, flexible from v1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BeginQuorumEpochResponse {
    pub error_code: i16,
    pub topics: Vec<TopicData>,
    /// v1 only.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Wire for BeginQuorumEpochResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.node_endpoints = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.topics.put(w)?;
        w.absent(v < 1 && !self.node_endpoints.is_empty(), "node_endpoints")?;
        w.tags(&[(0, !self.node_endpoints.is_empty(), &|w| self.node_endpoints.put(w))])?;
        Ok(())
    }
}

/// Part of [`BeginQuorumEpochResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicData {
    pub topic_name: Str,
    pub partitions: Vec<PartitionData>,
}

impl Wire for TopicData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`BeginQuorumEpochResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`BeginQuorumEpochResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeEndpoint {
    pub node_id: BrokerId,
    pub host: Str,
    pub port: u16,
}

impl Wire for NodeEndpoint {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.node_id = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.node_id.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

impl Message for BeginQuorumEpochResponse {
    const NAME: &'static str = "BeginQuorumEpochResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);
}
