//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 27, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RegisterControllerRecord {
    pub controller_id: BrokerId,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    pub end_points: Vec<ControllerEndpoint>,
    pub features: Vec<ControllerFeature>,
}

impl Wire for RegisterControllerRecord {
    const SIZE_MIN: usize = 24;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.controller_id = r.get()?;
        m.incarnation_id = r.get()?;
        m.zk_migration_ready = r.get()?;
        m.end_points = r.get()?;
        m.features = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.controller_id.put(w)?;
        self.incarnation_id.put(w)?;
        self.zk_migration_ready.put(w)?;
        self.end_points.put(w)?;
        self.features.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for RegisterControllerRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("controllerId", &self.controller_id, v);
        o.set("incarnationId", &self.incarnation_id, v);
        o.set("zkMigrationReady", &self.zk_migration_ready, v);
        o.set("endPoints", &self.end_points, v);
        o.set("features", &self.features, v);
        Json::Object(o)
    }
}

/// Part of [`RegisterControllerRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControllerEndpoint {
    pub name: Str,
    pub host: Str,
    pub port: u16,
    pub security_protocol: i16,
}

impl Wire for ControllerEndpoint {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        m.security_protocol = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        self.security_protocol.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ControllerEndpoint {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("host", &self.host, v);
        o.set("port", &self.port, v);
        o.set("securityProtocol", &self.security_protocol, v);
        Json::Object(o)
    }
}

/// Part of [`RegisterControllerRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControllerFeature {
    pub name: Str,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Wire for ControllerFeature {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.min_supported_version = r.get()?;
        m.max_supported_version = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.min_supported_version.put(w)?;
        self.max_supported_version.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ControllerFeature {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("minSupportedVersion", &self.min_supported_version, v);
        o.set("maxSupportedVersion", &self.max_supported_version, v);
        Json::Object(o)
    }
}

impl Message for RegisterControllerRecord {
    const NAME: &'static str = "RegisterControllerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for RegisterControllerRecord {
    const TYPE: i16 = 27;
}
