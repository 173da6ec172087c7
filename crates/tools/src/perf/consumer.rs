//! `kafka-consumer-perf-test`: reads records as fast as it can, and says how fast that was.

use std::time::{Duration, Instant};

use client::{ClientConfig, Consumer};
use rand::Rng;

use super::{MB, fixed};
use crate::connect::{self, BOOTSTRAP_SERVER, Pairs, set_default};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::output::print;
use crate::patterns::Names;
use crate::{progress, time};

/// How long one poll waits.
const POLL_TIME: Duration = Duration::from_millis(100);
/// The default of `--date-format`.
const DATE_FORMAT: &str = "yyyy-MM-dd HH:mm:ss:SSS";
/// What both headers end with.
const HEADER_END: &str = "data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, \
                          rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n";

/// The command line of `kafka-consumer-perf-test`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-consumer-perf-test",
    about: "Measures how fast records are read.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("topic", "NAME", "The topic."),
        Flag::value("include", "REGEX", "All topics whose whole names match, in place of --topic."),
        Flag::value("num-records", "COUNT", "REQUIRED: how many records to read.")
            .or(&["messages"]),
        Flag::value("group", "ID", "The group to read in; perf-consumer- and a number by default."),
        Flag::value("fetch-size", "BYTES", "max.partition.fetch.bytes; 1048576 by default."),
        Flag::switch("from-latest", "Begin after the last record where the group has no offset."),
        Flag::maybe("timeout", "MS", "Stop when no record has come for so long; 10000 by default."),
        Flag::switch("show-detailed-stats", "A line for each interval instead of one at the end."),
        Flag::value("reporting-interval", "MS", "That interval; 5000 by default."),
        Flag::value(
            "date-format",
            "PATTERN",
            "How times are written; yyyy-MM-dd HH:mm:ss:SSS by default.",
        ),
        Flag::switch("hide-header", "Leave the header out."),
        Flag::value("command-property", "K=V", "A property of the consumer; may be repeated."),
        Flag::value("command-config", "FILE", "Properties of the consumer.")
            .or(&["consumer.config"]),
        Flag::switch("print-metrics", "Accepted; this consumer keeps no metrics."),
        Flag::switch("new-consumer", WITHOUT_EFFECT),
        Flag::value("socket-buffer-size", "BYTES", WITHOUT_EFFECT),
        Flag::value("threads", "COUNT", WITHOUT_EFFECT),
        Flag::value("num-fetch-threads", "COUNT", WITHOUT_EFFECT),
    ],
};

/// What the command line comes to.
#[derive(Debug)]
struct Settings {
    topic: Option<String>,
    include: Option<Names>,
    records: u64,
    timeout: Duration,
    detailed: bool,
    interval_ms: i64,
    date_format: String,
    header: bool,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let settings = settings(options)?;
    let config = connect::client_config(&properties(options)?)?;
    if options.has("print-metrics") {
        eprintln!("--print-metrics: this consumer keeps no metrics.");
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(&config, &settings))
}

fn settings(options: &Options) -> Result<Settings, Failure> {
    options.require(&["bootstrap-server"])?;
    options.exactly_one(&["topic", "include"])?;
    options.require(&["num-records"])?;
    let interval_ms = options.number::<i64>("reporting-interval")?.unwrap_or(5_000);
    if interval_ms <= 0 {
        return Err(Failure::Usage("Reporting interval must be greater than 0.".into()));
    }
    let date_format = options.value("date-format")?.unwrap_or(DATE_FORMAT).to_owned();
    // A wrong pattern is told before anything is measured.
    time::format(&date_format, 0)?;
    Ok(Settings {
        topic: options.value("topic")?.map(str::to_owned),
        include: options.value("include")?.map(Names::pattern).transpose()?,
        records: options.number("num-records")?.unwrap_or(0),
        timeout: Duration::from_millis(options.number("timeout")?.unwrap_or(10_000)),
        detailed: options.has("show-detailed-stats"),
        interval_ms,
        date_format,
        header: !options.has("hide-header"),
    })
}

