//! `kafka-get-offsets`: where partitions begin, end, and stood at a time.

use std::collections::BTreeMap;

use client::{Admin, IsolationLevel, OffsetSpec};
use model::{Offset, Timestamp, TopicPartition, is_internal_topic};

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::java;
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::output::print;
use crate::patterns::Names;

/// The command line of `kafka-get-offsets`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-get-offsets",
    about: "Shows where partitions begin, end, and stood at a time.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::value("topic", "PATTERN", "Topics; a regular expression that matches whole names."),
        Flag::value("partitions", "N,N", "Partitions; all of them if left out."),
        Flag::value(
            "topic-partitions",
            "PATTERN:N,PATTERN:N-M",
            "Topics with partitions: a number, or a range of which the end does not belong to it. \
             Either side may be left out.",
        ),
        Flag::value(
            "time",
            "TIME",
            "Milliseconds since 1970, or one of latest (-1), earliest (-2), max-timestamp (-3), \
             earliest-local (-4), latest-tiered (-5), earliest-pending-upload (-6).",
        ),
        Flag::switch("exclude-internal-topics", "Leave the cluster's own topics out."),
        Flag::value("offsets", "COUNT", WITHOUT_EFFECT),
        Flag::value("max-wait-ms", "MS", WITHOUT_EFFECT),
    ],
};

/// The partitions that a part of the command line means.
#[derive(Debug)]
struct Filter {
    topics: Names,
    partitions: Partitions,
}

#[derive(Debug)]
enum Partitions {
    /// These; all if it is empty.
    Listed(Vec<i32>),
    /// From the first to before the second.
    Range(i32, i32),
}

impl Filter {
    fn holds(&self, topic: &str, partition: i32) -> bool {
        self.topics.contain(topic)
            && match &self.partitions {
                Partitions::Listed(list) => list.is_empty() || list.contains(&partition),
                Partitions::Range(from, end) => (*from..*end).contains(&partition),
            }
    }
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let config = connect::admin_config(options)?;
    let filters = filters(options).map_err(occurred)?;
    let spec = spec(options.value("time")?.unwrap_or("latest")).map_err(occurred)?;
    let text = connect::block_on(async {
        let admin = Admin::new(&config)?;
        let mut wanted = BTreeMap::new();
        for topic in admin.list_topics().await? {
            if options.has("exclude-internal-topics") && is_internal_topic(&topic.name) {
                continue;
            }
            for partition in &topic.partitions {
                let number = partition.partition.get();
                if filters.iter().any(|filter| filter.holds(&topic.name, number)) {
                    let name = topic.name.clone();
                    wanted.insert(TopicPartition::new(name, partition.partition), spec);
                }
            }
        }
        if wanted.is_empty() {
            return Err(occurred(Failure::Refused(
                "Could not match any topic-partitions with the specified filters".into(),
            )));
        }
        let found = admin.list_offsets(&wanted, IsolationLevel::ReadUncommitted).await?;
        // By name and number together, as text: a-10 comes before a-2.
        let mut lines = BTreeMap::new();
        for (partition, result) in found {
            match result {
                Ok(found) if found.offset == Offset::NONE => {}
                Ok(found) => {
                    let (topic, number) = (&partition.topic, partition.partition);
                    let line = format!("{topic}:{number}:{}\n", found.offset);
                    lines.insert(partition.to_string(), line);
                }
                Err(error) if error.is_network() => return Err(error.into()),
                Err(error) => eprintln!(
                    "Skip getting offsets for topic-partition {partition} due to error: {}",
                    java::words(&error)
                ),
            }
        }
        Ok(lines.into_values().collect::<String>())
    })?;
    print(&text)
}

fn occurred(failure: Failure) -> Failure {
    Failure::Refused(format!("Error occurred: {failure}"))
}

