//! What a run found: kinds of differences, each with the first request that showed it.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Difference;
use super::connection::Answer;
use super::known::{self, Known};
use super::value::Value;

/// Longest answer that is printed.
const PRINTED_MAX: usize = 4000;

/// One request to both, and what came back.
pub(super) struct Trial<'a> {
    pub(super) api: &'a str,
    pub(super) version: i16,
    pub(super) request: &'a Value,
    /// What was done to the request, and what repeats it.
    pub(super) note: String,
    pub(super) repeat: String,
    /// The frame as Klamm got it.
    pub(super) frame: &'a [u8],
    pub(super) answers: &'a [Answer; 2],
}

/// All that was found beside one Kafka.
pub(super) struct Findings {
    oracle: &'static str,
    groups: BTreeMap<(String, Difference, Option<usize>), Group>,
}

struct Group {
    versions: BTreeSet<i16>,
    count: u64,
    example: String,
}

impl Findings {
    pub(super) fn new(oracle: &'static str) -> Self {
        Self { oracle, groups: BTreeMap::new() }
    }

    /// The Kafka that is asked.
    pub(super) fn oracle(&self) -> &'static str {
        self.oracle
    }

    /// Keeps a difference. `full` is its path with the names of all elements.
    pub(super) fn add(&mut self, trial: &Trial<'_>, difference: Difference, full: &str) {
        let row = known::row(self.oracle, trial, &difference);
        let key = (trial.api.to_owned(), difference, row);
        let group = self.groups.entry(key).or_insert_with(|| Group {
            versions: BTreeSet::new(),
            count: 0,
            example: example(trial, full),
        });
        group.versions.insert(trial.version);
        group.count += 1;
    }

    /// Prints what nobody knew of; gives how many kinds are known and how many are not.
    pub(super) fn judge(&self, show: bool) -> (usize, usize) {
        let (mut known, mut unknown) = (0, 0);
        for ((api, difference, row), group) in &self.groups {
            *(if row.is_some() { &mut known } else { &mut unknown }) += 1;
            if row.is_none() || show {
                let Difference { path, kafka, klamm } = difference;
                let versions: Vec<_> = group.versions.iter().map(i16::to_string).collect();
                println!("    {} {api} {path}: {kafka} -> {klamm}", self.oracle);
                println!("        {} times, v{}", group.count, versions.join(","));
                if let Some(Known { reason, .. }) = row.map(|row| &known::KNOWN[row]) {
                    println!("        known: {reason}");
                }
                println!("{}", group.example);
            }
        }
        (known, unknown)
    }

    /// The rows that were met.
    pub(super) fn rows(&self) -> BTreeSet<usize> {
        self.groups.keys().filter_map(|(_, _, row)| *row).collect()
    }
}

/// A request, what came back, and how to send it again.
pub(super) fn example(trial: &Trial<'_>, full: &str) -> String {
    let hex: String = trial.frame.iter().map(|byte| format!("{byte:02x}")).collect();
    let [kafka, klamm] = trial.answers.each_ref().map(|answer| {
        cut(match answer {
            Answer::Body(value) => value.to_string(),
            other => format!("{other:?}"),
        })
    });
    let mut lines = vec![format!("first in v{} at {full}, {}", trial.version, trial.note)];
    if *trial.request != Value::Null {
        lines.push(format!("request {}", trial.request));
    }
    if !hex.is_empty() {
        lines.push(format!("frame   {}", cut(hex)));
        lines.push(format!("Kafka   {kafka}"));
        lines.push(format!("Klamm   {klamm}"));
    }
    lines.push(format!("again   {}", trial.repeat));
    lines.iter().map(|line| format!("        {line}")).collect::<Vec<_>>().join("\n")
}

fn cut(mut text: String) -> String {
    if text.len() > PRINTED_MAX {
        let end = (0..PRINTED_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text += "...";
    }
    text
}
