//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of ShareFetch (key 78), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareFetchRequest {
    pub group_id: Option<Str>,
    pub member_id: Option<Str>,
    pub share_session_epoch: i32,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    pub max_bytes: i32,
    /// From v1 on.
    pub max_records: i32,
    /// From v1 on.
    pub batch_size: i32,
    /// v2 only; dropped silently in others.
    pub share_acquire_mode: i8,
    /// v2 only.
    pub is_renew_ack: bool,
    pub topics: Vec<FetchTopic>,
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

impl Default for ShareFetchRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            member_id: Default::default(),
            share_session_epoch: Default::default(),
            max_wait_ms: Default::default(),
            min_bytes: Default::default(),
            max_bytes: 2147483647,
            max_records: Default::default(),
            batch_size: Default::default(),
            share_acquire_mode: Default::default(),
            is_renew_ack: Default::default(),
            topics: Default::default(),
            forgotten_topics_data: Default::default(),
        }
    }
}

impl Wire for ShareFetchRequest {
    const SIZE_MIN: usize = 21;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.group_id = r.get()?;
        m.member_id = r.get()?;
        m.share_session_epoch = r.get()?;
        m.max_wait_ms = r.get()?;
        m.min_bytes = r.get()?;
        m.max_bytes = r.get()?;
        if v >= 1 {
            m.max_records = r.get()?;
        }
        if v >= 1 {
            m.batch_size = r.get()?;
        }
        if v >= 2 {
            m.share_acquire_mode = r.get()?;
        }
        if v >= 2 {
            m.is_renew_ack = r.get()?;
        }
        m.topics = r.get()?;
        m.forgotten_topics_data = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.group_id.put(w)?;
        self.member_id.put(w)?;
        self.share_session_epoch.put(w)?;
        self.max_wait_ms.put(w)?;
        self.min_bytes.put(w)?;
        self.max_bytes.put(w)?;
        if v >= 1 {
            self.max_records.put(w)?;
        } else {
            w.absent(self.max_records != 0, "max_records")?;
        }
        if v >= 1 {
            self.batch_size.put(w)?;
        } else {
            w.absent(self.batch_size != 0, "batch_size")?;
        }
        if v >= 2 {
            self.share_acquire_mode.put(w)?;
        }
        if v >= 2 {
            self.is_renew_ack.put(w)?;
        } else {
            w.absent(self.is_renew_ack, "is_renew_ack")?;
        }
        self.topics.put(w)?;
        self.forgotten_topics_data.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchTopic {
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

impl Wire for FetchTopic {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchPartition {
    pub partition_index: PartitionIndex,
    /// v0 only.
    pub partition_max_bytes: i32,
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl Wire for FetchPartition {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.partition_index = r.get()?;
        if v <= 0 {
            m.partition_max_bytes = r.get()?;
        }
        m.acknowledgement_batches = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.partition_index.put(w)?;
        if v <= 0 {
            self.partition_max_bytes.put(w)?;
        } else {
            w.absent(self.partition_max_bytes != 0, "partition_max_bytes")?;
        }
        self.acknowledgement_batches.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AcknowledgementBatch {
    pub first_offset: Offset,
    pub last_offset: Offset,
    pub acknowledge_types: Vec<i8>,
}

impl Wire for AcknowledgementBatch {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.first_offset = r.get()?;
        m.last_offset = r.get()?;
        m.acknowledge_types = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.first_offset.put(w)?;
        self.last_offset.put(w)?;
        self.acknowledge_types.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForgottenTopic {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for ForgottenTopic {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl Message for ShareFetchRequest {
    const NAME: &'static str = "ShareFetchRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for ShareFetchRequest {
    const KEY: ApiKey = ApiKey::ShareFetch;
    type Response = super::ShareFetchResponse;
}
