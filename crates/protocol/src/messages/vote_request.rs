//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of Vote (key 52), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct VoteRequest {
    pub cluster_id: Option<Str>,
    /// From v1 on; dropped silently in others.
    pub voter_id: BrokerId,
    pub topics: Vec<TopicData>,
}

impl Default for VoteRequest {
    fn default() -> Self {
        Self {
            cluster_id: Default::default(),
            voter_id: BrokerId::new(-1),
            topics: Default::default(),
        }
    }
}

impl Wire for VoteRequest {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.cluster_id = r.get()?;
        if v >= 1 {
            m.voter_id = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.cluster_id.put(w)?;
        if v >= 1 {
            self.voter_id.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`VoteRequest`].
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

/// Part of [`VoteRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub replica_epoch: i32,
    pub replica_id: BrokerId,
    /// From v1 on; dropped silently in others.
    pub replica_directory_id: Uuid,
    /// From v1 on; dropped silently in others.
    pub voter_directory_id: Uuid,
    pub last_offset_epoch: i32,
    pub last_offset: Offset,
    /// v2 only.
    pub pre_vote: bool,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 25;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.replica_epoch = r.get()?;
        m.replica_id = r.get()?;
        if v >= 1 {
            m.replica_directory_id = r.get()?;
        }
        if v >= 1 {
            m.voter_directory_id = r.get()?;
        }
        m.last_offset_epoch = r.get()?;
        m.last_offset = r.get()?;
        if v >= 2 {
            m.pre_vote = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        self.replica_epoch.put(w)?;
        self.replica_id.put(w)?;
        if v >= 1 {
            self.replica_directory_id.put(w)?;
        }
        if v >= 1 {
            self.voter_directory_id.put(w)?;
        }
        self.last_offset_epoch.put(w)?;
        self.last_offset.put(w)?;
        if v >= 2 {
            self.pre_vote.put(w)?;
        } else {
            w.absent(self.pre_vote, "pre_vote")?;
        }
        w.tags(&[])
    }
}

impl Message for VoteRequest {
    const NAME: &'static str = "VoteRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for VoteRequest {
    const KEY: ApiKey = ApiKey::Vote;
    type Response = super::VoteResponse;
}
