//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of Fetch (key 1), v0 to v18, flexible from v12.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    /// From v7 on; dropped silently in others.
    pub error_code: i16,
    /// From v7 on.
    pub session_id: i32,
    pub responses: Vec<FetchableTopicResponse>,
    /// From v16 on.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Wire for FetchResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        if v >= 7 {
            m.error_code = r.get()?;
        }
        if v >= 7 {
            m.session_id = r.get()?;
        }
        m.responses = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 16 => m.node_endpoints = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        if v >= 7 {
            w.error_code(self.error_code)?;
        }
        if v >= 7 {
            self.session_id.put(w)?;
        } else {
            w.absent(self.session_id != 0, "session_id")?;
        }
        self.responses.put(w)?;
        w.absent(v < 16 && !self.node_endpoints.is_empty(), "node_endpoints")?;
        w.tags(&[(0, v >= 16 && !self.node_endpoints.is_empty(), &|w| {
            self.node_endpoints.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchableTopicResponse {
    /// Up to v12; dropped silently in others.
    pub topic: Str,
    /// From v13 on; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl Wire for FetchableTopicResponse {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 12 {
            m.topic = r.get()?;
        }
        if v >= 13 {
            m.topic_id = r.get()?;
        }
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 12 {
            self.topic.put(w)?;
        }
        if v >= 13 {
            self.topic_id.put(w)?;
        }
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`FetchResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    pub high_watermark: Offset,
    /// From v4 on; dropped silently in others.
    pub last_stable_offset: Offset,
    /// From v5 on; dropped silently in others.
    pub log_start_offset: Offset,
    /// From v12 on.
    pub diverging_epoch: EpochEndOffset,
    /// From v12 on.
    pub current_leader: LeaderIdAndEpoch,
    /// From v12 on.
    pub snapshot_id: SnapshotId,
    /// From v4 on; dropped silently in others.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// From v11 on.
    pub preferred_read_replica: BrokerId,
    pub records: Records,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            high_watermark: Default::default(),
            last_stable_offset: Offset::new(-1),
            log_start_offset: Offset::new(-1),
            diverging_epoch: Default::default(),
            current_leader: Default::default(),
            snapshot_id: Default::default(),
            aborted_transactions: Some(Default::default()),
            preferred_read_replica: BrokerId::new(-1),
            records: Default::default(),
        }
    }
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        m.high_watermark = r.get()?;
        if v >= 4 {
            m.last_stable_offset = r.get()?;
        }
        if v >= 5 {
            m.log_start_offset = r.get()?;
        }
        if v >= 4 {
            m.aborted_transactions = r.get()?;
        }
        if v >= 11 {
            m.preferred_read_replica = r.get()?;
        }
        m.records = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.diverging_epoch = r.get()?,
                1 => m.current_leader = r.get()?,
                2 => m.snapshot_id = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        self.high_watermark.put(w)?;
        if v >= 4 {
            self.last_stable_offset.put(w)?;
        }
        if v >= 5 {
            self.log_start_offset.put(w)?;
        }
        if v >= 4 {
            self.aborted_transactions.put(w)?;
        }
        if v >= 11 {
            self.preferred_read_replica.put(w)?;
        } else {
            w.absent(self.preferred_read_replica != BrokerId::new(-1), "preferred_read_replica")?;
        }
        self.records.put(w)?;
        w.absent(v < 12 && self.diverging_epoch != EpochEndOffset::default(), "diverging_epoch")?;
        w.absent(v < 12 && self.current_leader != LeaderIdAndEpoch::default(), "current_leader")?;
        w.absent(v < 12 && self.snapshot_id != SnapshotId::default(), "snapshot_id")?;
        w.tags(&[
            (0, self.diverging_epoch != EpochEndOffset::default(), &|w| {
                self.diverging_epoch.put(w)
            }),
            (1, self.current_leader != LeaderIdAndEpoch::default(), &|w| {
                self.current_leader.put(w)
            }),
            (2, self.snapshot_id != SnapshotId::default(), &|w| self.snapshot_id.put(w)),
        ])?;
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct EpochEndOffset {
    pub epoch: i32,
    pub end_offset: Offset,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: Offset::new(-1) }
    }
}

impl Wire for EpochEndOffset {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.epoch = r.get()?;
        m.end_offset = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.epoch.put(w)?;
        self.end_offset.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`FetchResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: BrokerId::new(-1), leader_epoch: LeaderEpoch::new(-1) }
    }
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

/// Part of [`FetchResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotId {
    pub end_offset: Offset,
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: Offset::new(-1), epoch: -1 }
    }
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

/// Part of [`FetchResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AbortedTransaction {
    pub producer_id: ProducerId,
    pub first_offset: Offset,
}

impl Wire for AbortedTransaction {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.producer_id = r.get()?;
        m.first_offset = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.producer_id.put(w)?;
        self.first_offset.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`FetchResponse`].
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

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=18;
    const FLEXIBLE_SINCE: Option<i16> = Some(12);
}
