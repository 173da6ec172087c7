//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of UnregisterController (key 94), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UnregisterControllerRequest {
    pub controller_id: BrokerId,
}

impl Wire for UnregisterControllerRequest {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.controller_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.controller_id.put(w)?;
        w.tags(&[])
    }
}

impl Message for UnregisterControllerRequest {
    const NAME: &'static str = "UnregisterControllerRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for UnregisterControllerRequest {
    const KEY: ApiKey = ApiKey::UnregisterController;
    type Response = super::UnregisterControllerResponse;
}
