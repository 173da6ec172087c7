//! What `kafka-producer-perf-test` counts: records, bytes and latencies, in all and since the last
//! line. Time comes in as milliseconds, so that figures can be tested.

use super::{MB, fixed};

/// Latencies that are kept for percentiles; of more records, only some are.
const SAMPLES_MAX: u64 = 500_000;

/// Counters of a run, or of its part after the warm-up.
#[derive(Debug)]
pub(super) struct Stats {
    title: &'static str,
    start_ms: i64,
    sample_every: u64,
    latencies: Vec<u32>,
    count: u64,
    bytes: u64,
    latency_sum: u64,
    latency_max: u32,
    reporting_interval_ms: i64,
    window: Window,
}

/// Counters since the last line.
#[derive(Debug, Default)]
struct Window {
    start_ms: i64,
    count: u64,
    bytes: u64,
    latency_sum: u64,
    latency_max: u32,
}

impl Stats {
    /// Counters of at most `records_max` records. `title` stands after their number in the total.
    pub(super) fn new(
        title: &'static str,
        records_max: u64,
        reporting_interval_ms: i64,
        now_ms: i64,
    ) -> Self {
        Self {
            title,
            start_ms: now_ms,
            sample_every: (records_max / SAMPLES_MAX).max(1),
            latencies: Vec::new(),
            count: 0,
            bytes: 0,
            latency_sum: 0,
            latency_max: 0,
            reporting_interval_ms,
            window: Window { start_ms: now_ms, ..Window::default() },
        }
    }

    /// Counts a record that was acknowledged; the line to print when it is time for one.
    pub(super) fn record(&mut self, latency_ms: u32, bytes: usize, now_ms: i64) -> Option<String> {
        if self.count.is_multiple_of(self.sample_every) {
            self.latencies.push(latency_ms);
        }
        self.count += 1;
        self.bytes += bytes as u64;
        self.latency_sum += u64::from(latency_ms);
        self.latency_max = self.latency_max.max(latency_ms);
        let window = &mut self.window;
        window.count += 1;
        window.bytes += bytes as u64;
        window.latency_sum += u64::from(latency_ms);
        window.latency_max = window.latency_max.max(latency_ms);
        if now_ms - window.start_ms < self.reporting_interval_ms {
            return None;
        }
        let mut line = String::new();
        if !self.title.is_empty() && self.count == window.count {
            line.push_str("In steady state.\n");
        }
        line.push_str(&window.line(now_ms));
        self.window = Window { start_ms: now_ms, ..Window::default() };
        Some(line)
    }

    /// The line at the end.
    pub(super) fn total(&mut self, now_ms: i64) -> String {
        // A run within one millisecond took one.
        let seconds = (now_ms - self.start_ms).max(1) as f64 / 1000.0;
        self.latencies.sort_unstable();
        let percentile = |per_mille: usize| {
            let index = self.latencies.len() * per_mille / 1000;
            self.latencies.get(index).copied().unwrap_or(0)
        };
        format!(
            "{}{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency, \
             {} ms 50th, {} ms 95th, {} ms 99th, {} ms 99.9th.\n",
            self.count,
            self.title,
            fixed(self.count as f64 / seconds, 6),
            fixed(self.bytes as f64 / seconds / MB, 2),
            fixed(self.latency_sum as f64 / self.count as f64, 2),
            fixed(f64::from(self.latency_max), 2),
            percentile(500),
            percentile(950),
            percentile(990),
            percentile(999),
        )
    }
}

impl Window {
    fn line(&self, now_ms: i64) -> String {
        let seconds = (now_ms - self.start_ms).max(1) as f64 / 1000.0;
        format!(
            "{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency.\n",
            self.count,
            fixed(self.count as f64 / seconds, 1),
            fixed(self.bytes as f64 / seconds / MB, 2),
            fixed(self.latency_sum as f64 / self.count as f64, 1),
            fixed(f64::from(self.latency_max), 1),
        )
    }
}

/// How long to wait after `count` records in `elapsed_ms`, so that there are no more than
/// `per_second`.
pub(super) fn pause_ms(count: u64, elapsed_ms: f64, per_second: f64) -> f64 {
    (count as f64 * 1000.0 / per_second - elapsed_ms).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_and_total_read_as_in_kafka() {
        let mut stats = Stats::new("", 1000, 5000, 0);
        for latency in 0..999_u32 {
            assert_eq!(stats.record(latency, 1024, 4999), None);
        }
        assert_eq!(
            stats.record(999, 1024, 5000).unwrap(),
            "1000 records sent, 200.0 records/sec (0.20 MB/sec), 499.5 ms avg latency, 999.0 ms max \
             latency.\n"
        );
        assert_eq!(
            stats.total(10_000),
            "1000 records sent, 100.000000 records/sec (0.10 MB/sec), 499.50 ms avg latency, 999.00 ms \
             max latency, 500 ms 50th, 950 ms 95th, 990 ms 99th, 999 ms 99.9th.\n"
        );
    }

    #[test]
    fn steady_state_is_announced_once_and_named_in_the_total() {
        let mut stats = Stats::new(" steady state", 10, 100, 0);
        assert!(stats.record(1, 1, 100).unwrap().starts_with("In steady state.\n1 records sent"));
        assert!(stats.record(1, 1, 200).unwrap().starts_with("1 records sent"));
        assert!(stats.total(200).starts_with("2 steady state records sent, 10.000000 records/sec"));
    }

    #[test]
    fn samples_are_bounded_however_many_records_there_are() {
        let records = 3 * SAMPLES_MAX;
        let mut stats = Stats::new("", records, i64::MAX, 0);
        for _ in 0..records {
            stats.record(7, 1, 0);
        }
        assert_eq!(stats.latencies.len() as u64, SAMPLES_MAX);
    }

    #[test]
    fn run_without_records_has_figures_too() {
        assert!(
            Stats::new("", 1, 100, 5).total(5).starts_with("0 records sent, 0.000000 records/sec")
        );
    }

    #[test]
    fn pause_keeps_to_the_rate() {
        assert_eq!(pause_ms(100, 1000.0, 100.0), 0.0);
        assert_eq!(pause_ms(200, 1000.0, 100.0), 1000.0);
        assert_eq!(pause_ms(50, 1000.0, 100.0), 0.0);
    }
}
