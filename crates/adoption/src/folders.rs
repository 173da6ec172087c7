//! The partition folders: what they tell of a source of the ZooKeeper era, where they lie, and
//! whether they agree with what the metadata of a KRaft source says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use metadata::ConfigResource;
use model::{
    BrokerId, GROUP_METADATA_TOPIC, LeaderEpoch, PartitionIndex, TRANSACTION_STATE_TOPIC, TopicId,
    TopicPartition, Uuid,
};
use storage::fs::FileSystem;
use storage::{
    Checkpoint, LastStop, LogDirectory, MetaProperties, MetaVersion, StorageError,
    latest_leader_epoch, read_topic_id,
};

use crate::error::AdoptionError;
use crate::kraft::Replay;
use crate::metadata_log;
use crate::source::{Era, Source, SourcePartition, SourceTopic};
use crate::zookeeper;

/// A topic without its metadata has as many partitions as its last folder says. So many may have no
/// folder; beyond that the name is taken for none of Kafka's.
const MISSING_PARTITIONS_MAX: usize = 10_000;

/// A partition's folder.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    /// Which of the data folders it lies in.
    pub(crate) directory: usize,
    pub(crate) topic_id: Option<TopicId>,
    /// The last term in which something was appended.
    pub(crate) leader_epoch: Option<LeaderEpoch>,
}

/// Everything that was read, understood and found fit to be served.
#[derive(Debug)]
pub struct Adoption {
    /// What the source knew.
    pub source: Source,
    pub(crate) node_id: BrokerId,
    pub(crate) located: BTreeMap<TopicPartition, Located>,
    /// Partitions of which a checkpoint tells that they had a folder.
    pub(crate) checkpointed: BTreeSet<TopicPartition>,
    /// The ids of the folders that were read, where they have one.
    pub(crate) directory_ids: BTreeSet<Uuid>,
}

/// Reads what another Kafka left in these folders, of which each comes with its `meta.properties`;
/// `None` when that is nothing. Only reads.
pub fn read(
    folders: &[(&LogDirectory, Option<&MetaProperties>)],
    node_id: BrokerId,
) -> Result<Option<Adoption>, AdoptionError> {
    read_with_zookeeper(folders, node_id, &[])
}

/// As [`read()`], with the data folders of the ZooKeeper that belonged to a Kafka of that era, which
/// must be stopped. Without folders of that era, naming its data is a mistake.
pub fn read_with_zookeeper(
    folders: &[(&LogDirectory, Option<&MetaProperties>)],
    node_id: BrokerId,
    zookeeper: &[PathBuf],
) -> Result<Option<Adoption>, AdoptionError> {
    let Some((first, _)) = folders.first() else { return Ok(None) };
    let file_system = Arc::clone(first.file_system());
    let mut found = Found::default();
    for (index, (directory, _)) in folders.iter().enumerate() {
        found.look_into(&*file_system, index, directory)?;
    }
    let is_kraft = folders
        .iter()
        .any(|(_, properties)| properties.is_some_and(|it| it.version == MetaVersion::KRaft));
    let source = match found.metadata_log() {
        Err(reason) => return Err(AdoptionError::Refused(vec![reason])),
        Ok(_) if is_kraft && !zookeeper.is_empty() => {
            return Err(AdoptionError::Refused(vec![NOT_OF_ZOOKEEPER.to_owned()]));
        }
        Ok(Some(log)) if is_kraft => {
            let mut replay = Replay::default();
            let end = metadata_log::read(
                &*file_system,
                &log.folder,
                log.is_stopped_cleanly,
                &mut replay,
            )?;
            let (source, reasons) = replay.finish(end, node_id);
            found.reasons.extend(reasons);
            source
        }
        Ok(Some(_)) => return Err(AdoptionError::Refused(vec![UNFINISHED_MIGRATION.to_owned()])),
        Ok(None)
            if !zookeeper.is_empty()
                && found.located.is_empty()
                && !has_zookeeper_mark(folders) =>
        {
            return Err(AdoptionError::Refused(vec![NOTHING_OF_KAFKA.to_owned()]));
        }
        Ok(None) if !zookeeper.is_empty() => {
            let cluster_id =
                folders.iter().find_map(|(_, found)| found.as_ref()?.cluster_id.as_deref());
            zookeeper::read(&*file_system, zookeeper, cluster_id)?
        }
        Ok(None) if found.located.is_empty() && !has_zookeeper_mark(folders) => return Ok(None),
        Ok(None) if !is_kraft => found.source_of_folders(node_id),
        Ok(None) => {
            let mut reasons = vec![NO_METADATA.to_owned()];
            reasons.extend(found.not_kafkas(folders));
            return Err(AdoptionError::Refused(reasons));
        }
    };
    let not_kafkas = found.not_kafkas(folders);
    let Found { located, checkpointed, reasons, .. } = found;
    let ids = folders.iter().filter_map(|(_, properties)| properties.as_ref()?.directory_id);
    let mut adoption =
        Adoption { source, node_id, located, checkpointed, directory_ids: ids.collect() };
    let mut refused = reasons;
    refused.extend(not_kafkas);
    refused.extend(adoption.reasons());
    if !refused.is_empty() {
        return Err(AdoptionError::Refused(refused));
    }
    adoption.note_differences();
    Ok(Some(adoption))
}

