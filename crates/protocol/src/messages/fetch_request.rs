//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of Fetch (key 1), v0 to v18, flexible from v12.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchRequest {
    /// From v12 on; dropped silently in others.
    pub cluster_id: Option<Str>,
    /// Up to v14.
    pub replica_id: BrokerId,
    /// From v15 on.
    pub replica_state: ReplicaState,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    /// From v3 on; dropped silently in others.
    pub max_bytes: i32,
    /// From v4 on; dropped silently in others.
    pub isolation_level: i8,
    /// From v7 on; dropped silently in others.
    pub session_id: i32,
    /// From v7 on; dropped silently in others.
    pub session_epoch: i32,
    pub topics: Vec<FetchTopic>,
    /// From v7 on.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// From v11 on; dropped silently in others.
    pub rack_id: Str,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: Default::default(),
            replica_id: BrokerId::new(-1),
            replica_state: Default::default(),
            max_wait_ms: Default::default(),
            min_bytes: Default::default(),
            max_bytes: 2147483647,
            isolation_level: Default::default(),
            session_id: Default::default(),
            session_epoch: -1,
            topics: Default::default(),
            forgotten_topics_data: Default::default(),
            rack_id: Default::default(),
        }
    }
}

impl Wire for FetchRequest {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 14 {
            m.replica_id = r.get()?;
        }
        m.max_wait_ms = r.get()?;
        m.min_bytes = r.get()?;
        if v >= 3 {
            m.max_bytes = r.get()?;
        }
        if v >= 4 {
            m.isolation_level = r.get()?;
        }
        if v >= 7 {
            m.session_id = r.get()?;
        }
        if v >= 7 {
            m.session_epoch = r.get()?;
        }
        m.topics = r.get()?;
        if v >= 7 {
            m.forgotten_topics_data = r.get()?;
        }
        if v >= 11 {
            m.rack_id = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.cluster_id = r.get()?,
                1 if v >= 15 => m.replica_state = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 14 {
            self.replica_id.put(w)?;
        } else {
            w.absent(self.replica_id != BrokerId::new(-1), "replica_id")?;
        }
        self.max_wait_ms.put(w)?;
        self.min_bytes.put(w)?;
        if v >= 3 {
            self.max_bytes.put(w)?;
        }
        if v >= 4 {
            self.isolation_level.put(w)?;
        }
        if v >= 7 {
            self.session_id.put(w)?;
        }
        if v >= 7 {
            self.session_epoch.put(w)?;
        }
        self.topics.put(w)?;
        if v >= 7 {
            self.forgotten_topics_data.put(w)?;
        } else {
            w.absent(!self.forgotten_topics_data.is_empty(), "forgotten_topics_data")?;
        }
        if v >= 11 {
            self.rack_id.put(w)?;
        }
        w.absent(v < 15 && self.replica_state != ReplicaState::default(), "replica_state")?;
        w.tags(&[
            (0, self.cluster_id.is_some(), &|w| self.cluster_id.put(w)),
            (1, v >= 15 && self.replica_state != ReplicaState::default(), &|w| {
                self.replica_state.put(w)
            }),
        ])?;
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaState {
    pub replica_id: BrokerId,
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: BrokerId::new(-1), replica_epoch: -1 }
    }
}

impl Wire for ReplicaState {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.replica_id = r.get()?;
        m.replica_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.replica_id.put(w)?;
        self.replica_epoch.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`FetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchTopic {
    /// Up to v12; dropped silently in others.
    pub topic: Str,
    /// From v13 on; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

impl Wire for FetchTopic {
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

/// Part of [`FetchRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct FetchPartition {
    pub partition: PartitionIndex,
    /// From v9 on; dropped silently in others.
    pub current_leader_epoch: LeaderEpoch,
    pub fetch_offset: Offset,
    /// From v12 on.
    pub last_fetched_epoch: i32,
    /// From v5 on; dropped silently in others.
    pub log_start_offset: Offset,
    pub partition_max_bytes: i32,
    /// From v17 on; dropped silently in others.
    pub replica_directory_id: Uuid,
    /// v18 only; dropped silently in others.
    pub high_watermark: Offset,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: LeaderEpoch::new(-1),
            fetch_offset: Default::default(),
            last_fetched_epoch: -1,
            log_start_offset: Offset::new(-1),
            partition_max_bytes: Default::default(),
            replica_directory_id: Default::default(),
            high_watermark: Offset::new(9223372036854775807),
        }
    }
}

impl Wire for FetchPartition {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition = r.get()?;
        if v >= 9 {
            m.current_leader_epoch = r.get()?;
        }
        m.fetch_offset = r.get()?;
        if v >= 12 {
            m.last_fetched_epoch = r.get()?;
        }
        if v >= 5 {
            m.log_start_offset = r.get()?;
        }
        m.partition_max_bytes = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 17 => m.replica_directory_id = r.get()?,
                1 if v >= 18 => m.high_watermark = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition.put(w)?;
        if v >= 9 {
            self.current_leader_epoch.put(w)?;
        }
        self.fetch_offset.put(w)?;
        if v >= 12 {
            self.last_fetched_epoch.put(w)?;
        } else {
            w.absent(self.last_fetched_epoch != -1, "last_fetched_epoch")?;
        }
        if v >= 5 {
            self.log_start_offset.put(w)?;
        }
        self.partition_max_bytes.put(w)?;
        w.tags(&[
            (0, v >= 17 && !self.replica_directory_id.is_zero(), &|w| {
                self.replica_directory_id.put(w)
            }),
            (1, v >= 18 && self.high_watermark != Offset::new(9223372036854775807), &|w| {
                self.high_watermark.put(w)
            }),
        ])?;
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForgottenTopic {
    /// Up to v12; dropped silently in others.
    pub topic: Str,
    /// From v13 on; dropped silently in others.
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for ForgottenTopic {
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

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=18;
    const FLEXIBLE_SINCE: Option<i16> = Some(12);
}

impl Request for FetchRequest {
    const KEY: ApiKey = ApiKey::Fetch;
    type Response = super::FetchResponse;
}
