//! `kafka-console-producer`: the lines of standard input become records of a topic.

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::{Admin, ClientConfig, Delivered, Producer, ProducerRecord};
use tokio::sync::mpsc;

use crate::connect::{self, BOOTSTRAP_SERVER, Pairs, set_default};
use crate::failure::{Failure, explain};
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::stop;

mod line_reader;

use line_reader::{Line, LineReader};

/// Bunches of lines that wait between the thread that reads and the producer.
const BUNCHES_WAITING_MAX: usize = 16;
/// How long sending what was typed may take after Ctrl-C.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes that the thread reads at once.
const READ_BYTES: usize = 64 * 1024;
/// Kafka's own reader of lines.
const LINE_READERS: &[&str] =
    &["org.apache.kafka.tools.LineMessageReader", "kafka.tools.ConsoleProducer$LineMessageReader"];

/// The command line of `kafka-console-producer`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-console-producer",
    about: "Writes the lines of standard input to a topic, one record each.",
    flags: &[
        Flag::value("topic", "NAME", "REQUIRED: the topic."),
        BOOTSTRAP_SERVER,
        Flag::switch("sync", "Wait for each record before the next one is sent."),
        Flag::maybe(
            "compression-codec",
            "CODEC",
            "none, gzip, snappy, lz4 or zstd; gzip if no codec is named.",
        ),
        Flag::value("batch-size", "BYTES", "batch.size; 16384 by default.")
            .or(&["max-partition-memory-bytes"]),
        Flag::value("message-send-max-retries", "COUNT", "retries; 3 by default."),
        Flag::value("retry-backoff-ms", "MS", "retry.backoff.ms; 100 by default."),
        Flag::value(
            "timeout",
            "MS",
            "How long records wait for others to be sent with; linger.ms, 1000 by default.",
        ),
        Flag::value("request-required-acks", "ACKS", "acks: all, 1 or 0; all by default."),
        Flag::value("request-timeout-ms", "MS", "request.timeout.ms; 1500 by default."),
        Flag::value("metadata-expiry-ms", "MS", "metadata.max.age.ms; 300000 by default."),
        Flag::value("max-block-ms", "MS", "max.block.ms; 60000 by default."),
        Flag::value("max-memory-bytes", "BYTES", "buffer.memory; 33554432 by default."),
        Flag::value("socket-buffer-size", "BYTES", WITHOUT_EFFECT),
        Flag::value("line-reader", "CLASS", "Only Kafka's LineMessageReader is known."),
        Flag::value(
            "reader-property",
            "K=V",
            "How lines are read: parse.key, key.separator, parse.headers, headers.delimiter, \
             headers.separator, headers.key.separator, null.marker, ignore.error. May be repeated.",
        )
        .or(&["property"]),
        Flag::value("reader-config", "FILE", "The same as a properties file."),
        Flag::value("command-property", "K=V", "A property of the producer; may be repeated.")
            .or(&["producer-property"]),
        Flag::value("command-config", "FILE", "Properties of the producer.")
            .or(&["producer.config"]),
    ],
};

/// Flags that set a property: flag, property, value if neither says anything.
const FLAG_PROPERTIES: &[(&str, &str, &str)] = &[
    ("timeout", "linger.ms", "1000"),
    ("request-required-acks", "acks", "-1"),
    ("request-timeout-ms", "request.timeout.ms", "1500"),
    ("message-send-max-retries", "retries", "3"),
    ("retry-backoff-ms", "retry.backoff.ms", "100"),
    ("max-memory-bytes", "buffer.memory", "33554432"),
    ("batch-size", "batch.size", "16384"),
    ("metadata-expiry-ms", "metadata.max.age.ms", "300000"),
    ("max-block-ms", "max.block.ms", "60000"),
];

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let topic = options.required("topic")?.to_owned();
    options.require(&["bootstrap-server"])?;
    if let Some(class) = options.value("line-reader")?
        && !LINE_READERS.contains(&class)
    {
        return Err(Failure::Refused(format!(
            "--line-reader {class}: Java classes cannot be loaded here; lines can be taken apart with \
             --reader-property, see --help"
        )));
    }
    let reader =
        LineReader::new(&connect::properties(options, "reader-config", "reader-property")?)?;
    let config = connect::client_config(&properties(options)?)?;
    connect::block_on(produce(&config, &topic, reader, options.has("sync")))
}

fn properties(options: &Options) -> Result<Pairs, Failure> {
    let mut properties = connect::properties(options, "command-config", "command-property")?;
    properties.push(("bootstrap.servers".into(), options.required("bootstrap-server")?.into()));
    if options.has("compression-codec") {
        let codec = options.value("compression-codec")?.filter(|codec| !codec.is_empty());
        properties.push(("compression.type".into(), codec.unwrap_or("gzip").into()));
    }
    for (flag, property, default) in FLAG_PROPERTIES {
        match options.value(flag)? {
            Some(value) => properties.push(((*property).into(), value.into())),
            None => set_default(&mut properties, property, default),
        }
    }
    set_default(&mut properties, "client.id", "console-producer");
    Ok(properties)
}

