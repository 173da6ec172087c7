//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 14, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientQuotaRecord {
    pub entity: Vec<EntityData>,
    pub key: Str,
    pub value: f64,
    pub remove: bool,
}

impl Wire for ClientQuotaRecord {
    const SIZE_MIN: usize = 12;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.entity = r.get()?;
        m.key = r.get()?;
        m.value = r.get()?;
        m.remove = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.entity.put(w)?;
        self.key.put(w)?;
        self.value.put(w)?;
        self.remove.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ClientQuotaRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("entity", &self.entity, v);
        o.set("key", &self.key, v);
        o.set("value", &self.value, v);
        o.set("remove", &self.remove, v);
        Json::Object(o)
    }
}

/// Part of [`ClientQuotaRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntityData {
    pub entity_type: Str,
    pub entity_name: Option<Str>,
}

impl Wire for EntityData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.entity_type = r.get()?;
        m.entity_name = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.entity_type.put(w)?;
        self.entity_name.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for EntityData {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("entityType", &self.entity_type, v);
        o.set("entityName", &self.entity_name, v);
        Json::Object(o)
    }
}

impl Message for ClientQuotaRecord {
    const NAME: &'static str = "ClientQuotaRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ClientQuotaRecord {
    const TYPE: i16 = 14;
}
