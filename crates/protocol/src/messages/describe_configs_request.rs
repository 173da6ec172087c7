//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of DescribeConfigs (key 32), v0 to v4, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeConfigsRequest {
    pub resources: Vec<DescribeConfigsResource>,
    /// From v1 on.
    pub include_synonyms: bool,
    /// From v3 on.
    pub include_documentation: bool,
}

impl Wire for DescribeConfigsRequest {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.resources = r.get()?;
        if v >= 1 {
            m.include_synonyms = r.get()?;
        }
        if v >= 3 {
            m.include_documentation = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.resources.put(w)?;
        if v >= 1 {
            self.include_synonyms.put(w)?;
        } else {
            w.absent(self.include_synonyms, "include_synonyms")?;
        }
        if v >= 3 {
            self.include_documentation.put(w)?;
        } else {
            w.absent(self.include_documentation, "include_documentation")?;
        }
        w.tags(&[])
    }
}

/// Part of [`DescribeConfigsRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeConfigsResource {
    pub resource_type: i8,
    pub resource_name: Str,
    pub configuration_keys: Option<Vec<Str>>,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            configuration_keys: Some(Default::default()),
        }
    }
}

impl Wire for DescribeConfigsResource {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.resource_type = r.get()?;
        m.resource_name = r.get()?;
        m.configuration_keys = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.resource_type.put(w)?;
        self.resource_name.put(w)?;
        self.configuration_keys.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Request for DescribeConfigsRequest {
    const KEY: ApiKey = ApiKey::DescribeConfigs;
    type Response = super::DescribeConfigsResponse;
}
