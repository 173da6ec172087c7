//! The way back: a new folder that an Apache Kafka 4 opens, with everything that this node holds.
//!
//! [`Export::plan`] looks at everything and changes nothing; [`Export::write`] fills the new folder.
//! `meta.properties` is written last, and Kafka starts on no folder without one: an export that was
//! broken off is never mistaken for a whole one. The node's own folders stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::BytesMut;
use metadata::{MetadataImage, MetadataRecord};
use model::{BrokerId, LeaderEpoch, Offset, Timestamp, TopicPartition, Uuid};
use protocol::data::{FeatureLevelRecord, PartitionRecord};
use records::{BatchBuilder, Compression};
use storage::fs::{FileSystem, OpenMode, read_full_at, write_all_at};
use storage::{
    Checkpoint, LogDirectory, MetaProperties, MetaVersion, OffsetCheckpoint, StorageError,
    read_topic_id,
};

use crate::metadata_log;

const METADATA_VERSION: &str = "metadata.version";
/// 4.0-IV3, the level that every Kafka 4 takes.
const METADATA_LEVEL: i16 = 25;
/// Features that are not in feature records, or that would have Kafka take its first start here for
/// the end of a crash, after which it trusts no replica.
const FEATURES_LEFT_OUT: [&str; 2] = ["kraft.version", "eligible.leader.replicas.version"];
/// The prefix of names that are ours alone: files of a partition, keys of configurations.
const OWN_PREFIX: &str = "klamm.";
/// The first term of the metadata log. Kafka's controller begins the next one.
const METADATA_EPOCH: LeaderEpoch = LeaderEpoch::new(1);
const METADATA_SEGMENT: &str = "00000000000000000000.log";
/// No batch of the metadata log is much larger; Kafka takes 8 MB.
const BATCH_BYTES: usize = 512 * 1024;
const COPY_BYTES: usize = 1024 * 1024;
const CHECKPOINTS: [Checkpoint; 4] =
    [Checkpoint::RecoveryPoint, Checkpoint::LogStart, Checkpoint::Replication, Checkpoint::Cleaner];
/// The stop that is left as a mark: of no broker that Kafka's metadata knows.
const NO_BROKER_EPOCH: i64 = -1;

/// Why nothing, or not everything, was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file of a data folder could not be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file could not be copied.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A metadata record cannot be written as Kafka's.
    #[error("the metadata cannot be written as Kafka's: {0}")]
    Metadata(String),
    /// What is there cannot be exported; nothing was changed.
    #[error("nothing is exported, and nothing was changed:\n{}", lines(.0))]
    Refused(Vec<String>),
}

impl ExportError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

fn lines(reasons: &[String]) -> String {
    let lines: Vec<_> = reasons.iter().map(|reason| format!("  - {reason}")).collect();
    lines.join("\n")
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The partition that was copied last.
    pub partition: &'a TopicPartition,
    /// Partitions copied.
    pub done: usize,
    /// Partitions to be copied.
    pub partitions: usize,
    /// Bytes copied.
    pub bytes_done: u64,
    /// Bytes to be copied.
    pub bytes: u64,
}

struct Copied {
    from: PathBuf,
    files: Vec<(String, u64)>,
}

/// Everything that an export takes, found and understood.
pub struct Export {
    file_system: Arc<dyn FileSystem>,
    node_id: BrokerId,
    cluster_id: String,
    partitions: BTreeMap<TopicPartition, Copied>,
    checkpoints: Vec<(Checkpoint, OffsetCheckpoint)>,
    records: Vec<MetadataRecord>,
    notes: Vec<String>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("partitions", &self.partitions.len()).finish_non_exhaustive()
    }
}

impl Export {
    /// Finds what the folders of a stopped node hold of what its metadata names.
    pub fn plan(
        folders: &[&LogDirectory],
        image: &MetadataImage,
        node_id: BrokerId,
        cluster_id: &str,
    ) -> Result<Self, ExportError> {
        let Some(first) = folders.first() else {
            return Err(ExportError::Refused(vec!["there is no data folder".to_owned()]));
        };
        let mut plan = Self {
            file_system: Arc::clone(first.file_system()),
            node_id,
            cluster_id: cluster_id.to_owned(),
            partitions: BTreeMap::new(),
            checkpoints: Vec::new(),
            records: Vec::new(),
            notes: Vec::new(),
        };
        let mut reasons = Vec::new();
        for folder in folders {
            plan.find_partitions(folder, image, &mut reasons)?;
        }
        let mut known = BTreeSet::new();
        for checkpoint in CHECKPOINTS {
            let mut merged = OffsetCheckpoint::new();
            for folder in folders {
                merged.extend(folder.read_checkpoint(checkpoint)?);
            }
            known.extend(merged.keys().cloned());
            merged.retain(|partition, _| plan.partitions.contains_key(partition));
            plan.checkpoints.push((checkpoint, merged));
        }
        plan.check_partitions(image, &known, &mut reasons);
        if !reasons.is_empty() {
            return Err(ExportError::Refused(reasons));
        }
        plan.take_records(image);
        Ok(plan)
    }

