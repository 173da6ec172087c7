//! `kafka-e2e-latency`: how long a record takes from being sent to being read, one at a time.

use std::time::{Duration, Instant};

use client::{
    Admin, ClientConfig, Consumer, ConsumerRecord, NewTopic, OffsetSpec, Producer, ProducerRecord,
};
use model::TopicPartition;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::connect::{self, BOOTSTRAP_SERVER, Pairs};
use crate::failure::Failure;
use crate::finding::quoted;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;
use crate::time;

/// How long a record is waited for.
const POLL_TIME_MAX: Duration = Duration::from_secs(60);
/// How long a partition may take to tell where it ends.
const POSITION_TIME_MAX: Duration = Duration::from_secs(60);
/// How often a line tells that it goes on.
const RECORDS_PER_LINE: usize = 1000;
/// As many records as there is one latency of eight bytes kept for.
const RECORDS_MAX: usize = 100_000_000;

/// The command line of `kafka-e2e-latency`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-e2e-latency",
    about: "Measures how long a record takes from being sent to being read.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("topic", "NAME", "REQUIRED: the topic; it is created if it is not there."),
        Flag::value("num-records", "COUNT", "REQUIRED: how many records to send."),
        Flag::value("producer-acks", "ACKS", "REQUIRED: 1 or all."),
        Flag::value("record-size", "BYTES", "REQUIRED: the size of each value."),
        Flag::value("record-key-size", "BYTES", "The size of each key; 0 by default."),
        Flag::value("num-headers", "COUNT", "Headers of each record; 0 by default."),
        Flag::value("record-header-key-size", "BYTES", "The size of each header's key."),
        Flag::value("record-header-size", "BYTES", "The size of each header's value; -1 for null."),
        Flag::value("command-config", "FILE", "Properties of producer, consumer and admin client."),
        Flag::words(
            "BOOTSTRAP-SERVER TOPIC NUM-RECORDS PRODUCER-ACKS RECORD-SIZE [COMMAND-CONFIG]",
            "The same as in Kafka before 4.2, in place of flags.",
        ),
    ],
};

/// What the command line comes to.
#[derive(Debug)]
struct Settings {
    servers: String,
    topic: String,
    records: usize,
    acks: String,
    value_size: usize,
    key_size: usize,
    headers: usize,
    header_key_size: usize,
    header_value_size: Option<usize>,
    file: Pairs,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let settings = settings(options)?;
    let consumer = connect::client_config(&settings.properties(&[
        ("group.id", &format!("test-group-{}", time::now_ms())),
        ("enable.auto.commit", "false"),
        ("auto.offset.reset", "latest"),
        ("fetch.max.wait.ms", "0"),
    ]))?;
    let producer = connect::client_config(
        &settings.properties(&[("linger.ms", "0"), ("acks", &settings.acks)]),
    )?;
    connect::block_on(measure(&settings, &consumer, &producer))
}

/// The names of what stands on old command lines, in order.
const OLD_ORDER: &[&str] =
    &["bootstrap-server", "topic", "num-records", "producer-acks", "record-size", "command-config"];

fn settings(options: &Options) -> Result<Settings, Failure> {
    let words = options.ignored();
    let has_flags = OLD_ORDER[..5].iter().any(|flag| options.has(flag));
    if !words.is_empty() && has_flags {
        return usage(&format!("{} belongs to no option", words.join(" ")));
    }
    if !has_flags && words.len() != 5 && words.len() != 6 {
        return Err(Failure::Refused(format!(
            "Invalid number of arguments. Expected 5 or 6 positional arguments, but got {}. Usage: \
             bootstrap-server topic num-records producer-acks record-size [optional] command-config",
            words.len()
        )));
    }
    if !words.is_empty() {
        print(
            "WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. \
             Please use named arguments instead: --bootstrap-server, --topic, --num-records, \
             --producer-acks, --record-size, --command-config\n",
        )?;
    }
    let required = |index: usize| match words.get(index) {
        Some(word) => Ok(word.as_str()),
        None => options.required(OLD_ORDER[index]),
    };
    let acks = required(3)?.to_owned();
    if !["1", "all"].contains(&acks.as_str()) {
        return usage(
            "Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. \
             Please use '1' or 'all'.",
        );
    }
    let optional = |flag| options.number::<i32>(flag).map(|size| size.unwrap_or(0));
    let header_value_size = match optional("record-header-size")? {
        -1 => None,
        size => Some(size_of("record-header-size", size)?),
    };
    let file = match words.get(5) {
        Some(path) => connect::read_properties(path)?,
        None => connect::file(options, "command-config")?,
    };
    Ok(Settings {
        servers: required(0)?.to_owned(),
        topic: required(1)?.to_owned(),
        records: count(required(2)?)?,
        acks,
        value_size: size_of("record-size", parse("record-size", required(4)?)?)?,
        key_size: size_of("record-key-size", optional("record-key-size")?)?,
        headers: size_of("num-headers", optional("num-headers")?)?,
        header_key_size: size_of("record-header-key-size", optional("record-header-key-size")?)?,
        header_value_size,
        file,
    })
}

