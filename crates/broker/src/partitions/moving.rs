//! Partitions on their way from one folder of `log.dirs` to another.
//!
//! A copy is made in `TOPIC-N.<id>-future` in the new folder, in passes while appends go on
//! (`storage::LogCopy`). The end is one step under the lock of the partition:
//!
//! 1. the copy gets the rest and is synced; the checkpoints of the new folder know it,
//! 2. it gets the partition's name, and is opened,
//! 3. the old folder is renamed for its removal,
//! 4. from here on everything goes to the copy, and the controller is told.
//!
//! Nothing is appended between 1 and 4, so that whichever folder a crash leaves has everything. One
//! that finds both folders takes the old one, which has no mark of a copy, and removes the other; a
//! copy that was not ended is begun anew at the next start.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::{ErrorCode, Offset, TopicId, TopicPartition, Uuid};
use parking_lot::{Condvar, Mutex};
use storage::fs::{FileSystem, Space};
use storage::{
    CopyError, Log, LogCopy, OpenState, StorageError, future_folder_name, is_copy, read_topic_id,
    settle_copy,
};
use tokio::sync::Notify;
use tracing::{info, warn};

use super::{Found, LogFolder, Partitions};
use crate::disk::Job;
use crate::partition::Partition;

/// What may be left for the step under the lock: more is copied before, in one more pass.
const REST_BYTES_MAX: u64 = 4 << 20;
/// Without any pass before it, the last one takes at most this, which needs no throttle.
const FIRST_REST_BYTES_MAX: u64 = 64 << 10;
/// How long the copying sleeps at once at most, so that another limit is noticed.
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// One partition on its way.
#[derive(Debug)]
pub(super) struct Move {
    partition: Arc<Partition>,
    topic_id: TopicId,
    target: usize,
    future: PathBuf,
    is_cancelled: AtomicBool,
    bytes: AtomicU64,
    /// Up to which offset the copy has everything.
    offset: AtomicI64,
}

/// The partitions on their way, of which one is copied at a time.
#[derive(Debug, Default)]
pub(super) struct Moves {
    by_partition: Mutex<HashMap<TopicPartition, Arc<Move>>>,
    queue: Mutex<VecDeque<Arc<Move>>>,
    arrived: Notify,
    is_stopped: AtomicBool,
    /// Told when a move is cancelled, or the node stops.
    changed: Condvar,
    pausing: Mutex<()>,
}

/// A replica in a folder, as DescribeLogDirs tells it.
#[derive(Debug)]
pub(crate) struct ReplicaInFolder {
    pub(crate) partition: TopicPartition,
    pub(crate) bytes: u64,
    pub(crate) offset_lag: i64,
    pub(crate) is_future: bool,
}

/// What a folder holds, and the room in its volume where the system tells it.
#[derive(Debug)]
pub(crate) struct FolderContents {
    pub(crate) replicas: Vec<ReplicaInFolder>,
    pub(crate) space: Option<Space>,
}

