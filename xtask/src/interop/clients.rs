//! The scenario of every client library, in the client's own language under `tests/interop`.

use std::time::Duration;

use anyhow::{Result, bail};

use super::install::Installed;
use super::records::{Abilities, check_read};
use super::target::Broker;
use crate::command::{command, root, transcript};

/// A whole scenario takes seconds; this is for a machine under load.
const SCENARIO_TIME_MAX: Duration = Duration::from_secs(300);

/// What a script prints last when every check held.
const LAST_WORDS: &str = "all checks held";

/// The codecs before Kafka 2.1; each writes the topic of its name.
const OLD_CODECS: [&str; 4] = ["none", "gzip", "snappy", "lz4"];

/// The assignors that the Java clients go through: eager, then cooperative.
const ASSIGNORS: [&str; 2] = [
    "org.apache.kafka.clients.consumer.RangeAssignor",
    "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
];

/// A Python client.
pub(super) fn python(client: &Installed, broker: &mut Broker, script: &str) -> Result<String> {
    let mut python = command(client.python());
    python.arg(root().join("tests/interop/python").join(script)).arg(broker.bootstrap());
    summary(&transcript(python, "", SCENARIO_TIME_MAX)?)
}

/// kafkajs.
pub(super) fn kafkajs(client: &Installed, broker: &mut Broker) -> Result<String> {
    let mut node = command("node");
    node.env("NODE_PATH", client.folder.join("node_modules"));
    node.env("KAFKAJS_NO_PARTITIONER_WARNING", "1");
    node.arg(root().join("tests/interop/node/kafkajs_suite.js")).arg(broker.bootstrap());
    summary(&transcript(node, "", SCENARIO_TIME_MAX)?)
}

/// The Java clients, with each assignor.
pub(super) fn java(client: &Installed, broker: &mut Broker) -> Result<String> {
    let mut details = Vec::new();
    for assignor in ASSIGNORS {
        let mut java = client.java("ClientScenario");
        java.arg(broker.bootstrap()).arg(assignor);
        details.push(summary(&transcript(java, "", SCENARIO_TIME_MAX)?)?);
    }
    Ok(details.join("; "))
}

/// A Java client of old: topics in every codec, groups, and what its AdminClient can do.
pub(super) fn old_java(
    client: &Installed,
    broker: &mut Broker,
    abilities: Abilities,
    admin: Option<&str>,
) -> Result<String> {
    let mut commands = String::new();
    for codec in OLD_CODECS {
        commands += &format!("write {codec} {codec}\n");
    }
    for codec in OLD_CODECS {
        commands += &format!("read {codec}\n");
    }
    commands += "group none gzip readers\n";
    let mut java = client.java("RecordClient");
    java.arg(broker.bootstrap());
    let printed = transcript(java, &commands, SCENARIO_TIME_MAX)?;
    for codec in OLD_CODECS {
        check_read(&printed, codec, abilities)?;
    }
    let mut detail = summary(&printed)?;
    if let Some(scenario) = admin {
        let mut java = client.java(scenario);
        java.arg(broker.bootstrap());
        detail += "; administration";
        detail += &summary(&transcript(java, "", SCENARIO_TIME_MAX)?)?;
    }
    Ok(detail)
}

/// The client's version and the number of checks that held.
fn summary(printed: &str) -> Result<String> {
    if !printed.lines().any(|line| line == LAST_WORDS) {
        bail!("the scenario did not come to its end:\n{printed}");
    }
    let version = printed.lines().find(|line| line.contains("kafka")).unwrap_or_default();
    let checks = printed.lines().filter(|line| line.starts_with("  ok: ")).count();
    Ok(format!("{version}: {checks} checks"))
}
