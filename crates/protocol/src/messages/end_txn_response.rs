//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of EndTxn (key 26), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq)]
pub struct EndTxnResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    /// v5 only; dropped silently in others.
    pub producer_id: ProducerId,
    /// v5 only; dropped silently in others.
    pub producer_epoch: ProducerEpoch,
}

impl Default for EndTxnResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            producer_id: ProducerId::new(-1),
            producer_epoch: ProducerEpoch::new(-1),
        }
    }
}

impl Wire for EndTxnResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        if v >= 5 {
            m.producer_id = r.get()?;
        }
        if v >= 5 {
            m.producer_epoch = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        if v >= 5 {
            self.producer_id.put(w)?;
        }
        if v >= 5 {
            self.producer_epoch.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for EndTxnResponse {
    const NAME: &'static str = "EndTxnResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
