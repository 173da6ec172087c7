//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeTopicPartitions (key 75), v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DescribeTopicPartitionsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    pub next_cursor: Option<Cursor>,
}

impl Wire for DescribeTopicPartitionsResponse {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.topics = r.get()?;
        m.next_cursor = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.topics.put(w)?;
        self.next_cursor.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeTopicPartitionsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeTopicPartitionsResponseTopic {
    pub error_code: i16,
    pub name: Option<Str>,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            name: Default::default(),
            topic_id: Default::default(),
            is_internal: Default::default(),
            partitions: Default::default(),
            topic_authorized_operations: -2147483648,
        }
    }
}

impl Wire for DescribeTopicPartitionsResponseTopic {
    const SIZE_MIN: usize = 26;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.name = r.get()?;
        m.topic_id = r.get()?;
        m.is_internal = r.get()?;
        m.partitions = r.get()?;
        m.topic_authorized_operations = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.name.put(w)?;
        self.topic_id.put(w)?;
        self.is_internal.put(w)?;
        self.partitions.put(w)?;
        self.topic_authorized_operations.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeTopicPartitionsResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeTopicPartitionsResponsePartition {
    pub error_code: i16,
    pub partition_index: PartitionIndex,
    pub leader_id: BrokerId,
    pub leader_epoch: LeaderEpoch,
    pub replica_nodes: Vec<BrokerId>,
    pub isr_nodes: Vec<BrokerId>,
    pub eligible_leader_replicas: Option<Vec<BrokerId>>,
    pub last_known_elr: Option<Vec<BrokerId>>,
    pub offline_replicas: Vec<BrokerId>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: LeaderEpoch::new(-1),
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            eligible_leader_replicas: Default::default(),
            last_known_elr: Default::default(),
            offline_replicas: Default::default(),
        }
    }
}

impl Wire for DescribeTopicPartitionsResponsePartition {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.partition_index = r.get()?;
        m.leader_id = r.get()?;
        m.leader_epoch = r.get()?;
        m.replica_nodes = r.get()?;
        m.isr_nodes = r.get()?;
        m.eligible_leader_replicas = r.get()?;
        m.last_known_elr = r.get()?;
        m.offline_replicas = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.partition_index.put(w)?;
        self.leader_id.put(w)?;
        self.leader_epoch.put(w)?;
        self.replica_nodes.put(w)?;
        self.isr_nodes.put(w)?;
        self.eligible_leader_replicas.put(w)?;
        self.last_known_elr.put(w)?;
        self.offline_replicas.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeTopicPartitionsResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cursor {
    pub topic_name: Str,
    pub partition_index: PartitionIndex,
}

impl Wire for Cursor {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_name = r.get()?;
        m.partition_index = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_name.put(w)?;
        self.partition_index.put(w)?;
        w.tags(&[])
    }
}

impl Message for DescribeTopicPartitionsResponse {
    const NAME: &'static str = "DescribeTopicPartitionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
