//! What happens by itself: retention, checkpoints, background syncs, forgotten producers.
//!
//! Each round is cheap when nothing changed, so an idle node stays idle. Blocking.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use storage::StorageError;
use tracing::{info, warn};

use super::{LogFolder, Partitions};
use crate::metrics::Histogram;
use crate::partition::Partition;

/// A folder of `log.dirs` in numbers.
#[derive(Debug)]
pub(crate) struct FolderFigures<'a> {
    pub(crate) path: &'a Path,
    /// Whether it takes no more records.
    pub(crate) has_failed: bool,
    /// How long syncs take; unknown of a folder that could not be opened.
    pub(crate) syncs: Option<&'a Histogram>,
}

impl Partitions {
    /// Queues a sync of everything that was appended and not synced yet.
    pub fn sync_all(&self) {
        for folder in &self.folders {
            for partition in folder.disk.syncs().take_lingering() {
                partition.queue_sync();
            }
        }
    }

    /// Writes the checkpoints of the folders in which anything was appended since the last round.
    pub fn checkpoint(&self) {
        if self.pending.lock().is_closed {
            return;
        }
        for (index, folder) in self.working_folders() {
            if folder.changed.swap(false, Ordering::Relaxed)
                && let Err(error) = self.write_checkpoints(index)
            {
                warn!(%error, "checkpoints not written; recovery would take longer");
                folder.changed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Notes that a request has moved the start of a log of a folder.
    pub(crate) fn note_trim(&self, index: usize) {
        self.folders[index].trims.fetch_add(1, Ordering::Release);
    }

    /// Makes sure that the starts that were noted so far are in the checkpoints of a folder. Those
    /// who wait while others write find theirs written; where nothing moved, nothing is.
    pub(crate) fn checkpoint_trims(&self, index: usize) -> Result<(), StorageError> {
        let folder = &self.folders[index];
        let trims = folder.trims.load(Ordering::Acquire);
        let mut written = folder.checkpoints.lock();
        if *written >= trims { Ok(()) } else { self.write_checkpoints_with(index, &mut written) }
    }

    /// Takes the partitions that are gone out of the checkpoints: nothing that they say may be taken
    /// for something about a new partition of the same name.
    pub(super) fn rewrite_stale_checkpoints(&self) {
        for (index, folder) in self.working_folders() {
            if folder.stale.swap(false, Ordering::Relaxed)
                && let Err(error) =
                    self.write_checkpoints(index).and_then(|()| self.write_cleaned(index))
            {
                warn!(%error, "checkpoints not rewritten; it is tried again");
                folder.stale.store(true, Ordering::Relaxed);
                folder.changed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Sleeps until files of deleted segments may go.
    pub(crate) async fn until_files_may_go(&self) {
        self.leaving.until_due().await;
    }

    /// Removes the files of segments that were deleted a while ago.
    pub(crate) fn remove_files_that_may_go(&self) {
        self.leaving.remove_due();
    }

    /// Takes old segments out of the logs. Their files are removed after a delay, for the sake of
    /// readers who hold one.
    pub(crate) fn retain(&self) {
        let clock = self.clock.look();
        let works = |partition: &Arc<Partition>| !self.folders[partition.disk()].has_failed();
        for partition in self.all().into_iter().filter(works) {
            let high_watermark = partition.high_watermark();
            let outcome = partition.with_log(|log| {
                log.expire_producers(&clock);
                log.retention(&clock, high_watermark)
            });
            match outcome {
                Ok(files) if files.segments() > 0 => {
                    info!(partition = %partition.topic_partition(), segments = files.segments(), "retention");
                    partition.log_start_advanced();
                    self.folders[partition.disk()].changed.store(true, Ordering::Relaxed);
                    self.leaving.add(partition.settings().file_delete_delay_ms, files);
                }
                Ok(_) => {}
                Err(error) => {
                    warn!(partition = %partition.topic_partition(), %error, "retention failed");
                }
            }
        }
    }

    /// The folders of `log.dirs` in numbers.
    pub(crate) fn folder_figures<'a>(&'a self) -> Vec<FolderFigures<'a>> {
        let figures = |folder: &'a LogFolder| FolderFigures {
            path: folder.directory.path(),
            has_failed: folder.disk.syncs().has_failed(),
            syncs: Some(folder.disk.syncs().durations()),
        };
        let left_out = self.node.log_dirs.iter().filter(|path| {
            self.folders.iter().all(|folder| folder.directory.path() != path.as_path())
        });
        let left_out = left_out.map(|path| FolderFigures { path, has_failed: true, syncs: None });
        self.folders.iter().map(figures).chain(left_out).collect()
    }

    /// The ids of the folders.
    pub fn folder_ids(&self) -> Vec<model::Uuid> {
        self.folders.iter().map(|folder| folder.id).collect()
    }
}
