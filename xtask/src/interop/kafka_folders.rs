//! Folders of Apache Kafka, opened by Klamm, and by Apache Kafka again.
//!
//! A real Kafka is filled with all that a folder can hold, what it serves is written down, and it is
//! stopped or killed. Klamm must serve the same from its folder, line by line; what Klamm appends
//! must be sound for Kafka's own `DumpLogSegments`, and be served by a Kafka that is started again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{ApacheKafka, KlammNode, KlammNodeOptions};

use super::install::Installed;
use crate::command::transcript;

/// Each program starts a Java machine; this is for a machine under load.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(300);
/// Lines of a difference that are shown.
const LINES_SHOWN_MAX: usize = 10;
/// The folder of Klamm's own metadata, which Kafka takes for a partition of a strange name.
const OWN_METADATA: &str = "klamm-metadata";

/// Whose segments Kafka's own tool looks at, where the source has them.
const CHECKED: [&str; 5] = ["plain-0", "codecs-0", "transactions-", "empty-0", "old-"];

/// The file with the id of a partition's topic.
const TOPIC_ID: &str = "partition.metadata";

/// Which Kafka wrote the folder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Kafka 4, metadata in KRaft, groups of the new protocol.
    KRaft4,
    /// Kafka 3.9, metadata in KRaft.
    KRaft,
    /// Metadata in ZooKeeper, of which Klamm sees nothing.
    ZooKeeper,
    /// Metadata in ZooKeeper, whose data Klamm reads as well.
    ZooKeeperData,
}

struct Trial<'a> {
    client: &'a Installed,
    source: Source,
    kafka: ApacheKafka,
    /// Whether the folders tell the ids of their topics.
    has_ids: bool,
}

pub(super) fn run(client: &Installed, source: Source) -> Result<String> {
    let mut lines = 0;
    for is_killed in [false, true] {
        let how = if is_killed { "killed" } else { "stopped" };
        lines += trial(client, source, is_killed).with_context(|| format!("Kafka was {how}"))?;
    }
    Ok(format!("stopped and killed, {lines} lines compared"))
}

/// One round; gives how many lines were compared.
fn trial(client: &Installed, source: Source, is_killed: bool) -> Result<usize> {
    let class_path = client.class_path();
    // Fewer partitions than by default, which every start would have to open.
    let mut properties = vec![
        ("offsets.topic.num.partitions".to_owned(), "5".to_owned()),
        ("transaction.state.log.num.partitions".to_owned(), "5".to_owned()),
    ];
    let mut kafka = match source {
        Source::ZooKeeper | Source::ZooKeeperData => {
            // What is to be compacted is left to Klamm.
            properties.push(("log.cleaner.enable".to_owned(), "false".to_owned()));
            ApacheKafka::prepare_with_zookeeper(&class_path, &properties)?
        }
        Source::KRaft | Source::KRaft4 => ApacheKafka::prepare(&class_path, &properties)?,
    };
    kafka.start_again()?;
    let mut trial = Trial { client, source, kafka, has_ids: true };
    let protocol = if source == Source::KRaft4 { "consumer" } else { "classic" };
    let bootstrap = trial.kafka.bootstrap();
    trial.program("fill", &bootstrap, protocol)?;
    let served_by_kafka = trial.dump(&bootstrap, "kafka")?;
    if is_killed {
        trial.kafka.kill()?;
    } else {
        trial.kafka.stop()?;
    }

    trial.has_ids = trial.data().join("plain-0").join(TOPIC_ID).exists();

    let mut klamm = trial.klamm()?;
    let served_by_klamm = trial.dump(&klamm.bootstrap(), "klamm")?;
    let mut compared = trial.compare(&served_by_kafka, &served_by_klamm)?;
    trial.program("append", &klamm.bootstrap(), "")?;
    let after_append = trial.dump(&klamm.bootstrap(), "klamm-appended")?;
    if is_killed {
        klamm.kill()?;
        klamm.start_again()?;
        let again = trial.dump(&klamm.bootstrap(), "klamm-again")?;
        compared += trial.compare(&after_append, &again)?;
    }
    let status = klamm.stop()?;
    if !status.success() {
        bail!("the node ended with {status}");
    }
    trial.check_segments()?;

    std::fs::rename(trial.data().join(OWN_METADATA), trial.kafka.folder().join(OWN_METADATA))?;
    if !trial.has_ids {
        trial.remove_ids()?;
    }
    trial.kafka.start_again().context("Kafka does not start on the folder any more")?;
    let bootstrap = trial.kafka.bootstrap();
    let served_again = trial.dump(&bootstrap, "kafka-again")?;
    compared += trial.compare(&after_append, &served_again)?;
    trial.kafka.stop()?;
    Ok(compared)
}

