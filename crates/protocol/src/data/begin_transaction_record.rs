//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 23, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BeginTransactionRecord {
    pub name: Option<Str>,
}

impl Wire for BeginTransactionRecord {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.name = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.tags(&[(0, self.name.is_some(), &|w| self.name.put(w))])?;
        Ok(())
    }
}

impl ToJson for BeginTransactionRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        if self.name.is_some() {
            o.set("name", &self.name, v);
        }
        Json::Object(o)
    }
}

impl Message for BeginTransactionRecord {
    const NAME: &'static str = "BeginTransactionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for BeginTransactionRecord {
    const TYPE: i16 = 23;
}
