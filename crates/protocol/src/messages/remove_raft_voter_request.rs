//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of RemoveRaftVoter (key 81), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemoveRaftVoterRequest {
    pub cluster_id: Option<Str>,
    pub voter_id: BrokerId,
    pub voter_directory_id: Uuid,
}

impl Wire for RemoveRaftVoterRequest {
    const SIZE_MIN: usize = 22;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.cluster_id = r.get()?;
        m.voter_id = r.get()?;
        m.voter_directory_id = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.cluster_id.put(w)?;
        self.voter_id.put(w)?;
        self.voter_directory_id.put(w)?;
        w.tags(&[])
    }
}

impl Message for RemoveRaftVoterRequest {
    const NAME: &'static str = "RemoveRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for RemoveRaftVoterRequest {
    const KEY: ApiKey = ApiKey::RemoveRaftVoter;
    type Response = super::RemoveRaftVoterResponse;
}
