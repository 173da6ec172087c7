//! Files of deleted segments on their way out: they stay for `file.delete.delay.ms`, so that readers
//! who hold one finish in peace, and are removed then. A stop before that is no harm: opening the
//! log removes what is left.

use std::time::Duration;

use parking_lot::Mutex;
use storage::DeletedFiles;
use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::warn;

/// The files that wait, and when each may go.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    waiting: Mutex<Vec<(Instant, DeletedFiles)>>,
    arrived: Notify,
}

impl Leaving {
    /// Has files removed after a delay.
    pub(super) fn add(&self, delay_ms: u64, files: DeletedFiles) {
        if files.is_empty() {
            return;
        }
        // A delay that no clock reaches is for ever; the next start ends it.
        let due = Instant::now().checked_add(Duration::from_millis(delay_ms));
        if let Some(due) = due {
            self.waiting.lock().push((due, files));
            self.arrived.notify_one();
        }
    }

    /// Sleeps until some files may go; for as long as none are waiting.
    pub(super) async fn until_due(&self) {
        loop {
            let next = self.waiting.lock().iter().map(|(due, _)| *due).min();
            let Some(next) = next else {
                self.arrived.notified().await;
                continue;
            };
            tokio::select! {
                () = tokio::time::sleep_until(next) => return,
                // Something that may go sooner, perhaps.
                () = self.arrived.notified() => {}
            }
        }
    }

    /// Removes the files whose time has come. Blocking.
    pub(super) fn remove_due(&self) {
        let now = Instant::now();
        let due: Vec<_> = self.waiting.lock().extract_if(.., |(due, _)| *due <= now).collect();
        for (_, files) in due {
            if let Err(error) = files.remove() {
                warn!(%error, "files of deleted segments are still there");
            }
        }
    }
}
