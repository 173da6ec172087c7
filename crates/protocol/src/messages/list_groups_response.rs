//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ListGroups (key 16), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListGroupsResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub groups: Vec<ListedGroup>,
}

impl Wire for ListGroupsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        m.error_code = r.get()?;
        m.groups = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        w.error_code(self.error_code)?;
        self.groups.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ListGroupsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListedGroup {
    pub group_id: Str,
    pub protocol_type: Str,
    /// From v4 on; dropped silently in others.
    pub group_state: Str,
    /// v5 only; dropped silently in others.
    pub group_type: Str,
}

impl Wire for ListedGroup {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.protocol_type = r.get()?;
        if v >= 4 {
            m.group_state = r.get()?;
        }
        if v >= 5 {
            m.group_type = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        self.protocol_type.put(w)?;
        if v >= 4 {
            self.group_state.put(w)?;
        }
        if v >= 5 {
            self.group_type.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
