//! `kafka-console-consumer`: prints the records of topics.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use client::{ClientConfig, Consumer, ConsumerRecord, OffsetSpec};
use model::{ErrorCode, Offset, TopicPartition};
use rand::Rng;

use crate::connect;
use crate::failure::Failure;
use crate::options::Options;
use crate::stop;

mod formatter;
mod settings;

pub(crate) use settings::COMMAND_LINE;
use settings::{Settings, Source, Start};

/// How long one poll waits; only how often the clock is looked at depends on it.
const POLL_TIME: Duration = Duration::from_millis(500);
/// How long leaving the group may take.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(10);

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let settings = Settings::new(options, rand::rng().random_range(0..100_000))?;
    let config = connect::client_config(&settings.properties)?;
    connect::block_on(consume(&config, &settings))
}

async fn consume(config: &ClientConfig, settings: &Settings) -> Result<(), Failure> {
    let mut consumer = Consumer::new(config)?;
    // A wrong address is told at once.
    consumer.cluster().any().await?;
    match &settings.source {
        Source::Topic(topic) => consumer.subscribe(std::slice::from_ref(topic))?,
        Source::Matching(names) => {
            let names = names.clone();
            consumer.subscribe_matching(move |name| names.contain(name))?;
        }
        Source::Partition(partition, start) => {
            consumer.assign(std::slice::from_ref(partition))?;
            match start {
                Start::Earliest => consumer.seek_to(partition, OffsetSpec::Earliest)?,
                Start::Latest => consumer.seek_to(partition, OffsetSpec::Latest)?,
                Start::At(offset) => consumer.seek(partition, *offset)?,
            }
        }
    }
    let mut printer = Printer { settings, count: 0, text: Vec::new(), told_missing: false };
    let result = tokio::select! {
        result = printer.print_all(&mut consumer) => result,
        signal = stop::signal() => Err(Failure::Stopped(signal)),
    };
    // What cannot be committed or left in time is not waited for: the group finds out by itself.
    let closed = tokio::time::timeout(CLOSE_TIME_MAX, consumer.close()).await;
    eprintln!("Processed a total of {} messages", printer.count);
    if settings.tells_events {
        println!("shutdown_complete");
    }
    result?;
    if let Ok(closed) = closed {
        closed?;
    }
    Ok(())
}

struct Printer<'a> {
    settings: &'a Settings,
    count: u64,
    text: Vec<u8>,
    told_missing: bool,
}

impl Printer<'_> {
    fn is_done(&self) -> bool {
        self.settings.messages_max.is_some_and(|max| self.count >= max)
    }

    /// Prints records until there were enough, or none came for long enough.
    async fn print_all(&mut self, consumer: &mut Consumer) -> Result<(), Failure> {
        let mut last = Instant::now();
        while !self.is_done() {
            let left = self.settings.timeout.map(|timeout| timeout.saturating_sub(last.elapsed()));
            let records = consumer.poll(left.unwrap_or(POLL_TIME).min(POLL_TIME)).await?;
            if records.is_empty() {
                if self.settings.timeout.is_some_and(|timeout| last.elapsed() >= timeout) {
                    return Ok(());
                }
                self.tell_missing(consumer);
                continue;
            }
            let printed = self.print(&records);
            let read = *printed.as_ref().unwrap_or(&records.len());
            for (partition, offset) in first_offsets(&records[read..]) {
                // Another member may have it by now, and then commits for it.
                let _ = consumer.seek(&partition, offset);
            }
            printed?;
            last = Instant::now();
        }
        Ok(())
    }

    /// Says once that there is no such topic or partition: it may still come, but often the name is
    /// wrong.
    fn tell_missing(&mut self, consumer: &Consumer) {
        let (name, partition) = match &self.settings.source {
            Source::Topic(topic) => (topic.as_str(), None),
            Source::Partition(partition, _) => (&*partition.topic, Some(partition.partition)),
            Source::Matching(_) => return,
        };
        let known = consumer.cluster().known();
        let Some(topic) = known.topics.get(name).filter(|_| !self.told_missing) else {
            return;
        };
        if topic.error == ErrorCode::UnknownTopicOrPartition {
            self.told_missing = true;
            eprintln!(
                "There is no topic {name}; waiting for it. `klamm topics --create --topic {name} \
                 --bootstrap-server ...` creates it."
            );
        } else if partition.is_some_and(|index| topic.partition(index).is_none()) {
            self.told_missing = true;
            let count = topic.partitions.len();
            eprintln!(
                "Topic {name} has only {count} partitions, numbered from 0; waiting for more."
            );
        }
    }

    /// Prints as many of the records as are wanted; how many those were.
    fn print(&mut self, records: &[ConsumerRecord]) -> Result<usize, Failure> {
        let mut read = 0;
        self.text.clear();
        let mut failed = Ok(());
        for record in records {
            if self.is_done() {
                break;
            }
            self.count += 1;
            read += 1;
            let before = self.text.len();
            if let Err(error) = self.settings.formatter.write(record, &mut self.text) {
                self.text.truncate(before);
                let (offset, partition) = (record.offset, record.partition);
                let message = format!(
                    "offset {offset} of {}-{partition} cannot be printed: {error}",
                    record.topic
                );
                if !self.settings.skips_errors {
                    failed = Err(Failure::Refused(message));
                    break;
                }
                eprintln!("{message}; skipped");
            }
        }
        let mut out = io::stdout().lock();
        out.write_all(&self.text)?;
        out.flush()?;
        failed.map(|()| read)
    }
}

/// The first offset of each partition among records.
fn first_offsets(records: &[ConsumerRecord]) -> BTreeMap<TopicPartition, Offset> {
    let mut first = BTreeMap::new();
    for record in records {
        let partition = TopicPartition::new(record.topic.clone(), record.partition);
        first.entry(partition).or_insert(record.offset);
    }
    first
}
