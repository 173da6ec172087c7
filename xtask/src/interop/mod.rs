//! `cargo xtask interop [--against-kafka|--record] [SUITE...]`: real clients against the real binary.
//!
//! Each client is installed from its registry into a folder of its own under `target/interop`, and
//! each suite gets a node of its own. A suite is skipped by name when this machine lacks what its
//! client needs; whatever else goes wrong with it, such as our own program for that client, fails. With `--against-kafka` the same suites run against Apache Kafka, which shows that what they
//! ask for is what Kafka does. With `--record` what each client sends becomes the golden file of its suite.

use anyhow::{Context, Result, bail};

use crate::report::{Outcome, Report};

mod clients;
mod cross;
mod export;
mod golden;
pub(crate) mod install;
mod java_tools;
mod kafka_folders;
mod kcat;
mod old_tools;
mod records;
mod shells;
pub(crate) mod target;
mod terminal;
mod tool_outputs;
mod tutorial;

use install::Installed;
use records::Abilities;
use target::{Broker, Target};

/// A suite: its name, and what it does with a fresh broker.
struct Suite {
    name: &'static str,
    /// Runs in `cargo xtask test` as well.
    short: bool,
    prepare: fn() -> Result<Installed>,
    run: fn(&Installed, &mut Broker) -> Result<String>,
}

/// Clients of Kafka 0.8 to 0.11, which Kafka 4 serves no longer.
const OLD_VERSIONS: &str = "old-versions";

/// All clients at once, so that a recording would say nothing about one of them.
const CROSS: &str = "cross";

const SUITES: &[Suite] = &[
    Suite {
        name: "kafka-python-2.0.1",
        short: true,
        prepare: || install::python("kafka-python-2.0.1"),
        run: |client, broker| clients::python(client, broker, "kafka_python_suite.py"),
    },
    Suite {
        name: "kafka-python",
        short: false,
        prepare: || install::python("kafka-python"),
        run: |client, broker| clients::python(client, broker, "kafka_python_suite.py"),
    },
    Suite {
        name: "confluent-kafka",
        short: true,
        prepare: || install::python("confluent-kafka"),
        run: |client, broker| clients::python(client, broker, "confluent_suite.py"),
    },
    Suite {
        name: "aiokafka",
        short: false,
        prepare: || install::python("aiokafka"),
        run: |client, broker| clients::python(client, broker, "aiokafka_suite.py"),
    },
    Suite {
        name: OLD_VERSIONS,
        short: true,
        prepare: || install::python(OLD_VERSIONS),
        run: |client, broker| clients::python(client, broker, "old_versions_suite.py"),
    },
    Suite { name: "kafkajs", short: false, prepare: install::kafkajs, run: clients::kafkajs },
    Suite { name: "kcat", short: false, prepare: install::kcat, run: kcat::run },
    Suite {
        name: "java-clients-4",
        short: true,
        prepare: || install::java("clients-4"),
        run: clients::java,
    },
    Suite {
        name: "java-clients-2.8",
        short: false,
        prepare: || install::java("clients-2.8"),
        run: clients::java,
    },
    Suite {
        name: "java-clients-0.9",
        short: false,
        prepare: || install::java("clients-0.9"),
        run: |client, broker| {
            let abilities = Abilities { timestamps: false, headers: false };
            clients::old_java(client, broker, abilities, None)
        },
    },
    Suite {
        name: "java-clients-0.10",
        short: false,
        prepare: || install::java("clients-0.10"),
        run: |client, broker| {
            let abilities = Abilities { timestamps: true, headers: false };
            clients::old_java(client, broker, abilities, None)
        },
    },
    Suite {
        name: "java-clients-1.0",
        short: false,
        prepare: || install::java("clients-1.0"),
        run: old_java_with_admin,
    },
    Suite {
        name: "java-clients-2.0",
        short: false,
        prepare: || install::java("clients-2.0"),
        run: old_java_with_admin,
    },
    Suite { name: CROSS, short: false, prepare: || install::python(OLD_VERSIONS), run: cross::run },
    Suite {
        name: "java-tools-2.0",
        short: false,
        prepare: || install::java("kafka-2.0"),
        run: |client, broker| old_tools::run(client, broker, false),
    },
    Suite {
        name: "java-tools-2.7",
        short: false,
        prepare: || install::java("kafka-2.7"),
        run: |client, broker| old_tools::run(client, broker, true),
    },
    Suite {
        name: "java-tools-4",
        short: false,
        prepare: || install::java("kafka-4"),
        run: java_tools::run,
    },
    Suite {
        name: "tool-outputs",
        short: false,
        prepare: || install::java("kafka-4"),
        run: tool_outputs::run,
    },
    Suite {
        name: "kafka-folders-4",
        short: false,
        prepare: || install::java("kafka-4"),
        run: |client, _| kafka_folders::run(client, kafka_folders::Source::KRaft4),
    },
    Suite {
        name: "kafka-folders-3.9",
        short: false,
        prepare: || install::java("kafka-3.9"),
        run: |client, _| kafka_folders::run(client, kafka_folders::Source::KRaft),
    },
    Suite {
        name: "kafka-folders-3.9-zookeeper",
        short: false,
        prepare: || install::java("kafka-3.9"),
        run: |client, _| kafka_folders::run(client, kafka_folders::Source::ZooKeeper),
    },
    Suite {
        name: "kafka-folders-2.8-zookeeper",
        short: false,
        prepare: || install::java("kafka-2.8"),
        run: |client, _| kafka_folders::run(client, kafka_folders::Source::ZooKeeper),
    },
    Suite {
        name: "kafka-folders-3.9-zookeeper-data",
        short: false,
        prepare: || install::java("kafka-3.9"),
        run: |client, _| kafka_folders::run(client, kafka_folders::Source::ZooKeeperData),
    },
    Suite {
        name: "kafka-folders-2.8-zookeeper-data",
        short: false,
        prepare: || install::java("kafka-2.8"),
        run: |client, _| kafka_folders::run(client, kafka_folders::Source::ZooKeeperData),
    },
    Suite {
        name: "export-kraft",
        short: false,
        prepare: || install::java("kafka-4"),
        run: |client, _| export::run(client),
    },
    Suite {
        name: "shells",
        short: false,
        prepare: install::shells,
        run: |client, _| shells::run(client),
    },
    Suite { name: "tutorial", short: true, prepare: install::tutorial, run: tutorial::run },
];

