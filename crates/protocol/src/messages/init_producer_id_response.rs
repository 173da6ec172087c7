//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of InitProducerId (key 22), v0 to v6, flexible from v2.
#[derive(Debug, Clone, PartialEq)]
pub struct InitProducerIdResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    /// v6 only.
    pub ongoing_txn_producer_id: ProducerId,
    /// v6 only.
    pub ongoing_txn_producer_epoch: ProducerEpoch,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            producer_id: ProducerId::new(-1),
            producer_epoch: Default::default(),
            ongoing_txn_producer_id: ProducerId::new(-1),
            ongoing_txn_producer_epoch: ProducerEpoch::new(-1),
        }
    }
}

impl Wire for InitProducerIdResponse {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.producer_id = r.get()?;
        m.producer_epoch = r.get()?;
        if v >= 6 {
            m.ongoing_txn_producer_id = r.get()?;
        }
        if v >= 6 {
            m.ongoing_txn_producer_epoch = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.producer_id.put(w)?;
        self.producer_epoch.put(w)?;
        if v >= 6 {
            self.ongoing_txn_producer_id.put(w)?;
        } else {
            w.absent(
                self.ongoing_txn_producer_id != ProducerId::new(-1),
                "ongoing_txn_producer_id",
            )?;
        }
        if v >= 6 {
            self.ongoing_txn_producer_epoch.put(w)?;
        } else {
            w.absent(
                self.ongoing_txn_producer_epoch != ProducerEpoch::new(-1),
                "ongoing_txn_producer_epoch",
            )?;
        }
        w.tags(&[])
    }
}

impl Message for InitProducerIdResponse {
    const NAME: &'static str = "InitProducerIdResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