impl Trial<'_> {
    fn data(&self) -> PathBuf {
        self.kafka.folder().join("data")
    }

    /// Klamm on Kafka's folder.
    fn klamm(&self) -> Result<KlammNode> {
        let folder = self.kafka.folder().join("klamm");
        std::fs::create_dir_all(&folder)?;
        std::os::unix::fs::symlink(self.data(), folder.join("data"))?;
        let zookeeper = self.kafka.folder().join("zookeeper").display().to_string();
        let arguments = match self.source {
            Source::ZooKeeperData => vec!["--zookeeper-data".to_owned(), zookeeper],
            _ => Vec::new(),
        };
        // The program waits for the cleaner.
        let properties = vec![("log.cleaner.backoff.ms".to_owned(), "200".to_owned())];
        let options = KlammNodeOptions {
            folder: Some(folder),
            arguments,
            properties,
            ..KlammNodeOptions::default()
        };
        KlammNode::start_with(options)
    }

    fn program(&self, what: &str, bootstrap: &str, argument: &str) -> Result<()> {
        let mut java = self.client.java("KafkaFolder");
        java.arg(what).arg(bootstrap).arg(argument);
        let printed = transcript(java, "", PROGRAM_TIME_MAX)?;
        if !printed.lines().any(|line| line == "done") {
            bail!("{what} was not done:\n{printed}");
        }
        Ok(())
    }

    /// What a broker serves, line by line.
    fn dump(&self, bootstrap: &str, name: &str) -> Result<BTreeSet<String>> {
        let file = self.kafka.folder().join(format!("{name}.dump"));
        self.program("dump", bootstrap, &file.display().to_string())?;
        Ok(std::fs::read_to_string(file)?.lines().map(str::to_owned).collect())
    }

    /// The ids that Klamm gave to topics are not those that ZooKeeper has.
    fn remove_ids(&self) -> Result<()> {
        for entry in std::fs::read_dir(self.data())? {
            let path = entry?.path().join(TOPIC_ID);
            if path.exists() {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Line by line; of the ZooKeeper era configurations are not in the folder, and ids not always.
    fn compare(&self, expected: &BTreeSet<String>, found: &BTreeSet<String>) -> Result<usize> {
        let matters = |line: &&String| {
            !(self.source == Source::ZooKeeper && line.starts_with("config ")
                || !self.has_ids && line.starts_with("id "))
        };
        let missing: Vec<_> = expected.difference(found).filter(matters).collect();
        let surplus: Vec<_> = found.difference(expected).filter(matters).collect();
        if missing.is_empty() && surplus.is_empty() {
            return Ok(expected.len());
        }
        let some = |lines: &[&String]| {
            let lines: Vec<_> = lines.iter().take(LINES_SHOWN_MAX).map(|it| it.as_str()).collect();
            lines.join("\n    ")
        };
        bail!(
            "{} lines are missing:\n    {}\n  {} lines are surplus:\n    {}",
            missing.len(),
            some(&missing),
            surplus.len(),
            some(&surplus)
        )
    }

    /// Every segment is sound for Kafka's own tool.
    fn check_segments(&self) -> Result<()> {
        let class = match self.source {
            Source::KRaft4 => "org.apache.kafka.tools.DumpLogSegments",
            Source::KRaft | Source::ZooKeeper | Source::ZooKeeperData => {
                "kafka.tools.DumpLogSegments"
            }
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(self.data())? {
            let folder = entry?.path();
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if CHECKED.iter().any(|topic| name.starts_with(topic)) {
                segments(&folder, &mut files)?;
            }
        }
        let mut java = self.client.java(class);
        java.arg("--deep-iteration").arg("--files").arg(files.join(","));
        let printed = transcript(java, "", PROGRAM_TIME_MAX)?;
        let words =
            ["isvalid: false", "Exception", "mismatch", "Mismatch", "Index Non-consecutive"];
        match printed.lines().find(|line| words.iter().any(|word| line.contains(word))) {
            Some(line) => bail!("DumpLogSegments: {line}"),
            None => Ok(()),
        }
    }
}

fn segments(folder: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending
            .is_some_and(|ending| ["log", "timeindex", "txnindex", "snapshot"].contains(&ending))
        {
            files.push(path.display().to_string());
        }
    }
    Ok(())
}
