//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0 to v1, flexible from v1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResponseHeader {
    pub correlation_id: i32,
}

impl Wire for ResponseHeader {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.correlation_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.correlation_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ResponseHeader {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("correlationId", &self.correlation_id, v);
        Json::Object(o)
    }
}

impl Message for ResponseHeader {
    const NAME: &'static str = "ResponseHeader";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);
}
