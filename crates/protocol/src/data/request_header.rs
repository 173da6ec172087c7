//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0 to v2, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestHeader {
    pub request_api_key: i16,
    pub request_api_version: i16,
    pub correlation_id: i32,
    /// From v1 on; dropped silently in others.
    pub client_id: Option<Str>,
}

impl Wire for RequestHeader {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.request_api_key = r.get()?;
        m.request_api_version = r.get()?;
        m.correlation_id = r.get()?;
        if v >= 1 {
            m.client_id = r.get_inflexible()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.request_api_key.put(w)?;
        self.request_api_version.put(w)?;
        self.correlation_id.put(w)?;
        if v >= 1 {
            w.put_inflexible(&self.client_id)?;
        }
        w.tags(&[])
    }
}

impl ToJson for RequestHeader {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("requestApiKey", &self.request_api_key, v);
        o.set("requestApiVersion", &self.request_api_version, v);
        o.set("correlationId", &self.correlation_id, v);
        if v >= 1 {
            o.set("clientId", &self.client_id, v);
        }
        Json::Object(o)
    }
}

impl Message for RequestHeader {
    const NAME: &'static str = "RequestHeader";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