fn usage<T>(message: &str) -> Result<T, Failure> {
    Err(Failure::Usage(message.to_owned()))
}

fn parse(flag: &str, text: &str) -> Result<i32, Failure> {
    text.trim().parse().or_else(|_| {
        usage(&format!("Cannot parse argument '{text}' of option {flag}: a number is needed"))
    })
}

fn count(text: &str) -> Result<usize, Failure> {
    match usize::try_from(parse("num-records", text)?) {
        Ok(count @ 1..=RECORDS_MAX) => Ok(count),
        Ok(count) if count > 0 => usage(&format!("--num-records can be {RECORDS_MAX} at most.")),
        _ => usage("Value for --num-records must be a positive integer."),
    }
}

fn size_of(flag: &str, number: i32) -> Result<usize, Failure> {
    usize::try_from(number)
        .or_else(|_| usage(&format!("Value for --{flag} must be a non-negative integer.")))
}

impl Settings {
    fn properties(&self, more: &[(&str, &str)]) -> Pairs {
        let mut properties = self.file.clone();
        properties.push(("bootstrap.servers".into(), self.servers.clone()));
        properties.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        properties
    }
}

async fn measure(
    settings: &Settings,
    consumer: &ClientConfig,
    producer: &ClientConfig,
) -> Result<(), Failure> {
    let admin = Admin::new(producer)?;
    let partitions = partitions(&admin, &settings.topic).await?;
    let mut consumer = Consumer::new(consumer)?;
    consumer.assign(&partitions)?;
    for partition in &partitions {
        consumer.seek_to(partition, OffsetSpec::Latest)?;
    }
    let without = |consumer: &Consumer| {
        partitions.iter().find(|partition| consumer.position(partition).is_none()).cloned()
    };
    let begun = Instant::now();
    while let Some(partition) = without(&consumer) {
        if begun.elapsed() > POSITION_TIME_MAX {
            return Err(Failure::Refused(format!(
                "{partition} has told no offset in {} s: does it have a leader? `klamm topics \
                 --bootstrap-server {} --describe --unavailable-partitions` shows those that have none.",
                POSITION_TIME_MAX.as_secs(),
                quoted(&settings.servers)
            )));
        }
        consumer.poll(Duration::from_millis(100)).await?;
    }
    let producer = Producer::new(producer)?;
    let mut random = SmallRng::seed_from_u64(0);
    let mut latencies_ms = Vec::new();
    let mut total = Duration::ZERO;
    for index in 0..settings.records {
        let sent = Sent::new(settings, &mut random);
        let headers: Vec<(&str, Option<&[u8]>)> =
            sent.headers.iter().map(|(key, value)| (&key[..], value.as_deref())).collect();
        let record = ProducerRecord {
            topic: &settings.topic,
            key: Some(&sent.key),
            value: Some(&sent.value),
            headers: &headers,
            ..ProducerRecord::default()
        };
        let begin = Instant::now();
        producer.send(&record).await?.wait().await?;
        let read = consumer.poll(POLL_TIME_MAX).await?;
        let elapsed = begin.elapsed();
        sent.compare(&read).map_err(Failure::Refused)?;
        if index % RECORDS_PER_LINE == 0 {
            print(&format!("{index}\t{:?}\n", elapsed.as_nanos() as f64 / 1000.0 / 1000.0))?;
        }
        total += elapsed;
        latencies_ms.push(elapsed.as_millis());
    }
    print(&results(total, &mut latencies_ms))?;
    consumer.commit().await?;
    producer.close().await;
    consumer.close().await?;
    Ok(())
}