/// Why a copy did not take the place of a log.
#[derive(Debug, thiserror::Error)]
enum MoveError {
    #[error("the partition is gone, or the node stops")]
    Gone,
    #[error("the copy is not what it was made of")]
    Different,
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Moves {
    fn pause(&self, time: Duration) {
        let mut guard = self.pausing.lock();
        let _ = self.changed.wait_for(&mut guard, time.min(PAUSE_MAX));
    }

    /// Ends what is copied, for the end of the node.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Forgets a move, if another one of the partition has not taken its place; whether it was there.
    fn forget(&self, this: &Arc<Move>) -> bool {
        let mut moves = self.by_partition.lock();
        let name = this.partition.topic_partition();
        let is_there = moves.get(name).is_some_and(|it| Arc::ptr_eq(it, this));
        if is_there {
            moves.remove(name);
        }
        is_there
    }

    fn may_go_on(&self, this: &Move) -> bool {
        !self.is_stopped.load(Ordering::Relaxed) && !this.is_cancelled.load(Ordering::Relaxed)
    }
}

impl Partitions {
    /// What lies in a folder of `log.dirs`; an error where the folder is not in use. Blocking.
    pub(crate) fn contents_of(&self, path: &Path) -> Result<FolderContents, ErrorCode> {
        let (index, folder) = self
            .working_folders()
            .find(|(_, folder)| folder.directory.path() == path)
            .ok_or(ErrorCode::KafkaStorageError)?;
        let of_log = |partition: &Arc<Partition>| {
            let (bytes, end) = partition.log(|log| (log.size_in_bytes(), log.log_end_offset()));
            ReplicaInFolder {
                partition: partition.topic_partition().clone(),
                bytes,
                offset_lag: partition.high_watermark().since(end).max(0),
                is_future: false,
            }
        };
        let here = self.all().into_iter().filter(|partition| partition.disk() == index);
        let mut replicas: Vec<_> = here.map(|partition| of_log(&partition)).collect();
        let moves = self.moves.by_partition.lock();
        for it in moves.values().filter(|it| it.target == index) {
            let end = it.partition.log(Log::log_end_offset);
            replicas.push(ReplicaInFolder {
                partition: it.partition.topic_partition().clone(),
                bytes: it.bytes.load(Ordering::Relaxed),
                offset_lag: end.since(Offset::new(it.offset.load(Ordering::Relaxed))).max(0),
                is_future: true,
            });
        }
        let space = folder.directory.file_system().space(path).ok();
        Ok(FolderContents { replicas, space })
    }

    /// Begins to move a partition to a folder; a move to another one ends. Blocking.
    pub(crate) fn move_to(&self, partition: &Arc<Partition>, path: &Path) -> Result<(), ErrorCode> {
        let target = self.target_of_move(partition.topic_partition(), path)?;
        partition.check_epoch(model::LeaderEpoch::NONE)?;
        // Held to the end: no topic is deleted and no node closed meanwhile.
        let pending = self.pending.lock();
        if pending.is_closed {
            return Err(ErrorCode::KafkaStorageError);
        }
        let name = partition.topic_partition();
        let under_way = self.moves.by_partition.lock().get(name).map(|it| it.target);
        if under_way == Some(target) {
            return Ok(());
        }
        self.cancel_move(name);
        if partition.disk() == target {
            return Ok(());
        }
        let topic_id = self.id_of(&name.topic).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        self.begin_move(partition, topic_id, target).map_err(|error| {
            warn!(partition = %name, %error, "cannot begin to move a partition");
            error.code()
        })
    }

    /// The folder that `path` names, if the partition could lie there, whether it is served or not.
    pub(crate) fn target_of_move(
        &self,
        partition: &TopicPartition,
        path: &Path,
    ) -> Result<usize, ErrorCode> {
        if future_folder_name(partition, Uuid::ZERO).is_none() {
            return Err(ErrorCode::InvalidTopicException);
        }
        let same = |own: &Path| std::path::absolute(own).is_ok_and(|own| own == path);
        let found = self.folders.iter().position(|folder| same(folder.directory.path()));
        match found {
            Some(target) if !self.folders[target].has_failed() => Ok(target),
            Some(_) => Err(ErrorCode::KafkaStorageError),
            None if self.node.log_dirs.iter().any(|own| same(own)) => {
                Err(ErrorCode::KafkaStorageError)
            }
            None => Err(ErrorCode::LogDirNotFound),
        }
    }

    fn begin_move(
        &self,
        partition: &Arc<Partition>,
        topic_id: TopicId,
        target: usize,
    ) -> Result<(), StorageError> {
        let name = partition.topic_partition();
        let directory = &self.folders[target].directory;
        let unique = Uuid::from_random(rand::random());
        // The caller has looked whether there is room for the name.
        let folder = future_folder_name(name, unique).unwrap_or_default();
        let future = directory.path().join(folder);
        LogCopy::begin(Arc::clone(directory.file_system()), future.clone(), topic_id)
            .inspect_err(|_| self.discard(target, name, &future))?;
        let new = Arc::new(Move {
            partition: Arc::clone(partition),
            topic_id,
            target,
            future,
            is_cancelled: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            offset: AtomicI64::new(0),
        });
        info!(partition = %name, to = %directory.path().display(), "moving a partition");
        self.moves.by_partition.lock().insert(name.clone(), Arc::clone(&new));
        self.moves.queue.lock().push_back(new);
        self.moves.arrived.notify_one();
        Ok(())
    }

