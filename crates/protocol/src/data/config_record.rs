//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 4, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConfigRecord {
    pub resource_type: i8,
    pub resource_name: Str,
    pub name: Str,
    pub value: Option<Str>,
}

impl Wire for ConfigRecord {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.resource_type = r.get()?;
        m.resource_name = r.get()?;
        m.name = r.get()?;
        m.value = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.resource_type.put(w)?;
        self.resource_name.put(w)?;
        self.name.put(w)?;
        self.value.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ConfigRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("resourceType", &self.resource_type, v);
        o.set("resourceName", &self.resource_name, v);
        o.set("name", &self.name, v);
        o.set("value", &self.value, v);
        Json::Object(o)
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ConfigRecord {
    const TYPE: i16 = 4;
}
