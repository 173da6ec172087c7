//! What the files say: where partitions are to be, and which topics are to be moved. And the other
//! way: a proposal, and a plan as JSON.

use std::collections::{BTreeMap, BTreeSet};

use client::Node;
use model::{BrokerId, PartitionIndex, TopicPartition};
use serde::Deserialize;

use super::joined;
use crate::failure::Failure;
use crate::partition_list;

/// Stands for whatever folder the broker chooses.
const ANY_FOLDER: &str = "any";

/// A replica: a partition on a broker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Replica {
    /// Where it is; replicas are sorted by this.
    pub(super) broker: BrokerId,
    pub(super) partition: TopicPartition,
}

impl std::fmt::Display for Replica {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.partition, self.broker)
    }
}

/// Where partitions are to be.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// In the order of the file, and perhaps twice.
    list: Vec<(TopicPartition, Vec<BrokerId>)>,
    /// Where replicas are to be, where that is said.
    pub(super) folders: BTreeMap<Replica, String>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    topic: String,
    partition: i32,
    replicas: Vec<i32>,
    log_dirs: Option<Vec<String>>,
}

impl Plan {
    /// The plan in a file.
    pub(super) fn read(path: &str) -> Result<Self, Failure> {
        Self::new(partition_list::read_or_empty(path)?)
    }

    fn new(entries: Vec<Entry>) -> Result<Self, Failure> {
        let mut plan = Self::default();
        for entry in entries {
            let partition = TopicPartition::new(entry.topic, PartitionIndex::new(entry.partition));
            let brokers: Vec<BrokerId> = entry.replicas.into_iter().map(BrokerId::new).collect();
            if let Some(folders) = entry.log_dirs {
                if folders.len() != brokers.len() {
                    return Err(Failure::Refused(format!(
                        "Error: Size of replicas list [{}] is different from size of log dirs list \
                         [{}] for partition {partition}",
                        brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                        folders.join(", ")
                    )));
                }
                for (broker, folder) in brokers.iter().zip(folders) {
                    if folder != ANY_FOLDER {
                        let replica = Replica { broker: *broker, partition: partition.clone() };
                        plan.folders.insert(replica, folder);
                    }
                }
            }
            plan.list.push((partition, brokers));
        }
        Ok(plan)
    }

    /// Where each partition is to be.
    pub(super) fn targets(&self) -> BTreeMap<TopicPartition, Vec<BrokerId>> {
        self.list.iter().cloned().collect()
    }

    /// The topics of its partitions.
    pub(super) fn topics(&self) -> BTreeSet<String> {
        self.list.iter().map(|(partition, _)| partition.topic.to_string()).collect()
    }

    /// The same, if it can be carried out.
    pub(super) fn checked(&self) -> Result<BTreeMap<TopicPartition, Vec<BrokerId>>, Failure> {
        let refused = |message: String| Err(Failure::Refused(format!("Error: {message}")));
        if self.list.is_empty() {
            return refused("Partition reassignment list cannot be empty".into());
        }
        if self.list.iter().any(|(_, brokers)| brokers.is_empty()) {
            return refused("Partition replica list cannot be empty".into());
        }
        let twice = twice(self.list.iter().map(|(partition, _)| partition));
        if !twice.is_empty() {
            let twice = joined(twice);
            return refused(format!(
                "Partition reassignment contains duplicate topic partitions: {twice}"
            ));
        }
        let mut multiple = Vec::new();
        for (partition, brokers) in &self.list {
            let twice = self::twice(brokers);
            if !twice.is_empty() {
                let twice = joined(twice);
                multiple.push(format!("{partition} contains multiple entries for {twice}"));
            }
        }
        if !multiple.is_empty() {
            let multiple = multiple.join(". ");
            return refused(format!(
                "Partition replica lists may not contain duplicate entries: {multiple}"
            ));
        }
        Ok(self.targets())
    }
}

/// Those that come more than once.
fn twice<T: Ord + Clone>(all: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|one| !seen.insert(one.clone())).collect()
}