fn spec(time: &str) -> Result<OffsetSpec, Failure> {
    Ok(match time {
        "latest" | "-1" => OffsetSpec::Latest,
        "earliest" | "-2" => OffsetSpec::Earliest,
        "max-timestamp" | "-3" => OffsetSpec::MaxTimestamp,
        "earliest-local" | "-4" => OffsetSpec::EarliestLocal,
        "latest-tiered" | "-5" => OffsetSpec::LatestTiered,
        "earliest-pending-upload" | "-6" => OffsetSpec::EarliestPendingUpload,
        other => OffsetSpec::At(Timestamp::new(other.parse().map_err(|_| {
            Failure::Refused(format!(
                "Malformed time argument {other}. Use latest (-1), earliest (-2), max-timestamp (-3), \
                 earliest-local (-4), latest-tiered (-5), earliest-pending-upload (-6), or milliseconds \
                 since 1970"
            ))
        })?)),
    })
}

fn filters(options: &Options) -> Result<Vec<Filter>, Failure> {
    let Some(list) = options.value("topic-partitions")? else {
        let topics = Names::list(options.value("topic")?.unwrap_or(".*"))?;
        let list = options.value("partitions")?.unwrap_or_default();
        let numbers = list.split(',').filter(|_| !list.is_empty()).map(str::parse);
        let numbers = numbers.collect::<Result<Vec<i32>, _>>().map_err(|_| {
            Failure::Refused(format!(
                "--partitions expects a comma separated list of numeric partition ids, but received: \
                 {list}"
            ))
        })?;
        return Ok(vec![Filter { topics, partitions: Partitions::Listed(numbers) }]);
    };
    if options.has("topic") || options.has("partitions") {
        return Err(Failure::Refused(
            "--topic-partitions cannot be used with --topic or --partitions".into(),
        ));
    }
    list.split(',').map(rule).collect()
}

/// `PATTERN`, `PATTERN:3`, `PATTERN:1-4`, `:2-`, `:-3`.
fn rule(text: &str) -> Result<Filter, Failure> {
    let bad = || Failure::Refused(format!("Invalid rule specification: {text}"));
    let (pattern, numbers) = text.split_once(':').unwrap_or((text, ""));
    let topics = Names::list(if pattern.is_empty() { ".*" } else { pattern })?;
    let number = |digits: &str, none: i32| match digits {
        "" => Ok(none),
        _ if digits.bytes().all(|letter| letter.is_ascii_digit()) => {
            digits.parse().map_err(|_| bad())
        }
        _ => Err(bad()),
    };
    let partitions = match numbers.split_once('-') {
        Some((from, end)) => Partitions::Range(number(from, 0)?, number(end, i32::MAX)?),
        None if numbers.is_empty() => Partitions::Range(0, i32::MAX),
        None => Partitions::Listed(vec![number(numbers, 0)?]),
    };
    Ok(Filter { topics, partitions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_a_pattern_and_a_number_or_a_range() {
        for (text, holds, not) in [
            ("a", ("a", 7), ("b", 7)),
            ("a:3", ("a", 3), ("a", 4)),
            ("a:1-3", ("a", 2), ("a", 3)),
            (":2-", ("x", 2), ("x", 1)),
            ("x.*:-3", ("xy", 2), ("xy", 3)),
        ] {
            let filter = rule(text).unwrap();
            assert!(filter.holds(holds.0, holds.1), "{text}");
            assert!(!filter.holds(not.0, not.1), "{text}");
        }
        for text in ["a:b", "a:1-2-3", "a:b:c", "a:99999999999"] {
            assert!(rule(text).is_err(), "{text}");
        }
    }

    #[test]
    fn special_times_go_by_name_and_by_number() {
        for (text, wanted) in [
            ("latest", OffsetSpec::Latest),
            ("-2", OffsetSpec::Earliest),
            ("-6", OffsetSpec::EarliestPendingUpload),
            ("17", OffsetSpec::At(Timestamp::new(17))),
        ] {
            assert_eq!(spec(text).unwrap(), wanted);
        }
        assert!(spec("soon").is_err());
    }
}
