//! `kafka-verifiable-consumer`: reads a topic in a group and says what it reads, is assigned and
//! commits.
//!
//! The client tells of no rebalance, so partitions are compared between polls: what has changed is
//! revoked and assigned as a whole, as in Kafka's eager protocol.

use std::collections::BTreeMap;
use std::time::Duration;

use client::{ClientConfig, Consumer, ConsumerRecord, OffsetToCommit};
use model::{Offset, TopicPartition};
use protocol::Json;

use super::{number, object, tell, text, text_of};
use crate::connect::{self, BOOTSTRAP_SERVER, Pairs};
use crate::failure::{Failure, explain};
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::stop;

/// How long one poll waits; only how soon a rebalance is told depends on it.
const POLL_TIME: Duration = Duration::from_millis(200);
/// How long leaving the group may take, unless `--close-timeout` says so.
const CLOSE_TIME_MS: u64 = 30_000;
/// Kafka's default of `--assignment-strategy`.
const RANGE: &str = "org.apache.kafka.clients.consumer.RangeAssignor";

/// The command line of `kafka-verifiable-consumer`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-verifiable-consumer",
    about: "Reads a topic in a group and prints what happens, as JSON.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("topic", "NAME", "REQUIRED: the topic."),
        Flag::value("group-id", "ID", "REQUIRED: the group."),
        Flag::value("group-instance-id", "ID", "The name of a static member."),
        Flag::value(
            "group-protocol",
            "NAME",
            "classic; the newer protocol, consumer, is not there yet.",
        ),
        Flag::value("group-remote-assignor", "NAME", WITHOUT_EFFECT),
        Flag::value("max-messages", "COUNT", "Stop after so many; -1, the default, for never."),
        Flag::value("session-timeout", "MS", "session.timeout.ms."),
        Flag::switch("verbose", "Print every record."),
        Flag::switch("enable-autocommit", "Let the consumer commit by itself."),
        Flag::value(
            "close-timeout",
            "MS",
            "How long leaving the group may take; 30000 by default.",
        ),
        Flag::value("reset-policy", "POLICY", "earliest, the default, latest or none."),
        Flag::value("assignment-strategy", "CLASS", "RangeAssignor by default."),
        Flag::value("command-config", "FILE", "Properties of the consumer.")
            .or(&["consumer.config"]),
    ],
};

/// What the command line comes to.
#[derive(Debug)]
struct Settings {
    topic: String,
    messages_max: Option<u64>,
    is_verbose: bool,
    commits: bool,
    close_time: Duration,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    options.require(&["topic", "group-id", "bootstrap-server"])?;
    let messages_max = options.number::<i32>("max-messages")?;
    let settings = Settings {
        topic: options.required("topic")?.to_owned(),
        messages_max: messages_max.and_then(|count| u64::try_from(count).ok()),
        is_verbose: options.has("verbose"),
        commits: !options.has("enable-autocommit"),
        close_time: Duration::from_millis(
            options.number("close-timeout")?.unwrap_or(CLOSE_TIME_MS),
        ),
    };
    let config = connect::client_config(&properties(options)?)?;
    connect::block_on(consume(&config, &settings))
}

fn properties(options: &Options) -> Result<Pairs, Failure> {
    match options.value("group-protocol")?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("classic") => {}
        Some("consumer") => {
            return Err(Failure::Refused(
                "--group-protocol consumer: the group protocol of KIP-848 is not there yet, and to test another \
                 one in its place would prove nothing; use --group-protocol classic"
                    .to_owned(),
            ));
        }
        Some(other) => {
            return Err(Failure::Usage(format!("--group-protocol {other}: classic or consumer")));
        }
    }
    let mut properties = connect::file(options, "command-config")?;
    let commits_itself = options.has("enable-autocommit").to_string();
    let mut push = |name: &str, value: &str| properties.push((name.into(), value.into()));
    push("partition.assignment.strategy", options.value("assignment-strategy")?.unwrap_or(RANGE));
    push("group.id", options.required("group-id")?);
    push("bootstrap.servers", options.required("bootstrap-server")?);
    push("enable.auto.commit", &commits_itself);
    push("auto.offset.reset", options.value("reset-policy")?.unwrap_or("earliest"));
    for (flag, name) in
        [("session-timeout", "session.timeout.ms"), ("group-instance-id", "group.instance.id")]
    {
        if let Some(value) = options.value(flag)? {
            push(name, value);
        }
    }
    Ok(properties)
}

