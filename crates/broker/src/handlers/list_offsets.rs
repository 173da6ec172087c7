//! ListOffsets (key 2), v0-v11.
//! The offset of a point in time: earliest, latest, the largest timestamp, or any timestamp.
//! - v1: one offset with its timestamp (KIP-79)   - v2: isolation level   - v4: leader epochs
//! - v6: flexible   - v7: largest timestamp (KIP-734)   - v8, v9, v11: tiered storage's positions
//! - v10: timeout
//!
//! v0 answers with the offsets at which segments begin, newest first, as clients of 0.9 expect.
//! Gaps: followers. Nothing is tiered, so "earliest local" is the earliest, and "latest tiered" and
//! "earliest pending upload" are none.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, Timestamp};
use protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::partition::{Isolation, OffsetAt};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// The first version with a place for the leader epoch of the offset.
const LEADER_EPOCH_SINCE: i16 = 4;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let isolation = Isolation::from_wire(request.isolation_level);
    let version = context.version;
    // A look-up by time reads indexes, which may be on the disk.
    let node = Arc::clone(&broker);
    let answer = move || {
        // Kafka's answers say nothing of a topic without partitions.
        let topics = request.topics.into_iter().filter(|topic| !topic.partitions.is_empty());
        topics.map(|topic| answer_topic(&node, version, topic, isolation)).collect()
    };
    let topics = broker.wait_for_disk(answer).await.unwrap_or_default();
    ListOffsetsResponse { topics, ..Default::default() }
}

fn answer_topic(
    broker: &Broker,
    version: i16,
    topic: ListOffsetsTopic,
    isolation: Isolation,
) -> ListOffsetsTopicResponse {
    let twice = named_twice(&topic.partitions);
    let partitions = topic
        .partitions
        .iter()
        .map(|wanted| {
            let mut answer = ListOffsetsPartitionResponse {
                partition_index: wanted.partition_index,
                ..Default::default()
            };
            let outcome = if version == 0 {
                segments_before(broker, &topic, wanted)
                    .map(|offsets| answer.old_style_offsets = offsets)
            } else if twice.contains(&wanted.partition_index) {
                Err(ErrorCode::InvalidRequest)
            } else {
                look_up(broker, version, &topic, wanted, isolation).map(|found| {
                    if let Some(found) = found {
                        answer.offset = found.offset;
                        answer.timestamp = found.timestamp.get();
                        if version >= LEADER_EPOCH_SINCE {
                            answer.leader_epoch = found.leader_epoch;
                        }
                    }
                })
            };
            if let Err(error) = outcome {
                answer.error_code = error.code();
            }
            answer
        })
        .collect();
    ListOffsetsTopicResponse { name: topic.name, partitions }
}

/// The partitions that a request names more than once.
fn named_twice(partitions: &[ListOffsetsPartition]) -> BTreeSet<PartitionIndex> {
    let mut named = BTreeSet::new();
    let again = partitions.iter().filter(|wanted| !named.insert(wanted.partition_index));
    again.map(|wanted| wanted.partition_index).collect()
}

/// Whether requests of this version may ask for a special timestamp, or it is an ordinary one.
fn is_supported(timestamp: i64, version: i16) -> bool {
    match timestamp {
        LATEST | EARLIEST => true,
        MAX_TIMESTAMP => version >= 7,
        EARLIEST_LOCAL => version >= 8,
        LATEST_TIERED => version >= 9,
        EARLIEST_PENDING_UPLOAD => version >= 11,
        timestamp => timestamp >= 0,
    }
}

fn look_up(
    broker: &Broker,
    version: i16,
    topic: &ListOffsetsTopic,
    wanted: &ListOffsetsPartition,
    isolation: Isolation,
) -> Result<Option<OffsetAt>, ErrorCode> {
    if !is_supported(wanted.timestamp, version) {
        return Err(ErrorCode::UnsupportedVersion);
    }
    let partition = broker.partition_by_name(&topic.name, wanted.partition_index)?;
    partition.check_epoch(wanted.current_leader_epoch)?;
    match wanted.timestamp {
        LATEST => Ok(Some(partition.latest(isolation))),
        EARLIEST | EARLIEST_LOCAL => Ok(Some(partition.earliest())),
        MAX_TIMESTAMP => partition.at_largest_timestamp(isolation),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(None),
        timestamp => partition.at_timestamp(Timestamp::new(timestamp), isolation),
    }
}

/// What v0 asks for: where segments begin that were last written before the timestamp, and the end
/// of the log first when the latest is asked for.
fn segments_before(
    broker: &Broker,
    topic: &ListOffsetsTopic,
    wanted: &ListOffsetsPartition,
) -> Result<Vec<i64>, ErrorCode> {
    if wanted.timestamp < EARLIEST {
        return Err(ErrorCode::UnsupportedVersion);
    }
    let partition = broker.partition_by_name(&topic.name, wanted.partition_index)?;
    partition.check_epoch(LeaderEpoch::NONE)?;
    let limit = usize::try_from(wanted.max_num_offsets).unwrap_or(0);
    let offsets: Vec<Offset> = match wanted.timestamp {
        EARLIEST => vec![partition.earliest().offset],
        LATEST => partition.segment_starts_before(None)?,
        timestamp => partition.segment_starts_before(Some(Timestamp::new(timestamp)))?,
    };
    Ok(offsets.into_iter().take(limit).map(Offset::get).collect())
}