async fn produce(
    config: &ClientConfig,
    topic: &str,
    reader: LineReader,
    sync: bool,
) -> Result<(), Failure> {
    // A wrong address is told before the first line is typed.
    Admin::new(config)?.cluster().any().await?;
    let producer = Producer::new(config)?;
    let failed = Arc::new(AtomicBool::new(false));
    let sent = tokio::select! {
        sent = send_lines(&producer, topic, reader, sync, &failed) => sent,
        signal = stop::signal() => Err(Failure::Stopped(signal)),
    };
    // What was typed before Ctrl-C is sent too, if that is possible soon.
    match sent {
        Err(Failure::Stopped(_)) => {
            let _ = tokio::time::timeout(CLOSE_TIME_MAX, producer.close()).await;
        }
        _ => producer.close().await,
    }
    if sent.is_ok() && failed.load(Ordering::Relaxed) { Err(Failure::Told) } else { sent }
}

async fn send_lines(
    producer: &Producer,
    topic: &str,
    mut reader: LineReader,
    sync: bool,
    failed: &Arc<AtomicBool>,
) -> Result<(), Failure> {
    let (sender, mut bunches) = mpsc::channel(BUNCHES_WAITING_MAX);
    std::thread::spawn(move || read_lines(&sender));
    while let Some(bunch) = bunches.recv().await {
        for line in bunch? {
            send(producer, topic, &reader.read(&line)?, sync, failed).await?;
        }
    }
    Ok(())
}

async fn send(
    producer: &Producer,
    topic: &str,
    line: &Line,
    sync: bool,
    failed: &Arc<AtomicBool>,
) -> Result<(), Failure> {
    let headers: Vec<(&str, Option<&[u8]>)> =
        line.headers.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
    let record = ProducerRecord {
        topic,
        key: line.key.as_deref(),
        value: line.value.as_deref(),
        headers: &headers,
        ..ProducerRecord::default()
    };
    if sync {
        producer.send(&record).await?.wait().await?;
        return Ok(());
    }
    let failed = failed.clone();
    let size = line.value.as_ref().map_or(0, Vec::len);
    let told = topic.to_owned();
    let callback = move |delivered: Delivered| {
        if let Err(error) = delivered {
            let error = explain(&error);
            eprintln!("A record of {size} bytes did not reach topic {told}: {error}");
            failed.store(true, Ordering::Relaxed);
        }
    };
    producer.send_with(&record, callback).await?;
    Ok(())
}

/// Reads standard input to its end; as many lines together as came together.
fn read_lines(sender: &mpsc::Sender<io::Result<Vec<Vec<u8>>>>) {
    let stdin = io::stdin();
    let prompts = stdin.is_terminal() && io::stdout().is_terminal();
    let mut input = BufReader::with_capacity(READ_BYTES, stdin.lock());
    loop {
        if prompts {
            // Nobody to prompt is no reason to stop.
            let _ = io::stdout().write_all(b">").and_then(|()| io::stdout().flush());
        }
        let bunch = read_bunch(&mut input);
        let ended = matches!(&bunch, Ok(lines) if lines.is_empty()) || bunch.is_err();
        if sender.blocking_send(bunch).is_err() || ended {
            return;
        }
    }
}

/// The next line, and those behind it that are there already; none at the end.
fn read_bunch(input: &mut BufReader<impl io::Read>) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(lines);
        }
        if line.pop_if(|last| *last == b'\n').is_some() {
            line.pop_if(|last| *last == b'\r');
        }
        lines.push(line);
        if !input.buffer().contains(&b'\n') {
            return Ok(lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::connect::get;
    use crate::options::Asked;

    fn properties_of(line: &str) -> Pairs {
        let words = line.split_whitespace().map(OsString::from).collect();
        match COMMAND_LINE.parse(words) {
            Ok(Asked::Run(options)) => properties(&options).unwrap(),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn old_and_new_spellings_set_the_same_properties() {
        for line in [
            "--broker-list h:1 --topic t --producer-property client.id=x",
            "--bootstrap-server h:1 --topic t --command-property client.id=x",
        ] {
            let properties = properties_of(line);
            assert_eq!(get(&properties, "bootstrap.servers"), Some("h:1"));
            assert_eq!(get(&properties, "client.id"), Some("x"));
        }
    }

    #[test]
    fn flags_win_over_properties_and_properties_over_defaults() {
        let base = "--bootstrap-server h:1 --topic t";
        assert_eq!(get(&properties_of(base), "linger.ms"), Some("1000"));
        let with_property = format!("{base} --producer-property linger.ms=7");
        assert_eq!(get(&properties_of(&with_property), "linger.ms"), Some("7"));
        let with_both = format!("{with_property} --timeout 9");
        assert_eq!(get(&properties_of(&with_both), "linger.ms"), Some("9"));
    }

    #[test]
    fn codec_is_gzip_when_it_is_not_named() {
        let base = "--bootstrap-server h:1 --topic t";
        assert_eq!(get(&properties_of(base), "compression.type"), None);
        let codec = |flag: &str| properties_of(&format!("{base} {flag}"));
        assert_eq!(get(&codec("--compression-codec"), "compression.type"), Some("gzip"));
        assert_eq!(get(&codec("--compression-codec zstd"), "compression.type"), Some("zstd"));
    }

    #[test]
    fn lines_lose_their_ends_and_the_last_needs_none() {
        let mut input = BufReader::new(&b"a\r\n\nb\xff\nlast"[..]);
        assert_eq!(read_bunch(&mut input).unwrap(), [&b"a"[..], b"", b"b\xff"]);
        assert_eq!(read_bunch(&mut input).unwrap(), [b"last"]);
        assert!(read_bunch(&mut input).unwrap().is_empty());
    }
}
