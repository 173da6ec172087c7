//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeDelegationToken (key 41), v0 to v3, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeDelegationTokenResponse {
    pub error_code: i16,
    pub tokens: Vec<DescribedDelegationToken>,
    pub throttle_time_ms: i32,
}

impl Wire for DescribeDelegationTokenResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.tokens = r.get()?;
        m.throttle_time_ms = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.tokens.put(w)?;
        self.throttle_time_ms.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribedDelegationToken {
    pub principal_type: Str,
    pub principal_name: Str,
    /// v3 only.
    pub token_requester_principal_type: Str,
    /// v3 only.
    pub token_requester_principal_name: Str,
    pub issue_timestamp: i64,
    pub expiry_timestamp: i64,
    pub max_timestamp: i64,
    pub token_id: Str,
    pub hmac: Bytes,
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

impl Wire for DescribedDelegationToken {
    const SIZE_MIN: usize = 30;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.principal_type = r.get()?;
        m.principal_name = r.get()?;
        if v >= 3 {
            m.token_requester_principal_type = r.get()?;
        }
        if v >= 3 {
            m.token_requester_principal_name = r.get()?;
        }
        m.issue_timestamp = r.get()?;
        m.expiry_timestamp = r.get()?;
        m.max_timestamp = r.get()?;
        m.token_id = r.get()?;
        m.hmac = r.get()?;
        m.renewers = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
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
        self.issue_timestamp.put(w)?;
        self.expiry_timestamp.put(w)?;
        self.max_timestamp.put(w)?;
        self.token_id.put(w)?;
        self.hmac.put(w)?;
        self.renewers.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribedDelegationTokenRenewer {
    pub principal_type: Str,
    pub principal_name: Str,
}

impl Wire for DescribedDelegationTokenRenewer {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.principal_type = r.get()?;
        m.principal_name = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.principal_type.put(w)?;
        self.principal_name.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeDelegationTokenResponse {
    const NAME: &'static str = "DescribeDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