    /// Ends a move, if there is one, and removes its copy.
    pub(super) fn cancel_move(&self, name: &TopicPartition) {
        let Some(cancelled) = self.moves.by_partition.lock().remove(name) else { return };
        info!(partition = %name, "the move of a partition is cancelled");
        cancelled.is_cancelled.store(true, Ordering::Relaxed);
        self.moves.changed.notify_all();
        self.discard(cancelled.target, name, &cancelled.future);
    }

    /// Has a folder removed that holds nothing of its own.
    pub(super) fn discard(&self, folder: usize, name: &TopicPartition, path: &Path) {
        let folder = &self.folders[folder];
        let unique = Uuid::from_random(rand::random());
        let removed =
            storage::set_aside_for_removal(&**folder.directory.file_system(), path, name, unique);
        match removed {
            Ok(renamed) => folder.removals.add(renamed),
            Err(error) if error.is_missing() => {}
            Err(error) => warn!(%error, "a copy of a partition is still there"),
        }
    }

    /// Goes on with a move that the last run left: the copy is begun anew. The caller holds `pending`.
    pub(super) fn resume_move(&self, partition: &Arc<Partition>, topic_id: TopicId) {
        if self.folders.len() < 2 {
            return;
        }
        let name = partition.topic_partition();
        let mut is_resumed = false;
        for (index, folder) in self.working_folders() {
            let Some(future) = folder.futures.lock().remove(name) else { continue };
            let file_system = &**folder.directory.file_system();
            match read_topic_id(file_system, &future) {
                Ok(Some(id)) if id == topic_id => {}
                Ok(None) if has_no_records(file_system, &future) => {
                    self.discard(index, name, &future);
                    continue;
                }
                _ => {
                    warn!(folder = %future.display(), "a folder of another topic is left alone");
                    continue;
                }
            }
            self.discard(index, name, &future);
            if is_resumed || partition.disk() == index {
                continue;
            }
            match self.begin_move(partition, topic_id, index) {
                Ok(()) => is_resumed = true,
                Err(error) => warn!(partition = %name, %error, "a move does not go on"),
            }
        }
    }

    /// Waits until there is something to be moved.
    pub(crate) async fn until_move(&self) {
        self.moves.arrived.notified().await;
    }

    /// Ends what is being moved, for the end of the node.
    pub(crate) fn stop_moves(&self) {
        self.moves.stop();
    }

    /// Moves whatever is to be moved, one partition after the other. Blocking, for long.
    pub(crate) fn work_off_moves(&self) {
        while let Some(next) = self.next_move() {
            self.work_off(&next);
        }
    }

    pub(super) fn work_off(&self, this: &Arc<Move>) {
        let name = this.partition.topic_partition();
        this.partition.with_log(|log| log.set_being_copied(true));
        let outcome = self.carry_out(this);
        this.partition.with_log(|log| log.set_being_copied(false));
        match outcome {
            Ok(()) => {
                let to = self.folders[this.target].directory.path().display();
                info!(partition = %name, %to, "moved a partition");
                self.moves.forget(this);
            }
            Err(_) if self.moves.is_stopped.load(Ordering::Relaxed) => {}
            // What was cancelled while the copy was begun has its folder again.
            Err(_) if this.is_cancelled.load(Ordering::Relaxed) => {
                self.discard(this.target, name, &this.future);
            }
            Err(error) => {
                warn!(partition = %name, %error, "a partition was not moved; it stays where it is");
                if self.moves.forget(this) {
                    self.discard(this.target, name, &this.future);
                }
            }
        }
    }

    pub(super) fn next_move(&self) -> Option<Arc<Move>> {
        loop {
            if self.moves.is_stopped.load(Ordering::Relaxed) {
                return None;
            }
            let next = self.moves.queue.lock().pop_front()?;
            if !next.is_cancelled.load(Ordering::Relaxed) {
                return Some(next);
            }
        }
    }

