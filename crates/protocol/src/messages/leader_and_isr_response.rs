//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of LeaderAndIsr (key 4), v0 to v7, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderAndIsrResponse {
    pub error_code: i16,
    /// Up to v4.
    pub partition_errors: Vec<LeaderAndIsrPartitionError>,
    /// From v5 on.
    pub topics: Vec<LeaderAndIsrTopicError>,
}

impl Wire for LeaderAndIsrResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        if v <= 4 {
            m.partition_errors = r.get()?;
        }
        if v >= 5 {
            m.topics = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        if v <= 4 {
            self.partition_errors.put(w)?;
        } else {
            w.absent(!self.partition_errors.is_empty(), "partition_errors")?;
        }
        if v >= 5 {
            self.topics.put(w)?;
        } else {
            w.absent(!self.topics.is_empty(), "topics")?;
        }
        w.tags(&[])
    }
}

/// Part of [`LeaderAndIsrResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderAndIsrPartitionError {
    /// Up to v4; dropped silently in others.
    pub topic_name: Str,
    pub partition_index: PartitionIndex,
    pub error_code: i16,
}

impl Wire for LeaderAndIsrPartitionError {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 4 {
            m.topic_name = r.get()?;
        }
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 4 {
            self.topic_name.put(w)?;
        }
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

/// Part of [`LeaderAndIsrResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderAndIsrTopicError {
    pub topic_id: Uuid,
    pub partition_errors: Vec<LeaderAndIsrPartitionError>,
}

impl Wire for LeaderAndIsrTopicError {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partition_errors = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partition_errors.put(w)?;
        w.tags(&[])
    }
}

impl Message for LeaderAndIsrResponse {
    const NAME: &'static str = "LeaderAndIsrResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=7;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}
