//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of OffsetFetch (key 9), v0 to v10, flexible from v6.
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetFetchRequest {
    /// Up to v7.
    pub group_id: Str,
    /// Up to v7; null from v2 on.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// From v8 on.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// From v7 on.
    pub require_stable: bool,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            topics: Some(Default::default()),
            groups: Default::default(),
            require_stable: Default::default(),
        }
    }
}

impl Wire for OffsetFetchRequest {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 7 {
            m.group_id = r.get()?;
        }
        if v <= 7 {
            m.topics = if v >= 2 { r.get()? } else { Some(r.get()?) };
        }
        if v >= 8 {
            m.groups = r.get()?;
        }
        if v >= 7 {
            m.require_stable = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 7 {
            self.group_id.put(w)?;
        } else {
            w.absent(!self.group_id.is_empty(), "group_id")?;
        }
        if v <= 7 {
            if v >= 2 {
                self.topics.put(w)?;
            } else {
                w.required(&self.topics, "topics")?;
            }
        } else {
            w.absent(self.topics != Some(Vec::new()), "topics")?;
        }
        if v >= 8 {
            self.groups.put(w)?;
        } else {
            w.absent(!self.groups.is_empty(), "groups")?;
        }
        if v >= 7 {
            self.require_stable.put(w)?;
        } else {
            w.absent(self.require_stable, "require_stable")?;
        }
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetFetchRequestTopic {
    pub name: Str,
    pub partition_indexes: Vec<PartitionIndex>,
}

impl Wire for OffsetFetchRequestTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.partition_indexes = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.partition_indexes.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetFetchRequestGroup {
    pub group_id: Str,
    /// From v9 on; dropped silently in others.
    pub member_id: Option<Str>,
    /// From v9 on; dropped silently in others.
    pub member_epoch: i32,
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            member_id: Default::default(),
            member_epoch: -1,
            topics: Some(Default::default()),
        }
    }
}

impl Wire for OffsetFetchRequestGroup {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        if v >= 9 {
            m.member_id = r.get()?;
        }
        if v >= 9 {
            m.member_epoch = r.get()?;
        }
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        if v >= 9 {
            self.member_id.put(w)?;
        }
        if v >= 9 {
            self.member_epoch.put(w)?;
        }
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OffsetFetchRequestTopics {
    /// Up to v9; dropped silently in others.
    pub name: Str,
    /// v10 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partition_indexes: Vec<PartitionIndex>,
}

impl Wire for OffsetFetchRequestTopics {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 9 {
            m.name = r.get()?;
        }
        if v >= 10 {
            m.topic_id = r.get()?;
        }
        m.partition_indexes = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 9 {
            self.name.put(w)?;
        }
        if v >= 10 {
            self.topic_id.put(w)?;
        }
        self.partition_indexes.put(w)?;
        w.tags(&[])
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);
}

impl Request for OffsetFetchRequest {
    const KEY: ApiKey = ApiKey::OffsetFetch;
    type Response = super::OffsetFetchResponse;
}
