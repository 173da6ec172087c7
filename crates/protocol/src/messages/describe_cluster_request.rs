//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of DescribeCluster (key 60), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeClusterRequest {
    pub include_cluster_authorized_operations: bool,
    /// From v1 on.
    pub endpoint_type: i8,
    /// v2 only.
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: Default::default(),
            endpoint_type: 1,
            include_fenced_brokers: Default::default(),
        }
    }
}

impl Wire for DescribeClusterRequest {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.include_cluster_authorized_operations = r.get()?;
        if v >= 1 {
            m.endpoint_type = r.get()?;
        }
        if v >= 2 {
            m.include_fenced_brokers = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.include_cluster_authorized_operations.put(w)?;
        if v >= 1 {
            self.endpoint_type.put(w)?;
        } else {
            w.absent(self.endpoint_type != 1, "endpoint_type")?;
        }
        if v >= 2 {
            self.include_fenced_brokers.put(w)?;
        } else {
            w.absent(self.include_fenced_brokers, "include_fenced_brokers")?;
        }
        w.tags(&[])
    }
}

impl Message for DescribeClusterRequest {
    const NAME: &'static str = "DescribeClusterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for DescribeClusterRequest {
    const KEY: ApiKey = ApiKey::DescribeCluster;
    type Response = super::DescribeClusterResponse;
}
