//! openraft's view of the log. The files belong to a thread of their own; openraft's calls become
//! jobs for it, done one after another, so no thread of the async runtime waits for a disk.

use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{AnyError, LogState, OptionalSend, RaftLogReader, StorageIOError};
use tokio::sync::oneshot;

use crate::disk::LogFiles;
use crate::disk::log::is_full;
use crate::error::DiskError;
use crate::node::{Entry, LogId, StorageError, Types, Vote, VoterId};

/// How long to wait before trying again on a full disk.
const FULL_DISK_RETRY: Duration = Duration::from_millis(200);

type Job = Box<dyn FnOnce(&mut LogFiles) + Send>;

/// A handle to the log's thread. The thread ends with the last handle.
#[derive(Clone)]
pub(crate) struct LogStore {
    // openraft waits for each call before the next, so few jobs ever wait here.
    jobs: mpsc::Sender<Job>,
    patience: Arc<Patience>,
}

/// Whether an append waits for space on a full disk. A starting node does not: it says what is
/// wrong and ends. A stopping one does not either.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    waits: AtomicBool,
}

impl Patience {
    pub(crate) fn set(&self, waits: bool) {
        self.waits.store(waits, Ordering::Release);
    }

    fn waits(&self) -> bool {
        self.waits.load(Ordering::Acquire)
    }
}

impl LogStore {
    /// Gives the files to a thread of their own.
    pub(crate) fn start(mut files: LogFiles) -> io::Result<(Self, Arc<Patience>, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new().name("metadata-log".into()).spawn(move || {
            for job in queue {
                job(&mut files);
            }
        })?;
        let patience = Arc::new(Patience::default());
        Ok((Self { jobs, patience: patience.clone() }, patience, thread))
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut LogFiles) -> T + Send + 'static,
    ) -> Result<T, AnyError> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |files| {
            // The caller may have been cancelled; its job is done all the same.
            let _ = sender.send(job(files));
        });
        let stopped = || AnyError::error("the thread of the metadata log has stopped");
        self.jobs.send(job).map_err(|_| stopped())?;
        receiver.await.map_err(|_| stopped())
    }
}

/// Does disk work, and while the disk is full, again and again until there is space.
pub(crate) fn patiently<T>(
    patience: &Patience,
    mut work: impl FnMut() -> Result<T, DiskError>,
) -> Result<T, DiskError> {
    let mut told = false;
    loop {
        match work() {
            Err(error) if is_full(&error) && patience.waits() => {
                if !told {
                    tracing::error!(
                        %error,
                        "disk is full; metadata changes wait until there is space again"
                    );
                    told = true;
                }
                std::thread::sleep(FULL_DISK_RETRY);
            }
            result => return result,
        }
    }
}

impl RaftLogReader<Types> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => u64::MAX,
        };
        let result = self.run(move |files| files.read(start..end)).await;
        flatten(result).map_err(|error| StorageIOError::read_logs(error).into())
    }
}

impl RaftLogStorage<Types> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, StorageError> {
        let result = self.run(|files| (files.purged(), files.last())).await;
        let (last_purged_log_id, last_log_id) = result.map_err(StorageIOError::read_logs)?;
        Ok(LogState { last_purged_log_id, last_log_id })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let (vote, patience) = (*vote, self.patience.clone());
        let save = move |files: &mut LogFiles| patiently(&patience, || files.save_vote(vote));
        let result = self.run(save).await;
        flatten(result).map_err(|error| StorageIOError::write_vote(error).into())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        let result = self.run(|files| files.vote()).await;
        result.map_err(|error| StorageIOError::<VoterId>::read_vote(error).into())
    }

    async fn append<I>(
        &mut self,
        entries: I,
        callback: LogFlushed<Types>,
    ) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<_> = entries.into_iter().collect();
        let patience = self.patience.clone();
        // Later reads queue up behind this job, so the entries are readable from now on.
        let job: Job = Box::new(move |files| {
            let result = patiently(&patience, || files.append(&entries));
            callback.log_io_completed(result.map_err(io::Error::other));
        });
        self.jobs.send(job).map_err(|_| {
            let stopped = AnyError::error("the thread of the metadata log has stopped");
            StorageIOError::write_logs(stopped).into()
        })
    }

    async fn truncate(&mut self, log_id: LogId) -> Result<(), StorageError> {
        let result = self.run(move |files| files.truncate(log_id.index)).await;
        flatten(result).map_err(|error| StorageIOError::write_logs(error).into())
    }

    async fn purge(&mut self, log_id: LogId) -> Result<(), StorageError> {
        let patience = self.patience.clone();
        let purge = move |files: &mut LogFiles| patiently(&patience, || files.purge(log_id));
        let result = self.run(purge).await;
        flatten(result).map_err(|error| StorageIOError::write_logs(error).into())
    }
}

fn flatten<T>(result: Result<Result<T, DiskError>, AnyError>) -> Result<T, AnyError> {
    result?.map_err(|error| AnyError::new(&error))
}
