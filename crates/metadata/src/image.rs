//! The metadata at one point of the log.
//!
//! A clone costs a few reference counts, so every applied batch is published as a whole image and
//! readers keep theirs without a lock. Only [`MetadataImage::replay`] changes an image.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use model::{BrokerId, TopicId};
use rpds::RedBlackTreeMapSync;

use crate::broker::BrokerRegistration;
use crate::topic::{PartitionImage, TopicImage};

/// The values set on one resource, by their Kafka names.
pub type ConfigValues = BTreeMap<Arc<str>, Arc<str>>;

/// What a configuration belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub enum ResourceType {
    /// A topic.
    Topic = 2,
    /// A broker by its id; the empty name is the default of all brokers.
    Broker = 4,
    /// A subscription of client metrics.
    ClientMetrics = 16,
    /// A group.
    Group = 32,
}

impl ResourceType {
    /// The kind that Kafka numbers so, if its configurations are kept in the metadata.
    pub fn from_code(code: i8) -> Option<Self> {
        [Self::Topic, Self::Broker, Self::ClientMetrics, Self::Group]
            .into_iter()
            .find(|kind| *kind as i8 == code)
    }

    /// Kafka's number.
    pub fn code(self) -> i8 {
        self as i8
    }
}

/// A thing that has configurations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// Its kind.
    pub kind: ResourceType,
    /// Its name: a topic's, a broker's number, a group's.
    pub name: Arc<str>,
}

impl ConfigResource {
    /// Names a resource.
    pub fn new(kind: ResourceType, name: impl Into<Arc<str>>) -> Self {
        Self { kind, name: name.into() }
    }

    /// The configurations of a topic.
    pub fn topic(name: impl Into<Arc<str>>) -> Self {
        Self::new(ResourceType::Topic, name)
    }

    /// The configurations of one broker.
    pub fn broker(id: BrokerId) -> Self {
        Self::new(ResourceType::Broker, id.to_string())
    }

    /// The dynamic default of all brokers.
    pub fn broker_default() -> Self {
        Self::new(ResourceType::Broker, "")
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &*self.name) {
            (ResourceType::Topic, name) => write!(f, "topic `{name}`"),
            (ResourceType::Broker, "") => f.write_str("the default of all brokers"),
            (ResourceType::Broker, name) => write!(f, "broker {name}"),
            (ResourceType::ClientMetrics, name) => write!(f, "client metrics `{name}`"),
            (ResourceType::Group, name) => write!(f, "group `{name}`"),
        }
    }
}

/// The metadata at one point of the log.
#[derive(Clone, Default, PartialEq)]
pub struct MetadataImage {
    pub(crate) cluster_id: Option<Arc<str>>,
    /// The epoch that the next registration gets. A counter of its own, never the log's index,
    /// as clients see it and indexes differ after an import.
    pub(crate) next_broker_epoch: i64,
    pub(crate) next_producer_id: i64,
    /// Dozens at most, so a plain map behind an `Arc` does.
    pub(crate) brokers: Arc<BTreeMap<BrokerId, Arc<BrokerRegistration>>>,
    pub(crate) topics: RedBlackTreeMapSync<Arc<str>, Arc<TopicImage>>,
    pub(crate) topic_names: RedBlackTreeMapSync<TopicId, Arc<str>>,
    /// Names with `.` or `_`, under the name with every `.` made `_`: Kafka's metrics cannot tell
    /// them apart, so a second such name is refused.
    pub(crate) colliding_names: RedBlackTreeMapSync<Arc<str>, Arc<str>>,
    pub(crate) configs: RedBlackTreeMapSync<ConfigResource, Arc<ConfigValues>>,
    pub(crate) features: Arc<BTreeMap<Arc<str>, i16>>,
    pub(crate) partition_count: usize,
}

impl MetadataImage {
    /// The cluster's id; `None` until the cluster is formed.
    pub fn cluster_id(&self) -> Option<&Arc<str>> {
        self.cluster_id.as_ref()
    }

    /// The broker of this id.
    pub fn broker(&self, id: BrokerId) -> Option<&Arc<BrokerRegistration>> {
        self.brokers.get(&id)
    }

