//! The log cleaner: compacts the logs of compacted topics, the dirtiest first.
//!
//! A task looks every `log.cleaner.backoff.ms` whether a log is due. Only then threads are started,
//! `log.cleaner.threads` at most, that end when none is due any more, so that an idle node has
//! neither threads nor memory for it. A partition's lock is held to take the picture of its log and
//! to swap segments, never while records are read or copied (see `storage::Cleaning`).
//!
//! A log that is damaged, or that holds what cannot be compacted, is named with the reason and left
//! alone until the next start.

mod pace;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use config::BrokerSettings;
use model::TopicPartition;
use parking_lot::Mutex;
use storage::{CleanError, CleaningReport, OffsetMap};
use tokio::sync::watch;
use tracing::{debug, error, info, warn};

use crate::partition::Partition;
use crate::{Broker, Partitions};
use pace::{Stop, Throttle};

/// What the cleaner has done since the start, and how things stand.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct CleanerFigures {
    /// Cleanings that reached their end.
    pub runs: u64,
    /// Cleanings that did not.
    pub failed_runs: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// How long the last cleaning took, in milliseconds.
    pub last_duration_ms: u64,
    /// Partitions that cannot be cleaned.
    pub uncleanable_partitions: usize,
    /// The greatest share of uncleaned bytes of any log when it was last looked, from 0 to 1.
    pub max_dirty_ratio: f64,
}

/// The log cleaner of a node.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    stop: Stop,
    work: Mutex<Work>,
    runs: AtomicU64,
    failed_runs: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    last_duration_ms: AtomicU64,
}

#[derive(Debug, Default)]
struct Work {
    /// Partitions that a thread is at.
    busy: HashSet<TopicPartition>,
    /// Partitions that are left alone for the rest of this round.
    postponed: HashSet<TopicPartition>,
    /// Partitions that cannot be cleaned, whose names later ones may have.
    uncleanable: HashMap<TopicPartition, Weak<Partition>>,
    max_dirty_ratio: f64,
}

/// Cleans until `stop` becomes true.
pub(crate) async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    if !broker.settings().log_cleaner_enable {
        return;
    }
    let cleaner = Arc::clone(broker.cleaner());
    loop {
        let pause = Duration::from_millis(broker.settings().log_cleaner_backoff_ms.max(1));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let (worker, partitions) = (Arc::clone(&cleaner), Arc::clone(broker.partitions()));
        let mut round = tokio::task::spawn_blocking(move || worker.round(&partitions));
        let stopped = async { drop(stop.wait_for(|stop| *stop).await) };
        let ended = tokio::select! {
            ended = &mut round => Some(ended),
            () = stopped => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                cleaner.stop.stop();
                round.await
            }
        };
        if let Err(error) = ended {
            warn!(%error, "the log cleaner failed");
        }
    }
}

impl Cleaner {
    /// What it has done, for metrics.
    pub(crate) fn figures(&self) -> CleanerFigures {
        let of = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let work = self.work.lock();
        CleanerFigures {
            runs: of(&self.runs),
            failed_runs: of(&self.failed_runs),
            bytes_read: of(&self.bytes_read),
            bytes_written: of(&self.bytes_written),
            last_duration_ms: of(&self.last_duration_ms),
            uncleanable_partitions: work.uncleanable.len(),
            max_dirty_ratio: work.max_dirty_ratio,
        }
    }

    /// Cleans everything that is due. Blocking.
    fn round(&self, partitions: &Arc<Partitions>) {
        let settings = partitions.settings();
        let Some(first) = self.next(partitions, true) else { return };
        let threads = settings.log_cleaner_threads.max(1);
        let first = Mutex::new(Some(first));
        let work = || {
            let mut map = OffsetMap::new(
                settings.log_cleaner_dedupe_buffer_size / threads as u64,
                settings.log_cleaner_io_buffer_load_factor,
            );
            let mut next = first.lock().take().or_else(|| self.next(partitions, false));
            while let Some(partition) = next {
                self.clean(partitions, &partition, &settings, &mut map);
                next = self.next(partitions, false);
            }
        };
        thread::scope(|scope| {
            for index in 0..threads {
                let name = format!("cleaner-{index}");
                let spawned = thread::Builder::new().name(name).spawn_scoped(scope, work);
                if let Err(error) = spawned {
                    warn!(%error, "no thread for the log cleaner; it is tried again");
                }
            }
        });
        if let Some(left) = first.into_inner() {
            self.work.lock().busy.remove(left.topic_partition());
        }
    }

