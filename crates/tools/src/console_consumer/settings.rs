//! The command line of `kafka-console-consumer`, and what it comes to.

use std::time::Duration;

use model::{Offset, PartitionIndex, TopicPartition};

use super::formatter::Formatter;
use crate::connect::{self, BOOTSTRAP_SERVER, Pairs, get, set_default};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::patterns::Names;

/// The command line of `kafka-console-consumer`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-console-consumer",
    about: "Prints the records of topics to standard output.",
    flags: &[
        Flag::value("topic", "NAME", "The topic."),
        Flag::value("include", "REGEX", "All topics whose whole names match, in place of --topic.")
            .or(&["whitelist"]),
        BOOTSTRAP_SERVER,
        Flag::value("group", "ID", "The group to read in; one of its own by default."),
        Flag::switch(
            "from-beginning",
            "Begin with the first record where the group has no offset, not after the last.",
        ),
        Flag::value("partition", "INDEX", "Read only this partition, outside of groups."),
        Flag::value(
            "offset",
            "OFFSET",
            "With --partition: where to begin; a number, earliest or latest, which is the default.",
        ),
        Flag::value("max-messages", "COUNT", "Stop after so many records."),
        Flag::value("timeout-ms", "MS", "Stop when no record has come for so long."),
        Flag::value("isolation-level", "LEVEL", "read_uncommitted, the default, or read_committed."),
        Flag::value(
            "formatter-property",
            "K=V",
            "What is printed: print.timestamp, print.partition, print.offset, print.epoch, print.headers, \
             print.key, print.value (true or false), key.separator, line.separator, headers.separator, \
             null.literal, key.deserializer, value.deserializer, headers.deserializer. May be repeated.",
        )
        .or(&["property"]),
        Flag::value("formatter-config", "FILE", "The same as a properties file."),
        Flag::value(
            "formatter",
            "CLASS",
            "DefaultMessageFormatter, LoggingMessageFormatter, NoOpMessageFormatter, or for internal \
             topics OffsetsMessageFormatter, GroupMetadataMessageFormatter, \
             TransactionLogMessageFormatter or ShareGroupStateMessageFormatter.",
        ),
        Flag::value("key-deserializer", "CLASS", "What keys are: String, Long, Integer, ..."),
        Flag::value("value-deserializer", "CLASS", "What values are: String, Long, Integer, ..."),
        Flag::switch("skip-message-on-error", "Go on when a record cannot be printed."),
        Flag::switch("enable-systest-events", "Print shutdown_complete at the end."),
        Flag::value("command-property", "K=V", "A property of the consumer; may be repeated.")
            .or(&["consumer-property"]),
        Flag::value("command-config", "FILE", "Properties of the consumer.").or(&["consumer.config"]),
        Flag::switch("new-consumer", WITHOUT_EFFECT),
    ],
};

/// What is read.
#[derive(Debug)]
pub(super) enum Source {
    Topic(String),
    Matching(Names),
    Partition(TopicPartition, Start),
}

/// Where reading a partition begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Earliest,
    Latest,
    At(Offset),
}

/// What the command line comes to.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) source: Source,
    pub(super) properties: Pairs,
    pub(super) messages_max: Option<u64>,
    pub(super) timeout: Option<Duration>,
    pub(super) formatter: Formatter,
    pub(super) skips_errors: bool,
    pub(super) tells_events: bool,
}

impl Settings {
    /// `group_number` is for the name of a group of our own.
    pub(super) fn new(options: &Options, group_number: u32) -> Result<Self, Failure> {
        options.exactly_one(&["topic", "include"])?;
        if !options.has("partition") && options.has("offset") {
            return usage("The partition is required when offset is specified.");
        }
        options.require(&["bootstrap-server"])?;
        let timeout = options.number::<i64>("timeout-ms")?;
        let messages_max = options.number::<i64>("max-messages")?;
        Ok(Self {
            source: source(options)?,
            properties: consumer_properties(options, group_number)?,
            messages_max: messages_max.and_then(|count| u64::try_from(count).ok()),
            timeout: timeout.and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis),
            formatter: Formatter::new(
                options.value("formatter")?,
                &formatter_properties(options)?,
            )?,
            skips_errors: options.has("skip-message-on-error"),
            tells_events: options.has("enable-systest-events"),
        })
    }
}

