//! `kafka-verifiable-producer`: writes 0, 1, 2, ... and says of each record what became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use client::{ClientConfig, ClientError, Delivered, Producer, ProducerRecord};
use model::Timestamp;
use protocol::Json;

use super::{number, tell, text, text_of};
use crate::connect::{self, BOOTSTRAP_SERVER, Pairs};
use crate::failure::Failure;
use crate::java;
use crate::options::{CommandLine, Flag, Options};
use crate::stop;
use crate::time;

/// The command line of `kafka-verifiable-producer`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-verifiable-producer",
    about: "Writes 0, 1, 2, ... to a topic and prints what became of each record, as JSON.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("topic", "NAME", "REQUIRED: the topic."),
        Flag::value("max-messages", "COUNT", "Stop after so many; -1, the default, for never."),
        Flag::value("throughput", "COUNT", "Records per second to keep to; -1 for all it can."),
        Flag::value("acks", "ACKS", "0, 1 or -1, the default."),
        Flag::value("message-create-time", "MS", "The timestamp of the first record."),
        Flag::value("value-prefix", "NUMBER", "Write NUMBER.0, NUMBER.1, ... as values."),
        Flag::value("repeating-keys", "COUNT", "Write 0 to COUNT - 1 as keys, over and over."),
        Flag::value("command-config", "FILE", "Properties of the producer.")
            .or(&["producer.config"]),
    ],
};

/// What the command line comes to.
#[derive(Debug)]
struct Settings {
    topic: String,
    messages_max: Option<u64>,
    throughput: i64,
    create_time: Option<i64>,
    value_prefix: Option<i32>,
    repeating_keys: Option<u32>,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let settings = settings(options)?;
    let config = connect::client_config(&properties(options)?)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(produce(&config, &settings))
}

fn settings(options: &Options) -> Result<Settings, Failure> {
    options.require(&["topic", "bootstrap-server"])?;
    let throughput = options.number::<i32>("throughput")?.unwrap_or(-1);
    if throughput == 0 {
        return Err(Failure::Usage(
            "--throughput 0 would never write anything; use -1 for no limit".into(),
        ));
    }
    let repeating_keys = options.number::<u32>("repeating-keys")?;
    if repeating_keys == Some(0) {
        return Err(Failure::Usage("--repeating-keys needs at least 1".into()));
    }
    let messages_max = options.number::<i32>("max-messages")?;
    Ok(Settings {
        topic: options.required("topic")?.to_owned(),
        messages_max: messages_max.and_then(|count| u64::try_from(count).ok()),
        throughput: throughput.into(),
        create_time: options.number::<i64>("message-create-time")?.filter(|time| *time != -1),
        value_prefix: options.number("value-prefix")?,
        repeating_keys,
    })
}

fn properties(options: &Options) -> Result<Pairs, Failure> {
    let acks = options.value("acks")?.unwrap_or("-1");
    if !["0", "1", "-1"].contains(&acks) {
        return Err(Failure::Usage(format!("--acks {acks}: it is 0, 1 or -1")));
    }
    let mut properties: Pairs = vec![
        ("bootstrap.servers".into(), options.required("bootstrap-server")?.into()),
        ("acks".into(), acks.into()),
        // What is told of a record is what became of its one attempt.
        ("retries".into(), "0".into()),
    ];
    // The file has the last word, as in Kafka.
    properties.extend(connect::file(options, "command-config")?);
    Ok(properties)
}

async fn produce(config: &ClientConfig, settings: &Settings) -> Result<(), Failure> {
    let start = Instant::now();
    let producer = Producer::new(config)?;
    tell("startup_complete", Vec::new())?;
    let acked = Arc::new(AtomicU64::new(0));
    let mut sent = 0;
    let stopped = tokio::select! {
        sending = send_all(&producer, settings, &acked, &mut sent) => {
            sending?;
            None
        }
        signal = stop::signal() => Some(signal),
    };
    producer.close().await;
    tell("shutdown_complete", Vec::new())?;
    let acked = acked.load(Ordering::Relaxed);
    let seconds = start.elapsed().as_secs_f64().max(0.001);
    tell(
        "tool_data",
        vec![
            ("sent", number(sent)),
            ("acked", number(acked)),
            ("target_throughput", number(settings.throughput)),
            ("avg_throughput", Json::Double(acked as f64 / seconds)),
        ],
    )?;
    stopped.map_or(Ok(()), |signal| Err(Failure::Stopped(signal)))
}

