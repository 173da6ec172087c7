//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of OffsetCommit (key 8), v0 to v10, flexible from v8.
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetCommitRequest {
    pub group_id: Str,
    /// From v1 on; dropped silently in others.
    pub generation_id_or_member_epoch: i32,
    /// From v1 on; dropped silently in others.
    pub member_id: Str,
    /// From v7 on.
    pub group_instance_id: Option<Str>,
    /// v2 to v4; dropped silently in others.
    pub retention_time_ms: i64,
    pub topics: Vec<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            generation_id_or_member_epoch: -1,
            member_id: Default::default(),
            group_instance_id: Default::default(),
            retention_time_ms: -1,
            topics: Default::default(),
        }
    }
}

impl Wire for OffsetCommitRequest {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        if v >= 1 {
            m.generation_id_or_member_epoch = r.get()?;
        }
        if v >= 1 {
            m.member_id = r.get()?;
        }
        if v >= 7 {
            m.group_instance_id = r.get()?;
        }
        if (2..=4).contains(&v) {
            m.retention_time_ms = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        if v >= 1 {
            self.generation_id_or_member_epoch.put(w)?;
        }
        if v >= 1 {
            self.member_id.put(w)?;
        }
        if v >= 7 {
            self.group_instance_id.put(w)?;
        } else {
            w.absent(self.group_instance_id.is_some(), "group_instance_id")?;
        }
        if (2..=4).contains(&v) {
            self.retention_time_ms.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetCommitRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetCommitRequestTopic {
    /// Up to v9; dropped silently in others.
    pub name: Str,
    /// v10 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

impl Wire for OffsetCommitRequestTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 9 {
            m.name = r.get()?;
        }
        if v >= 10 {
            m.topic_id = r.get()?;
        }
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 9 {
            self.name.put(w)?;
        }
        if v >= 10 {
            self.topic_id.put(w)?;
        }
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetCommitRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetCommitRequestPartition {
    pub partition_index: PartitionIndex,
    pub committed_offset: Offset,
    /// From v6 on; dropped silently in others.
    pub committed_leader_epoch: LeaderEpoch,
    /// v1 only.
    pub commit_timestamp: i64,
    pub committed_metadata: Option<Str>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: LeaderEpoch::new(-1),
            commit_timestamp: -1,
            committed_metadata: Default::default(),
        }
    }
}

impl Wire for OffsetCommitRequestPartition {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.committed_offset = r.get()?;
        if v >= 6 {
            m.committed_leader_epoch = r.get()?;
        }
        if v == 1 {
            m.commit_timestamp = r.get()?;
        }
        m.committed_metadata = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        self.committed_offset.put(w)?;
        if v >= 6 {
            self.committed_leader_epoch.put(w)?;
        }
        if v == 1 {
            self.commit_timestamp.put(w)?;
        } else {
            w.absent(self.commit_timestamp != -1, "commit_timestamp")?;
        }
        self.committed_metadata.put(w)?;
        w.tags(&[])
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(8);
}

impl Request for OffsetCommitRequest {
    const KEY: ApiKey = ApiKey::OffsetCommit;
    type Response = super::OffsetCommitResponse;
}
