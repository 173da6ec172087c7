//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 26, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemoveDelegationTokenRecord {
    pub token_id: Str,
}

impl Wire for RemoveDelegationTokenRecord {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.token_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.token_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for RemoveDelegationTokenRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("tokenId", &self.token_id, v);
        Json::Object(o)
    }
}

impl Message for RemoveDelegationTokenRecord {
    const NAME: &'static str = "RemoveDelegationTokenRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for RemoveDelegationTokenRecord {
    const TYPE: i16 = 26;
}
