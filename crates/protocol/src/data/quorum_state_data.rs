//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct QuorumStateData {
    /// v0 only.
    pub cluster_id: Str,
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub voted_id: BrokerId,
    /// v1 only.
    pub voted_directory_id: Uuid,
    /// v0 only.
    pub applied_offset: Offset,
    /// v0 only.
    pub current_voters: Option<Vec<Voter>>,
}

impl Default for QuorumStateData {
    fn default() -> Self {
        Self {
            cluster_id: Default::default(),
            leader_id: BrokerId::new(-1),
            leader_epoch: LeaderEpoch::new(-1),
            voted_id: BrokerId::new(-1),
            voted_directory_id: Default::default(),
            applied_offset: Default::default(),
            current_voters: Some(Default::default()),
        }
    }
}

impl Wire for QuorumStateData {
    const SIZE_MIN: usize = 23;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 0 {
            m.cluster_id = r.get()?;
        }
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        m.voted_id = r.get()?;
        if v >= 1 {
            m.voted_directory_id = r.get()?;
        }
        if v <= 0 {
            m.applied_offset = r.get()?;
        }
        if v <= 0 {
            m.current_voters = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 0 {
            self.cluster_id.put(w)?;
        } else {
            w.absent(!self.cluster_id.is_empty(), "cluster_id")?;
        }
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        self.voted_id.put(w)?;
        if v >= 1 {
            self.voted_directory_id.put(w)?;
        } else {
            w.absent(!self.voted_directory_id.is_zero(), "voted_directory_id")?;
        }
        if v <= 0 {
            self.applied_offset.put(w)?;
        } else {
            w.absent(self.applied_offset != Offset::new(0), "applied_offset")?;
        }
        if v <= 0 {
            self.current_voters.put(w)?;
        } else {
            w.absent(self.current_voters != Some(Vec::new()), "current_voters")?;
        }
        w.tags(&[])
    }
}

impl ToJson for QuorumStateData {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        if v <= 0 {
            o.set("clusterId", &self.cluster_id, v);
        }
        o.set("leaderId", &self.leader_id, v);
        o.set("leaderEpoch", &self.leader_epoch, v);
        o.set("votedId", &self.voted_id, v);
        if v >= 1 {
            o.set("votedDirectoryId", &self.voted_directory_id, v);
        }
        if v <= 0 {
            o.set("appliedOffset", &self.applied_offset, v);
        }
        if v <= 0 {
            o.set("currentVoters", &self.current_voters, v);
        }
        Json::Object(o)
    }
}

/// Part of [`QuorumStateData`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Voter {
    pub voter_id: BrokerId,
}

impl Wire for Voter {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.voter_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.voter_id.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for Voter {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("voterId", &self.voter_id, v);
        Json::Object(o)
    }
}

impl Message for QuorumStateData {
    const NAME: &'static str = "QuorumStateData";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
