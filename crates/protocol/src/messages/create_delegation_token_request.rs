//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of CreateDelegationToken (key 38), v0 to v3, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreateDelegationTokenRequest {
    /// v3 only.
    pub owner_principal_type: Option<Str>,
    /// v3 only.
    pub owner_principal_name: Option<Str>,
    pub renewers: Vec<CreatableRenewers>,
    pub max_lifetime_ms: i64,
}

impl Wire for CreateDelegationTokenRequest {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 3 {
            m.owner_principal_type = r.get()?;
        }
        if v >= 3 {
            m.owner_principal_name = r.get()?;
        }
        m.renewers = r.get()?;
        m.max_lifetime_ms = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 3 {
            self.owner_principal_type.put(w)?;
        } else {
            w.absent(self.owner_principal_type.is_some(), "owner_principal_type")?;
        }
        if v >= 3 {
            self.owner_principal_name.put(w)?;
        } else {
            w.absent(self.owner_principal_name.is_some(), "owner_principal_name")?;
        }
        self.renewers.put(w)?;
        self.max_lifetime_ms.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`CreateDelegationTokenRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreatableRenewers {
    pub principal_type: Str,
    pub principal_name: Str,
}

impl Wire for CreatableRenewers {
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

impl Message for CreateDelegationTokenRequest {
    const NAME: &'static str = "CreateDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}

impl Request for CreateDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::CreateDelegationToken;
    type Response = super::CreateDelegationTokenResponse;
}
