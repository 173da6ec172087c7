//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of EndQuorumEpoch (key 54), v0 to v1, flexible from v1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndQuorumEpochRequest {
    pub cluster_id: Option<Str>,
    pub topics: Vec<TopicData>,
    /// v1 only; dropped silently in others.
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl Wire for EndQuorumEpochRequest {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.cluster_id = r.get()?;
        m.topics = r.get()?;
        if v >= 1 {
            m.leader_endpoints = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.cluster_id.put(w)?;
        self.topics.put(w)?;
        if v >= 1 {
            self.leader_endpoints.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`EndQuorumEpochRequest`].
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

/// Part of [`EndQuorumEpochRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
    /// v0 only; dropped silently in others.
    pub preferred_successors: Vec<BrokerId>,
    /// v1 only; dropped silently in others.
    pub preferred_candidates: Vec<ReplicaInfo>,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        if v <= 0 {
            m.preferred_successors = r.get()?;
        }
        if v >= 1 {
            m.preferred_candidates = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        if v <= 0 {
            self.preferred_successors.put(w)?;
        }
        if v >= 1 {
            self.preferred_candidates.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`EndQuorumEpochRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplicaInfo {
    pub candidate_id: BrokerId,
    pub candidate_directory_id: Uuid,
}

impl Wire for ReplicaInfo {
    const SIZE_MIN: usize = 21;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.candidate_id = r.get()?;
        m.candidate_directory_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.candidate_id.put(w)?;
        self.candidate_directory_id.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`EndQuorumEpochRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderEndpoint {
    pub name: Str,
    pub host: Str,
    pub port: u16,
}

impl Wire for LeaderEndpoint {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

impl Message for EndQuorumEpochRequest {
    const NAME: &'static str = "EndQuorumEpochRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);
}

impl Request for EndQuorumEpochRequest {
    const KEY: ApiKey = ApiKey::EndQuorumEpoch;
    type Response = super::EndQuorumEpochResponse;
}
