//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeGroups (key 15), v0 to v6, flexible from v5.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeGroupsResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Wire for DescribeGroupsResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        m.groups = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        self.groups.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeGroupsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    /// v6 only.
    pub error_message: Option<Str>,
    pub group_id: Str,
    pub group_state: Str,
    pub protocol_type: Str,
    pub protocol_data: Str,
    pub members: Vec<DescribedGroupMember>,
    /// From v3 on.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Default::default(),
            group_id: Default::default(),
            group_state: Default::default(),
            protocol_type: Default::default(),
            protocol_data: Default::default(),
            members: Default::default(),
            authorized_operations: -2147483648,
        }
    }
}

impl Wire for DescribedGroup {
    const SIZE_MIN: usize = 12;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        if v >= 6 {
            m.error_message = r.get()?;
        }
        m.group_id = r.get()?;
        m.group_state = r.get()?;
        m.protocol_type = r.get()?;
        m.protocol_data = r.get()?;
        m.members = r.get()?;
        if v >= 3 {
            m.authorized_operations = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        if v >= 6 {
            self.error_message.put(w)?;
        } else {
            w.absent(self.error_message.is_some(), "error_message")?;
        }
        self.group_id.put(w)?;
        self.group_state.put(w)?;
        self.protocol_type.put(w)?;
        self.protocol_data.put(w)?;
        self.members.put(w)?;
        if v >= 3 {
            self.authorized_operations.put(w)?;
        } else {
            w.absent(self.authorized_operations != -2147483648, "authorized_operations")?;
        }
        w.tags(&[])
    }
}

/// Part of [`DescribeGroupsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribedGroupMember {
    pub member_id: Str,
    /// From v4 on; dropped silently in others.
    pub group_instance_id: Option<Str>,
    pub client_id: Str,
    pub client_host: Str,
    pub member_metadata: Bytes,
    pub member_assignment: Bytes,
}

impl Wire for DescribedGroupMember {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.member_id = r.get()?;
        if v >= 4 {
            m.group_instance_id = r.get()?;
        }
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.member_metadata = r.get()?;
        m.member_assignment = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.member_id.put(w)?;
        if v >= 4 {
            self.group_instance_id.put(w)?;
        }
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.member_metadata.put(w)?;
        self.member_assignment.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);
}
