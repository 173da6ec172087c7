//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 19, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamsGroupMemberMetadataValue {
    pub instance_id: Option<Str>,
    pub rack_id: Option<Str>,
    pub client_id: Str,
    pub client_host: Str,
    pub rebalance_timeout_ms: i32,
    pub topology_epoch: i32,
    pub process_id: Str,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Default::default(),
            rack_id: Default::default(),
            client_id: Default::default(),
            client_host: Default::default(),
            rebalance_timeout_ms: -1,
            topology_epoch: Default::default(),
            process_id: Default::default(),
            user_endpoint: Default::default(),
            client_tags: Default::default(),
        }
    }
}

impl Wire for StreamsGroupMemberMetadataValue {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.instance_id = r.get()?;
        m.rack_id = r.get()?;
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.rebalance_timeout_ms = r.get()?;
        m.topology_epoch = r.get()?;
        m.process_id = r.get()?;
        m.user_endpoint = r.get()?;
        m.client_tags = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.instance_id.put(w)?;
        self.rack_id.put(w)?;
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.rebalance_timeout_ms.put(w)?;
        self.topology_epoch.put(w)?;
        self.process_id.put(w)?;
        self.user_endpoint.put(w)?;
        self.client_tags.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for StreamsGroupMemberMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("instanceId", &self.instance_id, v);
        o.set("rackId", &self.rack_id, v);
        o.set("clientId", &self.client_id, v);
        o.set("clientHost", &self.client_host, v);
        o.set("rebalanceTimeoutMs", &self.rebalance_timeout_ms, v);
        o.set("topologyEpoch", &self.topology_epoch, v);
        o.set("processId", &self.process_id, v);
        o.set("userEndpoint", &self.user_endpoint, v);
        o.set("clientTags", &self.client_tags, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Endpoint {
    pub host: Str,
    pub port: u16,
}

impl Wire for Endpoint {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for Endpoint {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("host", &self.host, v);
        o.set("port", &self.port, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyValue {
    pub key: Str,
    pub value: Str,
}

impl Wire for KeyValue {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.key = r.get()?;
        m.value = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.key.put(w)?;
        self.value.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for KeyValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("key", &self.key, v);
        o.set("value", &self.value, v);
        Json::Object(o)
    }
}

impl Message for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for StreamsGroupMemberMetadataValue {
    const TYPE: i16 = 19;
}
