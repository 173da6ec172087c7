//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of UpdateRaftVoter (key 82), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateRaftVoterRequest {
    pub cluster_id: Option<Str>,
    pub current_leader_epoch: LeaderEpoch,
    pub voter_id: BrokerId,
    pub voter_directory_id: Uuid,
    pub listeners: Vec<Listener>,
    pub kraft_version_feature: KRaftVersionFeature,
}

impl Wire for UpdateRaftVoterRequest {
    const SIZE_MIN: usize = 32;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.cluster_id = r.get()?;
        m.current_leader_epoch = r.get()?;
        m.voter_id = r.get()?;
        m.voter_directory_id = r.get()?;
        m.listeners = r.get()?;
        m.kraft_version_feature = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.cluster_id.put(w)?;
        self.current_leader_epoch.put(w)?;
        self.voter_id.put(w)?;
        self.voter_directory_id.put(w)?;
        self.listeners.put(w)?;
        self.kraft_version_feature.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`UpdateRaftVoterRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listener {
    pub name: Str,
    pub host: Str,
    pub port: u16,
}

impl Wire for Listener {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`UpdateRaftVoterRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KRaftVersionFeature {
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Wire for KRaftVersionFeature {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.min_supported_version = r.get()?;
        m.max_supported_version = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.min_supported_version.put(w)?;
        self.max_supported_version.put(w)?;
        w.tags(&[])
    }
}

impl Message for UpdateRaftVoterRequest {
    const NAME: &'static str = "UpdateRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for UpdateRaftVoterRequest {
    const KEY: ApiKey = ApiKey::UpdateRaftVoter;
    type Response = super::UpdateRaftVoterResponse;
}