    fn carry_out(&self, this: &Move) -> Result<(), MoveError> {
        let folder = &self.folders[this.target];
        let file_system = Arc::clone(folder.directory.file_system());
        let mut copy = LogCopy::begin(file_system, this.future.clone(), this.topic_id)?;
        let mut throttle = Throttle::begin();
        for pass in 0.. {
            let missing = this.partition.log(|log| log.missing_in(&copy))?;
            let bytes: u64 = missing.iter().map(|part| part.bytes()).sum();
            let enough = if pass == 0 { FIRST_REST_BYTES_MAX } else { REST_BYTES_MAX };
            if bytes <= enough {
                break;
            }
            for part in missing {
                this.offset.store(part.base_offset().get(), Ordering::Relaxed);
                copy.write(&part, &mut |bytes| {
                    this.bytes.fetch_add(bytes, Ordering::Relaxed);
                    self.pace(this, &mut throttle, bytes)
                })?;
            }
        }
        self.take_the_place(this, copy)
    }

    /// Keeps within `replica.alter.log.dirs.io.max.bytes.per.second`.
    fn pace(&self, this: &Move, throttle: &mut Throttle, bytes: u64) -> ControlFlow<()> {
        throttle.bytes += bytes;
        loop {
            if !self.moves.may_go_on(this) || self.folders[this.target].has_failed() {
                return ControlFlow::Break(());
            }
            let limit = self.settings().replica_alter_log_dirs_io_max_bytes_per_second;
            let wait = throttle.wait(limit);
            if wait.is_zero() {
                return ControlFlow::Continue(());
            }
            self.moves.pause(wait);
        }
    }

    /// The step under the partition's lock.
    fn take_the_place(&self, this: &Move, mut copy: LogCopy) -> Result<(), MoveError> {
        // Held to the end: the topic is not deleted, the node not closed.
        let pending = self.pending.lock();
        let name = this.partition.topic_partition();
        let is_here = self.by_id(this.topic_id, name.partition);
        let is_here = is_here.is_some_and(|here| Arc::ptr_eq(&here, &this.partition));
        if pending.is_closed || !is_here || !self.moves.may_go_on(this) {
            return Err(MoveError::Gone);
        }
        let source = this.partition.disk();
        let (from, to) = (&self.folders[source], &self.folders[this.target]);
        if from.has_failed() || to.has_failed() || this.partition.is_closed() {
            return Err(MoveError::Gone);
        }
        let path = to.directory.partition_path(name);
        let swapped = this.partition.swap_log(|log, high_watermark| {
            log.finish_copy(&mut copy)?;
            let known = Found {
                path: path.clone(),
                recovery_point: log.log_end_offset(),
                log_start_offset: log.log_start_offset(),
                high_watermark,
                cleaned_to: log.cleaned_to(),
                ..Found::default()
            };
            to.found.lock().insert(name.clone(), known);
            self.write_checkpoints(this.target)?;
            let new = self.promote(this, log, &path)?;
            let old = match log.rename_for_delete(name, Uuid::from_random(rand::random())) {
                Ok(old) => old,
                Err(error) => {
                    // Of a name that is not safe nobody knows which folder a crash leaves.
                    if log.directory() != from.directory.partition_path(name) {
                        from.disk.syncs().fail();
                    } else {
                        drop(new);
                        self.demote(this, &path)?;
                    }
                    return Err(error.into());
                }
            };
            from.removals.add(old);
            let switch = || self.switch_route(&this.partition, source, this.target);
            Ok::<_, MoveError>((new, Arc::clone(to.disk.syncs()), switch))
        });
        to.found.lock().remove(name);
        swapped?;
        drop(pending);
        for folder in [from, to] {
            folder.changed.store(true, Ordering::Relaxed);
            folder.stale.store(true, Ordering::Relaxed);
        }
        if let Err(error) = to.settle(name) {
            // The old folder has another name for good, so that nothing is taken for the original.
            warn!(%error, "the mark of a copy stays until the next start");
        }
        self.unreported.lock().push((this.topic_id, name.partition, to.id));
        self.is_pending.notify_one();
        Ok(())
    }

