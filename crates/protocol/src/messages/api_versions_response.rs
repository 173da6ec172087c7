//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ApiVersions (key 18), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiVersionsResponse {
    pub error_code: i16,
    pub api_keys: Vec<ApiVersion>,
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    /// From v3 on; dropped silently in others.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// From v3 on; dropped silently in others.
    pub finalized_features_epoch: i64,
    /// From v3 on; dropped silently in others.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// From v3 on; dropped silently in others.
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            api_keys: Default::default(),
            throttle_time_ms: Default::default(),
            supported_features: Default::default(),
            finalized_features_epoch: -1,
            finalized_features: Default::default(),
            zk_migration_ready: Default::default(),
        }
    }
}

impl Wire for ApiVersionsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.api_keys = r.get()?;
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.supported_features = r.get()?,
                1 => m.finalized_features_epoch = r.get()?,
                2 => m.finalized_features = r.get()?,
                3 => m.zk_migration_ready = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.api_keys.put(w)?;
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        w.tags(&[
            (0, !self.supported_features.is_empty(), &|w| self.supported_features.put(w)),
            (1, self.finalized_features_epoch != -1, &|w| self.finalized_features_epoch.put(w)),
            (2, !self.finalized_features.is_empty(), &|w| self.finalized_features.put(w)),
            (3, self.zk_migration_ready, &|w| self.zk_migration_ready.put(w)),
        ])?;
        Ok(())
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApiVersion {
    pub api_key: i16,
    pub min_version: i16,
    pub max_version: i16,
}

impl Wire for ApiVersion {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.api_key = r.get()?;
        m.min_version = r.get()?;
        m.max_version = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.api_key.put(w)?;
        self.min_version.put(w)?;
        self.max_version.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SupportedFeatureKey {
    pub name: Str,
    pub min_version: i16,
    pub max_version: i16,
}

impl Wire for SupportedFeatureKey {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.min_version = r.get()?;
        m.max_version = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.min_version.put(w)?;
        self.max_version.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FinalizedFeatureKey {
    pub name: Str,
    pub max_version_level: i16,
    pub min_version_level: i16,
}

impl Wire for FinalizedFeatureKey {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.max_version_level = r.get()?;
        m.min_version_level = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.max_version_level.put(w)?;
        self.min_version_level.put(w)?;
        w.tags(&[])
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}
