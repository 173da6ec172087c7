//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 5, v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionChangeRecord {
    pub partition_id: PartitionIndex,
    pub topic_id: Uuid,
    pub isr: Option<Vec<BrokerId>>,
    pub leader: BrokerId,
    pub replicas: Option<Vec<BrokerId>>,
    pub removing_replicas: Option<Vec<BrokerId>>,
    pub adding_replicas: Option<Vec<BrokerId>>,
    pub leader_recovery_state: i8,
    /// From v1 on.
    pub directories: Option<Vec<Uuid>>,
    /// v2 only.
    pub eligible_leader_replicas: Option<Vec<BrokerId>>,
    /// v2 only.
    pub last_known_elr: Option<Vec<BrokerId>>,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: PartitionIndex::new(-1),
            topic_id: Default::default(),
            isr: Default::default(),
            leader: BrokerId::new(-2),
            replicas: Default::default(),
            removing_replicas: Default::default(),
            adding_replicas: Default::default(),
            leader_recovery_state: -1,
            directories: Default::default(),
            eligible_leader_replicas: Default::default(),
            last_known_elr: Default::default(),
        }
    }
}

impl Wire for PartitionChangeRecord {
    const SIZE_MIN: usize = 21;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_id = r.get()?;
        m.topic_id = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.isr = r.get()?,
                1 => m.leader = r.get()?,
                2 => m.replicas = r.get()?,
                3 => m.removing_replicas = r.get()?,
                4 => m.adding_replicas = r.get()?,
                5 => m.leader_recovery_state = r.get()?,
                8 if v >= 1 => m.directories = r.get()?,
                6 if v >= 2 => m.eligible_leader_replicas = r.get()?,
                7 if v >= 2 => m.last_known_elr = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_id.put(w)?;
        self.topic_id.put(w)?;
        w.absent(v < 1 && self.directories.is_some(), "directories")?;
        w.absent(v < 2 && self.eligible_leader_replicas.is_some(), "eligible_leader_replicas")?;
        w.absent(v < 2 && self.last_known_elr.is_some(), "last_known_elr")?;
        w.tags(&[
            (0, self.isr.is_some(), &|w| self.isr.put(w)),
            (1, self.leader != BrokerId::new(-2), &|w| self.leader.put(w)),
            (2, self.replicas.is_some(), &|w| self.replicas.put(w)),
            (3, self.removing_replicas.is_some(), &|w| self.removing_replicas.put(w)),
            (4, self.adding_replicas.is_some(), &|w| self.adding_replicas.put(w)),
            (5, self.leader_recovery_state != -1, &|w| self.leader_recovery_state.put(w)),
            (6, v >= 2 && self.eligible_leader_replicas.is_some(), &|w| {
                self.eligible_leader_replicas.put(w)
            }),
            (7, v >= 2 && self.last_known_elr.is_some(), &|w| self.last_known_elr.put(w)),
            (8, v >= 1 && self.directories.is_some(), &|w| self.directories.put(w)),
        ])?;
        Ok(())
    }
}

impl ToJson for PartitionChangeRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("partitionId", &self.partition_id, v);
        o.set("topicId", &self.topic_id, v);
        if self.isr.is_some() {
            o.set("isr", &self.isr, v);
        }
        if self.leader != BrokerId::new(-2) {
            o.set("leader", &self.leader, v);
        }
        if self.replicas.is_some() {
            o.set("replicas", &self.replicas, v);
        }
        if self.removing_replicas.is_some() {
            o.set("removingReplicas", &self.removing_replicas, v);
        }
        if self.adding_replicas.is_some() {
            o.set("addingReplicas", &self.adding_replicas, v);
        }
        if self.leader_recovery_state != -1 {
            o.set("leaderRecoveryState", &self.leader_recovery_state, v);
        }
        if v >= 1 && self.directories.is_some() {
            o.set("directories", &self.directories, v);
        }
        if v >= 2 && self.eligible_leader_replicas.is_some() {
            o.set("eligibleLeaderReplicas", &self.eligible_leader_replicas, v);
        }
        if v >= 2 && self.last_known_elr.is_some() {
            o.set("lastKnownElr", &self.last_known_elr, v);
        }
        Json::Object(o)
    }
}

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for PartitionChangeRecord {
    const TYPE: i16 = 5;
}