    /// Takes the dirtiest log that is due and that nobody is at.
    fn next(&self, partitions: &Partitions, begins_round: bool) -> Option<Arc<Partition>> {
        if self.stop.is_stopped() {
            return None;
        }
        let clock = partitions.clock().look();
        let mut work = self.work.lock();
        let all = partitions.all();
        if begins_round {
            work.postponed.clear();
            work.uncleanable.retain(|_, it| it.upgrade().is_some_and(|it| !it.is_closed()));
        }
        let mut dirtiest: Option<(f64, Arc<Partition>)> = None;
        let mut max_dirty_ratio: f64 = 0.0;
        for partition in all {
            let name = partition.topic_partition();
            let config = Arc::clone(&partition.settings().log);
            let is_left_alone = work.busy.contains(name)
                || work.postponed.contains(name)
                || work.uncleanable.get(name).is_some_and(|it| is_this(it, &partition));
            // One that is copied to another folder waits until it is there.
            let is_copied = || partition.log(storage::Log::is_being_copied);
            if !config.compact || is_left_alone || partition.is_closed() || is_copied() {
                continue;
            }
            let high_watermark = partition.high_watermark();
            let dirtiness = match partition.log(|log| log.dirtiness(high_watermark, &clock)) {
                Ok(dirtiness) => dirtiness,
                Err(error) => {
                    debug!(partition = %name, %error, "cannot tell how dirty a log is");
                    continue;
                }
            };
            let ratio = dirtiness.ratio();
            max_dirty_ratio = max_dirty_ratio.max(ratio);
            if dirtiness.is_due(&config) && dirtiest.as_ref().is_none_or(|(most, _)| ratio > *most)
            {
                dirtiest = Some((ratio, partition));
            }
        }
        work.max_dirty_ratio = max_dirty_ratio;
        let (_, partition) = dirtiest?;
        work.busy.insert(partition.topic_partition().clone());
        Some(partition)
    }

    fn clean(
        &self,
        partitions: &Partitions,
        partition: &Arc<Partition>,
        settings: &BrokerSettings,
        map: &mut OffsetMap,
    ) {
        let started = Instant::now();
        let before = partition.log(storage::Log::cleaned_to);
        let outcome = self.clean_log(partitions, partition, settings, map);
        map.clear();
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let name = partition.topic_partition();
        let mut work = self.work.lock();
        work.busy.remove(name);
        match outcome {
            Ok(report) => {
                info!(
                    partition = %name, duration_ms, keys = report.keys,
                    records_read = report.records_read, records_kept = report.records_kept,
                    bytes_read = report.bytes_read, bytes_written = report.bytes_written,
                    "compacted"
                );
                self.runs.fetch_add(1, Ordering::Relaxed);
                self.last_duration_ms.store(duration_ms, Ordering::Relaxed);
                // What made no headway now makes none at once either.
                if partition.log(storage::Log::cleaned_to) == before {
                    work.postponed.insert(name.clone());
                }
            }
            Err(CleanError::Stopped | CleanError::Outdated) => {
                work.postponed.insert(name.clone());
            }
            Err(CleanError::Storage(error)) => {
                self.failed_runs.fetch_add(1, Ordering::Relaxed);
                if error.may_pass() {
                    warn!(partition = %name, %error, "not compacted; it is tried again");
                    work.postponed.insert(name.clone());
                } else {
                    error!(partition = %name, %error, "not compacted, nor tried again until the next start");
                    work.uncleanable.insert(name.clone(), Arc::downgrade(partition));
                }
            }
        }
    }

    fn clean_log(
        &self,
        partitions: &Partitions,
        partition: &Arc<Partition>,
        settings: &BrokerSettings,
        map: &mut OffsetMap,
    ) -> Result<CleaningReport, CleanError> {
        let threads = settings.log_cleaner_threads.max(1);
        // Half of the memory is for what is read and half for what is written.
        let io_bytes = settings.log_cleaner_io_buffer_size / threads / 2;
        let rate = settings.log_cleaner_io_max_bytes_per_second / threads as f64;
        let mut throttle = Throttle::new(&self.stop, rate);
        let mut pace = |bytes| throttle.spend(bytes);
        let high_watermark = partition.high_watermark();
        let clock = partitions.clock().look();
        let begun = partition.log(|log| log.begin_cleaning(high_watermark, &clock, io_bytes))?;
        let mut cleaning = begun.ok_or(CleanError::Outdated)?;
        cleaning.fill(map, &mut pace)?;
        while let Some(group) = cleaning.next_group(map, &mut pace)? {
            if partition.is_closed() {
                return Err(CleanError::Outdated);
            }
            let replaced = partition.with_log(|log| log.swap_in(group));
            let replaced = replaced.inspect_err(|_| partitions.note_failed_log(partition))?;
            partitions.remove_later(partition, replaced);
        }
        partition.with_log(|log| log.finish_cleaning(&cleaning));
        let report = cleaning.report();
        self.bytes_read.fetch_add(report.bytes_read, Ordering::Relaxed);
        self.bytes_written.fetch_add(report.bytes_written, Ordering::Relaxed);
        if let Err(error) = partitions.write_cleaned(partition.disk()) {
            warn!(%error, "after a restart logs are compacted again that were compacted");
        }
        Ok(report)
    }
}

/// Tells a partition from a later one of the same name: while it is remembered, no other one can have
/// its address.
fn is_this(remembered: &Weak<Partition>, partition: &Arc<Partition>) -> bool {
    std::ptr::eq(remembered.as_ptr(), Arc::as_ptr(partition))
}
