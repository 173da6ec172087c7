//! Partitions come and go as the metadata says.
//!
//! Blocking: opening a log may scan its unsynced end. Nothing is ever removed that the metadata
//! does not say was deleted: a folder that it does not know is left alone and named in the log.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use config::{DynamicConfigs, TopicConfig, Values};
use metadata::{
    ConfigResource, ConfigValues, MetadataDelta, MetadataImage, PartitionImage, ResourceType,
    TopicImage,
};
use model::{BrokerId, ErrorCode, PartitionIndex, TopicId, TopicPartition, Uuid};
use parking_lot::Mutex;
use replication::Leader;
use storage::{Log, OpenState, StorageError, read_topic_id, stray_folder_name, write_topic_id};
use tracing::{debug, error, info, warn};

use super::placement::Spread;
use super::{Partitions, Pending, Topic};
use crate::disk::in_threads;
use crate::partition::Partition;
use crate::topic_settings::TopicSettings;

/// What a kill left unsynced was acknowledged, perhaps, and read: it is committed before anyone sees
/// the partition again, so that the high watermark does not go back for readers. The recovery point
/// moves with it, so that the next start does not check the same records again.
fn sync_recovered(log: &mut Log) -> Result<(), StorageError> {
    if log.synced_offset() < log.log_end_offset() {
        log.sync()?;
    }
    Ok(())
}

/// A partition that has to be opened.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    topic_partition: TopicPartition,
    topic_id: TopicId,
    leader_epoch: model::LeaderEpoch,
    settings: Arc<TopicSettings>,
    folder: usize,
    /// Whether the metadata does not know yet that the partition lies there.
    is_new: bool,
    /// Whether the log says already that it cannot be opened.
    is_told: bool,
}

impl Opening {
    /// The index of the folder in which it is opened.
    pub(super) fn folder(&self) -> usize {
        self.folder
    }

    fn is_same(&self, other: &Self) -> bool {
        self.topic_id == other.topic_id
            && self.topic_partition.partition == other.topic_partition.partition
    }
}

impl Partitions {
    /// Brings the partitions of this node to what the image says. `this` is this broker.
    pub fn apply(&self, this: BrokerId, image: &MetadataImage, delta: &MetadataDelta) {
        self.apply_dynamic_configs(this, image, delta);
        // Held to the end, so that nobody opens meanwhile what is deleted or opened here.
        let mut pending = self.pending.lock();
        if pending.is_closed {
            return;
        }
        for (id, name) in &delta.deleted_topics {
            pending.openings.retain(|opening| opening.topic_id != *id);
            self.delete_topic(*id, name);
        }
        let settings = self.settings_of_changed_topics(image, delta);
        let openings = self.openings(this, image, delta, &settings, &mut pending);
        pending.openings.retain(|waiting| openings.iter().all(|opening| !waiting.is_same(opening)));
        for waiting in &mut pending.openings {
            if let Some(settings) = settings.get(&waiting.topic_partition.topic) {
                waiting.settings = Arc::clone(settings);
            }
        }
        let waiting = self.open_all(openings);
        pending.openings.extend(waiting);
        self.tell_of(&pending);
        drop(pending);
        for (name, settings) in &settings {
            self.each_of_topic(name, |partition| partition.set_settings(Arc::clone(settings)));
        }
    }

    /// What this node has to open; partitions that it has already begin their new epoch.
    fn openings(
        &self,
        this: BrokerId,
        image: &MetadataImage,
        delta: &MetadataDelta,
        settings: &HashMap<Arc<str>, Arc<TopicSettings>>,
        pending: &mut Pending,
    ) -> Vec<Opening> {
        let mut openings = Vec::new();
        let mut spread = Spread::default();
        for (id, index) in &delta.changed_partitions {
            let Some((topic, partition)) = image.partition(*id, *index) else { continue };
            if partition.leader != Some(this) {
                self.report_where_found(this, (topic, *index), partition);
                continue;
            }
            if let Some(existing) = self.by_id(*id, *index) {
                if let Err(error) = existing.begin_epoch(partition.leader_epoch) {
                    error!(partition = %existing.topic_partition(), %error, "cannot begin an epoch");
                    pending.epochs.push((existing, partition.leader_epoch));
                }
                continue;
            }
            let topic_partition = TopicPartition::new(Arc::clone(&topic.name), *index);
            let assigned = partition.directory_of(this);
            let folder = match self.folder_for(&topic_partition, *id, assigned, &mut spread) {
                Ok(folder) => folder,
                Err(error) => {
                    error!(partition = %topic_partition, %error, "the partition cannot be served");
                    continue;
                }
            };
            openings.push(Opening {
                folder,
                is_new: assigned != Some(self.folders[folder].id),
                topic_partition,
                topic_id: *id,
                leader_epoch: partition.leader_epoch,
                settings: Arc::clone(&settings[&topic.name]),
                is_told: false,
            });
        }
        openings
    }

