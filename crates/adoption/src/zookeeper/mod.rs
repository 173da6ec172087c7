//! What only ZooKeeper knew of a Kafka of its era: read from ZooKeeper's own stopped data.
//!
//! `files` reads the newest snapshot and the logs after it into a `tree` of nodes; here the nodes that
//! Kafka wrote become a [`Source`].

mod files;
mod jute;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use metadata::{ConfigResource, ResourceType};
use model::{BrokerId, LeaderEpoch, PartitionIndex, Uuid};
use serde_json::Value;
use storage::fs::FileSystem;

use crate::error::AdoptionError;
use crate::source::{Era, Source, SourcePartition, SourceTopic};
use tree::Tree;

const CLUSTER_ID: &str = "/cluster/id";
/// The name that stands for all of a kind.
const DEFAULT: &str = "<default>";
/// SCRAM credentials among the configurations of a user, with Kafka's numbers of their mechanisms.
const SCRAM: [(&str, i8); 2] = [("SCRAM-SHA-256", 1), ("SCRAM-SHA-512", 2)];

/// Reads the data folders of a ZooKeeper that is stopped, for the cluster of this id.
pub(crate) fn read(
    file_system: &dyn FileSystem,
    folders: &[PathBuf],
    cluster_id: Option<&str>,
) -> Result<Source, AdoptionError> {
    let tree = files::read(file_system, folders)?;
    let root = root_of(&tree, cluster_id).map_err(|reason| AdoptionError::Refused(vec![reason]))?;
    let mut reading = Reading {
        tree: &tree,
        root,
        source: Source {
            era: Era::ZooKeeperData,
            next_broker_epoch: tree.last_zxid.saturating_add(1),
            ..Source::default()
        },
        reasons: Vec::new(),
    };
    reading.topics();
    reading.configs();
    reading.security();
    reading.rest();
    match reading.reasons.is_empty() {
        true => Ok(reading.source),
        false => Err(AdoptionError::Refused(reading.reasons)),
    }
}

/// Below which node the cluster lies: the chroot of `zookeeper.connect`, found by the cluster's id.
fn root_of(tree: &Tree, wanted: Option<&str>) -> Result<String, String> {
    let found: Vec<(String, String)> = tree
        .paths()
        .filter_map(|(path, data)| Some((path.strip_suffix(CLUSTER_ID)?, data)))
        .filter_map(|(root, data)| Some((root.to_owned(), text(json(data)?.get("id")?)?)))
        .collect();
    let fits = |(_, id): &&(String, String)| wanted.is_none_or(|wanted| wanted == id);
    let mut fitting = found.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some((root, _)), None) => Ok(root.clone()),
        (Some(_), Some(_)) => Err("ZooKeeper's data holds several clusters, and the folders of \
             log.dirs do not say to which they belong (meta.properties has no cluster.id)"
            .to_owned()),
        (None, _) => {
            let ids: Vec<_> = found.iter().map(|(_, id)| id.as_str()).collect();
            let ids = if ids.is_empty() { "of no Kafka".to_owned() } else { ids.join(", ") };
            let wanted = wanted.unwrap_or("unknown");
            Err(format!(
                "ZooKeeper's data is of another cluster ({ids}) than the folders of log.dirs \
                 ({wanted}): name the folder of the ZooKeeper to which they belong"
            ))
        }
    }
}

struct Reading<'a> {
    tree: &'a Tree,
    root: String,
    source: Source,
    /// What was not understood.
    reasons: Vec<String>,
}

impl<'a> Reading<'a> {
    fn path(&self, below: &str) -> String {
        format!("{}{below}", self.root)
    }

    fn below(&self, path: &str) -> Vec<(&'a str, &'a Bytes)> {
        let tree = self.tree;
        let path = self.path(path);
        // The names must live as long as the tree, not as the path by which they were found.
        tree.paths()
            .filter_map(|(found, data)| {
                Some((found.strip_prefix(path.as_str())?.strip_prefix('/')?, data))
            })
            .collect()
    }

    fn topics(&mut self) {
        let deleted: Vec<_> =
            self.below("/admin/delete_topics").into_iter().map(|(name, _)| name).collect();
        let nodes: BTreeMap<&str, &Bytes> = self.below("/brokers/topics").into_iter().collect();
        for (name, data) in nodes.iter().filter(|(name, _)| !name.contains('/')) {
            if deleted.contains(name) {
                self.source.notes.insert(format!(
                    "topic {name} was about to be deleted, and is: its folders are left alone"
                ));
                continue;
            }
            match topic(name, data, &nodes) {
                Some(topic) => _ = self.source.topics.insert((*name).to_owned(), topic),
                None => {
                    self.reasons.push(format!("ZooKeeper's node of topic {name} is not understood"))
                }
            }
        }
    }

