//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 9, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemoveTopicRecord {
    pub topic_id: Uuid,
}

impl Wire for RemoveTopicRecord {
    const SIZE_MIN: usize = 17;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for RemoveTopicRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicId", &self.topic_id, v);
        Json::Object(o)
    }
}

impl Message for RemoveTopicRecord {
    const NAME: &'static str = "RemoveTopicRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for RemoveTopicRecord {
    const TYPE: i16 = 9;
}
