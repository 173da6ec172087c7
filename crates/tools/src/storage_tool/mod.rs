//! `kafka-storage`: prepares the folders of a node, says whose they are, and makes up ids.
//!
//! A folder of Klamm needs no preparation; `format` decides in advance to which cluster it belongs,
//! as tutorials of Kafka do. It writes `meta.properties` and nothing else: the metadata log begins with
//! the first start of the node.

use config::NodeConfig;
use model::Uuid;

use crate::failure::Failure;
use crate::features::{levels, name_and_level};
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

mod format;
mod info;

/// The command line of `kafka-storage`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-storage",
    about: "Prepares the folders of a node, and says whose they are.",
    flags: &[
        Flag::command("info", "Show whose the folders are, and what is wrong with them."),
        Flag::command("format", "Make the folders those of a node of a cluster."),
        Flag::command("version-mapping", "Show the levels that belong to a version of Kafka."),
        Flag::command("feature-dependencies", "Show what a level of a feature needs of others."),
        Flag::command("random-uuid", "Make up an id, such as one for a cluster."),
        Flag::value("config", "FILE", "The server.properties of the node.")
            .or(&["c"])
            .of(&["info", "format"]),
        Flag::value("cluster-id", "ID", "The id of the cluster.").or(&["t"]).of(&["format"]),
        Flag::switch("standalone", "The node begins a cluster of its own.")
            .or(&["s"])
            .of(&["format"]),
        Flag::switch("no-initial-controllers", "Who decides on metadata shows later.")
            .or(&["N"])
            .of(&["format"]),
        Flag::value(
            "initial-controllers",
            "ID@HOST:PORT:DIRECTORY-ID",
            "Who decides on metadata; this node alone for now.",
        )
        .or(&["I"])
        .of(&["format"]),
        Flag::switch("ignore-formatted", "Pass over folders that are prepared already.")
            .or(&["g"])
            .of(&["format"]),
        Flag::value("release-version", "VERSION", "A version of Kafka, such as 3.9 or 4.0-IV0.")
            .or(&["r"])
            .of(&["format", "version-mapping"]),
        Flag::value("feature", "NAME=LEVEL", "A feature with its level; may be repeated.")
            .or(&["f"])
            .of(&["format", "feature-dependencies"]),
        Flag::value("add-scram", "CREDENTIAL", "A user's credential; not there yet.")
            .or(&["S"])
            .of(&["format"]),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    match options.command() {
        "random-uuid" => print(&format!("{}\n", random_id())),
        "version-mapping" => {
            let version = options.value("release-version")?.unwrap_or(levels::LATEST);
            print(&levels::mapping(version).map_err(Failure::Refused)?)
        }
        "feature-dependencies" => {
            options.require(&["feature"])?;
            for feature in options.values("feature") {
                let (name, level) = name_and_level(feature)?;
                print(&levels::dependencies(&name, level).map_err(Failure::Refused)?)?;
            }
            Ok(())
        }
        "info" => info::run(&node_config(options)?),
        _ => format::run(options),
    }
}

/// An id that a tool can pass on as a word: it begins with no dash.
fn random_id() -> Uuid {
    loop {
        let id = Uuid::from_random(rand::random());
        if !id.to_string().starts_with('-') {
            return id;
        }
    }
}

/// The configuration in the file that `--config` names.
fn node_config(options: &Options) -> Result<NodeConfig, Failure> {
    let path = options.required("config")?;
    let text = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    match config::load(path, text, &[]) {
        Ok((node, _)) => Ok(node),
        Err(mistakes) => {
            let lines: Vec<String> = mistakes.mistakes.iter().map(ToString::to_string).collect();
            Err(Failure::Refused(lines.join("\n")))
        }
    }
}

/// The node's folders by name, each once.
fn folders(config: &NodeConfig) -> Vec<String> {
    let all = config.log_dirs.iter().chain([&config.metadata_log_dir]);
    let mut all: Vec<String> = all.map(|path| path.display().to_string()).collect();
    all.sort();
    all.dedup();
    all
}
