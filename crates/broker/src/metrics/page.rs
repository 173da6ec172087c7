//! The text of a scrape, in Prometheus's exposition format 0.0.4.

use std::fmt::Write as _;

use super::histogram::{BOUNDS, Histogram};
use super::table::{self, Kind, MetricDef};

/// The series of topics, partitions and groups take so many bytes each on average, at most: names of
/// groups may have 32 KiB, and anybody may choose them.
const BYTES_PER_SERIES: usize = 320;

/// A scrape that is being written.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    /// The series of topics, partitions and groups that may still be written.
    room: usize,
    /// The bytes that they may still take. The last one written may take more.
    room_bytes: usize,
    left_out: u64,
}

impl Page {
    /// A page with at most so many series whose number users decide.
    pub(crate) fn new(bounded_series_max: usize) -> Self {
        Self {
            text: String::with_capacity(32 * 1024),
            room: bounded_series_max,
            room_bytes: bounded_series_max.saturating_mul(BYTES_PER_SERIES),
            left_out: 0,
        }
    }

    /// Begins a metric of the table.
    pub(crate) fn metric(&mut self, name: &str) -> Metric<'_> {
        let found = table::METRICS.iter().find(|def| def.name == name);
        debug_assert!(found.is_some(), "{name} is not in the table of metrics");
        let def = found.unwrap_or(&table::METRICS[0]);
        let kind = def.kind.name();
        let _ = writeln!(self.text, "# HELP {name} {}\n# TYPE {name} {kind}", def.help);
        Metric { page: self, def }
    }

    /// Counts series that never came to be written, for want of room.
    pub(crate) fn leave_out(&mut self, series: u64) {
        self.left_out += series;
    }

    /// How many series were left out.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// A metric whose samples are being written.
#[derive(Debug)]
pub(crate) struct Metric<'a> {
    page: &'a mut Page,
    def: &'static MetricDef,
}

impl Metric<'_> {
    /// A sample; the labels stand in the order of the table.
    pub(crate) fn sample(&mut self, labels: &[&str], value: impl std::fmt::Display) -> &mut Self {
        debug_assert_eq!(labels.len(), self.def.labels.len(), "{}", self.def.name);
        let before = self.page.text.len();
        if self.def.is_bounded && (self.page.room == 0 || self.page.room_bytes == 0) {
            self.page.left_out += 1;
            return self;
        }
        self.page.text.push_str(self.def.name);
        self.labels(labels, None);
        let _ = writeln!(self.page.text, " {value}");
        if self.def.is_bounded {
            let bytes = self.page.text.len() - before;
            self.page.room -= 1;
            self.page.room_bytes = self.page.room_bytes.saturating_sub(bytes);
        }
        self
    }

    /// The samples of a histogram.
    pub(crate) fn histogram(&mut self, labels: &[&str], histogram: &Histogram) {
        debug_assert_eq!(self.def.kind, Kind::Histogram);
        let (within, count, sum) = histogram.read();
        for (bound, within) in
            BOUNDS.iter().copied().chain(["+Inf"]).zip(within.into_iter().chain([count]))
        {
            let _ = write!(self.page.text, "{}_bucket", self.def.name);
            self.labels(labels, Some(bound));
            let _ = writeln!(self.page.text, " {within}");
        }
        for (ending, value) in [("sum", sum.to_string()), ("count", count.to_string())] {
            let _ = write!(self.page.text, "{}_{ending}", self.def.name);
            self.labels(labels, None);
            let _ = writeln!(self.page.text, " {value}");
        }
    }

    fn labels(&mut self, values: &[&str], bound: Option<&str>) {
        let named = self.def.labels.iter().copied().zip(values.iter().copied());
        let mut separator = '{';
        for (name, value) in named.chain(bound.map(|bound| ("le", bound))) {
            self.page.text.push(separator);
            separator = ',';
            let _ = write!(self.page.text, "{name}=\"");
            for character in value.chars() {
                match character {
                    '\\' => self.page.text.push_str("\\\\"),
                    '"' => self.page.text.push_str("\\\""),
                    '\n' => self.page.text.push_str("\\n"),
                    other => self.page.text.push(other),
                }
            }
            self.page.text.push('"');
        }
        if separator == ',' {
            self.page.text.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn long_names_take_the_room_of_several_series_and_leave_out_the_rest() {
        let mut page = Page::new(1000);
        let name = "g".repeat(32_000);
        for _ in 0..500 {
            page.metric("klamm_group_members").sample(&[&name], 1);
        }
        page.metric("klamm_groups").sample(&["Empty"], 500);
        assert_eq!(page.left_out(), 490);
        let text = page.finish();
        assert!(text.len() < 1000 * BYTES_PER_SERIES + 100_000, "{}", text.len());
        assert!(text.ends_with("klamm_groups{state=\"Empty\"} 500\n"));
    }

    #[test]
    fn samples_are_written_as_prometheus_reads_them() {
        let mut page = Page::new(1);
        page.metric("klamm_group_members").sample(&["a\"b\\\n"], 3).sample(&["c"], 4);
        let histogram = Histogram::default();
        histogram.record(Duration::from_millis(3));
        page.metric("klamm_request_duration_seconds").histogram(&["Fetch"], &histogram);
        assert_eq!(page.left_out(), 1);
        let text = page.finish();
        assert!(
            text.contains("\nklamm_group_members{group=\"a\\\"b\\\\\\n\"} 3\n# HELP"),
            "{text}"
        );
        for line in [
            "# TYPE klamm_request_duration_seconds histogram",
            "klamm_request_duration_seconds_bucket{api=\"Fetch\",le=\"0.0025\"} 0",
            "klamm_request_duration_seconds_bucket{api=\"Fetch\",le=\"0.005\"} 1",
            "klamm_request_duration_seconds_bucket{api=\"Fetch\",le=\"+Inf\"} 1",
            "klamm_request_duration_seconds_sum{api=\"Fetch\"} 0.003",
            "klamm_request_duration_seconds_count{api=\"Fetch\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
