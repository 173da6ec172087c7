//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VotersRecord {
    pub version: i16,
    pub voters: Vec<Voter>,
}

impl Wire for VotersRecord {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.version = r.get()?;
        m.voters = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.version.put(w)?;
        self.voters.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for VotersRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("version", &self.version, v);
        o.set("voters", &self.voters, v);
        Json::Object(o)
    }
}

/// Part of [`VotersRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Voter {
    pub voter_id: BrokerId,
    pub voter_directory_id: Uuid,
    pub endpoints: Vec<Endpoint>,
    pub kraft_version_feature: KRaftVersionFeature,
}

impl Wire for Voter {
    const SIZE_MIN: usize = 27;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.voter_id = r.get()?;
        m.voter_directory_id = r.get()?;
        m.endpoints = r.get()?;
        m.kraft_version_feature = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.voter_id.put(w)?;
        self.voter_directory_id.put(w)?;
        self.endpoints.put(w)?;
        self.kraft_version_feature.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for Voter {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("voterId", &self.voter_id, v);
        o.set("voterDirectoryId", &self.voter_directory_id, v);
        o.set("endpoints", &self.endpoints, v);
        o.set("kRaftVersionFeature", &self.kraft_version_feature, v);
        Json::Object(o)
    }
}

/// Part of [`VotersRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Endpoint {
    pub name: Str,
    pub host: Str,
    pub port: u16,
}

impl Wire for Endpoint {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for Endpoint {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("host", &self.host, v);
        o.set("port", &self.port, v);
        Json::Object(o)
    }
}

/// Part of [`VotersRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KRaftVersionFeature {
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Wire for KRaftVersionFeature {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.min_supported_version = r.get()?;
        m.max_supported_version = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.min_supported_version.put(w)?;
        self.max_supported_version.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for KRaftVersionFeature {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("minSupportedVersion", &self.min_supported_version, v);
        o.set("maxSupportedVersion", &self.max_supported_version, v);
        Json::Object(o)
    }
}

impl Message for VotersRecord {
    const NAME: &'static str = "VotersRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
