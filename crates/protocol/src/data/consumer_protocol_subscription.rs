//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// Stored or embedded data, v0 to v3.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumerProtocolSubscription {
    pub topics: Vec<Str>,
    pub user_data: Option<Bytes>,
    /// From v1 on; dropped silently in others.
    pub owned_partitions: Vec<TopicPartition>,
    /// From v2 on; dropped silently in others.
    pub generation_id: i32,
    /// v3 only; dropped silently in others.
    pub rack_id: Option<Str>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Default::default(),
            user_data: Default::default(),
            owned_partitions: Default::default(),
            generation_id: -1,
            rack_id: Default::default(),
        }
    }
}

impl Wire for ConsumerProtocolSubscription {
    const SIZE_MIN: usize = 8;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.topics = r.get()?;
        m.user_data = r.get()?;
        if v >= 1 {
            m.owned_partitions = r.get()?;
        }
        if v >= 2 {
            m.generation_id = r.get()?;
        }
        if v >= 3 {
            m.rack_id = r.get()?;
        }
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.topics.put(w)?;
        self.user_data.put(w)?;
        if v >= 1 {
            self.owned_partitions.put(w)?;
        }
        if v >= 2 {
            self.generation_id.put(w)?;
        }
        if v >= 3 {
            self.rack_id.put(w)?;
        }
        Ok(())
    }
}

impl ToJson for ConsumerProtocolSubscription {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topics", &self.topics, v);
        o.set("userData", &self.user_data, v);
        if v >= 1 {
            o.set("ownedPartitions", &self.owned_partitions, v);
        }
        if v >= 2 {
            o.set("generationId", &self.generation_id, v);
        }
        if v >= 3 {
            o.set("rackId", &self.rack_id, v);
        }
        Json::Object(o)
    }
}

/// Part of [`ConsumerProtocolSubscription`].
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

impl Message for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = None;
}
