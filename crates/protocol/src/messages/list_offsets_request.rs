//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of ListOffsets (key 2), v0 to v11, flexible from v6.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListOffsetsRequest {
    pub replica_id: BrokerId,
    /// From v2 on.
    pub isolation_level: i8,
    pub topics: Vec<ListOffsetsTopic>,
    /// From v10 on; dropped silently in others.
    pub timeout_ms: i32,
}

impl Wire for ListOffsetsRequest {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.replica_id = r.get()?;
        if v >= 2 {
            m.isolation_level = r.get()?;
        }
        m.topics = r.get()?;
        if v >= 10 {
            m.timeout_ms = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.replica_id.put(w)?;
        if v >= 2 {
            self.isolation_level.put(w)?;
        } else {
            w.absent(self.isolation_level != 0, "isolation_level")?;
        }
        self.topics.put(w)?;
        if v >= 10 {
            self.timeout_ms.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`ListOffsetsRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListOffsetsTopic {
    pub name: Str,
    pub partitions: Vec<ListOffsetsPartition>,
}

impl Wire for ListOffsetsTopic {
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

/// Part of [`ListOffsetsRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct ListOffsetsPartition {
    pub partition_index: PartitionIndex,
    /// From v4 on; dropped silently in others.
    pub current_leader_epoch: LeaderEpoch,
    pub timestamp: i64,
    /// v0 only.
    pub max_num_offsets: i32,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            current_leader_epoch: LeaderEpoch::new(-1),
            timestamp: Default::default(),
            max_num_offsets: 1,
        }
    }
}

impl Wire for ListOffsetsPartition {
    const SIZE_MIN: usize = 12;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        if v >= 4 {
            m.current_leader_epoch = r.get()?;
        }
        m.timestamp = r.get()?;
        if v <= 0 {
            m.max_num_offsets = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        if v >= 4 {
            self.current_leader_epoch.put(w)?;
        }
        self.timestamp.put(w)?;
        if v <= 0 {
            self.max_num_offsets.put(w)?;
        } else {
            w.absent(self.max_num_offsets != 1, "max_num_offsets")?;
        }
        w.tags(&[])
    }
}

impl Message for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsetsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=11;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}

impl Request for ListOffsetsRequest {
    const KEY: ApiKey = ApiKey::ListOffsets;
    type Response = super::ListOffsetsResponse;
}
