//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 0, v0 to v4, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterBrokerRecord {
    pub broker_id: BrokerId,
    /// From v2 on.
    pub is_migrating_zk_broker: bool,
    pub incarnation_id: Uuid,
    pub broker_epoch: i64,
    pub end_points: Vec<BrokerEndpoint>,
    pub features: Vec<BrokerFeature>,
    pub rack: Option<Str>,
    pub fenced: bool,
    /// From v1 on.
    pub in_controlled_shutdown: bool,
    /// From v3 on.
    pub log_dirs: Vec<Uuid>,
    /// v4 only.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            is_migrating_zk_broker: Default::default(),
            incarnation_id: Default::default(),
            broker_epoch: Default::default(),
            end_points: Default::default(),
            features: Default::default(),
            rack: Default::default(),
            fenced: true,
            in_controlled_shutdown: Default::default(),
            log_dirs: Default::default(),
            cordoned_log_dirs: Default::default(),
        }
    }
}

impl Wire for RegisterBrokerRecord {
    const SIZE_MIN: usize = 33;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.broker_id = r.get()?;
        if v >= 2 {
            m.is_migrating_zk_broker = r.get()?;
        }
        m.incarnation_id = r.get()?;
        m.broker_epoch = r.get()?;
        m.end_points = r.get()?;
        m.features = r.get()?;
        m.rack = r.get()?;
        m.fenced = r.get()?;
        if v >= 1 {
            m.in_controlled_shutdown = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 3 => m.log_dirs = r.get()?,
                1 if v >= 4 => m.cordoned_log_dirs = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.broker_id.put(w)?;
        if v >= 2 {
            self.is_migrating_zk_broker.put(w)?;
        } else {
            w.absent(self.is_migrating_zk_broker, "is_migrating_zk_broker")?;
        }
        self.incarnation_id.put(w)?;
        self.broker_epoch.put(w)?;
        self.end_points.put(w)?;
        self.features.put(w)?;
        self.rack.put(w)?;
        self.fenced.put(w)?;
        if v >= 1 {
            self.in_controlled_shutdown.put(w)?;
        } else {
            w.absent(self.in_controlled_shutdown, "in_controlled_shutdown")?;
        }
        w.absent(v < 3 && !self.log_dirs.is_empty(), "log_dirs")?;
        w.absent(v < 4 && self.cordoned_log_dirs.is_some(), "cordoned_log_dirs")?;
        w.tags(&[
            (0, v >= 3 && !self.log_dirs.is_empty(), &|w| self.log_dirs.put(w)),
            (1, v >= 4 && self.cordoned_log_dirs.is_some(), &|w| self.cordoned_log_dirs.put(w)),
        ])?;
        Ok(())
    }
}

impl ToJson for RegisterBrokerRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("brokerId", &self.broker_id, v);
        if v >= 2 {
            o.set("isMigratingZkBroker", &self.is_migrating_zk_broker, v);
        }
        o.set("incarnationId", &self.incarnation_id, v);
        o.set("brokerEpoch", &self.broker_epoch, v);
        o.set("endPoints", &self.end_points, v);
        o.set("features", &self.features, v);
        o.set("rack", &self.rack, v);
        o.set("fenced", &self.fenced, v);
        if v >= 1 {
            o.set("inControlledShutdown", &self.in_controlled_shutdown, v);
        }
        if v >= 3 && !self.log_dirs.is_empty() {
            o.set("logDirs", &self.log_dirs, v);
        }
        if v >= 4 && self.cordoned_log_dirs.is_some() {
            o.set("cordonedLogDirs", &self.cordoned_log_dirs, v);
        }
        Json::Object(o)
    }
}

/// Part of [`RegisterBrokerRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BrokerEndpoint {
    pub name: Str,
    pub host: Str,
    pub port: u16,
    pub security_protocol: i16,
}

impl Wire for BrokerEndpoint {
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

impl ToJson for BrokerEndpoint {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("host", &self.host, v);
        o.set("port", &self.port, v);
        o.set("securityProtocol", &self.security_protocol, v);
        Json::Object(o)
    }
}

/// Part of [`RegisterBrokerRecord`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BrokerFeature {
    pub name: Str,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Wire for BrokerFeature {
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

impl ToJson for BrokerFeature {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("minSupportedVersion", &self.min_supported_version, v);
        o.set("maxSupportedVersion", &self.max_supported_version, v);
        Json::Object(o)
    }
}

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for RegisterBrokerRecord {
    const TYPE: i16 = 0;
}
