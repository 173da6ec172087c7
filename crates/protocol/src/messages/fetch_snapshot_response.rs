//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of FetchSnapshot (key 59), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchSnapshotResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub topics: Vec<TopicSnapshot>,
    /// v1 only.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Wire for FetchSnapshotResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 1 => m.node_endpoints = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.topics.put(w)?;
        w.absent(v < 1 && !self.node_endpoints.is_empty(), "node_endpoints")?;
        w.tags(&[(0, v >= 1 && !self.node_endpoints.is_empty(), &|w| self.node_endpoints.put(w))])?;
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
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

/// Part of [`FetchSnapshotResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionSnapshot {
    pub index: PartitionIndex,
    pub error_code: i16,
    pub snapshot_id: SnapshotId,
    pub current_leader: LeaderIdAndEpoch,
    pub size: i64,
    pub position: i64,
    pub unaligned_records: Records,
}

impl Wire for PartitionSnapshot {
    const SIZE_MIN: usize = 37;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.index = r.get()?;
        m.error_code = r.get()?;
        m.snapshot_id = r.get()?;
        m.size = r.get()?;
        m.position = r.get()?;
        m.unaligned_records = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.current_leader = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.index.put(w)?;
        w.error_code(self.error_code)?;
        self.snapshot_id.put(w)?;
        self.size.put(w)?;
        self.position.put(w)?;
        self.unaligned_records.put(w)?;
        w.tags(&[(0, self.current_leader != LeaderIdAndEpoch::default(), &|w| {
            self.current_leader.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
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

/// Part of [`FetchSnapshotResponse`].
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

/// Part of [`FetchSnapshotResponse`].
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

impl Message for FetchSnapshotResponse {
    const NAME: &'static str = "FetchSnapshotResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
