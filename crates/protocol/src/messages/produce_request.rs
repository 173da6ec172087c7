//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of Produce (key 0), v0 to v13, flexible from v9.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProduceRequest {
    /// From v3 on.
    pub transactional_id: Option<Str>,
    pub acks: i16,
    pub timeout_ms: i32,
    pub topic_data: Vec<TopicProduceData>,
}

impl Wire for ProduceRequest {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 3 {
            m.transactional_id = r.get()?;
        }
        m.acks = r.get()?;
        m.timeout_ms = r.get()?;
        m.topic_data = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 3 {
            self.transactional_id.put(w)?;
        } else {
            w.absent(self.transactional_id.is_some(), "transactional_id")?;
        }
        self.acks.put(w)?;
        self.timeout_ms.put(w)?;
        self.topic_data.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ProduceRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicProduceData {
    /// Up to v12; dropped silently in others.
    pub name: Str,
    /// v13 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partition_data: Vec<PartitionProduceData>,
}

impl Wire for TopicProduceData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v <= 12 {
            m.name = r.get()?;
        }
        if v >= 13 {
            m.topic_id = r.get()?;
        }
        m.partition_data = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v <= 12 {
            self.name.put(w)?;
        }
        if v >= 13 {
            self.topic_id.put(w)?;
        }
        self.partition_data.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ProduceRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionProduceData {
    pub index: PartitionIndex,
    pub records: Records,
}

impl Wire for PartitionProduceData {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.index = r.get()?;
        m.records = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.index.put(w)?;
        self.records.put(w)?;
        w.tags(&[])
    }
}

impl Message for ProduceRequest {
    const NAME: &'static str = "ProduceRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);
}

impl Request for ProduceRequest {
    const KEY: ApiKey = ApiKey::Produce;
    type Response = super::ProduceResponse;
}
