//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 14, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub assigned_partitions: Vec<TopicPartitions>,
}

impl Wire for ShareGroupCurrentMemberAssignmentValue {
    const SIZE_MIN: usize = 11;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_epoch = r.get()?;
        m.previous_member_epoch = r.get()?;
        m.state = r.get()?;
        m.assigned_partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_epoch.put(w)?;
        self.previous_member_epoch.put(w)?;
        self.state.put(w)?;
        self.assigned_partitions.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ShareGroupCurrentMemberAssignmentValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("memberEpoch", &self.member_epoch, v);
        o.set("previousMemberEpoch", &self.previous_member_epoch, v);
        o.set("state", &self.state, v);
        o.set("assignedPartitions", &self.assigned_partitions, v);
        Json::Object(o)
    }
}

/// Part of [`ShareGroupCurrentMemberAssignmentValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TopicPartitions {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for TopicPartitions {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicId", &self.topic_id, v);
        o.set("partitions", &self.partitions, v);
        Json::Object(o)
    }
}

impl Message for ShareGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ShareGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ShareGroupCurrentMemberAssignmentValue {
    const TYPE: i16 = 14;
}
