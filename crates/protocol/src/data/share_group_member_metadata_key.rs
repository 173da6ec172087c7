//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 10, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareGroupMemberMetadataKey {
    pub group_id: Str,
    pub member_id: Str,
}

impl Wire for ShareGroupMemberMetadataKey {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.member_id = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.group_id.put(w)?;
        self.member_id.put(w)?;
        Ok(())
    }
}

impl ToJson for ShareGroupMemberMetadataKey {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("groupId", &self.group_id, v);
        o.set("memberId", &self.member_id, v);
        Json::Object(o)
    }
}

impl Message for ShareGroupMemberMetadataKey {
    const NAME: &'static str = "ShareGroupMemberMetadataKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for ShareGroupMemberMetadataKey {
    const TYPE: i16 = 10;
}
