//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DeleteShareGroupState (key 86), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteShareGroupStateResponse {
    pub results: Vec<DeleteStateResult>,
}

impl Wire for DeleteShareGroupStateResponse {
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

/// Part of [`DeleteShareGroupStateResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteStateResult {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionResult>,
}

impl Wire for DeleteStateResult {
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

/// Part of [`DeleteShareGroupStateResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionResult {
    pub partition: PartitionIndex,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Wire for PartitionResult {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

impl Message for DeleteShareGroupStateResponse {
    const NAME: &'static str = "DeleteShareGroupStateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
