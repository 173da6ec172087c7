//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of UpdateFeatures (key 57), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateFeaturesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
    /// Up to v1; dropped silently in others.
    pub results: Vec<UpdatableFeatureResult>,
}

impl Wire for UpdateFeaturesResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        if v <= 1 {
            m.results = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        if v <= 1 {
            self.results.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`UpdateFeaturesResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdatableFeatureResult {
    pub feature: Str,
    pub error_code: i16,
    pub error_message: Option<Str>,
}

impl Wire for UpdatableFeatureResult {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.feature = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.feature.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        w.tags(&[])
    }
}

impl Message for UpdateFeaturesResponse {
    const NAME: &'static str = "UpdateFeaturesResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
