//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of DeleteTopics (key 20), v0 to v6, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteTopicsRequest {
    /// v6 only.
    pub topics: Vec<DeleteTopicState>,
    /// Up to v5; dropped silently in others.
    pub topic_names: Vec<Str>,
    pub timeout_ms: i32,
}

impl Wire for DeleteTopicsRequest {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 6 {
            m.topics = r.get()?;
        }
        if v <= 5 {
            m.topic_names = r.get()?;
        }
        m.timeout_ms = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 6 {
            self.topics.put(w)?;
        } else {
            w.absent(!self.topics.is_empty(), "topics")?;
        }
        if v <= 5 {
            self.topic_names.put(w)?;
        }
        self.timeout_ms.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DeleteTopicsRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteTopicState {
    pub name: Option<Str>,
    pub topic_id: Uuid,
}

impl Wire for DeleteTopicState {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.topic_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.topic_id.put(w)?;
        w.tags(&[])
    }
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Request for DeleteTopicsRequest {
    const KEY: ApiKey = ApiKey::DeleteTopics;
    type Response = super::DeleteTopicsResponse;
}
