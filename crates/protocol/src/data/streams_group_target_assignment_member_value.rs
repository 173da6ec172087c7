//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 21, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupTargetAssignmentMemberValue {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}

impl Wire for StreamsGroupTargetAssignmentMemberValue {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.active_tasks = r.get()?;
        m.standby_tasks = r.get()?;
        m.warmup_tasks = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.active_tasks.put(w)?;
        self.standby_tasks.put(w)?;
        self.warmup_tasks.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for StreamsGroupTargetAssignmentMemberValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("activeTasks", &self.active_tasks, v);
        o.set("standbyTasks", &self.standby_tasks, v);
        o.set("warmupTasks", &self.warmup_tasks, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupTargetAssignmentMemberValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskIds {
    pub subtopology_id: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TaskIds {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopology_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for TaskIds {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("subtopologyId", &self.subtopology_id, v);
        o.set("partitions", &self.partitions, v);
        Json::Object(o)
    }
}

impl Message for StreamsGroupTargetAssignmentMemberValue {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMemberValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for StreamsGroupTargetAssignmentMemberValue {
    const TYPE: i16 = 21;
}
