//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 0, v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LegacyOffsetCommitValue {
    pub offset: Offset,
    pub metadata: Str,
    pub commit_timestamp: i64,
}

impl Wire for LegacyOffsetCommitValue {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.offset = r.get()?;
        m.metadata = r.get()?;
        m.commit_timestamp = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.offset.put(w)?;
        self.metadata.put(w)?;
        self.commit_timestamp.put(w)?;
        Ok(())
    }
}

impl ToJson for LegacyOffsetCommitValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("offset", &self.offset, v);
        o.set("metadata", &self.metadata, v);
        o.set("commitTimestamp", &self.commit_timestamp, v);
        Json::Object(o)
    }
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;
}

impl Record for LegacyOffsetCommitValue {
    const TYPE: i16 = 0;
}
