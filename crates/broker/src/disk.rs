//! The threads of one log folder: one appends, one syncs. Nothing that may wait for the disk runs
//! on a reactor thread.
//!
//! Group commit: while a sync runs, appends go on; the next sync covers them all. A partition
//! stands in the queue for a sync at most once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;
use tracing::error;

use crate::metrics::Histogram;
use crate::partition::Partition;

/// Files that are synced at the same time, so that the file system can join their journal entries.
const SYNCS_AT_ONCE: usize = 8;

/// Something to do on the appending thread.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// The threads of one log folder.
#[derive(Debug)]
pub(crate) struct Disk {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    syncs: Arc<SyncQueue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Disk {
    /// Starts the threads; `name` tells them apart in a debugger. `lingers` is told when there is
    /// something for a background sync, `failures` when the folder has failed.
    pub(crate) fn start(
        name: &str,
        lingers: Arc<Notify>,
        failures: Arc<Notify>,
    ) -> std::io::Result<Self> {
        let (jobs, work) = mpsc::channel::<Job>();
        let syncs = Arc::new(SyncQueue { lingers, failures, ..SyncQueue::default() });
        let guard = PanicGuard::of_process(format!("append-{name}"));
        let appender = thread::Builder::new().name(format!("append-{name}")).spawn(move || {
            let _guard = guard;
            for job in work {
                job();
            }
        })?;
        let queue = Arc::clone(&syncs);
        let guard = PanicGuard::of_process(format!("sync-{name}"));
        let syncer = thread::Builder::new().name(format!("sync-{name}")).spawn(move || {
            let _guard = guard;
            while let Some(partitions) = queue.take() {
                sync_all(&partitions);
            }
        })?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            syncs,
            threads: Mutex::new(vec![appender, syncer]),
        })
    }

    /// Queues work for the appending thread, if `is_right` says that this is still the disk for it; work
    /// is done in the order in which it was queued. What waits is bounded by the memory for requests.
    pub(crate) fn submit_if(&self, is_right: impl FnOnce() -> bool, job: Job) -> Result<(), Job> {
        match &*self.jobs.lock() {
            _ if !is_right() => Err(job),
            Some(jobs) => jobs.send(job).map_err(|mpsc::SendError(job)| job),
            // The node stops: dropping the job tells whoever waits.
            None => Ok(()),
        }
    }

    /// Does what sends callers to another disk, while nobody queues anything here, and queues a last
    /// job behind what they have queued before.
    pub(crate) fn leave(&self, switch: impl FnOnce(), last: Job) {
        let jobs = self.jobs.lock();
        switch();
        let left = match &*jobs {
            Some(jobs) => jobs.send(last).err().map(|mpsc::SendError(last)| last),
            None => Some(last),
        };
        // A thread that has ended has nothing left to do before it.
        if let Some(last) = left {
            last();
        }
    }

    /// Where work for the appending thread can be queued as long as the thread has not ended.
    pub(crate) fn jobs(&self) -> Option<mpsc::Sender<Job>> {
        self.jobs.lock().clone()
    }

    /// The queue of partitions that wait for a sync.
    pub(crate) fn syncs(&self) -> &Arc<SyncQueue> {
        &self.syncs
    }

    /// Finishes the work that is queued, and ends the threads.
    pub(crate) fn stop(&self) {
        self.jobs.lock().take();
        let mut threads = self.threads.lock();
        let mut threads = threads.drain(..);
        if let Some(appender) = threads.next() {
            join(appender);
        }
        self.syncs.stop();
        threads.for_each(join);
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        error!("a disk thread panicked");
    }
}

/// Ends the process when the thread that holds it panics: without its disk threads a node takes
/// requests and answers none of them. What was acknowledged is as safe as after a kill.
struct PanicGuard {
    thread: String,
    end: Box<dyn Fn() + Send>,
}

impl PanicGuard {
    fn of_process(thread: String) -> Self {
        Self { thread, end: Box::new(|| std::process::exit(1)) }
    }
}

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if thread::panicking() {
            error!(
                thread = self.thread,
                "a disk thread panicked, which is a defect of Klamm: the node ends; start it again, and \
                 report the message of the panic"
            );
            (self.end)();
        }
    }
}

