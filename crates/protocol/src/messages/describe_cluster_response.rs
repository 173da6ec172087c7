//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeCluster (key 60), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeClusterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
    /// From v1 on.
    pub endpoint_type: i8,
    pub cluster_id: Str,
    pub controller_id: BrokerId,
    pub brokers: Vec<DescribeClusterBroker>,
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            endpoint_type: 1,
            cluster_id: Default::default(),
            controller_id: BrokerId::new(-1),
            brokers: Default::default(),
            cluster_authorized_operations: -2147483648,
        }
    }
}

impl Wire for DescribeClusterResponse {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        if v >= 1 {
            m.endpoint_type = r.get()?;
        }
        m.cluster_id = r.get()?;
        m.controller_id = r.get()?;
        m.brokers = r.get()?;
        m.cluster_authorized_operations = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        if v >= 1 {
            self.endpoint_type.put(w)?;
        } else {
            w.absent(self.endpoint_type != 1, "endpoint_type")?;
        }
        self.cluster_id.put(w)?;
        self.controller_id.put(w)?;
        self.brokers.put(w)?;
        self.cluster_authorized_operations.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeClusterResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeClusterBroker {
    pub broker_id: BrokerId,
    pub host: Str,
    pub port: i32,
    pub rack: Option<Str>,
    /// v2 only.
    pub is_fenced: bool,
}

impl Wire for DescribeClusterBroker {
    const SIZE_MIN: usize = 11;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        m.rack = r.get()?;
        if v >= 2 {
            m.is_fenced = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.broker_id.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        self.rack.put(w)?;
        if v >= 2 {
            self.is_fenced.put(w)?;
        } else {
            w.absent(self.is_fenced, "is_fenced")?;
        }
        w.tags(&[])
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
