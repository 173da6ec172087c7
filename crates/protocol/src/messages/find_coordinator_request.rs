//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of FindCoordinator (key 10), v0 to v6, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FindCoordinatorRequest {
    /// Up to v3.
    pub key: Str,
    /// From v1 on.
    pub key_type: i8,
    /// From v4 on.
    pub coordinator_keys: Vec<Str>,
}

impl Wire for FindCoordinatorRequest {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 3 {
            m.key = r.get()?;
        }
        if v >= 1 {
            m.key_type = r.get()?;
        }
        if v >= 4 {
            m.coordinator_keys = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 3 {
            self.key.put(w)?;
        } else {
            w.absent(!self.key.is_empty(), "key")?;
        }
        if v >= 1 {
            self.key_type.put(w)?;
        } else {
            w.absent(self.key_type != 0, "key_type")?;
        }
        if v >= 4 {
            self.coordinator_keys.put(w)?;
        } else {
            w.absent(!self.coordinator_keys.is_empty(), "coordinator_keys")?;
        }
        w.tags(&[])
    }
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}

impl Request for FindCoordinatorRequest {
    const KEY: ApiKey = ApiKey::FindCoordinator;
    type Response = super::FindCoordinatorResponse;
}
