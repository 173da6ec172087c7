//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 0, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareSnapshotKey {
    pub group_id: Str,
    pub topic_id: Uuid,
    pub partition: PartitionIndex,
}

impl Wire for ShareSnapshotKey {
    const SIZE_MIN: usize = 22;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.topic_id = r.get()?;
        m.partition = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group_id.put(w)?;
        self.topic_id.put(w)?;
        self.partition.put(w)?;
        Ok(())
    }
}

impl ToJson for ShareSnapshotKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("groupId", &self.group_id, v);
        o.set("topicId", &self.topic_id, v);
        o.set("partition", &self.partition, v);
        Json::Object(o)
    }
}

impl Message for ShareSnapshotKey {
    const NAME: &'static str = "ShareSnapshotKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for ShareSnapshotKey {
    const TYPE: i16 = 0;
}