    fn configs(&mut self) {
        for (kind, node) in
            [(ResourceType::Topic, "/config/topics"), (ResourceType::Broker, "/config/brokers")]
        {
            for (name, data) in self.below(node) {
                let Some(values) = config(data) else {
                    self.reasons.push(format!("ZooKeeper's node {node}/{name} is not understood"));
                    continue;
                };
                if kind == ResourceType::Topic && !self.source.topics.contains_key(name) {
                    continue;
                }
                let name = if name == DEFAULT { "" } else { name };
                let resource = ConfigResource::new(kind, name);
                for (key, value) in values {
                    // Encrypted with a secret of the broker's own file, so that nobody else reads it.
                    if key.ends_with("password") || key.ends_with("sasl.jaas.config") {
                        let note = format!("the secret {key} of {resource} is not taken over");
                        self.source.notes.insert(note);
                        continue;
                    }
                    self.source.configs.entry(resource.clone()).or_default().insert(key, value);
                }
            }
        }
        for node in ["/config/users", "/config/clients", "/config/ips"] {
            for (name, data) in self.below(node) {
                // `users/U/clients` is only a step on the way.
                if data.is_empty() {
                    continue;
                }
                let Some(values) = config(data) else {
                    self.reasons.push(format!("ZooKeeper's node {node}/{name} is not understood"));
                    continue;
                };
                for (key, value) in values {
                    self.entity(&format!("{}/{name}", &node["/config/".len()..]), &key, &value);
                }
            }
        }
    }

    /// A configuration of a user, client or address: a credential or a quota.
    fn entity(&mut self, entity: &str, key: &str, value: &str) {
        if let Some((_, mechanism)) = SCRAM.iter().find(|(name, _)| *name == key) {
            let user = entity.strip_prefix("users/").unwrap_or(entity).to_owned();
            self.source.security.scram_users.insert((user, *mechanism));
        } else if let Ok(value) = value.parse::<f64>() {
            self.source.quotas.insert(format!("{entity} {key}"), value);
        } else {
            self.reasons.push(format!("the configuration {key} of {entity} is not understood"));
        }
    }

    fn security(&mut self) {
        let plain = self.below("/kafka-acl").into_iter().map(|node| (node, 2));
        let extended = self.below("/kafka-acl-extended").into_iter().map(|node| (node, 3));
        for ((name, data), depth) in plain.chain(extended).collect::<Vec<_>>() {
            if name.split('/').count() < depth {
                continue;
            }
            // What is not understood may be one as well.
            let found = json(data);
            let found = found.as_ref().and_then(|found| found.get("acls")?.as_array());
            for index in 0..found.map_or(1, Vec::len) {
                let number = self.source.security.acls.len() as u128;
                let id = Uuid::from_bytes(number.to_be_bytes());
                self.source.security.acls.insert(id, format!("number {} on {name}", index + 1));
            }
        }
        for (id, _) in self.below("/delegation_token/tokens") {
            let owner = format!("token {id}");
            self.source.security.tokens.insert(id.to_owned(), owner);
        }
    }

    fn rest(&mut self) {
        if self.tree.data(&self.path("/migration")).is_some() {
            self.reasons.push(crate::folders::UNFINISHED_MIGRATION.to_owned());
        }
        if let Some(data) = self.tree.data(&self.path("/latest_producer_id_block")) {
            let end = json(data).and_then(|block| number(block.get("block_end")?));
            match end {
                Some(end) => self.source.next_producer_id = end.saturating_add(1),
                // Kafka creates the node without a block, and writes the first when it is asked for one.
                None if data.is_empty() => self.source.next_producer_id = 0,
                None => self
                    .reasons
                    .push("ZooKeeper's node latest_producer_id_block is not understood".to_owned()),
            }
        }
    }
}

fn topic(name: &str, data: &Bytes, nodes: &BTreeMap<&str, &Bytes>) -> Option<SourceTopic> {
    let value = json(data)?;
    let id = match value.get("topic_id") {
        Some(id) => Some(id.as_str()?.parse().ok()?),
        None => None,
    };
    let mut partitions = BTreeMap::new();
    for (index, replicas) in value.get("partitions")?.as_object()? {
        let number: i32 = index.parse().ok().filter(|number| *number >= 0)?;
        let replicas = brokers(replicas)?;
        let state = nodes.get(format!("{name}/partitions/{index}/state").as_str());
        let (isr, epoch) = match state {
            Some(state) => {
                let state = json(state)?;
                (brokers(state.get("isr")?)?, state.get("leader_epoch")?.as_i64()?)
            }
            // No leader was ever chosen.
            None => (replicas.clone(), 0),
        };
        let partition = SourcePartition {
            replicas,
            isr,
            leader_epoch: LeaderEpoch::new(i32::try_from(epoch).ok()?),
            partition_epoch: 0,
            directories: Vec::new(),
            was_led: state.is_some(),
        };
        partitions.insert(PartitionIndex::new(number), partition);
    }
    // Partitions are numbered without gaps; that also bounds them.
    let last = partitions.last_key_value().map_or(-1, |(index, _)| index.get());
    (last == partitions.len() as i32 - 1).then_some(SourceTopic { id, partitions })
}

fn brokers(value: &Value) -> Option<Vec<BrokerId>> {
    let id = |value: &Value| Some(BrokerId::new(i32::try_from(value.as_i64()?).ok()?));
    value.as_array()?.iter().map(id).collect()
}

fn config(data: &Bytes) -> Option<BTreeMap<String, String>> {
    let value = json(data)?;
    let values = value.get("config")?.as_object()?;
    values.iter().map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

fn json(data: &Bytes) -> Option<Value> {
    serde_json::from_slice(data).ok()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<i64> {
    text(value)?.parse().ok()
}
