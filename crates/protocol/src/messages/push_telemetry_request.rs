//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of PushTelemetry (key 72), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PushTelemetryRequest {
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub terminating: bool,
    pub compression_type: i8,
    pub metrics: Bytes,
}

impl Wire for PushTelemetryRequest {
    const SIZE_MIN: usize = 24;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.client_instance_id = r.get()?;
        m.subscription_id = r.get()?;
        m.terminating = r.get()?;
        m.compression_type = r.get()?;
        m.metrics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.client_instance_id.put(w)?;
        self.subscription_id.put(w)?;
        self.terminating.put(w)?;
        self.compression_type.put(w)?;
        self.metrics.put(w)?;
        w.tags(&[])
    }
}

impl Message for PushTelemetryRequest {
    const NAME: &'static str = "PushTelemetryRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for PushTelemetryRequest {
    const KEY: ApiKey = ApiKey::PushTelemetry;
    type Response = super::PushTelemetryResponse;
}
