//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndTxnMarker {
    pub coordinator_epoch: i32,
}

impl Wire for EndTxnMarker {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.coordinator_epoch = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.coordinator_epoch.put(w)?;
        Ok(())
    }
}

impl ToJson for EndTxnMarker {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("coordinatorEpoch", &self.coordinator_epoch, v);
        Json::Object(o)
    }
}

impl Message for EndTxnMarker {
    const NAME: &'static str = "EndTxnMarker";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}
