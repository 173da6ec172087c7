//! DescribeConfigs (key 32), v0-v4.
//! Every configuration of topics, brokers, groups and subscriptions to clients' metrics, with where it
//! comes from.
//! - v1: sources and synonyms (KIP-226)   - v3: types and documentation (KIP-569)   - v4: flexible
//!
//! Gaps: broker loggers, whose levels cannot be changed yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use config::{ConfigSource, DescribedConfig};
use metadata::{ApiError, ConfigResource, ResourceType};
use model::{ErrorCode, validate_topic_name};
use protocol::Str;
use protocol::messages::describe_configs_request::DescribeConfigsResource;
use protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use protocol::messages::{DescribeConfigsRequest, DescribeConfigsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::{on_the_wire, overrides, resource};
use crate::handlers::once::once;

/// The kind of the levels of a broker's loggers.
const BROKER_LOGGER: i8 = 8;

/// What the client wants to know of each configuration.
#[derive(Clone, Copy)]
struct Wanted {
    version: i16,
    synonyms: bool,
    documentation: bool,
}

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    mut request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    once(&mut request.resources, |asked| (asked.resource_type, asked.resource_name.clone()));
    let wanted = Wanted {
        version: context.version,
        synonyms: request.include_synonyms,
        documentation: request.include_documentation,
    };
    // As in Kafka, a kind of resource that nobody knows fails the whole request.
    let unknown = |asked: &DescribeConfigsResource| !is_known_kind(asked.resource_type);
    let refused = request.resources.iter().find(|asked| unknown(asked)).map(|asked| {
        let message = format!("there are no resources of type {}", asked.resource_type);
        ApiError::new(ErrorCode::InvalidRequest, message)
    });
    let results = request.resources.iter().map(|asked| match &refused {
        Some(error) => result(asked, Err(error.clone()), wanted),
        None => answer(&broker, asked, wanted),
    });
    let results = results.collect();
    DescribeConfigsResponse { results, ..Default::default() }
}

fn answer(
    broker: &Broker,
    asked: &DescribeConfigsResource,
    wanted: Wanted,
) -> DescribeConfigsResult {
    let described = resource(broker, asked.resource_type, &asked.resource_name)
        .and_then(|resource| describe(broker, &resource));
    result(asked, described, wanted)
}

/// Whether there is such a kind; loggers are, though none is described.
fn is_known_kind(kind: i8) -> bool {
    kind == BROKER_LOGGER || ResourceType::from_code(kind).is_some()
}

fn result(
    asked: &DescribeConfigsResource,
    described: Result<Vec<DescribedConfig>, ApiError>,
    wanted: Wanted,
) -> DescribeConfigsResult {
    let (error_code, error_message) = on_the_wire(&described);
    // No keys, or an empty list of them, means all.
    let keys: Option<BTreeSet<&str>> = asked
        .configuration_keys
        .as_ref()
        .filter(|keys| !keys.is_empty())
        .map(|keys| keys.iter().map(Str::as_str).collect());
    let configs = described
        .unwrap_or_default()
        .into_iter()
        .filter(|config| keys.as_ref().is_none_or(|keys| keys.contains(config.name)))
        .map(|config| on_wire(config, wanted))
        .collect();
    DescribeConfigsResult {
        error_code,
        // Kafka sends an empty text, not null, where there is nothing to say.
        error_message: Some(error_message.unwrap_or_default()),
        resource_type: asked.resource_type,
        resource_name: asked.resource_name.clone(),
        configs,
    }
}

fn describe(broker: &Broker, resource: &ConfigResource) -> Result<Vec<DescribedConfig>, ApiError> {
    let image = broker.image();
    let dynamic = broker.partitions().dynamic();
    let overrides = overrides(&image, resource);
    let unnamed = resource.name.is_empty();
    match resource.kind {
        ResourceType::Topic => {
            validate_topic_name(&resource.name).map_err(|error| {
                ApiError::new(ErrorCode::InvalidTopicException, error.to_string())
            })?;
            if image.topic(&resource.name).is_none() {
                let message = format!("there is no topic `{}`", resource.name);
                return Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, message));
            }
            Ok(config::describe_topic(&overrides, broker.node(), &dynamic))
        }
        ResourceType::Broker if unnamed => Ok(config::describe_all_brokers(&dynamic)),
        ResourceType::Broker => Ok(config::describe_broker(broker.node(), &dynamic)),
        ResourceType::Group | ResourceType::ClientMetrics if unnamed => {
            Err(ApiError::new(ErrorCode::InvalidRequest, "the resource must be named"))
        }
        ResourceType::Group => Ok(config::describe_group(&overrides, broker.node(), &dynamic)),
        ResourceType::ClientMetrics => Ok(config::describe_client_metrics(&overrides)),
    }
}

fn on_wire(config: DescribedConfig, wanted: Wanted) -> DescribeConfigsResourceResult {
    let synonyms = if wanted.synonyms { config.synonyms } else { Vec::new() };
    DescribeConfigsResourceResult {
        name: Str::from_static(config.name),
        value: config.value.map(Str::from),
        read_only: config.read_only,
        is_default: wanted.version == 0 && config.source == ConfigSource::Default,
        config_source: config.source.id(),
        is_sensitive: config.is_sensitive,
        synonyms: synonyms
            .into_iter()
            .map(|synonym| DescribeConfigsSynonym {
                name: Str::from_static(synonym.name),
                value: synonym.value.map(Str::from),
                source: synonym.source.id(),
            })
            .collect(),
        config_type: config.kind as i8,
        documentation: wanted.documentation.then(|| Str::from_static(config.documentation)),
    }
}
