//! ElectLeaders (key 43), v0-v2.
//! Gives partitions their preferred leader, or any leader where they have none (KIP-183, KIP-460).
//! - v1: which election, error of the whole   - v2: flexible
//!
//! Gaps: none on one node, where an unclean election has nobody to choose.

use std::sync::Arc;

use metadata::{ApiError, ElectLeaders, ElectedLeaders, Election};
use model::{ErrorCode, PartitionIndex};
use protocol::Str;
use protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use protocol::messages::{ElectLeadersRequest, ElectLeadersResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::{on_the_wire, submit_within};

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: ElectLeadersRequest,
) -> ElectLeadersResponse {
    match elect(&broker, &request).await {
        Ok(elected) => ElectLeadersResponse {
            replica_election_results: elected.iter().map(on_wire).collect(),
            ..Default::default()
        },
        // Also told of each partition, as v0 has no place for an error of the whole.
        Err(error) => ElectLeadersResponse {
            error_code: error.code.code(),
            replica_election_results: refused(&request, &error),
            ..Default::default()
        },
    }
}

async fn elect(
    broker: &Broker,
    request: &ElectLeadersRequest,
) -> Result<Vec<ElectedLeaders>, ApiError> {
    let election = match request.election_type {
        // As in Kafka, nobody asks what kind of election no partition is to have.
        _ if request.topic_partitions.as_ref().is_some_and(Vec::is_empty) => return Ok(Vec::new()),
        0 => Election::Preferred,
        1 => Election::Unclean,
        unknown => {
            let message = format!("there is no election of type {unknown}");
            return Err(ApiError::new(ErrorCode::InvalidRequest, message));
        }
    };
    let partitions = request.topic_partitions.as_ref().map(|topics| {
        let topics = topics.iter();
        topics.map(|topic| (Arc::from(topic.topic.as_str()), topic.partitions.clone())).collect()
    });
    submit_within(broker, request.timeout_ms, ElectLeaders { election, partitions }).await
}

fn refused(request: &ElectLeadersRequest, error: &ApiError) -> Vec<ReplicaElectionResult> {
    let topics = request.topic_partitions.iter().flatten();
    topics
        .map(|topic| ReplicaElectionResult {
            topic: topic.topic.clone(),
            partition_result: topic
                .partitions
                .iter()
                .map(|&partition_id| result(partition_id, &Err(error.clone())))
                .collect(),
        })
        .collect()
}

fn on_wire(elected: &ElectedLeaders) -> ReplicaElectionResult {
    let results = elected.partitions.iter();
    ReplicaElectionResult {
        topic: Str::from(&*elected.topic),
        partition_result: results.map(|(index, outcome)| result(*index, outcome)).collect(),
    }
}

fn result(partition_id: PartitionIndex, outcome: &Result<(), ApiError>) -> PartitionResult {
    let (error_code, error_message) = on_the_wire(outcome);
    PartitionResult { partition_id, error_code, error_message }
}
