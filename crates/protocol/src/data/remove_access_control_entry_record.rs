//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 19, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemoveAccessControlEntryRecord {
    pub id: Uuid,
}

impl Wire for RemoveAccessControlEntryRecord {
    const SIZE_MIN: usize = 17;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for RemoveAccessControlEntryRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("id", &self.id, v);
        Json::Object(o)
    }
}

impl Message for RemoveAccessControlEntryRecord {
    const NAME: &'static str = "RemoveAccessControlEntryRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for RemoveAccessControlEntryRecord {
    const TYPE: i16 = 19;
}
