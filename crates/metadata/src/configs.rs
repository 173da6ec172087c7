//! What the table of configurations (the `config` crate) says about one that is to be set.

use config::{ConfigDef, ConfigType};
use model::ErrorCode;

use crate::error::ApiError;
use crate::image::ResourceType;

/// Checks one value for a kind of resource.
pub(crate) fn check(kind: ResourceType, name: &str, value: &str) -> Result<(), ApiError> {
    let Some(_) = definition(kind, name) else {
        return Err(ApiError::new(
            ErrorCode::InvalidConfig,
            format!("`{name}` (value `{value}`) is not a configuration of a {}", noun(kind)),
        ));
    };
    Ok(())
}

/// The default of a configuration whose value is a list; `None` for one that is no list.
pub(crate) fn list_default(kind: ResourceType, name: &str) -> Option<&'static str> {
    definition(kind, name)
        .filter(|definition| definition.kind == ConfigType::List)
        .map(|definition| definition.default.unwrap_or_default())
}

fn definition(kind: ResourceType, name: &str) -> Option<&'static ConfigDef> {
    match kind {
        ResourceType::Topic => config::topic(name),
        ResourceType::Broker => config::broker(name),
        ResourceType::ClientMetrics => config::client_metrics(name),
        ResourceType::Group => config::group(name),
    }
}

fn noun(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::Topic => "topic",
        ResourceType::Broker => "broker",
        ResourceType::ClientMetrics => "client metrics subscription",
        ResourceType::Group => "group",
    }
}
