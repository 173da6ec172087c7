//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of ShareGroupDescribe (key 77), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl Wire for ShareGroupDescribeResponse {
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

/// Part of [`ShareGroupDescribeResponse`].
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

/// Part of [`ShareGroupDescribeResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Member {
    pub member_id: Str,
    pub rack_id: Option<Str>,
    pub member_epoch: i32,
    pub client_id: Str,
    pub client_host: Str,
    pub subscribed_topic_names: Vec<Str>,
    pub assignment: Assignment,
}

impl Wire for Member {
    const SIZE_MIN: usize = 12;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.member_id = r.get()?;
        m.rack_id = r.get()?;
        m.member_epoch = r.get()?;
        m.client_id = r.get()?;
        m.client_host = r.get()?;
        m.subscribed_topic_names = r.get()?;
        m.assignment = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.member_id.put(w)?;
        self.rack_id.put(w)?;
        self.member_epoch.put(w)?;
        self.client_id.put(w)?;
        self.client_host.put(w)?;
        self.subscribed_topic_names.put(w)?;
        self.assignment.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareGroupDescribeResponse`].
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

/// Part of [`ShareGroupDescribeResponse`].
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

impl Message for ShareGroupDescribeResponse {
    const NAME: &'static str = "ShareGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
