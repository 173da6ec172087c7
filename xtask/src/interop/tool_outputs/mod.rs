//! What our tools print, beside what Kafka's print: each row of a table of command lines runs as
//! Kafka's tool and as ours against the same node, one after the other, and standard output and exit
//! codes are compared byte for byte.
//!
//! Our tools are started as `klamm run-class CLASS`, Kafka's in one Java machine, so that a row takes
//! a fraction of a second. Words that differ from run to run (topic ids, times) count as equal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use regex::Regex;

use super::install::Installed;
use super::target::Broker;
use crate::command::root;

mod batch;
mod table;

use batch::Batch;
use table::{Compared, Damage, Row};

/// Classes of Kafka 4.3.1 that are still in its core.
const CORE_CLASSES: &[&str] = &["kafka.admin.ConfigCommand", "kafka.tools.StorageTool"];

/// Words that differ from run to run, and what stands for them.
const MASKS: &[(&str, &str)] = &[
    (r"TopicId: [\w-]{22}", "TopicId: <id>"),
    (r"directory.id=[\w-]{22}", "directory.id=<id>"),
    (r"\b1[0-9]{12}\b *", "<ms>"),
    (r"\b[0-9]+ ms ago *", "<ms ago>"),
    // The metadata log grows while it is looked at.
    (r"HighWatermark: +[0-9]+", "HighWatermark: <offset>"),
    (r"(?m)^([0-9]+ *\t[\w-]{22}\t)[0-9]+ *", "$1<offset>"),
    // Widths follow from the numbers.
    ("LastFetchTimestamp *\tLastCaughtUpTimestamp *", "LastFetchTimestamp\tLastCaughtUpTimestamp"),
];

/// Lines of a difference that are shown.
const SHOWN_LINES_MAX: usize = 12;

/// What a tool did.
#[derive(Debug)]
struct Outcome {
    code: i32,
    output: String,
    errors: String,
}

/// Who runs a row; each has topics and groups of its own.
#[derive(Debug, Clone, Copy)]
enum Who {
    Kafka,
    Klamm,
}

impl Who {
    const fn name(self) -> &'static str {
        match self {
            Self::Kafka => "kfk",
            Self::Klamm => "klm",
        }
    }
}

pub(super) fn run(client: &Installed, broker: &mut Broker) -> Result<String> {
    let scratch = tempfile::tempdir()?;
    let table = table::read(&root().join("tests/interop/tool-outputs"))?;
    let places = [
        ("{node}", broker.bootstrap()),
        ("{dir}", scratch.path().display().to_string()),
        ("{data}", broker.data().display().to_string()),
        ("{empty}", String::new()),
    ];
    let filled = |text: &str, who: Who| {
        let text = text.replace("{who}", who.name());
        places.iter().fold(text, |text, (name, value)| text.replace(name, value))
    };
    for file in &table.files {
        for who in [Who::Kafka, Who::Klamm] {
            std::fs::write(scratch.path().join(filled(&file.name, who)), filled(&file.text, who))?;
        }
    }
    let masks = masks()?;
    let classes = classes();
    let mut batch = Batch::start(client, scratch.path())?;
    let mut counts = BTreeMap::new();
    let mut different = 0;
    for row in &table.rows {
        let class = classes.get(row.tool.as_str());
        let class = class.with_context(|| format!("{}: no class of {}", row.place, row.tool))?;
        for copy in &row.copies {
            damaged(copy, &filled(&copy.source, Who::Klamm), scratch.path())
                .with_context(|| row.place.clone())?;
        }
        let words = |who| row.words.iter().map(|word| filled(word, who)).collect::<Vec<_>>();
        let theirs = batch.run(class, &words(Who::Kafka), &filled(&row.input, Who::Kafka))?;
        let ours = klamm(class, &words(Who::Klamm), &filled(&row.input, Who::Klamm), &scratch)?;
        if let Some(difference) = difference(row, &theirs, &ours, &masks) {
            println!("    {} {} {}\n{difference}", row.place, row.tool, row.words.join(" "));
            different += 1;
        }
        *counts.entry(row.compared as u8).or_insert(0) += 1;
    }
    if different > 0 {
        bail!(
            "{different} of {} command lines have another outcome than in Kafka",
            table.rows.len()
        );
    }
    let count = |compared: Compared| counts.get(&(compared as u8)).copied().unwrap_or(0);
    Ok(format!(
        "{} outputs byte for byte, {} but for an order, {} exit codes",
        count(Compared::Bytes) + count(Compared::Output),
        count(Compared::SortedLines) + count(Compared::SortedWords),
        count(Compared::ExitCode)
    ))
}