async fn consume(config: &ClientConfig, settings: &Settings) -> Result<(), Failure> {
    let mut consumer = Consumer::new(config)?;
    tell("startup_complete", Vec::new())?;
    consumer.subscribe(std::slice::from_ref(&settings.topic))?;
    let mut assigned = Vec::new();
    let result = tokio::select! {
        result = read_all(&mut consumer, settings, &mut assigned) => result,
        signal = stop::signal() => Err(Failure::Stopped(signal)),
    };
    let was_stopped = matches!(result, Err(Failure::Stopped(_)));
    if was_stopped {
        tell("shutdown_requested", Vec::new())?;
    }
    // What cannot be committed or left in time is not waited for: the group finds out by itself.
    let _ = tokio::time::timeout(settings.close_time, consumer.close()).await;
    if !assigned.is_empty() {
        tell("partitions_revoked", vec![("partitions", partitions(&assigned))])?;
    }
    tell("shutdown_complete", Vec::new())?;
    if !was_stopped {
        // Kafka's tool prints this from the end of its process.
        tell("shutdown_requested", Vec::new())?;
    }
    result
}

async fn read_all(
    consumer: &mut Consumer,
    settings: &Settings,
    assigned: &mut Vec<TopicPartition>,
) -> Result<(), Failure> {
    let mut count = 0;
    while settings.messages_max.is_none_or(|max| count < max) {
        let records = consumer.poll(POLL_TIME).await?;
        let now = consumer.assignment();
        if now != *assigned {
            if !assigned.is_empty() {
                tell("partitions_revoked", vec![("partitions", partitions(assigned))])?;
            }
            tell("partitions_assigned", vec![("partitions", partitions(&now))])?;
            *assigned = now;
        }
        if records.is_empty() {
            continue;
        }
        let left = settings.messages_max.map_or(u64::MAX, |max| max - count);
        let taken = &records[..records.len().min(usize::try_from(left).unwrap_or(usize::MAX))];
        count += taken.len() as u64;
        let offsets = tell_read(settings, records.len(), taken)?;
        if settings.commits {
            commit(consumer, offsets).await?;
        }
    }
    Ok(())
}

/// Tells what was read, of `count` records those that are `taken`; where each partition goes on.
fn tell_read(
    settings: &Settings,
    count: usize,
    taken: &[ConsumerRecord],
) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let mut read: BTreeMap<TopicPartition, (u64, Offset, Offset)> = BTreeMap::new();
    for record in taken {
        let partition = TopicPartition::new(record.topic.clone(), record.partition);
        let summary = read.entry(partition).or_insert((0, record.offset, record.offset));
        *summary = (summary.0 + 1, summary.1, record.offset);
        if settings.is_verbose {
            let fields = vec![
                ("key", text_of(record.key.as_deref())),
                ("value", text_of(record.value.as_deref())),
                ("topic", text(&*record.topic)),
                ("partition", number(record.partition.get())),
                ("offset", number(record.offset.get())),
            ];
            tell("record_data", fields)?;
        }
    }
    let summary = |(partition, (count, first, last)): (&TopicPartition, &(u64, Offset, Offset))| {
        object(vec![
            ("topic", text(&*partition.topic)),
            ("partition", number(partition.partition.get())),
            ("count", number(*count)),
            ("minOffset", number(first.get())),
            ("maxOffset", number(last.get())),
        ])
    };
    let summaries = Json::Array(read.iter().map(summary).collect());
    tell("records_consumed", vec![("count", number(count as u64)), ("partitions", summaries)])?;
    Ok(read.into_iter().map(|(partition, (_, _, last))| (partition, last.next())).collect())
}

async fn commit(
    consumer: &Consumer,
    offsets: BTreeMap<TopicPartition, Offset>,
) -> Result<(), Failure> {
    let wanted: BTreeMap<_, _> = offsets
        .iter()
        .map(|(partition, offset)| (partition.clone(), OffsetToCommit::at(*offset)))
        .collect();
    let result = consumer.commit_offsets(&wanted).await;
    let offset = |(partition, offset): (&TopicPartition, &Offset)| {
        object(vec![
            ("topic", text(&*partition.topic)),
            ("partition", number(partition.partition.get())),
            ("offset", number(offset.get())),
        ])
    };
    let mut fields = vec![("offsets", Json::Array(offsets.iter().map(offset).collect()))];
    if let Err(error) = &result {
        fields.push(("error", text(explain(error))));
    }
    fields.push(("success", Json::Bool(result.is_ok())));
    tell("offsets_committed", fields)
}

fn partitions(list: &[TopicPartition]) -> Json {
    let partition = |partition: &TopicPartition| {
        object(vec![
            ("topic", text(&*partition.topic)),
            ("partition", number(partition.partition.get())),
        ])
    };
    Json::Array(list.iter().map(partition).collect())
}
