//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 3, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
}

impl Wire for ConsumerGroupMetadataValue {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.epoch = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.metadata_hash = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.epoch.put(w)?;
        w.tags(&[(0, self.metadata_hash != 0, &|w| self.metadata_hash.put(w))])?;
        Ok(())
    }
}

impl ToJson for ConsumerGroupMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("epoch", &self.epoch, v);
        if self.metadata_hash != 0 {
            o.set("metadataHash", &self.metadata_hash, v);
        }
        Json::Object(o)
    }
}

impl Message for ConsumerGroupMetadataValue {
    const NAME: &'static str = "ConsumerGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ConsumerGroupMetadataValue {
    const TYPE: i16 = 3;
}
