//! The partitions that this node holds, over the folders of `log.dirs`.
//!
//! Look-ups by name and by topic id are for handlers; what partitions there are follows the
//! metadata and is changed by `lifecycle` alone.

mod lifecycle;
mod upkeep;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use config::{BrokerSettings, DynamicConfigs, NodeConfig};
use model::{ErrorCode, Offset, PartitionIndex, TopicId, TopicPartition, Uuid};
use parking_lot::{Mutex, RwLock};
use rustix::process::{Resource, getrlimit};
use storage::{Checkpoint, LogDirectory, OffsetCheckpoint, OpenFiles, StorageError};
use tokio::sync::{Notify, oneshot};
use tracing::warn;

use crate::append::{Append, AppendOutcome};
use crate::disk::{Disk, Job};
use crate::partition::Partition;

/// Of the descriptors that the process may have, one in so many is for files of the logs.
const OPEN_FILES_SHARE: u64 = 2;
/// More files of the logs than this are not kept open, whatever the process may have.
const OPEN_FILES_MAX: usize = 4096;

/// So many files of the logs stay open, the others are opened when they are needed.
fn open_files_max() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit / OPEN_FILES_SHARE).map_or(OPEN_FILES_MAX, |max| max.min(OPEN_FILES_MAX))
}

/// A folder of `log.dirs` with the threads that work on it.
#[derive(Debug)]
struct LogFolder {
    directory: LogDirectory,
    id: Uuid,
    disk: Disk,
    /// Whether its logs may be opened without a scan.
    clean: bool,
    /// What an earlier run left here and nobody has opened yet.
    found: Mutex<HashMap<TopicPartition, Found>>,
    /// Whether anything was appended since the checkpoints were written.
    changed: AtomicBool,
}

/// A partition of an earlier run: its folder, and what the checkpoints say of it.
#[derive(Debug, Default, Clone)]
struct Found {
    path: PathBuf,
    recovery_point: Offset,
    log_start_offset: Offset,
    high_watermark: Offset,
}

/// What a node knows of a folder when it hands it over.
#[derive(Debug)]
pub struct FolderParts {
    /// The folder, held by this process.
    pub directory: LogDirectory,
    /// The folder's id, of `meta.properties`.
    pub id: Uuid,
    /// Whether the last run ended cleanly.
    pub clean: bool,
}

#[derive(Debug)]
struct Topic {
    name: Arc<str>,
    partitions: HashMap<PartitionIndex, Arc<Partition>>,
}

#[derive(Debug, Default)]
struct Maps {
    topics: HashMap<TopicId, Topic>,
    ids: HashMap<Arc<str>, TopicId>,
}

/// The partitions of one node.
#[derive(Debug)]
pub struct Partitions {
    folders: Vec<LogFolder>,
    files: Arc<OpenFiles>,
    /// Told when there is something for a background sync.
    lingers: Arc<Notify>,
    node: Arc<NodeConfig>,
    dynamic: RwLock<DynamicConfigs>,
    settings: RwLock<Arc<BrokerSettings>>,
    /// The shortest `flush.ms` of any topic since the start.
    shortest_flush_ms: AtomicU64,
    maps: RwLock<Maps>,
    /// Partitions that a full disk kept from being opened; they are tried again.
    unopened: Mutex<Vec<lifecycle::Opening>>,
    /// Where new partitions were put, for the controller.
    unreported: Mutex<Vec<(TopicId, PartitionIndex, Uuid)>>,
    jitter_seed: u64,
}

