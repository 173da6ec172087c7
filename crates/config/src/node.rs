//! A node's configuration, typed: what the composition root builds the node from.

use std::path::PathBuf;

use model::BrokerId;

use crate::broker::BrokerSettings;
use crate::layers::{DynamicConfigs, Layers, Values};
use crate::listener::{HostPort, Listener, ProtocolMap, Voter, ZooKeeperConnect};
use crate::load::load;

/// The part a node plays in its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Holds data and serves clients.
    Broker,
    /// Votes in the metadata quorum.
    Controller,
}

/// A node's configuration after every check.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeConfig {
    /// The id that was given; `None` leaves it to the folder or the quorum.
    pub node_id: Option<BrokerId>,
    /// What the node is.
    pub roles: Vec<Role>,
    /// The doors for clients and brokers, never empty, names and ports distinct.
    pub listeners: Vec<Listener>,
    /// Where clients are told to come; a listener without an entry is advertised as the address
    /// at which the client's connection arrived. Its port 0 means the port that was bound.
    pub advertised_listeners: Vec<Listener>,
    /// The doors for the metadata quorum; a quorum of one needs none.
    pub controller_listeners: Vec<Listener>,
    /// The listener by which brokers reach each other.
    pub inter_broker_listener: String,
    /// Where pages for monitoring are served; see [`NodeConfig::is_set`] for whether the file says so.
    pub http_listeners: Vec<HostPort>,
    /// The protocol of each listener name.
    pub security_protocols: ProtocolMap,
    /// The data folders, never empty, in the order of the file.
    pub log_dirs: Vec<PathBuf>,
    /// The folder of the metadata log; by default the first data folder.
    pub metadata_log_dir: PathBuf,
    /// The quorum's members, if the file lists them.
    pub voters: Vec<Voter>,
    /// Where to ask for the quorum's members, if the file says so.
    pub bootstrap_servers: Vec<HostPort>,
    /// The coordination service of a ZooKeeper-era file.
    pub zookeeper: Option<ZooKeeperConnect>,
    /// The broker's limits, intervals and defaults, as the file has them.
    pub settings: BrokerSettings,
    pub(crate) static_values: Values,
}

/// Every key that a field of [`NodeConfig`] itself is read from.
pub(crate) const READ: &[(&str, &str)] = &[
    ("advertised.host.name", "advertised_listeners"),
    ("advertised.listeners", "advertised_listeners"),
    ("advertised.port", "advertised_listeners"),
    ("broker.id", "node_id"),
    ("controller.listener.names", "listeners"),
    ("controller.quorum.voters", "node_id"),
    ("host.name", "listeners"),
    ("klamm.http.listeners", "http_listeners"),
    ("listener.security.protocol.map", "listeners"),
    ("listeners", "listeners"),
    ("log.dir", "log_dirs"),
    ("log.dirs", "log_dirs"),
    ("metadata.log.dir", "metadata_log_dir"),
    ("node.id", "node_id"),
    ("port", "listeners"),
];

/// Keys that decide at start whether the node may start at all, and nothing after that.
pub(crate) const CHECKED_AT_START: &[&str] =
    &["controller.quorum.bootstrap.servers", "process.roles", "zookeeper.connect"];

/// What `klamm` without a file would read from one.
const LOOPBACK_FILE: &str = "listeners=PLAINTEXT://localhost:9092";

impl NodeConfig {
    /// The node that starts without a file: Kafka's port on loopback, data in `./klamm-data`.
    pub fn default_loopback() -> Self {
        match load("", LOOPBACK_FILE, &[]) {
            Ok((node, _)) => node,
            Err(mistakes) => unreachable!("the built-in configuration is valid: {mistakes:?}"),
        }
    }

    /// The broker's settings with these dynamic values over the file's.
    pub fn settings_with(&self, dynamic: &DynamicConfigs) -> BrokerSettings {
        BrokerSettings::resolve(self.layers(dynamic))
    }

    /// Whether a key stands in the file or on the command line.
    pub fn is_set(&self, key: &str) -> bool {
        self.static_values.contains_key(key)
    }

    pub(crate) fn layers<'a>(&'a self, dynamic: &'a DynamicConfigs) -> Layers<'a> {
        Layers::new(dynamic, &self.static_values)
    }
}
