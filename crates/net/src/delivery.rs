//! How a client takes the answer that is being sent to it, for whoever lent memory to that answer.
//!
//! A client may leave an answer lying as long as the connection may be idle. Memory that others wait
//! for should not lie as long: who lent it sees here how long nothing was taken, and may end it.
//! Invariant: giving up ends a connection only while it sends an answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// No answer is being sent.
const NOTHING: u64 = 0;

/// The sending of a connection's answers.
#[derive(Debug)]
pub struct Delivery {
    opened: Instant,
    /// When the client took something last, in milliseconds since a millisecond before `opened`; or
    /// [`NOTHING`].
    taken_at: AtomicU64,
    given_up: Notify,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { opened: Instant::now(), taken_at: AtomicU64::new(NOTHING), given_up: Notify::new() }
    }
}

impl Delivery {
    /// How long the client has taken nothing of the answer that is being sent; `None` if none is.
    pub fn stands_still(&self) -> Option<Duration> {
        let taken_at = self.taken_at.load(Ordering::Relaxed);
        let for_ms = self.now().saturating_sub(taken_at);
        (taken_at != NOTHING).then(|| Duration::from_millis(for_ms))
    }

    /// Ends the connection, if it is sending an answer.
    pub fn give_up(&self) {
        self.given_up.notify_waiters();
    }

    /// The client has taken something, or begins to.
    pub(crate) fn taken(&self) {
        self.taken_at.store(self.now(), Ordering::Relaxed);
    }

    /// Nothing is left to be taken.
    pub(crate) fn finished(&self) {
        self.taken_at.store(NOTHING, Ordering::Relaxed);
    }

    /// Waits until somebody gives up.
    pub(crate) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    fn now(&self) -> u64 {
        1 + self.opened.elapsed().as_millis() as u64
    }
}
