//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 1, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnregisterBrokerRecord {
    pub broker_id: BrokerId,
    pub broker_epoch: i64,
}

impl Wire for UnregisterBrokerRecord {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.broker_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.broker_id.put(w)?;
        self.broker_epoch.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for UnregisterBrokerRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("brokerId", &self.broker_id, v);
        o.set("brokerEpoch", &self.broker_epoch, v);
        Json::Object(o)
    }
}

impl Message for UnregisterBrokerRecord {
    const NAME: &'static str = "UnregisterBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for UnregisterBrokerRecord {
    const TYPE: i16 = 1;
}
