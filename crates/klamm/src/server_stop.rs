//! `klamm server-stop`: asks the nodes of this machine to shut down cleanly.
//!
//! As Kafka's script it stops every node that this user runs, unless a FILE (the configuration that
//! the node was started with) picks one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::process::{Pid, Signal, kill_process};

const USAGE: &str = "Usage: klamm server-stop [FILE]\n\n\
    Shuts down the nodes of this machine, or the one that was started with FILE.";

pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let mut file = None;
    for argument in arguments {
        match argument.to_str() {
            Some("--help" | "-h") => {
                println!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            Some(option) if option.starts_with('-') => {
                eprintln!("klamm server-stop does not know {option}\n\n{USAGE}");
                return ExitCode::FAILURE;
            }
            _ => file = Some(PathBuf::from(argument)),
        }
    }
    let nodes = match running_nodes() {
        Ok(nodes) => nodes,
        Err(error) => {
            eprintln!("cannot list the processes of this machine: {error}");
            return ExitCode::FAILURE;
        }
    };
    let chosen: Vec<_> =
        nodes.into_iter().filter(|node| file.as_deref().is_none_or(|f| node.serves(f))).collect();
    if chosen.is_empty() {
        eprintln!("No Klamm node to stop. `klamm` or `klamm server-start FILE` starts one.");
        return ExitCode::FAILURE;
    }
    let mut outcome = ExitCode::SUCCESS;
    for node in chosen {
        match kill_process(node.pid, Signal::TERM) {
            Ok(()) => println!("Asked process {} to stop.", node.pid.as_raw_nonzero()),
            Err(error) => {
                eprintln!("cannot stop process {}: {error}", node.pid.as_raw_nonzero());
                outcome = ExitCode::FAILURE;
            }
        }
    }
    outcome
}

struct RunningNode {
    pid: Pid,
    folder: Option<PathBuf>,
    file: Option<PathBuf>,
}

impl RunningNode {
    /// Whether the node was started with this file, each named from its own working folder.
    fn serves(&self, wanted: &Path) -> bool {
        let (Some(folder), Some(file)) = (&self.folder, &self.file) else { return false };
        match (folder.join(file).canonicalize(), wanted.canonicalize()) {
            (Ok(served), Ok(wanted)) => served == wanted,
            _ => false,
        }
    }
}

/// The nodes among the processes of this machine: they run this program as `klamm`,
/// `klamm server-start` or `kafka-server-start`.
fn running_nodes() -> std::io::Result<Vec<RunningNode>> {
    let own = std::process::id();
    let mut nodes = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(entry) = entry else { continue };
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let Some(pid) = Pid::from_raw(number).filter(|_| number as u32 != own) else { continue };
        // A process that is gone, or another user's, is not ours to stop.
        let Ok(command_line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let arguments: Vec<String> = command_line
            .split(|byte| *byte == 0)
            .map(|argument| String::from_utf8_lossy(argument).into_owned())
            .filter(|argument| !argument.is_empty())
            .collect();
        if let Some(file) = node_file(&arguments) {
            let folder = std::fs::read_link(entry.path().join("cwd")).ok();
            nodes.push(RunningNode { pid, folder, file });
        }
    }
    Ok(nodes)
}

/// The configuration file of a node's command line; `None` if it is no node's, `Some(None)` for a
/// node without a file.
fn node_file(arguments: &[String]) -> Option<Option<PathBuf>> {
    let (program, rest) = arguments.split_first()?;
    let program = crate::command_name(Path::new(program).file_name()?.to_str()?);
    let rest = match (program.as_str(), rest.split_first()) {
        ("klamm", None) => return Some(None),
        ("klamm", Some((first, rest))) if crate::command_name(first) == "server-start" => rest,
        ("server-start", _) => rest,
        _ => return None,
    };
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--override" | "-name" => _ = rest.next(),
            option if option.starts_with('-') => {}
            file => return Some(Some(file.into())),
        }
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_told_from_other_processes_by_their_command_line() {
        let file = |line: &str| {
            let arguments: Vec<_> = line.split(' ').map(str::to_owned).collect();
            node_file(&arguments)
        };
        assert_eq!(file("/opt/klamm"), Some(None));
        assert_eq!(
            file("target/release/klamm server-start a.properties"),
            Some(Some("a.properties".into()))
        );
        assert_eq!(
            file("klamm server-start -daemon a.properties"),
            Some(Some("a.properties".into()))
        );
        assert_eq!(
            file("klamm server-start --override broker.id=7 a.properties"),
            Some(Some("a.properties".into()))
        );
        assert_eq!(file("kafka-server-start.sh a.properties"), Some(Some("a.properties".into())));
        assert_eq!(file("klamm topics --list"), None);
        assert_eq!(file("vim server-start"), None);
    }
}
