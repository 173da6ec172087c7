//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of FindCoordinator (key 10), v0 to v6, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FindCoordinatorResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    /// Up to v3.
    pub error_code: i16,
    /// v1 to v3; dropped silently in others.
    pub error_message: Option<Str>,
    /// Up to v3.
    pub node_id: BrokerId,
    /// Up to v3.
    pub host: Str,
    /// Up to v3.
    pub port: i32,
    /// From v4 on.
    pub coordinators: Vec<Coordinator>,
}

impl Wire for FindCoordinatorResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        if v <= 3 {
            m.error_code = r.get()?;
        }
        if (1..=3).contains(&v) {
            m.error_message = r.get()?;
        }
        if v <= 3 {
            m.node_id = r.get()?;
        }
        if v <= 3 {
            m.host = r.get()?;
        }
        if v <= 3 {
            m.port = r.get()?;
        }
        if v >= 4 {
            m.coordinators = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        if v <= 3 {
            w.error_code(self.error_code)?;
        } else {
            w.absent(self.error_code != 0, "error_code")?;
        }
        if (1..=3).contains(&v) {
            self.error_message.put(w)?;
        }
        if v <= 3 {
            self.node_id.put(w)?;
        } else {
            w.absent(self.node_id != BrokerId::new(0), "node_id")?;
        }
        if v <= 3 {
            self.host.put(w)?;
        } else {
            w.absent(!self.host.is_empty(), "host")?;
        }
        if v <= 3 {
            self.port.put(w)?;
        } else {
            w.absent(self.port != 0, "port")?;
        }
        if v >= 4 {
            self.coordinators.put(w)?;
        } else {
            w.absent(!self.coordinators.is_empty(), "coordinators")?;
        }
        w.tags(&[])
    }
}

/// Part of [`FindCoordinatorResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coordinator {
    pub key: Str,
    pub node_id: BrokerId,
    pub host: Str,
    pub port: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Wire for Coordinator {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.key = r.get()?;
        m.node_id = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.key.put(w)?;
        self.node_id.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
