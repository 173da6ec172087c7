//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 1, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetCommitKey {
    pub group: Str,
    pub topic: Str,
    pub partition: PartitionIndex,
}

impl Wire for OffsetCommitKey {
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

impl ToJson for OffsetCommitKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("group", &self.group, v);
        o.set("topic", &self.topic, v);
        o.set("partition", &self.partition, v);
        Json::Object(o)
    }
}

impl Message for OffsetCommitKey {
    const NAME: &'static str = "OffsetCommitKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for OffsetCommitKey {
    const TYPE: i16 = 1;
}
