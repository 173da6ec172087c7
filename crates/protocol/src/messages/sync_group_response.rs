//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of SyncGroup (key 14), v0 to v5, flexible from v4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncGroupResponse {
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub error_code: i16,
    /// v5 only; dropped silently in others.
    pub protocol_type: Option<Str>,
    /// v5 only; dropped silently in others.
    pub protocol_name: Option<Str>,
    pub assignment: Bytes,
}

impl Wire for SyncGroupResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        m.error_code = r.get()?;
        if v >= 5 {
            m.protocol_type = r.get()?;
        }
        if v >= 5 {
            m.protocol_name = r.get()?;
        }
        m.assignment = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        w.error_code(self.error_code)?;
        if v >= 5 {
            self.protocol_type.put(w)?;
        }
        if v >= 5 {
            self.protocol_name.put(w)?;
        }
        self.assignment.put(w)?;
        w.tags(&[])
    }
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);
}
