//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeUserScramCredentials (key 50), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeUserScramCredentialsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub results: Vec<DescribeUserScramCredentialsResult>,
}

impl Wire for DescribeUserScramCredentialsResponse {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeUserScramCredentialsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeUserScramCredentialsResult {
    pub user: Str,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub credential_infos: Vec<CredentialInfo>,
}

impl Wire for DescribeUserScramCredentialsResult {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.user = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.credential_infos = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.user.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.credential_infos.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeUserScramCredentialsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CredentialInfo {
    pub mechanism: i8,
    pub iterations: i32,
}

impl Wire for CredentialInfo {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.mechanism = r.get()?;
        m.iterations = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.mechanism.put(w)?;
        self.iterations.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeUserScramCredentialsResponse {
    const NAME: &'static str = "DescribeUserScramCredentialsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
