//! From what the source knew to the records with which the node's own metadata begins, and to what a
//! person is told about it.

use std::collections::BTreeMap;

use config::{AlterError, BrokerTarget};
use metadata::{ConfigResource, CountersRecord, MetadataRecord, ResourceType};
use model::{BrokerId, LeaderEpoch, PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::data::{
    ConfigRecord, FeatureLevelRecord, PartitionRecord, ProducerIdsRecord, TopicRecord,
};

use crate::folders::Adoption;
use crate::source::{Era, SourcePartition};

/// The replica lies in a folder that is yet to be chosen (Kafka's `DirectoryId`).
const DIRECTORY_UNASSIGNED: Uuid =
    Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
/// The replica lay in a folder that could not be used.
const DIRECTORY_LOST: Uuid = Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
/// Kafka names no folder with an id below this one.
const DIRECTORY_RESERVED_END: u128 = 100;
/// Kafka hands out producer ids in blocks of this many. Without its metadata, a start beyond what it
/// can have handed out.
const PRODUCER_IDS_UNKNOWN: i64 = 1 << 40;

impl Adoption {
    /// Why this node must not serve what was found.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let mut reasons = self.source.security_reasons();
        let mut elsewhere = self.source.topics.iter().flat_map(|(name, topic)| {
            let spread = |partition: &SourcePartition| partition.replicas != [self.node_id];
            let found = topic.partitions.iter().find(|(_, partition)| spread(partition));
            found.map(|(index, partition)| (name, index, partition))
        });
        if let Some((topic, index, partition)) = elsewhere.next() {
            let replicas: Vec<_> = partition.replicas.iter().map(BrokerId::to_string).collect();
            reasons.push(format!(
                "partition {topic}-{index} has its replicas on broker {}, and this node is {}: only \
                 the folders of a cluster of one broker can be taken over",
                replicas.join(", "),
                self.node_id
            ));
        }
        for (name, topic) in &self.source.topics {
            let expected = (0..).map(PartitionIndex::new);
            if let Some((found, expected)) =
                topic.partitions.keys().zip(expected).find(|(found, expected)| *found != expected)
            {
                reasons.push(format!(
                    "topic {name} has a partition {found} where its partition {expected} should be: \
                     its metadata is damaged"
                ));
            }
        }
        let mut ids = BTreeMap::new();
        for (name, topic) in &self.source.topics {
            if let Some(id) = topic.id
                && let Some(other) = ids.insert(id, name)
            {
                reasons.push(format!("topics {other} and {name} have the same id, {id}"));
            }
        }
        for (partition, located) in &self.located {
            let known = self.source.topics.get(&*partition.topic).and_then(|topic| topic.id);
            if let (Some(known), Some(found)) = (known, located.topic_id)
                && known != found
            {
                reasons.push(format!(
                    "the folder of {partition} belongs to the topic of id {found}, the metadata says \
                     {known}: move the folder aside, or bring the right one back"
                ));
            }
        }
        reasons
    }

    /// Notes in words what is there and not served, or known and not there.
    pub(crate) fn note_differences(&mut self) {
        let mut notes = Vec::new();
        for partition in self.located.keys() {
            let topic = self.source.topics.get(&*partition.topic);
            if topic.is_none_or(|topic| !topic.partitions.contains_key(&partition.partition)) {
                notes.push(format!(
                    "the folder of {partition} belongs to no topic of the metadata and is left alone"
                ));
            }
        }
        for (name, topic) in &self.source.topics {
            for (index, known) in &topic.partitions {
                let partition = TopicPartition::new(name.as_str(), *index);
                if !self.located.contains_key(&partition) {
                    let what = if self.is_lost(&partition, known) {
                        "is missing: it is not served until its folder is brought back"
                    } else {
                        "was never begun: it is empty"
                    };
                    notes.push(format!("partition {partition} {what}"));
                }
            }
        }
        notes.extend(self.source.quotas.iter().map(|(what, value)| {
            format!("quotas are not enforced yet, and are not taken over: {what} {value}")
        }));
        for (resource, values) in &self.source.configs {
            notes.extend(values.iter().filter_map(|(name, value)| {
                let why = without_effect(resource, name, value)?;
                Some(format!("the configuration of {resource} is kept, but has no effect: {why}"))
            }));
        }
        self.source.notes.extend(notes);
    }

    /// Whether a partition without a folder once had one. A folder of log.dirs that the source names
    /// and that is not here may hold it; one that is here does not.
    fn is_lost(&self, named: &TopicPartition, partition: &SourcePartition) -> bool {
        let is_elsewhere = || {
            partition.directories.first().is_some_and(|id| {
                *id == DIRECTORY_LOST || !is_reserved(*id) && !self.directory_ids.contains(id)
            })
        };
        partition.was_led || self.checkpointed.contains(named) || is_elsewhere()
    }

    /// The records that build the metadata of the node, which take effect together. `directories`
    /// are the ids of the folders that were read, in their order; `new_id` draws the ids of topics
    /// that have none.
    pub fn records(
        &self,
        directories: &[Uuid],
        mut new_id: impl FnMut() -> TopicId,
    ) -> Vec<MetadataRecord> {
        let mut records: Vec<MetadataRecord> = Vec::new();
        for (name, level) in &self.source.features {
            let name = name.as_str().into();
            records.push(FeatureLevelRecord { name, feature_level: *level }.into());
        }
        for (name, topic) in &self.source.topics {
            let topic_id = topic.id.unwrap_or_else(&mut new_id);
            records.push(TopicRecord { name: name.as_str().into(), topic_id }.into());
            for (index, partition) in &topic.partitions {
                let named = TopicPartition::new(name.as_str(), *index);
                let directory = self.directory_of(&named, partition, directories);
                records.push(self.partition_record(topic_id, &named, partition, directory).into());
            }
        }
        for (resource, values) in &self.source.configs {
            records.extend(values.iter().map(|(name, value)| {
                MetadataRecord::from(ConfigRecord {
                    resource_type: resource.kind.code(),
                    resource_name: (&*resource.name).into(),
                    name: name.as_str().into(),
                    value: Some(value.as_str().into()),
                })
            }));
        }
        let next_producer_id = match self.source.era {
            Era::ZooKeeper if self.source.next_producer_id == 0 => PRODUCER_IDS_UNKNOWN,
            Era::KRaft | Era::ZooKeeper | Era::ZooKeeperData => self.source.next_producer_id,
        };
        records.push(
            ProducerIdsRecord {
                broker_id: BrokerId::NONE,
                broker_epoch: -1,
                next_producer_id: next_producer_id.into(),
            }
            .into(),
        );
        let next_broker_epoch = self.source.next_broker_epoch;
        records.push(MetadataRecord::Counters(CountersRecord { next_broker_epoch }));
        records
    }

    /// The folder that is answerable for a partition.
    fn directory_of(
        &self,
        named: &TopicPartition,
        partition: &SourcePartition,
        directories: &[Uuid],
    ) -> Uuid {
        let located = self.located.get(named).and_then(|found| directories.get(found.directory));
        if let Some(directory) = located {
            return *directory;
        }
        if !self.is_lost(named, partition) {
            return DIRECTORY_UNASSIGNED;
        }
        let assigned = partition.directories.first().filter(|id| !is_reserved(**id));
        assigned.or(directories.first()).copied().unwrap_or(DIRECTORY_UNASSIGNED)
    }

    /// This node leads in a term of its own, so that no offset is used twice in one.
    fn partition_record(
        &self,
        topic_id: TopicId,
        named: &TopicPartition,
        partition: &SourcePartition,
        directory: Uuid,
    ) -> PartitionRecord {
        let in_log = self.located.get(named).and_then(|found| found.leader_epoch);
        let last = partition.leader_epoch.max(in_log.unwrap_or(partition.leader_epoch));
        PartitionRecord {
            partition_id: named.partition,
            topic_id,
            replicas: vec![self.node_id],
            isr: vec![self.node_id],
            leader: self.node_id,
            leader_epoch: LeaderEpoch::new(last.get().saturating_add(1)),
            partition_epoch: partition.partition_epoch.saturating_add(1),
            directories: vec![directory],
            ..PartitionRecord::default()
        }
    }

    /// What a person is told, in one paragraph.
    pub fn report(&self) -> String {
        let source = &self.source;
        let partitions: usize = source.topics.values().map(|topic| topic.partitions.len()).sum();
        let configs: usize = source.configs.values().map(BTreeMap::len).sum();
        let topics = source.topics.len();
        let mut text = match source.era {
            Era::KRaft => format!(
                "These folders are those of an Apache Kafka, and are taken over with its metadata: \
                 {topics} topics, {partitions} partitions, {configs} configurations, {} features. \
                 Its own metadata log stays as it is.",
                source.features.len()
            ),
            Era::ZooKeeperData => format!(
                "These folders are those of an Apache Kafka that kept its metadata in ZooKeeper, and \
                 are taken over with what ZooKeeper knew: {topics} topics, {partitions} partitions, \
                 {configs} configurations. ZooKeeper's data stays as it is."
            ),
            Era::ZooKeeper => format!(
                "These folders are those of an Apache Kafka that kept its metadata in ZooKeeper: \
                 {topics} topics with {partitions} partitions, their records and the groups' offsets \
                 are taken over. What only ZooKeeper knew is not in them. Configurations of topics \
                 and brokers begin with the defaults, but nothing of these topics is deleted by age \
                 or size (retention.ms=-1, retention.bytes=-1) until you say so: set both for each \
                 topic, or delete them for the defaults. Topics that had no id get one (partition.metadata in \
                 their folders: remove it before that Kafka is started on them again). Whether there \
                 were ACLs, SCRAM users or quotas is not known: if there were, stop this node now, as \
                 it lets everybody in. `--zookeeper-data DIR` beside the name of the file reads all that \
                 from ZooKeeper's own folder, on an untouched copy of the folders."
            ),
        };
        for note in &source.notes {
            text.push_str("\n  - ");
            text.push_str(note);
        }
        text
    }
}

fn is_reserved(directory: Uuid) -> bool {
    u128::from_be_bytes(*directory.as_bytes()) < DIRECTORY_RESERVED_END
}

/// Why a configuration has no effect here, if so.
fn without_effect(resource: &ConfigResource, name: &str, value: &str) -> Option<String> {
    let target = if resource.name.is_empty() { BrokerTarget::All } else { BrokerTarget::One };
    let judged = match resource.kind {
        ResourceType::Topic => {
            config::validate_topic_config(name, value).map_err(AlterError::Invalid)
        }
        ResourceType::Group => {
            config::validate_group_config(name, value).map_err(AlterError::Invalid)
        }
        ResourceType::ClientMetrics => config::validate_client_metrics_config(name, value),
        ResourceType::Broker => config::validate_broker_config(name, value, target),
    };
    judged.err().map(|error: AlterError| error.to_string())
}
