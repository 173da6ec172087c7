//! `kafka-dump-log`: prints the files of a partition, finds damage in them, and says what can be
//! saved.
//!
//! What goes to standard output is Kafka's, line by line; what is wrong with a file is told on
//! standard error, and then the tool exits with 1. Everything that reads bytes works on
//! [`source::Source`] and is bounded, whatever a file claims.

mod batch;
mod control;
mod damage;
mod decoders;
mod index;
mod segment;
mod small;
mod source;

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use storage::fs::{FileSystem, OpenMode, RealFileSystem};

use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use decoders::Decoder;
use index::{Check, Index};
use segment::View;
use source::OpenFile;

/// The largest message that an offset index is compared with, as in Kafka.
const MESSAGE_BYTES_MAX: i32 = 5 * 1024 * 1024;

/// The command line of `kafka-dump-log`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-dump-log",
    about: "Prints the files of a partition, finds damage in them, and says what can be saved.",
    flags: &[
        Flag::value(
            "files",
            "FILE,FILE,...",
            "REQUIRED: the files: .log, .index, .timeindex, .txnindex, .snapshot or .checkpoint.",
        ),
        Flag::switch("print-data-log", "Print keys and values; any decoder does that too."),
        Flag::switch("deep-iteration", "Print every record, without its key and value."),
        Flag::maybe(
            "key-decoder-class",
            "CLASS",
            "What keys are: org.apache.kafka.tools.api.StringDecoder, the default, DefaultDecoder (bytes), IntegerDecoder or LongDecoder.",
        ),
        Flag::maybe("value-decoder-class", "CLASS", "What values are, likewise."),
        Flag::switch("offsets-decoder", "Read records of __consumer_offsets."),
        Flag::switch("transaction-log-decoder", "Read records of __transaction_state."),
        Flag::switch("cluster-metadata-decoder", "Read records of __cluster_metadata."),
        Flag::switch("share-group-state-decoder", "Read records of __share_group_state."),
        Flag::switch("remote-log-metadata-decoder", "Tiered storage is not there."),
        Flag::switch(
            "skip-record-metadata",
            "Print keys and values alone, and no control records.",
        ),
        Flag::switch("verify-index-only", "Compare indexes with the records; print no entries."),
        Flag::switch("index-sanity-check", "Check indexes only as a start of the node does."),
        Flag::value(
            "max-message-size",
            "BYTES",
            "The largest batch that an index may point to; 5242880 by default.",
        ),
        Flag::value("max-bytes", "BYTES", "Look at no more of each .log file."),
        Flag::switch(
            "skip-damage",
            "Go on printing behind damage, where Kafka's tool stops. Not in Kafka.",
        ),
    ],
};

/// Flags that print keys and values.
const DECODERS: &[&str] = &[
    "print-data-log",
    "offsets-decoder",
    "transaction-log-decoder",
    "cluster-metadata-decoder",
    "remote-log-metadata-decoder",
    "share-group-state-decoder",
    "key-decoder-class",
    "value-decoder-class",
];

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let report = dump(options, &RealFileSystem, &mut out)?;
    out.flush()?;
    eprint!("{}", report.text);
    if report.is_damage { Err(Failure::Told) } else { Ok(()) }
}

/// Dumps the files that the command line names; what is to be said beside that.
pub(crate) fn dump(
    options: &Options,
    disk: &dyn FileSystem,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    let files = options.required("files")?;
    let dump = Dump::new(options, disk)?;
    let mut told = String::new();
    let mut failed = false;
    for path in files.trim_end_matches(',').split(',') {
        writeln!(out, "Dumping {path}")?;
        match dump.file(path, out) {
            Ok(report) => {
                failed |= report.is_damage;
                told.push_str(&report.text);
            }
            Err(failure) if failure.is_broken_pipe() => return Err(failure),
            Err(failure) => {
                failed = true;
                let _ = writeln!(told, "{failure}");
            }
        }
    }
    Ok(Report { text: told, is_damage: failed })
}

/// What is said of files on standard error.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) text: String,
    /// Whether something is wrong.
    pub(crate) is_damage: bool,
}

