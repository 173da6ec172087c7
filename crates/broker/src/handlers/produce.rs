//! Produce (key 0), v0-v13.
//! Appends batches; the answer waits for what `acks` asks.
//! - v1: throttle time   - v2: message format v1 and its timestamps (KIP-32)
//! - v3: batches of format v2, transactional id   - v5: log start offset   - v7: zstd (KIP-110)
//! - v8: record errors and messages (KIP-467)     - v9: flexible
//! - v10: the current leader (KIP-951)            - v12: transactions v2   - v13: topic ids
//!
//! Batches are checked and queued for the disk before the handler returns, so a producer's
//! requests are appended in the order in which it sent them. What has to be converted first waits in
//! the partition's lane, and what comes after it waits behind it.
//! Gaps: transactions.

use std::sync::Arc;

use model::{ErrorCode, Offset, TopicId, is_internal_topic};
use net::ServiceError;
use protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
    TopicProduceResponse,
};
use protocol::messages::{ProduceRequest, ProduceResponse};
use protocol::{Records, Str};
use records::{RecordError, check_form, first_frame};
use tokio::sync::oneshot;
use tokio::time::{Duration, Instant, timeout_at};

use crate::Broker;
use crate::append::{
    Append, AppendFailure, AppendOutcome, Appended, BATCHES_SINCE, Produced, RequiredAcks,
    ZSTD_SINCE,
};
use crate::conversion;
use crate::dispatch::RequestContext;
use crate::handlers::fetch::told;
use crate::partition::Partition;

/// From here on clients know KAFKA_STORAGE_ERROR.
const STORAGE_ERROR_SINCE: i16 = 4;

/// Where the outcome for one partition of the request comes from.
enum Outcome {
    /// Refused before anybody looked at its log.
    Refused(AppendFailure),
    /// Refused by the rules of its topic.
    Judged(Arc<Partition>, AppendFailure),
    /// On its way to the disk.
    Queued(Arc<Partition>, AppendOutcome),
}

struct TopicOutcome {
    name: Str,
    topic_id: TopicId,
    partitions: Vec<(model::PartitionIndex, Outcome)>,
}

pub(crate) fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: ProduceRequest,
) -> impl Future<Output = Result<Option<ProduceResponse>, ServiceError>> + Send {
    let acks = RequiredAcks::from_wire(request.acks);
    // Only the wait for a commit has a limit, as in Kafka: an append that goes on after its producer
    // was told that it failed would be there twice after a retry.
    let patience = (acks == Some(RequiredAcks::All))
        .then(|| Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0)));
    let damage = request.topic_data.iter().find_map(damage);
    let outcomes: Vec<_> = request
        .topic_data
        .into_iter()
        // Kafka's answers say nothing of a topic without partitions.
        .filter(|topic| !topic.partition_data.is_empty())
        .map(|topic| match &damage {
            Some(failure) => refuse_topic(topic, failure),
            None => start_topic(&broker, &context, topic, acks, request.transactional_id.as_ref()),
        })
        .collect();
    async move {
        let response = finish(&broker, &context, outcomes, patience).await;
        if acks == Some(RequiredAcks::None) {
            let failed = |topic: &TopicProduceResponse| {
                topic.partition_responses.iter().find(|p| p.error_code != 0).cloned()
            };
            // Kafka's way to tell a producer that asked for no answer: its connection ends.
            return match response.responses.iter().find_map(failed) {
                Some(partition) => Err(ServiceError(format!(
                    "produce with acks=0 failed with error {}",
                    partition.error_code
                ))),
                None => Ok(None),
            };
        }
        Ok(Some(response))
    }
}

/// Why nothing of the request can be believed: the bytes for one of its partitions cannot be cut into
/// batches. Kafka refuses the whole request for it.
fn damage(topic: &TopicProduceData) -> Option<AppendFailure> {
    topic.partition_data.iter().find_map(|data| match &data.records {
        Records::Bytes(bytes) => first_frame(bytes)
            .err()
            .map(|error| AppendFailure::with_message(error.code(), error.to_string())),
        _ => None,
    })
}

