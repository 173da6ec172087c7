//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of ControlledShutdown (key 7), v0 to v3, flexible from v3.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlledShutdownRequest {
    pub broker_id: BrokerId,
    /// From v2 on; dropped silently in others.
    pub broker_epoch: i64,
}

impl Default for ControlledShutdownRequest {
    fn default() -> Self {
        Self { broker_id: Default::default(), broker_epoch: -1 }
    }
}

impl Wire for ControlledShutdownRequest {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.broker_id = r.get()?;
        if v >= 2 {
            m.broker_epoch = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.broker_id.put(w)?;
        if v >= 2 {
            self.broker_epoch.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for ControlledShutdownRequest {
    const NAME: &'static str = "ControlledShutdownRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}

impl Request for ControlledShutdownRequest {
    const KEY: ApiKey = ApiKey::ControlledShutdown;
    type Response = super::ControlledShutdownResponse;
}
