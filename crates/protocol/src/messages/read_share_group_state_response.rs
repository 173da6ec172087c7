//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ReadShareGroupState (key 84), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadShareGroupStateResponse {
    pub results: Vec<ReadStateResult>,
}

impl Wire for ReadShareGroupStateResponse {
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

/// Part of [`ReadShareGroupStateResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadStateResult {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionResult>,
}

impl Wire for ReadStateResult {
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

/// Part of [`ReadShareGroupStateResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionResult {
    pub partition: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub state_epoch: i32,
    pub start_offset: Offset,
    pub state_batches: Vec<StateBatch>,
}

impl Wire for PartitionResult {
    const SIZE_MIN: usize = 21;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.state_epoch = r.get()?;
        m.start_offset = r.get()?;
        m.state_batches = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.state_epoch.put(w)?;
        self.start_offset.put(w)?;
        self.state_batches.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ReadShareGroupStateResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StateBatch {
    pub first_offset: Offset,
    pub last_offset: Offset,
    pub delivery_state: i8,
    pub delivery_count: i16,
}

impl Wire for StateBatch {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.first_offset = r.get()?;
        m.last_offset = r.get()?;
        m.delivery_state = r.get()?;
        m.delivery_count = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.first_offset.put(w)?;
        self.last_offset.put(w)?;
        self.delivery_state.put(w)?;
        self.delivery_count.put(w)?;
        w.tags(&[])
    }
}

impl Message for ReadShareGroupStateResponse {
    const NAME: &'static str = "ReadShareGroupStateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