    /// What is not exported and the like, for a person.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many bytes the partitions have.
    pub fn bytes(&self) -> u64 {
        self.partitions.values().flat_map(|copied| &copied.files).map(|(_, length)| length).sum()
    }

    /// How many partitions there are to be copied.
    pub fn partition_count(&self) -> usize {
        self.partitions.len()
    }

    fn find_partitions(
        &mut self,
        folder: &LogDirectory,
        image: &MetadataImage,
        reasons: &mut Vec<String>,
    ) -> Result<(), ExportError> {
        for found in folder.partitions()? {
            let partition = found.partition;
            if *partition.topic == *metadata_log::TOPIC {
                continue;
            }
            let topic = image.topic(&partition.topic);
            let Some(topic) = topic.filter(|topic| topic.partition(partition.partition).is_some())
            else {
                self.notes.push(format!(
                    "the folder of {partition} belongs to no topic of the metadata: it stays behind"
                ));
                continue;
            };
            let id = read_topic_id(&*self.file_system, &found.path)?;
            if id.is_some_and(|id| id != topic.id) {
                reasons.push(format!(
                    "the folder {} is of an earlier topic of that name: move it aside",
                    found.path.display()
                ));
            }
            let entries = self.file_system.list(&found.path);
            let entries = entries.map_err(ExportError::io("list", &found.path))?;
            let files = entries
                .into_iter()
                .filter(|entry| !entry.is_directory && !entry.name.starts_with(OWN_PREFIX))
                .map(|entry| (entry.name, entry.length));
            let copied = Copied { from: found.path, files: files.collect() };
            if let Some(other) = self.partitions.insert(partition.clone(), copied) {
                let place = other.from.display();
                reasons.push(format!("{partition} lies in two of log.dirs, one of them {place}"));
            }
        }
        Ok(())
    }

    fn check_partitions(
        &mut self,
        image: &MetadataImage,
        known: &BTreeSet<TopicPartition>,
        reasons: &mut Vec<String>,
    ) {
        for topic in image.topics() {
            for (index, partition) in topic.indexed() {
                let named = TopicPartition::new(&*topic.name, index);
                if partition.replicas != [self.node_id] {
                    reasons.push(format!(
                        "{named} has replicas on other nodes than {}: only a cluster of one node \
                         can be exported",
                        self.node_id
                    ));
                }
                if self.partitions.contains_key(&named) {
                    continue;
                }
                if known.contains(&named) {
                    reasons.push(format!(
                        "the folder of {named} is missing: bring it back, or delete the topic"
                    ));
                } else {
                    self.notes.push(format!("{named} was never begun: it is empty"));
                }
            }
        }
    }

    /// Keeps what Kafka's metadata has as well. Brokers register anew.
    fn take_records(&mut self, image: &MetadataImage) {
        let mut others = 0;
        for record in image.records() {
            match &record {
                MetadataRecord::FeatureLevel(feature) => {
                    let name = &*feature.name;
                    if FEATURES_LEFT_OUT.contains(&name) {
                        self.notes.push(format!("the feature {name} is left out"));
                    } else if name != METADATA_VERSION {
                        others += 1;
                        self.records.push(record);
                    }
                }
                MetadataRecord::Config(config) if config.name.starts_with(OWN_PREFIX) => {
                    self.notes.push(format!(
                        "the configuration {} of {} is Klamm's alone and left out",
                        config.name, config.resource_name
                    ));
                }
                MetadataRecord::Topic(_)
                | MetadataRecord::Partition(_)
                | MetadataRecord::Config(_)
                | MetadataRecord::ProducerIds(_) => self.records.push(record),
                _ => {}
            }
        }
        // Other features may need a higher level than the one that every Kafka 4 takes.
        let level = image.feature_level(METADATA_VERSION);
        let level = if others > 0 { level.max(METADATA_LEVEL) } else { METADATA_LEVEL };
        if level != image.feature_level(METADATA_VERSION) {
            self.notes.push(format!(
                "{METADATA_VERSION} is set to level {level}, which every Apache Kafka 4 takes; raise \
                 it there with kafka-features.sh upgrade"
            ));
        }
        let feature = FeatureLevelRecord { name: METADATA_VERSION.into(), feature_level: level };
        self.records.insert(0, feature.into());
    }

    /// Whether `target` can be filled: it must be new or empty, and its volume must have room.
    pub fn check_target(&self, target: &Path) -> Result<(), ExportError> {
        let file_system = &*self.file_system;
        let mut volume = target;
        while !file_system.exists(volume).map_err(ExportError::io("look up", volume))? {
            let Some(parent) = volume.parent() else { break };
            volume = parent;
        }
        if volume == target {
            let entries = file_system.list(target).map_err(ExportError::io("list", target))?;
            if let Some(entry) = entries.first() {
                return Err(ExportError::Refused(vec![format!(
                    "{} is not empty, it holds {}: name a new folder",
                    target.display(),
                    entry.name
                )]));
            }
        }
        let space = file_system.space(volume).map_err(ExportError::io("measure", volume))?;
        let (needed, free) = (self.bytes(), space.usable_bytes);
        if needed > free {
            return Err(ExportError::Refused(vec![format!(
                "{needed} bytes are to be written into {}, and {free} are free there: make room, or \
                 name a folder on another volume",
                target.display()
            )]));
        }
        Ok(())
    }

