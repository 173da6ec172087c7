//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of UpdateMetadata (key 6), v0 to v8, flexible from v6.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateMetadataResponse {
    pub error_code: i16,
}

impl Wire for UpdateMetadataResponse {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for UpdateMetadataResponse {
    const NAME: &'static str = "UpdateMetadataResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=8;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}
