//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 10, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DelegationTokenRecord {
    pub owner: Str,
    pub requester: Str,
    pub renewers: Vec<Str>,
    pub issue_timestamp: i64,
    pub max_timestamp: i64,
    pub expiration_timestamp: i64,
    pub token_id: Str,
}

impl Wire for DelegationTokenRecord {
    const SIZE_MIN: usize = 29;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.owner = r.get()?;
        m.requester = r.get()?;
        m.renewers = r.get()?;
        m.issue_timestamp = r.get()?;
        m.max_timestamp = r.get()?;
        m.expiration_timestamp = r.get()?;
        m.token_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.owner.put(w)?;
        self.requester.put(w)?;
        self.renewers.put(w)?;
        self.issue_timestamp.put(w)?;
        self.max_timestamp.put(w)?;
        self.expiration_timestamp.put(w)?;
        self.token_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for DelegationTokenRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("owner", &self.owner, v);
        o.set("requester", &self.requester, v);
        o.set("renewers", &self.renewers, v);
        o.set("issueTimestamp", &self.issue_timestamp, v);
        o.set("maxTimestamp", &self.max_timestamp, v);
        o.set("expirationTimestamp", &self.expiration_timestamp, v);
        o.set("tokenId", &self.token_id, v);
        Json::Object(o)
    }
}

impl Message for DelegationTokenRecord {
    const NAME: &'static str = "DelegationTokenRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for DelegationTokenRecord {
    const TYPE: i16 = 10;
}
