//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 10, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareGroupMemberMetadataValue {
    pub rack_id: Option<Str>,
    pub client_id: Str,
    pub client_host: Str,
    pub subscribed_topic_names: Vec<Str>,
}

impl Wire for ShareGroupMemberMetadataValue {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.rack_id = r.get()?;
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.subscribed_topic_names = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.rack_id.put(w)?;
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.subscribed_topic_names.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ShareGroupMemberMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("rackId", &self.rack_id, v);
        o.set("clientId", &self.client_id, v);
        o.set("clientHost", &self.client_host, v);
        o.set("subscribedTopicNames", &self.subscribed_topic_names, v);
        Json::Object(o)
    }
}

impl Message for ShareGroupMemberMetadataValue {
    const NAME: &'static str = "ShareGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ShareGroupMemberMetadataValue {
    const TYPE: i16 = 10;
}
