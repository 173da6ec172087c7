//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 11, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserScramCredentialRecord {
    pub name: Str,
    pub mechanism: i8,
    pub salt: Bytes,
    pub stored_key: Bytes,
    pub server_key: Bytes,
    pub iterations: i32,
}

impl Wire for UserScramCredentialRecord {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.mechanism = r.get()?;
        m.salt = r.get()?;
        m.stored_key = r.get()?;
        m.server_key = r.get()?;
        m.iterations = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.mechanism.put(w)?;
        self.salt.put(w)?;
        self.stored_key.put(w)?;
        self.server_key.put(w)?;
        self.iterations.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for UserScramCredentialRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("mechanism", &self.mechanism, v);
        o.set("salt", &self.salt, v);
        o.set("storedKey", &self.stored_key, v);
        o.set("serverKey", &self.server_key, v);
        o.set("iterations", &self.iterations, v);
        Json::Object(o)
    }
}

impl Message for UserScramCredentialRecord {
    const NAME: &'static str = "UserScramCredentialRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for UserScramCredentialRecord {
    const TYPE: i16 = 11;
}
