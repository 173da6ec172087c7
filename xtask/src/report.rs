//! What ran and how it ended.
//!
//! Invariant: a suite is counted exactly once, as passed, failed or skipped; what did not run is
//! never counted as passed, and an error is skipped only when it is [`Missing`].

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a suite ended without an error.
pub(crate) enum Outcome {
    /// Everything in it ran and held; the text says what was counted or measured.
    Passed(String),
    /// This machine lacks what it needs; the text names it.
    Skipped(String),
}

/// The error of a suite that cannot run because this machine lacks something that is not ours: a
/// program, or a way to a registry. It skips the suite.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl std::fmt::Display for Missing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

struct Line {
    suite: String,
    word: &'static str,
    detail: String,
    took: Duration,
}

/// The suites of one command, in the order in which they ran.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Runs one suite and counts it. An error counts as failed, unless it is [`Missing`], and the
    /// others go on.
    pub(crate) fn suite(
        &mut self,
        name: &str,
        body: impl FnOnce() -> anyhow::Result<Outcome>,
    ) -> bool {
        println!("==> {name}");
        let start = Instant::now();
        let (word, detail) = match body() {
            Ok(Outcome::Passed(detail)) => ("passed", detail),
            Ok(Outcome::Skipped(reason)) => ("skipped", reason),
            Err(error) if error.is::<Missing>() => ("skipped", format!("{error:#}")),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        let took = start.elapsed();
        println!("<== {name}: {word} in {:.1} s{}{detail}", took.as_secs_f64(), separator(&detail));
        self.lines.push(Line { suite: name.to_string(), word, detail, took });
        word == "passed"
    }

    /// How many ended in this way: `passed`, `FAILED` or `skipped`.
    pub(crate) fn count(&self, word: &str) -> usize {
        self.lines.iter().filter(|line| line.word == word).count()
    }

    /// Prints each suite and, last, the plain line of counts.
    pub(crate) fn print(&self) {
        if self.lines.is_empty() {
            return;
        }
        println!();
        for line in &self.lines {
            let seconds = line.took.as_secs_f64();
            let first = line.detail.lines().next().unwrap_or_default();
            println!(
                "{:8} {:36} {seconds:7.1} s{}{first}",
                line.word,
                line.suite,
                separator(first)
            );
        }
        println!(
            "{} passed, {} failed, {} skipped",
            self.count("passed"),
            self.count("FAILED"),
            self.count("skipped")
        );
    }

    /// Prints the report and says whether anything failed.
    pub(crate) fn finish(&self) -> ExitCode {
        self.print();
        if self.count("FAILED") == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn separator(detail: &str) -> &'static str {
    if detail.is_empty() { "" } else { "  " }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_suite_is_never_counted_as_passed() {
        let mut report = Report::default();
        assert!(report.suite("holds", || Ok(Outcome::Passed(String::new()))));
        assert!(!report.suite("cannot run", || Ok(Outcome::Skipped("no java".into()))));
        assert_eq!(
            (report.count("passed"), report.count("FAILED"), report.count("skipped")),
            (1, 0, 1)
        );
    }

    #[test]
    fn one_failed_suite_does_not_stop_the_others() {
        let mut report = Report::default();
        report.suite("breaks", || anyhow::bail!("broken"));
        report.suite("holds", || Ok(Outcome::Passed(String::new())));
        assert_eq!((report.count("passed"), report.count("FAILED")), (1, 1));
    }
}
