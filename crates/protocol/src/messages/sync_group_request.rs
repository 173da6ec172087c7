//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of SyncGroup (key 14), v0 to v5, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncGroupRequest {
    pub group_id: Str,
    pub generation_id: i32,
    pub member_id: Str,
    /// From v3 on.
    pub group_instance_id: Option<Str>,
    /// v5 only; dropped silently in others.
    pub protocol_type: Option<Str>,
    /// v5 only; dropped silently in others.
    pub protocol_name: Option<Str>,
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

impl Wire for SyncGroupRequest {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.generation_id = r.get()?;
        m.member_id = r.get()?;
        if v >= 3 {
            m.group_instance_id = r.get()?;
        }
        if v >= 5 {
            m.protocol_type = r.get()?;
        }
        if v >= 5 {
            m.protocol_name = r.get()?;
        }
        m.assignments = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        self.generation_id.put(w)?;
        self.member_id.put(w)?;
        if v >= 3 {
            self.group_instance_id.put(w)?;
        } else {
            w.absent(self.group_instance_id.is_some(), "group_instance_id")?;
        }
        if v >= 5 {
            self.protocol_type.put(w)?;
        }
        if v >= 5 {
            self.protocol_name.put(w)?;
        }
        self.assignments.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`SyncGroupRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncGroupRequestAssignment {
    pub member_id: Str,
    pub assignment: Bytes,
}

impl Wire for SyncGroupRequestAssignment {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_id = r.get()?;
        m.assignment = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_id.put(w)?;
        self.assignment.put(w)?;
        w.tags(&[])
    }
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Request for SyncGroupRequest {
    const KEY: ApiKey = ApiKey::SyncGroup;
    type Response = super::SyncGroupResponse;
}
