//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of StreamsGroupDescribe (key 89), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Wire for StreamsGroupDescribeResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.groups = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.groups.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub group_id: Str,
    pub group_state: Str,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub topology: Option<Topology>,
    pub members: Vec<Member>,
    pub authorized_operations: i32,
    /// v1 only.
    pub topology_description: Option<TopologyDescription>,
    /// v1 only.
    pub topology_description_status: i8,
    /// v1 only; dropped silently in others.
    pub assignor_name: Option<Str>,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Default::default(),
            group_id: Default::default(),
            group_state: Default::default(),
            group_epoch: Default::default(),
            assignment_epoch: Default::default(),
            topology: Default::default(),
            members: Default::default(),
            authorized_operations: -2147483648,
            topology_description: Default::default(),
            topology_description_status: Default::default(),
            assignor_name: Default::default(),
        }
    }
}

impl Wire for DescribedGroup {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.group_id = r.get()?;
        m.group_state = r.get()?;
        m.group_epoch = r.get()?;
        m.assignment_epoch = r.get()?;
        m.topology = r.get()?;
        m.members = r.get()?;
        m.authorized_operations = r.get()?;
        if v >= 1 {
            m.topology_description = r.get()?;
        }
        if v >= 1 {
            m.topology_description_status = r.get()?;
        }
        if v >= 1 {
            m.assignor_name = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.group_id.put(w)?;
        self.group_state.put(w)?;
        self.group_epoch.put(w)?;
        self.assignment_epoch.put(w)?;
        self.topology.put(w)?;
        self.members.put(w)?;
        self.authorized_operations.put(w)?;
        if v >= 1 {
            self.topology_description.put(w)?;
        } else {
            w.absent(self.topology_description.is_some(), "topology_description")?;
        }
        if v >= 1 {
            self.topology_description_status.put(w)?;
        } else {
            w.absent(self.topology_description_status != 0, "topology_description_status")?;
        }
        if v >= 1 {
            self.assignor_name.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Topology {
    pub epoch: i32,
    pub subtopologies: Option<Vec<Subtopology>>,
}

impl Wire for Topology {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.epoch = r.get()?;
        m.subtopologies = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.epoch.put(w)?;
        self.subtopologies.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subtopology {
    pub subtopology_id: Str,
    pub source_topics: Vec<Str>,
    pub repartition_sink_topics: Vec<Str>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_source_topics: Vec<TopicInfo>,
}

impl Wire for Subtopology {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
        m.source_topics = r.get()?;
        m.repartition_sink_topics = r.get()?;
        m.state_changelog_topics = r.get()?;
        m.repartition_source_topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopology_id.put(w)?;
        self.source_topics.put(w)?;
        self.repartition_sink_topics.put(w)?;
        self.state_changelog_topics.put(w)?;
        self.repartition_source_topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicInfo {
    pub name: Str,
    pub partitions: i32,
    pub replication_factor: i16,
    pub topic_configs: Vec<KeyValue>,
}

impl Wire for TopicInfo {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.partitions = r.get()?;
        m.replication_factor = r.get()?;
        m.topic_configs = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.partitions.put(w)?;
        self.replication_factor.put(w)?;
        self.topic_configs.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Member {
    pub member_id: Str,
    pub member_epoch: i32,
    pub instance_id: Option<Str>,
    pub rack_id: Option<Str>,
    pub client_id: Str,
    pub client_host: Str,
    pub topology_epoch: i32,
    pub process_id: Str,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
    pub task_offsets: Vec<TaskOffset>,
    pub task_end_offsets: Vec<TaskOffset>,
    pub assignment: Assignment,
    pub target_assignment: Assignment,
    pub is_classic: bool,
}

impl Wire for Member {
    const SIZE_MIN: usize = 28;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_id = r.get()?;
        m.member_epoch = r.get()?;
        m.instance_id = r.get()?;
        m.rack_id = r.get()?;
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.topology_epoch = r.get()?;
        m.process_id = r.get()?;
        m.user_endpoint = r.get()?;
        m.client_tags = r.get()?;
        m.task_offsets = r.get()?;
        m.task_end_offsets = r.get()?;
        m.assignment = r.get()?;
        m.target_assignment = r.get()?;
        m.is_classic = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_id.put(w)?;
        self.member_epoch.put(w)?;
        self.instance_id.put(w)?;
        self.rack_id.put(w)?;
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.topology_epoch.put(w)?;
        self.process_id.put(w)?;
        self.user_endpoint.put(w)?;
        self.client_tags.put(w)?;
        self.task_offsets.put(w)?;
        self.task_end_offsets.put(w)?;
        self.assignment.put(w)?;
        self.target_assignment.put(w)?;
        self.is_classic.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Endpoint {
    pub host: Str,
    pub port: u16,
}

impl Wire for Endpoint {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.host = r.get()?;
        m.port = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.host.put(w)?;
        self.port.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyValue {
    pub key: Str,
    pub value: Str,
}

impl Wire for KeyValue {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.key = r.get()?;
        m.value = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.key.put(w)?;
        self.value.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskOffset {
    pub subtopology_id: Str,
    pub partition: PartitionIndex,
    pub offset: Offset,
}

impl Wire for TaskOffset {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
        m.partition = r.get()?;
        m.offset = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopology_id.put(w)?;
        self.partition.put(w)?;
        self.offset.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assignment {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}

impl Wire for Assignment {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.active_tasks = r.get()?;
        m.standby_tasks = r.get()?;
        m.warmup_tasks = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.active_tasks.put(w)?;
        self.standby_tasks.put(w)?;
        self.warmup_tasks.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescription {
    /// v1 only.
    pub subtopologies: Vec<TopologyDescriptionSubtopology>,
    /// v1 only.
    pub global_stores: Vec<TopologyDescriptionGlobalStore>,
}

impl Wire for TopologyDescription {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.subtopologies = r.get()?;
        }
        if v >= 1 {
            m.global_stores = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.subtopologies.put(w)?;
        } else {
            w.absent(!self.subtopologies.is_empty(), "subtopologies")?;
        }
        if v >= 1 {
            self.global_stores.put(w)?;
        } else {
            w.absent(!self.global_stores.is_empty(), "global_stores")?;
        }
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskIds {
    pub subtopology_id: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TaskIds {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopology_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescriptionSubtopology {
    /// v1 only.
    pub subtopology_id: Str,
    /// v1 only.
    pub nodes: Vec<TopologyDescriptionNode>,
}

impl Wire for TopologyDescriptionSubtopology {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.subtopology_id = r.get()?;
        }
        if v >= 1 {
            m.nodes = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.subtopology_id.put(w)?;
        } else {
            w.absent(!self.subtopology_id.is_empty(), "subtopology_id")?;
        }
        if v >= 1 {
            self.nodes.put(w)?;
        } else {
            w.absent(!self.nodes.is_empty(), "nodes")?;
        }
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescriptionGlobalStore {
    /// v1 only.
    pub source: TopologyDescriptionNode,
    /// v1 only.
    pub processor: TopologyDescriptionNode,
}

impl Wire for TopologyDescriptionGlobalStore {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.source = r.get()?;
        }
        if v >= 1 {
            m.processor = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.source.put(w)?;
        } else {
            w.absent(self.source != TopologyDescriptionNode::default(), "source")?;
        }
        if v >= 1 {
            self.processor.put(w)?;
        } else {
            w.absent(self.processor != TopologyDescriptionNode::default(), "processor")?;
        }
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopologyDescriptionNode {
    /// v1 only.
    pub name: Str,
    /// v1 only.
    pub node_type: i8,
    /// v1 only.
    pub source_topics: Vec<Str>,
    /// v1 only.
    pub sink_topic: Option<Str>,
    /// v1 only.
    pub stores: Vec<Str>,
    /// v1 only.
    pub successors: Vec<Str>,
}

impl Wire for TopologyDescriptionNode {
    const SIZE_MIN: usize = 1;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 1 {
            m.name = r.get()?;
        }
        if v >= 1 {
            m.node_type = r.get()?;
        }
        if v >= 1 {
            m.source_topics = r.get()?;
        }
        if v >= 1 {
            m.sink_topic = r.get()?;
        }
        if v >= 1 {
            m.stores = r.get()?;
        }
        if v >= 1 {
            m.successors = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 1 {
            self.name.put(w)?;
        } else {
            w.absent(!self.name.is_empty(), "name")?;
        }
        if v >= 1 {
            self.node_type.put(w)?;
        } else {
            w.absent(self.node_type != 0, "node_type")?;
        }
        if v >= 1 {
            self.source_topics.put(w)?;
        } else {
            w.absent(!self.source_topics.is_empty(), "source_topics")?;
        }
        if v >= 1 {
            self.sink_topic.put(w)?;
        } else {
            w.absent(self.sink_topic.is_some(), "sink_topic")?;
        }
        if v >= 1 {
            self.stores.put(w)?;
        } else {
            w.absent(!self.stores.is_empty(), "stores")?;
        }
        if v >= 1 {
            self.successors.put(w)?;
        } else {
            w.absent(!self.successors.is_empty(), "successors")?;
        }
        w.tags(&[])
    }
}

impl Message for StreamsGroupDescribeResponse {
    const NAME: &'static str = "StreamsGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
