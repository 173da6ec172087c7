//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 16, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerGroupRegularExpressionValue {
    pub topics: Vec<Str>,
    pub version: i64,
    pub timestamp: i64,
}

impl Wire for ConsumerGroupRegularExpressionValue {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topics = r.get()?;
        m.version = r.get()?;
        m.timestamp = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topics.put(w)?;
        self.version.put(w)?;
        self.timestamp.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ConsumerGroupRegularExpressionValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topics", &self.topics, v);
        o.set("version", &self.version, v);
        o.set("timestamp", &self.timestamp, v);
        Json::Object(o)
    }
}

impl Message for ConsumerGroupRegularExpressionValue {
    const NAME: &'static str = "ConsumerGroupRegularExpressionValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ConsumerGroupRegularExpressionValue {
    const TYPE: i16 = 16;
}
