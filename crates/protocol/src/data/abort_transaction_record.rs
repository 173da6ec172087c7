//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 25, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AbortTransactionRecord {
    pub reason: Option<Str>,
}

impl Wire for AbortTransactionRecord {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.reason = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.tags(&[(0, self.reason.is_some(), &|w| self.reason.put(w))])?;
        Ok(())
    }
}

impl ToJson for AbortTransactionRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        if self.reason.is_some() {
            o.set("reason", &self.reason, v);
        }
        Json::Object(o)
    }
}

impl Message for AbortTransactionRecord {
    const NAME: &'static str = "AbortTransactionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for AbortTransactionRecord {
    const TYPE: i16 = 25;
}
