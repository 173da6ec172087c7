//! CreateTopics, by Kafka's rules and two of our own: a `min.insync.replicas` that could never be
//! met is refused with the reason, and an internal topic never fails for want of brokers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{ErrorCode, PartitionIndex, Uuid, is_internal_topic, validate_topic_name};
use protocol::data::TopicRecord;

use super::placement::{Placement, check_manual, new_partition};
use super::{ControllerDefaults, DecisionContext};
use crate::command::{CreateTopics, CreatedTopic, NewTopic};
use crate::configs;
use crate::error::ApiError;
use crate::image::{ConfigResource, MetadataImage, collision_key};
use crate::record::MetadataRecord;
use crate::replay::config_record;
use crate::topic::PartitionImage;

/// The most partitions that one request may add, as in Kafka; checked before anything is built.
pub const PARTITIONS_PER_REQUEST_MAX: i64 = 10_000;

/// Kafka's metadata lives in a topic of this name; ours does not, but no client may take the name.
const CLUSTER_METADATA_TOPIC: &str = "__cluster_metadata";
const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";

pub(super) fn decide(
    image: &MetadataImage,
    command: &CreateTopics,
    context: &mut DecisionContext<'_>,
    records: &mut Vec<MetadataRecord>,
) -> Vec<Result<CreatedTopic, ApiError>> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &command.topics {
        *named.entry(&topic.name).or_default() += 1;
    }
    let counts = command.topics.iter().map(|topic| match topic.partition_count {
        _ if !topic.assignments.is_empty() => topic.assignments.len() as i64,
        -1 => i64::from(context.defaults.partition_count),
        count => i64::from(count),
    });
    let total = check_partition_total(counts);
    let mut room = match command.is_needed_by_node {
        true => PartitionRoom::without_end(image),
        false => PartitionRoom::new(image, context.defaults),
    };
    // Names that this request has taken, by the key under which they collide.
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut decided = Vec::new();
    let results = command
        .topics
        .iter()
        .map(|topic| {
            total.clone()?;
            if named.get(&*topic.name).is_some_and(|count| *count > 1) {
                return Err(ApiError::new(ErrorCode::InvalidRequest, "duplicate topic name"));
            }
            check_name(image, &topic.name, &taken)?;
            let created = create(image, topic, context, &mut room, &mut decided)?;
            taken.extend(collision_key(&topic.name));
            Ok(created)
        })
        .collect();
    if !command.validate_only {
        records.append(&mut decided);
    }
    results
}

/// Refuses a request that adds too many partitions, whatever else is in it.
pub(super) fn check_partition_total(counts: impl Iterator<Item = i64>) -> Result<(), ApiError> {
    let total = counts.filter(|count| *count > 0).fold(0i64, i64::saturating_add);
    if total > PARTITIONS_PER_REQUEST_MAX {
        return Err(ApiError::new(
            ErrorCode::PolicyViolation,
            format!(
                "{total} partitions in one request; at most {PARTITIONS_PER_REQUEST_MAX} are allowed"
            ),
        ));
    }
    Ok(())
}

/// How many partitions the cluster may still get. Asked last, for each topic that is sound: one that
/// exists already is told so at the bound too, and only what is really added is counted.
pub(super) struct PartitionRoom {
    there_are: usize,
    allowed: usize,
}

impl PartitionRoom {
    pub(super) fn new(image: &MetadataImage, defaults: &ControllerDefaults) -> Self {
        Self { there_are: image.partition_count(), allowed: defaults.partitions_max }
    }

    fn without_end(image: &MetadataImage) -> Self {
        Self { there_are: image.partition_count(), allowed: usize::MAX }
    }

    /// Takes room for `count` partitions that are added now.
    pub(super) fn take(&mut self, count: usize) -> Result<(), ApiError> {
        let Self { there_are, allowed } = *self;
        let then = there_are.saturating_add(count);
        if then > allowed {
            return Err(ApiError::new(
                ErrorCode::PolicyViolation,
                format!(
                    "{count} more partitions beside the {there_are} there are would exceed \
                     klamm.partitions.max={allowed}: delete topics, or raise it in the node's file"
                ),
            ));
        }
        self.there_are = then;
        Ok(())
    }
}