impl Report {
    fn damage(text: String) -> Self {
        Self { text, is_damage: true }
    }
}

/// What the command line comes to.
struct Dump<'a> {
    disk: &'a dyn FileSystem,
    view: View,
    check: Check,
    message_bytes_max: u64,
}

impl<'a> Dump<'a> {
    fn new(options: &Options, disk: &'a dyn FileSystem) -> Result<Self, Failure> {
        let prints = DECODERS.iter().any(|flag| options.has(flag));
        let decoder = Decoder::of(options)?;
        let number = |flag| match options.number::<i32>(flag)? {
            Some(negative @ ..0) => {
                Err(Failure::Usage(format!("--{flag} {negative}: it cannot be negative")))
            }
            // Kafka's own default stands for no limit.
            given => Ok(given.filter(|number| *number < i32::MAX)),
        };
        let view = View {
            deep: options.has("deep-iteration") || prints,
            contents: prints.then_some(decoder),
            skips_metadata: options.has("skip-record-metadata"),
            bytes_max: number("max-bytes")?.map(|max| max.unsigned_abs().into()),
            skips_damage: options.has("skip-damage"),
        };
        let check = if options.has("index-sanity-check") {
            Check::Sanity
        } else if options.has("verify-index-only") {
            Check::Verify
        } else {
            Check::Print
        };
        let message_bytes_max =
            number("max-message-size")?.unwrap_or(MESSAGE_BYTES_MAX).unsigned_abs().into();
        Ok(Self { disk, view, check, message_bytes_max })
    }

    fn open(&self, path: &Path) -> Result<OpenFile, Failure> {
        let file = self.disk.open(path, OpenMode::Read).and_then(OpenFile::new);
        file.map_err(|error| Failure::file(&path.display().to_string(), &error))
    }

    fn file(&self, path: &str, out: &mut impl Write) -> Result<Report, Failure> {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        let Some((_, suffix)) = name.rsplit_once('.') else {
            return Ok(unknown(path));
        };
        match suffix {
            "log" | "checkpoint" => self.segment(path, &name, out),
            "index" => self.offset_index(path, &name, out),
            "timeindex" => self.time_index(path, &name, out),
            "snapshot" => {
                let problem = small::producers(&self.open(Path::new(path))?, out)?;
                Ok(problem
                    .err()
                    .map_or_else(Report::default, |problem| Report::damage(format!("{problem}\n"))))
            }
            "txnindex" => {
                let problem = small::transactions(&self.open(Path::new(path))?, out)?;
                Ok(problem.err().map_or_else(Report::default, |problem| {
                    Report::damage(format!("{path}: {problem}\n"))
                }))
            }
            _ => Ok(unknown(path)),
        }
    }

    fn segment(&self, path: &str, name: &str, out: &mut impl Write) -> Result<Report, Failure> {
        if name.ends_with(".log") {
            writeln!(out, "Log starting offset: {}", base_offset(path, name)?)?;
        } else if name == "bootstrap.checkpoint" {
            writeln!(out, "KRaft bootstrap snapshot")?;
        } else {
            let (offset, epoch) = snapshot_id(name).ok_or_else(|| {
                Failure::Refused(format!("{path}: a snapshot is called OFFSET-EPOCH.checkpoint"))
            })?;
            writeln!(out, "Snapshot end offset: {offset}, epoch: {epoch}")?;
        }
        let findings = segment::dump(name, &self.open(Path::new(path))?, self.view, out)?;
        let mut report = Report::default();
        if !findings.gaps.is_empty() {
            let _ = writeln!(report.text, "Non-consecutive offsets in {}", absolute(path));
            for (offset, next) in &findings.gaps {
                let _ = writeln!(report.text, "  {offset} is followed by {next}");
            }
        }
        for damage in &findings.damage {
            report.is_damage = true;
            let _ = writeln!(report.text, "{path} is {damage}");
        }
        if findings.more_damage > 0 {
            let _ =
                writeln!(report.text, "{path} has {} more damaged places.", findings.more_damage);
        }
        if findings.is_cut_short {
            report.text.push_str("To print what is readable behind damage, add --skip-damage.\n");
        }
        Ok(report)
    }

