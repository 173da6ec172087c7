//! The one way in which an image changes: committed records are applied in their order. Also the
//! way back, an image as the records that build it, which is what a snapshot holds.

use std::sync::Arc;

use model::{BrokerId, TopicId};
use protocol::data::{
    BrokerRegistrationChangeRecord, ConfigRecord, FeatureLevelRecord, PartitionChangeRecord,
    PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord, TopicRecord, register_broker_record,
};

use crate::broker::{BrokerRegistration, Endpoint};
use crate::delta::MetadataDelta;
use crate::error::ReplayError;
use crate::image::{ConfigResource, MetadataImage, ResourceType, collision_key};
use crate::record::{BrokerMachineRecord, ClusterRecord, CountersRecord, MetadataRecord};
use crate::topic::{PartitionImage, TopicImage};

impl MetadataImage {
    /// Applies one committed record and notes what it changed.
    pub fn replay(
        &mut self,
        record: &MetadataRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        match record {
            MetadataRecord::Cluster(record) => {
                self.cluster_id = Some(record.cluster_id.clone());
                Ok(())
            }
            MetadataRecord::Counters(record) => {
                self.next_broker_epoch = self.next_broker_epoch.max(record.next_broker_epoch);
                Ok(())
            }
            MetadataRecord::RegisterBroker(record) => {
                self.replay_register(record, delta);
                Ok(())
            }
            MetadataRecord::BrokerMachine(record) => self.replay_machine(record, delta),
            MetadataRecord::UnregisterBroker(record) => {
                let id = record.broker_id;
                self.check_epoch("UnregisterBrokerRecord", id, record.broker_epoch)?;
                Arc::make_mut(&mut self.brokers).remove(&id);
                delta.changed_brokers.insert(id);
                Ok(())
            }
            MetadataRecord::FenceBroker(record) => {
                let broker =
                    self.broker_mut("FenceBrokerRecord", record.id, record.epoch, delta)?;
                broker.fenced = true;
                Ok(())
            }
            MetadataRecord::UnfenceBroker(record) => {
                let broker =
                    self.broker_mut("UnfenceBrokerRecord", record.id, record.epoch, delta)?;
                broker.fenced = false;
                Ok(())
            }
            MetadataRecord::BrokerRegistrationChange(record) => {
                self.replay_registration_change(record, delta)
            }
            MetadataRecord::Topic(record) => self.replay_topic(record, delta),
            MetadataRecord::RemoveTopic(record) => self.replay_remove_topic(record.topic_id, delta),
            MetadataRecord::Partition(record) => self.replay_partition(record, delta),
            MetadataRecord::PartitionChange(record) => self.replay_change(record, delta),
            MetadataRecord::Config(record) => self.replay_config(record, delta),
            MetadataRecord::ProducerIds(record) => {
                self.replay_producer_ids(record);
                Ok(())
            }
            MetadataRecord::FeatureLevel(record) => {
                self.replay_feature(record, delta);
                Ok(())
            }
        }
    }

