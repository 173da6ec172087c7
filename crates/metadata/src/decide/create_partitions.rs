//! CreatePartitions: a topic only ever grows, and its new partitions have the replication factor of
//! the old ones.

use std::collections::BTreeMap;

use model::{BrokerId, ErrorCode, PartitionIndex};

use super::DecisionContext;
use super::create_topics::{PartitionRoom, check_partition_total};
use super::placement::{Placement, check_manual, new_partition};
use crate::command::{CreatePartitions, NewPartitions};
use crate::error::ApiError;
use crate::image::MetadataImage;
use crate::record::MetadataRecord;
use crate::topic::TopicImage;

pub(super) fn decide(
    image: &MetadataImage,
    command: &CreatePartitions,
    context: &mut DecisionContext<'_>,
    records: &mut Vec<MetadataRecord>,
) -> Vec<Result<(), ApiError>> {
    let added = command.topics.iter().map(|request| {
        let there_are = image.topic(&request.topic).map_or(0, |topic| topic.partitions.len());
        i64::from(request.count) - there_are as i64
    });
    let total = check_partition_total(added);
    let mut room = PartitionRoom::new(image, context.defaults);
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &command.topics {
        *named.entry(&request.topic).or_default() += 1;
    }
    let mut decided = Vec::new();
    let results = command
        .topics
        .iter()
        .map(|request| {
            total.clone()?;
            if named.get(&*request.topic).is_some_and(|count| *count > 1) {
                return Err(ApiError::new(
                    ErrorCode::InvalidRequest,
                    "the topic is named more than once in the request",
                ));
            }
            add_partitions(image, request, context, &mut room, &mut decided)
        })
        .collect();
    if !command.validate_only {
        records.append(&mut decided);
    }
    results
}

fn add_partitions(
    image: &MetadataImage,
    request: &NewPartitions,
    context: &mut DecisionContext<'_>,
    room: &mut PartitionRoom,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let name = &request.topic;
    let Some(topic) = image.topic(name) else {
        return Err(ApiError::new(
            ErrorCode::UnknownTopicOrPartition,
            format!("there is no topic `{name}`"),
        ));
    };
    let there_are = topic.partitions.len();
    let additional = match usize::try_from(request.count) {
        Ok(count) if count > there_are => count - there_are,
        Ok(count) if count == there_are => {
            return Err(ApiError::new(
                ErrorCode::InvalidPartitions,
                format!("topic `{name}` already has {there_are} partition(s)"),
            ));
        }
        _ => {
            return Err(ApiError::new(
                ErrorCode::InvalidPartitions,
                format!(
                    "topic `{name}` has {there_are} partition(s); {} would not be an increase, and \
                     partitions cannot be removed",
                    request.count
                ),
            ));
        }
    };
    let replicas = choose_replicas(image, topic, request, additional, context)?;
    // All or none: what is refused leaves no record behind.
    let partition = |replicas| {
        new_partition(image, replicas).ok_or_else(|| {
            ApiError::new(
                ErrorCode::InvalidReplicationFactor,
                "every broker that would hold a replica is fenced or shutting down",
            )
        })
    };
    let partitions = replicas.into_iter().map(partition).collect::<Result<Vec<_>, _>>()?;
    room.take(partitions.len())?;
    for (index, partition) in (there_are as i32..).map(PartitionIndex::new).zip(&partitions) {
        records.push(partition.to_record(topic.id, index).into());
    }
    Ok(())
}

fn choose_replicas(
    image: &MetadataImage,
    topic: &TopicImage,
    request: &NewPartitions,
    additional: usize,
    context: &mut DecisionContext<'_>,
) -> Result<Vec<Vec<BrokerId>>, ApiError> {
    let replication_factor = topic.replication_factor();
    let Some(assignments) = &request.assignments else {
        let seed = (context.random)();
        return Placement { partition_count: additional, replication_factor, seed }.replicas(image);
    };
    if assignments.len() != additional {
        return Err(ApiError::new(
            ErrorCode::InvalidReplicaAssignment,
            format!(
                "{additional} partition(s) would be added, but replicas are given for {}",
                assignments.len()
            ),
        ));
    }
    let first = topic.partitions.len() as i32;
    for (index, replicas) in (first..).map(PartitionIndex::new).zip(assignments) {
        check_manual(image, index, replicas, replication_factor)?;
    }
    Ok(assignments.clone())
}
