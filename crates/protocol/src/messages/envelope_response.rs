//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of Envelope (key 58), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnvelopeResponse {
    pub response_data: Option<Bytes>,
    pub error_code: i16,
}

impl Wire for EnvelopeResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.response_data = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.response_data.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[])
    }
}

impl Message for EnvelopeResponse {
    const NAME: &'static str = "EnvelopeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
