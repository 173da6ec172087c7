//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 2, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupMetadataKey {
    pub group: Str,
}

impl Wire for GroupMetadataKey {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group.put(w)?;
        Ok(())
    }
}

impl ToJson for GroupMetadataKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("group", &self.group, v);
        Json::Object(o)
    }
}

impl Message for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for GroupMetadataKey {
    const TYPE: i16 = 2;
}