fn check_name(image: &MetadataImage, name: &str, taken: &BTreeSet<String>) -> Result<(), ApiError> {
    if name == CLUSTER_METADATA_TOPIC {
        return Err(ApiError::new(
            ErrorCode::InvalidRequest,
            format!("the name `{CLUSTER_METADATA_TOPIC}` is kept for the cluster itself"),
        ));
    }
    validate_topic_name(name)
        .map_err(|error| ApiError::new(ErrorCode::InvalidTopicException, error.to_string()))?;
    if image.topic(name).is_some() {
        return Err(ApiError::new(
            ErrorCode::TopicAlreadyExists,
            format!("topic `{name}` already exists"),
        ));
    }
    let collides = |other: &str| {
        let message = format!(
            "topic `{name}` collides with {other}: names that differ only in `.` and `_` cannot be \
             told apart in metrics"
        );
        Err(ApiError::new(ErrorCode::InvalidTopicException, message))
    };
    if let Some(existing) = image.colliding_topic(name) {
        return collides(&format!("topic `{existing}`"));
    }
    if collision_key(name).is_some_and(|key| taken.contains(&key)) {
        return collides("another topic of the request");
    }
    Ok(())
}

fn create(
    image: &MetadataImage,
    topic: &NewTopic,
    context: &mut DecisionContext<'_>,
    room: &mut PartitionRoom,
    records: &mut Vec<MetadataRecord>,
) -> Result<CreatedTopic, ApiError> {
    let mut configs = checked_configs(topic)?;
    let partitions = if topic.assignments.is_empty() {
        placed_partitions(image, topic, context)?
    } else {
        manual_partitions(image, topic)?
    };
    let replication_factor = partitions.first().map_or(0, |partition| partition.replicas.len());
    check_min_insync_replicas(image, topic, &mut configs, replication_factor, context)?;
    room.take(partitions.len())?;

    let topic_id = Uuid::from_random((context.random)());
    let resource = ConfigResource::topic(topic.name.clone());
    records.push(TopicRecord { name: (&*topic.name).into(), topic_id }.into());
    for (name, value) in &configs {
        records.push(config_record(&resource, name, Some(value)).into());
    }
    for (index, partition) in (0..).map(PartitionIndex::new).zip(&partitions) {
        records.push(partition.to_record(topic_id, index).into());
    }
    // Both fit: partitions are bounded by the request's limit, replicas by the brokers there are.
    Ok(CreatedTopic {
        topic_id,
        partition_count: partitions.len() as i32,
        replication_factor: replication_factor as i16,
    })
}

fn checked_configs(topic: &NewTopic) -> Result<BTreeMap<Arc<str>, Arc<str>>, ApiError> {
    let mut configs = BTreeMap::new();
    for (name, value) in &topic.configs {
        let Some(value) = value else {
            return Err(ApiError::new(
                ErrorCode::InvalidConfig,
                format!("configuration `{name}` has no value"),
            ));
        };
        configs.insert(name.clone(), value.clone());
    }
    configs::check_topic(configs.iter())?;
    Ok(configs)
}

fn placed_partitions(
    image: &MetadataImage,
    topic: &NewTopic,
    context: &mut DecisionContext<'_>,
) -> Result<Vec<PartitionImage>, ApiError> {
    let asked_factor = match topic.replication_factor {
        -1 => context.defaults.replication_factor,
        factor => factor,
    };
    let asked_count = match topic.partition_count {
        -1 => context.defaults.partition_count,
        count => count,
    };
    let replication_factor = match usize::try_from(asked_factor) {
        Ok(factor) if factor > 0 && is_internal_topic(&topic.name) => {
            factor.min(image.brokers().count().max(1))
        }
        Ok(factor) if factor > 0 => factor,
        _ => {
            return Err(ApiError::new(
                ErrorCode::InvalidReplicationFactor,
                format!(
                    "replication factor {asked_factor}: it must be 1 or more, or -1 for the default"
                ),
            ));
        }
    };
    let partition_count = match usize::try_from(asked_count) {
        Ok(count) if count > 0 => count,
        _ => {
            return Err(ApiError::new(
                ErrorCode::InvalidPartitions,
                format!("{asked_count} partitions: there must be 1 or more, or -1 for the default"),
            ));
        }
    };
    let seed = (context.random)();
    let placement = Placement { partition_count, replication_factor, seed };
    placement
        .replicas(image)?
        .into_iter()
        .map(|replicas| {
            new_partition(image, replicas).ok_or_else(|| {
                ApiError::new(
                    ErrorCode::InvalidReplicationFactor,
                    "every broker that would hold a replica is fenced or shutting down",
                )
            })
        })
        .collect()
}

