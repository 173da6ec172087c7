//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of DescribeGroups (key 15), v0 to v6, flexible from v5.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeGroupsRequest {
    pub groups: Vec<Str>,
    /// From v3 on.
    pub include_authorized_operations: bool,
}

impl Wire for DescribeGroupsRequest {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.groups = r.get()?;
        if v >= 3 {
            m.include_authorized_operations = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.groups.put(w)?;
        if v >= 3 {
            self.include_authorized_operations.put(w)?;
        } else {
            w.absent(self.include_authorized_operations, "include_authorized_operations")?;
        }
        w.tags(&[])
    }
}

impl Message for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroupsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);
}

impl Request for DescribeGroupsRequest {
    const KEY: ApiKey = ApiKey::DescribeGroups;
    type Response = super::DescribeGroupsResponse;
}
