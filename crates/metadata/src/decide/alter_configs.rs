//! AlterConfigs and IncrementalAlterConfigs: each resource changes as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use config::AlterOperation;
use model::{BrokerId, ErrorCode, validate_topic_name};

use super::create_topics::check_altered_min_insync_replicas;
use crate::command::{AlterConfigs, ConfigAlteration, ConfigOperation, ResourceAlteration};
use crate::configs;
use crate::error::ApiError;
use crate::image::{ConfigResource, MetadataImage, ResourceType};
use crate::record::MetadataRecord;
use crate::replay::config_record;

/// Longest value, as in Kafka.
const VALUE_LENGTH_MAX: usize = i16::MAX as usize;
/// Longest name of a group or of a subscription.
const RESOURCE_NAME_LENGTH_MAX: usize = i16::MAX as usize;

/// New values by name; `None` goes back to the default.
type Changes = BTreeMap<Arc<str>, Option<Arc<str>>>;

pub(super) fn decide(
    image: &MetadataImage,
    command: &AlterConfigs,
    records: &mut Vec<MetadataRecord>,
) -> Vec<Result<(), ApiError>> {
    let mut named: BTreeMap<&ConfigResource, usize> = BTreeMap::new();
    for alteration in &command.resources {
        *named.entry(&alteration.resource).or_default() += 1;
    }
    let mut decided = Vec::new();
    let results = command
        .resources
        .iter()
        .map(|alteration| {
            if named.get(&alteration.resource).is_some_and(|count| *count > 1) {
                return Err(ApiError::new(
                    ErrorCode::InvalidRequest,
                    "each resource must appear at most once in the request",
                ));
            }
            alter(image, alteration, &mut decided)
        })
        .collect();
    if !command.validate_only {
        records.append(&mut decided);
    }
    results
}

fn alter(
    image: &MetadataImage,
    alteration: &ResourceAlteration,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let resource = &alteration.resource;
    check_form(&alteration.alteration)?;
    let changes = match &alteration.alteration {
        ConfigAlteration::Replace(values) => replacing(image, resource, values),
        ConfigAlteration::Incremental(operations) => incremental(image, resource, operations)?,
    };
    check_name(resource)?;
    let topic = image.topic(&resource.name).filter(|_| resource.kind == ResourceType::Topic);
    for (name, value) in &changes {
        let Some(value) = value else { continue };
        if value.len() > VALUE_LENGTH_MAX {
            return Err(ApiError::new(
                ErrorCode::InvalidConfig,
                format!(
                    "the value of `{name}` has {} bytes; at most {VALUE_LENGTH_MAX} are allowed",
                    value.len()
                ),
            ));
        }
        configs::check(resource, name, value)?;
        if let Some(topic) = topic {
            check_altered_min_insync_replicas(name, value, topic.replication_factor())?;
        }
    }
    if resource.kind == ResourceType::Topic {
        let kept = image.config(resource).into_iter().flat_map(|values| values.iter());
        let kept = kept.filter(|(name, _)| !changes.contains_key(*name));
        let set = changes.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        configs::check_topic(kept.chain(set))?;
    }
    check_existence(image, resource)?;
    for (name, value) in &changes {
        // A broker reloads what its values point to (a key store) even when the text is the same.
        let same = image.config_value(resource, name) == value.as_ref();
        if !same || (resource.kind == ResourceType::Broker && value.is_some()) {
            records.push(config_record(resource, name, value.as_ref()).into());
        }
    }
    Ok(())
}

/// Whether every key is named once, and has a value where it needs one; asked first, as Kafka does.
fn check_form(alteration: &ConfigAlteration) -> Result<(), ApiError> {
    let keys: Vec<(&str, bool)> = match alteration {
        ConfigAlteration::Replace(values) => {
            values.iter().map(|(name, value)| (&**name, value.is_some())).collect()
        }
        ConfigAlteration::Incremental(operations) => {
            operations.iter().map(|(name, operation)| (&**name, has_value(operation))).collect()
        }
    };
    let mut named: BTreeSet<&str> = BTreeSet::new();
    if let Some((name, _)) = keys.iter().find(|(name, _)| !named.insert(name)) {
        return Err(ApiError::new(
            ErrorCode::InvalidRequest,
            format!("configuration `{name}` is named more than once"),
        ));
    }
    match keys.iter().find(|(_, has_value)| !has_value) {
        Some((name, _)) => Err(no_value(name)),
        None => Ok(()),
    }
}

