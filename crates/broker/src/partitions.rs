//! The partitions that this node holds, over the folders of `log.dirs`.
//!
//! Look-ups by name and by topic id are for handlers; what partitions there are follows the
//! metadata and is changed by `lifecycle` alone.

mod cleaned;
mod failure;
mod leaving;
mod lifecycle;
mod moving;
mod placement;
mod removal;
#[cfg(test)]
mod tests;
mod upkeep;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use config::{BrokerSettings, DynamicConfigs, NodeConfig};
use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, TopicId, TopicPartition, Uuid};
use parking_lot::{Mutex, RwLock};
use rustix::process::{Resource, getrlimit};
use storage::{Checkpoint, LogDirectory, OffsetCheckpoint, OpenFiles, StorageError};
use tokio::sync::{Notify, oneshot, watch};
use tracing::{error, warn};

use crate::append::{Append, AppendOutcome, AppendReply};
use crate::clock::NodeClock;
use crate::disk::{Disk, Job, in_threads};
use crate::partition::Partition;
use leaving::Leaving;
use lifecycle::Opening;
pub(crate) use moving::FolderContents;
use moving::Moves;
use removal::Removals;

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
    holds_metadata: bool,
    /// What an earlier run left here and nobody has opened yet.
    found: Mutex<HashMap<TopicPartition, Found>>,
    /// Copies that were on their way here when the last run ended.
    futures: Mutex<HashMap<TopicPartition, PathBuf>>,
    removals: Arc<Removals>,
    /// How often a request has moved the start of a log here.
    trims: AtomicU64,
    /// How many of these the checkpoints hold. Held while they are written, since all take the same
    /// temporary name.
    checkpoints: Mutex<u64>,
    /// Whether anything was appended since the checkpoints were written.
    changed: AtomicBool,
    /// Whether the checkpoints name a partition that is gone.
    stale: AtomicBool,
    /// Whether it has failed, and the log says so.
    is_given_up: AtomicBool,
}

/// A partition of an earlier run: its folder, and what the checkpoints say of it.
#[derive(Debug, Default, Clone)]
struct Found {
    path: PathBuf,
    recovery_point: Offset,
    log_start_offset: Offset,
    high_watermark: Offset,
    /// Up to where it was compacted.
    cleaned_to: Offset,
    /// Whether opening it has failed.
    failed: bool,
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
    /// Whether the metadata log lies in it, without which the node cannot go on.
    pub holds_metadata: bool,
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

/// What could not be done when the metadata asked for it, but perhaps can be later.
#[derive(Debug, Default)]
struct Pending {
    openings: Vec<Opening>,
    epochs: Vec<(Arc<Partition>, LeaderEpoch)>,
    /// The node stops: partitions neither come nor go any more.
    is_closed: bool,
}

/// The partitions of one node.
#[derive(Debug)]
pub struct Partitions {
    folders: Vec<LogFolder>,
    files: Arc<OpenFiles>,
    /// Told when there is something for a background sync.
    lingers: Arc<Notify>,
    /// Told when a folder has failed.
    failures: Arc<Notify>,
    /// Why the node cannot go on, once it cannot.
    lost: watch::Sender<Option<String>>,
    node: Arc<NodeConfig>,
    dynamic: RwLock<DynamicConfigs>,
    settings: watch::Sender<Arc<BrokerSettings>>,
    /// The topics that have a `flush.ms`.
    flush_ms: Mutex<HashMap<Arc<str>, u64>>,
    maps: RwLock<Maps>,
    /// What is tried again. Held while partitions come and go.
    pending: Mutex<Pending>,
    /// Told when there is something to be tried again.
    is_pending: Notify,
    /// Where new partitions were put, for the controller.
    unreported: Mutex<Vec<(TopicId, PartitionIndex, Uuid)>>,
    /// Files of deleted segments, until readers who hold one are done.
    leaving: Leaving,
    jitter_seed: u64,
    clock: NodeClock,
    moves: Moves,
}

impl Partitions {
    /// Takes over the folders; no log is opened before the metadata names it. A folder that cannot be
    /// read is left out while another is left. `jitter_seed` is a random number, from which roll times
    /// are drawn.
    pub fn new(
        node: Arc<NodeConfig>,
        folders: Vec<FolderParts>,
        jitter_seed: u64,
    ) -> Result<Arc<Self>, StorageError> {
        let lingers = Arc::new(Notify::new());
        let failures = Arc::new(Notify::new());
        let mut opened = Vec::with_capacity(folders.len());
        let mut last_error = None;
        for parts in folders {
            let (path, is_needed) = (parts.directory.path().to_owned(), parts.holds_metadata);
            match LogFolder::open(parts, Arc::clone(&lingers), Arc::clone(&failures)) {
                Ok(folder) => opened.push(folder),
                Err(error) if is_needed => return Err(error),
                Err(error) => {
                    error!(folder = %path.display(), %error, "this folder of log.dirs is not served");
                    last_error = Some(error);
                }
            }
        }
        if let Some(error) = last_error.filter(|_| opened.is_empty()) {
            return Err(error);
        }
        Ok(Arc::new(Self {
            folders: opened,
            files: OpenFiles::new(open_files_max()),
            lingers,
            failures,
            lost: watch::Sender::new(None),
            settings: watch::Sender::new(Arc::new(node.settings.clone())),
            node,
            dynamic: RwLock::default(),
            flush_ms: Mutex::default(),
            maps: RwLock::default(),
            pending: Mutex::default(),
            is_pending: Notify::new(),
            unreported: Mutex::default(),
            leaving: Leaving::default(),
            jitter_seed,
            clock: NodeClock::default(),
            moves: Moves::default(),
        }))
    }

