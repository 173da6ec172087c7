//! DeleteRecords (key 21), v0-v2.
//! Moves the start of partitions forward (KIP-107); segments before it go with the next retention.
//! - v2: flexible
//!
//! A client is answered when the new start is on the disk: what it was told is deleted does not come
//! back after a crash. Topics that are compacted only, and internal topics, are refused as in Kafka.
//! Gaps: none.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{ErrorCode, Offset, is_internal_topic};
use protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse};
use tracing::{error, info};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::partition::Trimmed;

/// Stands for everything that is committed.
const HIGH_WATERMARK: Offset = Offset::new(-1);
/// The low watermark of a partition of which nothing was deleted.
const NO_LOW_WATERMARK: i64 = -1;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let node = Arc::clone(&broker);
    let topics = broker.wait_for_disk(move || delete(&node, request.topics)).await;
    DeleteRecordsResponse { topics: topics.unwrap_or_default(), ..Default::default() }
}

/// What became of one partition: its new start and the log folder in which that must be written.
struct Deleted {
    low_watermark: Offset,
    disk: usize,
}

fn delete(broker: &Broker, topics: Vec<DeleteRecordsTopic>) -> Vec<DeleteRecordsTopicResult> {
    let outcomes: Vec<(DeleteRecordsTopic, Vec<Result<Deleted, ErrorCode>>)> = topics
        .into_iter()
        // Kafka's answers say nothing of a topic without partitions.
        .filter(|topic| !topic.partitions.is_empty())
        .map(|topic| {
            let outcomes = topic.partitions.iter().map(|it| advance(broker, &topic.name, it));
            let outcomes = outcomes.collect();
            (topic, outcomes)
        })
        .collect();
    // Every folder is written once, however many of its partitions are named.
    let mut written: BTreeMap<usize, bool> = BTreeMap::new();
    for deleted in outcomes.iter().flat_map(|(_, outcomes)| outcomes.iter().flatten()) {
        written.entry(deleted.disk).or_insert_with(|| is_written(broker, deleted.disk));
    }
    outcomes
        .into_iter()
        .map(|(topic, outcomes)| DeleteRecordsTopicResult {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .zip(outcomes)
                .map(|(wanted, outcome)| {
                    let outcome = outcome.and_then(|deleted| match written.get(&deleted.disk) {
                        Some(true) => Ok(deleted.low_watermark),
                        _ => Err(ErrorCode::KafkaStorageError),
                    });
                    DeleteRecordsPartitionResult {
                        partition_index: wanted.partition_index,
                        low_watermark: outcome.map_or(NO_LOW_WATERMARK, Offset::get),
                        error_code: outcome.err().unwrap_or(ErrorCode::None).code(),
                    }
                })
                .collect(),
        })
        .collect()
}

fn advance(
    broker: &Broker,
    topic: &str,
    wanted: &DeleteRecordsPartition,
) -> Result<Deleted, ErrorCode> {
    let partition = broker.partition_by_name(topic, wanted.partition_index)?;
    if is_internal_topic(topic) {
        return Err(ErrorCode::InvalidTopicException);
    }
    let before = Some(wanted.offset).filter(|offset| *offset != HIGH_WATERMARK);
    let Trimmed { low_watermark, has_moved } = partition.delete_records(before)?;
    if has_moved {
        let partition_name = partition.topic_partition();
        info!(partition = %partition_name, %low_watermark, "records deleted on request");
        broker.partitions().note_trim(partition.disk());
    }
    Ok(Deleted { low_watermark, disk: partition.disk() })
}

fn is_written(broker: &Broker, disk: usize) -> bool {
    let written = broker.partitions().checkpoint_trims(disk);
    if let Err(error) = &written {
        error!(%error, "cannot write where partitions begin; records that were deleted may come back");
    }
    written.is_ok()
}
