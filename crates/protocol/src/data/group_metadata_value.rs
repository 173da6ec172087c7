//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 2, v0 to v4, flexible from v4.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupMetadataValue {
    pub protocol_type: Str,
    pub generation: i32,
    pub protocol: Option<Str>,
    pub leader: Option<Str>,
    /// From v2 on; dropped silently in others.
    pub current_state_timestamp: i64,
    pub members: Vec<MemberMetadata>,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: Default::default(),
            generation: Default::default(),
            protocol: Default::default(),
            leader: Default::default(),
            current_state_timestamp: -1,
            members: Default::default(),
        }
    }
}

impl Wire for GroupMetadataValue {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.protocol_type = r.get()?;
        m.generation = r.get()?;
        m.protocol = r.get()?;
        m.leader = r.get()?;
        if v >= 2 {
            m.current_state_timestamp = r.get()?;
        }
        m.members = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.protocol_type.put(w)?;
        self.generation.put(w)?;
        self.protocol.put(w)?;
        self.leader.put(w)?;
        if v >= 2 {
            self.current_state_timestamp.put(w)?;
        }
        self.members.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for GroupMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("protocolType", &self.protocol_type, v);
        o.set("generation", &self.generation, v);
        o.set("protocol", &self.protocol, v);
        o.set("leader", &self.leader, v);
        if v >= 2 {
            o.set("currentStateTimestamp", &self.current_state_timestamp, v);
        }
        o.set("members", &self.members, v);
        Json::Object(o)
    }
}

/// Part of [`GroupMetadataValue`].
#[derive(Debug, Clone, PartialEq)]
pub struct MemberMetadata {
    pub member_id: Str,
    /// From v3 on; dropped silently in others.
    pub group_instance_id: Option<Str>,
    pub client_id: Str,
    pub client_host: Str,
    /// From v1 on; dropped silently in others.
    pub rebalance_timeout: i32,
    pub session_timeout: i32,
    pub subscription: Bytes,
    pub assignment: Bytes,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            group_instance_id: Default::default(),
            client_id: Default::default(),
            client_host: Default::default(),
            rebalance_timeout: -1,
            session_timeout: Default::default(),
            subscription: Default::default(),
            assignment: Default::default(),
        }
    }
}

impl Wire for MemberMetadata {
    const SIZE_MIN: usize = 15;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.member_id = r.get()?;
        if v >= 3 {
            m.group_instance_id = r.get()?;
        }
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        if v >= 1 {
            m.rebalance_timeout = r.get()?;
        }
        m.session_timeout = r.get()?;
        m.subscription = r.get()?;
        m.assignment = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.member_id.put(w)?;
        if v >= 3 {
            self.group_instance_id.put(w)?;
        }
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        if v >= 1 {
            self.rebalance_timeout.put(w)?;
        }
        self.session_timeout.put(w)?;
        self.subscription.put(w)?;
        self.assignment.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for MemberMetadata {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("memberId", &self.member_id, v);
        if v >= 3 {
            o.set("groupInstanceId", &self.group_instance_id, v);
        }
        o.set("clientId", &self.client_id, v);
        o.set("clientHost", &self.client_host, v);
        if v >= 1 {
            o.set("rebalanceTimeout", &self.rebalance_timeout, v);
        }
        o.set("sessionTimeout", &self.session_timeout, v);
        o.set("subscription", &self.subscription, v);
        o.set("assignment", &self.assignment, v);
        Json::Object(o)
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Record for GroupMetadataValue {
    const TYPE: i16 = 2;
}
