//! Removes the folders of deleted partitions, one after the other, on a thread that lives only while
//! there is something to remove: to unlink a large log takes long, and no append may wait for it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use storage::fs::FileSystem;
use tracing::warn;

/// The folders of deleted partitions in one log folder.
#[derive(Debug)]
pub(super) struct Removals {
    file_system: Arc<dyn FileSystem>,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    folders: VecDeque<PathBuf>,
    is_running: bool,
    is_stopped: bool,
}

impl Removals {
    pub(super) fn new(file_system: Arc<dyn FileSystem>) -> Arc<Self> {
        Arc::new(Self { file_system, queue: Mutex::default() })
    }

    /// Has a folder removed, soon. What a stop leaves behind goes at the next start.
    pub(super) fn add(self: &Arc<Self>, folder: PathBuf) {
        let mut queue = self.queue.lock();
        queue.folders.push_back(folder);
        if queue.is_running || queue.is_stopped {
            return;
        }
        let removals = Arc::clone(self);
        let spawned =
            thread::Builder::new().name("remove".to_owned()).spawn(move || removals.run());
        match spawned {
            Ok(_) => queue.is_running = true,
            Err(error) => warn!(%error, "files of deleted partitions stay for now"),
        }
    }

    /// Begins no further removal.
    pub(super) fn stop(&self) {
        self.queue.lock().is_stopped = true;
    }

    fn next(&self) -> Option<PathBuf> {
        let mut queue = self.queue.lock();
        let next = if queue.is_stopped { None } else { queue.folders.pop_front() };
        queue.is_running = next.is_some();
        next
    }

    fn run(&self) {
        while let Some(folder) = self.next() {
            if let Err(error) = storage::remove_partition_folder(&*self.file_system, &folder) {
                warn!(%error, "the files of a deleted partition are still there");
            }
        }
    }
}
