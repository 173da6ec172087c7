//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of BrokerHeartbeat (key 63), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokerHeartbeatRequest {
    pub broker_id: BrokerId,
    pub broker_epoch: i64,
    pub current_metadata_offset: Offset,
    pub want_fence: bool,
    pub want_shut_down: bool,
    /// From v1 on.
    pub offline_log_dirs: Vec<Uuid>,
    /// v2 only.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            broker_epoch: -1,
            current_metadata_offset: Default::default(),
            want_fence: Default::default(),
            want_shut_down: Default::default(),
            offline_log_dirs: Default::default(),
            cordoned_log_dirs: Default::default(),
        }
    }
}

impl Wire for BrokerHeartbeatRequest {
    const SIZE_MIN: usize = 23;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.broker_epoch = r.get()?;
        m.current_metadata_offset = r.get()?;
        m.want_fence = r.get()?;
        m.want_shut_down = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 1 => m.offline_log_dirs = r.get()?,
                1 if v >= 2 => m.cordoned_log_dirs = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.broker_id.put(w)?;
        self.broker_epoch.put(w)?;
        self.current_metadata_offset.put(w)?;
        self.want_fence.put(w)?;
        self.want_shut_down.put(w)?;
        w.absent(v < 1 && !self.offline_log_dirs.is_empty(), "offline_log_dirs")?;
        w.absent(v < 2 && self.cordoned_log_dirs.is_some(), "cordoned_log_dirs")?;
        w.tags(&[
            (0, v >= 1 && !self.offline_log_dirs.is_empty(), &|w| self.offline_log_dirs.put(w)),
            (1, v >= 2 && self.cordoned_log_dirs.is_some(), &|w| self.cordoned_log_dirs.put(w)),
        ])?;
        Ok(())
    }
}

impl Message for BrokerHeartbeatRequest {
    const NAME: &'static str = "BrokerHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for BrokerHeartbeatRequest {
    const KEY: ApiKey = ApiKey::BrokerHeartbeat;
    type Response = super::BrokerHeartbeatResponse;
}
