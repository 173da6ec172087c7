//! AlterConfigs (key 33), v0-v2.
//! Replaces all that is set on a resource; what is not named goes back to its default.
//! - v2: flexible
//!
//! Gaps: none. Clients since 2.3 use IncrementalAlterConfigs, which says what it means.

use std::sync::Arc;

use metadata::ConfigAlteration;
use protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use protocol::messages::{AlterConfigsRequest, AlterConfigsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::on_the_wire;
use crate::handlers::incremental_alter_configs::{Asked, alter};

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let asked = request
        .resources
        .into_iter()
        .map(|resource| {
            let values = resource.configs.iter().map(|config| {
                let value = config.value.as_ref().map(|value| Arc::from(value.as_str()));
                (Arc::from(config.name.as_str()), value)
            });
            Asked {
                kind: resource.resource_type,
                alteration: Ok(ConfigAlteration::Replace(values.collect())),
                name: resource.resource_name,
            }
        })
        .collect();
    let responses = alter(&broker, asked, request.validate_only)
        .await
        .into_iter()
        .map(|(resource_type, resource_name, result)| {
            let (error_code, error_message) = on_the_wire(&result);
            AlterConfigsResourceResponse { error_code, error_message, resource_type, resource_name }
        })
        .collect();
    AlterConfigsResponse { responses, ..Default::default() }
}
