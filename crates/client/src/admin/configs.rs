//! Describing and altering configurations.

use model::{BrokerId, ErrorCode};
use protocol::Str;
use protocol::messages::describe_configs_request::DescribeConfigsResource;
use protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use protocol::messages::{
    AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest,
    ListConfigResourcesRequest, alter_configs_request, incremental_alter_configs_request,
};

use super::Admin;
use crate::cluster::{Lane, api_error, retry};
use crate::connection::Connection;
use crate::error::ClientError;

/// What a configuration belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceType {
    /// A topic.
    Topic,
    /// A broker, or the default of all brokers when the name is empty.
    Broker,
    /// The loggers of a broker.
    BrokerLogger,
    /// A subscription of client metrics.
    ClientMetrics,
    /// A group.
    Group,
}

impl ResourceType {
    /// The number in requests.
    pub const fn number(self) -> i8 {
        match self {
            Self::Topic => 2,
            Self::Broker => 4,
            Self::BrokerLogger => 8,
            Self::ClientMetrics => 16,
            Self::Group => 32,
        }
    }
}

/// What a configuration belongs to, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigResource {
    /// The kind.
    pub resource_type: ResourceType,
    /// The name; empty for the default of all brokers.
    pub name: String,
}

impl ConfigResource {
    /// A resource of a kind and a name.
    pub fn new(resource_type: ResourceType, name: impl Into<String>) -> Self {
        Self { resource_type, name: name.into() }
    }

    fn describe(&self) -> String {
        match (self.resource_type, self.name.as_str()) {
            (ResourceType::Broker, "") => "the default of all brokers".to_owned(),
            (kind, name) => format!("{kind:?} {name}").to_lowercase(),
        }
    }

    /// Only the broker itself can speak for its own configuration.
    fn broker(&self) -> Option<BrokerId> {
        match self.resource_type {
            ResourceType::Broker | ResourceType::BrokerLogger => {
                self.name.parse().ok().map(BrokerId::new)
            }
            ResourceType::Topic | ResourceType::ClientMetrics | ResourceType::Group => None,
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigSource {
    /// Not said.
    Unknown,
    /// Set on the topic.
    DynamicTopic,
    /// Set on this broker while it runs.
    DynamicBroker,
    /// Set for all brokers while they run.
    DynamicDefaultBroker,
    /// From the broker's file.
    StaticBroker,
    /// The built-in default.
    Default,
    /// Set on a broker's logger.
    DynamicBrokerLogger,
    /// Set on a subscription of client metrics.
    ClientMetrics,
    /// Set on the group.
    Group,
}

impl ConfigSource {
    const fn from_number(number: i8) -> Self {
        match number {
            1 => Self::DynamicTopic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            7 => Self::ClientMetrics,
            8 => Self::Group,
            _ => Self::Unknown,
        }
    }

    /// Kafka's name, as its tools print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
            Self::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
            Self::ClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
            Self::Group => "DYNAMIC_GROUP_CONFIG",
        }
    }
}

/// One configuration of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Its name.
    pub name: String,
    /// Its value; `None` when it is secret or not set.
    pub value: Option<String>,
    /// Whether it cannot be changed while the node runs.
    pub read_only: bool,
    /// Whether its value is kept secret.
    pub is_sensitive: bool,
    /// Where its value comes from.
    pub source: ConfigSource,
    /// Kafka's number of its type.
    pub config_type: i8,
    /// What it does, if asked for.
    pub documentation: Option<String>,
    /// All values that there are for it, the strongest first, if asked for.
    pub synonyms: Vec<ConfigSynonym>,
}

/// A value that a configuration takes from somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSynonym {
    /// The name that it is set under.
    pub name: String,
    /// The value.
    pub value: Option<String>,
    /// Where it is set.
    pub source: ConfigSource,
}

/// What a resource's configurations are, or why they are not told.
#[derive(Debug, Clone)]
pub struct ConfigDescription {
    /// The resource.
    pub resource: ConfigResource,
    /// Its configurations.
    pub entries: Result<Vec<ConfigEntry>, ClientError>,
}

/// How a configuration changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlterOperation {
    /// Becomes the value.
    Set,
    /// Goes back to its default.
    Delete,
    /// The value is added to the list.
    Append,
    /// The value is taken off the list.
    Subtract,
}

/// One change of a configuration.
#[derive(Debug, Clone)]
pub struct ConfigAlteration {
    /// The configuration.
    pub name: String,
    /// How it changes.
    pub operation: AlterOperation,
    /// The value; `None` for a deletion.
    pub value: Option<String>,
}

impl Admin {
    /// The names of everything of a kind that has configurations of its own.
    pub async fn list_config_resources(
        &self,
        resource_type: ResourceType,
    ) -> Result<Vec<String>, ClientError> {
        retry!(self.cluster, {
            let connection = self.cluster.any().await?;
            // Version 0 knows nothing but client metrics.
            let least = if resource_type == ResourceType::ClientMetrics { 0 } else { 1 };
            let version =
                connection.version_within::<ListConfigResourcesRequest>(least..=i16::MAX)?;
            let types = if version == 0 { vec![] } else { vec![resource_type.number()] };
            let request = ListConfigResourcesRequest { resource_types: types };
            let timeout = self.cluster.config().request_timeout;
            let response = connection.call_in(&request, version, timeout).await?;
            let context = || "listing what has configurations".to_owned();
            ClientError::check(response.error_code, None, context)?;
            let found = response.config_resources.into_iter();
            Ok(found.map(|resource| resource.resource_name.into()).collect())
        })
    }

