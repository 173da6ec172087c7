//! One table of every configuration: name, type, default, allowed values, what Klamm does with it.
//!
//! What reads from the table: [`load`] (a node's file to a checked [`NodeConfig`], or every mistake
//! at once), [`TopicConfig`] and [`BrokerSettings`] (typed values out of layers of overrides).
//! Pure: text comes in as an argument, nothing is read from disk, clock or environment.

mod broker;
mod def;
mod layers;
mod listener;
mod load;
mod mistake;
mod node;
mod properties;
mod resolve;
mod resolve_listeners;
mod settings;
mod suggest;
mod table;
mod topic;
mod value;

pub use broker::BrokerSettings;
pub use def::{ConfigDef, ConfigType, Scope, Status, Update, Validator};
pub use layers::{ConfigSource, DynamicConfigs, Values};
pub use listener::{HostPort, Listener, SecurityProtocol, Voter, ZooKeeperConnect};
pub use load::load;
pub use mistake::{Location, Mistake, Warning};
pub use node::{NodeConfig, Role};
pub use properties::{Entry, Properties, PropertiesError};
pub use table::{broker, broker_configs, client_metrics, client_metrics_configs};
pub use table::{group, group_configs, topic, topic_configs};
pub use topic::{CleanupPolicy, Durability, TimestampType, TopicConfig};