    /// A partition that was moved may lie in another folder than the metadata names, which is not here
    /// any more: it is reported, and led again.
    fn report_where_found(
        &self,
        this: BrokerId,
        (topic, index): (&TopicImage, PartitionIndex),
        partition: &PartitionImage,
    ) {
        let Some(assigned) = partition.directory_of(this) else { return };
        if partition.leader.is_some() || self.folders.iter().any(|folder| folder.id == assigned) {
            return;
        }
        let name = TopicPartition::new(Arc::clone(&topic.name), index);
        if let Ok(folder) = self.folder_for(&name, topic.id, Some(assigned), &mut Spread::default())
        {
            self.unreported.lock().push((topic.id, index, self.folders[folder].id));
        }
    }

    /// Names what lies in the folders and is unknown to the metadata.
    pub fn warn_of_strays(&self, image: &MetadataImage) {
        for folder in &self.folders {
            for (partition, found) in &*folder.found.lock() {
                let known =
                    image.topic(&partition.topic).and_then(|t| t.partition(partition.partition));
                if known.is_none() {
                    warn!(
                        folder = %found.path.display(),
                        "this partition is not in the metadata of the cluster: it is left alone and \
                         not served"
                    );
                }
            }
        }
    }

    /// Names the folders that are not here and the partitions in them, which have no leader until
    /// the folder is back: a folder that is not mounted must not come back as an empty one.
    pub fn warn_of_missing_folders(&self, this: BrokerId, image: &MetadataImage) {
        let mut missing: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for topic in image.topics() {
            for (index, partition) in topic.indexed() {
                let Some(id) = partition.directory_of(this) else { continue };
                if !self.folders.iter().any(|folder| folder.id == id) {
                    missing.entry(id).or_default().push(format!("{}-{index}", topic.name));
                }
            }
        }
        for (directory_id, partitions) in missing {
            error!(
                %directory_id, partitions = partitions.len(), first = partitions[0],
                "a folder with partitions of this node is not among log.dirs: they are not served; \
                 mount it again or name it in log.dirs, or delete their topics"
            );
        }
    }

    /// The settings of a topic with these overrides.
    fn topic_settings(
        &self,
        name: &Arc<str>,
        overrides: Option<&Arc<ConfigValues>>,
    ) -> Arc<TopicSettings> {
        let overrides = overrides.map(|values| values_of(values)).unwrap_or_default();
        let dynamic = self.dynamic.read();
        let topic = TopicConfig::resolve(&overrides, &self.node, &dynamic);
        match u64::try_from(topic.flush_ms) {
            Ok(flush_ms) if topic.flush_ms < i64::MAX => {
                self.flush_ms.lock().insert(Arc::clone(name), flush_ms);
            }
            _ => {
                self.flush_ms.lock().remove(name);
            }
        }
        Arc::new(TopicSettings::new(&topic, &self.settings()))
    }

    fn apply_dynamic_configs(&self, this: BrokerId, image: &MetadataImage, delta: &MetadataDelta) {
        if !delta.changed_configs.iter().any(|resource| resource.kind == ResourceType::Broker) {
            return;
        }
        let of = |resource| image.config(&resource).map(|values| values_of(values));
        let dynamic = DynamicConfigs {
            broker: of(ConfigResource::broker(this)).unwrap_or_default(),
            default: of(ConfigResource::broker_default()).unwrap_or_default(),
        };
        self.settings.send_replace(Arc::new(self.node.settings_with(&dynamic)));
        *self.dynamic.write() = dynamic;
    }

