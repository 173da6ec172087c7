//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of Produce (key 0), v0 to v13, flexible from v9.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProduceResponse {
    pub responses: Vec<TopicProduceResponse>,
    /// From v1 on; dropped silently in others.
    pub throttle_time_ms: i32,
    /// From v10 on.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Wire for ProduceResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.responses = r.get()?;
        if v >= 1 {
            m.throttle_time_ms = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 10 => m.node_endpoints = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.responses.put(w)?;
        if v >= 1 {
            self.throttle_time_ms.put(w)?;
        }
        w.absent(v < 10 && !self.node_endpoints.is_empty(), "node_endpoints")?;
        w.tags(&[(0, v >= 10 && !self.node_endpoints.is_empty(), &|w| {
            self.node_endpoints.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicProduceResponse {
    /// Up to v12; dropped silently in others.
    pub name: Str,
    /// v13 only; dropped silently in others.
    pub topic_id: Uuid,
    pub partition_responses: Vec<PartitionProduceResponse>,
}

impl Wire for TopicProduceResponse {
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
        m.partition_responses = r.get()?;
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
        self.partition_responses.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ProduceResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionProduceResponse {
    pub index: PartitionIndex,
    pub error_code: i16,
    pub base_offset: Offset,
    /// From v2 on; dropped silently in others.
    pub log_append_time_ms: i64,
    /// From v5 on; dropped silently in others.
    pub log_start_offset: Offset,
    /// From v8 on; dropped silently in others.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// From v8 on; dropped silently in others.
    pub error_message: Option<Str>,
    /// From v10 on.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: Default::default(),
            error_code: Default::default(),
            base_offset: Default::default(),
            log_append_time_ms: -1,
            log_start_offset: Offset::new(-1),
            record_errors: Default::default(),
            error_message: Default::default(),
            current_leader: Default::default(),
        }
    }
}

impl Wire for PartitionProduceResponse {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.index = r.get()?;
        m.error_code = r.get()?;
        m.base_offset = r.get()?;
        if v >= 2 {
            m.log_append_time_ms = r.get()?;
        }
        if v >= 5 {
            m.log_start_offset = r.get()?;
        }
        if v >= 8 {
            m.record_errors = r.get()?;
        }
        if v >= 8 {
            m.error_message = r.get()?;
        }
        r.tags(&mut |r, tag| {
            match tag {
                0 if v >= 10 => m.current_leader = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.index.put(w)?;
        w.error_code(self.error_code)?;
        self.base_offset.put(w)?;
        if v >= 2 {
            self.log_append_time_ms.put(w)?;
        }
        if v >= 5 {
            self.log_start_offset.put(w)?;
        }
        if v >= 8 {
            self.record_errors.put(w)?;
        }
        if v >= 8 {
            self.error_message.put(w)?;
        }
        w.absent(v < 10 && self.current_leader != LeaderIdAndEpoch::default(), "current_leader")?;
        w.tags(&[(0, v >= 10 && self.current_leader != LeaderIdAndEpoch::default(), &|w| {
            self.current_leader.put(w)
        })])?;
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BatchIndexAndErrorMessage {
    pub batch_index: i32,
    pub batch_index_error_message: Option<Str>,
}

impl Wire for BatchIndexAndErrorMessage {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.batch_index = r.get()?;
        m.batch_index_error_message = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.batch_index.put(w)?;
        self.batch_index_error_message.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ProduceResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: BrokerId::new(-1), leader_epoch: LeaderEpoch::new(-1) }
    }
}

impl Wire for LeaderIdAndEpoch {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ProduceResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeEndpoint {
    pub node_id: BrokerId,
    pub host: Str,
    pub port: i32,
    pub rack: Option<Str>,
}

impl Wire for NodeEndpoint {
    const SIZE_MIN: usize = 11;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.node_id = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        m.rack = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.node_id.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        self.rack.put(w)?;
        w.tags(&[])
    }
}

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);
}
