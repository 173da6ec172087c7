//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ControlledShutdown (key 7), v0 to v3, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControlledShutdownResponse {
    pub error_code: i16,
    pub remaining_partitions: Vec<RemainingPartition>,
}

impl Wire for ControlledShutdownResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.remaining_partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.remaining_partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ControlledShutdownResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemainingPartition {
    pub topic_name: Str,
    pub partition_index: PartitionIndex,
}

impl Wire for RemainingPartition {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partition_index = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partition_index.put(w)?;
        w.tags(&[])
    }
}

impl Message for ControlledShutdownResponse {
    const NAME: &'static str = "ControlledShutdownResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
