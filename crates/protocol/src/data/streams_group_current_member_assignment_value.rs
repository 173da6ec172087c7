//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 22, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
}

impl Wire for StreamsGroupCurrentMemberAssignmentValue {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_epoch = r.get()?;
        m.previous_member_epoch = r.get()?;
        m.state = r.get()?;
        m.active_tasks = r.get()?;
        m.standby_tasks = r.get()?;
        m.warmup_tasks = r.get()?;
        m.active_tasks_pending_revocation = r.get()?;
        m.standby_tasks_pending_revocation = r.get()?;
        m.warmup_tasks_pending_revocation = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_epoch.put(w)?;
        self.previous_member_epoch.put(w)?;
        self.state.put(w)?;
        self.active_tasks.put(w)?;
        self.standby_tasks.put(w)?;
        self.warmup_tasks.put(w)?;
        self.active_tasks_pending_revocation.put(w)?;
        self.standby_tasks_pending_revocation.put(w)?;
        self.warmup_tasks_pending_revocation.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for StreamsGroupCurrentMemberAssignmentValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("memberEpoch", &self.member_epoch, v);
        o.set("previousMemberEpoch", &self.previous_member_epoch, v);
        o.set("state", &self.state, v);
        o.set("activeTasks", &self.active_tasks, v);
        o.set("standbyTasks", &self.standby_tasks, v);
        o.set("warmupTasks", &self.warmup_tasks, v);
        o.set("activeTasksPendingRevocation", &self.active_tasks_pending_revocation, v);
        o.set("standbyTasksPendingRevocation", &self.standby_tasks_pending_revocation, v);
        o.set("warmupTasksPendingRevocation", &self.warmup_tasks_pending_revocation, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupCurrentMemberAssignmentValue`].
#[derive(Debug, Clone, PartialEq)]
pub struct TaskIds {
    pub subtopology_id: Str,
    pub partitions: Vec<PartitionIndex>,
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self {
            subtopology_id: Default::default(),
            partitions: Default::default(),
            assignment_epochs: Some(Default::default()),
        }
    }
}

impl Wire for TaskIds {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
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
        self.subtopology_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[(0, self.assignment_epochs != Some(Vec::new()), &|w| {
            self.assignment_epochs.put(w)
        })])?;
        Ok(())
    }
}

impl ToJson for TaskIds {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("subtopologyId", &self.subtopology_id, v);
        o.set("partitions", &self.partitions, v);
        if self.assignment_epochs != Some(Vec::new()) {
            o.set("assignmentEpochs", &self.assignment_epochs, v);
        }
        Json::Object(o)
    }
}

impl Message for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for StreamsGroupCurrentMemberAssignmentValue {
    const TYPE: i16 = 22;
}
