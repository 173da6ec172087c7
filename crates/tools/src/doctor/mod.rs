//! `klamm doctor [FILE]`: what is wrong with a configuration, with the machine it is for and with the
//! node that runs there, and what mends it. It changes nothing.
//!
//! Gathering and judging are apart: [`facts`] is what is known, `gather` and `node` look, [`judge`]
//! knows what it means, and can be tried without a broken machine.

use config::NodeConfig;

use crate::connect;
use crate::failure::Failure;
use crate::finding;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

mod facts;
mod gather;
mod judge;
mod node;

use facts::Facts;

/// The command line of `klamm doctor`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "klamm doctor",
    about: "Looks for what is wrong with a configuration, its machine and the running node, and says what \
            mends it. Exits with 0 if nothing is, with 1 if something is, with 2 if it cannot look.",
    flags: &[
        Flag::words(
            "[FILE]",
            "The server.properties; without it what `klamm` alone runs with, or no configuration if \
             --bootstrap-server is given.",
        ),
        Flag::value(
            "bootstrap-server",
            "HOST:PORT",
            "A node that is to run; otherwise the first listener of the configuration, if a node is there.",
        )
        .or(&["bootstrap-servers", "broker-list"]),
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("list", "List everything that it looks for."),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let found = examine(options).map_err(told)?;
    if found { Err(Failure::Told) } else { Ok(()) }
}

/// What a failure to look means: 1 says that something was found.
fn told(failure: Failure) -> Failure {
    match failure {
        failure @ (Failure::Told | Failure::Usage(_)) => failure,
        failure if failure.is_broken_pipe() => failure,
        other => Failure::CannotRun(other.to_string()),
    }
}

/// Whether something was found.
fn examine(options: &Options) -> Result<bool, Failure> {
    if options.has("list") {
        print(&finding::list(judge::ALL))?;
        return Ok(false);
    }
    let begun = gather::Moment::now();
    let mut facts = Facts { expects_node: options.has("bootstrap-server"), ..Facts::default() };
    let file = match options.ignored() {
        [] => None,
        _ => Some(options.only_word("FILE")?),
    };
    let node = if file.is_some() || !facts.expects_node {
        gather::configuration(file, &mut facts)?
    } else {
        None
    };
    if let Some(node) = &node {
        gather::machine(node, &mut facts);
    }
    let mut properties = connect::file(options, "command-config")?;
    let servers = options.value("bootstrap-server")?.map(str::to_owned);
    facts.servers = servers.or_else(|| node.as_ref().and_then(first_door)).unwrap_or_default();
    properties.push(("bootstrap.servers".into(), facts.servers.clone()));
    connect::block_on(async {
        if let Some(node) = &node {
            gather::doors(node, &mut facts).await;
        }
        let runs = facts.listeners.iter().any(|door| door.state == facts::Port::Node);
        if !facts.servers.is_empty() && (facts.expects_node || runs) {
            // A node that is not there is asked once and not for as long as clients usually wait.
            connect::set_default(&mut properties, "default.api.timeout.ms", 10_000);
            connect::set_default(&mut properties, "request.timeout.ms", 5_000);
            node::ask(&connect::client_config(&properties)?, &mut facts).await;
        }
        Ok(())
    })?;
    facts.clock = begun.clock();
    let findings = judge::judge(&facts);
    print(&text(&facts, &findings))?;
    Ok(!findings.is_empty())
}

/// Where clients on this machine find the first listener.
fn first_door(node: &NodeConfig) -> Option<String> {
    let listener = node.listeners.iter().find(|listener| listener.port != 0)?;
    let host = listener.host.as_deref().filter(|host| {
        host.parse::<std::net::IpAddr>().is_ok_and(|address| !address.is_unspecified())
            || host.parse::<std::net::IpAddr>().is_err()
    });
    Some(format!("{}:{}", host.unwrap_or("localhost"), listener.port))
}

fn text(facts: &Facts, findings: &[finding::Finding]) -> String {
    let what = match (&facts.file, facts.node.is_some()) {
        (Some(file), true) => format!("{file}, this machine, and the node at {}", facts.servers),
        (Some(file), false) => format!("{file} and this machine"),
        (None, _) if facts.expects_node => {
            format!("this machine's clock and the node at {}", facts.servers)
        }
        (None, true) => format!("this machine, and the node at {}", facts.servers),
        (None, false) => "this machine, for a node without a file".to_owned(),
    };
    let mut text = format!("Looked at {what}.\n\n");
    text.push_str(&finding::text(findings));
    match findings.len() {
        0 => text.push_str("Nothing is wrong.\n"),
        1 => text.push_str("1 finding.\n"),
        count => text.push_str(&format!("{count} findings.\n")),
    }
    text
}

#[cfg(test)]
mod tests;