impl Partitions {
    /// Takes over the folders; no log is opened before the metadata names it. `jitter_seed` is a
    /// random number, from which roll times are drawn.
    pub fn new(
        node: Arc<NodeConfig>,
        folders: Vec<FolderParts>,
        jitter_seed: u64,
    ) -> Result<Arc<Self>, StorageError> {
        let lingers = Arc::new(Notify::new());
        let open = |parts| LogFolder::open(parts, Arc::clone(&lingers));
        let folders = folders.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Arc::new(Self {
            folders,
            files: OpenFiles::new(open_files_max()),
            lingers,
            settings: RwLock::new(Arc::new(node.settings.clone())),
            node,
            dynamic: RwLock::default(),
            shortest_flush_ms: AtomicU64::new(u64::MAX),
            maps: RwLock::default(),
            unopened: Mutex::default(),
            unreported: Mutex::default(),
            jitter_seed,
        }))
    }

    /// The partition of a topic by its name.
    pub(crate) fn by_name(&self, topic: &str, index: PartitionIndex) -> Option<Arc<Partition>> {
        let maps = self.maps.read();
        let id = maps.ids.get(topic)?;
        maps.topics.get(id)?.partitions.get(&index).cloned()
    }

    /// The partition of a topic by its id.
    pub(crate) fn by_id(&self, id: TopicId, index: PartitionIndex) -> Option<Arc<Partition>> {
        self.maps.read().topics.get(&id)?.partitions.get(&index).cloned()
    }

    /// Whether there is a topic of this id.
    pub(crate) fn knows_id(&self, id: TopicId) -> bool {
        self.maps.read().topics.contains_key(&id)
    }

    /// All partitions.
    pub(crate) fn all(&self) -> Vec<Arc<Partition>> {
        let maps = self.maps.read();
        maps.topics.values().flat_map(|topic| topic.partitions.values().cloned()).collect()
    }

    /// The brokers' dynamic configurations in force.
    pub(crate) fn dynamic(&self) -> DynamicConfigs {
        self.dynamic.read().clone()
    }

    /// The broker's settings in force.
    pub(crate) fn settings(&self) -> Arc<BrokerSettings> {
        Arc::clone(&self.settings.read())
    }

    /// The shortest `flush.ms` of any topic since the start, in milliseconds.
    pub(crate) fn shortest_flush_ms(&self) -> u64 {
        self.shortest_flush_ms.load(Ordering::Relaxed)
    }

    /// Is notified when there is something for a background sync.
    pub(crate) fn lingers(&self) -> Arc<Notify> {
        Arc::clone(&self.lingers)
    }

    /// Queues an append for the partition's disk. Appends of one caller to one partition happen in
    /// the order of the calls.
    pub(crate) fn append(&self, append: Append) -> AppendOutcome {
        let (reply, outcome) = oneshot::channel();
        let folder = &self.folders[append.partition.disk()];
        folder.changed.store(true, Ordering::Relaxed);
        let syncs = Arc::clone(folder.disk.syncs());
        let job: Job = Box::new(move || {
            let partition = Arc::clone(&append.partition);
            partition.append(append, reply, &syncs);
        });
        // The job holds the reply: dropping it tells the caller that the node is stopping.
        drop(folder.disk.submit(job));
        outcome
    }

    /// Stops taking appends, finishes those that are queued, closes every log and leaves the mark
    /// of a clean stop. A folder whose logs cannot all be closed gets no mark.
    pub fn close(&self, broker_epoch: i64) {
        for folder in &self.folders {
            folder.disk.stop();
        }
        let partitions = self.all();
        for (index, folder) in self.folders.iter().enumerate() {
            let mut clean = true;
            for partition in partitions.iter().filter(|partition| partition.disk() == index) {
                partition.close(ErrorCode::NotLeaderOrFollower);
                if let Err(error) = partition.with_log(storage::Log::close) {
                    warn!(partition = %partition.topic_partition(), %error, "log not closed cleanly");
                    clean = false;
                }
            }
            let marked = self.write_checkpoints(index, &partitions).and_then(|()| match clean {
                true => folder.directory.end_run(broker_epoch),
                false => Ok(()),
            });
            if let Err(error) = marked {
                warn!(folder = %folder.directory.path().display(), %error, "no mark of a clean stop");
            }
        }
    }

    /// Ends the preparation of a start: from here on appends may happen, so the mark of the last
    /// clean stop goes.
    pub fn begin_run(&self, boot_id: Option<&str>) -> Result<(), StorageError> {
        self.folders.iter().try_for_each(|folder| folder.directory.begin_run(boot_id))
    }

    fn write_checkpoints(
        &self,
        folder: usize,
        partitions: &[Arc<Partition>],
    ) -> Result<(), StorageError> {
        let directory = &self.folders[folder].directory;
        let here = || partitions.iter().filter(|partition| partition.disk() == folder);
        let of = |offset: &dyn Fn(&Partition) -> Offset| -> OffsetCheckpoint {
            here().map(|p| (p.topic_partition().clone(), offset(p))).collect()
        };
        let recovery = of(&|p| p.log(storage::Log::recovery_point));
        directory.write_checkpoint(Checkpoint::RecoveryPoint, &recovery)?;
        let starts: OffsetCheckpoint = of(&|p| p.log_start_offset())
            .into_iter()
            .filter(|(_, start)| *start > Offset::ZERO)
            .collect();
        directory.write_checkpoint(Checkpoint::LogStart, &starts)?;
        directory.write_checkpoint(Checkpoint::Replication, &of(&|p| p.high_watermark()))
    }
}

impl LogFolder {
    fn open(parts: FolderParts, lingers: Arc<Notify>) -> Result<Self, StorageError> {
        let FolderParts { directory, id, clean } = parts;
        for leftover in directory.deletion_leftovers()? {
            storage::remove_partition_folder(&**directory.file_system(), &leftover)?;
        }
        let found = find(&directory)?;
        let name = directory.path().file_name().map(|n| n.to_string_lossy().into_owned());
        let disk = Disk::start(name.as_deref().unwrap_or("data"), lingers).map_err(|source| {
            StorageError::Io {
                operation: "start the threads of",
                path: directory.path().to_owned(),
                source: Arc::new(source),
            }
        })?;
        Ok(Self {
            found: Mutex::new(found),
            directory,
            id,
            disk,
            clean,
            changed: AtomicBool::new(false),
        })
    }
}

fn find(directory: &LogDirectory) -> Result<HashMap<TopicPartition, Found>, StorageError> {
    let recovery_points = read_or_none(directory, Checkpoint::RecoveryPoint)?;
    let log_starts = read_or_none(directory, Checkpoint::LogStart)?;
    let high_watermarks = read_or_none(directory, Checkpoint::Replication)?;
    let found = directory.partitions()?.into_iter().map(|folder| {
        let of = |offsets: &OffsetCheckpoint| offsets.get(&folder.partition).copied();
        let found = Found {
            path: folder.path,
            recovery_point: of(&recovery_points).unwrap_or(Offset::ZERO),
            log_start_offset: of(&log_starts).unwrap_or(Offset::ZERO),
            high_watermark: of(&high_watermarks).unwrap_or(Offset::ZERO),
        };
        (folder.partition, found)
    });
    Ok(found.collect())
}

/// A damaged checkpoint counts as none: recovery is slower then, and loses nothing.
fn read_or_none(
    directory: &LogDirectory,
    checkpoint: Checkpoint,
) -> Result<OffsetCheckpoint, StorageError> {
    match directory.read_checkpoint(checkpoint) {
        Err(error @ StorageError::Malformed { .. }) => {
            warn!(%error, "a damaged checkpoint is ignored: logs are checked from their start");
            Ok(OffsetCheckpoint::default())
        }
        outcome => outcome,
    }
}
