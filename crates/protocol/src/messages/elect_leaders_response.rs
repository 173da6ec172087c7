//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ElectLeaders (key 43), v0 to v2, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ElectLeadersResponse {
    pub throttle_time_ms: i32,
    /// From v1 on.
    pub error_code: i16,
    pub replica_election_results: Vec<ReplicaElectionResult>,
}

impl Wire for ElectLeadersResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        if v >= 1 {
            m.error_code = r.get()?;
        }
        m.replica_election_results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        if v >= 1 {
            w.error_code(self.error_code)?;
        } else {
            w.absent(self.error_code != 0, "error_code")?;
        }
        self.replica_election_results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ElectLeadersResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplicaElectionResult {
    pub topic: Str,
    pub partition_result: Vec<PartitionResult>,
}

impl Wire for ReplicaElectionResult {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic = r.get()?;
        m.partition_result = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic.put(w)?;
        self.partition_result.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ElectLeadersResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionResult {
    pub partition_id: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Wire for PartitionResult {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition_id = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition_id.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

impl Message for ElectLeadersResponse {
    const NAME: &'static str = "ElectLeadersResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
