//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 8, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnfenceBrokerRecord {
    pub id: BrokerId,
    pub epoch: i64,
}

impl Wire for UnfenceBrokerRecord {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.id = r.get()?;
        m.epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.id.put(w)?;
        self.epoch.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for UnfenceBrokerRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("id", &self.id, v);
        o.set("epoch", &self.epoch, v);
        Json::Object(o)
    }
}

impl Message for UnfenceBrokerRecord {
    const NAME: &'static str = "UnfenceBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for UnfenceBrokerRecord {
    const TYPE: i16 = 8;
}
