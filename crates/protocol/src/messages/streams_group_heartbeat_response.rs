//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of StreamsGroupHeartbeat (key 88), v0 to v1, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamsGroupHeartbeatResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub member_id: Str,
    pub member_epoch: i32,
    pub heartbeat_interval_ms: i32,
    /// v0 only.
    pub acceptable_recovery_lag_legacy: i32,
    pub task_offset_interval_ms: i32,
    /// v1 only; dropped silently in others.
    pub acceptable_recovery_lag: i64,
    pub status: Option<Vec<Status>>,
    pub active_tasks: Option<Vec<TaskIds>>,
    pub standby_tasks: Option<Vec<TaskIds>>,
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// v1 only.
    pub topology_description_required: bool,
    pub endpoint_information_epoch: i32,
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
}

impl Default for StreamsGroupHeartbeatResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            member_id: Default::default(),
            member_epoch: Default::default(),
            heartbeat_interval_ms: Default::default(),
            acceptable_recovery_lag_legacy: Default::default(),
            task_offset_interval_ms: Default::default(),
            acceptable_recovery_lag: -1,
            status: Some(Default::default()),
            active_tasks: Default::default(),
            standby_tasks: Default::default(),
            warmup_tasks: Default::default(),
            topology_description_required: Default::default(),
            endpoint_information_epoch: Default::default(),
            partitions_by_user_endpoint: Default::default(),
        }
    }
}

impl Wire for StreamsGroupHeartbeatResponse {
    const SIZE_MIN: usize = 34;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.member_id = r.get()?;
        m.member_epoch = r.get()?;
        m.heartbeat_interval_ms = r.get()?;
        if v <= 0 {
            m.acceptable_recovery_lag_legacy = r.get()?;
        }
        m.task_offset_interval_ms = r.get()?;
        if v >= 1 {
            m.acceptable_recovery_lag = r.get()?;
        }
        m.status = r.get()?;
        m.active_tasks = r.get()?;
        m.standby_tasks = r.get()?;
        m.warmup_tasks = r.get()?;
        if v >= 1 {
            m.topology_description_required = r.get()?;
        }
        m.endpoint_information_epoch = r.get()?;
        m.partitions_by_user_endpoint = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.member_id.put(w)?;
        self.member_epoch.put(w)?;
        self.heartbeat_interval_ms.put(w)?;
        if v <= 0 {
            self.acceptable_recovery_lag_legacy.put(w)?;
        } else {
            w.absent(self.acceptable_recovery_lag_legacy != 0, "acceptable_recovery_lag_legacy")?;
        }
        self.task_offset_interval_ms.put(w)?;
        if v >= 1 {
            self.acceptable_recovery_lag.put(w)?;
        }
        self.status.put(w)?;
        self.active_tasks.put(w)?;
        self.standby_tasks.put(w)?;
        self.warmup_tasks.put(w)?;
        if v >= 1 {
            self.topology_description_required.put(w)?;
        } else {
            w.absent(self.topology_description_required, "topology_description_required")?;
        }
        self.endpoint_information_epoch.put(w)?;
        self.partitions_by_user_endpoint.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Status {
    pub status_code: i8,
    pub status_detail: Str,
}

impl Wire for Status {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.status_code = r.get()?;
        m.status_detail = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.status_code.put(w)?;
        self.status_detail.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`].
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

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndpointToPartitions {
    pub user_endpoint: Endpoint,
    pub active_partitions: Vec<TopicPartition>,
    pub standby_partitions: Vec<TopicPartition>,
}

impl Wire for EndpointToPartitions {
    const SIZE_MIN: usize = 7;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.user_endpoint = r.get()?;
        m.active_partitions = r.get()?;
        m.standby_partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.user_endpoint.put(w)?;
        self.active_partitions.put(w)?;
        self.standby_partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`].
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

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicPartition {
    pub topic: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TopicPartition {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl Message for StreamsGroupHeartbeatResponse {
    const NAME: &'static str = "StreamsGroupHeartbeatResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}
