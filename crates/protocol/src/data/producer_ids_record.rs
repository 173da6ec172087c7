//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 15, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerIdsRecord {
    pub broker_id: BrokerId,
    pub broker_epoch: i64,
    pub next_producer_id: ProducerId,
}

impl Default for ProducerIdsRecord {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            broker_epoch: -1,
            next_producer_id: Default::default(),
        }
    }
}

impl Wire for ProducerIdsRecord {
    const SIZE_MIN: usize = 21;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.broker_epoch = r.get()?;
        m.next_producer_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.broker_id.put(w)?;
        self.broker_epoch.put(w)?;
        self.next_producer_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ProducerIdsRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("brokerId", &self.broker_id, v);
        o.set("brokerEpoch", &self.broker_epoch, v);
        o.set("nextProducerId", &self.next_producer_id, v);
        Json::Object(o)
    }
}

impl Message for ProducerIdsRecord {
    const NAME: &'static str = "ProducerIdsRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ProducerIdsRecord {
    const TYPE: i16 = 15;
}
