//! `klamm --help`: the commands by purpose.

use std::process::ExitCode;

use tools::{CLASSES, Group, OwnCommand, TOOLS};

/// The commands beside the tools.
pub(crate) const COMMANDS: &[OwnCommand] = &[
    OwnCommand {
        name: "server-start",
        summary: "[-daemon] FILE [--override KEY=VALUE]...  from a server.properties",
        is_script: true,
        words: &[
            ("-daemon", "Run in the background."),
            ("--override", "Set a configuration, over what the file says."),
            ("--zookeeper-data", "ZooKeeper's data, for the folders of a Kafka of its era."),
            ("--help", "Print the help and exit."),
            ("--version", "Print the version and exit."),
        ],
    },
    OwnCommand {
        name: "server-stop",
        summary: "shut down the nodes of this machine",
        is_script: true,
        words: &[("--help", "Print the help and exit.")],
    },
    OwnCommand {
        name: "export",
        summary: "--kraft DIR  everything that a stopped node holds, as a folder for Apache Kafka 4",
        is_script: false,
        words: &[
            ("--kraft", "The folder to write: new or empty."),
            ("--config", "The node's server.properties."),
            ("--override", "Set a configuration, over what the file says."),
            ("--help", "Print the help and exit."),
        ],
    },
    OwnCommand {
        name: "run-class",
        summary: "a tool by the name of its Java class, for scripts that have it",
        is_script: true,
        words: CLASSES,
    },
    OwnCommand {
        name: "completion",
        summary: "bash|zsh|fish: what the shell needs to complete commands and flags",
        is_script: false,
        words: &[("bash", "For bash."), ("zsh", "For zsh."), ("fish", "For fish.")],
    },
];

pub(crate) fn print() -> ExitCode {
    println!("Klamm {}: Kafka for its users, in one small binary.\n", env!("CARGO_PKG_VERSION"));
    println!(
        "Usage: klamm                          a node on localhost:9092, data in ./klamm-data"
    );
    println!("       klamm COMMAND [OPTION]...      `klamm COMMAND --help` says more\n");
    println!("Run a node:");
    for command in COMMANDS {
        line(command.name, command.summary);
    }
    for group in [Group::Records, Group::People, Group::Administration, Group::Measuring] {
        println!("\n{}:", group.title());
        for tool in TOOLS.iter().filter(|tool| tool.group == group) {
            line(tool.name, tool.summary);
        }
    }
    println!("\nWhat Kafka has too goes by its Kafka name: kafka-topics.sh means `klamm topics`.");
    ExitCode::SUCCESS
}

fn line(name: &str, summary: &str) {
    println!("  {name:<24}{summary}");
}

pub(crate) fn print_version() -> ExitCode {
    println!("klamm {}", env!("CARGO_PKG_VERSION"));
    ExitCode::SUCCESS
}

pub(crate) fn unknown_command(name: &str) -> ExitCode {
    eprintln!("klamm does not know the command `{name}`; `klamm --help` lists them all");
    ExitCode::FAILURE
}
