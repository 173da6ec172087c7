//! The loads: Kafka's own performance tools and ours, producing and consuming records of 1 KiB.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use testkit::usage_of;

use crate::command::transcript;
use crate::interop::install::Installed;
use crate::interop::target::Broker;

/// Bytes of each record.
pub(super) const RECORD_BYTES: u64 = 1024;
const TIME_MAX: Duration = Duration::from_secs(1200);

/// Whose tool puts the load on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    ApacheKafka,
    /// Kafka's, unmeasured.
    WarmUp,
    Klamm,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Produce,
    Consume,
}

#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) tool: Tool,
    pub(super) direction: Direction,
}

/// Into a topic of their own, before anything is measured.
pub(super) const WARM_UP: [Load; 2] = [
    Load { tool: Tool::WarmUp, direction: Direction::Produce },
    Load { tool: Tool::WarmUp, direction: Direction::Consume },
];

/// In this order: each topic is consumed after it was produced.
pub(super) const LOADS: [Load; 4] = [
    Load { tool: Tool::ApacheKafka, direction: Direction::Produce },
    Load { tool: Tool::ApacheKafka, direction: Direction::Consume },
    Load { tool: Tool::Klamm, direction: Direction::Produce },
    Load { tool: Tool::Klamm, direction: Direction::Consume },
];

/// What a load showed.
pub(super) struct Throughput {
    /// Payload over the time of the tool's own count (produce) or of its whole run (consume).
    pub(super) megabytes_per_second: f64,
    /// Processor seconds of the broker for each 10^9 bytes of payload.
    pub(super) broker_seconds_per_gigabyte: f64,
}

impl Load {
    pub(super) fn name(self) -> String {
        let tool = match self.tool {
            Tool::ApacheKafka | Tool::WarmUp => "Kafka's tool",
            Tool::Klamm => "our tool",
        };
        let direction = match self.direction {
            Direction::Produce => "produce",
            Direction::Consume => "consume",
        };
        format!("{direction}, {tool}")
    }

    /// The words after the tool's name, as a person would type them.
    pub(super) fn arguments(self, bootstrap: &str, records: u64) -> String {
        let topic = match self.tool {
            Tool::ApacheKafka => "bench-kafka",
            Tool::WarmUp => "bench-warm-up",
            Tool::Klamm => "bench-klamm",
        };
        match self.direction {
            Direction::Produce => format!(
                "--bootstrap-server {bootstrap} --topic {topic} --num-records {records} \
                 --record-size {RECORD_BYTES} --throughput -1 --command-property acks=all"
            ),
            Direction::Consume => format!(
                "--bootstrap-server {bootstrap} --topic {topic} --num-records {records} \
                 --timeout 60000"
            ),
        }
    }

    pub(super) fn run(
        self,
        kafka: &Installed,
        broker: &Broker,
        records: u64,
    ) -> Result<Throughput> {
        let mut command = self.command(kafka)?;
        let words = self.arguments(&broker.bootstrap(), records);
        command.args(words.split_whitespace());
        let before = usage_of(broker.pid()?)?;
        let start = Instant::now();
        let printed = transcript(command, "", TIME_MAX)?;
        let took = start.elapsed();
        let after = usage_of(broker.pid()?)?;
        let bytes = (records * RECORD_BYTES) as f64;
        let seconds = match self.direction {
            Direction::Produce => produced_seconds(&printed, records)?,
            Direction::Consume => consumed_seconds(&printed, records, took)?,
        };
        let broker_seconds = (after.processor_time - before.processor_time).as_secs_f64();
        Ok(Throughput {
            megabytes_per_second: bytes / seconds / 1e6,
            broker_seconds_per_gigabyte: broker_seconds / (bytes / 1e9),
        })
    }

    fn command(self, kafka: &Installed) -> Result<Command> {
        Ok(match (self.tool, self.direction) {
            (Tool::ApacheKafka | Tool::WarmUp, Direction::Produce) => {
                kafka.java("org.apache.kafka.tools.ProducerPerformance")
            }
            (Tool::ApacheKafka | Tool::WarmUp, Direction::Consume) => {
                kafka.java("org.apache.kafka.tools.ConsumerPerformance")
            }
            (Tool::Klamm, direction) => {
                let mut command = Command::new(testkit::klamm_binary()?);
                command.arg(match direction {
                    Direction::Produce => "producer-perf-test",
                    Direction::Consume => "consumer-perf-test",
                });
                command
            }
        })
    }
}

/// From the last line, `N records sent, R records/sec (M MB/sec), ...`.
fn produced_seconds(printed: &str, records: u64) -> Result<f64> {
    let wanted = format!("{records} records sent, ");
    let line = printed.lines().rev().find_map(|line| line.trim().strip_prefix(wanted.as_str()));
    let rate = line.and_then(|rest| rest.split_whitespace().next());
    let rate: f64 = rate.with_context(|| format!("no total in\n{printed}"))?.parse()?;
    if rate <= 0.0 {
        bail!("a rate of {rate} records/sec");
    }
    Ok(records as f64 / rate)
}

/// From the line of values under the header `start.time, end.time, ...`: the span that the tool
/// counts, without the start of its process; `took` bounds it.
fn consumed_seconds(printed: &str, records: u64, took: Duration) -> Result<f64> {
    let mut lines = printed.lines().map(|line| line.split(',').map(str::trim).collect::<Vec<_>>());
    let header = lines.find(|fields| fields.contains(&"fetch.time.ms"));
    let header = header.with_context(|| format!("no header in\n{printed}"))?;
    let values = lines.find(|fields| fields.len() == header.len());
    let values = values.with_context(|| format!("no values in\n{printed}"))?;
    let field = |name: &str| -> Result<f64> {
        let index = header.iter().position(|known| *known == name);
        let index = index.with_context(|| format!("no column {name} in\n{printed}"))?;
        Ok(values[index].parse()?)
    };
    let count = field("data.consumed.in.nMsg")?;
    if count < records as f64 {
        bail!("only {count} of {records} records were consumed:\n{printed}");
    }
    // Joining the group is not reading; both tools count it apart.
    let seconds = field("fetch.time.ms")? / 1000.0;
    if seconds <= 0.0 || seconds > took.as_secs_f64() {
        bail!("a fetch time of {seconds} s in a run of {took:?}");
    }
    Ok(seconds * records as f64 / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_producer_is_that_of_its_last_line() {
        let printed = "50 records sent, 10.0 records/sec (0.01 MB/sec), 1.0 ms avg latency.\n\
                       100 records sent, 25.0 records/sec (0.02 MB/sec), 1.0 ms avg latency\n";
        assert_eq!(produced_seconds(printed, 100).expect("it parses"), 4.0);
        assert!(produced_seconds(printed, 70).is_err());
    }

    #[test]
    fn a_consumer_that_read_too_little_is_an_error() {
        let printed = "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, \
                       nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n\
                       2026-01-01 00:00:00:000, 2026-01-01 00:00:05:000, 1, 1, 100, 1, 3000, 2000, 1, 1\n";
        let took = Duration::from_secs(5);
        assert_eq!(consumed_seconds(printed, 100, took).expect("it parses"), 2.0);
        assert!(consumed_seconds(printed, 101, took).is_err());
    }
}
