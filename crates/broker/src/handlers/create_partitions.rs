//! CreatePartitions (key 37), v0-v3.
//! Adds partitions to topics, each for itself (KIP-195).
//! - v2: flexible   - v3: throttled answers, which are not sent here
//!
//! Gaps: none.

use std::sync::Arc;

use metadata::{CreatePartitions, NewPartitions};
use protocol::messages::create_partitions_request::CreatePartitionsTopic;
use protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use protocol::messages::{CreatePartitionsRequest, CreatePartitionsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::{on_the_wire, submit_within};

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let topics = request.topics.iter().map(new_partitions).collect();
    let command = CreatePartitions { topics, validate_only: request.validate_only };
    let answer = submit_within(&broker, request.timeout_ms, command).await;
    let results = match answer {
        Ok(results) => results,
        Err(error) => vec![Err(error); request.topics.len()],
    };
    let results = request
        .topics
        .into_iter()
        .zip(results)
        .map(|(topic, result)| {
            let (error_code, error_message) = on_the_wire(&result);
            CreatePartitionsTopicResult { name: topic.name, error_code, error_message }
        })
        .collect();
    CreatePartitionsResponse { results, ..Default::default() }
}

fn new_partitions(topic: &CreatePartitionsTopic) -> NewPartitions {
    let assignments = topic.assignments.as_ref();
    NewPartitions {
        topic: topic.name.as_str().into(),
        count: topic.count,
        assignments: assignments.map(|all| all.iter().map(|it| it.broker_ids.clone()).collect()),
    }
}