fn properties(options: &Options) -> Result<Pairs, Failure> {
    let mut properties = connect::properties(options, "command-config", "command-property")?;
    let group = match options.value("group")? {
        Some(group) => group.to_owned(),
        None => format!("perf-consumer-{}", rand::rng().random_range(0..100_000)),
    };
    let reset = if options.has("from-latest") { "latest" } else { "earliest" };
    let fetch_size = options.value("fetch-size")?.unwrap_or("1048576");
    for (name, value) in [
        ("bootstrap.servers", options.required("bootstrap-server")?),
        ("group.id", &group),
        ("auto.offset.reset", reset),
        ("max.partition.fetch.bytes", fetch_size),
        ("check.crcs", "false"),
    ] {
        properties.push((name.into(), value.into()));
    }
    set_default(&mut properties, "client.id", "perf-consumer-client");
    Ok(properties)
}

/// How long the consumer had no partitions because its group shared them out.
#[derive(Debug)]
struct Joining {
    since: Option<Instant>,
    total_ms: i64,
    round_ms: i64,
}

impl Joining {
    fn look(&mut self, has_partitions: bool) {
        match self.since {
            Some(since) if has_partitions => {
                let ms = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
                self.total_ms += ms;
                self.round_ms += ms;
                self.since = None;
            }
            None if !has_partitions => self.since = Some(Instant::now()),
            _ => {}
        }
    }
}

async fn measure(config: &ClientConfig, settings: &Settings) -> Result<(), Failure> {
    let mut consumer = Consumer::new(config)?;
    consumer.cluster().any().await?;
    if settings.header {
        let begin = if settings.detailed { "time, threadId, " } else { "start.time, end.time, " };
        print(&format!("{begin}{HEADER_END}"))?;
    }
    match (&settings.topic, &settings.include) {
        (Some(topic), _) => consumer.subscribe(std::slice::from_ref(topic))?,
        (None, Some(names)) => {
            let names = names.clone();
            consumer.subscribe_matching(move |name| names.contain(name))?;
        }
        (None, None) => {}
    }
    let start_ms = time::now_ms();
    let mut joining = Joining { since: Some(Instant::now()), total_ms: 0, round_ms: 0 };
    let mut read = Progress { ms: start_ms, ..Progress::default() };
    let mut last_line = read;
    let mut last_record = Instant::now();
    // The detailed lines are progress enough.
    let mut shown =
        (!settings.detailed).then(|| progress::Progress::of(settings.records, "records"));
    while read.records < settings.records && last_record.elapsed() <= settings.timeout {
        let records = consumer.poll(POLL_TIME).await?;
        joining.look(!consumer.assignment().is_empty());
        read.ms = time::now_ms();
        if records.is_empty() {
            continue;
        }
        last_record = Instant::now();
        for record in &records {
            let size = |part: &Option<bytes::Bytes>| part.as_ref().map_or(0, bytes::Bytes::len);
            read.records += 1;
            read.bytes += (size(&record.key) + size(&record.value)) as u64;
        }
        if let Some(shown) = &mut shown {
            shown.advance(records.len() as u64);
        }
        if read.ms - last_line.ms >= settings.interval_ms {
            if settings.detailed {
                let time = time::format(&settings.date_format, read.ms)?;
                print(&detailed_line(&time, &read, &last_line, joining.round_ms))?;
            }
            joining.round_ms = 0;
            last_line = read;
        }
    }
    let end_ms = time::now_ms();
    drop(shown);
    if read.records < settings.records {
        print(&format!(
            "WARNING: Exiting before consuming the expected number of records: timeout ({} ms) exceeded. \
             You can use the --timeout option to increase the timeout.\n",
            settings.timeout.as_millis()
        ))?;
    }
    if !settings.detailed {
        let format = |ms| time::format(&settings.date_format, ms);
        let times = [format(start_ms)?, format(end_ms)?];
        print(&total_line(&times, &read, end_ms - start_ms, joining.total_ms))?;
    }
    consumer.close().await?;
    Ok(())
}