    /// The clocks of the node.
    pub fn clock(&self) -> &NodeClock {
        &self.clock
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

    /// The id of the topic of this name.
    pub(crate) fn id_of(&self, topic: &str) -> Option<TopicId> {
        self.maps.read().ids.get(topic).copied()
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
        Arc::clone(&self.settings.borrow())
    }

    /// Tells of settings that change while the node runs.
    pub(crate) fn watch_settings(&self) -> watch::Receiver<Arc<BrokerSettings>> {
        self.settings.subscribe()
    }

    /// The shortest `flush.ms` of any topic, in milliseconds.
    pub(crate) fn shortest_flush_ms(&self) -> u64 {
        self.flush_ms.lock().values().copied().min().unwrap_or(u64::MAX)
    }

    /// Is notified when there is something for a background sync.
    pub(crate) fn lingers(&self) -> Arc<Notify> {
        Arc::clone(&self.lingers)
    }

    /// Queues an append for the partition's disk. Appends of one caller to one partition happen in
    /// the order of the calls.
    pub(crate) fn append(&self, append: Append) -> AppendOutcome {
        let (reply, outcome) = oneshot::channel();
        self.append_and_reply(append, reply);
        outcome
    }

    /// As [`Partitions::append`], for callers that have promised an answer already.
    pub(crate) fn append_and_reply(&self, append: Append, reply: AppendReply) {
        let partition = Arc::clone(&append.partition);
        let job: Job = Box::new(move || {
            let partition = Arc::clone(&append.partition);
            partition.append(append, reply);
        });
        let mut job = Some(job);
        while let Some(next) = job.take().and_then(|job| partition.switching().wait(job)) {
            let disk = partition.disk();
            let folder = &self.folders[disk];
            folder.changed.store(true, Ordering::Relaxed);
            let mut is_moved = false;
            let refused = folder.disk.submit_if(
                || {
                    is_moved = partition.disk() != disk || partition.switching().is_under_way();
                    !is_moved
                },
                next,
            );
            // The job holds the reply: dropping it tells the caller that the node is stopping. It comes
            // back when the partition has just been moved to another folder, or the thread has ended.
            job = refused.err().filter(|_| is_moved);
        }
    }

    /// Stops taking appends, finishes those that are queued, closes every log and leaves the mark
    /// of a clean stop. A folder whose logs cannot all be closed gets no mark.
    pub fn close(&self, broker_epoch: i64) {
        // Waits for whoever opens or deletes partitions.
        self.pending.lock().is_closed = true;
        for folder in &self.folders {
            folder.disk.stop();
            folder.removals.stop();
        }
        let partitions = self.all();
        let folders: Vec<usize> = (0..self.folders.len()).collect();
        in_threads(&folders, folders.len(), |folder| {
            self.close_folder(*folder, &partitions, broker_epoch);
        });
    }

    fn close_folder(&self, index: usize, partitions: &[Arc<Partition>], broker_epoch: i64) {
        let folder = &self.folders[index];
        if folder.has_failed() {
            return;
        }
        // A log that was never recovered must not pass for one that needs no recovery.
        let recovered = folder.clean || !folder.found.lock().values().any(|found| found.failed);
        let clean = AtomicBool::new(recovered);
        let here: Vec<_> =
            partitions.iter().filter(|partition| partition.disk() == index).collect();
        in_threads(&here, self.recovery_threads(), |partition| {
            partition.close(ErrorCode::NotLeaderOrFollower);
            if let Err(error) = partition.with_log(storage::Log::close) {
                warn!(partition = %partition.topic_partition(), %error, "log not closed cleanly");
                clean.store(false, Ordering::Relaxed);
            }
        });
        let marked = self.write_checkpoints(index).and_then(|()| {
            if clean.into_inner() { folder.directory.end_run(broker_epoch) } else { Ok(()) }
        });
        if let Err(error) = marked {
            warn!(folder = %folder.directory.path().display(), %error, "no mark of a clean stop");
        }
    }

    /// Ends the preparation of a start: from here on appends may happen, so the mark of the last
    /// clean stop goes. What a recovery has reached is kept first: a node that is killed again and
    /// again starts no slower each time.
    pub fn begin_run(&self, boot_id: Option<&str>) -> Result<(), StorageError> {
        for (index, folder) in self.folders.iter().enumerate() {
            if !folder.clean
                && let Err(error) = self.write_checkpoints(index)
            {
                warn!(%error, "checkpoints not written; the next recovery may take longer");
            }
            match folder.directory.begin_run(boot_id) {
                Ok(()) => {}
                Err(error) if folder.holds_metadata => return Err(error),
                Err(error) => {
                    error!(folder = %folder.directory.path().display(), %error, "cannot begin a run");
                    folder.disk.syncs().fail();
                }
            }
        }
        Ok(())
    }

    /// Writes the checkpoints of a folder: of the partitions that are open, and of those that wait to
    /// be opened what was known of them.
    fn write_checkpoints(&self, index: usize) -> Result<(), StorageError> {
        self.write_checkpoints_with(index, &mut self.folders[index].checkpoints.lock())
    }

    fn write_checkpoints_with(
        &self,
        index: usize,
        written_trims: &mut u64,
    ) -> Result<(), StorageError> {
        let folder = &self.folders[index];
        let trims = folder.trims.load(Ordering::Acquire);
        // Those that wait are looked at first, so that one that is opened meanwhile is in one of both.
        let mut recovery = folder.known(|found| found.recovery_point);
        let mut starts = folder.known(|found| found.log_start_offset);
        let mut high_watermarks = folder.known(|found| found.high_watermark);
        let partitions: Vec<_> = self.all().into_iter().filter(|p| p.disk() == index).collect();
        let mut written = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let name = partition.topic_partition().clone();
            let point = partition.log(storage::Log::recovery_point);
            recovery.insert(name.clone(), point);
            starts.insert(name.clone(), partition.log_start_offset());
            high_watermarks.insert(name, partition.high_watermark());
            written.push((partition, point));
        }
        starts.retain(|_, start| *start > Offset::ZERO);
        folder.directory.write_checkpoint(Checkpoint::RecoveryPoint, &recovery)?;
        folder.directory.write_checkpoint(Checkpoint::LogStart, &starts)?;
        folder.directory.write_checkpoint(Checkpoint::Replication, &high_watermarks)?;
        for (partition, point) in written {
            let noted = partition.with_log(|log| log.recovery_point_checkpointed(point));
            if let Err(error) = noted {
                let partition = partition.topic_partition();
                warn!(%partition, %error, "a bound of the recovery point stays; recovery takes longer");
            }
        }
        *written_trims = trims;
        Ok(())
    }
}

impl LogFolder {
    /// What an earlier run left of the partitions that nobody has opened yet, but for zeros.
    fn known(&self, offset: fn(&Found) -> Offset) -> OffsetCheckpoint {
        let found = self.found.lock();
        let known = found.iter().map(|(partition, found)| (partition.clone(), offset(found)));
        known.filter(|(_, offset)| *offset > Offset::ZERO).collect()
    }

