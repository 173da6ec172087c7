//! `klamm` and `klamm server-start [-daemon] FILE [--override KEY=VALUE]...`: runs a node until it
//! is told to stop.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use config::NodeConfig;
use tracing::{info, warn};

use crate::logging::Console;
use crate::node::{Node, StopSignals};
use crate::{advice, daemon, logging};

const USAGE: &str = "Usage: klamm server-start [-daemon] FILE [--override KEY=VALUE]...\n\n\
    Runs a node from a server.properties; names of the ZooKeeper era and of KRaft both work.\n\
    `klamm` alone runs a node without a file: localhost:9092, data in ./klamm-data.\n\n\
    \x20 -daemon                  run in the background; the output goes to kafkaServer.out and\n\
    \x20                          the log to server.log in LOG_DIR, else in logs/\n\
    \x20 --override KEY=VALUE     set a configuration, over what the file says\n\
    \x20 --zookeeper-data DIR     for folders of a Kafka of the ZooKeeper era, at the first start: read\n\
    \x20                          topics, configurations and ids from the data of its ZooKeeper, which\n\
    \x20                          is stopped; once more for dataLogDir, where there is one\n\
    \x20 --help, --version\n";

/// `klamm` without a file: everything at its default, loopback only.
pub(crate) fn without_file() -> ExitCode {
    run_node(NodeConfig::default_loopback(), Vec::new(), Vec::new(), Console::Warnings)
}

pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let wanted = match Wanted::parse(&arguments) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    if wanted.daemon {
        let rest: Vec<_> = arguments.into_iter().filter(|argument| !is_daemon(argument)).collect();
        return daemon::start(&rest);
    }
    daemon::leave_terminal();
    match load(&wanted.file, &wanted.overrides) {
        Ok((node, warnings)) => {
            let console = if daemon::is_daemon() { Console::Nothing } else { Console::All };
            run_node(node, wanted.zookeeper, warnings, console)
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What a command line asks for.
struct Wanted {
    daemon: bool,
    file: PathBuf,
    overrides: Vec<(String, String)>,
    zookeeper: Vec<PathBuf>,
}

fn is_daemon(argument: &OsString) -> bool {
    argument == "-daemon" || argument == "--daemon"
}

impl Wanted {
    /// Reads the command line; `None` when all that was asked for has been printed.
    fn parse(arguments: &[OsString]) -> Result<Option<Self>, String> {
        let (mut daemon, mut file, mut overrides) = (false, None, Vec::new());
        let mut zookeeper = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.to_str() {
                _ if is_daemon(argument) => daemon = true,
                Some("--help" | "-h") => {
                    print!("{USAGE}");
                    return Ok(None);
                }
                Some("--version") => {
                    crate::help::print_version();
                    return Ok(None);
                }
                // Options of Kafka's script for its virtual machine.
                Some("-loggc") => {}
                Some("-name") => _ = rest.next(),
                Some("--override") => {
                    let pair = rest.next().and_then(|pair| pair.to_str());
                    overrides.push(pair.and_then(split_pair).ok_or("--override takes KEY=VALUE")?);
                }
                Some(option) if option.starts_with("--override=") => {
                    let pair = option.split_once('=').and_then(|(_, pair)| split_pair(pair));
                    overrides.push(pair.ok_or("--override takes KEY=VALUE")?);
                }
                Some("--zookeeper-data") => {
                    let folder = rest.next().ok_or("--zookeeper-data takes a folder")?;
                    zookeeper.push(PathBuf::from(folder));
                }
                Some(option) if option.starts_with("--zookeeper-data=") => {
                    zookeeper
                        .extend(option.split_once('=').map(|(_, folder)| PathBuf::from(folder)));
                }
                Some(option) if option.starts_with('-') => {
                    return Err(format!("klamm server-start does not know {option}"));
                }
                _ if file.is_some() => {
                    let extra = argument.to_string_lossy();
                    return Err(format!("one FILE is enough; what is `{extra}`?"));
                }
                _ => file = Some(PathBuf::from(argument)),
            }
        }
        let file = file.ok_or("klamm server-start needs a FILE; `klamm` alone runs without one")?;
        Ok(Some(Self { daemon, file, overrides, zookeeper }))
    }
}

pub(crate) fn split_pair(pair: &str) -> Option<(String, String)> {
    let (key, value) = pair.split_once('=')?;
    (!key.trim().is_empty()).then(|| (key.trim().to_owned(), value.to_owned()))
}

/// Reads a configuration, or says all that is wrong with it.
pub(crate) fn load(
    file: &Path,
    overrides: &[(String, String)],
) -> Result<(NodeConfig, Vec<config::Warning>), String> {
    let name = file.display().to_string();
    let text = std::fs::read(file).map_err(|error| {
        format!("cannot read the configuration {name}: {error}; `klamm` alone runs without a file")
    })?;
    config::load(&name, text, overrides).map_err(|refused| {
        let count = refused.mistakes.len();
        let noun = if count == 1 { "mistake" } else { "mistakes" };
        let mut text = format!("The node does not start: {count} {noun} in its configuration.");
        for mistake in &refused.mistakes {
            text.push_str(&format!("\n  {mistake}"));
        }
        if !refused.warnings.is_empty() {
            text.push_str("\nBesides, which would not keep it from starting:");
        }
        for warning in &refused.warnings {
            text.push_str(&format!("\n  {warning}"));
        }
        text
    })
}

fn run_node(
    config: NodeConfig,
    zookeeper: Vec<PathBuf>,
    warnings: Vec<config::Warning>,
    console: Console,
) -> ExitCode {
    match logging::start(console) {
        Ok(Some(path)) => info!(file = %path.display(), "logging"),
        Ok(None) => {}
        Err(error) => {
            eprintln!("cannot write server.log: {error}");
            return ExitCode::FAILURE;
        }
    }
    for warning in warnings {
        warn!("{warning}");
    }
    for advice in advice::on_addresses(&config, advice::in_container()) {
        warn!("{advice}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start the threads of the node: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        let mut signals = StopSignals::listen()?;
        let node = tokio::select! {
            node = Node::start(config, zookeeper) => match node {
                Ok(node) => node,
                Err(error) => {
                    eprintln!("The node does not start: {}", in_full(&error));
                    return Ok(ExitCode::FAILURE);
                }
            },
            () = signals.next() => {
                info!("stopped before it was ready");
                return Ok(ExitCode::SUCCESS);
            }
        };
        node.greet(console);
        node.run_until_stopped(signals).await?;
        anyhow::Ok(ExitCode::SUCCESS)
    });
    // A recovery that was broken off goes on next time; nobody waits for its thread.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("The node cannot go on: {}", in_full(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, but for those that its text names already.
pub(crate) fn in_full(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Wanted>, String> {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Wanted::parse(&arguments)
    }

    #[test]
    fn daemon_may_stand_on_either_side_of_the_file() {
        for line in ["-daemon a.properties", "a.properties -daemon"] {
            let wanted = parse(line).unwrap().unwrap();
            assert!(wanted.daemon, "{line}");
            assert_eq!(wanted.file, PathBuf::from("a.properties"));
        }
    }

    #[test]
    fn overrides_keep_what_follows_the_first_equals_sign() {
        let wanted = parse("a --override x=y=z --override=k=v").unwrap().unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(wanted.overrides, [pair("x", "y=z"), pair("k", "v")]);
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("disk on fire").context("cannot write a: disk on fire");
        assert_eq!(in_full(&error), "cannot write a: disk on fire");
        let error = anyhow::anyhow!("disk on fire").context("the metadata");
        assert_eq!(in_full(&error), "the metadata: disk on fire");
    }

    #[test]
    fn mistakes_on_the_command_line_are_named() {
        assert!(parse("-daemon").err().unwrap().contains("needs a FILE"));
        assert!(parse("a b").err().unwrap().contains("`b`"));
        assert!(parse("--nope a").err().unwrap().contains("--nope"));
        assert!(parse("a --override").err().unwrap().contains("KEY=VALUE"));
    }
}
