//! One partition on this node: its log, its leader's state, and who waits for it.
//!
//! This is the one door from Kafka's semantics to the log. The leader decides what is committed
//! (`replication`), the log stores (`storage`); here the two meet under one lock, and whoever waits
//! is released after it.

mod damage;
mod figures;
mod reading;
mod switching;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use damage::Damages;
pub(crate) use figures::PartitionFigures;
use model::{ErrorCode, LeaderEpoch, Offset, Timestamp, TopicPartition};
use parking_lot::{Mutex, RwLock};
pub(crate) use reading::{Isolation, OffsetAt, PartitionRead, ReadRequest};
use replication::{EpochCheck, Leader, Progress};
use storage::{AppendError, LeaderAppend, Log, StorageError};
use switching::Switching;
use tokio::sync::Notify;
use tracing::error;

use crate::append::{Append, AppendFailure, AppendReply, Appended, RequiredAcks};
use crate::conversion::Lane;
use crate::disk::SyncQueue;
use crate::news::NewsReaders;
use crate::recent::Recent;
use crate::topic_settings::TopicSettings;

/// Somebody who is answered when everything below `offset` is committed.
#[derive(Debug)]
struct CommitWaiter {
    offset: Offset,
    appended: Appended,
    reply: AppendReply,
}

/// What reactor threads look at: held for moments only, never over work on the disk.
#[derive(Debug, Clone, Copy)]
struct View {
    leader_epoch: LeaderEpoch,
    high_watermark: Offset,
    last_stable_offset: Offset,
    log_start_offset: Offset,
    /// What was appended from here on lies in memory, until the time.
    recent_from: (Offset, Option<Instant>),
    closed: Option<ErrorCode>,
}

impl View {
    fn of(state: &State) -> Self {
        let high_watermark = state.leader.high_watermark();
        Self {
            leader_epoch: state.leader.leader_epoch(),
            high_watermark,
            last_stable_offset: state.log.last_stable_offset(high_watermark),
            log_start_offset: state.log.log_start_offset(),
            recent_from: state.recent.from(),
            closed: state.closed,
        }
    }

    fn check_open(&self) -> Result<(), ErrorCode> {
        self.closed.map_or(Ok(()), Err)
    }

    fn is_recent(&self, offset: Offset) -> bool {
        let (from, until) = self.recent_from;
        offset >= from && until.is_some_and(|until| Instant::now() < until)
    }

    fn check_epoch(&self, claimed: LeaderEpoch) -> Result<(), ErrorCode> {
        match EpochCheck::of(self.leader_epoch, claimed) {
            EpochCheck::Current => Ok(()),
            EpochCheck::Fenced => Err(ErrorCode::FencedLeaderEpoch),
            EpochCheck::Unknown => Err(ErrorCode::UnknownLeaderEpoch),
        }
    }

    fn end(&self, isolation: Isolation) -> Offset {
        match isolation {
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset,
        }
    }
}

#[derive(Debug)]
struct State {
    log: Log,
    leader: Leader,
    /// The syncs of the folder that the log lies in.
    syncs: Arc<SyncQueue>,
    /// Ascending by offset, but for answers to duplicates.
    commits: VecDeque<CommitWaiter>,
    recent: Recent,
    /// How often the log was replaced: a sync of an earlier one says nothing about this one.
    swaps: u64,
    /// Whether the partition stands in the queue for a sync.
    sync_queued: bool,
    /// Whether the partition stands in the list for the next background sync.
    sync_later: bool,
    /// Why nothing may be appended or read any more.
    closed: Option<ErrorCode>,
    /// Records and bytes that were appended since this process opened the log.
    appended_records: u64,
    appended_bytes: u64,
}

/// What a request to delete records came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trimmed {
    /// Where the log begins now.
    pub(crate) low_watermark: Offset,
    /// Whether it began earlier before.
    pub(crate) has_moved: bool,
}

/// One partition that this node holds.
#[derive(Debug)]
pub(crate) struct Partition {
    topic_partition: TopicPartition,
    /// Changes when the partition is moved to another folder.
    disk: AtomicUsize,
    settings: RwLock<Arc<TopicSettings>>,
    /// Log and leader. Whoever takes this lock may have to wait for the disk: no reactor thread does.
    state: RwLock<State>,
    /// Brought up to date by everybody who changes the state, before they let go of it.
    view: Mutex<View>,
    /// The fetches that wait for something to read.
    fetches: Mutex<NewsReaders>,
    /// The appends that need a conversion first.
    lane: Lane,
    /// The appends that wait for those on the disk that it was moved from.
    switching: Switching,
    /// Bytes that were given to readers since this process opened the log.
    read_bytes: AtomicU64,
    /// The damaged batches that readers met.
    damages: Damages,
}

