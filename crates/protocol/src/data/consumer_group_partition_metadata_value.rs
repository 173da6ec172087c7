//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 4, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerGroupPartitionMetadataValue {
    pub topics: Vec<TopicMetadata>,
}

impl Wire for ConsumerGroupPartitionMetadataValue {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topics.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ConsumerGroupPartitionMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topics", &self.topics, v);
        Json::Object(o)
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicMetadata {
    pub topic_id: Uuid,
    pub topic_name: Str,
    pub num_partitions: i32,
    pub partition_metadata: Vec<PartitionMetadata>,
}

impl Wire for TopicMetadata {
    const SIZE_MIN: usize = 23;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.topic_name = r.get()?;
        m.num_partitions = r.get()?;
        m.partition_metadata = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.topic_name.put(w)?;
        self.num_partitions.put(w)?;
        self.partition_metadata.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for TopicMetadata {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicId", &self.topic_id, v);
        o.set("topicName", &self.topic_name, v);
        o.set("numPartitions", &self.num_partitions, v);
        o.set("partitionMetadata", &self.partition_metadata, v);
        Json::Object(o)
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionMetadata {
    pub partition: PartitionIndex,
    pub racks: Vec<Str>,
}

impl Wire for PartitionMetadata {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.partition = r.get()?;
        m.racks = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.partition.put(w)?;
        self.racks.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for PartitionMetadata {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("partition", &self.partition, v);
        o.set("racks", &self.racks, v);
        Json::Object(o)
    }
}

impl Message for ConsumerGroupPartitionMetadataValue {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ConsumerGroupPartitionMetadataValue {
    const TYPE: i16 = 4;
}
