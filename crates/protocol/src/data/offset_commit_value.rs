//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 1, v0 to v4, flexible from v4.
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetCommitValue {
    pub offset: Offset,
    /// From v3 on; dropped silently in others.
    pub leader_epoch: LeaderEpoch,
    pub metadata: Str,
    pub commit_timestamp: i64,
    /// v1 only; dropped silently in others.
    pub expire_timestamp: i64,
    /// v4 only; dropped silently in others.
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: Default::default(),
            leader_epoch: LeaderEpoch::new(-1),
            metadata: Default::default(),
            commit_timestamp: Default::default(),
            expire_timestamp: -1,
            topic_id: Default::default(),
        }
    }
}

impl Wire for OffsetCommitValue {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.offset = r.get()?;
        if v >= 3 {
            m.leader_epoch = r.get()?;
        }
        m.metadata = r.get()?;
        m.commit_timestamp = r.get()?;
        if v == 1 {
            m.expire_timestamp = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.topic_id = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.offset.put(w)?;
        if v >= 3 {
            self.leader_epoch.put(w)?;
        }
        self.metadata.put(w)?;
        self.commit_timestamp.put(w)?;
        if v == 1 {
            self.expire_timestamp.put(w)?;
        }
        w.tags(&[(0, !self.topic_id.is_zero(), &|w| self.topic_id.put(w))])?;
        Ok(())
    }
}

impl ToJson for OffsetCommitValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("offset", &self.offset, v);
        if v >= 3 {
            o.set("leaderEpoch", &self.leader_epoch, v);
        }
        o.set("metadata", &self.metadata, v);
        o.set("commitTimestamp", &self.commit_timestamp, v);
        if v == 1 {
            o.set("expireTimestamp", &self.expire_timestamp, v);
        }
        if !self.topic_id.is_zero() {
            o.set("topicId", &self.topic_id, v);
        }
        Json::Object(o)
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}

impl Record for OffsetCommitValue {
    const TYPE: i16 = 1;
}