fn old_java_with_admin(client: &Installed, broker: &mut Broker) -> Result<String> {
    let abilities = Abilities { timestamps: true, headers: true };
    clients::old_java(client, broker, abilities, Some("OldAdminScenario"))
}

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let mut target = Target::Klamm;
    let mut wanted = Vec::new();
    for argument in arguments {
        match argument.as_str() {
            "--against-kafka" => target = Target::apache_kafka()?,
            "--record" => target = Target::Recorded,
            name if SUITES.iter().any(|suite| suite.name == name) => wanted.push(name),
            unknown => {
                let names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
                bail!("there is no suite `{unknown}`; there are {}", names.join(", "));
            }
        }
    }
    if !matches!(target, Target::ApacheKafka { .. }) {
        target::build_release()?;
    }
    for suite in SUITES {
        if wanted.is_empty() || wanted.contains(&suite.name) {
            run_suite(suite, &target, report);
        }
    }
    Ok(())
}

/// The suites that `cargo xtask test` runs; the others are counted as skipped there.
pub(crate) fn run_short(report: &mut Report) {
    for suite in SUITES.iter().filter(|suite| suite.short) {
        run_suite(suite, &Target::Klamm, report);
    }
}

fn run_suite(suite: &Suite, target: &Target, report: &mut Report) {
    report.suite(&format!("interop {}", suite.name), || {
        let java = ["java-clients-0.9", "java-clients-0.10", "java-clients-1.0", "java-tools-2.0"];
        let old = [&java[..], &[OLD_VERSIONS, CROSS]].concat();
        if old.contains(&suite.name) && matches!(target, Target::ApacheKafka { .. }) {
            return Ok(Outcome::Skipped("Kafka 4 serves no such clients".to_owned()));
        }
        let installed = (suite.prepare)()?;
        let mut broker = target.start().context("the broker does not start")?;
        let detail = (suite.run)(&installed, &mut broker);
        let detail = detail.map_err(|error| broker.explain(error))?;
        let frames = broker.frames();
        broker.finish()?;
        if matches!(target, Target::Recorded) && suite.name != CROSS {
            golden::write(suite.name, &frames)?;
        }
        Ok(Outcome::Passed(detail))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Missing;

    #[test]
    fn a_suite_that_cannot_be_prepared_is_skipped_only_for_what_the_machine_lacks() {
        let mut report = Report::default();
        let mut ends_as = |prepare, expected| {
            let suite = Suite { name: "any", short: false, prepare, run: |_, _| bail!("it ran") };
            let before = report.count(expected);
            run_suite(&suite, &Target::Klamm, &mut report);
            assert_eq!(report.count(expected), before + 1, "{expected}");
        };
        ends_as(|| Err(Missing("no usable java".to_owned()).into()), "skipped");
        ends_as(|| Err(Missing("no usable java".to_owned())).context("the clients"), "skipped");
        ends_as(|| bail!("`javac RecordClient.java` ended with exit status: 1"), "FAILED");
    }
}
