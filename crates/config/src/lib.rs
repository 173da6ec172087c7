//! One table of every configuration: name, type, default, allowed values, what Klamm does with it.
//!
//! What reads from the table: [`load`] (a node's file to a checked [`NodeConfig`], or every mistake
//! at once), [`TopicConfig`] and [`BrokerSettings`] (typed values out of layers of overrides),
//! `describe_*` (DescribeConfigs), `validate_*` and [`apply_operation`] (AlterConfigs), and [`docs`]
//! (`docs/configs.md`). [`read_fields`] ties every effective key to the field it is read into.
//! Pure: text comes in as an argument, nothing is read from disk, clock or environment.

mod alter;
mod broker;
mod client_metrics;
mod def;
mod describe;
pub mod docs;
mod layers;
mod listener;
mod load;
mod mistake;
mod node;
mod properties;
mod read;
mod resolve;
mod resolve_listeners;
mod settings;
mod suggest;
mod table;
mod topic;
mod value;

pub use alter::{AlterError, AlterOperation, BrokerTarget, apply_operation};
pub use alter::{validate_broker_config, validate_client_metrics_config, validate_group_config};
pub use alter::{validate_topic_config, validate_topic_configs};
pub use broker::{BrokerSettings, ConnectionsByIp};
pub use client_metrics::{ClientAttribute, ClientMatch, ClientMetricsConfig};
pub use def::{ConfigDef, ConfigType, Scope, Status, Update, Validator};
pub use describe::{ConfigSynonym, DescribedConfig, describe_all_brokers, describe_broker};
pub use describe::{describe_client_metrics, describe_group, describe_topic};
pub use layers::{ConfigSource, DynamicConfigs, Values};
pub use listener::{HostPort, Listener, SecurityProtocol, Voter, ZooKeeperConnect};
pub use load::{Refused, load};
pub use mistake::{Location, Mistake, Warning};
pub use node::{NodeConfig, Role};
pub use properties::{Entry, Properties, PropertiesError};
pub use read::{ReadField, read_fields};
pub use suggest::nearest;
pub use table::{broker, broker_configs, client_metrics, client_metrics_configs};
pub use table::{group, group_configs, topic, topic_configs};
pub use topic::{CleanupPolicy, CompressionType, Durability, TimestampType, TopicConfig};
