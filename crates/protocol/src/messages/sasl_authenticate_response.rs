//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of SaslAuthenticate (key 36), v0 to v2, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SaslAuthenticateResponse {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub auth_bytes: Bytes,
    /// From v1 on; dropped silently in others.
    pub session_lifetime_ms: i64,
}

impl Wire for SaslAuthenticateResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.auth_bytes = r.get()?;
        if v >= 1 {
            m.session_lifetime_ms = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.auth_bytes.put(w)?;
        if v >= 1 {
            self.session_lifetime_ms.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for SaslAuthenticateResponse {
    const NAME: &'static str = "SaslAuthenticateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