    /// Gives a copy the partition's name, and opens it.
    fn promote(&self, this: &Move, log: &Log, path: &Path) -> Result<Log, MoveError> {
        let directory = &self.folders[this.target].directory;
        let file_system = directory.file_system();
        rename(&**file_system, &this.future, path)?;
        let state = OpenState {
            recovery_point: log.log_end_offset(),
            log_start_offset: log.log_start_offset(),
            cleaned_to: log.cleaned_to(),
            clean: true,
            now: crate::clock::now(),
            jitter_seed: self.jitter_seed,
        };
        let (file_system, files) = (Arc::clone(file_system), Arc::clone(&self.files));
        let opened =
            Log::open(file_system, files, path.to_owned(), Arc::clone(log.config()), state)
                .and_then(|(mut new, _)| {
                    // A term without a record yet is forgotten by opening.
                    log.latest_epoch().map_or(Ok(()), |epoch| new.begin_epoch(epoch))?;
                    Ok(new)
                });
        let is_same = |new: &Log| {
            new.log_start_offset() == log.log_start_offset()
                && new.log_end_offset() == log.log_end_offset()
                && new.size_in_bytes() == log.size_in_bytes()
                && new.latest_epoch() == log.latest_epoch()
        };
        let failed = match opened {
            Ok(new) if is_same(&new) => return Ok(new),
            Ok(_) => MoveError::Different,
            Err(error) => error.into(),
        };
        self.demote(this, path)?;
        Err(failed)
    }

    /// Takes the name away again.
    fn demote(&self, this: &Move, path: &Path) -> Result<(), StorageError> {
        let folder = &self.folders[this.target];
        let undone = rename(&**folder.directory.file_system(), path, &this.future);
        if undone.is_err() {
            // The copy must not be taken for the partition one day, when it is old.
            folder.disk.syncs().fail();
        }
        undone
    }

    /// From here on appends go to the new folder's disk, behind those that still wait for the old one's.
    fn switch_route(&self, partition: &Arc<Partition>, source: usize, target: usize) {
        let (from, to) = (&self.folders[source].disk, &self.folders[target].disk);
        let jobs = to.jobs();
        let switched = Arc::clone(partition);
        let last: Job = Box::new(move || switched.switching().end());
        let switch = || {
            partition.switching().begin(jobs);
            partition.set_disk(target);
        };
        from.leave(switch, last);
    }
}

impl LogFolder {
    /// Whether a folder is a copy of which nobody has noted that it took the place of the log.
    pub(super) fn is_unsettled_copy(&self, path: &Path) -> Result<bool, StorageError> {
        is_copy(&**self.directory.file_system(), path)
    }

    /// Takes the mark of a copy from a folder that is the partition now: before anything is appended to
    /// it, or an original that comes back one day would count, and the records be discarded.
    pub(super) fn settle(&self, name: &TopicPartition) -> Result<(), StorageError> {
        let path = self.directory.partition_path(name);
        match self.is_unsettled_copy(&path)? {
            true => settle_copy(&**self.directory.file_system(), &path),
            false => Ok(()),
        }
    }
}

/// Whether a copy was hardly begun.
fn has_no_records(file_system: &dyn FileSystem, folder: &Path) -> bool {
    file_system
        .list(folder)
        .is_ok_and(|entries| entries.iter().all(|entry| !entry.name.ends_with(".log")))
}

fn rename(file_system: &dyn FileSystem, from: &Path, to: &Path) -> Result<(), StorageError> {
    storage::rename_folder(file_system, from, to)
}

/// How much was copied since when.
struct Throttle {
    since: Instant,
    bytes: u64,
}

impl Throttle {
    fn begin() -> Self {
        Self { since: Instant::now(), bytes: 0 }
    }

    /// How long to wait before more is copied.
    fn wait(&self, bytes_per_second: u64) -> Duration {
        match bytes_per_second {
            0 => PAUSE_MAX,
            limit => {
                let due = self.bytes as f64 / limit as f64;
                Duration::from_secs_f64(due.min(1e9)).saturating_sub(self.since.elapsed())
            }
        }
    }
}