/// The partitions of the topic, which is created if it is not there.
async fn partitions(admin: &Admin, topic: &str) -> Result<Vec<TopicPartition>, Failure> {
    let find = async || {
        let topics = admin.list_topics().await?;
        let found = topics.into_iter().find(|found| *found.name == *topic);
        Ok::<_, Failure>(found.filter(|found| !found.partitions.is_empty()))
    };
    let mut found = find().await?;
    if found.is_none() {
        print(&format!(
            "Topic \"{topic}\" does not exist. Will create topic with 1 partition(s) and replication \
             factor = 1\n"
        ))?;
        let new =
            NewTopic { partitions: Some(1), replication_factor: Some(1), ..NewTopic::new(topic) };
        for (_, created) in admin.create_topics(&[new], false).await? {
            created?;
        }
        found = find().await?;
    }
    let found = found
        .ok_or_else(|| Failure::Refused(format!("topic {topic} is not there; try it again")))?;
    let partitions = found.partitions.iter();
    Ok(partitions.map(|known| TopicPartition::new(topic, known.partition)).collect())
}

/// A record that is on its way.
#[derive(Debug, PartialEq)]
struct Sent {
    key: Vec<u8>,
    value: Vec<u8>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Sent {
    fn new(settings: &Settings, random: &mut SmallRng) -> Self {
        let mut letters = |size| vec![random.random_range(b'A'..=b'Z'); size];
        let (key, value) = (letters(settings.key_size), letters(settings.value_size));
        let header = |_| {
            let key = String::from_utf8_lossy(&letters(settings.header_key_size)).into_owned();
            (key, settings.header_value_size.map(&mut letters))
        };
        Self { key, value, headers: (0..settings.headers).map(header).collect() }
    }

    /// Whether exactly this was read.
    fn compare(&self, read: &[ConsumerRecord]) -> Result<(), String> {
        let [record] = read else {
            return Err(match read.len() {
                0 => format!(
                    "poll() timed out before finding a result (timeout:[{}ms])",
                    POLL_TIME_MAX.as_millis()
                ),
                count => {
                    format!("Only one result was expected during this test. We found [{count}]")
                }
            });
        };
        let text =
            |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        for (what, sent, got) in
            [("value", &self.value, &record.value), ("key", &self.key, &record.key)]
        {
            if got.as_deref() != Some(&sent[..]) {
                return Err(format!(
                    "The message {what} read [{}] did not match the message {what} sent [{}]",
                    text(got.as_deref()),
                    text(Some(sent))
                ));
            }
        }
        let headers = record.headers.iter();
        let got = headers.map(|header| (&header.key[..], header.value.as_deref()));
        if !got.eq(self.headers.iter().map(|(key, value)| (&key[..], value.as_deref()))) {
            return Err("The message headers read did not match those sent".to_owned());
        }
        Ok(())
    }
}

fn results(total: Duration, latencies_ms: &mut [u128]) -> String {
    latencies_ms.sort_unstable();
    let count = latencies_ms.len();
    let average = total.as_nanos() as f64 / count as f64 / 1000.0 / 1000.0;
    let at = |part: f64| latencies_ms.get((count as f64 * part) as usize).copied().unwrap_or(0);
    format!(
        "Avg latency: {average:.4} ms\nPercentiles: 50th = {}, 99th = {}, 99.9th = {}\n",
        at(0.5),
        at(0.99),
        at(0.999)
    )
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::options::Asked;

    fn read(line: &str) -> Result<Settings, Failure> {
        let words = line.split_whitespace().map(OsString::from).collect();
        match COMMAND_LINE.parse(words) {
            Ok(Asked::Run(options)) => settings(&options),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn words_in_the_old_order_mean_what_flags_mean() {
        let old = read("h:1 t 10 all 100").unwrap();
        let new = "--bootstrap-server h:1 --topic t --num-records 10 --producer-acks all --record-size 100";
        let new = read(new).unwrap();
        for settings in [old, new] {
            assert_eq!((settings.servers.as_str(), settings.topic.as_str()), ("h:1", "t"));
            assert_eq!((settings.records, settings.value_size), (10, 100));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (line, message) in [
            ("h:1 t 10 all", "Invalid number of arguments. Expected 5 or 6"),
            ("h:1 t 0 all 1", "Value for --num-records must be a positive integer."),
            ("h:1 t 1 0 1", "Invalid value for --producer-acks."),
        ] {
            let error = read(line).unwrap_err().to_string();
            assert!(error.starts_with(message), "{line}: {error}");
        }
    }

    #[test]
    fn figures_read_as_in_kafka() {
        let mut latencies: Vec<u128> = (0..1000).rev().collect();
        assert_eq!(
            results(Duration::from_millis(499_500), &mut latencies),
            "Avg latency: 499.5000 ms\nPercentiles: 50th = 500, 99th = 990, 99.9th = 999\n"
        );
    }
}
