//! `klamm export --kraft`: what Klamm served, served by an Apache Kafka on the folder that was written.
//!
//! Once from a node that was Klamm's from its first day, and once from one that had taken over the
//! folders of a Kafka, with its transactions and groups. Nothing is created by hand in the Kafka that
//! is started at the end, and it must serve the same, line by line, and take more.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{ApacheKafka, KlammNode, KlammNodeOptions, klamm_binary};

use super::install::Installed;
use crate::command::{command, transcript};

/// Each program starts a Java machine; this is for a machine under load.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(300);
/// Lines of a difference that are shown.
const LINES_SHOWN_MAX: usize = 5;

pub(super) fn run(client: &Installed) -> Result<String> {
    let mut lines = born_in_klamm(client).context("a node of Klamm's from the first day")?;
    lines += taken_over(client).context("a node that took over the folders of a Kafka")?;
    Ok(format!("two nodes exported, {lines} lines compared"))
}

/// Fewer partitions than by default, which every start would have to open.
fn properties(folders: &str) -> Vec<(String, String)> {
    let few = ["offsets.topic.num.partitions", "transaction.state.log.num.partitions"];
    let few = few.map(|key| (key.to_owned(), "5".to_owned()));
    let folders = (!folders.is_empty()).then(|| ("log.dirs".to_owned(), folders.to_owned()));
    few.into_iter().chain(folders).collect()
}

/// The node has two data folders, which become one of Kafka's.
fn born_in_klamm(client: &Installed) -> Result<usize> {
    let folder = tempfile::tempdir()?;
    let data = ["first", "second"].map(|name| folder.path().join(name).display().to_string());
    let options = KlammNodeOptions {
        folder: Some(folder.path().to_owned()),
        properties: properties(&data.join(",")),
        ..KlammNodeOptions::default()
    };
    let klamm = KlammNode::start_with(options)?;
    program(client, "fill-without-transactions", &klamm.bootstrap(), "classic")?;
    export_and_compare(client, klamm)
}

fn taken_over(client: &Installed) -> Result<usize> {
    let mut kafka = ApacheKafka::prepare(&client.class_path(), &properties(""))?;
    kafka.start_again()?;
    program(client, "fill", &kafka.bootstrap(), "consumer")?;
    kafka.stop()?;
    let folder = kafka.folder().join("klamm");
    std::fs::create_dir_all(&folder)?;
    std::os::unix::fs::symlink(kafka.folder().join("data"), folder.join("data"))?;
    let options = KlammNodeOptions { folder: Some(folder), ..KlammNodeOptions::default() };
    let klamm = KlammNode::start_with(options)?;
    program(client, "append", &klamm.bootstrap(), "")?;
    export_and_compare(client, klamm)
}

/// Gives how many lines were compared.
fn export_and_compare(client: &Installed, mut klamm: KlammNode) -> Result<usize> {
    let mut kafka = ApacheKafka::prepare_unformatted(&client.class_path(), &[])?;
    let target = kafka.folder().join("data");
    let served_by_klamm = dump(client, &klamm.bootstrap(), &klamm.folder().join("klamm.dump"))?;
    match export(&klamm, &target) {
        Err(refused) if refused.to_string().contains("stop the node") && !target.exists() => {}
        outcome => bail!("a running node was exported: {outcome:?}"),
    }
    let status = klamm.stop()?;
    if !status.success() {
        bail!("the node ended with {status}");
    }
    let printed = export(&klamm, &target)?;
    let Some((_, advice)) = printed.split_once("Done.") else {
        bail!("it was not exported:\n{printed}");
    };
    // Whoever follows the advice has these lines, and defaults.
    let lines: Vec<_> = advice.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    kafka.configure(&lines.join("\n"))?;
    kafka.start_again().with_context(|| format!("Kafka does not start on it:\n{printed}"))?;
    let served_by_kafka = dump(client, &kafka.bootstrap(), &kafka.folder().join("kafka.dump"))?;
    compare(&served_by_klamm, &served_by_kafka)?;
    program(client, "append", &kafka.bootstrap(), "")?;
    kafka.stop()?;
    // The node's own folders stay as they are.
    klamm.start_again()?;
    let served_again = dump(client, &klamm.bootstrap(), &klamm.folder().join("again.dump"))?;
    compare(&served_by_klamm, &served_again)?;
    klamm.stop()?;
    Ok(served_by_klamm.len())
}

fn export(klamm: &KlammNode, target: &Path) -> Result<String> {
    let mut export = command(klamm_binary()?);
    export.current_dir(klamm.folder()).arg("export").arg("--kraft").arg(target);
    export.arg("--config").arg(klamm.folder().join("server.properties"));
    transcript(export, "", PROGRAM_TIME_MAX)
}

fn program(client: &Installed, what: &str, bootstrap: &str, argument: &str) -> Result<()> {
    let mut java = client.java("KafkaFolder");
    java.arg(what).arg(bootstrap).arg(argument);
    let printed = transcript(java, "", PROGRAM_TIME_MAX)?;
    if !printed.lines().any(|line| line == "done") {
        bail!("{what} was not done:\n{printed}");
    }
    Ok(())
}

/// What a broker serves, line by line.
fn dump(client: &Installed, bootstrap: &str, file: &Path) -> Result<BTreeSet<String>> {
    program(client, "dump", bootstrap, &file.display().to_string())?;
    Ok(std::fs::read_to_string(file)?.lines().map(str::to_owned).collect())
}

fn compare(expected: &BTreeSet<String>, found: &BTreeSet<String>) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let some = |lines: Vec<&String>| {
        let shown: Vec<_> = lines.iter().take(LINES_SHOWN_MAX).map(|line| line.as_str()).collect();
        format!("{} lines:\n    {}", lines.len(), shown.join("\n    "))
    };
    bail!(
        "missing are {}\n  surplus are {}",
        some(expected.difference(found).collect()),
        some(found.difference(expected).collect())
    )
}
