//! Fetch (key 1), v0-v18.
//! Records of many partitions in one answer, as ranges of files that are never copied.
//! - v0, v1: message format v0, throttle time      - v2: message format v1   - v3: max_bytes (KIP-74)
//! - v4: isolation level, batches of format v2   - v5: log start offset   - v7: sessions (KIP-227)
//! - v9: leader epochs (KIP-320)                 - v10: zstd (KIP-110)    - v11: rack (KIP-392)
//! - v12: divergence by epoch, flexible          - v13: topic ids (KIP-516)
//! - v15: replica state   - v16: node endpoints (KIP-951)   - v17: directories   - v18: KIP-1166
//!
//! A fetch that finds less than `min_bytes` waits until the high watermark of one of its partitions
//! moves, or `max_wait_ms` have passed. Before v4, what is newer than the client is converted, and a
//! first batch above every limit is sent whole as to everybody, where old brokers cut it: consumers
//! of that age take what their connection brings, and could never have got past it.
//! Gaps: followers.

use std::sync::Arc;

use model::{BrokerId, ErrorCode, LeaderEpoch, PartitionIndex, TopicId};
use protocol::messages::fetch_request::{FetchTopic, ForgottenTopic};
use protocol::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint,
    PartitionData,
};
use protocol::messages::{FetchRequest, FetchResponse};
use protocol::{Records, Str};
use records::Compression;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, timeout_at};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::fetch_session::{Answer, FetchKey, NO_SESSION, Plan, Told, Wanted};
use crate::old_formats::{self, Found, OldRead};
use crate::partition::{Isolation, Partition, ReadRequest};

const TOPIC_IDS_SINCE: i16 = 13;
/// Older clients are not served topics that are stored in zstd (KIP-110).
const ZSTD_SINCE: i16 = 10;
/// Older clients do not know KAFKA_STORAGE_ERROR, and look for another leader only when told so.
const STORAGE_ERROR_SINCE: i16 = 6;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: FetchRequest,
) -> FetchResponse {
    if request.replica_id >= BrokerId::new(0)
        || request.replica_state.replica_id >= BrokerId::new(0)
    {
        // No other broker is a replica of anything on a one-node cluster.
        return FetchResponse {
            error_code: ErrorCode::InvalidRequest.code(),
            ..Default::default()
        };
    }
    let by_id = context.version >= TOPIC_IDS_SINCE;
    let wanted = request.topics.into_iter().flat_map(wanted_of_topic).collect();
    let forgotten: Vec<_> =
        request.forgotten_topics_data.into_iter().flat_map(forgotten_of_topic).collect();
    let plan = broker.fetch_sessions().lock().plan(
        broker.partitions().clock().ticks_ms(),
        request.session_id,
        request.session_epoch,
        by_id,
        wanted,
        &forgotten,
    );
    let plan = match plan {
        Ok(plan) => Arc::new(plan),
        Err(error) => return FetchResponse { error_code: error.code(), ..Default::default() },
    };
    let format = old_formats::format_of_fetch(context.version);
    let limits = Limits {
        min_bytes: u64::try_from(request.min_bytes).unwrap_or(0),
        max_bytes: u64::try_from(request.max_bytes)
            .unwrap_or(0)
            .min(u64::from(broker.settings().fetch_max_bytes))
            .min(format.map_or(u64::MAX, |_| broker.conversions().share())),
        isolation: Isolation::from_wire(request.isolation_level),
        by_id,
        version: context.version,
    };
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let mut reads = read_when_there_is_enough(&broker, &plan, limits, Instant::now() + wait).await;
    if let Some(format) = format {
        let read = |((key, wanted), found): (&(FetchKey, Wanted), Found)| OldRead {
            partition: find(&broker, key, limits),
            fetch_offset: wanted.fetch_offset,
            found,
        };
        let reads_of_old = plan.partitions.iter().zip(reads).map(read).collect();
        let connection = &context.connection;
        reads =
            old_formats::convert(&broker, connection, reads_of_old, format, limits.isolation).await;
    }
    respond(&broker, &context, &plan, by_id, reads)
}

fn wanted_of_topic(topic: FetchTopic) -> impl Iterator<Item = (FetchKey, Wanted)> {
    let (name, topic_id) = (topic.topic.detach(), topic.topic_id);
    topic.partitions.into_iter().map(move |partition| {
        let key = FetchKey { topic_id, topic: name.clone(), partition: partition.partition };
        let wanted = Wanted {
            fetch_offset: partition.fetch_offset,
            max_bytes: partition.partition_max_bytes,
            current_leader_epoch: partition.current_leader_epoch,
            last_fetched_epoch: LeaderEpoch::new(partition.last_fetched_epoch),
        };
        (key, wanted)
    })
}

