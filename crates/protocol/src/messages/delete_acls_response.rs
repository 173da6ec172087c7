//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DeleteAcls (key 31), v0 to v3, flexible from v2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteAclsResponse {
    pub throttle_time_ms: i32,
    pub filter_results: Vec<DeleteAclsFilterResult>,
}

impl Wire for DeleteAclsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.filter_results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.filter_results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DeleteAclsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteAclsFilterResult {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
}

impl Wire for DeleteAclsFilterResult {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.matching_acls = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.matching_acls.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DeleteAclsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DeleteAclsMatchingAcl {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub resource_type: i8,
    pub resource_name: Str,
    /// From v1 on.
    pub pattern_type: i8,
    pub principal: Str,
    pub host: Str,
    pub operation: i8,
    pub permission_type: i8,
}

impl Default for DeleteAclsMatchingAcl {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Default::default(),
            resource_type: Default::default(),
            resource_name: Default::default(),
            pattern_type: 3,
            principal: Default::default(),
            host: Default::default(),
            operation: Default::default(),
            permission_type: Default::default(),
        }
    }
}

impl Wire for DeleteAclsMatchingAcl {
    const SIZE_MIN: usize = 11;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.resource_type = r.get()?;
        m.resource_name = r.get()?;
        if v >= 1 {
            m.pattern_type = r.get()?;
        }
        m.principal = r.get()?;
        m.host = r.get()?;
        m.operation = r.get()?;
        m.permission_type = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.resource_type.put(w)?;
        self.resource_name.put(w)?;
        if v >= 1 {
            self.pattern_type.put(w)?;
        } else {
            w.absent(self.pattern_type != 3, "pattern_type")?;
        }
        self.principal.put(w)?;
        self.host.put(w)?;
        self.operation.put(w)?;
        self.permission_type.put(w)?;
        w.tags(&[])
    }
}

impl Message for DeleteAclsResponse {
    const NAME: &'static str = "DeleteAclsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);
}