    /// Applies records in their order.
    pub fn replay_all<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        for record in records {
            self.replay(record, delta)?;
        }
        #[cfg(debug_assertions)]
        crate::invariants::assert_changed(self, delta);
        Ok(())
    }

    /// The records that build this image from an empty one.
    pub fn records(&self) -> impl Iterator<Item = MetadataRecord> {
        let cluster = self.cluster_id.iter().map(|cluster_id| {
            MetadataRecord::Cluster(ClusterRecord { cluster_id: cluster_id.clone() })
        });
        let features = self.features.iter().map(|(name, level)| {
            FeatureLevelRecord { name: (&**name).into(), feature_level: *level }.into()
        });
        let brokers = self.brokers.values().flat_map(|broker| {
            let machine = MetadataRecord::BrokerMachine(BrokerMachineRecord {
                broker_id: broker.broker_id,
                machine_id: broker.machine_id,
            });
            [registration_record(broker).into(), machine]
        });
        let topics = self.topics().flat_map(|topic| {
            let header = TopicRecord { name: (&*topic.name).into(), topic_id: topic.id };
            let partitions = topic
                .indexed()
                .map(|(index, partition)| partition.to_record(topic.id, index).into());
            std::iter::once(header.into()).chain(partitions)
        });
        let configs = self.configs().flat_map(|(resource, values)| {
            values.iter().map(|(name, value)| config_record(resource, name, Some(value)).into())
        });
        let producer_ids = (self.next_producer_id > 0).then(|| {
            ProducerIdsRecord {
                broker_id: BrokerId::NONE,
                broker_epoch: -1,
                next_producer_id: self.next_producer_id.into(),
            }
            .into()
        });
        let counters =
            MetadataRecord::Counters(CountersRecord { next_broker_epoch: self.next_broker_epoch });
        cluster
            .chain(features)
            .chain(brokers)
            .chain(topics)
            .chain(configs)
            .chain(producer_ids)
            .chain([counters])
    }

    fn replay_register(&mut self, record: &RegisterBrokerRecord, delta: &mut MetadataDelta) {
        let registration = BrokerRegistration {
            broker_id: record.broker_id,
            broker_epoch: record.broker_epoch,
            incarnation_id: record.incarnation_id,
            endpoints: record
                .end_points
                .iter()
                .map(|endpoint| Endpoint {
                    name: (&*endpoint.name).into(),
                    host: (&*endpoint.host).into(),
                    port: endpoint.port,
                    security_protocol: endpoint.security_protocol,
                })
                .collect(),
            rack: record.rack.as_ref().map(|rack| (&**rack).into()),
            directories: record.log_dirs.as_slice().into(),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            machine_id: model::Uuid::ZERO,
        };
        self.next_broker_epoch = self.next_broker_epoch.max(record.broker_epoch + 1);
        Arc::make_mut(&mut self.brokers).insert(record.broker_id, Arc::new(registration));
        delta.changed_brokers.insert(record.broker_id);
    }

    fn replay_machine(
        &mut self,
        record: &BrokerMachineRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        let epoch = self.broker(record.broker_id).map_or(-1, |broker| broker.broker_epoch);
        let broker = self.broker_mut("BrokerMachineRecord", record.broker_id, epoch, delta)?;
        broker.machine_id = record.machine_id;
        Ok(())
    }

    fn replay_registration_change(
        &mut self,
        record: &BrokerRegistrationChangeRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        const NAME: &str = "BrokerRegistrationChangeRecord";
        let broker = self.broker_mut(NAME, record.broker_id, record.broker_epoch, delta)?;
        // -1 clears, 1 sets, 0 leaves alone.
        match record.fenced {
            0 => {}
            change => broker.fenced = change > 0,
        }
        if record.in_controlled_shutdown > 0 {
            broker.in_controlled_shutdown = true;
        }
        if !record.log_dirs.is_empty() {
            broker.directories = record.log_dirs.as_slice().into();
        }
        Ok(())
    }

    fn replay_topic(
        &mut self,
        record: &TopicRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        let name: Arc<str> = (&*record.name).into();
        if self.topics.contains_key(&name) {
            return Err(ReplayError::TopicExists { name: name.to_string() });
        }
        if let Some(key) = collision_key(&name) {
            self.colliding_names.insert_mut(key.into(), name.clone());
        }
        let topic = TopicImage { id: record.topic_id, name: name.clone(), partitions: Vec::new() };
        self.topics.insert_mut(name.clone(), Arc::new(topic));
        self.topic_names.insert_mut(record.topic_id, name.clone());
        delta.created_topics.insert(record.topic_id, name);
        Ok(())
    }

    /// A topic takes its partitions and its configurations with it.
    fn replay_remove_topic(
        &mut self,
        id: TopicId,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        let unknown = ReplayError::UnknownTopic { record: "RemoveTopicRecord", topic_id: id };
        let name = self.topic_names.get(&id).cloned().ok_or(unknown)?;
        self.partition_count -= self.topics.get(&name).map_or(0, |topic| topic.partitions.len());
        self.topics.remove_mut(&name);
        self.topic_names.remove_mut(&id);
        if let Some(key) = collision_key(&name)
            && self.colliding_names.get(key.as_str()) == Some(&name)
        {
            self.colliding_names.remove_mut(key.as_str());
        }
        let resource = ConfigResource::topic(name.clone());
        if self.configs.remove_mut(&resource) {
            delta.changed_configs.insert(resource);
        }
        delta.note_deleted(id, name);
        Ok(())
    }

    fn replay_partition(
        &mut self,
        record: &PartitionRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        let topic = self.topic_mut("PartitionRecord", record.topic_id)?;
        if usize::try_from(record.partition_id.get()) != Ok(topic.partitions.len()) {
            return Err(ReplayError::UnknownPartition {
                record: "PartitionRecord",
                topic: topic.name.to_string(),
                partition: record.partition_id,
                count: topic.partitions.len(),
            });
        }
        topic.partitions.push(PartitionImage::from_record(record));
        self.partition_count += 1;
        delta.changed_partitions.insert((record.topic_id, record.partition_id));
        Ok(())
    }

    fn replay_change(
        &mut self,
        record: &PartitionChangeRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        let topic = self.topic_mut("PartitionChangeRecord", record.topic_id)?;
        let index = usize::try_from(record.partition_id.get()).unwrap_or(usize::MAX);
        let count = topic.partitions.len();
        match topic.partitions.get_mut(index) {
            Some(partition) => partition.apply(record),
            None => {
                return Err(ReplayError::UnknownPartition {
                    record: "PartitionChangeRecord",
                    topic: topic.name.to_string(),
                    partition: record.partition_id,
                    count,
                });
            }
        }
        delta.changed_partitions.insert((record.topic_id, record.partition_id));
        Ok(())
    }

    fn replay_config(
        &mut self,
        record: &ConfigRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), ReplayError> {
        let kind = ResourceType::from_code(record.resource_type)
            .ok_or(ReplayError::UnknownResourceType(record.resource_type))?;
        let resource = ConfigResource::new(kind, &*record.resource_name);
        let mut values = self.configs.get(&resource).cloned().unwrap_or_default();
        match &record.value {
            Some(value) => {
                Arc::make_mut(&mut values).insert((&*record.name).into(), (&**value).into());
            }
            None => {
                Arc::make_mut(&mut values).remove(&*record.name);
            }
        }
        if values.is_empty() {
            self.configs.remove_mut(&resource);
        } else {
            self.configs.insert_mut(resource.clone(), values);
        }
        delta.changed_configs.insert(resource);
        Ok(())
    }

    fn replay_producer_ids(&mut self, record: &ProducerIdsRecord) {
        self.next_producer_id = self.next_producer_id.max(record.next_producer_id.get());
    }

    fn replay_feature(&mut self, record: &FeatureLevelRecord, delta: &mut MetadataDelta) {
        let name: Arc<str> = (&*record.name).into();
        let features = Arc::make_mut(&mut self.features);
        // Level 0 means that the feature is off, which is how an absent one reads.
        if record.feature_level == 0 {
            features.remove(&name);
        } else {
            features.insert(name.clone(), record.feature_level);
        }
        delta.changed_features.insert(name);
    }

    fn topic_mut(
        &mut self,
        record: &'static str,
        topic_id: TopicId,
    ) -> Result<&mut TopicImage, ReplayError> {
        let unknown = ReplayError::UnknownTopic { record, topic_id };
        let Some(name) = self.topic_names.get(&topic_id) else { return Err(unknown) };
        self.topics.get_mut(name).map(Arc::make_mut).ok_or(unknown)
    }

    fn check_epoch(
        &self,
        record: &'static str,
        broker_id: BrokerId,
        found: i64,
    ) -> Result<(), ReplayError> {
        let Some(broker) = self.broker(broker_id) else {
            return Err(ReplayError::UnknownBroker { record, broker_id });
        };
        let expected = broker.broker_epoch;
        if expected != found {
            return Err(ReplayError::StaleBrokerEpoch { record, broker_id, found, expected });
        }
        Ok(())
    }

    fn broker_mut(
        &mut self,
        record: &'static str,
        broker_id: BrokerId,
        epoch: i64,
        delta: &mut MetadataDelta,
    ) -> Result<&mut BrokerRegistration, ReplayError> {
        self.check_epoch(record, broker_id, epoch)?;
        delta.changed_brokers.insert(broker_id);
        Arc::make_mut(&mut self.brokers)
            .get_mut(&broker_id)
            .map(Arc::make_mut)
            .ok_or(ReplayError::UnknownBroker { record, broker_id })
    }
}

