//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of StreamsGroupDescribe (key 89), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupDescribeRequest {
    pub group_ids: Vec<Str>,
    pub include_authorized_operations: bool,
    /// v1 only.
    pub include_topology_description: bool,
}

impl Wire for StreamsGroupDescribeRequest {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_ids = r.get()?;
        m.include_authorized_operations = r.get()?;
        if v >= 1 {
            m.include_topology_description = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_ids.put(w)?;
        self.include_authorized_operations.put(w)?;
        if v >= 1 {
            self.include_topology_description.put(w)?;
        } else {
            w.absent(self.include_topology_description, "include_topology_description")?;
        }
        w.tags(&[])
    }
}

impl Message for StreamsGroupDescribeRequest {
    const NAME: &'static str = "StreamsGroupDescribeRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for StreamsGroupDescribeRequest {
    const KEY: ApiKey = ApiKey::StreamsGroupDescribe;
    type Response = super::StreamsGroupDescribeResponse;
}
