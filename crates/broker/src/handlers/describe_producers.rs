//! DescribeProducers (key 61), v0.
//! The idempotent and transactional producers that partitions remember (KIP-664).
//!
//! Gaps: none.

use std::sync::Arc;

use model::{ErrorCode, LeaderEpoch, validate_topic_name};
use protocol::Str;
use protocol::messages::describe_producers_request::TopicRequest;
use protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use protocol::messages::{DescribeProducersRequest, DescribeProducersResponse};
use storage::ActiveProducer;

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::once::once;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    mut request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    once(&mut request.topics, |topic| topic.name.clone());
    request.topics.iter_mut().for_each(|topic| once(&mut topic.partition_indexes, |index| *index));
    // Whoever works on a log may hold it for as long as the disk takes.
    let node = Arc::clone(&broker);
    let work = move || request.topics.into_iter().map(|topic| answer(&node, topic)).collect();
    let topics = broker.wait_for_disk(work).await.unwrap_or_default();
    DescribeProducersResponse { topics, ..Default::default() }
}

fn answer(broker: &Broker, topic: TopicRequest) -> TopicResponse {
    let refused = refusal(broker, &topic.name);
    let partitions = topic
        .partition_indexes
        .iter()
        .map(|&partition_index| {
            let mut answer = PartitionResponse { partition_index, ..Default::default() };
            if let Some((code, message)) = &refused {
                answer.error_code = code.code();
                answer.error_message = Some(message.clone());
                return answer;
            }
            let found = broker.partition_by_name(&topic.name, partition_index);
            match found.and_then(|it| it.check_epoch(LeaderEpoch::NONE).map(|()| it)) {
                Ok(partition) => {
                    let producers = partition.log(storage::Log::active_producers);
                    answer.active_producers = producers.into_iter().map(on_wire).collect();
                }
                Err(error) => answer.error_code = error.code(),
            }
            answer
        })
        .collect();
    TopicResponse { name: topic.name, partitions }
}

/// Why nothing is told of any partition of a topic.
fn refusal(broker: &Broker, topic: &Str) -> Option<(ErrorCode, Str)> {
    if let Err(error) = validate_topic_name(topic) {
        return Some((ErrorCode::InvalidTopicException, error.to_string().into()));
    }
    let unknown = ErrorCode::UnknownTopicOrPartition;
    broker.image().topic(topic).is_none().then(|| (unknown, Str::from(unknown.message())))
}

fn on_wire(producer: ActiveProducer) -> ProducerState {
    ProducerState {
        producer_id: producer.producer_id,
        producer_epoch: i32::from(producer.epoch.get()),
        last_sequence: producer.last_sequence.get(),
        last_timestamp: producer.last_timestamp.get(),
        coordinator_epoch: producer.coordinator_epoch,
        current_txn_start_offset: producer.transaction_start.unwrap_or(model::Offset::NONE),
    }
}