/// The brokers of `--broker-list`.
pub(super) fn brokers(list: &str) -> Result<BTreeSet<BrokerId>, Failure> {
    let ids: Result<Vec<BrokerId>, _> =
        list.split(',').map(|id| id.parse().map(BrokerId::new)).collect();
    let ids = ids.map_err(|_| {
        Failure::Usage("--broker-list takes ids of brokers, separated by commas".into())
    })?;
    let twice = twice(&ids);
    if twice.is_empty() {
        return Ok(ids.into_iter().collect());
    }
    let twice = joined(twice);
    Err(Failure::Refused(format!("Error: Broker list contains duplicate entries: [{twice}]")))
}

/// The topics in a file.
pub(super) fn topics(path: &str) -> Result<Vec<String>, Failure> {
    #[derive(Debug, Deserialize)]
    struct Topic {
        topic: String,
    }
    #[derive(Debug, Deserialize)]
    struct File {
        version: Option<i32>,
        #[serde(default)]
        topics: Vec<Topic>,
    }
    let text = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let file: File = serde_json::from_slice(&text)
        .map_err(|error| Failure::Refused(format!("{path}: this is not as expected: {error}")))?;
    if let Some(version) = file.version.filter(|version| *version != 1) {
        let message = format!("Error: Not supported version field value {version}");
        return Err(Failure::Refused(message));
    }
    let names: Vec<String> = file.topics.into_iter().map(|one| one.topic).collect();
    let twice = twice(&names);
    if twice.is_empty() {
        return Ok(names);
    }
    let twice = joined(twice);
    Err(Failure::Refused(format!(
        "Error: List of topics to reassign contains duplicate entries: [{twice}]"
    )))
}

/// Brokers so that neighbours are in different racks, as far as there are.
pub(super) fn striped(nodes: &[Node], look_at_racks: bool) -> Result<Vec<BrokerId>, Failure> {
    let mut racks: BTreeMap<Option<&str>, Vec<BrokerId>> = BTreeMap::new();
    for node in nodes {
        let rack = node.rack.as_deref().filter(|_| look_at_racks);
        racks.entry(rack).or_default().push(node.id);
    }
    if racks.len() > 1 && racks.contains_key(&None) {
        return Err(Failure::Refused(
            "Error: Not all brokers have rack information. Add --disable-rack-aware in command line \
             to make replica assignment without rack information."
                .into(),
        ));
    }
    let longest = racks.values().map(Vec::len).max().unwrap_or(0);
    let mut striped = Vec::with_capacity(nodes.len());
    for position in 0..longest {
        striped.extend(racks.values_mut().filter_map(|rack| {
            rack.sort_unstable();
            rack.get(position).copied()
        }));
    }
    Ok(striped)
}

/// Spreads the partitions of each topic over brokers, with as many replicas as it has now.
pub(super) fn propose(
    current: &BTreeMap<TopicPartition, Vec<BrokerId>>,
    brokers: &[BrokerId],
) -> Result<BTreeMap<TopicPartition, Vec<BrokerId>>, Failure> {
    let mut proposed = BTreeMap::new();
    let mut first_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (partition, replicas) in current {
        let count = *first_of.entry(&partition.topic).or_insert(replicas.len());
        if count > brokers.len() {
            return Err(Failure::Refused(format!(
                "Error: The target replication factor of {count} cannot be reached because only {} \
                 broker(s) are registered or some brokers have all their log directories cordoned.",
                brokers.len()
            )));
        }
        let start = usize::try_from(partition.partition.get()).unwrap_or(0);
        let replicas = (start..start + count).map(|position| brokers[position % brokers.len()]);
        proposed.insert(partition.clone(), replicas.collect());
    }
    Ok(proposed)
}

/// A plan as JSON, with the keys in Kafka's order.
pub(super) fn json(
    partitions: &BTreeMap<TopicPartition, Vec<BrokerId>>,
    folders: &BTreeMap<Replica, String>,
) -> String {
    let entries: Vec<String> = partitions
        .iter()
        .map(|(partition, brokers)| {
            let folders = brokers.iter().map(|broker| {
                let replica = Replica { broker: *broker, partition: partition.clone() };
                let folder = folders.get(&replica).map_or(ANY_FOLDER, String::as_str);
                serde_json::Value::from(folder)
            });
            format!(
                r#"{{"topic":{},"partition":{},"replicas":[{}],"log_dirs":[{}]}}"#,
                serde_json::Value::from(&*partition.topic),
                partition.partition,
                joined(brokers),
                joined(folders)
            )
        })
        .collect();
    format!(r#"{{"version":1,"partitions":[{}]}}"#, entries.join(","))
}
