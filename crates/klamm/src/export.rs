//! `klamm export --kraft DIR [--config FILE]`: the way back to Apache Kafka.
//!
//! The node must be stopped. Its folders stay as they are; DIR becomes the log folder of a Kafka 4.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use adoption::{Export, Progress};
use anyhow::{Context, Result, anyhow, bail};
use config::NodeConfig;
use model::{BrokerId, Timestamp, Uuid};

use crate::{folders, machine, server_start};

const USAGE: &str = "Usage: klamm export --kraft DIR [--config FILE] [--override KEY=VALUE]...\n\n\
    Writes everything that a stopped node holds into a new folder DIR, as Apache Kafka 4 keeps it:\n\
    topics with their ids and configurations, records, groups' offsets, and the metadata log\n\
    (__cluster_metadata-0) with which Kafka starts. The node's own folders stay as they are.\n\n\
    \x20 --kraft DIR              the folder to write: new or empty, not within log.dirs\n\
    \x20 --config FILE            the node's server.properties; without it, the data in ./klamm-data\n\
    \x20 --override KEY=VALUE     set a configuration, over what the file says\n\
    \x20 --help\n";
/// How often the progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let wanted = match Wanted::parse(&arguments) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    let config = match &wanted.config {
        None => Ok(NodeConfig::default_loopback()),
        Some(file) => server_start::load(file, &wanted.overrides).map(|(config, _)| config),
    };
    let outcome =
        config.map_err(|text| anyhow!(text)).and_then(|config| export(&config, &wanted.target));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", server_start::in_full(&error));
            ExitCode::FAILURE
        }
    }
}

/// What a command line asks for.
#[derive(Debug)]
struct Wanted {
    target: PathBuf,
    config: Option<PathBuf>,
    overrides: Vec<(String, String)>,
}

impl Wanted {
    /// Reads the command line; `None` when the help was asked for.
    fn parse(arguments: &[OsString]) -> Result<Option<Self>, String> {
        let (mut target, mut config, mut overrides) = (None, None, Vec::new());
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_str().unwrap_or_default();
            let (name, attached) = match text.split_once('=') {
                Some((name, value)) => (name, Some(OsString::from(value))),
                None => (text, None),
            };
            if matches!(name, "--help" | "-h") {
                return Ok(None);
            }
            if !matches!(name, "--kraft" | "--config" | "--override") {
                return Err(format!("klamm export does not know {}", argument.to_string_lossy()));
            }
            let value = attached.or_else(|| rest.next().cloned());
            let value = value.ok_or_else(|| format!("{name} needs a value"))?;
            match name {
                "--kraft" => target = Some(PathBuf::from(value)),
                "--config" => config = Some(PathBuf::from(value)),
                _ => {
                    let pair = value.to_str().and_then(server_start::split_pair);
                    overrides.push(pair.ok_or("--override takes KEY=VALUE")?);
                }
            }
        }
        if config.is_none() && !overrides.is_empty() {
            return Err("--override goes with --config FILE".to_owned());
        }
        let target = target.ok_or("klamm export needs --kraft DIR, the folder to write")?;
        Ok(Some(Self { target, config, overrides }))
    }
}

fn export(config: &NodeConfig, target: &Path) -> Result<()> {
    let target = std::path::absolute(target).context("the folder to write")?;
    for folder in &config.log_dirs {
        if target.starts_with(std::path::absolute(folder)?) {
            bail!(
                "{} lies within {}, which is one of log.dirs: name a folder outside of them",
                target.display(),
                folder.display()
            );
        }
    }
    let stopped = folders::open_stopped(config, machine::boot_id().as_deref())?;
    let image = quorum::read_image(stopped.file_system(), &stopped.metadata)?;
    if image.cluster_id().is_none_or(|found| **found != *stopped.cluster_id) {
        bail!(
            "the metadata in {} is not of cluster {}, to which the folders belong: restore the folder \
             that belongs here",
            stopped.metadata.display(),
            stopped.cluster_id
        );
    }
    let plan = Export::plan(&stopped.data(), &image, stopped.node_id, &stopped.cluster_id)?;
    plan.check_target(&target)?;
    println!(
        "{} topics with {} partitions, {} bytes, are written into {}",
        image.topic_count(),
        image.partition_count(),
        plan.bytes(),
        target.display()
    );
    let now = jiff::Timestamp::now().as_millisecond();
    let written = jiff::Zoned::now().strftime("%a %b %d %H:%M:%S %Z %Y").to_string();
    let directory_id = Uuid::from_random(rand::random());
    let mut told = Instant::now();
    let mut tell = |progress: Progress<'_>| {
        if told.elapsed() >= PROGRESS_INTERVAL || progress.done == progress.partitions {
            told = Instant::now();
            println!(
                "{} of {} partitions, {} of {} bytes",
                progress.done, progress.partitions, progress.bytes_done, progress.bytes
            );
            // Whoever watches the progress is served line by line; nobody may be there.
            let _ = std::io::stdout().flush();
        }
    };
    plan.write(&target, directory_id, Timestamp::new(now), &written, &mut tell)?;
    for note in plan.notes() {
        println!("  - {note}");
    }
    print!("{}", advice(&target, stopped.node_id));
    Ok(())
}

/// What Kafka's own file must say. Its internal topics would have three replicas by default.
fn advice(target: &Path, node: BrokerId) -> String {
    format!(
        "Done. Start Apache Kafka 4 with these lines in its server.properties, and without\n\
         kafka-storage.sh format; listeners, ports and limits as you had them:\n\n\
         \x20 process.roles=broker,controller\n\
         \x20 node.id={node}\n\
         \x20 log.dirs={}\n\
         \x20 controller.listener.names=CONTROLLER\n\
         \x20 controller.quorum.voters={node}@localhost:9093\n\
         \x20 listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
         \x20 offsets.topic.replication.factor=1\n\
         \x20 transaction.state.log.replication.factor=1\n\
         \x20 transaction.state.log.min.isr=1\n\
         \x20 share.coordinator.state.topic.replication.factor=1\n\
         \x20 share.coordinator.state.topic.min.isr=1\n",
        target.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Wanted>, String> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Wanted::parse(&arguments)
    }

    #[test]
    fn both_forms_of_an_option_are_read() {
        for line in ["--kraft out --config a.properties", "--config=a.properties --kraft=out"] {
            let wanted = parse(line).unwrap().unwrap();
            assert_eq!(wanted.target, Path::new("out"));
            assert_eq!(wanted.config.as_deref(), Some(Path::new("a.properties")));
        }
        assert!(parse("--kraft out --help").unwrap().is_none());
    }

    #[test]
    fn mistakes_on_the_command_line_are_named() {
        assert!(parse("").unwrap_err().contains("--kraft DIR"));
        assert!(parse("--kraft").unwrap_err().contains("--kraft needs a value"));
        assert!(parse("--zookeeper x").unwrap_err().contains("--zookeeper"));
        assert!(parse("--kraft x --override a=b").unwrap_err().contains("--config"));
        assert!(parse("--kraft x --config y --override a").unwrap_err().contains("KEY=VALUE"));
    }
}
