//! `kafka-producer-perf-test`: writes records as fast as it can, or at a given rate, and says how
//! fast that was.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use client::{Admin, ClientConfig, ClientError, Delivered, Producer, ProducerRecord};
use rand::rngs::SmallRng;
use rand::{Rng, RngCore, SeedableRng};

use super::stats::{Stats, pause_ms};
use crate::connect::{self, BOOTSTRAP_SERVER, Pairs, get, set_default};
use crate::failure::{Failure, explain};
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;
use crate::time;

/// The shortest pause that is worth taking to keep to a rate.
const PAUSE_MS_MIN: f64 = 2.0;

/// The command line of `kafka-producer-perf-test`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-producer-perf-test",
    about: "Measures how fast records are written to a topic.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("topic", "NAME", "REQUIRED: the topic."),
        Flag::value("num-records", "COUNT", "REQUIRED: how many records to write."),
        Flag::value(
            "throughput",
            "COUNT",
            "REQUIRED: records per second to keep to; -1 for all it can.",
        ),
        Flag::value("record-size", "BYTES", "The size of each record's value, made by chance."),
        Flag::value("payload-file", "FILE", "Take values from this file by chance."),
        Flag::value(
            "payload-delimiter",
            "TEXT",
            "What separates values in the file; a line end by default.",
        ),
        Flag::switch("payload-monotonic", "Take 0, 1, 2, ... as values."),
        Flag::many(
            "command-property",
            "K=V",
            "Properties of the producer, such as acks=1 linger.ms=10.",
        )
        .or(&["producer-props"]),
        Flag::value("command-config", "FILE", "Properties of the producer.")
            .or(&["producer.config"]),
        Flag::switch("print-metrics", "Accepted; this producer keeps no metrics."),
        Flag::value("warmup-records", "COUNT", "Leave so many out of a second line of figures."),
        Flag::value("reporting-interval", "MS", "How often a line is printed; 5000 by default."),
        Flag::value("key-distribution", "KIND", "Keys: none, range (in turn) or random."),
        Flag::value("record-key-range", "COUNT", "How many keys there are."),
        Flag::value("random-seed", "NUMBER", "Where chance begins; 0 by default."),
        Flag::value("transactional-id", "ID", "Transactions are not there yet."),
        Flag::value("transaction-duration-ms", "MS", "Transactions are not there yet."),
    ],
};

/// How keys are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    None,
    InTurn(u64),
    Random(u64),
}

/// What values are made of.
#[derive(Debug, PartialEq, Eq)]
enum Payload {
    Size(usize),
    Lines(Vec<Vec<u8>>),
    Monotonic,
}

/// What the command line comes to.
#[derive(Debug)]
struct Settings {
    topic: String,
    records: u64,
    per_second: Option<f64>,
    payload: Payload,
    keys: Keys,
    warmup: u64,
    reporting_interval_ms: i64,
    seed: u64,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let settings = settings(options)?;
    let config = connect::client_config(&properties(options)?)?;
    if options.has("print-metrics") {
        eprintln!("--print-metrics: this producer keeps no metrics.");
    }
    // The producer sends on threads of its own, while this one makes records.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(&config, settings))
}

fn usage<T>(message: &str) -> Result<T, Failure> {
    Err(Failure::Usage(message.to_owned()))
}

fn properties(options: &Options) -> Result<Pairs, Failure> {
    let mut properties = connect::properties(options, "command-config", "command-property")?;
    if let Some(servers) = options.value("bootstrap-server")? {
        properties.push(("bootstrap.servers".into(), servers.into()));
    }
    if get(&properties, "bootstrap.servers").is_none() {
        return usage(
            "--bootstrap-server must be specified, or bootstrap.servers with --command-property, \
             --producer-props or --command-config",
        );
    }
    set_default(&mut properties, "client.id", "perf-producer-client");
    Ok(properties)
}

fn settings(options: &Options) -> Result<Settings, Failure> {
    options.require(&["topic", "num-records", "throughput"])?;
    options.exactly_one(&["record-size", "payload-file", "payload-monotonic"])?;
    if options.has("transactional-id") || options.has("transaction-duration-ms") {
        return Err(Failure::Refused("transactions are not there yet".into()));
    }
    let records = options.number::<u64>("num-records")?.unwrap_or(0);
    if records == 0 {
        return usage("--num-records should be greater than zero.");
    }
    let warmup = options.number::<i64>("warmup-records")?.unwrap_or(0);
    let warmup = u64::try_from(warmup).unwrap_or(0);
    if warmup >= records {
        return usage("--warmup-records must be fewer than --num-records.");
    }
    let interval = options.number::<i64>("reporting-interval")?.unwrap_or(5_000);
    if interval <= 0 {
        return usage("--reporting-interval should be greater than zero.");
    }
    let throughput = options.number::<f64>("throughput")?.unwrap_or(-1.0);
    if throughput == 0.0 {
        return usage("--throughput 0 would never write anything; use -1 for no limit.");
    }
    Ok(Settings {
        topic: options.required("topic")?.to_owned(),
        records,
        per_second: Some(throughput).filter(|rate| *rate > 0.0),
        payload: payload(options)?,
        keys: keys(options)?,
        warmup,
        reporting_interval_ms: interval,
        seed: options.number::<i64>("random-seed")?.unwrap_or(0).cast_unsigned(),
    })
}

