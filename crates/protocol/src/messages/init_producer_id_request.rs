//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of InitProducerId (key 22), v0 to v6, flexible from v2.
#[derive(Debug, Clone, PartialEq)]
pub struct InitProducerIdRequest {
    pub transactional_id: Option<Str>,
    pub transaction_timeout_ms: i32,
    /// From v3 on.
    pub producer_id: ProducerId,
    /// From v3 on.
    pub producer_epoch: ProducerEpoch,
    /// v6 only.
    pub enable_2pc: bool,
    /// v6 only.
    pub keep_prepared_txn: bool,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Default::default(),
            transaction_timeout_ms: Default::default(),
            producer_id: ProducerId::new(-1),
            producer_epoch: ProducerEpoch::new(-1),
            enable_2pc: Default::default(),
            keep_prepared_txn: Default::default(),
        }
    }
}

impl Wire for InitProducerIdRequest {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.transactional_id = r.get()?;
        m.transaction_timeout_ms = r.get()?;
        if v >= 3 {
            m.producer_id = r.get()?;
        }
        if v >= 3 {
            m.producer_epoch = r.get()?;
        }
        if v >= 6 {
            m.enable_2pc = r.get()?;
        }
        if v >= 6 {
            m.keep_prepared_txn = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.transactional_id.put(w)?;
        self.transaction_timeout_ms.put(w)?;
        if v >= 3 {
            self.producer_id.put(w)?;
        } else {
            w.absent(self.producer_id != ProducerId::new(-1), "producer_id")?;
        }
        if v >= 3 {
            self.producer_epoch.put(w)?;
        } else {
            w.absent(self.producer_epoch != ProducerEpoch::new(-1), "producer_epoch")?;
        }
        if v >= 6 {
            self.enable_2pc.put(w)?;
        } else {
            w.absent(self.enable_2pc, "enable_2pc")?;
        }
        if v >= 6 {
            self.keep_prepared_txn.put(w)?;
        } else {
            w.absent(self.keep_prepared_txn, "keep_prepared_txn")?;
        }
        w.tags(&[])
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}

impl Request for InitProducerIdRequest {
    const KEY: ApiKey = ApiKey::InitProducerId;
    type Response = super::InitProducerIdResponse;
}