/// Does the work for each share of the items on a thread of its own, and on this one where the
/// system gives no more threads.
pub(crate) fn in_threads<T: Sync>(items: &[T], threads: usize, work: impl Fn(&T) + Sync) {
    if items.len() <= 1 || threads <= 1 {
        return items.iter().for_each(work);
    }
    let share = items.len().div_ceil(threads);
    let work = &work;
    thread::scope(|scope| {
        for chunk in items.chunks(share) {
            let spawned =
                thread::Builder::new().spawn_scoped(scope, move || chunk.iter().for_each(work));
            if spawned.is_err() {
                chunk.iter().for_each(work);
            }
        }
    });
}

/// Partitions with records that wait for a sync.
#[derive(Debug, Default)]
pub(crate) struct SyncQueue {
    /// A write or a sync has failed so that nobody knows what the disk holds: the folder takes nothing
    /// more until the node is started again.
    failed: AtomicBool,
    failures: Arc<Notify>,
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    lingers: Arc<Notify>,
    /// How long syncs take.
    durations: Histogram,
}

#[derive(Debug, Default)]
struct Waiting {
    partitions: Vec<Arc<Partition>>,
    /// Partitions that nobody waits for; the next background sync takes them.
    lingering: Vec<Arc<Partition>>,
    stopped: bool,
}

impl SyncQueue {
    /// Notes that the folder has failed.
    pub(crate) fn fail(&self) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            self.failures.notify_one();
        }
    }

    /// How long syncs take.
    pub(crate) fn durations(&self) -> &Histogram {
        &self.durations
    }

    /// Whether the folder has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Adds a partition; the caller has made sure that it is not in the queue.
    pub(crate) fn push(&self, partition: Arc<Partition>) {
        self.waiting.lock().partitions.push(partition);
        self.arrived.notify_one();
    }

    /// Notes a partition for the next background sync; it must not be noted twice.
    pub(crate) fn linger(&self, partition: Arc<Partition>) {
        let mut waiting = self.waiting.lock();
        waiting.lingering.push(partition);
        if waiting.lingering.len() == 1 {
            self.lingers.notify_one();
        }
    }

    /// The partitions that were noted for a background sync.
    pub(crate) fn take_lingering(&self) -> Vec<Arc<Partition>> {
        std::mem::take(&mut self.waiting.lock().lingering)
    }

    /// All that wait, once there are any; `None` when the queue was stopped and is empty.
    fn take(&self) -> Option<Vec<Arc<Partition>>> {
        let mut waiting = self.waiting.lock();
        loop {
            if !waiting.partitions.is_empty() {
                return Some(std::mem::take(&mut waiting.partitions));
            }
            if waiting.stopped {
                return None;
            }
            self.arrived.wait(&mut waiting);
        }
    }

    fn stop(&self) {
        self.waiting.lock().stopped = true;
        self.arrived.notify_one();
    }
}

fn sync_all(partitions: &[Arc<Partition>]) {
    in_threads(partitions, SYNCS_AT_ONCE, |partition| partition.sync());
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn panic_of_a_disk_thread_ends_the_process_and_its_end_does_not() {
        let ended = Arc::new(AtomicUsize::new(0));
        let run = |work: fn()| {
            let counter = Arc::clone(&ended);
            let end = Box::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            });
            let guard = PanicGuard { thread: "test".to_owned(), end };
            let thread = thread::spawn(move || {
                let _guard = guard;
                work();
            });
            let _ = thread.join();
            ended.load(Ordering::Relaxed)
        };
        assert_eq!(run(|| {}), 0);
        assert_eq!(run(|| panic!("on purpose")), 1);
    }

    #[test]
    fn work_in_threads_is_done_once_for_each_item() {
        for (items, threads) in [(0, 4), (1, 4), (3, 8), (100, 8), (7, 0)] {
            let done: Vec<AtomicUsize> = (0..items).map(|_| AtomicUsize::new(0)).collect();
            in_threads(&done, threads, |item| {
                item.fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.iter().all(|item| item.load(Ordering::Relaxed) == 1));
        }
    }
}
