//! `klamm tail TOPIC`: what arrives in a topic, made to be read by people. It is nobody's member and
//! commits nothing, so that looking never changes what a group does.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use client::{Admin, ClientConfig, Consumer, ConsumerRecord, IsolationLevel, OffsetSpec};
use model::{Offset, PartitionIndex, TopicPartition};

use crate::connect;
use crate::failure::{Failure, explain};
use crate::finding::quoted;
use crate::names::missing;
use crate::options::{CommandLine, Flag, Options};
use crate::stop;

pub(crate) mod expression;
mod json;
pub(crate) mod show;

use expression::Expression;
use show::Style;

/// How long one poll waits; only how soon an end is noticed depends on it.
const POLL_TIME: Duration = Duration::from_millis(200);
/// How many bytes of a key, a header or a value are shown, unless told otherwise.
const BYTES_MAX: usize = 16 * 1024;
/// How many records of a partition are shown when only the end is asked for.
const LAST_DEFAULT: i64 = 10;

/// The command line of `klamm tail`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "klamm tail",
    about: "Shows the records that arrive in a topic: time, partition:offset, key, headers, value. \
            It joins no group and commits nothing.",
    flags: &[
        Flag::words("TOPIC", "The topic."),
        connect::BOOTSTRAP_OR_LOCAL,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("from-beginning", "Begin at the first record; at the end otherwise."),
        Flag::value("last", "COUNT", "Begin with this many records of each partition."),
        Flag::value("partition", "N", "Only this partition."),
        Flag::switch("follow", "Wait for new records; it does so by itself."),
        Flag::switch(
            "no-follow",
            "Stop at the records that are there; the last 10 of each partition unless told more.",
        ),
        Flag::value("max-messages", "COUNT", "Stop after this many."),
        Flag::value(
            "where",
            "EXPRESSION",
            "Only records for which an expression of jq is true: '.user.id == 7 and $key != \"x\"'. The \
             value is `.` (JSON, else text); there are $key, $headers, $partition, $offset, $timestamp \
             and $topic.",
        ),
        Flag::switch("committed", "Of transactions, only records that were committed."),
        Flag::value("max-bytes", "COUNT", "Show no more of a key or a value; 16384 by default."),
    ],
};

/// What the command line comes to.
struct Settings<'a> {
    topic: &'a str,
    partition: Option<PartitionIndex>,
    /// How many records of each partition to begin with; `None` is all of them.
    last: Option<i64>,
    follows: bool,
    messages_max: Option<u64>,
    expression: Option<Expression>,
    style: Style,
}

impl<'a> Settings<'a> {
    fn new(options: &'a Options, colour: bool) -> Result<Self, Failure> {
        options.forbid("from-beginning", &["last"])?;
        options.forbid("follow", &["no-follow"])?;
        let follows = !options.has("no-follow");
        let last = match options.number::<u32>("last")? {
            Some(count) => Some(i64::from(count)),
            None if options.has("from-beginning") => None,
            None => Some(if follows { 0 } else { LAST_DEFAULT }),
        };
        let partition = options.number::<i32>("partition")?;
        let expression = options.value("where")?.map(Expression::new).transpose();
        Ok(Self {
            topic: options.only_word("TOPIC")?,
            partition: partition.map(PartitionIndex::new),
            last,
            follows,
            messages_max: options.number("max-messages")?,
            expression: expression.map_err(Failure::Refused)?,
            style: Style { colour, bytes_max: options.number("max-bytes")?.unwrap_or(BYTES_MAX) },
        })
    }
}

/// Whether colours help whoever reads our output.
fn wants_colour() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !is_set("NO_COLOR") && !dumb
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let settings = Settings::new(options, wants_colour())?;
    let mut properties = connect::local_properties(options)?;
    connect::set_default(&mut properties, "allow.auto.create.topics", "false");
    connect::set_default(&mut properties, "auto.offset.reset", "earliest");
    if options.has("committed") {
        properties.push(("isolation.level".into(), "read_committed".into()));
    }
    let config = connect::client_config(&properties)?;
    let servers = quoted(connect::get(&properties, "bootstrap.servers").unwrap_or_default());
    connect::block_on(tail(&config, &settings, &servers))
}

/// `servers` is for the commands that are told.
async fn tail(
    config: &ClientConfig,
    settings: &Settings<'_>,
    servers: &str,
) -> Result<(), Failure> {
    let admin = Admin::new(config)?;
    let partitions = partitions(&admin, settings, servers).await?;
    let ranges = ranges(&admin, &partitions, settings, config.isolation_level).await?;
    let is_whole = ranges.len() == partitions.len();
    if !is_whole {
        eprintln!(
            "`klamm doctor --bootstrap-server {servers}` looks for the reason, and so does the log of the node."
        );
    }
    if ranges.is_empty() {
        return Err(Failure::Told);
    }
    let mut consumer = Consumer::new(config)?;
    let partitions: Vec<TopicPartition> = ranges.keys().cloned().collect();
    consumer.assign(&partitions)?;
    for (partition, range) in &ranges {
        consumer.seek(partition, range.begin)?;
    }
    let mut printer = Printer { settings, shown: 0, failed: None };
    let result = tokio::select! {
        result = printer.follow(&mut consumer, &ranges) => result,
        signal = stop::signal() => Err(Failure::Stopped(signal)),
    };
    printer.tell_failed();
    // Who asked for what is there has not got all of it.
    if is_whole || settings.follows { result } else { result.and(Err(Failure::Told)) }
}

