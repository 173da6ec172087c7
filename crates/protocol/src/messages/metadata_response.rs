//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of Metadata (key 3), v0 to v13, flexible from v9.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataResponse {
    /// From v3 on; dropped silently in others.
    pub throttle_time_ms: i32,
    pub brokers: Vec<MetadataResponseBroker>,
    /// From v2 on; dropped silently in others.
    pub cluster_id: Option<Str>,
    /// From v1 on; dropped silently in others.
    pub controller_id: BrokerId,
    pub topics: Vec<MetadataResponseTopic>,
    /// v8 to v10.
    pub cluster_authorized_operations: i32,
    /// v13 only; dropped silently in others.
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            brokers: Default::default(),
            cluster_id: Default::default(),
            controller_id: BrokerId::new(-1),
            topics: Default::default(),
            cluster_authorized_operations: -2147483648,
            error_code: Default::default(),
        }
    }
}

impl Wire for MetadataResponse {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 3 {
            m.throttle_time_ms = r.get()?;
        }
        m.brokers = r.get()?;
        if v >= 2 {
            m.cluster_id = r.get()?;
        }
        if v >= 1 {
            m.controller_id = r.get()?;
        }
        m.topics = r.get()?;
        if (8..=10).contains(&v) {
            m.cluster_authorized_operations = r.get()?;
        }
        if v >= 13 {
            m.error_code = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 3 {
            self.throttle_time_ms.put(w)?;
        }
        self.brokers.put(w)?;
        if v >= 2 {
            self.cluster_id.put(w)?;
        }
        if v >= 1 {
            self.controller_id.put(w)?;
        }
        self.topics.put(w)?;
        if (8..=10).contains(&v) {
            self.cluster_authorized_operations.put(w)?;
        } else {
            w.absent(
                self.cluster_authorized_operations != -2147483648,
                "cluster_authorized_operations",
            )?;
        }
        if v >= 13 {
            w.error_code(self.error_code)?;
        }
        w.tags(&[])
    }
}

/// Part of [`MetadataResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetadataResponseBroker {
    pub node_id: BrokerId,
    pub host: Str,
    pub port: i32,
    /// From v1 on; dropped silently in others.
    pub rack: Option<Str>,
}

impl Wire for MetadataResponseBroker {
    const SIZE_MIN: usize = 10;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.node_id = r.get()?;
        m.host = r.get()?;
        m.port = r.get()?;
        if v >= 1 {
            m.rack = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.node_id.put(w)?;
        self.host.put(w)?;
        self.port.put(w)?;
        if v >= 1 {
            self.rack.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`MetadataResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataResponseTopic {
    pub error_code: i16,
    /// null from v12 on.
    pub name: Option<Str>,
    /// From v10 on; dropped silently in others.
    pub topic_id: Uuid,
    /// From v1 on; dropped silently in others.
    pub is_internal: bool,
    pub partitions: Vec<MetadataResponsePartition>,
    /// From v8 on.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
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

impl Wire for MetadataResponseTopic {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.name = if v >= 12 { r.get()? } else { Some(r.get()?) };
        if v >= 10 {
            m.topic_id = r.get()?;
        }
        if v >= 1 {
            m.is_internal = r.get()?;
        }
        m.partitions = r.get()?;
        if v >= 8 {
            m.topic_authorized_operations = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        if v >= 12 {
            self.name.put(w)?;
        } else {
            w.required(&self.name, "name")?;
        }
        if v >= 10 {
            self.topic_id.put(w)?;
        }
        if v >= 1 {
            self.is_internal.put(w)?;
        }
        self.partitions.put(w)?;
        if v >= 8 {
            self.topic_authorized_operations.put(w)?;
        } else {
            w.absent(
                self.topic_authorized_operations != -2147483648,
                "topic_authorized_operations",
            )?;
        }
        w.tags(&[])
    }
}

/// Part of [`MetadataResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataResponsePartition {
    pub error_code: i16,
    pub partition_index: PartitionIndex,
    pub leader_id: BrokerId,
    /// From v7 on; dropped silently in others.
    pub leader_epoch: LeaderEpoch,
    pub replica_nodes: Vec<BrokerId>,
    pub isr_nodes: Vec<BrokerId>,
    /// From v5 on; dropped silently in others.
    pub offline_replicas: Vec<BrokerId>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: LeaderEpoch::new(-1),
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            offline_replicas: Default::default(),
        }
    }
}

impl Wire for MetadataResponsePartition {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.partition_index = r.get()?;
        m.leader_id = r.get()?;
        if v >= 7 {
            m.leader_epoch = r.get()?;
        }
        m.replica_nodes = r.get()?;
        m.isr_nodes = r.get()?;
        if v >= 5 {
            m.offline_replicas = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.partition_index.put(w)?;
        self.leader_id.put(w)?;
        if v >= 7 {
            self.leader_epoch.put(w)?;
        }
        self.replica_nodes.put(w)?;
        self.isr_nodes.put(w)?;
        if v >= 5 {
            self.offline_replicas.put(w)?;
        }
        w.tags(&[])
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);
}
