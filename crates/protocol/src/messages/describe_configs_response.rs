//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeConfigs (key 32), v0 to v4, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeConfigsResponse {
    pub throttle_time_ms: i32,
    pub results: Vec<DescribeConfigsResult>,
}

impl Wire for DescribeConfigsResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.results = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.results.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeConfigsResult {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub resource_type: i8,
    pub resource_name: Str,
    pub configs: Vec<DescribeConfigsResourceResult>,
}

impl Wire for DescribeConfigsResult {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.resource_type = r.get()?;
        m.resource_name = r.get()?;
        m.configs = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.resource_type.put(w)?;
        self.resource_name.put(w)?;
        self.configs.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeConfigsResourceResult {
    pub name: Str,
    pub value: Option<Str>,
    pub read_only: bool,
    /// v0 only.
    pub is_default: bool,
    /// From v1 on; dropped silently in others.
    pub config_source: i8,
    pub is_sensitive: bool,
    /// From v1 on; dropped silently in others.
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// From v3 on; dropped silently in others.
    pub config_type: i8,
    /// From v3 on; dropped silently in others.
    pub documentation: Option<Str>,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Default::default(),
            read_only: Default::default(),
            is_default: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
            synonyms: Default::default(),
            config_type: Default::default(),
            documentation: Default::default(),
        }
    }
}

impl Wire for DescribeConfigsResourceResult {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.name = r.get()?;
        m.value = r.get()?;
        m.read_only = r.get()?;
        if v <= 0 {
            m.is_default = r.get()?;
        }
        if v >= 1 {
            m.config_source = r.get()?;
        }
        m.is_sensitive = r.get()?;
        if v >= 1 {
            m.synonyms = r.get()?;
        }
        if v >= 3 {
            m.config_type = r.get()?;
        }
        if v >= 3 {
            m.documentation = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.name.put(w)?;
        self.value.put(w)?;
        self.read_only.put(w)?;
        if v <= 0 {
            self.is_default.put(w)?;
        } else {
            w.absent(self.is_default, "is_default")?;
        }
        if v >= 1 {
            self.config_source.put(w)?;
        }
        self.is_sensitive.put(w)?;
        if v >= 1 {
            self.synonyms.put(w)?;
        }
        if v >= 3 {
            self.config_type.put(w)?;
        }
        if v >= 3 {
            self.documentation.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`DescribeConfigsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeConfigsSynonym {
    pub name: Str,
    pub value: Option<Str>,
    pub source: i8,
}

impl Wire for DescribeConfigsSynonym {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.value = r.get()?;
        m.source = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.value.put(w)?;
        self.source.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeConfigsResponse {
    const NAME: &'static str = "DescribeConfigsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}
