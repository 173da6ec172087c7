//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 28, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClearElrRecord {
    pub topic_name: Str,
}

impl Wire for ClearElrRecord {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ClearElrRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicName", &self.topic_name, v);
        Json::Object(o)
    }
}

impl Message for ClearElrRecord {
    const NAME: &'static str = "ClearElrRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ClearElrRecord {
    const TYPE: i16 = 28;
}