fn payload(options: &Options) -> Result<Payload, Failure> {
    if let Some(size) = options.number::<i64>("record-size")? {
        return match usize::try_from(size) {
            Ok(size) if size > 0 => Ok(Payload::Size(size)),
            _ => usage("--record-size should be greater than zero."),
        };
    }
    let Some(path) = options.value("payload-file")? else {
        return Ok(Payload::Monotonic);
    };
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let delimiter = options.value("payload-delimiter")?.unwrap_or("\\n").replace("\\n", "\n");
    let text = text.strip_suffix(&delimiter).unwrap_or(&text);
    if text.is_empty() || delimiter.is_empty() {
        return Err(Failure::Refused(format!("{path} is empty, or --payload-delimiter is")));
    }
    let lines: Vec<Vec<u8>> = text.split(&delimiter).map(|line| line.as_bytes().to_vec()).collect();
    print(&format!("Reading payloads from: {path}\nNumber of records read: {}\n", lines.len()))?;
    Ok(Payload::Lines(lines))
}

fn keys(options: &Options) -> Result<Keys, Failure> {
    let range = options.number::<u64>("record-key-range")?;
    if range == Some(0) {
        return usage("--record-key-range should be greater than zero.");
    }
    match (options.value("key-distribution")?.unwrap_or("none"), range) {
        ("none", None) => Ok(Keys::None),
        ("none", Some(_)) => usage(
            "--key-distribution must be 'range' or 'random' when --record-key-range is specified.",
        ),
        ("range", Some(range)) => Ok(Keys::InTurn(range)),
        ("random", Some(range)) => Ok(Keys::Random(range)),
        ("range" | "random", None) => {
            usage("--record-key-range is required when --key-distribution is 'range' or 'random'.")
        }
        _ => usage("--key-distribution is none, range or random."),
    }
}

/// Records that did not arrive; the first error stands for them.
#[derive(Debug, Default)]
struct Lost {
    count: AtomicU64,
    first: std::sync::OnceLock<ClientError>,
}

async fn measure(config: &ClientConfig, settings: Settings) -> Result<(), Failure> {
    // A wrong address is told at once.
    Admin::new(config)?.cluster().any().await?;
    let producer = Producer::new(config)?;
    if settings.warmup > 0 {
        print(&format!(
            "Warmup first {} records. Steady state results will print after the complete test summary.\n",
            settings.warmup
        ))?;
    }
    let stats = |title, records| {
        let stats = Stats::new(title, records, settings.reporting_interval_ms, time::now_ms());
        Arc::new(std::sync::Mutex::new(stats))
    };
    let whole = stats("", settings.records);
    let mut steady = None;
    let lost = Arc::new(Lost::default());
    let mut source = Source::new(&settings);
    let start = Instant::now();
    for index in 0..settings.records {
        if settings.warmup > 0 && index == settings.warmup {
            steady = Some(stats(" steady state", settings.records - settings.warmup));
        }
        let (key, value) = source.next(index);
        let record = ProducerRecord {
            topic: &settings.topic,
            key,
            value: Some(value),
            ..ProducerRecord::default()
        };
        let (whole, steady, lost) = (whole.clone(), steady.clone(), lost.clone());
        let (size, sent) = (value.len(), Instant::now());
        let callback = move |delivered: Delivered| match delivered {
            Ok(_) => count(&whole, steady.as_deref(), sent, size),
            Err(error) => {
                lost.count.fetch_add(1, Ordering::Relaxed);
                let _ = lost.first.set(error);
            }
        };
        producer.send_with(&record, callback).await?;
        if let Some(per_second) = settings.per_second {
            let pause = pause_ms(index + 1, start.elapsed().as_secs_f64() * 1000.0, per_second);
            if pause >= PAUSE_MS_MIN {
                tokio::time::sleep(Duration::from_secs_f64(pause / 1000.0)).await;
            }
        }
    }
    producer.close().await;
    for stats in [Some(whole), steady].into_iter().flatten() {
        print(&locked(&stats).total(time::now_ms()))?;
    }
    match lost.first.get() {
        Some(error) => Err(Failure::Refused(format!(
            "{} records were not written: {}",
            lost.count.load(Ordering::Relaxed),
            explain(error)
        ))),
        None => Ok(()),
    }
}

