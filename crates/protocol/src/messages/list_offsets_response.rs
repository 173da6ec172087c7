//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ListOffsets (key 2), v0 to v11, flexible from v6.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListOffsetsResponse {
    /// From v2 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub topics: Vec<ListOffsetsTopicResponse>,
}

impl Wire for ListOffsetsResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 2 {
            m.throttle_time_ms = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 2 {
            self.throttle_time_ms.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ListOffsetsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListOffsetsTopicResponse {
    pub name: Str,
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

impl Wire for ListOffsetsTopicResponse {
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

/// Part of [`ListOffsetsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct ListOffsetsPartitionResponse {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    /// v0 only.
    pub old_style_offsets: Vec<i64>,
    /// From v1 on.
    pub timestamp: i64,
    /// From v1 on.
    pub offset: Offset,
    /// From v4 on.
    pub leader_epoch: LeaderEpoch,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            old_style_offsets: Default::default(),
            timestamp: -1,
            offset: Offset::new(-1),
            leader_epoch: LeaderEpoch::new(-1),
        }
    }
}

impl Wire for ListOffsetsPartitionResponse {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        if v <= 0 {
            m.old_style_offsets = r.get()?;
        }
        if v >= 1 {
            m.timestamp = r.get()?;
        }
        if v >= 1 {
            m.offset = r.get()?;
        }
        if v >= 4 {
            m.leader_epoch = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        if v <= 0 {
            self.old_style_offsets.put(w)?;
        } else {
            w.absent(!self.old_style_offsets.is_empty(), "old_style_offsets")?;
        }
        if v >= 1 {
            self.timestamp.put(w)?;
        } else {
            w.absent(self.timestamp != -1, "timestamp")?;
        }
        if v >= 1 {
            self.offset.put(w)?;
        } else {
            w.absent(self.offset != Offset::new(-1), "offset")?;
        }
        if v >= 4 {
            self.leader_epoch.put(w)?;
        } else {
            w.absent(self.leader_epoch != LeaderEpoch::new(-1), "leader_epoch")?;
        }
        w.tags(&[])
    }
}

impl Message for ListOffsetsResponse {
    const NAME: &'static str = "ListOffsetsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=11;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}
