//! `kafka-leader-election`: elects the leaders of partitions anew.

use std::collections::BTreeSet;

use client::{Admin, ElectionType};
use model::{ErrorCode, PartitionIndex, TopicPartition};
use serde::Deserialize;

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;
use crate::{java, partition_list};

/// The command line of `kafka-leader-election`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-leader-election",
    about: "Elects the leaders of partitions anew.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client.").or(&["admin.config"]),
        Flag::value(
            "election-type",
            "TYPE",
            "REQUIRED: preferred, for the first replica of the list, or unclean, for any replica that is \
             alive where none is in sync; records may be lost then.",
        ),
        Flag::value("topic", "NAME", "The topic; with --partition."),
        Flag::value("partition", "N", "The partition; with --topic."),
        Flag::value(
            "path-to-json-file",
            "FILE",
            "The partitions, as {\"partitions\":[{\"topic\":\"foo\",\"partition\":1}]}.",
        ),
        Flag::switch("all-topic-partitions", "All partitions that need it."),
    ],
};

/// A partition in the file.
#[derive(Debug, Deserialize)]
struct Named {
    topic: String,
    partition: i32,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let missing: Vec<&str> = ["bootstrap-server", "election-type"]
        .into_iter()
        .filter(|flag| !options.has(flag))
        .collect();
    if !missing.is_empty() {
        return Err(Failure::Usage(format!("Missing required option(s): {}", missing.join(", "))));
    }
    let partitions = partitions(options)?;
    let (election_type, name) = match options.required("election-type")?.to_lowercase().as_str() {
        "preferred" => (ElectionType::Preferred, "PREFERRED"),
        "unclean" => (ElectionType::Unclean, "UNCLEAN"),
        other => {
            return Err(Failure::Usage(format!(
                "--election-type is preferred or unclean, not {other}"
            )));
        }
    };
    let config = connect::admin_config(options)?;
    let results = connect::block_on(async {
        let admin = Admin::new(&config)?;
        Ok(admin.elect_leaders(election_type, partitions.as_deref()).await?)
    })?;
    let (mut elected, mut valid, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (partition, result) in results {
        match result {
            Ok(()) => elected.push(partition.to_string()),
            Err(error) if error.code() == Some(ErrorCode::ElectionNotNeeded) => {
                valid.push(partition.to_string());
            }
            Err(error) => failed.push(format!(
                "Error completing leader election ({name}) for partition: {partition}: {}\n",
                java::exception(&error)
            )),
        }
    }
    let mut text = String::new();
    if !elected.is_empty() {
        let list = elected.join(", ");
        text.push_str(&format!(
            "Successfully completed leader election ({name}) for partitions {list}\n"
        ));
    }
    if !valid.is_empty() {
        let list = valid.join(", ");
        text.push_str(&format!("Valid replica already elected for partitions {list}\n"));
    }
    print(&(text + &failed.concat()))?;
    match failed.len() {
        0 => Ok(()),
        count => Err(Failure::Refused(format!("{count} replica(s) could not be elected"))),
    }
}

/// The partitions that are named; `None` for all.
fn partitions(options: &Options) -> Result<Option<Vec<TopicPartition>>, Failure> {
    let ways = ["topic", "all-topic-partitions", "path-to-json-file"];
    if ways.iter().filter(|flag| options.has(flag)).count() != 1 {
        return Err(Failure::Usage(format!(
            "One and only one of the following options is required: {}",
            ways.join(", ")
        )));
    }
    if options.has("topic") != options.has("partition") {
        return Err(Failure::Usage("--topic and --partition go together".into()));
    }
    if let Some(topic) = options.value("topic")? {
        let number = options.number("partition")?.unwrap_or_default();
        return Ok(Some(vec![TopicPartition::new(topic, PartitionIndex::new(number))]));
    }
    let Some(path) = options.value("path-to-json-file")? else {
        return Ok(None);
    };
    let (mut named, mut twice) = (BTreeSet::new(), Vec::new());
    for Named { topic, partition } in partition_list::read(path)? {
        let partition = TopicPartition::new(topic, PartitionIndex::new(partition));
        if !named.insert(partition.clone()) {
            twice.push(partition.to_string());
        }
    }
    if !twice.is_empty() {
        return Err(Failure::Refused(format!(
            "Replica election data contains duplicate partitions: {}",
            twice.join(", ")
        )));
    }
    Ok(Some(named.into_iter().collect()))
}