    /// The registered brokers in the order of their ids.
    pub fn brokers(&self) -> impl Iterator<Item = &Arc<BrokerRegistration>> {
        self.brokers.values()
    }

    /// Whether the broker is registered and may lead.
    pub fn is_active(&self, id: BrokerId) -> bool {
        self.broker(id).is_some_and(|broker| broker.is_active())
    }

    /// Whether a replica can be reached: its broker is up, and the folder that it lies in is too.
    pub fn is_online(&self, partition: &PartitionImage, replica: BrokerId) -> bool {
        self.broker(replica).is_some_and(|broker| {
            broker.is_active()
                && partition.directory_of(replica).is_none_or(|id| broker.directories.contains(&id))
        })
    }

    /// The topic of this name.
    pub fn topic(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.topics.get(name)
    }

    /// The topic of this id.
    pub fn topic_by_id(&self, id: TopicId) -> Option<&Arc<TopicImage>> {
        self.topic_names.get(&id).and_then(|name| self.topics.get(name))
    }

    /// The name of the topic of this id.
    pub fn topic_name(&self, id: TopicId) -> Option<&Arc<str>> {
        self.topic_names.get(&id)
    }

    /// All topics in the order of their names.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<TopicImage>> {
        self.topics.values()
    }

    /// The topics whose names come after `name`, or are it: how a listing goes on.
    pub fn topics_from<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<TopicImage>> {
        let from = (std::ops::Bound::Included(name), std::ops::Bound::Unbounded);
        self.topics.range::<str, _>(from).map(|(_, topic)| topic)
    }

    /// How many topics there are.
    pub fn topic_count(&self) -> usize {
        self.topics.size()
    }

    /// How many partitions all topics have.
    pub fn partition_count(&self) -> usize {
        self.partition_count
    }

    /// The partition, with its topic.
    pub fn partition(
        &self,
        id: TopicId,
        index: model::PartitionIndex,
    ) -> Option<(&Arc<TopicImage>, &PartitionImage)> {
        let topic = self.topic_by_id(id)?;
        topic.partition(index).map(|partition| (topic, partition))
    }

    /// The existing topic with which a topic of this name would collide.
    pub fn colliding_topic(&self, name: &str) -> Option<&Arc<str>> {
        collision_key(name).and_then(|key| self.colliding_names.get(key.as_str()))
    }

    /// What is set on the resource; nothing is set when `None`.
    pub fn config(&self, resource: &ConfigResource) -> Option<&Arc<ConfigValues>> {
        self.configs.get(resource)
    }

    /// One value set on the resource.
    pub fn config_value(&self, resource: &ConfigResource, name: &str) -> Option<&Arc<str>> {
        self.config(resource).and_then(|values| values.get(name))
    }

    /// Every resource on which something is set.
    pub fn configs(&self) -> impl Iterator<Item = (&ConfigResource, &Arc<ConfigValues>)> {
        self.configs.iter()
    }

    /// Every resource of a kind on which something is set, by name.
    pub fn configs_of(
        &self,
        kind: ResourceType,
    ) -> impl Iterator<Item = (&ConfigResource, &Arc<ConfigValues>)> {
        let configured = self.configs.range(ConfigResource::new(kind, "")..);
        configured.take_while(move |(resource, _)| resource.kind == kind)
    }

    /// The finalized features.
    pub fn features(&self) -> impl Iterator<Item = (&Arc<str>, i16)> {
        self.features.iter().map(|(name, level)| (name, *level))
    }

    /// The level at which a feature is finalized; 0 for one that is off.
    pub fn feature_level(&self, name: &str) -> i16 {
        self.features.get(name).copied().unwrap_or(0)
    }

    /// The first producer id that no block holds yet.
    pub fn next_producer_id(&self) -> i64 {
        self.next_producer_id
    }
}

impl fmt::Debug for MetadataImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataImage")
            .field("cluster_id", &self.cluster_id)
            .field("brokers", &self.brokers)
            .field("topics", &self.topic_count())
            .field("partitions", &self.partition_count)
            .finish_non_exhaustive()
    }
}

/// Under what the name collides with others; `None` when it cannot.
pub(crate) fn collision_key(name: &str) -> Option<String> {
    name.contains(['.', '_']).then(|| name.replace('.', "_"))
}