async fn send_all(
    producer: &Producer,
    settings: &Settings,
    acked: &Arc<AtomicU64>,
    sent: &mut u64,
) -> Result<(), Failure> {
    let (start, start_ms) = (Instant::now(), time::now_ms());
    let mut create_time = settings.create_time;
    while settings.messages_max.is_none_or(|max| *sent < max) {
        let value = match settings.value_prefix {
            Some(prefix) => format!("{prefix}.{sent}"),
            None => sent.to_string(),
        };
        let key = settings.repeating_keys.map(|count| (*sent % u64::from(count)).to_string());
        let record = ProducerRecord {
            topic: &settings.topic,
            timestamp: create_time.map(Timestamp::new),
            key: key.as_ref().map(String::as_bytes),
            value: Some(value.as_bytes()),
            ..ProducerRecord::default()
        };
        create_time = create_time.map(|time| time + time::now_ms() - start_ms);
        *sent += 1;
        let (acked, topic) = (acked.clone(), settings.topic.clone());
        let (told_key, told_value) = (key.clone(), value.clone());
        let callback = move |delivered: Delivered| {
            if delivered.is_ok() {
                acked.fetch_add(1, Ordering::Relaxed);
            }
            // A reader that has gone is noticed at the end.
            let _ = tell_delivered(&topic, told_key.as_deref(), &told_value, delivered);
        };
        if let Err(error) = producer.send_with(&record, callback).await {
            tell_delivered(&settings.topic, key.as_deref(), &value, Err(error))?;
        }
        if settings.throughput > 0 {
            let due = start + Duration::from_secs_f64(*sent as f64 / settings.throughput as f64);
            tokio::time::sleep_until(due.into()).await;
        }
    }
    Ok(())
}

fn tell_delivered(
    topic: &str,
    key: Option<&str>,
    value: &str,
    delivered: Delivered,
) -> Result<(), Failure> {
    let key = ("key", text_of(key.map(str::as_bytes)));
    match delivered {
        Ok(place) => tell(
            "producer_send_success",
            vec![
                key,
                ("value", text(value)),
                ("offset", number(place.offset.get())),
                ("topic", text(&*place.topic)),
                ("partition", number(place.partition.get())),
            ],
        ),
        Err(error) => tell(
            "producer_send_error",
            vec![
                ("topic", text(topic)),
                key,
                ("value", text(value)),
                ("exception", text(format!("class {}", class(&error)))),
                ("message", text(java::words(&error))),
            ],
        ),
    }
}

/// The class that Kafka's client would throw.
fn class(error: &ClientError) -> String {
    match error.code() {
        Some(code) => java::full_class(code),
        // What has no code of a node: nobody answered in time.
        None => "org.apache.kafka.common.errors.TimeoutException".to_owned(),
    }
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

    #[test]
    fn spellings_of_all_generations_are_taken() {
        for line in [
            "--bootstrap-server h:1 --topic t --max-messages -1 --acks 1",
            "--broker-list h:1 --topic t --throughput 10 --message-create-time -1",
        ] {
            let settings = settings(&options(line)).unwrap();
            assert_eq!((settings.messages_max, settings.create_time), (None, None), "{line}");
        }
        let settings = settings(&options("--bootstrap-server h:1 --topic t --max-messages 5"));
        assert_eq!(settings.unwrap().messages_max, Some(5));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let base = "--bootstrap-server h:1 --topic t";
        assert!(settings(&options("--topic t")).is_err());
        assert!(settings(&options(&format!("{base} --throughput 0"))).is_err());
        assert!(settings(&options(&format!("{base} --repeating-keys 0"))).is_err());
        assert!(properties(&options(&format!("{base} --acks 2"))).is_err());
    }
}
