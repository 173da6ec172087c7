//! What the table of configurations (the `config` crate) says about those that are to be set.

use std::sync::Arc;

use config::{AlterError, AlterOperation, BrokerTarget, Mistake, Scope, Values};
use model::ErrorCode;

use crate::error::ApiError;
use crate::image::{ConfigResource, ResourceType};

/// Judges one value that is to be set on a resource.
pub(crate) fn check(resource: &ConfigResource, name: &str, value: &str) -> Result<(), ApiError> {
    match resource.kind {
        ResourceType::Topic => config::validate_topic_config(name, value).map_err(invalid),
        ResourceType::Group => config::validate_group_config(name, value).map_err(invalid),
        ResourceType::ClientMetrics => {
            config::validate_client_metrics_config(name, value).map_err(refused)
        }
        ResourceType::Broker => {
            let all = resource.name.is_empty();
            let target = if all { BrokerTarget::All } else { BrokerTarget::One };
            config::validate_broker_config(name, value, target).map_err(refused)
        }
    }
}

/// Judges everything that would be set on a topic, together.
pub(crate) fn check_topic<'a>(
    values: impl Iterator<Item = (&'a Arc<str>, &'a Arc<str>)>,
) -> Result<(), ApiError> {
    let values: Values =
        values.map(|(name, value)| (name.to_string(), value.to_string())).collect();
    config::validate_topic_configs(&values).map_err(invalid)
}

/// The value after elements are added to a list or taken out of it.
pub(crate) fn change_list(
    resource: &ConfigResource,
    name: &str,
    current: Option<&Arc<str>>,
    operation: AlterOperation,
    elements: &str,
) -> Result<Option<Arc<str>>, ApiError> {
    let scope = match resource.kind {
        ResourceType::Topic => Scope::Topic,
        ResourceType::Broker => Scope::Broker,
        ResourceType::ClientMetrics => Scope::ClientMetrics,
        ResourceType::Group => Scope::Group,
    };
    let current = current.map(|value| &**value);
    config::apply_operation(scope, name, current, operation, Some(elements))
        .map(|value| value.map(Arc::from))
        .map_err(refused)
}

fn invalid(mistake: Mistake) -> ApiError {
    ApiError::new(ErrorCode::InvalidConfig, mistake.message())
}

fn refused(error: AlterError) -> ApiError {
    ApiError::new(error.code(), error.to_string())
}
