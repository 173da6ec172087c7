//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of FetchSnapshot (key 59), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchSnapshotRequest {
    pub cluster_id: Option<Str>,
    pub replica_id: BrokerId,
    pub max_bytes: i32,
    pub topics: Vec<TopicSnapshot>,
}

impl Default for FetchSnapshotRequest {
    fn default() -> Self {
        Self {
            cluster_id: Default::default(),
            replica_id: BrokerId::new(-1),
            max_bytes: 2147483647,
            topics: Default::default(),
        }
    }
}

impl Wire for FetchSnapshotRequest {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.replica_id = r.get()?;
        m.max_bytes = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.cluster_id = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.replica_id.put(w)?;
        self.max_bytes.put(w)?;
        self.topics.put(w)?;
        w.tags(&[(0, self.cluster_id.is_some(), &|w| self.cluster_id.put(w))])?;
        Ok(())
    }
}

/// Part of [`FetchSnapshotRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicSnapshot {
    pub name: Str,
    pub partitions: Vec<PartitionSnapshot>,
}

impl Wire for TopicSnapshot {
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

/// Part of [`FetchSnapshotRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionSnapshot {
    pub partition: PartitionIndex,
    pub current_leader_epoch: LeaderEpoch,
    pub snapshot_id: SnapshotId,
    pub position: i64,
    /// v1 only; dropped silently in others.
    pub replica_directory_id: Uuid,
}

impl Wire for PartitionSnapshot {
    const SIZE_MIN: usize = 30;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition = r.get()?;
        m.current_leader_epoch = r.get()?;
        m.snapshot_id = r.get()?;
        m.position = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 1 => m.replica_directory_id = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition.put(w)?;
        self.current_leader_epoch.put(w)?;
        self.snapshot_id.put(w)?;
        self.position.put(w)?;
        w.tags(&[(0, v >= 1 && !self.replica_directory_id.is_zero(), &|w| {
            self.replica_directory_id.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`FetchSnapshotRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SnapshotId {
    pub end_offset: Offset,
    pub epoch: i32,
}

impl Wire for SnapshotId {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.end_offset = r.get()?;
        m.epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.end_offset.put(w)?;
        self.epoch.put(w)?;
        w.tags(&[])
    }
}

impl Message for FetchSnapshotRequest {
    const NAME: &'static str = "FetchSnapshotRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for FetchSnapshotRequest {
    const KEY: ApiKey = ApiKey::FetchSnapshot;
    type Response = super::FetchSnapshotResponse;
}
