//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of TxnOffsetCommit (key 28), v0 to v6, flexible from v3.
#[derive(Debug, Clone, PartialEq)]
pub struct TxnOffsetCommitRequest {
    pub transactional_id: Str,
    pub group_id: Str,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    /// From v3 on.
    pub generation_id_or_member_epoch: i32,
    /// From v3 on.
    pub member_id: Str,
    /// From v3 on.
    pub group_instance_id: Option<Str>,
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: Default::default(),
            group_id: Default::default(),
            producer_id: Default::default(),
            producer_epoch: Default::default(),
            generation_id_or_member_epoch: -1,
            member_id: Default::default(),
            group_instance_id: Default::default(),
            topics: Default::default(),
        }
    }
}

impl Wire for TxnOffsetCommitRequest {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.transactional_id = r.get()?;
        m.group_id = r.get()?;
        m.producer_id = r.get()?;
        m.producer_epoch = r.get()?;
        if v >= 3 {
            m.generation_id_or_member_epoch = r.get()?;
        }
        if v >= 3 {
            m.member_id = r.get()?;
        }
        if v >= 3 {
            m.group_instance_id = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.transactional_id.put(w)?;
        self.group_id.put(w)?;
        self.producer_id.put(w)?;
        self.producer_epoch.put(w)?;
        if v >= 3 {
            self.generation_id_or_member_epoch.put(w)?;
        } else {
            w.absent(self.generation_id_or_member_epoch != -1, "generation_id_or_member_epoch")?;
        }
        if v >= 3 {
            self.member_id.put(w)?;
        } else {
            w.absent(!self.member_id.is_empty(), "member_id")?;
        }
        if v >= 3 {
            self.group_instance_id.put(w)?;
        } else {
            w.absent(self.group_instance_id.is_some(), "group_instance_id")?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TxnOffsetCommitRequestTopic {
    /// Up to v5; dropped silently in others.
    pub name: Str,
    /// v6 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

impl Wire for TxnOffsetCommitRequestTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 5 {
            m.name = r.get()?;
        }
        if v >= 6 {
            m.topic_id = r.get()?;
        }
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 5 {
            self.name.put(w)?;
        }
        if v >= 6 {
            self.topic_id.put(w)?;
        }
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct TxnOffsetCommitRequestPartition {
    pub partition_index: PartitionIndex,
    pub committed_offset: Offset,
    /// From v2 on; dropped silently in others.
    pub committed_leader_epoch: LeaderEpoch,
    pub committed_metadata: Option<Str>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: LeaderEpoch::new(-1),
            committed_metadata: Default::default(),
        }
    }
}

impl Wire for TxnOffsetCommitRequestPartition {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.committed_offset = r.get()?;
        if v >= 2 {
            m.committed_leader_epoch = r.get()?;
        }
        m.committed_metadata = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        self.committed_offset.put(w)?;
        if v >= 2 {
            self.committed_leader_epoch.put(w)?;
        }
        self.committed_metadata.put(w)?;
        w.tags(&[])
    }
}

impl Message for TxnOffsetCommitRequest {
    const NAME: &'static str = "TxnOffsetCommitRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}

impl Request for TxnOffsetCommitRequest {
    const KEY: ApiKey = ApiKey::TxnOffsetCommit;
    type Response = super::TxnOffsetCommitResponse;
}
