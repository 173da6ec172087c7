//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 0, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LegacyOffsetCommitKey {
    pub group: Str,
    pub topic: Str,
    pub partition: PartitionIndex,
}

impl Wire for LegacyOffsetCommitKey {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group = r.get()?;
        m.topic = r.get()?;
        m.partition = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group.put(w)?;
        self.topic.put(w)?;
        self.partition.put(w)?;
        Ok(())
    }
}

impl ToJson for LegacyOffsetCommitKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("group", &self.group, v);
        o.set("topic", &self.topic, v);
        o.set("partition", &self.partition, v);
        Json::Object(o)
    }
}

impl Message for LegacyOffsetCommitKey {
    const NAME: &'static str = "LegacyOffsetCommitKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for LegacyOffsetCommitKey {
    const TYPE: i16 = 0;
}