    fn open(
        parts: FolderParts,
        lingers: Arc<Notify>,
        failures: Arc<Notify>,
    ) -> Result<Self, StorageError> {
        let FolderParts { directory, id, clean, holds_metadata } = parts;
        let removals = Removals::new(Arc::clone(directory.file_system()));
        for leftover in directory.deletion_leftovers()? {
            removals.add(leftover);
        }
        let (found, stale) = find(&directory)?;
        let name = directory.path().file_name().map(|n| n.to_string_lossy().into_owned());
        let name = name.as_deref().unwrap_or("data");
        let disk = Disk::start(name, lingers, failures).map_err(|source| StorageError::Io {
            operation: "start the threads of",
            path: directory.path().to_owned(),
            source: Arc::new(source),
        })?;
        let futures = directory.futures()?.into_iter().map(|it| (it.partition, it.path)).collect();
        Ok(Self {
            found: Mutex::new(found),
            futures: Mutex::new(futures),
            directory,
            id,
            disk,
            clean,
            holds_metadata,
            removals,
            checkpoints: Mutex::default(),
            trims: AtomicU64::new(0),
            changed: AtomicBool::new(false),
            stale: AtomicBool::new(stale),
            is_given_up: AtomicBool::new(false),
        })
    }
}

/// What an earlier run left, and whether the checkpoints name what is not there.
fn find(directory: &LogDirectory) -> Result<(HashMap<TopicPartition, Found>, bool), StorageError> {
    let recovery_points = read_or_none(directory, Checkpoint::RecoveryPoint)?;
    let log_starts = read_or_none(directory, Checkpoint::LogStart)?;
    let high_watermarks = read_or_none(directory, Checkpoint::Replication)?;
    let cleaned = read_or_none(directory, Checkpoint::Cleaner)?;
    let found = directory.partitions()?.into_iter().map(|folder| {
        let of = |offsets: &OffsetCheckpoint| offsets.get(&folder.partition).copied();
        let found = Found {
            path: folder.path,
            recovery_point: of(&recovery_points).unwrap_or(Offset::ZERO),
            log_start_offset: of(&log_starts).unwrap_or(Offset::ZERO),
            high_watermark: of(&high_watermarks).unwrap_or(Offset::ZERO),
            cleaned_to: of(&cleaned).unwrap_or(Offset::ZERO),
            failed: false,
        };
        (folder.partition, found)
    });
    let found: HashMap<_, _> = found.collect();
    let named = recovery_points.keys().chain(log_starts.keys()).chain(high_watermarks.keys());
    let mut named = named.chain(cleaned.keys());
    let stale = named.any(|partition| !found.contains_key(partition));
    Ok((found, stale))
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
