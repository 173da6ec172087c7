//! `kafka-topics`: lists, describes, creates, alters and deletes topics.

use std::collections::BTreeMap;

use client::{Admin, ClientError, NewTopic};
use model::{BrokerId, ErrorCode, is_internal_topic};

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::output::print;
use crate::patterns::Names;

mod describe;
mod view;

const ACTIONS: &[&str] = &["list", "describe", "create", "alter", "delete"];

/// The command line of `kafka-topics`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-topics",
    about: "Lists, describes, creates, alters and deletes topics.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("force", WITHOUT_EFFECT),
        Flag::switch("disable-rack-aware", WITHOUT_EFFECT),
        Flag::switch("list", "List topics."),
        Flag::switch("describe", "Show partitions, replicas and configurations that were set."),
        Flag::switch("create", "Create a topic."),
        Flag::switch("alter", "Raise the number of partitions."),
        Flag::switch("delete", "Delete topics."),
        Flag::value(
            "topic",
            "NAME",
            "The topic; a regular expression that matches whole names, except with --create.",
        ),
        Flag::value("topic-id", "ID", "The topic to describe, by its id."),
        Flag::value(
            "config",
            "NAME=VALUE",
            "A configuration of the topic to create; may be repeated. Use kafka-configs to alter one.",
        ),
        Flag::value("delete-config", "NAME", "No longer does anything; use kafka-configs."),
        Flag::value(
            "partitions",
            "COUNT",
            "How many partitions; with --create, the cluster's default if left out. With --alter, keys \
             are spread anew from then on.",
        )
        .or(&["partition"]),
        Flag::value(
            "replication-factor",
            "COUNT",
            "How many copies of each partition; the cluster's default if left out.",
        ),
        Flag::value(
            "replica-assignment",
            "ID:ID,ID:ID",
            "Brokers of each partition, in place of --partitions and --replication-factor.",
        ),
        Flag::switch(
            "under-replicated-partitions",
            "Describe only partitions with replicas that are not in sync.",
        ),
        Flag::switch("unavailable-partitions", "Describe only partitions without a leader."),
        Flag::switch(
            "under-min-isr-partitions",
            "Describe only partitions with fewer replicas in sync than the least that writes need.",
        ),
        Flag::switch(
            "at-min-isr-partitions",
            "Describe only partitions with exactly the least in sync that writes need.",
        ),
        Flag::switch(
            "topics-with-overrides",
            "Describe only topics that have configurations of their own, without their partitions.",
        ),
        Flag::switch("if-exists", "Do nothing if there is no such topic."),
        Flag::switch("if-not-exists", "Do nothing if there is such a topic already."),
        Flag::switch("exclude-internal", "Leave the cluster's own topics out."),
        Flag::value(
            "partition-size-limit-per-response",
            "COUNT",
            "How many partitions to ask for at once when describing.",
        ),
    ],
};

/// Does what the command line says. As in Kafka, what the cluster refuses is told on standard
/// output.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let action = check(options)?;
    let config = connect::admin_config(options)?;
    let work = async {
        let admin = Admin::new(&config)?;
        match action {
            "list" => list(&admin, options).await,
            "describe" => describe::run(&admin, options).await,
            "create" => create(&admin, options).await,
            "alter" => alter(&admin, options).await,
            _ => delete(&admin, options).await,
        }
    };
    match connect::block_on(work) {
        Err(failure) if !failure.is_broken_pipe() => {
            print(&format!("Error while executing topic command : {failure}\n"))?;
            Err(Failure::Told)
        }
        other => other,
    }
}

/// Refuses what does not go together.
fn check(options: &Options) -> Result<&'static str, Failure> {
    let action = options.action(ACTIONS)?;
    if options.has("delete-config") {
        eprintln!(
            "--delete-config does nothing any more; use kafka-configs --alter --delete-config."
        );
    }
    options.require(&["bootstrap-server"])?;
    if action == "describe"
        && options.has("if-exists")
        && !options.has("topic")
        && !options.has("topic-id")
    {
        return Err(Failure::Usage("--topic or --topic-id is required to describe a topic".into()));
    }
    if !matches!(action, "list" | "describe") {
        options.require(&["topic"])?;
    }
    if action == "alter" {
        if options.has("config") {
            return Err(Failure::Usage(
                "--config goes with --create only; alter a configuration with kafka-configs".into(),
            ));
        }
        options.require(&["partitions"])?;
    }
    let only_with = |flag: &str, allowed: &[&str]| {
        let others: Vec<&str> = ACTIONS.iter().copied().filter(|a| !allowed.contains(a)).collect();
        options.forbid(flag, &others)
    };
    only_with("config", &["alter", "create"])?;
    only_with("partitions", &["alter", "create"])?;
    only_with("replication-factor", &["create"])?;
    only_with("replica-assignment", &["alter", "create"])?;
    if action == "create" {
        options.forbid("replica-assignment", &["partitions", "replication-factor"])?;
    }
    for report in REPORTS {
        only_with(report, &["describe"])?;
        options.forbid(report, &["topics-with-overrides"])?;
    }
    only_with("topics-with-overrides", &["describe"])?;
    only_with("if-exists", &["alter", "delete", "describe"])?;
    only_with("if-not-exists", &["create"])?;
    only_with("exclude-internal", &["list", "describe"])?;
    Ok(action)
}

