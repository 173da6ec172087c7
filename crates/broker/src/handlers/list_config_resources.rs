//! ListConfigResources (key 74), v0-v1.
//! The names of the resources that have configurations (KIP-714, KIP-1142).
//! - v0: subscriptions to clients' metrics only   - v1: of the kinds that are asked for
//!
//! Gaps: broker loggers are a kind that clients may ask for, but there are none, as their levels
//! cannot be changed yet.

use std::sync::Arc;

use metadata::{MetadataImage, ResourceType};
use model::ErrorCode;
use protocol::Str;
use protocol::messages::list_config_resources_response::ConfigResource;
use protocol::messages::{ListConfigResourcesRequest, ListConfigResourcesResponse};

use crate::Broker;
use crate::dispatch::RequestContext;

/// Kafka's number of the loggers of a broker.
const BROKER_LOGGER: i8 = 8;
/// The first version that asks for kinds.
const KINDS_SINCE: i16 = 1;
/// Every kind that can be asked for, in the order in which Kafka answers.
const KINDS: [i8; 5] = [
    ResourceType::Group as i8,
    ResourceType::ClientMetrics as i8,
    BROKER_LOGGER,
    ResourceType::Broker as i8,
    ResourceType::Topic as i8,
];

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let asked = match context.version {
        ..KINDS_SINCE => vec![ResourceType::ClientMetrics as i8],
        _ if request.resource_types.is_empty() => KINDS.to_vec(),
        _ => request.resource_types,
    };
    if asked.iter().any(|kind| !KINDS.contains(kind)) {
        return ListConfigResourcesResponse {
            error_code: ErrorCode::UnsupportedVersion.code(),
            ..Default::default()
        };
    }
    let image = broker.image();
    let kinds = KINDS.into_iter().filter(|kind| asked.contains(kind));
    let config_resources = kinds.flat_map(|kind| named(&image, kind)).collect();
    ListConfigResourcesResponse { config_resources, ..Default::default() }
}

fn named(image: &MetadataImage, kind: i8) -> Vec<ConfigResource> {
    let resource = |name: &str| ConfigResource { resource_name: name.into(), resource_type: kind };
    match ResourceType::from_code(kind) {
        Some(ResourceType::Topic) => image.topics().map(|topic| resource(&topic.name)).collect(),
        Some(ResourceType::Broker) => image
            .brokers()
            .filter(|broker| !broker.fenced)
            .map(|broker| ConfigResource {
                resource_name: Str::from(broker.broker_id.to_string()),
                resource_type: kind,
            })
            .collect(),
        // These exist by being configured.
        Some(wanted @ (ResourceType::Group | ResourceType::ClientMetrics)) => {
            image.configs_of(wanted).map(|(configured, _)| resource(&configured.name)).collect()
        }
        None => Vec::new(),
    }
}
