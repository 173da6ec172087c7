//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 18, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccessControlEntryRecord {
    pub id: Uuid,
    pub resource_type: i8,
    pub resource_name: Str,
    pub pattern_type: i8,
    pub principal: Str,
    pub host: Str,
    pub operation: i8,
    pub permission_type: i8,
}

impl Wire for AccessControlEntryRecord {
    const SIZE_MIN: usize = 24;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.id = r.get()?;
        m.resource_type = r.get()?;
        m.resource_name = r.get()?;
        m.pattern_type = r.get()?;
        m.principal = r.get()?;
        m.host = r.get()?;
        m.operation = r.get()?;
        m.permission_type = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.id.put(w)?;
        self.resource_type.put(w)?;
        self.resource_name.put(w)?;
        self.pattern_type.put(w)?;
        self.principal.put(w)?;
        self.host.put(w)?;
        self.operation.put(w)?;
        self.permission_type.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for AccessControlEntryRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("id", &self.id, v);
        o.set("resourceType", &self.resource_type, v);
        o.set("resourceName", &self.resource_name, v);
        o.set("patternType", &self.pattern_type, v);
        o.set("principal", &self.principal, v);
        o.set("host", &self.host, v);
        o.set("operation", &self.operation, v);
        o.set("permissionType", &self.permission_type, v);
        Json::Object(o)
    }
}

impl Message for AccessControlEntryRecord {
    const NAME: &'static str = "AccessControlEntryRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for AccessControlEntryRecord {
    const TYPE: i16 = 18;
}