    fn offset_index(
        &self,
        path: &str,
        name: &str,
        out: &mut impl Write,
    ) -> Result<Report, Failure> {
        let base_offset = base_offset(path, name)?;
        let log = self.open(&sibling(path, name, ".log"))?;
        let index = Index { source: &self.open(Path::new(path))?, base_offset };
        let found = index::offsets(path, &index, &log, self.check, self.message_bytes_max, out)?;
        let mismatches = match found {
            Err(problem) => return Ok(unsound(path, &problem)),
            Ok(mismatches) if mismatches.is_empty() => return Ok(Report::default()),
            Ok(mismatches) => mismatches,
        };
        let mut text = format!("Mismatches in :{}\n", absolute(path));
        for (offset, in_log) in mismatches {
            let _ = writeln!(text, "  Index offset: {offset}, log offset: {in_log}");
        }
        text.push_str(REBUILD);
        Ok(Report::damage(text))
    }

    fn time_index(&self, path: &str, name: &str, out: &mut impl Write) -> Result<Report, Failure> {
        let base_offset = base_offset(path, name)?;
        let log = self.open(&sibling(path, name, ".log"))?;
        let index = Index { source: &self.open(Path::new(path))?, base_offset };
        let offset_index =
            Index { source: &self.open(&sibling(path, name, ".index"))?, base_offset };
        let findings = match index::times(path, &index, &offset_index, &log, self.check, out)? {
            Err(problem) => return Ok(unsound(path, &problem)),
            Ok(findings) if findings.is_empty() => return Ok(Report::default()),
            Ok(findings) => findings,
        };
        let mut text = String::new();
        let path = absolute(path);
        if !findings.mismatches.is_empty() {
            let _ = writeln!(text, "Found timestamp mismatch in :{path}");
        }
        for (indexed, in_log) in &findings.mismatches {
            let _ = writeln!(text, "  Index timestamp: {indexed}, log timestamp: {in_log}");
        }
        if !findings.disorder.is_empty() {
            let _ = writeln!(text, "Found out of order timestamp in :{path}");
        }
        for (indexed, previous) in &findings.disorder {
            let _ = writeln!(
                text,
                "  Index timestamp: {indexed}, Previously indexed timestamp: {previous}"
            );
        }
        if !findings.missing.is_empty() {
            let _ = writeln!(text, "The following indexed offsets are not found in :{path}");
        }
        for (indexed, found) in &findings.missing {
            let _ = writeln!(text, "Indexed offset: {indexed}, found log offset: {found}");
        }
        text.push_str(REBUILD);
        Ok(Report::damage(text))
    }
}

/// What helps when an index is wrong.
const REBUILD: &str = "The records are not touched by this: remove the index while the node is stopped, and it is rebuilt.\n";

fn unsound(path: &str, problem: &str) -> Report {
    Report::damage(format!("{} is no sound index: {problem}\n{REBUILD}", absolute(path)))
}

fn unknown(path: &str) -> Report {
    Report { text: format!("Ignoring unknown file {path}\n"), is_damage: false }
}

fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string())
}

/// The offset that the name of a file begins with.
fn base_offset(path: &str, name: &str) -> Result<i64, Failure> {
    let digits = name.split('.').next().unwrap_or_default();
    digits.parse().map_err(|_| {
        Failure::Refused(format!("{path}: the name of this file must begin with an offset"))
    })
}

/// The file of the same segment with another ending.
fn sibling(path: &str, name: &str, ending: &str) -> PathBuf {
    let stem = name.split('.').next().unwrap_or_default();
    Path::new(path).with_file_name(format!("{stem}{ending}"))
}

/// Offset and epoch in the name of a snapshot of the metadata log.
fn snapshot_id(name: &str) -> Option<(i64, i32)> {
    let (offset, epoch) = name.strip_suffix(".checkpoint")?.split_once('-')?;
    Some((offset.parse().ok()?, epoch.parse().ok()?))
}

#[cfg(test)]
mod tests;
