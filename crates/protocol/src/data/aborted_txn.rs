//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AbortedTxn {
    pub producer_id: ProducerId,
    pub first_offset: Offset,
    pub last_offset: Offset,
    pub last_stable_offset: Offset,
}

impl Wire for AbortedTxn {
    const SIZE_MIN: usize = 32;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.producer_id = r.get()?;
        m.first_offset = r.get()?;
        m.last_offset = r.get()?;
        m.last_stable_offset = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.producer_id.put(w)?;
        self.first_offset.put(w)?;
        self.last_offset.put(w)?;
        self.last_stable_offset.put(w)?;
        Ok(())
    }
}

impl ToJson for AbortedTxn {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("producerId", &self.producer_id, v);
        o.set("firstOffset", &self.first_offset, v);
        o.set("lastOffset", &self.last_offset, v);
        o.set("lastStableOffset", &self.last_stable_offset, v);
        Json::Object(o)
    }
}

impl Message for AbortedTxn {
    const NAME: &'static str = "AbortedTxn";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}
