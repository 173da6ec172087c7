//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of BrokerRegistration (key 62), v0 to v4, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokerRegistrationRequest {
    pub broker_id: BrokerId,
    pub cluster_id: Str,
    pub incarnation_id: Uuid,
    pub listeners: Vec<Listener>,
    pub features: Vec<Feature>,
    pub rack: Option<Str>,
    /// From v1 on.
    pub is_migrating_zk_broker: bool,
    /// From v2 on; dropped silently in others.
    pub log_dirs: Vec<Uuid>,
    /// From v3 on; dropped silently in others.
    pub previous_broker_epoch: i64,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            cluster_id: Default::default(),
            incarnation_id: Default::default(),
            listeners: Default::default(),
            features: Default::default(),
            rack: Default::default(),
            is_migrating_zk_broker: Default::default(),
            log_dirs: Default::default(),
            previous_broker_epoch: -1,
        }
    }
}

impl Wire for BrokerRegistrationRequest {
    const SIZE_MIN: usize = 25;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.cluster_id = r.get()?;
        m.incarnation_id = r.get()?;
        m.listeners = r.get()?;
        m.features = r.get()?;
        m.rack = r.get()?;
        if v >= 1 {
            m.is_migrating_zk_broker = r.get()?;
        }
        if v >= 2 {
            m.log_dirs = r.get()?;
        }
        if v >= 3 {
            m.previous_broker_epoch = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.broker_id.put(w)?;
        self.cluster_id.put(w)?;
        self.incarnation_id.put(w)?;
        self.listeners.put(w)?;
        self.features.put(w)?;
        self.rack.put(w)?;
        if v >= 1 {
            self.is_migrating_zk_broker.put(w)?;
        } else {
            w.absent(self.is_migrating_zk_broker, "is_migrating_zk_broker")?;
        }
        if v >= 2 {
            self.log_dirs.put(w)?;
        }
        if v >= 3 {
            self.previous_broker_epoch.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`BrokerRegistrationRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listener {
    pub name: Str,
    pub host: Str,
    pub port: u16,
    pub security_protocol: i16,
}

impl Wire for Listener {
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

/// Part of [`BrokerRegistrationRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feature {
    pub name: Str,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Wire for Feature {
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

impl Message for BrokerRegistrationRequest {
    const NAME: &'static str = "BrokerRegistrationRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for BrokerRegistrationRequest {
    const KEY: ApiKey = ApiKey::BrokerRegistration;
    type Response = super::BrokerRegistrationResponse;
}
