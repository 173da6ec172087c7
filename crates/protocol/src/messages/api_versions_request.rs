//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of ApiVersions (key 18), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiVersionsRequest {
    /// From v3 on; dropped silently in others.
    pub client_software_name: Str,
    /// From v3 on; dropped silently in others.
    pub client_software_version: Str,
    /// v5 only; dropped silently in others.
    pub cluster_id: Option<Str>,
    /// v5 only; dropped silently in others.
    pub node_id: BrokerId,
}

impl Default for ApiVersionsRequest {
    fn default() -> Self {
        Self {
            client_software_name: Default::default(),
            client_software_version: Default::default(),
            cluster_id: Default::default(),
            node_id: BrokerId::new(-1),
        }
    }
}

impl Wire for ApiVersionsRequest {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 3 {
            m.client_software_name = r.get()?;
        }
        if v >= 3 {
            m.client_software_version = r.get()?;
        }
        if v >= 5 {
            m.cluster_id = r.get()?;
        }
        if v >= 5 {
            m.node_id = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 3 {
            self.client_software_name.put(w)?;
        }
        if v >= 3 {
            self.client_software_version.put(w)?;
        }
        if v >= 5 {
            self.cluster_id.put(w)?;
        }
        if v >= 5 {
            self.node_id.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}

impl Request for ApiVersionsRequest {
    const KEY: ApiKey = ApiKey::ApiVersions;
    type Response = super::ApiVersionsResponse;
}
