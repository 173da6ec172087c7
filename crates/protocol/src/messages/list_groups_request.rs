//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of ListGroups (key 16), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListGroupsRequest {
    /// From v4 on.
    pub states_filter: Vec<Str>,
    /// v5 only.
    pub types_filter: Vec<Str>,
}

impl Wire for ListGroupsRequest {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 4 {
            m.states_filter = r.get()?;
        }
        if v >= 5 {
            m.types_filter = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 4 {
            self.states_filter.put(w)?;
        } else {
            w.absent(!self.states_filter.is_empty(), "states_filter")?;
        }
        if v >= 5 {
            self.types_filter.put(w)?;
        } else {
            w.absent(!self.types_filter.is_empty(), "types_filter")?;
        }
        w.tags(&[])
    }
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}

impl Request for ListGroupsRequest {
    const KEY: ApiKey = ApiKey::ListGroups;
    type Response = super::ListGroupsResponse;
}
