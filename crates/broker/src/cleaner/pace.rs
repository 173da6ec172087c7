//! How fast the cleaner may go (`log.cleaner.io.max.bytes.per.second`), and that it has to stop.

use std::ops::ControlFlow;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Less than this is owed on, rather than slept for.
const SLEEP_MIN: Duration = Duration::from_millis(5);
/// No sleep for what was read at once is longer, however slow the rate.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Told once that the node stops; whoever sleeps wakes up.
#[derive(Debug, Default)]
pub(super) struct Stop {
    stopped: Mutex<bool>,
    told: Condvar,
}

impl Stop {
    pub(super) fn stop(&self) {
        *self.stopped.lock() = true;
        self.told.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        *self.stopped.lock()
    }

    /// Sleeps for so long, or until it is told.
    fn sleep(&self, duration: Duration) {
        let mut stopped = self.stopped.lock();
        if !*stopped {
            self.told.wait_for(&mut stopped, duration);
        }
    }
}

/// The share of one thread.
#[derive(Debug)]
pub(super) struct Throttle<'a> {
    stop: &'a Stop,
    bytes_per_second: f64,
    owed: Duration,
}

impl<'a> Throttle<'a> {
    pub(super) fn new(stop: &'a Stop, bytes_per_second: f64) -> Self {
        Self { stop, bytes_per_second: bytes_per_second.max(1.0), owed: Duration::ZERO }
    }

    /// Takes the time that so many bytes have to take.
    pub(super) fn spend(&mut self, bytes: u64) -> ControlFlow<()> {
        let seconds = bytes as f64 / self.bytes_per_second;
        self.owed += Duration::try_from_secs_f64(seconds).unwrap_or(SLEEP_MAX).min(SLEEP_MAX);
        if self.owed >= SLEEP_MIN {
            self.stop.sleep(std::mem::take(&mut self.owed));
        }
        if self.stop.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn bytes_take_their_time_and_a_stop_ends_it() {
        let stop = Stop::default();
        let started = Instant::now();
        let mut throttle = Throttle::new(&stop, 1_000_000.0);
        for _ in 0..50 {
            assert_eq!(throttle.spend(1000), ControlFlow::Continue(()));
        }
        assert!(started.elapsed() >= Duration::from_millis(45));
        stop.stop();
        assert_eq!(throttle.spend(u64::MAX), ControlFlow::Break(()));
        assert!(started.elapsed() < Duration::from_secs(30));
        let mut unbounded = Throttle::new(&stop, f64::MAX);
        assert_eq!(unbounded.spend(u64::MAX), ControlFlow::Break(()));
        assert_eq!(unbounded.owed, Duration::ZERO);
    }
}