/// Counts a record that has arrived, and prints a line when it is time for one: of the steady state
/// once that has begun, of the whole before.
fn count(
    whole: &std::sync::Mutex<Stats>,
    steady: Option<&std::sync::Mutex<Stats>>,
    sent: Instant,
    size: usize,
) {
    let latency = u32::try_from(sent.elapsed().as_millis()).unwrap_or(u32::MAX);
    let now = time::now_ms();
    let mut line = locked(whole).record(latency, size, now);
    if let Some(steady) = steady {
        line = locked(steady).record(latency, size, now);
    }
    if let Some(line) = line {
        // A reader that has gone is noticed at the end.
        let _ = print(&line);
    }
}

fn locked(stats: &std::sync::Mutex<Stats>) -> std::sync::MutexGuard<'_, Stats> {
    stats.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Makes keys and values.
struct Source<'a> {
    settings: &'a Settings,
    random: SmallRng,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl<'a> Source<'a> {
    fn new(settings: &'a Settings) -> Self {
        let random = SmallRng::seed_from_u64(settings.seed);
        Self { settings, random, key: Vec::new(), value: Vec::new() }
    }

    fn next(&mut self, index: u64) -> (Option<&[u8]>, &[u8]) {
        let key = match self.settings.keys {
            Keys::None => None,
            Keys::InTurn(range) => Some(index % range),
            Keys::Random(range) => Some(self.random.random_range(0..range)),
        };
        if let Some(key) = key {
            self.key = key.to_string().into_bytes();
        }
        let value = match &self.settings.payload {
            Payload::Lines(lines) => &lines[self.random.random_range(0..lines.len())],
            Payload::Monotonic => {
                self.value = index.to_string().into_bytes();
                &self.value
            }
            Payload::Size(size) => {
                self.value.resize(*size, 0);
                self.random.fill_bytes(&mut self.value);
                for byte in &mut self.value {
                    *byte = letter(*byte);
                }
                &self.value
            }
        };
        (key.is_some().then_some(&self.key[..]), value)
    }
}

/// A capital letter for a byte, so that payloads compress as those of Kafka's tool do.
const fn letter(byte: u8) -> u8 {
    b'A' + ((byte as u16 * 26) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::options::Asked;

    fn options(line: &str) -> Options {
        let words = line.split_whitespace().map(OsString::from).collect();
        match COMMAND_LINE.parse(words) {
            Ok(Asked::Run(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    const BASE: &str = "--topic t --num-records 10 --throughput -1";

    #[test]
    fn every_spelling_of_properties_is_taken() {
        for line in [
            "--producer-props bootstrap.servers=h:1 acks=1",
            "--command-property bootstrap.servers=h:1 acks=1",
            "--command-property bootstrap.servers=h:1 --command-property acks=1",
            "--bootstrap-server h:1 --producer-props acks=1",
        ] {
            let properties =
                properties(&options(&format!("{BASE} --record-size 1 {line}"))).unwrap();
            assert_eq!(get(&properties, "bootstrap.servers"), Some("h:1"), "{line}");
            assert_eq!(get(&properties, "acks"), Some("1"), "{line}");
        }
        assert!(properties(&options(&format!("{BASE} --record-size 1"))).is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (line, message) in [
            (
                "--topic t --num-records 0 --throughput -1 --record-size 1",
                "--num-records should be",
            ),
            (
                "--topic t --num-records 1 --record-size 1",
                "Missing required argument \"[throughput]\"",
            ),
            ("--topic t --num-records 1 --throughput -1", "Exactly one of the following"),
            ("--topic t --num-records 1 --throughput 0 --record-size 1", "--throughput 0"),
            ("--topic t --num-records 1 --throughput 1 --record-size 0", "--record-size should be"),
            (
                "--topic t --num-records 1 --throughput 1 --record-size 1 --warmup-records 1",
                "--warmup-records must be",
            ),
            (
                "--topic t --num-records 1 --throughput 1 --record-size 1 --key-distribution range",
                "--record-key-range is required",
            ),
            (
                "--topic t --num-records 1 --throughput 1 --record-size 1 --transactional-id x",
                "transactions are not there yet",
            ),
        ] {
            let error = settings(&options(line)).unwrap_err().to_string();
            assert!(error.starts_with(message), "{line}: {error}");
        }
    }

    #[test]
    fn payload_is_capital_letters_of_the_size_and_the_same_for_a_seed() {
        let settings = settings(&options(&format!("{BASE} --record-size 1000"))).unwrap();
        let value = |settings| Source::new(settings).next(0).1.to_vec();
        let first = value(&settings);
        assert_eq!(first.len(), 1000);
        assert!(first.iter().all(u8::is_ascii_uppercase));
        assert!(first.contains(&b'A') && first.contains(&b'Z'));
        assert_eq!(value(&settings), first);
    }

    #[test]
    fn keys_come_in_turn() {
        let line =
            format!("{BASE} --payload-monotonic --key-distribution range --record-key-range 3");
        let settings = settings(&options(&line)).unwrap();
        let mut source = Source::new(&settings);
        assert_eq!(source.next(4), (Some(&b"1"[..]), &b"4"[..]));
        assert_eq!(source.next(5), (Some(&b"2"[..]), &b"5"[..]));
    }
}
