//! AlterPartitionReassignments (key 45), v0-v1.
//! Moves partitions to other brokers (KIP-455); v1 may forbid another number of replicas (KIP-860).
//!
//! With one broker there is one assignment, which every partition has already: asking for it changes
//! nothing and succeeds, which is what the tool needs that moves partitions between folders. Any other
//! names brokers that there are not.
//! Gaps: other assignments, which come with a second broker.

use std::sync::Arc;

use metadata::{ApiError, MetadataImage, PartitionImage};
use model::{BrokerId, ErrorCode};
use protocol::Str;
use protocol::messages::alter_partition_reassignments_request::ReassignablePartition;
use protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use protocol::messages::{AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    let image = broker.image();
    let is_empty = request.topics.is_empty();
    let responses = request.topics.into_iter().map(|topic| {
        let answer = |wanted: &ReassignablePartition| {
            let refused = check(&image, &topic.name, wanted).err();
            ReassignablePartitionResponse {
                partition_index: wanted.partition_index,
                error_code: refused.as_ref().map_or(ErrorCode::None, |error| error.code).code(),
                error_message: refused.map(|error| Str::from(&*error.message)),
            }
        };
        let partitions = topic.partitions.iter().map(answer).collect();
        ReassignableTopicResponse { name: topic.name, partitions }
    });
    AlterPartitionReassignmentsResponse {
        // Kafka's answer to a request for nothing has the defaults, and an empty text.
        allow_replication_factor_change: is_empty || request.allow_replication_factor_change,
        responses: responses.collect(),
        error_message: is_empty.then_some(Str::EMPTY),
        ..Default::default()
    }
}

fn check(
    image: &MetadataImage,
    topic: &str,
    wanted: &ReassignablePartition,
) -> Result<(), ApiError> {
    let unknown = |message: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
    let found =
        image.topic(topic).ok_or_else(|| unknown(format!("there is no topic named {topic}")))?;
    let partition = found.partition(wanted.partition_index).ok_or_else(|| {
        unknown(format!("topic {topic} has no partition {}", wanted.partition_index))
    })?;
    match &wanted.replicas {
        None => {
            let code = ErrorCode::NoReassignmentInProgress;
            Err(ApiError::new(code, code.message()))
        }
        Some(replicas) => check_replicas(image, partition, replicas),
    }
}

fn check_replicas(
    image: &MetadataImage,
    partition: &PartitionImage,
    replicas: &[BrokerId],
) -> Result<(), ApiError> {
    let refused = |message: String| ApiError::new(ErrorCode::InvalidReplicaAssignment, message);
    if replicas.is_empty() {
        return Err(refused("a partition needs at least one replica".to_owned()));
    }
    for (position, replica) in replicas.iter().enumerate() {
        if image.broker(*replica).is_none() {
            return Err(refused(format!("broker {replica} is not registered")));
        }
        if replicas[..position].contains(replica) {
            return Err(refused(format!("broker {replica} is named twice")));
        }
    }
    if *replicas != *partition.replicas {
        return Err(refused("partitions cannot be moved between brokers yet".to_owned()));
    }
    Ok(())
}
