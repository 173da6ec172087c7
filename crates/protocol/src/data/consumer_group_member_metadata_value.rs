//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 5, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumerGroupMemberMetadataValue {
    pub instance_id: Option<Str>,
    pub rack_id: Option<Str>,
    pub client_id: Str,
    pub client_host: Str,
    pub subscribed_topic_names: Vec<Str>,
    pub subscribed_topic_regex: Option<Str>,
    pub rebalance_timeout_ms: i32,
    pub server_assignor: Option<Str>,
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Default::default(),
            rack_id: Default::default(),
            client_id: Default::default(),
            client_host: Default::default(),
            subscribed_topic_names: Default::default(),
            subscribed_topic_regex: Default::default(),
            rebalance_timeout_ms: -1,
            server_assignor: Default::default(),
            classic_member_metadata: Some(Default::default()),
        }
    }
}

impl Wire for ConsumerGroupMemberMetadataValue {
    const SIZE_MIN: usize = 12;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.instance_id = r.get()?;
        m.rack_id = r.get()?;
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.subscribed_topic_names = r.get()?;
        m.subscribed_topic_regex = r.get()?;
        m.rebalance_timeout_ms = r.get()?;
        m.server_assignor = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.classic_member_metadata = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.instance_id.put(w)?;
        self.rack_id.put(w)?;
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.subscribed_topic_names.put(w)?;
        self.subscribed_topic_regex.put(w)?;
        self.rebalance_timeout_ms.put(w)?;
        self.server_assignor.put(w)?;
        w.tags(&[(0, self.classic_member_metadata != Some(Default::default()), &|w| {
            put_tagged_struct(&self.classic_member_metadata, w)
        })])?;
        Ok(())
    }
}

impl ToJson for ConsumerGroupMemberMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("instanceId", &self.instance_id, v);
        o.set("rackId", &self.rack_id, v);
        o.set("clientId", &self.client_id, v);
        o.set("clientHost", &self.client_host, v);
        o.set("subscribedTopicNames", &self.subscribed_topic_names, v);
        o.set("subscribedTopicRegex", &self.subscribed_topic_regex, v);
        o.set("rebalanceTimeoutMs", &self.rebalance_timeout_ms, v);
        o.set("serverAssignor", &self.server_assignor, v);
        if self.classic_member_metadata != Some(Default::default()) {
            o.set("classicMemberMetadata", &self.classic_member_metadata, v);
        }
        Json::Object(o)
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassicMemberMetadata {
    pub session_timeout_ms: i32,
    pub supported_protocols: Vec<ClassicProtocol>,
}

impl Wire for ClassicMemberMetadata {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.session_timeout_ms = r.get()?;
        m.supported_protocols = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.session_timeout_ms.put(w)?;
        self.supported_protocols.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ClassicMemberMetadata {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("sessionTimeoutMs", &self.session_timeout_ms, v);
        o.set("supportedProtocols", &self.supported_protocols, v);
        Json::Object(o)
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassicProtocol {
    pub name: Str,
    pub metadata: Bytes,
}

impl Wire for ClassicProtocol {
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

impl ToJson for ClassicProtocol {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("metadata", &self.metadata, v);
        Json::Object(o)
    }
}

impl Message for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ConsumerGroupMemberMetadataValue {
    const TYPE: i16 = 5;
}
