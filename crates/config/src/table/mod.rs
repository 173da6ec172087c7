//! The table: every configuration that Kafka 3.9 and 4.4 publish, those of older tutorials, and
//! our own. One file per theme, each sorted by name.
//!
//! Names, types, defaults and ranges are Kafka's, but that a segment may be as small as in Kafka
//! 3.9 (14 bytes), so that its files are still taken.

mod client_metrics;
mod group;
mod groups;
mod klamm;
mod log;
mod metadata;
mod modern_groups;
mod network;
mod obsolete;
mod quotas;
mod reasons;
mod replication;
mod rules;
mod sasl;
mod security;
mod server;
mod ssl;
mod tiered;
mod topic;
mod transactions;
mod zookeeper;

use crate::def::ConfigDef;

/// The themes of the broker's configurations, in the order of the documents.
pub(crate) const BROKER_THEMES: &[(&str, &[ConfigDef])] = &[
    ("Identity and metadata quorum", metadata::CONFIGS),
    ("Listeners, connections and requests", network::CONFIGS),
    ("Logs and the defaults of topics", log::CONFIGS),
    ("Topics, replicas and fetches", replication::CONFIGS),
    ("Groups and committed offsets", groups::CONFIGS),
    ("Groups of the newer protocols", modern_groups::CONFIGS),
    ("Producer ids and transactions", transactions::CONFIGS),
    ("Klamm's own", klamm::CONFIGS),
    ("Threads, metrics and the rest", server::CONFIGS),
    ("Authorisation, tokens and policies", security::CONFIGS),
    ("TLS", ssl::CONFIGS),
    ("SASL", sasl::CONFIGS),
    ("Quotas and throttles", quotas::CONFIGS),
    ("Remote storage", tiered::CONFIGS),
    ("The ZooKeeper era", zookeeper::CONFIGS),
    ("Older versions", obsolete::CONFIGS),
];

/// Prefixes of keys that belong to other products or to plug-ins.
const FOREIGN_PREFIXES: &[(&str, &str)] = &[
    ("confluent.", "it belongs to Confluent Platform"),
    ("rlmm.config.", "it is handed to a plug-in of remote storage, which is not built yet"),
    ("rsm.config.", "it is handed to a plug-in of remote storage, which is not built yet"),
    ("client.quota.callback.", "it is handed to a Java plug-in"),
    ("cruise.control.", "it is handed to a Java plug-in"),
];

/// Every configuration of brokers, theme by theme.
pub fn broker_configs() -> impl Iterator<Item = &'static ConfigDef> {
    BROKER_THEMES.iter().flat_map(|(_, configs)| configs.iter())
}

/// Every configuration of topics, by name.
pub fn topic_configs() -> impl Iterator<Item = &'static ConfigDef> {
    topic::CONFIGS.iter()
}

/// Every configuration of single groups, by name.
pub fn group_configs() -> impl Iterator<Item = &'static ConfigDef> {
    group::CONFIGS.iter()
}

/// Every configuration of subscriptions to clients' metrics, by name.
pub fn client_metrics_configs() -> impl Iterator<Item = &'static ConfigDef> {
    client_metrics::CONFIGS.iter()
}

/// The broker configuration of this name.
pub fn broker(name: &str) -> Option<&'static ConfigDef> {
    BROKER_THEMES.iter().find_map(|(_, configs)| find(configs, name))
}

/// The topic configuration of this name.
pub fn topic(name: &str) -> Option<&'static ConfigDef> {
    find(topic::CONFIGS, name)
}

/// The group configuration of this name.
pub fn group(name: &str) -> Option<&'static ConfigDef> {
    find(group::CONFIGS, name)
}

/// The configuration of this name of a subscription to clients' metrics.
pub fn client_metrics(name: &str) -> Option<&'static ConfigDef> {
    find(client_metrics::CONFIGS, name)
}

/// Each theme is sorted by name; a test holds that.
fn find(configs: &'static [ConfigDef], name: &str) -> Option<&'static ConfigDef> {
    let index = configs.binary_search_by(|def| def.name.cmp(name)).ok()?;
    configs.get(index)
}

/// Why a key that is not in the table is none of our business, if its prefix says so.
pub(crate) fn foreign_prefix(key: &str) -> Option<&'static str> {
    FOREIGN_PREFIXES.iter().find(|(prefix, _)| key.starts_with(prefix)).map(|&(_, why)| why)
}
