//! What a batch of records changed. A broker reads it beside the new image: a topic that was
//! created and deleted in one batch does not show up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{BrokerId, PartitionIndex, TopicId};

use crate::image::{ConfigResource, MetadataImage};

/// The difference between two images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataDelta {
    /// Topics that are new, with their names.
    pub created_topics: BTreeMap<TopicId, Arc<str>>,
    /// Topics that are gone, with the names they had.
    pub deleted_topics: BTreeMap<TopicId, Arc<str>>,
    /// Partitions of topics in the new image that are new or whose state changed.
    pub changed_partitions: BTreeSet<(TopicId, PartitionIndex)>,
    /// Resources of which a configuration was set or removed.
    pub changed_configs: BTreeSet<ConfigResource>,
    /// Brokers that registered, changed or left.
    pub changed_brokers: BTreeSet<BrokerId>,
    /// Features whose finalized level changed.
    pub changed_features: BTreeSet<Arc<str>>,
}

impl MetadataDelta {
    /// What leads from nothing to this image: what a broker starts with.
    pub fn of_everything(image: &MetadataImage) -> Self {
        Self::between(&MetadataImage::default(), image)
    }

    /// What leads from one image to another, however far apart they are.
    pub fn between(old: &MetadataImage, new: &MetadataImage) -> Self {
        let mut delta = Self::default();
        for topic in old.topics().filter(|topic| new.topic_by_id(topic.id).is_none()) {
            delta.deleted_topics.insert(topic.id, topic.name.clone());
        }
        for topic in new.topics() {
            let before = old.topic_by_id(topic.id);
            if before.is_none() {
                delta.created_topics.insert(topic.id, topic.name.clone());
            }
            for (index, partition) in topic.indexed() {
                if before.and_then(|topic| topic.partition(index)) != Some(partition) {
                    delta.changed_partitions.insert((topic.id, index));
                }
            }
        }
        let configs = |image: &MetadataImage, other: &MetadataImage| -> Vec<_> {
            image
                .configs()
                .filter(|(resource, values)| other.config(resource) != Some(values))
                .map(|(resource, _)| resource.clone())
                .collect()
        };
        delta.changed_configs.extend(configs(old, new));
        delta.changed_configs.extend(configs(new, old));
        let brokers = |image: &MetadataImage, other: &MetadataImage| {
            let ids = image.brokers().map(|broker| broker.broker_id);
            ids.filter(|&id| image.broker(id) != other.broker(id)).collect::<Vec<_>>()
        };
        delta.changed_brokers.extend(brokers(old, new));
        delta.changed_brokers.extend(brokers(new, old));
        for (one, other) in [(old, new), (new, old)] {
            let levels = |image: &MetadataImage, name: &str| image.features.get(name).copied();
            let changed =
                one.features().filter(|(name, level)| levels(other, name) != Some(*level));
            delta.changed_features.extend(changed.map(|(name, _)| name.clone()));
        }
        delta
    }

    /// Whether nothing changed that a broker could react to.
    pub fn is_empty(&self) -> bool {
        self.created_topics.is_empty()
            && self.deleted_topics.is_empty()
            && self.changed_partitions.is_empty()
            && self.changed_configs.is_empty()
            && self.changed_brokers.is_empty()
            && self.changed_features.is_empty()
    }

    /// Adds a later delta, so that a slow reader sees one step instead of many.
    pub fn merge(&mut self, later: Self) {
        for (id, name) in later.deleted_topics {
            self.note_deleted(id, name);
        }
        self.created_topics.extend(later.created_topics);
        self.changed_partitions.extend(later.changed_partitions);
        self.changed_configs.extend(later.changed_configs);
        self.changed_brokers.extend(later.changed_brokers);
        self.changed_features.extend(later.changed_features);
    }

    pub(crate) fn note_deleted(&mut self, id: TopicId, name: Arc<str>) {
        let first = PartitionIndex::new(i32::MIN);
        let last = PartitionIndex::new(i32::MAX);
        let gone: Vec<_> =
            self.changed_partitions.range((id, first)..=(id, last)).copied().collect();
        for partition in gone {
            self.changed_partitions.remove(&partition);
        }
        if self.created_topics.remove(&id).is_none() {
            self.deleted_topics.insert(id, name);
        }
    }
}
