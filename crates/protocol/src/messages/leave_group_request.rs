//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of LeaveGroup (key 13), v0 to v5, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaveGroupRequest {
    pub group_id: Str,
    /// Up to v2.
    pub member_id: Str,
    /// From v3 on.
    pub members: Vec<MemberIdentity>,
}

impl Wire for LeaveGroupRequest {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        if v <= 2 {
            m.member_id = r.get()?;
        }
        if v >= 3 {
            m.members = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        if v <= 2 {
            self.member_id.put(w)?;
        } else {
            w.absent(!self.member_id.is_empty(), "member_id")?;
        }
        if v >= 3 {
            self.members.put(w)?;
        } else {
            w.absent(!self.members.is_empty(), "members")?;
        }
        w.tags(&[])
    }
}

/// Part of [`LeaveGroupRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemberIdentity {
    pub member_id: Str,
    pub group_instance_id: Option<Str>,
    /// v5 only; dropped silently in others.
    pub reason: Option<Str>,
}

impl Wire for MemberIdentity {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.member_id = r.get()?;
        m.group_instance_id = r.get()?;
        if v >= 5 {
            m.reason = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.member_id.put(w)?;
        self.group_instance_id.put(w)?;
        if v >= 5 {
            self.reason.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Request for LeaveGroupRequest {
    const KEY: ApiKey = ApiKey::LeaveGroup;
    type Response = super::LeaveGroupResponse;
}
