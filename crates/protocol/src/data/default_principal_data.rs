//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DefaultPrincipalData {
    pub r#type: Str,
    pub name: Str,
    pub token_authenticated: bool,
}

impl Wire for DefaultPrincipalData {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.r#type = r.get()?;
        m.name = r.get()?;
        m.token_authenticated = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.r#type.put(w)?;
        self.name.put(w)?;
        self.token_authenticated.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for DefaultPrincipalData {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("type", &self.r#type, v);
        o.set("name", &self.name, v);
        o.set("tokenAuthenticated", &self.token_authenticated, v);
        Json::Object(o)
    }
}

impl Message for DefaultPrincipalData {
    const NAME: &'static str = "DefaultPrincipalData";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
