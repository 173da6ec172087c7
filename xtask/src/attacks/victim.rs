//! An honest client beside an attack: it writes and asks at a steady pace, and times each request
//! from when it should have been sent, so that a stall counts in full.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use super::wire::{self, Client, Frame};

/// Between two requests.
const PACE: Duration = Duration::from_millis(5);

/// A running victim.
pub(super) struct Victim {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    thread: JoinHandle<Result<Vec<Duration>>>,
}

/// What it saw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) requests: usize,
    pub(super) p99: Duration,
    pub(super) max: Duration,
}

impl Victim {
    /// Begins: produce requests (acks=1) and Metadata in turn, on one connection.
    pub(super) fn start(address: &str, topic: &str, batch: &[u8]) -> Result<Self> {
        let mut client = Client::connect(address)?;
        let produce = wire::produce(topic, batch);
        let metadata = Frame::new(wire::METADATA, 1).i32(1).text(topic).finish();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let answered = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&answered);
        let thread = std::thread::spawn(move || {
            let mut took = Vec::new();
            let mut due = Instant::now();
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let frame = if took.len() % 2 == 0 { &produce } else { &metadata };
                client.ask(frame)?;
                took.push(due.elapsed());
                counted.store(took.len(), Ordering::Relaxed);
                due += PACE;
            }
            Ok(took)
        });
        Ok(Self { stop, answered, thread })
    }

    /// How many requests were answered so far.
    pub(super) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Ends, and says what it saw. Every request must have been answered.
    pub(super) fn stop(self) -> Result<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let mut took = self.thread.join().map_err(|_| anyhow!("the victim panicked"))??;
        ensure!(!took.is_empty(), "the victim was never answered");
        took.sort();
        let p99 = took[(took.len() - 1) * 99 / 100];
        Ok(Seen { requests: took.len(), p99, max: took[took.len() - 1] })
    }
}
