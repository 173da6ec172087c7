//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DeleteTopics (key 20), v0 to v6, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteTopicsResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub responses: Vec<DeletableTopicResult>,
}

impl Wire for DeleteTopicsResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        m.responses = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        self.responses.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DeleteTopicsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeletableTopicResult {
    /// null from v6 on.
    pub name: Option<Str>,
    /// v6 only; dropped silently in others.
    pub topic_id: Uuid,
    pub error_code: i16,
    /// From v5 on; dropped silently in others.
    pub error_message: Option<Str>,
}

impl Wire for DeletableTopicResult {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.name = if v >= 6 { r.get()? } else { Some(r.get()?) };
        if v >= 6 {
            m.topic_id = r.get()?;
        }
        m.error_code = r.get()?;
        if v >= 5 {
            m.error_message = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 6 {
            self.name.put(w)?;
        } else {
            w.required(&self.name, "name")?;
        }
        if v >= 6 {
            self.topic_id.put(w)?;
        }
        w.error_code(self.error_code)?;
        if v >= 5 {
            self.error_message.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}
