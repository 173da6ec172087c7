//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeQuorum (key 55), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeQuorumResponse {
    pub error_code: i16,
    /// v2 only; dropped silently in others.
    pub error_message: Option<Str>,
    pub topics: Vec<TopicData>,
    /// v2 only.
    pub nodes: Vec<Node>,
}

impl Wire for DescribeQuorumResponse {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        if v >= 2 {
            m.error_message = r.get()?;
        }
        m.topics = r.get()?;
        if v >= 2 {
            m.nodes = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        if v >= 2 {
            self.error_message.put(w)?;
        }
        self.topics.put(w)?;
        if v >= 2 {
            self.nodes.put(w)?;
        } else {
            w.absent(!self.nodes.is_empty(), "nodes")?;
        }
        w.tags(&[])
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicData {
    pub topic_name: Str,
    pub partitions: Vec<PartitionData>,
}

impl Wire for TopicData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionData {
    pub partition_index: PartitionIndex,
    pub error_code: i16,
    /// v2 only; dropped silently in others.
    pub error_message: Option<Str>,
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub high_watermark: Offset,
    pub current_voters: Vec<ReplicaState>,
    pub observers: Vec<ReplicaState>,
}

impl Wire for PartitionData {
    const SIZE_MIN: usize = 25;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        m.error_code = r.get()?;
        if v >= 2 {
            m.error_message = r.get()?;
        }
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        m.high_watermark = r.get()?;
        m.current_voters = r.get()?;
        m.observers = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        w.error_code(self.error_code)?;
        if v >= 2 {
            self.error_message.put(w)?;
        }
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        self.high_watermark.put(w)?;
        self.current_voters.put(w)?;
        self.observers.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaState {
    pub replica_id: BrokerId,
    /// v2 only.
    pub replica_directory_id: Uuid,
    pub log_end_offset: Offset,
    /// From v1 on; dropped silently in others.
    pub last_fetch_timestamp: i64,
    /// From v1 on; dropped silently in others.
    pub last_caught_up_timestamp: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: Default::default(),
            replica_directory_id: Default::default(),
            log_end_offset: Default::default(),
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
        }
    }
}

impl Wire for ReplicaState {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.replica_id = r.get()?;
        if v >= 2 {
            m.replica_directory_id = r.get()?;
        }
        m.log_end_offset = r.get()?;
        if v >= 1 {
            m.last_fetch_timestamp = r.get()?;
        }
        if v >= 1 {
            m.last_caught_up_timestamp = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.replica_id.put(w)?;
        if v >= 2 {
            self.replica_directory_id.put(w)?;
        } else {
            w.absent(!self.replica_directory_id.is_zero(), "replica_directory_id")?;
        }
        self.log_end_offset.put(w)?;
        if v >= 1 {
            self.last_fetch_timestamp.put(w)?;
        }
        if v >= 1 {
            self.last_caught_up_timestamp.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Node {
    pub node_id: BrokerId,
    pub listeners: Vec<Listener>,
}

impl Wire for Node {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.node_id = r.get()?;
        m.listeners = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.node_id.put(w)?;
        self.listeners.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeQuorumResponse`].
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

impl Message for DescribeQuorumResponse {
    const NAME: &'static str = "DescribeQuorumResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