/// Where reading a partition begins, and where it stood when the tool began.
struct Range {
    begin: Offset,
    end: Offset,
}

/// The partitions that are asked for.
async fn partitions(
    admin: &Admin,
    settings: &Settings<'_>,
    servers: &str,
) -> Result<Vec<PartitionIndex>, Failure> {
    let known = admin.cluster().refresh_all().await?;
    let Some(topic) = known.topics.get(settings.topic) else {
        let names = known.topics.keys().map(|name| &**name);
        let message = missing("topic", settings.topic, names);
        return Err(Failure::Refused(format!(
            "{message} `klamm topics --bootstrap-server {servers} --list` shows those there are, and \
             `klamm topics --bootstrap-server {servers} --create --topic {}` makes it.",
            quoted(settings.topic)
        )));
    };
    let mut partitions: Vec<PartitionIndex> =
        topic.partitions.iter().map(|partition| partition.partition).collect();
    if let Some(wanted) = settings.partition {
        let count = partitions.len();
        partitions.retain(|partition| *partition == wanted);
        if partitions.is_empty() {
            return Err(Failure::Refused(format!(
                "topic {} has no partition {wanted}; it has {count}, numbered from 0",
                settings.topic
            )));
        }
    }
    Ok(partitions)
}

/// The ends are those that a consumer of this level reaches: an open transaction's begin is one.
async fn ranges(
    admin: &Admin,
    partitions: &[PartitionIndex],
    settings: &Settings<'_>,
    level: IsolationLevel,
) -> Result<BTreeMap<TopicPartition, Range>, Failure> {
    let ask = |spec: OffsetSpec| {
        let partition = |index: &PartitionIndex| TopicPartition::new(settings.topic, *index);
        partitions.iter().map(|index| (partition(index), spec)).collect::<BTreeMap<_, _>>()
    };
    // Nobody who wants to see waits for a partition that is not served.
    let first = admin.list_offsets_once(&ask(OffsetSpec::Earliest), level).await?;
    let ends = admin.list_offsets_once(&ask(OffsetSpec::Latest), level).await?;
    let mut ranges = BTreeMap::new();
    for (partition, end) in ends {
        let (end, first) = match (end, first.get(&partition)) {
            (Ok(end), Some(Ok(first))) => (end.offset, first.offset),
            (Ok(end), None) => (end.offset, end.offset),
            (Err(error), _) => {
                eprintln!("{partition} cannot be read: {}", explain(&error));
                continue;
            }
            (Ok(_), Some(Err(error))) => {
                eprintln!("{partition} cannot be read: {}", explain(error));
                continue;
            }
        };
        let begin = settings
            .last
            .map_or(first, |count| Offset::new(end.get().saturating_sub(count).max(first.get())));
        ranges.insert(partition, Range { begin, end });
    }
    Ok(ranges)
}

struct Printer<'a> {
    settings: &'a Settings<'a>,
    shown: u64,
    /// How many records the expression failed on, and why it did on the first.
    failed: Option<(u64, String)>,
}

impl Printer<'_> {
    fn is_done(&self) -> bool {
        self.settings.messages_max.is_some_and(|max| self.shown >= max)
    }

    async fn follow(
        &mut self,
        consumer: &mut Consumer,
        ranges: &BTreeMap<TopicPartition, Range>,
    ) -> Result<(), Failure> {
        while !self.is_done() {
            let is_read = |(partition, range): (&TopicPartition, &Range)| {
                consumer.position(partition).unwrap_or(range.begin) >= range.end
            };
            if !self.settings.follows && ranges.iter().all(is_read) {
                return Ok(());
            }
            let mut records = consumer.poll(POLL_TIME).await?;
            if !self.settings.follows {
                records.retain(|record| {
                    let partition = TopicPartition::new(record.topic.clone(), record.partition);
                    ranges.get(&partition).is_some_and(|range| record.offset < range.end)
                });
            }
            // Records of several partitions come in turns; by time they tell a story.
            records.sort_by_key(|record| record.timestamp);
            self.print(&records)?;
        }
        Ok(())
    }

    fn print(&mut self, records: &[ConsumerRecord]) -> Result<(), Failure> {
        let mut text = String::new();
        for record in records {
            if self.is_done() {
                break;
            }
            if !self.is_wanted(record) {
                continue;
            }
            self.shown += 1;
            show::record(record, self.settings.style, &mut text);
        }
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    fn is_wanted(&mut self, record: &ConsumerRecord) -> bool {
        let Some(expression) = &self.settings.expression else {
            return true;
        };
        match expression.holds(record) {
            Ok(holds) => holds,
            Err(reason) => {
                let (count, _) = self.failed.get_or_insert((0, reason));
                *count += 1;
                false
            }
        }
    }

    /// An expression that fails on a record does not show it; whoever wrote it wants to know.
    fn tell_failed(&self) {
        if let Some((count, reason)) = &self.failed {
            let were = if *count == 1 { "record was" } else { "records were" };
            eprintln!(
                "{count} {were} not shown since --where failed; the first time: {reason}. A `?` behind a \
                 path passes over what has no such field, as in '.user.id? == 7'."
            );
        }
    }
}

#[cfg(test)]
mod tests;
