//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of LeaveGroup (key 13), v0 to v5, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaveGroupResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    /// From v3 on.
    pub members: Vec<MemberResponse>,
}

impl Wire for LeaveGroupResponse {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        m.error_code = r.get()?;
        if v >= 3 {
            m.members = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        w.error_code(self.error_code)?;
        if v >= 3 {
            self.members.put(w)?;
        } else {
            w.absent(!self.members.is_empty(), "members")?;
        }
        w.tags(&[])
    }
}

/// Part of [`LeaveGroupResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemberResponse {
    pub member_id: Str,
    pub group_instance_id: Option<Str>,
    pub error_code: i16,
}

impl Wire for MemberResponse {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_id = r.get()?;
        m.group_instance_id = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_id.put(w)?;
        self.group_instance_id.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}
