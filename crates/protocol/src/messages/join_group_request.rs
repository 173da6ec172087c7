//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of JoinGroup (key 11), v0 to v9, flexible from v6.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinGroupRequest {
    pub group_id: Str,
    pub session_timeout_ms: i32,
    /// From v1 on; dropped silently in others.
    pub rebalance_timeout_ms: i32,
    pub member_id: Str,
    /// From v5 on.
    pub group_instance_id: Option<Str>,
    pub protocol_type: Str,
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// From v8 on; dropped silently in others.
    pub reason: Option<Str>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            session_timeout_ms: Default::default(),
            rebalance_timeout_ms: -1,
            member_id: Default::default(),
            group_instance_id: Default::default(),
            protocol_type: Default::default(),
            protocols: Default::default(),
            reason: Default::default(),
        }
    }
}

impl Wire for JoinGroupRequest {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.session_timeout_ms = r.get()?;
        if v >= 1 {
            m.rebalance_timeout_ms = r.get()?;
        }
        m.member_id = r.get()?;
        if v >= 5 {
            m.group_instance_id = r.get()?;
        }
        m.protocol_type = r.get()?;
        m.protocols = r.get()?;
        if v >= 8 {
            m.reason = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        self.session_timeout_ms.put(w)?;
        if v >= 1 {
            self.rebalance_timeout_ms.put(w)?;
        }
        self.member_id.put(w)?;
        if v >= 5 {
            self.group_instance_id.put(w)?;
        } else {
            w.absent(self.group_instance_id.is_some(), "group_instance_id")?;
        }
        self.protocol_type.put(w)?;
        self.protocols.put(w)?;
        if v >= 8 {
            self.reason.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`JoinGroupRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JoinGroupRequestProtocol {
    pub name: Str,
    pub metadata: Bytes,
}

impl Wire for JoinGroupRequestProtocol {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.metadata = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.metadata.put(w)?;
        w.tags(&[])
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}

impl Request for JoinGroupRequest {
    const KEY: ApiKey = ApiKey::JoinGroup;
    type Response = super::JoinGroupResponse;
}
