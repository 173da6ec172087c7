//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 8, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub assigned_partitions: Vec<TopicPartitions>,
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

impl Wire for ConsumerGroupCurrentMemberAssignmentValue {
    const SIZE_MIN: usize = 12;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_epoch = r.get()?;
        m.previous_member_epoch = r.get()?;
        m.state = r.get()?;
        m.assigned_partitions = r.get()?;
        m.partitions_pending_revocation = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_epoch.put(w)?;
        self.previous_member_epoch.put(w)?;
        self.state.put(w)?;
        self.assigned_partitions.put(w)?;
        self.partitions_pending_revocation.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ConsumerGroupCurrentMemberAssignmentValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("memberEpoch", &self.member_epoch, v);
        o.set("previousMemberEpoch", &self.previous_member_epoch, v);
        o.set("state", &self.state, v);
        o.set("assignedPartitions", &self.assigned_partitions, v);
        o.set("partitionsPendingRevocation", &self.partitions_pending_revocation, v);
        Json::Object(o)
    }
}

/// Part of [`ConsumerGroupCurrentMemberAssignmentValue`].
#[derive(Debug, Clone, PartialEq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionIndex>,
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TopicPartitions {
    fn default() -> Self {
        Self {
            topic_id: Default::default(),
            partitions: Default::default(),
            assignment_epochs: Some(Default::default()),
        }
    }
}

impl Wire for TopicPartitions {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.assignment_epochs = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[(0, self.assignment_epochs != Some(Vec::new()), &|w| {
            self.assignment_epochs.put(w)
        })])?;
        Ok(())
    }
}

impl ToJson for TopicPartitions {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicId", &self.topic_id, v);
        o.set("partitions", &self.partitions, v);
        if self.assignment_epochs != Some(Vec::new()) {
            o.set("assignmentEpochs", &self.assignment_epochs, v);
        }
        Json::Object(o)
    }
}

impl Message for ConsumerGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ConsumerGroupCurrentMemberAssignmentValue {
    const TYPE: i16 = 8;
}
