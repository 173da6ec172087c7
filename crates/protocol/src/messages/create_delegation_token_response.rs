//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of CreateDelegationToken (key 38), v0 to v3, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreateDelegationTokenResponse {
    pub error_code: i16,
    pub principal_type: Str,
    pub principal_name: Str,
    /// v3 only.
    pub token_requester_principal_type: Str,
    /// v3 only.
    pub token_requester_principal_name: Str,
    pub issue_timestamp_ms: i64,
    pub expiry_timestamp_ms: i64,
    pub max_timestamp_ms: i64,
    pub token_id: Str,
    pub hmac: Bytes,
    pub throttle_time_ms: i32,
}

impl Wire for CreateDelegationTokenResponse {
    const SIZE_MIN: usize = 35;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.principal_type = r.get()?;
        m.principal_name = r.get()?;
        if v >= 3 {
            m.token_requester_principal_type = r.get()?;
        }
        if v >= 3 {
            m.token_requester_principal_name = r.get()?;
        }
        m.issue_timestamp_ms = r.get()?;
        m.expiry_timestamp_ms = r.get()?;
        m.max_timestamp_ms = r.get()?;
        m.token_id = r.get()?;
        m.hmac = r.get()?;
        m.throttle_time_ms = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.principal_type.put(w)?;
        self.principal_name.put(w)?;
        if v >= 3 {
            self.token_requester_principal_type.put(w)?;
        } else {
            w.absent(
                !self.token_requester_principal_type.is_empty(),
                "token_requester_principal_type",
            )?;
        }
        if v >= 3 {
            self.token_requester_principal_name.put(w)?;
        } else {
            w.absent(
                !self.token_requester_principal_name.is_empty(),
                "token_requester_principal_name",
            )?;
        }
        self.issue_timestamp_ms.put(w)?;
        self.expiry_timestamp_ms.put(w)?;
        self.max_timestamp_ms.put(w)?;
        self.token_id.put(w)?;
        self.hmac.put(w)?;
        self.throttle_time_ms.put(w)?;
        w.tags(&[])
    }
}

impl Message for CreateDelegationTokenResponse {
    const NAME: &'static str = "CreateDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
