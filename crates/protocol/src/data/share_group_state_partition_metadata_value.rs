//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 15, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareGroupStatePartitionMetadataValue {
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    pub deleting_topics: Vec<TopicInfo>,
}

impl Wire for ShareGroupStatePartitionMetadataValue {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.initializing_topics = r.get()?;
        m.initialized_topics = r.get()?;
        m.deleting_topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.initializing_topics.put(w)?;
        self.initialized_topics.put(w)?;
        self.deleting_topics.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for ShareGroupStatePartitionMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("initializingTopics", &self.initializing_topics, v);
        o.set("initializedTopics", &self.initialized_topics, v);
        o.set("deletingTopics", &self.deleting_topics, v);
        Json::Object(o)
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicPartitionsInfo {
    pub topic_id: Uuid,
    pub topic_name: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for TopicPartitionsInfo {
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

impl ToJson for TopicPartitionsInfo {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicId", &self.topic_id, v);
        o.set("topicName", &self.topic_name, v);
        o.set("partitions", &self.partitions, v);
        Json::Object(o)
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicInfo {
    pub topic_id: Uuid,
    pub topic_name: Str,
}

impl Wire for TopicInfo {
    const SIZE_MIN: usize = 18;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic_id = r.get()?;
        m.topic_name = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic_id.put(w)?;
        self.topic_name.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for TopicInfo {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topicId", &self.topic_id, v);
        o.set("topicName", &self.topic_name, v);
        Json::Object(o)
    }
}

impl Message for ShareGroupStatePartitionMetadataValue {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for ShareGroupStatePartitionMetadataValue {
    const TYPE: i16 = 15;
}
