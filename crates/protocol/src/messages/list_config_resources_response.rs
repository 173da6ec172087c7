//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ListConfigResources (key 74), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListConfigResourcesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub config_resources: Vec<ConfigResource>,
}

impl Wire for ListConfigResourcesResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.config_resources = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.config_resources.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ListConfigResourcesResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigResource {
    pub resource_name: Str,
    /// v1 only; dropped silently in others.
    pub resource_type: i8,
}

impl Default for ConfigResource {
    fn default() -> Self {
        Self { resource_name: Default::default(), resource_type: 16 }
    }
}

impl Wire for ConfigResource {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.resource_name = r.get()?;
        if v >= 1 {
            m.resource_type = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.resource_name.put(w)?;
        if v >= 1 {
            self.resource_type.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for ListConfigResourcesResponse {
    const NAME: &'static str = "ListConfigResourcesResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