fn refuse_topic(topic: TopicProduceData, failure: &AppendFailure) -> TopicOutcome {
    let indexes = topic.partition_data.iter().map(|data| data.index);
    let partitions = indexes.map(|index| (index, Outcome::Refused(failure.clone()))).collect();
    TopicOutcome { name: topic.name, topic_id: topic.topic_id, partitions }
}

fn start_topic(
    broker: &Arc<Broker>,
    context: &RequestContext,
    topic: TopicProduceData,
    acks: Option<RequiredAcks>,
    transactional_id: Option<&Str>,
) -> TopicOutcome {
    let partitions = topic
        .partition_data
        .into_iter()
        .map(|data| {
            let index = data.index;
            let found = find(broker, context.version, &topic.name, topic.topic_id, index)
                .and_then(refuse_internal);
            let outcome = match found {
                Ok(partition) => {
                    start_partition(broker, context, partition, data, acks, transactional_id)
                }
                Err(failure) => Outcome::Refused(failure),
            };
            (index, outcome)
        })
        .collect();
    TopicOutcome { name: topic.name, topic_id: topic.topic_id, partitions }
}

fn find(
    broker: &Broker,
    version: i16,
    name: &Str,
    topic_id: TopicId,
    index: model::PartitionIndex,
) -> Result<Arc<Partition>, AppendFailure> {
    let found = if version >= 13 {
        broker.partition_by_id(topic_id, index)
    } else {
        broker.partition_by_name(name, index)
    };
    found.map_err(AppendFailure::new)
}

/// Only this node's coordinators write to the topics that they read their state from.
fn refuse_internal(partition: Arc<Partition>) -> Result<Arc<Partition>, AppendFailure> {
    if is_internal_topic(&partition.topic_partition().topic) {
        return Err(AppendFailure::with_message(
            ErrorCode::InvalidTopicException,
            "this topic is the broker's own; clients cannot produce to it",
        ));
    }
    Ok(partition)
}

fn start_partition(
    broker: &Arc<Broker>,
    context: &RequestContext,
    partition: Arc<Partition>,
    data: PartitionProduceData,
    acks: Option<RequiredAcks>,
    transactional_id: Option<&Str>,
) -> Outcome {
    if let Records::Bytes(bytes) = &data.records
        && context.version >= BATCHES_SINCE
        && let Err(error) = check_form(bytes, context.version >= ZSTD_SINCE)
    {
        return Outcome::Refused(error.into());
    }
    let Some(acks) = acks else {
        return Outcome::Refused(AppendFailure::new(ErrorCode::InvalidRequiredAcks));
    };
    if transactional_id.is_some() {
        return Outcome::Refused(AppendFailure::with_message(
            ErrorCode::InvalidRequest,
            "transactions are not served yet; produce without a transactional.id",
        ));
    }
    let Records::Bytes(batches) = data.records else {
        return Outcome::Refused(AppendFailure::with_message(
            ErrorCode::InvalidRecord,
            "the request has no records for this partition",
        ));
    };
    let produced = Produced {
        partition: Arc::clone(&partition),
        batches,
        version: context.version,
        acks,
        now: crate::clock::now(),
        memory: context.memory.clone(),
    };
    if produced.needs_conversion() || partition.lane().is_busy() {
        return Outcome::Queued(partition, convert_and_append(broker, produced));
    }
    match Append::check(produced) {
        Ok(append) => Outcome::Queued(partition, broker.partitions().append(append)),
        Err(failure) => Outcome::Judged(partition, failure),
    }
}

/// Queues what has to be converted before its append, or comes after such a thing.
fn convert_and_append(broker: &Arc<Broker>, produced: Produced) -> AppendOutcome {
    let (reply, outcome) = oneshot::channel();
    let partition = Arc::clone(&produced.partition);
    let partitions = Arc::clone(broker.partitions());
    let work = move || {
        let append = match produced.needs_conversion() {
            true => Append::convert(produced),
            false => Append::check(produced).map(Some),
        };
        match append {
            Ok(Some(append)) => partitions.append_and_reply(append, reply),
            // Kafka takes a set of no whole message for one that was appended.
            Ok(None) => drop(reply.send(Ok(Appended::NOTHING))),
            Err(failure) => drop(reply.send(Err(failure))),
        }
    };
    conversion::prepare(broker, &partition, Box::new(work));
    outcome
}

