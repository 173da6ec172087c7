//! IncrementalAlterConfigs (key 44), v0-v1.
//! Sets, deletes, appends to and subtracts from single configurations (KIP-339).
//! - v1: flexible
//!
//! Gaps: broker loggers, whose levels cannot be changed yet.

use std::sync::Arc;

use config::AlterOperation;
use metadata::{AlterConfigs, ApiError, ConfigAlteration, ConfigOperation, ResourceAlteration};
use model::ErrorCode;
use protocol::Str;
use protocol::messages::incremental_alter_configs_request::AlterableConfig;
use protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use protocol::messages::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::{on_the_wire, resource, submit_within};

/// How long the controller may take; the request does not say.
const TIMEOUT_MS: i32 = 30_000;

/// One resource of a request, or why it is refused as it stands.
pub(crate) struct Asked {
    pub(crate) kind: i8,
    pub(crate) name: Str,
    pub(crate) alteration: Result<ConfigAlteration, ApiError>,
}

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let asked = request
        .resources
        .into_iter()
        .map(|resource| {
            let operations: Result<Vec<_>, _> = resource.configs.iter().map(operation).collect();
            Asked {
                kind: resource.resource_type,
                name: resource.resource_name,
                alteration: operations.map(ConfigAlteration::Incremental),
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
    IncrementalAlterConfigsResponse { responses, ..Default::default() }
}

/// Has the controller decide what is well formed; gives kind, name and result of each resource in
/// the order of the request.
pub(crate) async fn alter(
    broker: &Broker,
    asked: Vec<Asked>,
    validate_only: bool,
) -> Vec<(i8, Str, Result<(), ApiError>)> {
    let mut resources = Vec::new();
    let mut results: Vec<_> = asked
        .into_iter()
        .map(|asked| {
            let formed = resource(broker, asked.kind, &asked.name)
                .and_then(|resource| Ok((resource, asked.alteration?)));
            let result = formed.map(|(resource, alteration)| {
                resources.push(ResourceAlteration { resource, alteration });
            });
            (asked.kind, asked.name, result)
        })
        .collect();
    let count = resources.len();
    if count == 0 {
        return results;
    }
    let command = AlterConfigs { resources, validate_only };
    let mut decided = match submit_within(broker, TIMEOUT_MS, command).await {
        Ok(decided) => decided.into_iter(),
        Err(error) => vec![Err(error); count].into_iter(),
    };
    for (_, _, result) in results.iter_mut().filter(|(_, _, result)| result.is_ok()) {
        if let Some(decided) = decided.next() {
            *result = decided;
        }
    }
    results
}

fn operation(config: &AlterableConfig) -> Result<(Arc<str>, ConfigOperation), ApiError> {
    let value = config.value.as_ref().map(|value| Arc::from(value.as_str()));
    let operation = match AlterOperation::from_id(config.config_operation) {
        Some(AlterOperation::Set) => ConfigOperation::Set(value),
        Some(AlterOperation::Delete) => ConfigOperation::Delete,
        Some(AlterOperation::Append) => ConfigOperation::Append(value),
        Some(AlterOperation::Subtract) => ConfigOperation::Subtract(value),
        None => {
            return Err(ApiError::new(
                ErrorCode::InvalidRequest,
                format!("`{}`: {} is no operation", config.name, config.config_operation),
            ));
        }
    };
    Ok((Arc::from(config.name.as_str()), operation))
}