/// Flags that show some partitions only.
const REPORTS: &[&str] = &[
    "under-replicated-partitions",
    "unavailable-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
];

async fn list(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let names = matching(admin, options.value("topic")?, options.has("exclude-internal")).await?;
    print(&format!("{}\n", names.join("\n")))
}

async fn create(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let name = options.required("topic")?;
    let topic = NewTopic {
        name: name.to_owned(),
        partitions: options.number::<i32>("partitions")?,
        replication_factor: replication_factor(options)?,
        assignments: assignments(options)?,
        configs: configs(&options.values("config"))?,
    };
    if topic.partitions.is_some_and(|count| count < 1) {
        return Err(Failure::Refused("The partitions must be greater than 0".into()));
    }
    if name.contains(['.', '_']) {
        print(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') \
             could collide. To avoid issues it is best to use either, but not both.\n",
        )?;
    }
    for (_, result) in admin.create_topics(std::slice::from_ref(&topic), false).await? {
        match result {
            Ok(()) => print(&format!("Created topic {name}.\n"))?,
            Err(error) if already_there(&error) && options.has("if-not-exists") => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn already_there(error: &ClientError) -> bool {
    error.code() == Some(ErrorCode::TopicAlreadyExists)
}

fn replication_factor(options: &Options) -> Result<Option<i16>, Failure> {
    let Some(factor) = options.number::<i64>("replication-factor")? else {
        return Ok(None);
    };
    match i16::try_from(factor) {
        Ok(factor) if factor >= 1 => Ok(Some(factor)),
        _ => Err(Failure::Refused(format!(
            "The replication factor must be between 1 and {} inclusive",
            i16::MAX
        ))),
    }
}

fn configs(words: &[&str]) -> Result<BTreeMap<String, String>, Failure> {
    let pair = |word: &&str| match word.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(Failure::Refused(format!(
            "Invalid topic config: all configs to be added must be in the format \"key=val\", not {word}"
        ))),
    };
    words.iter().map(pair).collect()
}

/// The brokers of each partition, from `1:2,2:3`.
fn assignments(options: &Options) -> Result<Vec<Vec<BrokerId>>, Failure> {
    let Some(text) = options.value("replica-assignment")?.filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut assignments: Vec<Vec<BrokerId>> = Vec::new();
    for (index, partition) in text.split(',').enumerate() {
        let mut brokers = Vec::new();
        for word in partition.split(':') {
            let id = word.trim().parse::<i32>().map_err(|_| {
                Failure::Refused(format!("\"{word}\" in --replica-assignment is not a broker id"))
            })?;
            if brokers.contains(&BrokerId::new(id)) {
                return Err(Failure::Refused(format!(
                    "Partition replica lists may not contain duplicate entries: {id}"
                )));
            }
            brokers.push(BrokerId::new(id));
        }
        if assignments.first().is_some_and(|first| first.len() != brokers.len()) {
            return Err(Failure::Refused(format!(
                "Partition {index} has different replication factor: {partition}"
            )));
        }
        assignments.push(brokers);
    }
    Ok(assignments)
}

async fn alter(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let names = existing(admin, options).await?;
    let count = options.number::<i32>("partitions")?.unwrap_or_default();
    let assignments = assignments(options)?;
    let mut failed = None;
    for (name, topic) in admin.describe_topics(&names).await? {
        let have = topic?.partitions.len();
        let added = assignments.get(have..).unwrap_or_default();
        if let Err(error) = admin.create_partitions(&name, count, added, false).await {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), |error| Err(error.into()))
}

async fn delete(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let names = existing(admin, options).await?;
    if names.is_empty() {
        return Ok(());
    }
    let results = admin.delete_topics(&names).await?;
    let failed = results.into_iter().find_map(|(_, result)| result.err());
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// The topics that `--topic` matches; none is an error unless `--if-exists`.
async fn existing(admin: &Admin, options: &Options) -> Result<Vec<String>, Failure> {
    let pattern = options.value("topic")?.filter(|pattern| !pattern.is_empty());
    let names = matching(admin, pattern, options.has("exclude-internal")).await?;
    match pattern {
        Some(pattern) if names.is_empty() && !options.has("if-exists") => {
            Err(Failure::Refused(format!("Topic '{pattern}' does not exist as expected")))
        }
        _ => Ok(names),
    }
}

async fn matching(
    admin: &Admin,
    pattern: Option<&str>,
    exclude_internal: bool,
) -> Result<Vec<String>, Failure> {
    let pattern = pattern.map(Names::list).transpose()?;
    let topics = admin.list_topics().await?;
    let names = topics.iter().map(|topic| topic.name.to_string());
    let wanted = |name: &String| {
        pattern.as_ref().is_none_or(|pattern| pattern.contain(name))
            && !(exclude_internal && is_internal_topic(name))
    };
    let mut names: Vec<String> = names.filter(wanted).collect();
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests;
