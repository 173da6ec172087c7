//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of OffsetFetch (key 9), v0 to v10, flexible from v6.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetFetchResponse {
    /// From v3 on; dropped silently in others.
    pub throttle_time_ms: i32,
    /// Up to v7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// v2 to v7; dropped silently in others.
    pub error_code: i16,
    /// From v8 on.
    pub groups: Vec<OffsetFetchResponseGroup>,
}

impl Wire for OffsetFetchResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 3 {
            m.throttle_time_ms = r.get()?;
        }
        if v <= 7 {
            m.topics = r.get()?;
        }
        if (2..=7).contains(&v) {
            m.error_code = r.get()?;
        }
        if v >= 8 {
            m.groups = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 3 {
            self.throttle_time_ms.put(w)?;
        }
        if v <= 7 {
            self.topics.put(w)?;
        } else {
            w.absent(!self.topics.is_empty(), "topics")?;
        }
        if (2..=7).contains(&v) {
            w.error_code(self.error_code)?;
        }
        if v >= 8 {
            self.groups.put(w)?;
        } else {
            w.absent(!self.groups.is_empty(), "groups")?;
        }
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetFetchResponseTopic {
    pub name: Str,
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

impl Wire for OffsetFetchResponseTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetFetchResponsePartition {
    pub partition_index: PartitionIndex,
    pub committed_offset: Offset,
    /// From v5 on; dropped silently in others.
    pub committed_leader_epoch: LeaderEpoch,
    pub metadata: Option<Str>,
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: LeaderEpoch::new(-1),
            metadata: Default::default(),
            error_code: Default::default(),
        }
    }
}

impl Wire for OffsetFetchResponsePartition {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.committed_offset = r.get()?;
        if v >= 5 {
            m.committed_leader_epoch = r.get()?;
        }
        m.metadata = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        self.committed_offset.put(w)?;
        if v >= 5 {
            self.committed_leader_epoch.put(w)?;
        }
        self.metadata.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetFetchResponseGroup {
    pub group_id: Str,
    pub topics: Vec<OffsetFetchResponseTopics>,
    pub error_code: i16,
}

impl Wire for OffsetFetchResponseGroup {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.topics = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group_id.put(w)?;
        self.topics.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetFetchResponseTopics {
    /// Up to v9; dropped silently in others.
    pub name: Str,
    /// v10 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

impl Wire for OffsetFetchResponseTopics {
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

/// Part of [`OffsetFetchResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    pub partition_index: PartitionIndex,
    pub committed_offset: Offset,
    pub committed_leader_epoch: LeaderEpoch,
    pub metadata: Option<Str>,
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: LeaderEpoch::new(-1),
            metadata: Default::default(),
            error_code: Default::default(),
        }
    }
}

impl Wire for OffsetFetchResponsePartitions {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.committed_offset = r.get()?;
        m.committed_leader_epoch = r.get()?;
        m.metadata = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        self.committed_offset.put(w)?;
        self.committed_leader_epoch.put(w)?;
        self.metadata.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}