fn has_value(operation: &ConfigOperation) -> bool {
    match operation {
        ConfigOperation::Delete => true,
        ConfigOperation::Set(value)
        | ConfigOperation::Append(value)
        | ConfigOperation::Subtract(value) => value.is_some(),
    }
}

/// Whether there can be such a resource.
fn check_name(resource: &ConfigResource) -> Result<(), ApiError> {
    let refuse = |code, message: String| Err(ApiError::new(code, message));
    let name = &*resource.name;
    match resource.kind {
        ResourceType::Topic if name.is_empty() => refuse(
            ErrorCode::InvalidRequest,
            "a topic must be named; defaults of all topics are configurations of the brokers"
                .into(),
        ),
        ResourceType::Topic => validate_topic_name(name)
            .or_else(|error| refuse(ErrorCode::InvalidTopicException, error.to_string())),
        ResourceType::Broker if !name.is_empty() && name.parse::<i32>().is_err() => refuse(
            ErrorCode::InvalidRequest,
            format!("`{name}` is not a broker: expected its number, or nothing for all brokers"),
        ),
        ResourceType::Group | ResourceType::ClientMetrics if name.is_empty() => {
            refuse(ErrorCode::InvalidRequest, "the resource must be named".into())
        }
        ResourceType::Group | ResourceType::ClientMetrics
            if name.len() > RESOURCE_NAME_LENGTH_MAX =>
        {
            refuse(ErrorCode::InvalidRequest, "the resource's name is too long".into())
        }
        _ => Ok(()),
    }
}

/// Whether there is the resource; asked last, as Kafka does, so that a trial with a topic that is not
/// there still says what is wrong with its configurations.
fn check_existence(image: &MetadataImage, resource: &ConfigResource) -> Result<(), ApiError> {
    let refuse = |code, message: String| Err(ApiError::new(code, message));
    let name = &*resource.name;
    match (resource.kind, name.parse().map(BrokerId::new)) {
        (ResourceType::Topic, _) if image.topic(name).is_none() => {
            refuse(ErrorCode::UnknownTopicOrPartition, format!("there is no topic `{name}`"))
        }
        (ResourceType::Broker, Ok(id)) if image.broker(id).is_none() => {
            refuse(ErrorCode::BrokerIdNotRegistered, format!("broker {id} is not registered"))
        }
        _ => Ok(()),
    }
}

/// What is not named goes back to its default.
fn replacing(
    image: &MetadataImage,
    resource: &ConfigResource,
    values: &[(Arc<str>, Option<Arc<str>>)],
) -> Changes {
    let current = image.config(resource).into_iter();
    let mut changes: Changes =
        current.flat_map(|values| values.keys().cloned().map(|it| (it, None))).collect();
    changes.extend(values.iter().cloned());
    changes
}

fn incremental(
    image: &MetadataImage,
    resource: &ConfigResource,
    operations: &[(Arc<str>, ConfigOperation)],
) -> Result<Changes, ApiError> {
    let mut changes = Changes::new();
    for (name, operation) in operations {
        let current = image.config_value(resource, name);
        let value = match operation {
            ConfigOperation::Delete => None,
            ConfigOperation::Set(Some(value)) => Some(value.clone()),
            ConfigOperation::Append(Some(elements)) => {
                let operation = AlterOperation::Append;
                configs::change_list(resource, name, current, operation, elements)?
            }
            ConfigOperation::Subtract(Some(elements)) => {
                let operation = AlterOperation::Subtract;
                configs::change_list(resource, name, current, operation, elements)?
            }
            ConfigOperation::Set(None)
            | ConfigOperation::Append(None)
            | ConfigOperation::Subtract(None) => return Err(no_value(name)),
        };
        changes.insert(name.clone(), value);
    }
    Ok(changes)
}

fn no_value(name: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, format!("configuration `{name}` has no value"))
}
