//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of UpdateRaftVoter (key 82), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateRaftVoterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub current_leader: CurrentLeader,
}

impl Wire for UpdateRaftVoterResponse {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.current_leader = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        w.tags(&[(0, self.current_leader != CurrentLeader::default(), &|w| {
            self.current_leader.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`UpdateRaftVoterResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct CurrentLeader {
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub host: Str,
    pub port: i32,
}

impl Default for CurrentLeader {
    fn default() -> Self {
        Self {
            leader_id: BrokerId::new(-1),
            leader_epoch: LeaderEpoch::new(-1),
            host: Default::default(),
            port: Default::default(),
        }
    }
}

impl Wire for CurrentLeader {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

impl Message for UpdateRaftVoterResponse {
    const NAME: &'static str = "UpdateRaftVoterResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
