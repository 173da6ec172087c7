//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of CreateTopics (key 19), v0 to v7, flexible from v5.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreateTopicsResponse {
    /// From v2 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub topics: Vec<CreatableTopicResult>,
}

impl Wire for CreateTopicsResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 2 {
            m.throttle_time_ms = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 2 {
            self.throttle_time_ms.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`CreateTopicsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct CreatableTopicResult {
    pub name: Str,
    /// v7 only; dropped silently in others.
    pub topic_id: Uuid,
    pub error_code: i16,
    /// From v1 on; dropped silently in others.
    pub error_message: Option<Str>,
    /// From v5 on; dropped silently in others.
    pub topic_config_error_code: i16,
    /// From v5 on; dropped silently in others.
    pub num_partitions: i32,
    /// From v5 on; dropped silently in others.
    pub replication_factor: i16,
    /// From v5 on; dropped silently in others.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: Default::default(),
            topic_id: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            topic_config_error_code: Default::default(),
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Default::default()),
        }
    }
}

impl Wire for CreatableTopicResult {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.name = r.get()?;
        if v >= 7 {
            m.topic_id = r.get()?;
        }
        m.error_code = r.get()?;
        if v >= 1 {
            m.error_message = r.get()?;
        }
        if v >= 5 {
            m.num_partitions = r.get()?;
        }
        if v >= 5 {
            m.replication_factor = r.get()?;
        }
        if v >= 5 {
            m.configs = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.topic_config_error_code = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.name.put(w)?;
        if v >= 7 {
            self.topic_id.put(w)?;
        }
        w.error_code(self.error_code)?;
        if v >= 1 {
            self.error_message.put(w)?;
        }
        if v >= 5 {
            self.num_partitions.put(w)?;
        }
        if v >= 5 {
            self.replication_factor.put(w)?;
        }
        if v >= 5 {
            self.configs.put(w)?;
        }
        w.tags(&[(0, self.topic_config_error_code != 0, &|w| {
            self.topic_config_error_code.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`CreateTopicsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct CreatableTopicConfigs {
    pub name: Str,
    pub value: Option<Str>,
    pub read_only: bool,
    pub config_source: i8,
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Default::default(),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
        }
    }
}

impl Wire for CreatableTopicConfigs {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.value = r.get()?;
        m.read_only = r.get()?;
        m.config_source = r.get()?;
        m.is_sensitive = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.value.put(w)?;
        self.read_only.put(w)?;
        self.config_source.put(w)?;
        self.is_sensitive.put(w)?;
        w.tags(&[])
    }
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=7;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);
}
