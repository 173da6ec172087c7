//! What AlterConfigs and IncrementalAlterConfigs may do: each new value is judged by the table,
//! lists grow and shrink, and what only the file may say is left to the file.

use model::ErrorCode;

use crate::def::{ConfigDef, ConfigType, Scope, Status, Update};
use crate::layers::Values;
use crate::load::refusal;
use crate::mistake::{Location, Mistake};
use crate::value::split_list;
use crate::{suggest, table, value};

/// Why a configuration is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlterError {
    /// The key is unknown, or the value is not allowed.
    #[error("{}", .0.message())]
    Invalid(Mistake),
    /// The key is unknown, or the value is out of bounds, of a kind of resource for which Kafka calls
    /// that an invalid request.
    #[error("{}", .0.message())]
    NotAllowed(Mistake),
    /// The key cannot be changed in this way while the node runs.
    #[error("{}", .0.message())]
    NotDynamic(Mistake),
}

impl AlterError {
    /// The code that a client is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(_) => ErrorCode::InvalidConfig,
            Self::NotAllowed(_) | Self::NotDynamic(_) => ErrorCode::InvalidRequest,
        }
    }
}

/// Which brokers a change is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokerTarget {
    /// One of them.
    One,
    /// All of them.
    All,
}

/// What IncrementalAlterConfigs does with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlterOperation {
    /// Gives it the value.
    Set,
    /// Takes its value away.
    Delete,
    /// Adds elements to a list.
    Append,
    /// Takes elements out of a list.
    Subtract,
}

impl AlterOperation {
    /// The operation of Kafka's number.
    pub const fn from_id(id: i8) -> Option<Self> {
        match id {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }
}

/// Judges one configuration of a topic.
pub fn validate_topic_config(name: &str, value: &str) -> Result<(), Mistake> {
    validate(Scope::Topic, name, value)
}

/// Judges all overrides of a topic, each by itself and together.
pub fn validate_topic_configs(overrides: &Values) -> Result<(), Mistake> {
    for (name, value) in overrides {
        validate_topic_config(name, value)?;
    }
    let number = |key: &str| overrides.get(key).and_then(|value| value.trim().parse::<i64>().ok());
    let (least, most) = ("min.compaction.lag.ms", "max.compaction.lag.ms");
    if let (Some(min), Some(max)) = (number(least), number(most))
        && min > max
    {
        let what = format!("must not exceed {most}, which is {max}");
        return Err(mistake(least, Some(&min.to_string()), what));
    }
    Ok(())
}

/// Judges one configuration of a group.
pub fn validate_group_config(name: &str, value: &str) -> Result<(), Mistake> {
    validate(Scope::Group, name, value)
}

/// Judges one configuration of a subscription to clients' metrics.
pub fn validate_client_metrics_config(name: &str, value: &str) -> Result<(), AlterError> {
    let is_unreadable = match table::client_metrics(name).map(|def| def.kind) {
        Some(ConfigType::Int) => value.trim().parse::<i32>().is_err(),
        Some(_) => true,
        None => false,
    };
    let kind = if is_unreadable { AlterError::Invalid } else { AlterError::NotAllowed };
    validate(Scope::ClientMetrics, name, value).map_err(kind)
}

/// Judges one configuration of brokers that is to change while they run.
pub fn validate_broker_config(
    name: &str,
    value: &str,
    target: BrokerTarget,
) -> Result<(), AlterError> {
    validate(Scope::Broker, name, value).map_err(AlterError::Invalid)?;
    let update = table::broker(name).map_or(Update::ReadOnly, |def| def.update);
    let what = match (update, target) {
        (Update::ClusterWide, _) | (Update::PerBroker, BrokerTarget::One) => return Ok(()),
        (Update::PerBroker, BrokerTarget::All) => "can only be set for one broker at a time",
        (Update::ReadOnly, _) => {
            "cannot change while the node runs; set it in the node's file and start it again"
        }
    };
    Err(AlterError::NotDynamic(mistake(name, None, what)))
}

/// The value of a key after one step of IncrementalAlterConfigs; `None` takes it away. `current`
/// is what is set on the resource itself. The result still has to be judged.
pub fn apply_operation(
    scope: Scope,
    name: &str,
    current: Option<&str>,
    operation: AlterOperation,
    operand: Option<&str>,
) -> Result<Option<String>, AlterError> {
    let def = find(scope, name).ok_or_else(|| AlterError::Invalid(unknown(scope, name)))?;
    let operand = operand.unwrap_or_default().trim();
    match operation {
        AlterOperation::Set => Ok(Some(operand.to_owned())),
        AlterOperation::Delete => Ok(None),
        AlterOperation::Append | AlterOperation::Subtract if def.kind != ConfigType::List => {
            let what = "is not a list, so nothing can be added to it or taken out of it";
            Err(AlterError::Invalid(mistake(name, None, what)))
        }
        AlterOperation::Append => {
            let mut elements: Vec<&str> = split_list(base(def, current)).collect();
            for element in split_list(operand) {
                if !elements.contains(&element) {
                    elements.push(element);
                }
            }
            Ok(Some(elements.join(",")))
        }
        AlterOperation::Subtract => {
            let removed: Vec<&str> = split_list(operand).collect();
            let kept: Vec<&str> = split_list(base(def, current))
                .filter(|element| !removed.contains(element))
                .collect();
            Ok(Some(kept.join(",")))
        }
    }
}

/// What a list is changed from: its value, or else the default.
fn base<'a>(def: &'static ConfigDef, current: Option<&'a str>) -> &'a str {
    current.or(def.default).unwrap_or_default()
}

fn find(scope: Scope, name: &str) -> Option<&'static ConfigDef> {
    match scope {
        Scope::Broker => table::broker(name),
        Scope::Topic => table::topic(name),
        Scope::Group => table::group(name),
        Scope::ClientMetrics => table::client_metrics(name),
    }
}

fn validate(scope: Scope, name: &str, text: &str) -> Result<(), Mistake> {
    let def = find(scope, name).ok_or_else(|| unknown(scope, name))?;
    check_value(def, text)?;
    match def.status {
        Status::Refused(missing) if !def.is_harmless(text.trim()) => {
            Err(mistake(name, shown(def, text), refusal(def, missing)))
        }
        Status::Refused(_) | Status::Effective | Status::Meaningless(_) => Ok(()),
    }
}

fn check_value(def: &ConfigDef, text: &str) -> Result<(), Mistake> {
    value::check(def, text)
        .map_err(|allowed| mistake(def.name, shown(def, text), format!("allowed: {allowed}")))
}

fn shown<'a>(def: &ConfigDef, text: &'a str) -> Option<&'a str> {
    (!def.is_sensitive()).then_some(text.trim())
}

fn unknown(scope: Scope, name: &str) -> Mistake {
    let (what, near) = match scope {
        Scope::Broker => ("brokers", suggest::nearest_broker_key(name)),
        Scope::Topic => ("topics", suggest::nearest_topic_key(name)),
        Scope::Group => ("groups", None),
        Scope::ClientMetrics => ("subscriptions to clients' metrics", None),
    };
    let hint = near.map_or(String::new(), |near| format!("; the nearest known key is {near}"));
    mistake(name, None, format!("unknown configuration of {what}{hint}"))
}

fn mistake(name: &str, found: Option<&str>, what: impl Into<String>) -> Mistake {
    Mistake {
        location: Location::Request,
        key: name.to_owned(),
        found: found.map(str::to_owned),
        what: what.into(),
    }
}

#[cfg(test)]
mod tests;