fn forgotten_of_topic(topic: ForgottenTopic) -> impl Iterator<Item = FetchKey> {
    let (name, topic_id) = (topic.topic, topic.topic_id);
    topic.partitions.into_iter().map(move |partition| FetchKey {
        topic_id,
        topic: name.clone(),
        partition,
    })
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    min_bytes: u64,
    max_bytes: u64,
    isolation: Isolation,
    by_id: bool,
    version: i16,
}

/// Whether a read may wait for the disk, or for whoever works on the log.
#[derive(Debug, Clone, Copy)]
enum Patience {
    None,
    MayWait,
}

async fn read_when_there_is_enough(
    broker: &Arc<Broker>,
    plan: &Arc<Plan>,
    limits: Limits,
    deadline: Instant,
) -> Vec<Found> {
    let mut news: Option<Arc<Notify>> = None;
    loop {
        let (reads, partitions) = read_all(broker, plan, limits).await;
        let bytes: u64 = reads.iter().flatten().map(|read| read.records.length()).sum();
        let settled = reads.iter().any(|read| match read {
            Ok(read) => read.diverging.is_some(),
            Err(_) => true,
        });
        // A fetch of nothing closes a session or gives partitions up: nothing would ever wake it.
        let nothing = plan.partitions.is_empty();
        if bytes >= limits.min_bytes || settled || nothing || Instant::now() >= deadline {
            return reads;
        }
        // The first time round nobody would wake us for records that came after the reading, so
        // it is read once more before the wait begins.
        let first = news.is_none();
        let news = news.get_or_insert_with(|| Arc::new(Notify::new()));
        if first {
            partitions.iter().for_each(|partition| partition.wake_on_news(news));
            continue;
        }
        if timeout_at(deadline, news.notified()).await.is_ok() {
            partitions.iter().for_each(|partition| partition.wake_on_news(news));
        }
    }
}

/// Reads every partition of the plan within the limits; also says which partitions those are.
async fn read_all(
    broker: &Arc<Broker>,
    plan: &Arc<Plan>,
    limits: Limits,
) -> (Vec<Found>, Vec<Arc<Partition>>) {
    let found: Vec<_> = plan.partitions.iter().map(|(key, _)| find(broker, key, limits)).collect();
    let partitions = found.iter().flatten().cloned().collect();
    if let Some(reads) = read_found(&found, plan, limits, Patience::None) {
        return (reads, partitions);
    }
    let plan = Arc::clone(plan);
    let failed = found.len();
    let reads = broker
        .wait_for_disk(move || read_found(&found, &plan, limits, Patience::MayWait))
        .await
        .flatten()
        .unwrap_or_else(|| vec![Err(ErrorCode::UnknownServerError); failed]);
    (reads, partitions)
}

/// The partition, if it is there and a client of this version can be served from it.
fn find(broker: &Broker, key: &FetchKey, limits: Limits) -> Result<Arc<Partition>, ErrorCode> {
    let partition = look_up(broker, key, limits.by_id)?;
    if limits.version < ZSTD_SINCE {
        let settings = partition.settings();
        if settings.compression.codec == Some(Compression::Zstd) {
            return Err(ErrorCode::UnsupportedCompressionType);
        }
        if !settings.down_conversion && old_formats::format_of_fetch(limits.version).is_some() {
            return Err(ErrorCode::UnsupportedVersion);
        }
    }
    Ok(partition)
}

fn look_up(broker: &Broker, key: &FetchKey, by_id: bool) -> Result<Arc<Partition>, ErrorCode> {
    if by_id {
        broker.partition_by_id(key.topic_id, key.partition)
    } else {
        broker.partition_by_name(&key.topic, key.partition)
    }
}

/// Reads what was found, in its order; `None` when that would have to wait and may not.
fn read_found(
    found: &[Result<Arc<Partition>, ErrorCode>],
    plan: &Plan,
    limits: Limits,
    patience: Patience,
) -> Option<Vec<Found>> {
    let mut left = limits.max_bytes;
    let mut nothing_yet = true;
    let mut reads = Vec::with_capacity(found.len());
    for (partition, (_, wanted)) in found.iter().zip(&plan.partitions) {
        let request = ReadRequest {
            offset: wanted.fetch_offset,
            bytes_max: u64::try_from(wanted.max_bytes).unwrap_or(0).min(left),
            // A batch larger than every limit must not stop a consumer for ever (KIP-74).
            at_least_one_batch: nothing_yet,
            isolation: limits.isolation,
            leader_epoch: wanted.current_leader_epoch,
            last_fetched_epoch: wanted.last_fetched_epoch,
        };
        let read = match partition {
            Ok(partition) => match patience {
                Patience::MayWait => partition.read(&request),
                Patience::None => partition.read_at_once(&request)?,
            },
            Err(error) => Err(*error),
        };
        if let Ok(read) = &read {
            left = left.saturating_sub(read.records.length());
            nothing_yet &= read.records.length() == 0;
        }
        reads.push(read);
    }
    Some(reads)
}

