//! `klamm --help`: the commands by purpose.

use std::process::ExitCode;

use tools::{Group, TOOLS};

pub(crate) fn print() -> ExitCode {
    println!("Klamm {}: Kafka for its users, in one small binary.\n", env!("CARGO_PKG_VERSION"));
    println!(
        "Usage: klamm                          a node on localhost:9092, data in ./klamm-data"
    );
    println!("       klamm COMMAND [OPTION]...      `klamm COMMAND --help` says more\n");
    println!("Run a node:");
    line("server-start", "[-daemon] FILE [--override KEY=VALUE]...  from a server.properties");
    line("server-stop", "shut down the nodes of this machine");
    line("run-class", "a tool by the name of its Java class, for scripts that have it");
    for group in [Group::Records, Group::Administration, Group::Measuring] {
        println!("\n{}:", group.title());
        for tool in TOOLS.iter().filter(|tool| tool.group == group) {
            line(tool.name, tool.summary);
        }
    }
    println!("\nEach goes by its Kafka name too: kafka-topics.sh means `klamm topics`.");
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