fn usage<T>(message: &str) -> Result<T, Failure> {
    Err(Failure::Usage(message.to_owned()))
}

fn source(options: &Options) -> Result<Source, Failure> {
    let Some(partition) = options.number::<i32>("partition")? else {
        return match options.value("topic")? {
            Some(topic) => Ok(Source::Topic(topic.to_owned())),
            None => Ok(Source::Matching(Names::pattern(options.required("include")?)?)),
        };
    };
    let Some(topic) = options.value("topic")? else {
        return usage("The topic is required when partition is specified.");
    };
    if options.has("from-beginning") && options.has("offset") {
        return usage("Options from-beginning and offset cannot be specified together.");
    }
    let partition = TopicPartition::new(topic, PartitionIndex::new(partition));
    Ok(Source::Partition(partition, start(options)?))
}

fn start(options: &Options) -> Result<Start, Failure> {
    let Some(text) = options.value("offset")? else {
        let from_beginning = options.has("from-beginning");
        return Ok(if from_beginning { Start::Earliest } else { Start::Latest });
    };
    match text.to_ascii_lowercase().as_str() {
        "earliest" => Ok(Start::Earliest),
        "latest" => Ok(Start::Latest),
        number => match number.parse::<i64>() {
            Ok(offset) if offset >= 0 => Ok(Start::At(Offset::new(offset))),
            _ => usage(&format!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', \
                 'latest', or a non-negative long."
            )),
        },
    }
}

fn formatter_properties(options: &Options) -> Result<Pairs, Failure> {
    let mut properties = connect::file(options, "formatter-config")?;
    for (flag, name) in
        [("key-deserializer", "key.deserializer"), ("value-deserializer", "value.deserializer")]
    {
        if let Some(class) = options.value(flag)? {
            properties.push((name.into(), class.into()));
        }
    }
    properties.extend(crate::options::pairs(&options.values("formatter-property")));
    Ok(properties)
}

fn consumer_properties(options: &Options, group_number: u32) -> Result<Pairs, Failure> {
    let mut properties = connect::file(options, "command-config")?;
    let single = crate::options::pairs(&options.values("command-property"));
    let group = group(options, &properties, &single)?;
    properties.extend(single);
    match get(&properties, "auto.offset.reset") {
        Some(reset) if options.has("from-beginning") && reset != "earliest" => {
            return usage(&format!(
                "Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', please \
                 remove one option"
            ));
        }
        Some(_) => {}
        None => {
            let reset = if options.has("from-beginning") { "earliest" } else { "latest" };
            properties.push(("auto.offset.reset".into(), reset.into()));
        }
    }
    properties.push(("bootstrap.servers".into(), options.required("bootstrap-server")?.into()));
    set_default(&mut properties, "client.id", "console-consumer");
    if let Some(level) = options.value("isolation-level")? {
        properties.push(("isolation.level".into(), level.into()));
    }
    match group {
        Some(group) => properties.push(("group.id".into(), group)),
        None => {
            // Nobody will ever ask for the offsets of a group that is named by chance.
            set_default(&mut properties, "enable.auto.commit", "false");
            properties.push(("group.id".into(), format!("console-consumer-{group_number}")));
        }
    }
    Ok(properties)
}

/// The group that was asked for; it may be given in several places, but only one.
fn group(options: &Options, file: &Pairs, single: &Pairs) -> Result<Option<String>, Failure> {
    let mut groups = Vec::new();
    groups.extend(options.value("group")?);
    groups.extend(get(file, "group.id"));
    groups.extend(get(single, "group.id"));
    groups.dedup();
    if groups.len() > 1 {
        let groups: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
        return usage(&format!(
            "The group ids provided in different places (directly using '--group', via \
             '--command-property', or via '--command-config') do not match. Detected group ids: {}",
            groups.join(", ")
        ));
    }
    if !groups.is_empty() && options.has("partition") {
        return usage("Options group and partition cannot be specified together.");
    }
    Ok(groups.first().map(|group| (*group).to_owned()))
}

#[cfg(test)]
mod tests;