/// What the shell does once the lock is released.
#[derive(Default)]
struct Released {
    replies: Vec<(AppendReply, Result<Appended, AppendFailure>)>,
    /// Whether fetches that wait may find something now.
    news: bool,
    sync: SyncWanted,
}

/// What an append leaves to be synced.
#[derive(Debug, Default)]
enum SyncWanted {
    /// Nothing, or a sync that stands in the queue already.
    #[default]
    No,
    /// A sync as soon as the disk gets to it: somebody waits, or `flush.messages` are reached.
    Now(Arc<SyncQueue>),
    /// The next background sync.
    Later(Arc<SyncQueue>),
}

impl Partition {
    /// Takes up leadership of an open log on the disk of this index.
    pub(crate) fn new(
        topic_partition: TopicPartition,
        disk: usize,
        syncs: Arc<SyncQueue>,
        mut log: Log,
        leader: Leader,
        settings: Arc<TopicSettings>,
    ) -> Self {
        let log_end_offset = log.log_end_offset();
        log.note_high_watermark(leader.high_watermark());
        let state = State {
            log,
            leader,
            syncs,
            commits: VecDeque::new(),
            recent: Recent::new(log_end_offset),
            swaps: 0,
            sync_queued: false,
            sync_later: false,
            closed: None,
            appended_records: 0,
            appended_bytes: 0,
        };
        Self {
            read_bytes: AtomicU64::new(0),
            damages: Damages::default(),
            topic_partition,
            disk: AtomicUsize::new(disk),
            settings: RwLock::new(settings),
            view: Mutex::new(View::of(&state)),
            state: RwLock::new(state),
            fetches: Mutex::default(),
            lane: Lane::default(),
            switching: Switching::default(),
        }
    }