    /// The settings of every topic that is new or whose settings may have changed.
    fn settings_of_changed_topics(
        &self,
        image: &MetadataImage,
        delta: &MetadataDelta,
    ) -> HashMap<Arc<str>, Arc<TopicSettings>> {
        let changed = &delta.changed_configs;
        // What is set for brokers is the default of every topic.
        let all = changed.iter().any(|resource| resource.kind == ResourceType::Broker);
        let names: Vec<Arc<str>> = if all {
            image.topics().map(|topic| Arc::clone(&topic.name)).collect()
        } else {
            let of_partitions = delta
                .changed_partitions
                .iter()
                .filter_map(|(id, _)| image.topic_name(*id))
                .cloned();
            let of_configs = changed
                .iter()
                .filter(|resource| resource.kind == ResourceType::Topic)
                .map(|resource| Arc::clone(&resource.name));
            of_partitions.chain(of_configs).collect()
        };
        let mut settings = HashMap::new();
        for name in names {
            settings.entry(Arc::clone(&name)).or_insert_with(|| {
                let overrides = image.config(&ConfigResource::topic(Arc::clone(&name)));
                self.topic_settings(&name, overrides)
            });
        }
        settings
    }

    fn each_of_topic(&self, name: &str, mut work: impl FnMut(&Arc<Partition>)) {
        let partitions: Vec<_> = {
            let maps = self.maps.read();
            let topic = maps.ids.get(name).and_then(|id| maps.topics.get(id));
            topic.map(|topic| topic.partitions.values().cloned().collect()).unwrap_or_default()
        };
        partitions.iter().for_each(&mut work);
    }

    /// The folders that new partitions were put into since the last call.
    pub(crate) fn take_unreported_directories(&self) -> Vec<(TopicId, PartitionIndex, Uuid)> {
        std::mem::take(&mut self.unreported.lock())
    }

    /// Takes back what could not be reported, to be reported before what came since.
    pub(crate) fn report_again(&self, assignments: Vec<(TopicId, PartitionIndex, Uuid)>) {
        self.unreported.lock().splice(..0, assignments);
        self.is_pending.notify_one();
    }

    /// Waits until there is something to be tried again.
    pub(crate) async fn until_pending(&self) {
        self.is_pending.notified().await;
    }

    fn tell_of(&self, pending: &Pending) {
        if !(pending.openings.is_empty() && pending.epochs.is_empty()) {
            self.is_pending.notify_one();
        }
    }

    /// Tries again what a lack of space or descriptors has kept from being done.
    pub(crate) fn retry_pending(&self) {
        let mut pending = self.pending.lock();
        if pending.is_closed {
            return;
        }
        let openings = std::mem::take(&mut pending.openings);
        pending.openings = self.open_all(openings);
        pending.epochs.retain(|(partition, epoch)| partition.begin_epoch(*epoch).is_err());
        self.tell_of(&pending);
    }

    /// Logs that are opened or closed at the same time per folder. What was set while the node ran counts
    /// from its next start, as it comes before the partitions there, and already at its stop.
    pub(super) fn recovery_threads(&self) -> usize {
        self.settings().num_recovery_threads_per_data_dir.max(1)
    }

    /// Opens partitions; gives back those that are to be tried again.
    fn open_all(&self, openings: Vec<Opening>) -> Vec<Opening> {
        let threads = self.recovery_threads() * self.folders.len();
        let waiting = Mutex::new(Vec::new());
        let failed = |opening: &Opening, error: StorageError| {
            let partition = &opening.topic_partition;
            // The other partitions are served; this one answers as unknown.
            if opening.is_told {
                debug!(%partition, %error, "the partition still cannot be served");
            } else {
                error!(%partition, %error, "the partition cannot be served");
            }
            if let Some(found) = self.folders[opening.folder].found.lock().get_mut(partition) {
                found.failed = true;
            }
            if error.may_pass() {
                waiting.lock().push(Opening { is_told: true, ..opening.clone() });
            }
        };
        let free = |opening: &Opening| {
            self.set_aside_other_topic(opening).inspect_err(|error| failed(opening, error.clone()))
        };
        let openings: Vec<_> = openings.into_iter().filter(|o| free(o).is_ok()).collect();
        self.rewrite_stale_checkpoints();
        in_threads(&openings, threads, |opening| match self.open(opening) {
            Ok(partition) => self.keep(opening, Arc::new(partition)),
            Err(error) => failed(opening, error),
        });
        waiting.into_inner()
    }

