//! `kafka-log-dirs`: the log folders of brokers and the sizes of the replicas in them, as JSON.

use std::collections::BTreeSet;

use client::{Admin, LogDirDescription};
use model::BrokerId;

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::java;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

/// The command line of `kafka-log-dirs`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-log-dirs",
    about: "Shows the log folders of brokers and the sizes of the replicas in them, as JSON.",
    flags: &[
        // Without the older name of the address: --broker-list means something else here.
        Flag { spellings: &["bootstrap-servers"], ..BOOTSTRAP_SERVER },
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("describe", "Show them; there is nothing else to do."),
        Flag::value("topic-list", "NAME,NAME", "Show replicas of these topics only."),
        Flag::value("broker-list", "ID,ID", "Ask these brokers only."),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    options.require(&["bootstrap-server", "describe"])?;
    let config = connect::admin_config(options)?;
    let topics: BTreeSet<&str> = list(options.value("topic-list")?).collect();
    let asked = list(options.value("broker-list")?)
        .map(|id| id.parse().map(BrokerId::new))
        .collect::<Result<BTreeSet<_>, _>>()
        .map_err(|_| Failure::Usage("--broker-list takes ids, separated by commas".into()))?;
    connect::block_on(async {
        let admin = Admin::new(&config)?;
        let nodes = admin.describe_cluster().await?.nodes;
        let known: BTreeSet<BrokerId> = nodes.iter().map(|node| node.id).collect();
        let missing: BTreeSet<BrokerId> = asked.difference(&known).copied().collect();
        if !missing.is_empty() {
            return Err(Failure::Refused(format!(
                "ERROR: The given brokers do not exist from --broker-list: {}. Current existent \
                 brokers: {}",
                joined(&missing),
                joined(&known)
            )));
        }
        let brokers = if asked.is_empty() { known } else { asked };
        print("Querying brokers for log directories information\n")?;
        let mut described = Vec::with_capacity(brokers.len());
        for broker in &brokers {
            described.push((*broker, admin.describe_log_dirs(*broker).await?));
        }
        print(&format!(
            "Received log directory information from brokers {}\n{}\n",
            joined(&brokers),
            json(&described, &topics)
        ))
    })
}

fn list(value: Option<&str>) -> impl Iterator<Item = &str> {
    value.unwrap_or_default().split(',').filter(|item| !item.is_empty())
}

fn joined(ids: &BTreeSet<BrokerId>) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The whole answer, with the keys in Kafka's order.
fn json(brokers: &[(BrokerId, Vec<LogDirDescription>)], topics: &BTreeSet<&str>) -> String {
    let objects: Vec<String> = brokers
        .iter()
        .map(|(broker, folders)| {
            let folders: Vec<String> = folders.iter().map(|one| folder(one, topics)).collect();
            format!(r#"{{"broker":{broker},"logDirs":[{}]}}"#, folders.join(","))
        })
        .collect();
    format!(r#"{{"brokers":[{}],"version":1}}"#, objects.join(","))
}

fn folder(folder: &LogDirDescription, topics: &BTreeSet<&str>) -> String {
    let mut replicas: Vec<_> = folder
        .replicas
        .iter()
        .filter(|replica| topics.is_empty() || topics.contains(&*replica.partition.topic))
        .collect();
    replicas.sort_by(|left, right| left.partition.cmp(&right.partition));
    let replicas: Vec<String> = replicas
        .into_iter()
        .map(|replica| {
            format!(
                r#"{{"partition":{},"size":{},"offsetLag":{},"isFuture":{}}}"#,
                text(&replica.partition.to_string()),
                replica.size,
                replica.offset_lag,
                replica.is_future
            )
        })
        .collect();
    let error = match &folder.error {
        Some(error) => text(&error.code().map_or_else(|| error.to_string(), java::full_class)),
        None => "null".to_owned(),
    };
    let path = text(&folder.path);
    format!(r#"{{"partitions":[{}],"error":{error},"logDir":{path}}}"#, replicas.join(","))
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use client::LogDirReplica;
    use model::{PartitionIndex, TopicPartition};

    use super::*;

    #[test]
    fn keys_come_in_the_order_of_kafka_and_topics_filter_replicas() {
        let replica = |topic: &str| LogDirReplica {
            partition: TopicPartition::new(topic, PartitionIndex::new(0)),
            size: 7,
            offset_lag: 0,
            is_future: false,
        };
        let folder = LogDirDescription {
            path: "/a\"b".into(),
            error: None,
            replicas: vec![replica("t"), replica("u")],
        };
        let brokers = [(BrokerId::new(1), vec![folder])];
        assert_eq!(
            json(&brokers, &BTreeSet::from(["u"])),
            r#"{"brokers":[{"broker":1,"logDirs":[{"partitions":[{"partition":"u-0","size":7,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"/a\"b"}]}],"version":1}"#
        );
    }
}
