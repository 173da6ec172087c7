//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0 to v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerProtocolAssignment {
    pub assigned_partitions: Vec<TopicPartition>,
    pub user_data: Option<Bytes>,
}

impl Wire for ConsumerProtocolAssignment {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.assigned_partitions = r.get()?;
        m.user_data = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.assigned_partitions.put(w)?;
        self.user_data.put(w)?;
        Ok(())
    }
}

impl ToJson for ConsumerProtocolAssignment {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("assignedPartitions", &self.assigned_partitions, v);
        o.set("userData", &self.user_data, v);
        Json::Object(o)
    }
}

/// Part of [`ConsumerProtocolAssignment`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicPartition {
    pub topic: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TopicPartition {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic = r.get()?;
        m.partitions = r.get()?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic.put(w)?;
        self.partitions.put(w)?;
        Ok(())
    }
}

impl ToJson for TopicPartition {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topic", &self.topic, v);
        o.set("partitions", &self.partitions, v);
        Json::Object(o)
    }
}

impl Message for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = None;
}