async fn finish(
    broker: &Broker,
    context: &RequestContext,
    outcomes: Vec<TopicOutcome>,
    patience: Option<Duration>,
) -> ProduceResponse {
    let deadline = patience.map(|patience| Instant::now() + patience);
    let mut response = ProduceResponse::default();
    let mut stale_leader = false;
    for topic in outcomes {
        let mut answers = Vec::with_capacity(topic.partitions.len());
        for (index, outcome) in topic.partitions {
            let mut answer = PartitionProduceResponse { index, ..Default::default() };
            match settle(outcome, deadline).await {
                Ok((partition, appended)) => {
                    answer.base_offset = appended.base_offset;
                    answer.log_append_time_ms = appended.log_append_time.get();
                    answer.log_start_offset = partition.log_start_offset();
                }
                Err((partition, failure)) => {
                    answer.base_offset = Offset::NONE;
                    answer.error_code =
                        told(failure.code, context.version >= STORAGE_ERROR_SINCE).code();
                    answer.error_message = failure.message.as_deref().map(Str::from);
                    answer.record_errors = failure.records.iter().map(record_error).collect();
                    if let Some(partition) = &partition
                        && tells_log_start(failure.code)
                    {
                        answer.log_start_offset = partition.log_start_offset();
                    }
                    if let Some(partition) = partition
                        && failure.code == ErrorCode::NotLeaderOrFollower
                    {
                        stale_leader = true;
                        answer.current_leader = LeaderIdAndEpoch {
                            leader_id: broker.identity().broker_id,
                            leader_epoch: partition.leader_epoch(),
                        };
                    }
                }
            }
            answers.push(answer);
        }
        response.responses.push(TopicProduceResponse {
            name: topic.name,
            topic_id: topic.topic_id,
            partition_responses: answers,
        });
    }
    if stale_leader && context.version >= 10 {
        let (host, port) = broker.address_for(&context.connection);
        response.node_endpoints = vec![NodeEndpoint {
            node_id: broker.identity().broker_id,
            host: host.as_str().into(),
            port: i32::from(port),
            rack: None,
        }];
    }
    response
}

/// Whether a producer that was refused with this error is told where the log begins, from which it
/// sees whether the batch before was deleted already.
fn tells_log_start(code: ErrorCode) -> bool {
    !matches!(
        code,
        ErrorCode::UnknownTopicOrPartition
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::MessageTooLarge
            | ErrorCode::CorruptMessage
            | ErrorCode::KafkaStorageError
            | ErrorCode::RequestTimedOut
    )
}

fn record_error(error: &RecordError) -> BatchIndexAndErrorMessage {
    BatchIndexAndErrorMessage {
        batch_index: i32::try_from(error.index).unwrap_or(i32::MAX),
        batch_index_error_message: Some(error.reason.as_str().into()),
    }
}

type Settled = Result<(Arc<Partition>, Appended), (Option<Arc<Partition>>, AppendFailure)>;

async fn settle(outcome: Outcome, deadline: Option<Instant>) -> Settled {
    let (partition, receiver) = match outcome {
        Outcome::Refused(failure) => return Err((None, failure)),
        Outcome::Judged(partition, failure) => return Err((Some(partition), failure)),
        Outcome::Queued(partition, receiver) => (partition, receiver),
    };
    let settled = match deadline {
        Some(deadline) => timeout_at(deadline, receiver).await,
        None => Ok(receiver.await),
    };
    let failure = match settled {
        Ok(Ok(Ok(appended))) => return Ok((partition, appended)),
        Ok(Ok(Err(failure))) => failure,
        // The node is stopping: the records may or may not be there after the restart.
        Ok(Err(_)) => AppendFailure::new(ErrorCode::NotLeaderOrFollower),
        Err(_) => AppendFailure::with_message(
            ErrorCode::RequestTimedOut,
            "the disk did not take the records within the request's timeout",
        ),
    };
    Err((Some(partition), failure))
}