/// Makes a damaged copy of a file.
fn damaged(copy: &table::Copy, source: &str, scratch: &Path) -> Result<()> {
    let mut bytes = std::fs::read(source).with_context(|| source.to_owned())?;
    match copy.damage {
        Damage::Cut(length) => bytes.truncate(length),
        Damage::Spoilt(at) => *bytes.get_mut(at).context("the file is shorter")? ^= 0x55,
    }
    let target = scratch.join(&copy.name);
    std::fs::create_dir_all(target.parent().context("no folder")?)?;
    Ok(std::fs::write(target, bytes)?)
}

/// The newest class of each tool; the table of ours has the newest last.
fn classes() -> BTreeMap<&'static str, &'static str> {
    let mut newest = BTreeMap::new();
    for (class, tool) in tools::CLASSES {
        if class.starts_with("org.apache.kafka.tools.") && !newest.contains_key(tool) {
            newest.insert(*tool, *class);
        }
        if CORE_CLASSES.contains(class) {
            newest.insert(*tool, *class);
        }
    }
    newest
}

fn masks() -> Result<Vec<(Regex, &'static str)>> {
    MASKS.iter().map(|(pattern, word)| Ok((Regex::new(pattern)?, *word))).collect()
}

fn klamm(
    class: &str,
    words: &[String],
    input: &str,
    scratch: &tempfile::TempDir,
) -> Result<Outcome> {
    let file = |name: &str| -> PathBuf { scratch.path().join(name) };
    std::fs::write(file("stdin"), input)?;
    let mut command = Command::new(testkit::klamm_binary()?);
    command.arg("run-class").arg(class).args(words).current_dir(Path::new("/"));
    command.stdin(Stdio::from(std::fs::File::open(file("stdin"))?));
    let output = command.output().context("cannot start klamm")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Outcome {
        code: output.status.code().unwrap_or(-1),
        output: text(&output.stdout),
        errors: text(&output.stderr),
    })
}

/// What is different, for people; `None` when nothing is that the row compares.
fn difference(
    row: &Row,
    theirs: &Outcome,
    ours: &Outcome,
    masks: &[(Regex, &'static str)],
) -> Option<String> {
    let plain = |outcome: &Outcome, who: Who| {
        let text = outcome.output.replace(who.name(), "{who}");
        let masked = masks
            .iter()
            .fold(text, |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned());
        let masked = row.masks.iter().fold(masked, |text, (pattern, word)| {
            pattern.replace_all(&text, word.as_str()).into_owned()
        });
        let mut pieces: Vec<&str> = match row.compared {
            Compared::Bytes | Compared::Output | Compared::ExitCode => return masked,
            Compared::SortedLines => masked.split_inclusive('\n').collect(),
            Compared::SortedWords => {
                masked.split(|letter: char| " \n,[]{}".contains(letter)).collect()
            }
        };
        pieces.sort_unstable();
        pieces.join("\n")
    };
    let (kafka, klamm) = (plain(theirs, Who::Kafka), plain(ours, Who::Klamm));
    let same_output = row.compared == Compared::ExitCode || kafka == klamm;
    let same_code = row.compared == Compared::Output || theirs.code == ours.code;
    if same_code && same_output {
        return None;
    }
    let mut text = String::new();
    for (name, outcome, output) in [("Kafka", theirs, &kafka), ("Klamm", ours, &klamm)] {
        text.push_str(&format!("    | {name} ends with {} and prints\n", outcome.code));
        for line in output.split_inclusive('\n').take(SHOWN_LINES_MAX) {
            text.push_str(&format!("    |   {line:?}\n"));
        }
        for line in outcome.errors.lines().take(2) {
            text.push_str(&format!("    |   to standard error: {line}\n"));
        }
    }
    Some(text)
}
