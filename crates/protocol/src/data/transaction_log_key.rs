//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 0, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TransactionLogKey {
    pub transactional_id: Str,
}

impl Wire for TransactionLogKey {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.transactional_id = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.transactional_id.put(w)?;
        Ok(())
    }
}

impl ToJson for TransactionLogKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("transactionalId", &self.transactional_id, v);
        Json::Object(o)
    }
}

impl Message for TransactionLogKey {
    const NAME: &'static str = "TransactionLogKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for TransactionLogKey {
    const TYPE: i16 = 0;
}
