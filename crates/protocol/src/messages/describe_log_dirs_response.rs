//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeLogDirs (key 35), v0 to v5, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeLogDirsResponse {
    pub throttle_time_ms: i32,
    /// From v3 on; dropped silently in others.
    pub error_code: i16,
    pub results: Vec<DescribeLogDirsResult>,
}

impl Wire for DescribeLogDirsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        if v >= 3 {
            m.error_code = r.get()?;
        }
        m.results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        if v >= 3 {
            w.error_code(self.error_code)?;
        }
        self.results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeLogDirsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeLogDirsResult {
    pub error_code: i16,
    pub log_dir: Str,
    pub topics: Vec<DescribeLogDirsTopic>,
    /// From v4 on; dropped silently in others.
    pub total_bytes: i64,
    /// From v4 on; dropped silently in others.
    pub usable_bytes: i64,
    /// v5 only; dropped silently in others.
    pub is_cordoned: bool,
}

impl Default for DescribeLogDirsResult {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            log_dir: Default::default(),
            topics: Default::default(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: Default::default(),
        }
    }
}

impl Wire for DescribeLogDirsResult {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.log_dir = r.get()?;
        m.topics = r.get()?;
        if v >= 4 {
            m.total_bytes = r.get()?;
        }
        if v >= 4 {
            m.usable_bytes = r.get()?;
        }
        if v >= 5 {
            m.is_cordoned = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.log_dir.put(w)?;
        self.topics.put(w)?;
        if v >= 4 {
            self.total_bytes.put(w)?;
        }
        if v >= 4 {
            self.usable_bytes.put(w)?;
        }
        if v >= 5 {
            self.is_cordoned.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`DescribeLogDirsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeLogDirsTopic {
    pub name: Str,
    pub partitions: Vec<DescribeLogDirsPartition>,
}

impl Wire for DescribeLogDirsTopic {
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

/// Part of [`DescribeLogDirsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeLogDirsPartition {
    pub partition_index: PartitionIndex,
    pub partition_size: i64,
    pub offset_lag: i64,
    pub is_future_key: bool,
}

impl Wire for DescribeLogDirsPartition {
    const SIZE_MIN: usize = 21;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.partition_size = r.get()?;
        m.offset_lag = r.get()?;
        m.is_future_key = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        self.partition_size.put(w)?;
        self.offset_lag.put(w)?;
        self.is_future_key.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeLogDirsResponse {
    const NAME: &'static str = "DescribeLogDirsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