fn respond(
    broker: &Broker,
    context: &RequestContext,
    plan: &Plan,
    by_id: bool,
    reads: Vec<Found>,
) -> FetchResponse {
    let mut response = FetchResponse { session_id: plan.session_id, ..Default::default() };
    let mut stale_leader = false;
    let all: Vec<PartitionData> = plan
        .partitions
        .iter()
        .zip(reads)
        .map(|((key, _), read)| {
            let moved =
                matches!(read, Err(ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch));
            let leader =
                if moved { current_leader(broker, key, by_id) } else { Default::default() };
            partition_data(
                key.partition,
                read.map_err(|error| told(error, context.version >= STORAGE_ERROR_SINCE)),
                leader,
            )
        })
        .collect();
    let news = settle(broker, plan, &all);
    for (((key, _), data), news) in plan.partitions.iter().zip(all).zip(news) {
        stale_leader |= data.current_leader.leader_id != BrokerId::NONE;
        if !plan.incremental || news || data.diverging_epoch != EpochEndOffset::default() {
            add(&mut response.responses, &key.topic, key.topic_id, data);
        }
    }
    if stale_leader && context.version >= 16 {
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

/// Which partitions there is news of, for the session of the plan.
fn settle(broker: &Broker, plan: &Plan, all: &[PartitionData]) -> Vec<bool> {
    if plan.session_id == NO_SESSION {
        return vec![true; all.len()];
    }
    let answers: Vec<Answer<'_>> = plan
        .partitions
        .iter()
        .zip(all)
        .map(|((key, _), data)| Answer {
            key,
            told: Told {
                high_watermark: data.high_watermark,
                log_start_offset: data.log_start_offset,
            },
            has_records: data.records.length() > 0,
            failed: data.error_code != 0,
        })
        .collect();
    broker.fetch_sessions().lock().settle(plan.session_id, &answers)
}

/// Who leads the partition now, for a client that believes otherwise (KIP-951).
fn current_leader(broker: &Broker, key: &FetchKey, by_id: bool) -> LeaderIdAndEpoch {
    let leader_epoch = look_up(broker, key, by_id).map(|partition| partition.leader_epoch());
    LeaderIdAndEpoch {
        leader_id: broker.identity().broker_id,
        leader_epoch: leader_epoch.unwrap_or(LeaderEpoch::NONE),
    }
}

/// An error in a word that the client knows.
pub(super) fn told(error: ErrorCode, knows_storage_error: bool) -> ErrorCode {
    match error {
        ErrorCode::KafkaStorageError if !knows_storage_error => ErrorCode::NotLeaderOrFollower,
        other => other,
    }
}

fn partition_data(index: PartitionIndex, read: Found, leader: LeaderIdAndEpoch) -> PartitionData {
    match read {
        Ok(read) => PartitionData {
            partition_index: index,
            high_watermark: read.high_watermark,
            last_stable_offset: read.last_stable_offset,
            log_start_offset: read.log_start_offset,
            diverging_epoch: read
                .diverging
                .map(|(epoch, end_offset)| EpochEndOffset { epoch: epoch.get(), end_offset })
                .unwrap_or_default(),
            aborted_transactions: read.aborted.map(|aborted| {
                let told = |aborted: storage::AbortedTransaction| AbortedTransaction {
                    producer_id: aborted.producer_id,
                    first_offset: aborted.first_offset,
                };
                aborted.into_iter().map(told).collect()
            }),
            records: read.records,
            ..Default::default()
        },
        Err(error) => PartitionData {
            partition_index: index,
            error_code: error.code(),
            high_watermark: model::Offset::NONE,
            current_leader: leader,
            // Kafka's answers differ so between what is not there and what cannot be read.
            aborted_transactions: match error {
                ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId => Some(Vec::new()),
                _ => None,
            },
            // Empty, never null: librdkafka takes null for a malformed answer.
            records: Records::Bytes(bytes::Bytes::new()),
            ..Default::default()
        },
    }
}

/// Adds a partition under its topic; partitions of a topic come one after the other mostly.
fn add(
    topics: &mut Vec<FetchableTopicResponse>,
    topic: &Str,
    topic_id: TopicId,
    data: PartitionData,
) {
    match topics.last_mut() {
        Some(last) if last.topic == *topic && last.topic_id == topic_id => {
            last.partitions.push(data)
        }
        _ => topics.push(FetchableTopicResponse {
            topic: topic.clone(),
            topic_id,
            partitions: vec![data],
        }),
    }
}
