//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 23, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamsGroupTopologyValue {
    pub epoch: i32,
    pub subtopologies: Vec<Subtopology>,
}

impl Wire for StreamsGroupTopologyValue {
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

impl ToJson for StreamsGroupTopologyValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("epoch", &self.epoch, v);
        o.set("subtopologies", &self.subtopologies, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subtopology {
    pub subtopology_id: Str,
    pub source_topics: Vec<Str>,
    pub source_topic_regex: Vec<Str>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_sink_topics: Vec<Str>,
    pub repartition_source_topics: Vec<TopicInfo>,
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Wire for Subtopology {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.subtopology_id = r.get()?;
        m.source_topics = r.get()?;
        m.source_topic_regex = r.get()?;
        m.state_changelog_topics = r.get()?;
        m.repartition_sink_topics = r.get()?;
        m.repartition_source_topics = r.get()?;
        m.copartition_groups = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.subtopology_id.put(w)?;
        self.source_topics.put(w)?;
        self.source_topic_regex.put(w)?;
        self.state_changelog_topics.put(w)?;
        self.repartition_sink_topics.put(w)?;
        self.repartition_source_topics.put(w)?;
        self.copartition_groups.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for Subtopology {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("subtopologyId", &self.subtopology_id, v);
        o.set("sourceTopics", &self.source_topics, v);
        o.set("sourceTopicRegex", &self.source_topic_regex, v);
        o.set("stateChangelogTopics", &self.state_changelog_topics, v);
        o.set("repartitionSinkTopics", &self.repartition_sink_topics, v);
        o.set("repartitionSourceTopics", &self.repartition_source_topics, v);
        o.set("copartitionGroups", &self.copartition_groups, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicInfo {
    pub name: Str,
    pub partitions: i32,
    pub replication_factor: i16,
    pub topic_configs: Vec<TopicConfig>,
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

impl ToJson for TopicInfo {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("name", &self.name, v);
        o.set("partitions", &self.partitions, v);
        o.set("replicationFactor", &self.replication_factor, v);
        o.set("topicConfigs", &self.topic_configs, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CopartitionGroup {
    pub source_topics: Vec<i16>,
    pub source_topic_regex: Vec<i16>,
    pub repartition_source_topics: Vec<i16>,
}

impl Wire for CopartitionGroup {
    const SIZE_MIN: usize = 4;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.source_topics = r.get()?;
        m.source_topic_regex = r.get()?;
        m.repartition_source_topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.source_topics.put(w)?;
        self.source_topic_regex.put(w)?;
        self.repartition_source_topics.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for CopartitionGroup {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("sourceTopics", &self.source_topics, v);
        o.set("sourceTopicRegex", &self.source_topic_regex, v);
        o.set("repartitionSourceTopics", &self.repartition_source_topics, v);
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TopicConfig {
    pub key: Str,
    pub value: Str,
}

impl Wire for TopicConfig {
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

impl ToJson for TopicConfig {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("key", &self.key, v);
        o.set("value", &self.value, v);
        Json::Object(o)
    }
}

impl Message for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for StreamsGroupTopologyValue {
    const TYPE: i16 = 23;
}
