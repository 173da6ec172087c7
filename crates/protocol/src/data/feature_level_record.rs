//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 12, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureLevelRecord {
    pub name: Str,
    pub feature_level: i16,
}

impl Wire for FeatureLevelRecord {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.feature_level = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.feature_level.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for FeatureLevelRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("featureLevel", &self.feature_level, v);
        Json::Object(o)
    }
}

impl Message for FeatureLevelRecord {
    const NAME: &'static str = "FeatureLevelRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for FeatureLevelRecord {
    const TYPE: i16 = 12;
}