/// The record that registers this broker.
pub(crate) fn registration_record(broker: &BrokerRegistration) -> RegisterBrokerRecord {
    RegisterBrokerRecord {
        broker_id: broker.broker_id,
        incarnation_id: broker.incarnation_id,
        broker_epoch: broker.broker_epoch,
        end_points: broker
            .endpoints
            .iter()
            .map(|endpoint| register_broker_record::BrokerEndpoint {
                name: (&*endpoint.name).into(),
                host: (&*endpoint.host).into(),
                port: endpoint.port,
                security_protocol: endpoint.security_protocol,
            })
            .collect(),
        rack: broker.rack.as_ref().map(|rack| (&**rack).into()),
        fenced: broker.fenced,
        in_controlled_shutdown: broker.in_controlled_shutdown,
        log_dirs: broker.directories.to_vec(),
        ..RegisterBrokerRecord::default()
    }
}

/// The record that sets a configuration, or removes it.
pub(crate) fn config_record(
    resource: &ConfigResource,
    name: &str,
    value: Option<&Arc<str>>,
) -> ConfigRecord {
    ConfigRecord {
        resource_type: resource.kind.code(),
        resource_name: (&*resource.name).into(),
        name: name.into(),
        value: value.map(|value| (&**value).into()),
    }
}
