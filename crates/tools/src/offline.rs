//! What tools do with bytes of strangers alone, without a cluster or a terminal: a door for tests from
//! outside, which a tool itself does not use.

use std::ffi::OsString;
use std::io::Write;

use client::ConsumerRecord;
use storage::fs::FileSystem;

use crate::dump_log;
use crate::options::Asked;
use crate::tail;

/// Runs `dump-log` with these words on the files of a disk. What it says beside its output: `Ok`
/// where nothing is wrong with the files.
pub fn dump_log(
    words: &[&str],
    disk: &dyn FileSystem,
    out: &mut impl Write,
) -> Result<String, String> {
    let words = words.iter().map(OsString::from).collect();
    let options = match dump_log::COMMAND_LINE.parse(words) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Help | Asked::Version) => return Ok(String::new()),
        Err(failure) => return Err(failure.to_string()),
    };
    let report = dump_log::dump(&options, disk, out).map_err(|failure| failure.to_string())?;
    if report.is_damage { Err(report.text) } else { Ok(report.text) }
}

/// A record as `tail` shows it.
pub fn tail(record: &ConsumerRecord, colour: bool, bytes_max: usize) -> String {
    let mut text = String::new();
    tail::show::record(record, tail::show::Style { colour, bytes_max }, &mut text);
    text
}

/// An expression of `tail --where`.
pub struct Where(tail::expression::Expression);

impl Where {
    /// Compiles an expression, or says what is wrong with it.
    pub fn new(expression: &str) -> Result<Self, String> {
        tail::expression::Expression::new(expression).map(Self)
    }

    /// Whether it holds for a record, or why that cannot be said.
    pub fn holds(&self, record: &ConsumerRecord) -> Result<bool, String> {
        self.0.holds(record)
    }
}

impl std::fmt::Debug for Where {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Where(..)")
    }
}
