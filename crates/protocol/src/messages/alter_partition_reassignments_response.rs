//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of AlterPartitionReassignments (key 45), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterPartitionReassignmentsResponse {
    pub throttle_time_ms: i32,
    /// v1 only; dropped silently in others.
    pub allow_replication_factor_change: bool,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub responses: Vec<ReassignableTopicResponse>,
}

impl Default for AlterPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            allow_replication_factor_change: true,
            error_code: Default::default(),
            error_message: Default::default(),
            responses: Default::default(),
        }
    }
}

impl Wire for AlterPartitionReassignmentsResponse {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        if v >= 1 {
            m.allow_replication_factor_change = r.get()?;
        }
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.responses = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        if v >= 1 {
            self.allow_replication_factor_change.put(w)?;
        }
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.responses.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterPartitionReassignmentsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReassignableTopicResponse {
    pub name: Str,
    pub partitions: Vec<ReassignablePartitionResponse>,
}

impl Wire for ReassignableTopicResponse {
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

/// Part of [`AlterPartitionReassignmentsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReassignablePartitionResponse {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Wire for ReassignablePartitionResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

impl Message for AlterPartitionReassignmentsResponse {
    const NAME: &'static str = "AlterPartitionReassignmentsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