    fn open(&self, opening: &Opening) -> Result<Partition, StorageError> {
        let folder = &self.folders[opening.folder];
        let file_system = Arc::clone(folder.directory.file_system());
        let path = folder.directory.partition_path(&opening.topic_partition);
        folder.settle(&opening.topic_partition)?;
        let found = folder.found.lock().get(&opening.topic_partition).cloned().unwrap_or_default();
        let state = OpenState {
            recovery_point: found.recovery_point,
            log_start_offset: found.log_start_offset,
            clean: folder.clean,
            now: crate::clock::now(),
            cleaned_to: found.cleaned_to,
            jitter_seed: self.jitter_seed,
        };
        let config = Arc::clone(&opening.settings.log);
        let (mut log, report) = Log::open(
            Arc::clone(&file_system),
            Arc::clone(&self.files),
            path.clone(),
            config,
            state,
        )?;
        if report.truncated_bytes > 0 || report.ends_before_recovery_point {
            warn!(partition = %opening.topic_partition, ?report, "recovered");
        }
        if read_topic_id(&*file_system, &path)?.is_none() {
            write_topic_id(&*file_system, &path, opening.topic_id)?;
        }
        log.begin_epoch(opening.leader_epoch)?;
        sync_recovered(&mut log)?;
        let leader = Leader::new(
            opening.leader_epoch,
            opening.settings.durability,
            log.log_start_offset(),
            log.log_end_offset(),
            log.synced_offset(),
            found.high_watermark,
        );
        Ok(Partition::new(
            opening.topic_partition.clone(),
            opening.folder,
            Arc::clone(folder.disk.syncs()),
            log,
            leader,
            Arc::clone(&opening.settings),
        ))
    }

    /// A folder of this name that belongs to an earlier topic is set aside as Kafka does, so that
    /// its records do not turn up in the new topic.
    fn set_aside_other_topic(&self, opening: &Opening) -> Result<(), StorageError> {
        let folder = &self.folders[opening.folder];
        let path = folder.directory.partition_path(&opening.topic_partition);
        let file_system = folder.directory.file_system();
        let io = |source: std::io::Error| StorageError::Io {
            operation: "set aside",
            path: path.clone(),
            source: Arc::new(source),
        };
        if !file_system.exists(&path).map_err(io)? {
            return Ok(());
        }
        match read_topic_id(&**file_system, &path)? {
            Some(found) if found != opening.topic_id => {
                let aside = path.with_file_name(stray_folder_name(&opening.topic_partition, found));
                warn!(from = %path.display(), to = %aside.display(), "set aside a folder of another topic");
                file_system.rename(&path, &aside).map_err(io)?;
                // What the checkpoints say of another topic of this name says nothing of this one.
                folder.found.lock().remove(&opening.topic_partition);
                folder.stale.store(true, Ordering::Relaxed);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn keep(&self, opening: &Opening, partition: Arc<Partition>) {
        let mut maps = self.maps.write();
        let name = Arc::clone(&opening.topic_partition.topic);
        maps.ids.insert(Arc::clone(&name), opening.topic_id);
        let topic = maps
            .topics
            .entry(opening.topic_id)
            .or_insert_with(|| Topic { name, partitions: HashMap::new() });
        topic.partitions.insert(opening.topic_partition.partition, Arc::clone(&partition));
        drop(maps);
        let folder = &self.folders[opening.folder];
        folder.found.lock().remove(&opening.topic_partition);
        if opening.is_new {
            let index = opening.topic_partition.partition;
            self.unreported.lock().push((opening.topic_id, index, folder.id));
        }
        self.resume_move(&partition, opening.topic_id);
    }

    fn delete_topic(&self, id: TopicId, name: &str) {
        let removed = {
            let mut maps = self.maps.write();
            if maps.ids.get(name) == Some(&id) {
                maps.ids.remove(name);
            }
            maps.topics.remove(&id)
        };
        self.flush_ms.lock().remove(name);
        let Some(topic) = removed else { return };
        info!(topic = %topic.name, %id, partitions = topic.partitions.len(), "deleting a topic");
        for (index, partition) in topic.partitions {
            self.cancel_move(partition.topic_partition());
            partition.close(ErrorCode::UnknownTopicOrPartition);
            self.remove_files(index, &partition, id);
        }
    }

    /// The name is free at once; the files go when there is time for it.
    fn remove_files(&self, index: PartitionIndex, partition: &Partition, id: Uuid) {
        let folder = &self.folders[partition.disk()];
        let named = partition.topic_partition().clone();
        folder.stale.store(true, Ordering::Relaxed);
        match partition.with_log(|log| log.rename_for_delete(&named, id)) {
            Ok(path) => folder.removals.add(path),
            Err(error) => {
                warn!(partition = %index, %error, "cannot delete the files of a partition")
            }
        }
    }
}

/// A resource's values as the table of configurations takes them.
pub(crate) fn values_of(values: &ConfigValues) -> Values {
    values.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}
