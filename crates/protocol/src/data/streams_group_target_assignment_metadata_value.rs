//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 20, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupTargetAssignmentMetadataValue {
    pub assignment_epoch: i32,
    pub assignment_timestamp: i64,
}

impl Wire for StreamsGroupTargetAssignmentMetadataValue {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.assignment_epoch = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.assignment_timestamp = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.assignment_epoch.put(w)?;
        w.tags(&[(0, self.assignment_timestamp != 0, &|w| self.assignment_timestamp.put(w))])?;
        Ok(())
    }
}

impl ToJson for StreamsGroupTargetAssignmentMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("assignmentEpoch", &self.assignment_epoch, v);
        if self.assignment_timestamp != 0 {
            o.set("assignmentTimestamp", &self.assignment_timestamp, v);
        }
        Json::Object(o)
    }
}

impl Message for StreamsGroupTargetAssignmentMetadataValue {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for StreamsGroupTargetAssignmentMetadataValue {
    const TYPE: i16 = 20;
}
