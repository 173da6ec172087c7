//! Asking a running node, for `klamm doctor`. What it does not tell is a fact as well: nothing found is
//! not nothing wrong.

use std::collections::BTreeMap;
use std::path::PathBuf;

use client::{
    Admin, ClientConfig, ClientError, ClusterMetadata, ConfigResource, IsolationLevel, OffsetSpec,
    ResourceType,
};
use model::{BrokerId, ErrorCode, TopicPartition};

use super::facts::{Facts, Running, TopicSize};
use super::gather::CONNECT_TIME_MAX;
use crate::failure::explain;

/// What a running node says of itself.
pub(super) async fn ask(config: &ClientConfig, facts: &mut Facts) {
    match running(config).await {
        Ok(node) => facts.node = Some(node),
        Err(error) => facts.no_node = Some(explain(&error)),
    }
}

async fn running(config: &ClientConfig) -> Result<Running, ClientError> {
    let admin = Admin::new(config)?;
    let metadata = admin.cluster().refresh_all().await?;
    let mut found = Running { brokers: metadata.nodes.len(), ..Running::default() };
    let reached = reach(&metadata, &mut found).await;
    // Whatever else is asked goes to the advertised addresses, and would wait for them in vain.
    if reached.is_empty() {
        return Ok(found);
    }
    let configs = configs(&admin, &metadata, &mut found).await;
    let sound = folders(&admin, &reached, &configs, &mut found).await;
    copies(&metadata, &configs, &sound, &mut found);
    serving(&admin, &metadata, &reached, &mut found).await;
    Ok(found)
}

/// The nodes that a connection reaches at the addresses that clients are told.
async fn reach(metadata: &ClusterMetadata, found: &mut Running) -> Vec<BrokerId> {
    let mut reached = Vec::new();
    for (id, node) in &metadata.nodes {
        let address = node.address();
        let connected = tokio::net::TcpStream::connect(&address);
        match tokio::time::timeout(CONNECT_TIME_MAX, connected).await {
            Ok(Ok(_)) => reached.push(*id),
            Ok(Err(error)) => found.unreachable.push(format!(
                "Node {id} tells clients to connect to {address}, which fails: {error}."
            )),
            Err(_) => found.unreachable.push(format!(
                "Node {id} tells clients to connect to {address}, which does not answer."
            )),
        }
    }
    reached
}

/// What matters here of a topic's configuration.
struct TopicConfigs {
    min_isr: Option<usize>,
    /// Whether retention deletes from it.
    deletes: bool,
    retention_bytes: Option<u64>,
}

async fn configs(
    admin: &Admin,
    metadata: &ClusterMetadata,
    found: &mut Running,
) -> BTreeMap<String, TopicConfigs> {
    let topic = |name: &std::sync::Arc<str>| ConfigResource::new(ResourceType::Topic, &**name);
    let names: Vec<ConfigResource> = metadata.topics.keys().map(topic).collect();
    let described = match admin.describe_configs(&names, false).await {
        Ok(described) => described,
        Err(error) => {
            found.untold.push(format!("the configuration of topics: {}", explain(&error)));
            return BTreeMap::new();
        }
    };
    let mut configs = BTreeMap::new();
    for described in described {
        let entries = described.entries.unwrap_or_default();
        let value = |name: &str| entries.iter().find(|entry| entry.name == name)?.value.as_deref();
        let topic = TopicConfigs {
            min_isr: value("min.insync.replicas").and_then(|least| least.parse().ok()),
            deletes: value("cleanup.policy").is_some_and(|policy| policy.contains("delete")),
            retention_bytes: value("retention.bytes").and_then(|bytes| bytes.parse().ok()),
        };
        configs.insert(described.resource.name, topic);
    }
    configs
}

