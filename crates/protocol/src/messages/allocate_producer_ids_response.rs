//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of AllocateProducerIds (key 67), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AllocateProducerIdsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub producer_id_start: ProducerId,
    pub producer_id_len: i32,
}

impl Wire for AllocateProducerIdsResponse {
    const SIZE_MIN: usize = 19;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.producer_id_start = r.get()?;
        m.producer_id_len = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.producer_id_start.put(w)?;
        self.producer_id_len.put(w)?;
        w.tags(&[])
    }
}

impl Message for AllocateProducerIdsResponse {
    const NAME: &'static str = "AllocateProducerIdsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
