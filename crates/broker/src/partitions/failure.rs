//! A folder of `log.dirs` that fails while the node runs.
//!
//! Whoever meets the failure only notes it (`SyncQueue::fail`), from where it stands; what follows
//! happens here, a moment later: the folder's partitions are closed, and the controller learns that
//! nobody leads them. The other folders go on. Without any, or without the metadata log, the node
//! cannot.

use std::sync::atomic::Ordering;

use model::{ErrorCode, Uuid};
use tracing::error;

use super::{LogFolder, Partitions};

impl LogFolder {
    /// Whether the folder takes nothing more until the node is started again.
    pub(super) fn has_failed(&self) -> bool {
        self.disk.syncs().has_failed()
    }
}

impl Partitions {
    /// The folders that have not failed, with their indexes.
    pub(super) fn working_folders(&self) -> impl Iterator<Item = (usize, &LogFolder)> {
        self.folders.iter().enumerate().filter(|(_, folder)| !folder.has_failed())
    }

    /// Waits until a folder has failed.
    pub(crate) async fn until_folder_fails(&self) {
        self.failures.notified().await;
    }

    /// Closes the partitions of the folders that have failed; returns the ids of those folders.
    /// Blocking.
    pub(crate) fn close_failed_folders(&self) -> Vec<Uuid> {
        // Held to the end, so that nothing is opened in a folder that has failed.
        let mut pending = self.pending.lock();
        let failed: Vec<usize> =
            (0..self.folders.len()).filter(|index| self.folders[*index].has_failed()).collect();
        pending.openings.retain(|opening| !failed.contains(&opening.folder()));
        let mut closed = vec![0; self.folders.len()];
        for partition in self.all() {
            if failed.contains(&partition.disk()) && !partition.is_closed() {
                partition.close(ErrorCode::KafkaStorageError);
                closed[partition.disk()] += 1;
            }
        }
        for index in &failed {
            let folder = &self.folders[*index];
            if folder.is_given_up.swap(true, Ordering::Relaxed) {
                continue;
            }
            error!(
                folder = %folder.directory.path().display(), partitions = closed[*index],
                "this log folder has failed: its partitions are not served; check the disk, and start \
                 the node again"
            );
        }
        self.lost.send_replace(self.why_lost());
        failed.iter().map(|index| self.folders[*index].id).collect()
    }

    fn why_lost(&self) -> Option<String> {
        let of_metadata = self.folders.iter().find(|it| it.holds_metadata && it.has_failed());
        if let Some(folder) = of_metadata {
            let path = folder.directory.path().display();
            return Some(format!(
                "the log folder {path}, which holds the metadata log, has failed; check the disk, \
                 and start the node again"
            ));
        }
        self.working_folders().next().is_none().then(|| {
            "all folders of log.dirs have failed; check the disks, and start the node again"
                .to_owned()
        })
    }

    /// Whether the node cannot go on.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.borrow().is_some()
    }

    /// Waits until the node cannot go on without the folders that have failed; tells why.
    pub async fn lost(&self) -> String {
        let mut lost = self.lost.subscribe();
        let reason = lost.wait_for(Option::is_some).await.map(|reason| reason.clone());
        match reason {
            Ok(Some(reason)) => reason,
            // The sender lives as long as these partitions do.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}
