//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KRaftVersionRecord {
    pub version: i16,
    pub kraft_version: i16,
}

impl Wire for KRaftVersionRecord {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.version = r.get()?;
        m.kraft_version = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.version.put(w)?;
        self.kraft_version.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for KRaftVersionRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("version", &self.version, v);
        o.set("kRaftVersion", &self.kraft_version, v);
        Json::Object(o)
    }
}

impl Message for KRaftVersionRecord {
    const NAME: &'static str = "KRaftVersionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
