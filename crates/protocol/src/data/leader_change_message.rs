//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaderChangeMessage {
    pub version: i16,
    pub leader_id: BrokerId,
    pub voters: Vec<Voter>,
    pub granting_voters: Vec<Voter>,
}

impl Wire for LeaderChangeMessage {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.version = r.get()?;
        m.leader_id = r.get()?;
        m.voters = r.get()?;
        m.granting_voters = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.version.put(w)?;
        self.leader_id.put(w)?;
        self.voters.put(w)?;
        self.granting_voters.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for LeaderChangeMessage {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("version", &self.version, v);
        o.set("leaderId", &self.leader_id, v);
        o.set("voters", &self.voters, v);
        o.set("grantingVoters", &self.granting_voters, v);
        Json::Object(o)
    }
}

/// Part of [`LeaderChangeMessage`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Voter {
    pub voter_id: BrokerId,
    /// v1 only.
    pub voter_directory_id: Uuid,
}

impl Wire for Voter {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.voter_id = r.get()?;
        if v >= 1 {
            m.voter_directory_id = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.voter_id.put(w)?;
        if v >= 1 {
            self.voter_directory_id.put(w)?;
        } else {
            w.absent(!self.voter_directory_id.is_zero(), "voter_directory_id")?;
        }
        w.tags(&[])
    }
}

impl ToJson for Voter {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("voterId", &self.voter_id, v);
        if v >= 1 {
            o.set("voterDirectoryId", &self.voter_directory_id, v);
        }
        Json::Object(o)
    }
}

impl Message for LeaderChangeMessage {
    const NAME: &'static str = "LeaderChangeMessage";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
