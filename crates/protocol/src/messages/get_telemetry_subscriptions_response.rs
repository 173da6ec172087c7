//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of GetTelemetrySubscriptions (key 71), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GetTelemetrySubscriptionsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub accepted_compression_types: Vec<i8>,
    pub push_interval_ms: i32,
    pub telemetry_max_bytes: i32,
    pub delta_temporality: bool,
    pub requested_metrics: Vec<Str>,
}

impl Wire for GetTelemetrySubscriptionsResponse {
    const SIZE_MIN: usize = 38;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.client_instance_id = r.get()?;
        m.subscription_id = r.get()?;
        m.accepted_compression_types = r.get()?;
        m.push_interval_ms = r.get()?;
        m.telemetry_max_bytes = r.get()?;
        m.delta_temporality = r.get()?;
        m.requested_metrics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.client_instance_id.put(w)?;
        self.subscription_id.put(w)?;
        self.accepted_compression_types.put(w)?;
        self.push_interval_ms.put(w)?;
        self.telemetry_max_bytes.put(w)?;
        self.delta_temporality.put(w)?;
        self.requested_metrics.put(w)?;
        w.tags(&[])
    }
}

impl Message for GetTelemetrySubscriptionsResponse {
    const NAME: &'static str = "GetTelemetrySubscriptionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