/// What was read until a time.
#[derive(Debug, Default, Clone, Copy)]
struct Progress {
    ms: i64,
    records: u64,
    bytes: u64,
}

fn total_line(times: &[String; 2], read: &Progress, elapsed_ms: i64, joining_ms: i64) -> String {
    let mb = read.bytes as f64 / MB;
    let records = read.records as f64;
    let seconds = elapsed_ms as f64 / 1000.0;
    let fetch_ms = elapsed_ms - joining_ms;
    let fetch_seconds = fetch_ms as f64 / 1000.0;
    format!(
        "{}, {}, {}, {}, {}, {}, {joining_ms}, {fetch_ms}, {}, {}\n",
        times[0],
        times[1],
        fixed(mb, 4),
        fixed(mb / seconds, 4),
        read.records,
        fixed(records / seconds, 4),
        fixed(mb / fetch_seconds, 4),
        fixed(records / fetch_seconds, 4),
    )
}

fn detailed_line(time: &str, read: &Progress, last: &Progress, joining_ms: i64) -> String {
    let mb = (read.bytes - last.bytes) as f64 / MB;
    let records = (read.records - last.records) as f64;
    let seconds = (read.ms - last.ms) as f64 / 1000.0;
    let fetch_ms = read.ms - last.ms - joining_ms;
    let per_fetch_second =
        |value: f64| if fetch_ms <= 0 { 0.0 } else { value * 1000.0 / fetch_ms as f64 };
    format!(
        "{time}, 0, {}, {}, {}, {}, {joining_ms}, {fetch_ms}, {}, {}\n",
        fixed(read.bytes as f64 / MB, 4),
        fixed(mb / seconds, 4),
        read.records,
        fixed(records / seconds, 4),
        fixed(per_fetch_second(mb), 4),
        fixed(per_fetch_second(records), 4),
    )
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::connect::get;
    use crate::options::Asked;

    fn options(line: &str) -> Options {
        let words = line.split_whitespace().map(OsString::from).collect();
        match COMMAND_LINE.parse(words) {
            Ok(Asked::Run(options)) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn old_and_new_spellings_mean_the_same() {
        for line in [
            "--broker-list h:1 --topic t --messages 5 --timeout 7",
            "--bootstrap-server h:1 --topic t --num-records 5 --timeout=7",
        ] {
            let options = options(line);
            let settings = settings(&options).unwrap();
            assert_eq!((settings.records, settings.timeout.as_millis()), (5, 7), "{line}");
            let properties = properties(&options).unwrap();
            assert_eq!(get(&properties, "auto.offset.reset"), Some("earliest"));
            assert!(get(&properties, "group.id").unwrap().starts_with("perf-consumer-"));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "--bootstrap-server h:1 --topic t",
            "--bootstrap-server h:1 --num-records 5",
            "--topic t --num-records 5",
            "--bootstrap-server h:1 --topic t --num-records 5 --reporting-interval 0",
            "--bootstrap-server h:1 --topic t --num-records 5 --date-format EEE",
        ] {
            assert!(settings(&options(line)).is_err(), "{line}");
        }
    }

    #[test]
    fn figures_read_as_in_kafka() {
        let read = Progress { ms: 4000, records: 2000, bytes: 2 * 1024 * 1024 };
        let times = ["a".to_owned(), "b".to_owned()];
        assert_eq!(
            total_line(&times, &read, 4000, 2000),
            "a, b, 2.0000, 0.5000, 2000, 500.0000, 2000, 2000, 1.0000, 1000.0000\n"
        );
        assert_eq!(
            total_line(&times, &read, 0, 0),
            "a, b, 2.0000, Infinity, 2000, Infinity, 0, 0, Infinity, Infinity\n"
        );
        let last = Progress { ms: 2000, records: 1000, bytes: 1024 * 1024 };
        assert_eq!(
            detailed_line("t", &read, &last, 1000),
            "t, 0, 2.0000, 0.5000, 2000, 500.0000, 1000, 1000, 1.0000, 1000.0000\n"
        );
    }
}
