//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of Metadata (key 3), v0 to v13, flexible from v9.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataRequest {
    /// null from v1 on.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// From v4 on.
    pub allow_auto_topic_creation: bool,
    /// v8 to v10.
    pub include_cluster_authorized_operations: bool,
    /// From v8 on.
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Default::default()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: Default::default(),
            include_topic_authorized_operations: Default::default(),
        }
    }
}

impl Wire for MetadataRequest {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.topics = if v >= 1 { r.get()? } else { Some(r.get()?) };
        if v >= 4 {
            m.allow_auto_topic_creation = r.get()?;
        }
        if (8..=10).contains(&v) {
            m.include_cluster_authorized_operations = r.get()?;
        }
        if v >= 8 {
            m.include_topic_authorized_operations = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.topics.put(w)?;
        } else {
            w.required(&self.topics, "topics")?;
        }
        if v >= 4 {
            self.allow_auto_topic_creation.put(w)?;
        } else {
            w.absent(!self.allow_auto_topic_creation, "allow_auto_topic_creation")?;
        }
        if (8..=10).contains(&v) {
            self.include_cluster_authorized_operations.put(w)?;
        } else {
            w.absent(
                self.include_cluster_authorized_operations,
                "include_cluster_authorized_operations",
            )?;
        }
        if v >= 8 {
            self.include_topic_authorized_operations.put(w)?;
        } else {
            w.absent(
                self.include_topic_authorized_operations,
                "include_topic_authorized_operations",
            )?;
        }
        w.tags(&[])
    }
}

/// Part of [`MetadataRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetadataRequestTopic {
    /// From v10 on; dropped silently in others.
    pub topic_id: Uuid,
    /// null from v10 on.
    pub name: Option<Str>,
}

impl Wire for MetadataRequestTopic {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 10 {
            m.topic_id = r.get()?;
        }
        m.name = if v >= 10 { r.get()? } else { Some(r.get()?) };
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 10 {
            self.topic_id.put(w)?;
        }
        if v >= 10 {
            self.name.put(w)?;
        } else {
            w.required(&self.name, "name")?;
        }
        w.tags(&[])
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);
}

impl Request for MetadataRequest {
    const KEY: ApiKey = ApiKey::Metadata;
    type Response = super::MetadataResponse;
}
