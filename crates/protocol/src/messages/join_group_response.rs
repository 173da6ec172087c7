//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of JoinGroup (key 11), v0 to v9, flexible from v6.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinGroupResponse {
    /// From v2 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub generation_id: i32,
    /// From v7 on; dropped silently in others.
    pub protocol_type: Option<Str>,
    /// null from v7 on.
    pub protocol_name: Option<Str>,
    pub leader: Str,
    /// v9 only.
    pub skip_assignment: bool,
    pub member_id: Str,
    pub members: Vec<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            generation_id: -1,
            protocol_type: Default::default(),
            protocol_name: Default::default(),
            leader: Default::default(),
            skip_assignment: Default::default(),
            member_id: Default::default(),
            members: Default::default(),
        }
    }
}

impl Wire for JoinGroupResponse {
    const SIZE_MIN: usize = 15;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 2 {
            m.throttle_time_ms = r.get()?;
        }
        m.error_code = r.get()?;
        m.generation_id = r.get()?;
        if v >= 7 {
            m.protocol_type = r.get()?;
        }
        m.protocol_name = if v >= 7 { r.get()? } else { Some(r.get()?) };
        m.leader = r.get()?;
        if v >= 9 {
            m.skip_assignment = r.get()?;
        }
        m.member_id = r.get()?;
        m.members = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 2 {
            self.throttle_time_ms.put(w)?;
        }
        w.error_code(self.error_code)?;
        self.generation_id.put(w)?;
        if v >= 7 {
            self.protocol_type.put(w)?;
        }
        if v >= 7 {
            self.protocol_name.put(w)?;
        } else {
            w.required(&self.protocol_name, "protocol_name")?;
        }
        self.leader.put(w)?;
        if v >= 9 {
            self.skip_assignment.put(w)?;
        } else {
            w.absent(self.skip_assignment, "skip_assignment")?;
        }
        self.member_id.put(w)?;
        self.members.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`JoinGroupResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JoinGroupResponseMember {
    pub member_id: Str,
    /// From v5 on; dropped silently in others.
    pub group_instance_id: Option<Str>,
    pub metadata: Bytes,
}

impl Wire for JoinGroupResponseMember {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.member_id = r.get()?;
        if v >= 5 {
            m.group_instance_id = r.get()?;
        }
        m.metadata = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.member_id.put(w)?;
        if v >= 5 {
            self.group_instance_id.put(w)?;
        }
        self.metadata.put(w)?;
        w.tags(&[])
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}
