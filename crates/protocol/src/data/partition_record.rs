//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 3, v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionRecord {
    pub partition_id: PartitionIndex,
    pub topic_id: Uuid,
    pub replicas: Vec<BrokerId>,
    pub isr: Vec<BrokerId>,
    pub removing_replicas: Vec<BrokerId>,
    pub adding_replicas: Vec<BrokerId>,
    pub leader: BrokerId,
    pub leader_recovery_state: i8,
    pub leader_epoch: LeaderEpoch,
    pub partition_epoch: i32,
    /// From v1 on.
    pub directories: Vec<Uuid>,
    /// v2 only.
    pub eligible_leader_replicas: Option<Vec<BrokerId>>,
    /// v2 only.
    pub last_known_elr: Option<Vec<BrokerId>>,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: PartitionIndex::new(-1),
            topic_id: Default::default(),
            replicas: Default::default(),
            isr: Default::default(),
            removing_replicas: Default::default(),
            adding_replicas: Default::default(),
            leader: BrokerId::new(-1),
            leader_recovery_state: Default::default(),
            leader_epoch: LeaderEpoch::new(-1),
            partition_epoch: -1,
            directories: Default::default(),
            eligible_leader_replicas: Default::default(),
            last_known_elr: Default::default(),
        }
    }
}

impl Wire for PartitionRecord {
    const SIZE_MIN: usize = 37;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_id = r.get()?;
        m.topic_id = r.get()?;
        m.replicas = r.get()?;
        m.isr = r.get()?;
        m.removing_replicas = r.get()?;
        m.adding_replicas = r.get()?;
        m.leader = r.get()?;
        m.leader_epoch = r.get()?;
        m.partition_epoch = r.get()?;
        if v >= 1 {
            m.directories = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.leader_recovery_state = r.get()?,
                1 if v >= 2 => m.eligible_leader_replicas = r.get()?,
                2 if v >= 2 => m.last_known_elr = r.get()?,
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
        self.replicas.put(w)?;
        self.isr.put(w)?;
        self.removing_replicas.put(w)?;
        self.adding_replicas.put(w)?;
        self.leader.put(w)?;
        self.leader_epoch.put(w)?;
        self.partition_epoch.put(w)?;
        if v >= 1 {
            self.directories.put(w)?;
        } else {
            w.absent(!self.directories.is_empty(), "directories")?;
        }
        w.absent(v < 2 && self.eligible_leader_replicas.is_some(), "eligible_leader_replicas")?;
        w.absent(v < 2 && self.last_known_elr.is_some(), "last_known_elr")?;
        w.tags(&[
            (0, self.leader_recovery_state != 0, &|w| self.leader_recovery_state.put(w)),
            (1, v >= 2 && self.eligible_leader_replicas.is_some(), &|w| {
                self.eligible_leader_replicas.put(w)
            }),
            (2, v >= 2 && self.last_known_elr.is_some(), &|w| self.last_known_elr.put(w)),
        ])?;
        Ok(())
    }
}

impl ToJson for PartitionRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("partitionId", &self.partition_id, v);
        o.set("topicId", &self.topic_id, v);
        o.set("replicas", &self.replicas, v);
        o.set("isr", &self.isr, v);
        o.set("removingReplicas", &self.removing_replicas, v);
        o.set("addingReplicas", &self.adding_replicas, v);
        o.set("leader", &self.leader, v);
        if self.leader_recovery_state != 0 {
            o.set("leaderRecoveryState", &self.leader_recovery_state, v);
        }
        o.set("leaderEpoch", &self.leader_epoch, v);
        o.set("partitionEpoch", &self.partition_epoch, v);
        if v >= 1 {
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

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for PartitionRecord {
    const TYPE: i16 = 3;
}