    /// Fills `target`, which must be new or empty. `directory_id` becomes its id.
    pub fn write(
        &self,
        target: &Path,
        directory_id: Uuid,
        now: Timestamp,
        written: &str,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), ExportError> {
        self.check_target(target)?;
        let file_system = &*self.file_system;
        let directory = LogDirectory::open(Arc::clone(&self.file_system), target.to_owned())?;
        let (mut bytes_done, bytes) = (0, self.bytes());
        for (done, (partition, copied)) in self.partitions.iter().enumerate() {
            let to = directory.partition_path(partition);
            self.copy(copied, &to, &mut bytes_done)?;
            let partitions = self.partitions.len();
            progress(Progress { partition, done: done + 1, partitions, bytes_done, bytes });
        }
        for (checkpoint, offsets) in &self.checkpoints {
            directory.write_checkpoint(*checkpoint, offsets)?;
        }
        self.write_metadata(&target.join(metadata_log::FOLDER), directory_id, now)?;
        directory.end_run(NO_BROKER_EPOCH)?;
        file_system.sync_directory(target).map_err(ExportError::io("sync", target))?;
        let properties = MetaProperties {
            version: MetaVersion::KRaft,
            cluster_id: Some(self.cluster_id.clone()),
            node_id: Some(self.node_id),
            directory_id: Some(directory_id),
            other: BTreeMap::new(),
        };
        directory.write_meta_properties(&properties, written)?;
        Ok(())
    }

    fn copy(&self, copied: &Copied, to: &Path, done: &mut u64) -> Result<(), ExportError> {
        let file_system = &*self.file_system;
        file_system.create_directories(to).map_err(ExportError::io("create", to))?;
        let mut buffer = vec![0; COPY_BYTES];
        for (name, _) in &copied.files {
            let (from, to) = (copied.from.join(name), to.join(name));
            let source =
                file_system.open(&from, OpenMode::Read).map_err(ExportError::io("open", &from))?;
            let sink =
                file_system.open(&to, OpenMode::Create).map_err(ExportError::io("create", &to))?;
            let mut position = 0;
            loop {
                let read = read_full_at(&*source, position, &mut buffer)
                    .map_err(ExportError::io("read", &from))?;
                let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
                    break;
                };
                write_all_at(&*sink, position, piece).map_err(ExportError::io("write", &to))?;
                position += read as u64;
            }
            *done += position;
            sink.sync_data().map_err(ExportError::io("sync", &to))?;
        }
        file_system.sync_directory(to).map_err(ExportError::io("sync", to))
    }

    /// Writes the metadata log. Kafka's controller reads it to its end and goes on behind it.
    fn write_metadata(
        &self,
        folder: &Path,
        directory_id: Uuid,
        now: Timestamp,
    ) -> Result<(), ExportError> {
        let file_system = &*self.file_system;
        file_system.create_directories(folder).map_err(ExportError::io("create", folder))?;
        let path = folder.join(METADATA_SEGMENT);
        let file =
            file_system.open(&path, OpenMode::Create).map_err(ExportError::io("create", &path))?;
        let failed = |error: &dyn std::fmt::Display| ExportError::Metadata(error.to_string());
        let new_batch = |base: i64| {
            let mut batch = BatchBuilder::new(Offset::new(base), Compression::None);
            batch.leader_epoch(METADATA_EPOCH);
            batch
        };
        let (mut offset, mut position) = (0, 0);
        let mut batch = new_batch(offset);
        let last = self.records.len() - 1;
        for (index, record) in self.records.iter().enumerate() {
            let mut value = BytesMut::new();
            self.as_kafkas(record, directory_id)
                .encode(&mut value)
                .map_err(|error| failed(&error))?;
            batch.append(now, None, Some(&value), []).map_err(|error| failed(&error))?;
            offset += 1;
            if batch.uncompressed_size() >= BATCH_BYTES || index == last {
                let full = std::mem::replace(&mut batch, new_batch(offset));
                let bytes = full.finish().map_err(|error| failed(&error))?;
                write_all_at(&*file, position, &bytes).map_err(ExportError::io("write", &path))?;
                position += bytes.len() as u64;
            }
        }
        file.sync_data().map_err(ExportError::io("sync", &path))?;
        file_system.sync_directory(folder).map_err(ExportError::io("sync", folder))
    }

    /// A partition waits for its broker, as after every stop of Kafka's: the controller has it lead in
    /// a term of its own once it has registered.
    fn as_kafkas(&self, record: &MetadataRecord, directory_id: Uuid) -> MetadataRecord {
        let MetadataRecord::Partition(partition) = record else { return record.clone() };
        let partition = PartitionRecord {
            isr: vec![self.node_id],
            leader: BrokerId::NONE,
            directories: vec![directory_id],
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            ..partition.clone()
        };
        partition.into()
    }
}