/// Which partitions have too few copies, or no leader; `sound` are the nodes without a failed folder.
fn copies(
    metadata: &ClusterMetadata,
    configs: &BTreeMap<String, TopicConfigs>,
    sound: &[BrokerId],
    found: &mut Running,
) {
    for (topic, description) in &metadata.topics {
        let least = configs.get(&**topic).and_then(|topic| topic.min_isr);
        for partition in &description.partitions {
            let name = TopicPartition::new(topic.clone(), partition.partition);
            let in_sync = partition.isr.len();
            let refuses = |id| sound.contains(id) && partition.offline_replicas.contains(id);
            if partition.leader.is_none() && partition.replicas.iter().any(refuses) {
                found.unserved.push((name, ErrorCode::LeaderNotAvailable));
            } else if partition.leader.is_none() {
                found.offline.push(name);
            } else if least.is_some_and(|least| in_sync < least) {
                found.under_min_isr.push(name);
            } else if in_sync < partition.replicas.len() {
                found.under_replicated.push(name);
            }
        }
    }
}

/// Which partitions their leaders refuse.
async fn serving(
    admin: &Admin,
    metadata: &ClusterMetadata,
    reached: &[BrokerId],
    found: &mut Running,
) {
    let led = metadata.topics.iter().flat_map(|(topic, description)| {
        let is_asked = |leader: Option<BrokerId>| leader.is_some_and(|id| reached.contains(&id));
        let led = description.partitions.iter().filter(move |one| is_asked(one.leader));
        led.map(|partition| TopicPartition::new(topic.clone(), partition.partition))
    });
    let wanted = led.map(|name| (name, OffsetSpec::Latest)).collect();
    let ends = match admin.list_offsets_once(&wanted, IsolationLevel::ReadUncommitted).await {
        Ok(ends) => ends,
        Err(error) => {
            found.untold.push(format!("where partitions end: {}", explain(&error)));
            return;
        }
    };
    let mut untold = Vec::new();
    for (name, end) in ends {
        match end {
            Ok(_) => {}
            Err(ClientError::Api { code, .. }) => match code {
                // It was deleted since we asked which there are.
                ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId => {}
                // We may not look, which says nothing of others.
                ErrorCode::TopicAuthorizationFailed | ErrorCode::ClusterAuthorizationFailed => {
                    untold.push(format!("where {name} ends: {code}"));
                }
                code => found.unserved.push((name, code)),
            },
            Err(error) => untold.push(format!("where {name} ends: {}", explain(&error))),
        }
    }
    found.untold.append(&mut untold);
}

/// What is in the folders of the nodes, and which have failed; the nodes that have none such.
async fn folders(
    admin: &Admin,
    reached: &[BrokerId],
    configs: &BTreeMap<String, TopicConfigs>,
    found: &mut Running,
) -> Vec<BrokerId> {
    let mut sound = Vec::new();
    for id in reached {
        let folders = match admin.describe_log_dirs(*id).await {
            Ok(folders) => folders,
            // A node that cannot say it is none that is broken.
            Err(ClientError::UnsupportedVersion { .. }) => continue,
            Err(error) => {
                found.untold.push(format!("the folders of node {id}: {}", explain(&error)));
                continue;
            }
        };
        if folders.iter().all(|folder| folder.error.is_none()) {
            sound.push(*id);
        }
        for folder in folders {
            if folder.error.is_some() {
                found.failed_folders.push(format!("{} of node {id}", folder.path));
            }
            let mut sizes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
            for replica in &folder.replicas {
                let (bytes, partitions) = sizes.entry(&replica.partition.topic).or_default();
                *bytes = bytes.saturating_add(u64::try_from(replica.size).unwrap_or(0));
                *partitions += 1;
            }
            for (topic, (bytes, partitions)) in sizes {
                let Some(configs) = configs.get(topic).filter(|topic| topic.deletes) else {
                    continue;
                };
                found.topics.push(TopicSize {
                    folder: PathBuf::from(&folder.path),
                    topic: topic.to_owned(),
                    bytes,
                    partitions,
                    retention_bytes: configs.retention_bytes,
                });
            }
        }
    }
    sound
}
