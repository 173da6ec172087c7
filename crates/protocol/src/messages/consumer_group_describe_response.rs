//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ConsumerGroupDescribe (key 69), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Wire for ConsumerGroupDescribeResponse {
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

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub group_id: Str,
    pub group_state: Str,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub assignor_name: Str,
    pub members: Vec<Member>,
    pub authorized_operations: i32,
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
            assignor_name: Default::default(),
            members: Default::default(),
            authorized_operations: -2147483648,
        }
    }
}

impl Wire for DescribedGroup {
    const SIZE_MIN: usize = 20;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.group_id = r.get()?;
        m.group_state = r.get()?;
        m.group_epoch = r.get()?;
        m.assignment_epoch = r.get()?;
        m.assignor_name = r.get()?;
        m.members = r.get()?;
        m.authorized_operations = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.group_id.put(w)?;
        self.group_state.put(w)?;
        self.group_epoch.put(w)?;
        self.assignment_epoch.put(w)?;
        self.assignor_name.put(w)?;
        self.members.put(w)?;
        self.authorized_operations.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub member_id: Str,
    pub instance_id: Option<Str>,
    pub rack_id: Option<Str>,
    pub member_epoch: i32,
    pub client_id: Str,
    pub client_host: Str,
    pub subscribed_topic_names: Vec<Str>,
    pub subscribed_topic_regex: Option<Str>,
    pub assignment: Assignment,
    pub target_assignment: Assignment,
    /// v1 only; dropped silently in others.
    pub member_type: i8,
}

impl Default for Member {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            instance_id: Default::default(),
            rack_id: Default::default(),
            member_epoch: Default::default(),
            client_id: Default::default(),
            client_host: Default::default(),
            subscribed_topic_names: Default::default(),
            subscribed_topic_regex: Default::default(),
            assignment: Default::default(),
            target_assignment: Default::default(),
            member_type: -1,
        }
    }
}

impl Wire for Member {
    const SIZE_MIN: usize = 16;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.member_id = r.get()?;
        m.instance_id = r.get()?;
        m.rack_id = r.get()?;
        m.member_epoch = r.get()?;
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.subscribed_topic_names = r.get()?;
        m.subscribed_topic_regex = r.get()?;
        m.assignment = r.get()?;
        m.target_assignment = r.get()?;
        if v >= 1 {
            m.member_type = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.member_id.put(w)?;
        self.instance_id.put(w)?;
        self.rack_id.put(w)?;
        self.member_epoch.put(w)?;
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.subscribed_topic_names.put(w)?;
        self.subscribed_topic_regex.put(w)?;
        self.assignment.put(w)?;
        self.target_assignment.put(w)?;
        if v >= 1 {
            self.member_type.put(w)?;
        }
        w.tags(&[])
    }
}

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assignment {
    pub topic_partitions: Vec<TopicPartitions>,
}

impl Wire for Assignment {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub topic_name: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TopicPartitions {
    const SIZE_MIN: usize = 19;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.topic_name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.topic_name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl Message for ConsumerGroupDescribeResponse {
    const NAME: &'static str = "ConsumerGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