    /// Changes log or leader, and lets reactors see what came of it.
    fn change<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.write();
        let outcome = work(&mut state);
        *self.view.lock() = View::of(&state);
        outcome
    }

    /// Sends the answers that a change has released; whoever went away meanwhile is owed none.
    fn send(&self, released: Released) {
        for (reply, outcome) in released.replies {
            let _ = reply.send(outcome);
        }
        if released.news {
            std::mem::take(&mut *self.fetches.lock()).wake();
        }
    }

    fn view(&self) -> View {
        *self.view.lock()
    }

    /// Its name.
    pub(crate) fn topic_partition(&self) -> &TopicPartition {
        &self.topic_partition
    }

    /// The index of the log folder it lies in.
    pub(crate) fn disk(&self) -> usize {
        self.disk.load(Ordering::Acquire)
    }

    /// Notes in which log folder it lies from here on.
    pub(crate) fn set_disk(&self, disk: usize) {
        self.disk.store(disk, Ordering::Release);
    }

    /// Replaces the log by one that holds the same and is synced. `make` works under the lock, and gives
    /// the log, the syncs of its folder, and what has appends queued for its disk; when it fails, the
    /// log stays what it was.
    pub(crate) fn swap_log<E, F: FnOnce()>(
        &self,
        make: impl FnOnce(&mut Log, Offset) -> Result<(Log, Arc<SyncQueue>, F), E>,
    ) -> Result<(), E> {
        let released = self.change(|state| {
            let high_watermark = state.leader.high_watermark();
            let (log, syncs, switch) = make(&mut state.log, high_watermark)?;
            state.recent = Recent::new(log.log_end_offset());
            state.log = log;
            state.syncs = syncs;
            state.swaps += 1;
            switch();
            let progress = state.leader.synced(state.log.synced_offset());
            Ok(state.release(progress))
        })?;
        self.send(released);
        Ok(())
    }

    /// The topic's settings in force.
    pub(crate) fn settings(&self) -> Arc<TopicSettings> {
        Arc::clone(&self.settings.read())
    }

    /// The appends that need a conversion first.
    pub(crate) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// The appends that wait for those on the disk that it was moved from.
    pub(crate) fn switching(&self) -> &Switching {
        &self.switching
    }

    /// Changes the settings. A lower durability may commit what waited for a sync.
    pub(crate) fn set_settings(&self, settings: Arc<TopicSettings>) {
        *self.settings.write() = Arc::clone(&settings);
        let released = self.change(|state| {
            state.log.set_config(Arc::clone(&settings.log));
            let progress = state.leader.set_durability(settings.durability);
            state.release(progress)
        });
        self.send(released);
    }

    /// Starts a new term of this leader.
    pub(crate) fn begin_epoch(&self, leader_epoch: LeaderEpoch) -> Result<(), StorageError> {
        self.change(|state| {
            if leader_epoch > state.leader.leader_epoch() {
                state.log.begin_epoch(leader_epoch)?;
                state.leader.begin_epoch(leader_epoch);
            }
            Ok(())
        })
    }

    /// Appends a batch and answers, at once or when it is committed. Runs on the disk's thread.
    pub(crate) fn append(self: &Arc<Self>, append: Append, reply: AppendReply) {
        let settings = self.settings();
        let corrected = append.corrected_max_timestamp.map(|max_timestamp| {
            let mut bytes = append.batches.to_vec();
            records::patch_max_timestamp(&mut bytes, max_timestamp).map(|()| bytes)
        });
        let corrected = match corrected.transpose() {
            Ok(corrected) => corrected,
            Err(error) => {
                let failure = AppendFailure::with_message(error.code(), error.to_string());
                let _ = reply.send(Err(failure));
                return;
            }
        };
        let bytes = corrected.as_deref().unwrap_or(&append.batches);
        let released = self.change(|state| state.append(&append, bytes, &settings, reply));
        match &released.sync {
            SyncWanted::No => {}
            SyncWanted::Now(syncs) => syncs.push(Arc::clone(self)),
            SyncWanted::Later(syncs) => syncs.linger(Arc::clone(self)),
        }
        self.send(released);
    }

    /// Syncs what was appended and commits it. Runs on a thread that may wait for the disk; other
    /// threads append and read meanwhile. After a sync that failed nobody knows what the disk holds,
    /// so that the whole folder takes nothing more (DESIGN D6).
    pub(crate) fn sync(self: &Arc<Self>) {
        let (job, swaps, syncs) = {
            let mut state = self.state.write();
            state.sync_queued = false;
            if state.closed.is_some() {
                return;
            }
            (state.log.begin_sync(), state.swaps, Arc::clone(&state.syncs))
        };
        let began = Instant::now();
        let finished = job.map(storage::SyncJob::run);
        syncs.durations().record(began.elapsed());
        let released = self.change(|state| {
            if state.swaps != swaps {
                return Released::default();
            }
            match finished.and_then(|finished| state.log.finish_sync(finished)) {
                Ok(synced) => {
                    let progress = state.leader.synced(synced);
                    state.release(progress)
                }
                Err(error) => self.sync_failed(state, &error),
            }
        });
        self.send(released);
    }

    fn sync_failed(self: &Arc<Self>, state: &mut State, error: &StorageError) -> Released {
        error!(partition = %self.topic_partition, %error, "a sync failed");
        if state.log.failure().is_none() {
            // It could not even begin, for want of a descriptor say: the next round tries again.
            state.sync_later = true;
            state.syncs.linger(Arc::clone(self));
            return Released::default();
        }
        state.syncs.fail();
        state.refuse_waiting(&AppendFailure::with_message(error.code(), error.to_string()))
    }

    /// Marks the partition for a sync, if it has anything to sync and is not marked already.
    pub(crate) fn queue_sync(self: &Arc<Self>) {
        let mut state = self.state.write();
        state.sync_later = false;
        let dirty = state.log.synced_offset() < state.log.log_end_offset();
        if dirty && !state.sync_queued && state.closed.is_none() {
            state.sync_queued = true;
            state.syncs.push(Arc::clone(self));
        }
    }

    /// Asks to be woken when there may be more to read.
    pub(crate) fn wake_on_news(&self, news: &Arc<Notify>) {
        self.fetches.lock().add(news);
    }

    /// Compares the leader epoch that a client believes in.
    pub(crate) fn check_epoch(&self, claimed: LeaderEpoch) -> Result<(), ErrorCode> {
        let view = self.view();
        view.check_open()?;
        view.check_epoch(claimed)
    }

    /// The leader's term.
    pub(crate) fn leader_epoch(&self) -> LeaderEpoch {
        self.view().leader_epoch
    }

    /// The first offset that can be read.
    pub(crate) fn log_start_offset(&self) -> Offset {
        self.view().log_start_offset
    }

    /// The end of what is committed.
    pub(crate) fn high_watermark(&self) -> Offset {
        self.view().high_watermark
    }

    /// The first offset, as ListOffsets tells it.
    pub(crate) fn earliest(&self) -> OffsetAt {
        let state = self.state.read();
        let offset = state.log.log_start_offset();
        OffsetAt {
            offset,
            timestamp: Timestamp::NONE,
            leader_epoch: state.log.epoch_for_offset(offset).unwrap_or(LeaderEpoch::NONE),
        }
    }

    /// The end of what a reader of this isolation may see.
    pub(crate) fn latest(&self, isolation: Isolation) -> OffsetAt {
        let view = self.view();
        OffsetAt {
            offset: view.end(isolation),
            timestamp: Timestamp::NONE,
            leader_epoch: view.leader_epoch,
        }
    }

    /// The first committed record at or after a time.
    pub(crate) fn at_timestamp(
        &self,
        timestamp: Timestamp,
        isolation: Isolation,
    ) -> Result<Option<OffsetAt>, ErrorCode> {
        let end = self.latest(isolation).offset;
        let state = self.state.read();
        let found = state
            .log
            .offset_for_timestamp(timestamp)
            .map_err(|error| self.explain(&error.into(), Offset::NONE))?;
        Ok(found.filter(|found| found.offset < end).map(|found| state.told(found)))
    }

    /// The record with the largest timestamp, if a reader of this isolation may see it.
    pub(crate) fn at_largest_timestamp(
        &self,
        isolation: Isolation,
    ) -> Result<Option<OffsetAt>, ErrorCode> {
        let end = self.latest(isolation).offset;
        let state = self.state.read();
        let found = state.log.max_timestamp_offset();
        let found = found.map_err(|error| self.explain(&error.into(), Offset::NONE))?;
        Ok(found.filter(|found| found.offset < end).map(|found| state.told(found)))
    }

    /// Where the segments begin that hold nothing committed after a time, newest first, with the end
    /// of what is committed in front when no time is given. For clients of Kafka 0.9.
    pub(crate) fn segment_starts_before(
        &self,
        timestamp: Option<Timestamp>,
    ) -> Result<Vec<Offset>, ErrorCode> {
        let state = self.state.read();
        let starts = state.log.segment_starts_before(timestamp);
        let mut starts = starts.map_err(|error| self.explain(&error.into(), Offset::NONE))?;
        if timestamp.is_none() {
            starts.insert(0, state.leader.high_watermark());
        }
        Ok(starts)
    }

    /// Where a leader epoch ends, or the last one before it.
    pub(crate) fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        self.state.read().log.end_offset_for_epoch(epoch)
    }

    /// Closes the partition to clients: it was deleted, or the node stops. Whoever waits is told.
    pub(crate) fn close(&self, reason: ErrorCode) {
        let released = self.change(|state| {
            state.closed = Some(reason);
            state.refuse_waiting(&AppendFailure::new(reason))
        });
        self.send(released);
    }

    /// Deletes the records before an offset, or all that are committed; gives the new start. What is
    /// deleted may come back after a crash until the folder's checkpoints are written.
    pub(crate) fn delete_records(&self, before: Option<Offset>) -> Result<Trimmed, ErrorCode> {
        let settings = self.settings();
        if settings.log.compact && !settings.log.delete {
            return Err(ErrorCode::PolicyViolation);
        }
        let (outcome, released) = self.change(|state| {
            let outcome = state.delete_records(before);
            let progress = state.leader.log_start_advanced(state.log.log_start_offset());
            (outcome, state.release(progress))
        });
        self.send(released);
        outcome
    }

    /// Whether nothing may be appended or read any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.view().closed.is_some()
    }

    /// Works on the log alone: retention, checkpoints, the close of the node.
    pub(crate) fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        self.change(|state| work(&mut state.log))
    }

    /// Reads from the log alone.
    pub(crate) fn log<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.state.read().log)
    }

    /// Tells the leader that the log begins later now.
    pub(crate) fn log_start_advanced(&self) {
        let released = self.change(|state| {
            let start = state.log.log_start_offset();
            let progress = state.leader.log_start_advanced(start);
            state.release(progress)
        });
        self.send(released);
    }
}

