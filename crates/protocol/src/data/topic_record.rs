//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 2, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicRecord {
    pub name: Str,
    pub topic_id: Uuid,
}

impl Wire for TopicRecord {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.topic_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.topic_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for TopicRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("topicId", &self.topic_id, v);
        Json::Object(o)
    }
}

impl Message for TopicRecord {
    const NAME: &'static str = "TopicRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for TopicRecord {
    const TYPE: i16 = 2;
}
