//! The stream of what changed. A reader that falls behind gets the changes it missed as one: its
//! mailbox holds at most one, so neither Raft nor memory ever waits for it.

use std::sync::{Arc, Mutex, PoisonError};

use metadata::{MetadataDelta, MetadataImage};
use tokio::sync::Notify;

/// The image after some entries of the log, and what they changed.
#[derive(Debug, Clone)]
pub struct MetadataChange {
    /// The image.
    pub image: Arc<MetadataImage>,
    /// What is different from the image of the change before; everything, in the first one.
    pub delta: MetadataDelta,
}

/// Changes in their order, beginning with everything there is.
#[derive(Debug)]
pub struct ChangeStream {
    mailbox: Arc<Mailbox>,
}

impl ChangeStream {
    pub(crate) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }

    /// The next change; waits for it. `None` once the quorum has stopped.
    pub async fn next(&mut self) -> Option<MetadataChange> {
        loop {
            let notified = self.mailbox.arrived.notified();
            match self.mailbox.take() {
                Contents::Change(change) => return Some(change),
                Contents::Closed => return None,
                Contents::Empty => notified.await,
            }
        }
    }
}

/// Where one reader's next change waits.
#[derive(Debug)]
pub(crate) struct Mailbox {
    slot: Mutex<Contents>,
    arrived: Notify,
}

#[derive(Debug)]
enum Contents {
    Empty,
    Change(MetadataChange),
    Closed,
}

impl Mailbox {
    pub(crate) fn holding(change: MetadataChange) -> Self {
        Self { slot: Mutex::new(Contents::Change(change)), arrived: Notify::new() }
    }

    pub(crate) fn put(&self, image: Arc<MetadataImage>, delta: MetadataDelta) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *slot {
            Contents::Empty => *slot = Contents::Change(MetadataChange { image, delta }),
            Contents::Change(waiting) => {
                waiting.image = image;
                waiting.delta.merge(delta);
            }
            Contents::Closed => return,
        }
        drop(slot);
        self.arrived.notify_one();
    }

    /// Ends the stream behind the change that may wait.
    pub(crate) fn close(&self) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Contents::Closed;
        drop(slot);
        self.arrived.notify_one();
    }

    fn take(&self) -> Contents {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        match &*slot {
            Contents::Closed => Contents::Closed,
            Contents::Empty | Contents::Change(_) => std::mem::replace(&mut *slot, Contents::Empty),
        }
    }
}