impl State {
    fn check_appendable(&self) -> Result<(), ErrorCode> {
        match self.closed {
            Some(reason) => Err(reason),
            None if self.syncs.has_failed() => Err(ErrorCode::KafkaStorageError),
            None => Ok(()),
        }
    }

    fn append(
        &mut self,
        append: &Append,
        bytes: &[u8],
        settings: &TopicSettings,
        reply: AppendReply,
    ) -> Released {
        let mut released = Released::default();
        let outcome = self.check_appendable().map_err(AppendFailure::new).and_then(|()| {
            check_in_sync_replicas(append.acks, settings)?;
            let how = LeaderAppend {
                leader_epoch: self.leader.leader_epoch(),
                now: append.now,
                origin: append.origin,
            };
            let appended = self.log.append_as_leader(bytes, &[append.header], how);
            self.note_failure(appended.as_ref().err());
            appended.map_err(append_failure)
        });
        let info = match outcome {
            Ok(info) => info,
            Err(failure) => {
                released.replies.push((reply, Err(failure)));
                return released;
            }
        };
        if !info.is_duplicate {
            self.recent.appended(info.base_offset, info.bytes, Instant::now());
            self.appended_bytes += bytes.len() as u64;
            self.appended_records +=
                u64::try_from(info.last_offset.next().since(info.base_offset)).unwrap_or(0);
        }
        let progress = self.leader.appended(self.log.log_end_offset());
        released = self.release(progress);
        released.sync = self.wants_sync(progress, settings);
        let appended =
            Appended { base_offset: info.base_offset, log_append_time: info.log_append_time };
        let committed = info.last_offset < self.leader.high_watermark();
        // A duplicate is acknowledged no earlier than its original.
        let waits = append.acks == RequiredAcks::All || info.is_duplicate;
        if waits && !committed {
            let offset = info.last_offset.next();
            self.commits.push_back(CommitWaiter { offset, appended, reply });
        } else {
            released.replies.push((reply, Ok(appended)));
        }
        released
    }

