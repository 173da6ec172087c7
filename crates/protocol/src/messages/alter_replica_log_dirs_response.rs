//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of AlterReplicaLogDirs (key 34), v0 to v2, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlterReplicaLogDirsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<AlterReplicaLogDirTopicResult>,
}

impl Wire for AlterReplicaLogDirsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterReplicaLogDirsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlterReplicaLogDirTopicResult {
    pub topic_name: Str,
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
}

impl Wire for AlterReplicaLogDirTopicResult {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterReplicaLogDirsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlterReplicaLogDirPartitionResult {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
}

impl Wire for AlterReplicaLogDirPartitionResult {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for AlterReplicaLogDirsResponse {
    const NAME: &'static str = "AlterReplicaLogDirsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