    /// The configurations of `resources`, with synonyms and documentation if `detailed`.
    pub async fn describe_configs(
        &self,
        resources: &[ConfigResource],
        detailed: bool,
    ) -> Result<Vec<ConfigDescription>, ClientError> {
        let mut descriptions = Vec::with_capacity(resources.len());
        for resource in resources {
            let entries = retry!(self.cluster, self.describe_one(resource, detailed).await);
            // What concerns the connection concerns the whole call.
            if let Err(error) = &entries
                && error.is_network()
            {
                return Err(error.clone());
            }
            descriptions.push(ConfigDescription { resource: resource.clone(), entries });
        }
        Ok(descriptions)
    }

    async fn describe_one(
        &self,
        resource: &ConfigResource,
        detailed: bool,
    ) -> Result<Vec<ConfigEntry>, ClientError> {
        let connection = self.connection_for(resource).await?;
        let version = connection.version::<DescribeConfigsRequest>()?;
        let request = DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type: resource.resource_type.number(),
                resource_name: Str::from(&resource.name),
                configuration_keys: None,
            }],
            include_synonyms: detailed && version >= 1,
            include_documentation: detailed && version >= 3,
        };
        let timeout = self.cluster.config().request_timeout;
        let response = connection.call_in(&request, version, timeout).await?;
        let context = || format!("describing the configuration of {}", resource.describe());
        let result = response.results.into_iter().next();
        let result = result.ok_or_else(|| api_error(ErrorCode::UnknownServerError, context()))?;
        ClientError::check(result.error_code, result.error_message.as_deref(), context)?;
        Ok(result.configs.into_iter().map(|config| entry(config, version)).collect())
    }

    /// Changes single configurations (Kafka 2.3 and later).
    pub async fn incremental_alter_configs(
        &self,
        resource: &ConfigResource,
        alterations: &[ConfigAlteration],
        validate_only: bool,
    ) -> Result<(), ClientError> {
        use incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
        let alteration = |alteration: &ConfigAlteration| AlterableConfig {
            name: Str::from(&alteration.name),
            config_operation: match alteration.operation {
                AlterOperation::Set => 0,
                AlterOperation::Delete => 1,
                AlterOperation::Append => 2,
                AlterOperation::Subtract => 3,
            },
            value: alteration.value.as_ref().map(Str::from),
        };
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: resource.resource_type.number(),
                resource_name: Str::from(&resource.name),
                configs: alterations.iter().map(alteration).collect(),
            }],
            validate_only,
        };
        retry!(self.cluster, {
            let response = self.connection_to_alter(resource).await?.call(&request).await?;
            for result in response.responses {
                let context = || format!("altering the configuration of {}", resource.describe());
                ClientError::check(result.error_code, result.error_message.as_deref(), context)?;
            }
            Ok(())
        })
    }

    /// Replaces all configurations of a resource, as clients before Kafka 2.3 do.
    pub async fn alter_configs(
        &self,
        resource: &ConfigResource,
        configs: &[(String, String)],
        validate_only: bool,
    ) -> Result<(), ClientError> {
        use alter_configs_request::{AlterConfigsResource, AlterableConfig};
        let config = |(name, value): &(String, String)| AlterableConfig {
            name: Str::from(name),
            value: Some(Str::from(value)),
        };
        let request = AlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: resource.resource_type.number(),
                resource_name: Str::from(&resource.name),
                configs: configs.iter().map(config).collect(),
            }],
            validate_only,
        };
        retry!(self.cluster, {
            let response = self.connection_to_alter(resource).await?.call(&request).await?;
            for result in response.responses {
                let context = || format!("altering the configuration of {}", resource.describe());
                ClientError::check(result.error_code, result.error_message.as_deref(), context)?;
            }
            Ok(())
        })
    }

    async fn connection_for(&self, resource: &ConfigResource) -> Result<Connection, ClientError> {
        match resource.broker() {
            Some(id) => self.cluster.node(id, Lane::General).await,
            None => self.cluster.any().await,
        }
    }

    async fn connection_to_alter(
        &self,
        resource: &ConfigResource,
    ) -> Result<Connection, ClientError> {
        match resource.broker() {
            Some(id) => self.cluster.node(id, Lane::General).await,
            None => self.cluster.controller().await,
        }
    }
}

fn entry(config: DescribeConfigsResourceResult, version: i16) -> ConfigEntry {
    let source = if version == 0 && config.is_default {
        ConfigSource::Default
    } else {
        ConfigSource::from_number(config.config_source)
    };
    let synonym =
        |synonym: protocol::messages::describe_configs_response::DescribeConfigsSynonym| {
            ConfigSynonym {
                name: synonym.name.into(),
                value: synonym.value.map(String::from),
                source: ConfigSource::from_number(synonym.source),
            }
        };
    ConfigEntry {
        name: config.name.into(),
        value: config.value.map(String::from),
        read_only: config.read_only,
        is_sensitive: config.is_sensitive,
        source,
        config_type: config.config_type,
        documentation: config.documentation.map(String::from),
        synonyms: config.synonyms.into_iter().map(synonym).collect(),
    }
}
