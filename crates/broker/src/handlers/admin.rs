//! What the handlers of administrative requests share: asking the controller within the client's
//! time, and its refusals on the wire.

use std::time::Duration;

use metadata::{ApiError, ConfigResource, MetadataImage, Request, ResourceType};
use model::ErrorCode;
use protocol::Str;
use quorum::SubmitError;
use tracing::warn;

use crate::Broker;

/// The least time that a request gets, also one that asks for none: what it asks for is done either
/// way, and its client would be told that it failed.
const TIMEOUT_MS_MIN: u64 = 1000;

/// Asks the controller, and waits for its answer as long as the client does.
pub(crate) async fn submit_within<R: Request>(
    broker: &Broker,
    timeout_ms: i32,
    command: R,
) -> Result<R::Answer, ApiError> {
    let timeout_ms = u64::try_from(timeout_ms).unwrap_or(0).max(TIMEOUT_MS_MIN);
    match tokio::time::timeout(Duration::from_millis(timeout_ms), broker.submit(command)).await {
        Ok(answer) => answer.map_err(|error| refusal(&error)),
        Err(_) => Err(ApiError::new(
            ErrorCode::RequestTimedOut,
            format!(
                "not committed within {timeout_ms} ms; it may still be, so look before asking again"
            ),
        )),
    }
}

/// What a client is told when a command has no answer.
pub(crate) fn refusal(error: &SubmitError) -> ApiError {
    let code = match error {
        SubmitError::NotLeader { .. } => ErrorCode::NotController,
        SubmitError::TooLarge { .. } => ErrorCode::PolicyViolation,
        SubmitError::Stopped(_) => ErrorCode::NotController,
        SubmitError::Internal(_) => ErrorCode::UnknownServerError,
    };
    warn!(%error, "the metadata quorum did not answer");
    ApiError::new(code, error.to_string())
}

/// Code and message of a result on the wire.
pub(crate) fn on_the_wire<T>(result: &Result<T, ApiError>) -> (i16, Option<Str>) {
    match result {
        Ok(_) => (ErrorCode::None.code(), None),
        Err(error) => (error.code.code(), Some(Str::from(error.message.as_str()))),
    }
}

/// The resource that a request names, if it is of a kind that is served here.
pub(crate) fn resource(broker: &Broker, kind: i8, name: &Str) -> Result<ConfigResource, ApiError> {
    let Some(kind) = ResourceType::from_code(kind) else {
        return Err(ApiError::new(
            ErrorCode::InvalidRequest,
            format!("resources of type {kind} have no configurations here"),
        ));
    };
    let this = broker.identity().broker_id;
    if kind == ResourceType::Broker && !name.is_empty() && **name != this.to_string() {
        return Err(ApiError::new(
            ErrorCode::InvalidRequest,
            format!("this is broker {this}, not {name}: ask that broker, or name none for all"),
        ));
    }
    Ok(ConfigResource::new(kind, name.as_str()))
}

/// What is set on a resource.
pub(crate) fn overrides(image: &MetadataImage, resource: &ConfigResource) -> config::Values {
    let values = image.config(resource).map(|values| values.iter());
    values.into_iter().flatten().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}