fn manual_partitions(
    image: &MetadataImage,
    topic: &NewTopic,
) -> Result<Vec<PartitionImage>, ApiError> {
    if topic.replication_factor != -1 || topic.partition_count != -1 {
        return Err(ApiError::new(
            ErrorCode::InvalidRequest,
            "replicas are assigned by hand, so both the number of partitions and the replication \
             factor must be -1",
        ));
    }
    let mut by_index = BTreeMap::new();
    for (index, replicas) in &topic.assignments {
        if by_index.insert(*index, replicas).is_some() {
            return Err(ApiError::new(
                ErrorCode::InvalidReplicaAssignment,
                format!("replicas are given twice for partition {index}"),
            ));
        }
    }
    let replication_factor = by_index.values().next().map_or(0, |replicas| replicas.len());
    let mut partitions = Vec::with_capacity(by_index.len());
    for (expected, (index, replicas)) in (0..).map(PartitionIndex::new).zip(by_index) {
        if index != expected {
            return Err(ApiError::new(
                ErrorCode::InvalidReplicaAssignment,
                format!(
                    "replicas are given for partition {index} but not for {expected}: partitions \
                     are numbered from 0 without gaps"
                ),
            ));
        }
        check_manual(image, index, replicas, replication_factor)?;
        partitions.push(new_partition(image, replicas.clone()).ok_or_else(|| {
            ApiError::new(
                ErrorCode::InvalidReplicaAssignment,
                format!("every broker named for partition {index} is fenced or shutting down"),
            )
        })?);
    }
    Ok(partitions)
}

/// A topic to which acks=all could never write is refused now, not at the first write. An internal
/// topic asks for less instead, visibly.
fn check_min_insync_replicas(
    image: &MetadataImage,
    topic: &NewTopic,
    configs: &mut BTreeMap<Arc<str>, Arc<str>>,
    replication_factor: usize,
    context: &DecisionContext<'_>,
) -> Result<(), ApiError> {
    let cluster = || image.config_value(&ConfigResource::broker_default(), MIN_INSYNC_REPLICAS);
    let (value, source) = match (configs.get(MIN_INSYNC_REPLICAS), cluster()) {
        (Some(value), _) => (value.trim().parse().ok(), "given for the topic"),
        (None, Some(value)) => (value.trim().parse().ok(), "the cluster's default"),
        (None, None) => {
            (Some(i64::from(context.defaults.min_insync_replicas)), "the broker's configuration")
        }
    };
    let Some(value) = value.filter(|value: &i64| *value > replication_factor as i64) else {
        return Ok(());
    };
    if is_internal_topic(&topic.name) {
        configs.insert(MIN_INSYNC_REPLICAS.into(), replication_factor.to_string().into());
        return Ok(());
    }
    Err(never_in_sync(value, source, replication_factor))
}

/// Judges a `min.insync.replicas` that is to be set on a topic that exists.
pub(super) fn check_altered_min_insync_replicas(
    name: &str,
    value: &str,
    replication_factor: usize,
) -> Result<(), ApiError> {
    let value = value.trim().parse().ok().filter(|_| name == MIN_INSYNC_REPLICAS);
    match value.filter(|value: &i64| *value > replication_factor as i64) {
        Some(value) => Err(never_in_sync(value, "given for the topic", replication_factor)),
        None => Ok(()),
    }
}

fn never_in_sync(value: i64, source: &str, replication_factor: usize) -> ApiError {
    ApiError::new(
        ErrorCode::InvalidConfig,
        format!(
            "min.insync.replicas is {value} ({source}), but the topic has a replication factor of \
             {replication_factor}: no write with acks=all could ever succeed; lower \
             min.insync.replicas or raise the replication factor"
        ),
    )
}
