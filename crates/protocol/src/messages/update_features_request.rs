//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of UpdateFeatures (key 57), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateFeaturesRequest {
    pub timeout_ms: i32,
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// From v1 on.
    pub validate_only: bool,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            feature_updates: Default::default(),
            validate_only: Default::default(),
        }
    }
}

impl Wire for UpdateFeaturesRequest {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.timeout_ms = r.get()?;
        m.feature_updates = r.get()?;
        if v >= 1 {
            m.validate_only = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.timeout_ms.put(w)?;
        self.feature_updates.put(w)?;
        if v >= 1 {
            self.validate_only.put(w)?;
        } else {
            w.absent(self.validate_only, "validate_only")?;
        }
        w.tags(&[])
    }
}

/// Part of [`UpdateFeaturesRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureUpdateKey {
    pub feature: Str,
    pub max_version_level: i16,
    /// v0 only.
    pub allow_downgrade: bool,
    /// From v1 on.
    pub upgrade_type: i8,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self {
            feature: Default::default(),
            max_version_level: Default::default(),
            allow_downgrade: Default::default(),
            upgrade_type: 1,
        }
    }
}

impl Wire for FeatureUpdateKey {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.feature = r.get()?;
        m.max_version_level = r.get()?;
        if v <= 0 {
            m.allow_downgrade = r.get()?;
        }
        if v >= 1 {
            m.upgrade_type = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.feature.put(w)?;
        self.max_version_level.put(w)?;
        if v <= 0 {
            self.allow_downgrade.put(w)?;
        } else {
            w.absent(self.allow_downgrade, "allow_downgrade")?;
        }
        if v >= 1 {
            self.upgrade_type.put(w)?;
        } else {
            w.absent(self.upgrade_type != 1, "upgrade_type")?;
        }
        w.tags(&[])
    }
}

impl Message for UpdateFeaturesRequest {
    const NAME: &'static str = "UpdateFeaturesRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for UpdateFeaturesRequest {
    const KEY: ApiKey = ApiKey::UpdateFeatures;
    type Response = super::UpdateFeaturesResponse;
}