    fn delete_records(&mut self, before: Option<Offset>) -> Result<Trimmed, ErrorCode> {
        self.check_appendable()?;
        let high_watermark = self.leader.high_watermark();
        let before = before.unwrap_or(high_watermark);
        if before < Offset::ZERO || before > high_watermark {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let start = self.log.log_start_offset();
        if let Err(error) = self.log.advance_log_start_offset(before) {
            error!(%error, "records not deleted");
            return Err(error.code());
        }
        let low_watermark = self.log.log_start_offset();
        Ok(Trimmed { low_watermark, has_moved: low_watermark > start })
    }

    /// A log that does not know any more what the disk holds, or whose disk is gone, takes the whole
    /// folder with it (DESIGN D6).
    fn note_failure(&self, error: Option<&AppendError>) {
        let Some(AppendError::Storage(error)) = error else { return };
        if self.log.failure().is_some() || error.is_missing() {
            self.syncs.fail();
        }
    }

    /// What has to be synced after an append; notes that it is.
    fn wants_sync(&mut self, progress: Progress, settings: &TopicSettings) -> SyncWanted {
        let unsynced = self.log.log_end_offset().since(self.log.synced_offset());
        if unsynced == 0 || self.sync_queued {
            return SyncWanted::No;
        }
        if progress.sync_needed || unsynced >= settings.flush_messages {
            self.sync_queued = true;
            return SyncWanted::Now(Arc::clone(&self.syncs));
        }
        if self.sync_later {
            return SyncWanted::No;
        }
        self.sync_later = true;
        SyncWanted::Later(Arc::clone(&self.syncs))
    }

    /// Takes out whoever may go on after progress.
    fn release(&mut self, progress: Progress) -> Released {
        let mut released = Released::default();
        if !progress.high_watermark_advanced {
            return released;
        }
        let high_watermark = self.leader.high_watermark();
        self.log.note_high_watermark(high_watermark);
        while let Some(waiter) = self.commits.pop_front_if(|w| w.offset <= high_watermark) {
            released.replies.push((waiter.reply, Ok(waiter.appended)));
        }
        released.news = true;
        released
    }

    fn refuse_waiting(&mut self, failure: &AppendFailure) -> Released {
        Released {
            replies: self.commits.drain(..).map(|w| (w.reply, Err(failure.clone()))).collect(),
            news: true,
            sync: SyncWanted::No,
        }
    }

    fn told(&self, found: storage::TimestampAndOffset) -> OffsetAt {
        OffsetAt {
            offset: found.offset,
            timestamp: found.timestamp,
            leader_epoch: self.log.epoch_for_offset(found.offset).unwrap_or(LeaderEpoch::NONE),
        }
    }
}

/// A one-node cluster has one in-sync replica.
fn check_in_sync_replicas(
    acks: RequiredAcks,
    settings: &TopicSettings,
) -> Result<(), AppendFailure> {
    if acks == RequiredAcks::All && settings.min_insync_replicas > 1 {
        return Err(AppendFailure::with_message(
            ErrorCode::NotEnoughReplicas,
            format!(
                "1 replica is in sync, min.insync.replicas={} are required; lower it for the topic \
                 or add nodes",
                settings.min_insync_replicas
            ),
        ));
    }
    Ok(())
}

fn append_failure(error: AppendError) -> AppendFailure {
    if let AppendError::Storage(error) = &error {
        error!(%error, "append failed");
    }
    AppendFailure::with_message(error.code(), error.to_string())
}
