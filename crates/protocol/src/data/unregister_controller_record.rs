//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 29, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnregisterControllerRecord {
    pub controller_id: BrokerId,
}

impl Wire for UnregisterControllerRecord {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.controller_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.controller_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for UnregisterControllerRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("controllerId", &self.controller_id, v);
        Json::Object(o)
    }
}

impl Message for UnregisterControllerRecord {
    const NAME: &'static str = "UnregisterControllerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for UnregisterControllerRecord {
    const TYPE: i16 = 29;
}
