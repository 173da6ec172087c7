//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ReadShareGroupStateSummary (key 87), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadShareGroupStateSummaryResponse {
    pub results: Vec<ReadStateSummaryResult>,
}

impl Wire for ReadShareGroupStateSummaryResponse {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ReadShareGroupStateSummaryResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadStateSummaryResult {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionResult>,
}

impl Wire for ReadStateSummaryResult {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ReadShareGroupStateSummaryResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionResult {
    pub partition: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub state_epoch: i32,
    pub leader_epoch: LeaderEpoch,
    pub start_offset: Offset,
    /// v1 only; dropped silently in others.
    pub delivery_complete_count: i32,
}

impl Default for PartitionResult {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            state_epoch: Default::default(),
            leader_epoch: Default::default(),
            start_offset: Default::default(),
            delivery_complete_count: -1,
        }
    }
}

impl Wire for PartitionResult {
    const SIZE_MIN: usize = 24;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.state_epoch = r.get()?;
        m.leader_epoch = r.get()?;
        m.start_offset = r.get()?;
        if v >= 1 {
            m.delivery_complete_count = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.state_epoch.put(w)?;
        self.leader_epoch.put(w)?;
        self.start_offset.put(w)?;
        if v >= 1 {
            self.delivery_complete_count.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for ReadShareGroupStateSummaryResponse {
    const NAME: &'static str = "ReadShareGroupStateSummaryResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