pub(crate) const UNFINISHED_MIGRATION: &str = "it was migrating from ZooKeeper to KRaft and had not finished; \
     finish the migration with Apache Kafka first";
const NOTHING_OF_KAFKA: &str = "log.dirs hold nothing of Apache Kafka: name the folders that the broker \
     had, whose topics are in ZooKeeper's data";
const NOT_OF_ZOOKEEPER: &str =
    "it kept its metadata itself, in KRaft: start without --zookeeper-data";
const NO_METADATA: &str = "it was written by a broker of the KRaft era, whose metadata \
     (__cluster_metadata-0) is in none of the folders: name the folder that holds it in \
     metadata.log.dir; without it topics, ids and configurations would be lost";

/// Whether a folder without partitions is one of the ZooKeeper era all the same.
fn has_zookeeper_mark(folders: &[(&LogDirectory, Option<&MetaProperties>)]) -> bool {
    folders.iter().any(|(_, properties)| {
        properties.is_some_and(|properties| properties.version == MetaVersion::ZooKeeper)
    })
}

/// A folder with the metadata log of Kafka.
#[derive(Clone)]
struct MetadataLog {
    folder: PathBuf,
    /// Whether the data folder around it has the mark that Kafka leaves when it is stopped.
    is_stopped_cleanly: bool,
}

#[derive(Default)]
struct Found {
    located: BTreeMap<TopicPartition, Located>,
    checkpointed: BTreeSet<TopicPartition>,
    metadata_logs: Vec<MetadataLog>,
    /// Why the folders must not be served.
    reasons: Vec<String>,
}

