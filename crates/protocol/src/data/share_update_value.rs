//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 1, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareUpdateValue {
    pub snapshot_epoch: i32,
    pub leader_epoch: LeaderEpoch,
    pub start_offset: Offset,
    pub delivery_complete_count: i32,
    pub state_batches: Vec<StateBatch>,
}

impl Default for ShareUpdateValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: Default::default(),
            leader_epoch: Default::default(),
            start_offset: Default::default(),
            delivery_complete_count: -1,
            state_batches: Default::default(),
        }
    }
}

impl Wire for ShareUpdateValue {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.snapshot_epoch = r.get()?;
        m.leader_epoch = r.get()?;
        m.start_offset = r.get()?;
        m.state_batches = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.delivery_complete_count = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.snapshot_epoch.put(w)?;
        self.leader_epoch.put(w)?;
        self.start_offset.put(w)?;
        self.state_batches.put(w)?;
        w.tags(&[(0, self.delivery_complete_count != -1, &|w| {
            self.delivery_complete_count.put(w)
        })])?;
        Ok(())
    }
}

impl ToJson for ShareUpdateValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("snapshotEpoch", &self.snapshot_epoch, v);
        o.set("leaderEpoch", &self.leader_epoch, v);
        o.set("startOffset", &self.start_offset, v);
        if self.delivery_complete_count != -1 {
            o.set("deliveryCompleteCount", &self.delivery_complete_count, v);
        }
        o.set("stateBatches", &self.state_batches, v);
        Json::Object(o)
    }
}

/// Part of [`ShareUpdateValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StateBatch {
    pub first_offset: Offset,
    pub last_offset: Offset,
    pub delivery_state: i8,
    pub delivery_count: i16,
}

impl Wire for StateBatch {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.first_offset = r.get()?;
        m.last_offset = r.get()?;
        m.delivery_state = r.get()?;
        m.delivery_count = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.first_offset.put(w)?;
        self.last_offset.put(w)?;
        self.delivery_state.put(w)?;
        self.delivery_count.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for StateBatch {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("firstOffset", &self.first_offset, v);
        o.set("lastOffset", &self.last_offset, v);
        o.set("deliveryState", &self.delivery_state, v);
        o.set("deliveryCount", &self.delivery_count, v);
        Json::Object(o)
    }
}

impl Message for ShareUpdateValue {
    const NAME: &'static str = "ShareUpdateValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ShareUpdateValue {
    const TYPE: i16 = 1;
}
