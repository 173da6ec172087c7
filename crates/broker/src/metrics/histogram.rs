//! How long something takes, in fixed buckets of relaxed counters.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the buckets, in microseconds.
const BOUNDS_US: [u64; 14] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 10_000_000,
];
/// The same in seconds, as they are written.
pub(crate) const BOUNDS: [&str; BOUNDS_US.len()] = [
    "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5",
    "1", "2.5", "10",
];

/// Durations, counted by size.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// Each bucket by itself; what is longer than every bound is in the last.
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    pub(crate) fn record(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| *bound < us);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// How many lie within each bound, how many there are, and their sum in seconds.
    pub(crate) fn read(&self) -> ([u64; BOUNDS.len()], u64, f64) {
        let mut within = [0; BOUNDS.len()];
        let mut count = 0;
        for (bucket, within) in self.buckets.iter().zip(&mut within) {
            count += bucket.load(Ordering::Relaxed);
            *within = count;
        }
        count += self.buckets[BOUNDS.len()].load(Ordering::Relaxed);
        (within, count, self.sum_us.load(Ordering::Relaxed) as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_same_in_both_units_and_inclusive() {
        for (us, text) in BOUNDS_US.iter().zip(BOUNDS) {
            assert_eq!(text.parse::<f64>().map(|s| (s * 1e6).round() as u64), Ok(*us));
        }
        let histogram = Histogram::default();
        for us in [0, 250, 251, 20_000_000] {
            histogram.record(Duration::from_micros(us));
        }
        let (within, count, sum) = histogram.read();
        assert_eq!((within[0], within[1], within[13], count), (2, 3, 3, 4));
        assert!((sum - 20.000501).abs() < 1e-9);
    }
}
