//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 20, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NoOpRecord {}

impl Wire for NoOpRecord {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let m = Self::default();
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.tags(&[])
    }
}

impl ToJson for NoOpRecord {
    fn to_json(&self, _: i16) -> Json {
        let o = JsonObject::default();
        Json::Object(o)
    }
}

impl Message for NoOpRecord {
    const NAME: &'static str = "NoOpRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for NoOpRecord {
    const TYPE: i16 = 20;
}
