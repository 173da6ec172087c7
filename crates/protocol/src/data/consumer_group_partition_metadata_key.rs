//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 4, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerGroupPartitionMetadataKey {
    pub group_id: Str,
}

impl Wire for ConsumerGroupPartitionMetadataKey {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group_id = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group_id.put(w)?;
        Ok(())
    }
}

impl ToJson for ConsumerGroupPartitionMetadataKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("groupId", &self.group_id, v);
        Json::Object(o)
    }
}

impl Message for ConsumerGroupPartitionMetadataKey {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for ConsumerGroupPartitionMetadataKey {
    const TYPE: i16 = 4;
}