impl Found {
    fn look_into(
        &mut self,
        file_system: &dyn FileSystem,
        index: usize,
        directory: &LogDirectory,
    ) -> Result<(), AdoptionError> {
        let metadata_log = directory.path().join(metadata_log::FOLDER);
        let exists = file_system.exists(&metadata_log);
        if exists.map_err(AdoptionError::io("look up", &metadata_log))? {
            let is_stopped_cleanly = matches!(directory.last_stop(None)?, LastStop::Clean { .. });
            self.metadata_logs.push(MetadataLog { folder: metadata_log, is_stopped_cleanly });
        }
        for folder in directory.partitions()? {
            let located = Located {
                directory: index,
                topic_id: read_topic_id(file_system, &folder.path)?,
                leader_epoch: latest_leader_epoch(file_system, &folder.path)?,
            };
            let partition = folder.partition;
            if let Some(other) = self.located.insert(partition.clone(), located) {
                let place = directory.path().display();
                self.reasons.push(format!(
                    "partition {partition} lies in two of log.dirs, one of them {place} (the other \
                     is number {} of log.dirs): take one of them out",
                    other.directory + 1
                ));
            }
        }
        for checkpoint in [Checkpoint::RecoveryPoint, Checkpoint::Replication] {
            match directory.read_checkpoint(checkpoint) {
                Ok(offsets) => self.checkpointed.extend(offsets.into_keys()),
                // Recovery then starts at the beginning of each log.
                Err(StorageError::Malformed { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Folders without a trace of Kafka beside others that have one. A disk that is not mounted leaves
    /// such a place, and its partitions must not begin anew in it.
    fn not_kafkas(&self, folders: &[(&LogDirectory, Option<&MetaProperties>)]) -> Vec<String> {
        if folders.iter().all(|(_, properties)| properties.is_none()) {
            return Vec::new();
        }
        let holds_some = |index| self.located.values().any(|found| found.directory == index);
        let without = folders
            .iter()
            .enumerate()
            .filter(|(index, (_, properties))| properties.is_none() && !holds_some(*index));
        without
            .map(|(_, (directory, _))| {
                format!(
                    "{} has no meta.properties, and the other folders have one: if its disk is not \
                     mounted, mount it; if Kafka never had this folder, leave it out of log.dirs at \
                     the first start, and add it afterwards",
                    directory.path().display()
                )
            })
            .collect()
    }

    fn metadata_log(&self) -> Result<Option<MetadataLog>, String> {
        match self.metadata_logs.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            [first, second, ..] => Err(format!(
                "both {} and {} hold metadata of Kafka; move the one aside that is not this node's",
                first.folder.display(),
                second.folder.display()
            )),
        }
    }

    /// What the folders alone tell: names, ids and terms.
    fn source_of_folders(&mut self, node_id: BrokerId) -> Source {
        let mut source = Source { era: Era::ZooKeeper, next_broker_epoch: 1, ..Source::default() };
        for (partition, located) in &self.located {
            let topic = source.topics.entry(partition.topic.to_string()).or_insert_with(|| {
                SourceTopic { id: located.topic_id, partitions: BTreeMap::new() }
            });
            topic.id = topic.id.or(located.topic_id);
            if located.topic_id.is_some() && topic.id != located.topic_id {
                self.reasons.push(format!(
                    "the folders of topic {} have different topic ids (partition.metadata): some \
                     are left of an earlier topic of that name; move those aside",
                    partition.topic
                ));
            }
            let epoch = located.leader_epoch.unwrap_or(LeaderEpoch::new(0));
            topic.partitions.insert(partition.partition, SourcePartition::alone(node_id, epoch));
        }
        for (name, topic) in &mut source.topics {
            let resource = ConfigResource::topic(name.as_str());
            source.configs.insert(resource, careful_configs(name));
            let last = topic.partitions.last_key_value().map_or(0, |(index, _)| index.get());
            let missing = usize::try_from(last).unwrap_or(0).saturating_sub(topic.partitions.len());
            if missing > MISSING_PARTITIONS_MAX {
                self.reasons.push(format!(
                    "the folder {name}-{last} says that topic {name} has {} partitions, of which more \
                     than {MISSING_PARTITIONS_MAX} have no folder: if it is no partition's, move it aside",
                    i64::from(last) + 1
                ));
                continue;
            }
            for index in 0..last {
                topic
                    .partitions
                    .entry(PartitionIndex::new(index))
                    .or_insert_with(|| SourcePartition::alone(node_id, LeaderEpoch::new(0)));
            }
        }
        source
    }
}

/// What a topic gets whose configurations are not known: nothing that deletes what is there. A topic
/// that was kept for ever must not be emptied because nobody knows it any more.
fn careful_configs(topic: &str) -> BTreeMap<String, String> {
    let configs: &[(&str, &str)] = match topic {
        GROUP_METADATA_TOPIC | TRANSACTION_STATE_TOPIC => {
            &[("cleanup.policy", "compact"), ("segment.bytes", "104857600")]
        }
        _ => &[("retention.ms", "-1"), ("retention.bytes", "-1")],
    };
    configs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

impl SourcePartition {
    fn alone(node_id: BrokerId, leader_epoch: LeaderEpoch) -> Self {
        Self {
            replicas: vec![node_id],
            isr: vec![node_id],
            leader_epoch,
            partition_epoch: 0,
            directories: Vec::new(),
            was_led: true,
        }
    }
}
