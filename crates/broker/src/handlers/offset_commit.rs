//! OffsetCommit (key 8), v0-v10.
//! How far a group has read.
//! - v1: generation and member   - v2 to v4: how long to keep it   - v6: leader epochs (KIP-320)
//! - v7: static members (KIP-345)   - v8: flexible   - v9: GROUP_ID_NOT_FOUND, STALE_MEMBER_EPOCH
//! - v10: topic ids
//!
//! v0, whose offsets Kafka once kept in ZooKeeper, goes to the same place as the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use coordinator::{CommitPartition, CommitTopic, OffsetCommit, Reply, Request, TopicResult};
use metadata::{MetadataImage, TopicImage};
use model::{ErrorCode, PartitionIndex, Uuid};
use protocol::Str;
use protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use protocol::messages::{OffsetCommitRequest, OffsetCommitResponse};
use tokio::time::timeout;

use super::group_words::{arc, arc_option, text};
use crate::Broker;
use crate::dispatch::RequestContext;

const GROUP_ID_NOT_FOUND_SINCE: i16 = 9;
const TOPIC_IDS_SINCE: i16 = 10;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let image = broker.image();
    let mut refused = Vec::new();
    let mut topics = Vec::new();
    for topic in &request.topics {
        let (accepted, results) = sort_out(&image, context.version, topic);
        topics.extend(accepted);
        refused.extend(results);
    }
    let mut committed = Vec::new();
    if !topics.is_empty() {
        let retention_ms = (2..=4).contains(&context.version).then_some(request.retention_time_ms);
        let commit = OffsetCommit {
            group: arc(&request.group_id),
            member: arc(&request.member_id),
            instance: arc_option(request.group_instance_id.as_ref()),
            generation: request.generation_id_or_member_epoch,
            retention_ms,
            knows_group_id_not_found: context.version >= GROUP_ID_NOT_FOUND_SINCE,
            topics,
        };
        committed = self::commit(&broker, commit).await;
    }
    respond(context.version, committed, refused)
}

async fn commit(broker: &Arc<Broker>, commit: OffsetCommit) -> Vec<TopicResult> {
    let group = commit.group.clone();
    let topics: Vec<_> = commit
        .topics
        .iter()
        .map(|topic| {
            let partitions = topic.partitions.iter().map(|one| one.partition).collect::<Vec<_>>();
            (topic.name.clone(), topic.id, partitions)
        })
        .collect();
    let committed = broker.groups().request(&group, Request::OffsetCommit(commit));
    let patience = Duration::from_millis(broker.settings().offsets_commit_timeout_ms);
    let error = match timeout(patience, committed).await {
        Ok(Ok(Reply::OffsetCommit(results))) => return results,
        Ok(Ok(_)) => ErrorCode::UnknownServerError,
        Ok(Err(error)) => error,
        // The commit may still happen; the client asks again, as in Kafka.
        Err(_) => ErrorCode::CoordinatorNotAvailable,
    };
    let failed = |(name, id, partitions): (Arc<str>, Uuid, Vec<PartitionIndex>)| TopicResult {
        name,
        id,
        partitions: partitions.into_iter().map(|partition| (partition, error)).collect(),
    };
    topics.into_iter().map(failed).collect()
}

/// What the coordinator is asked to commit of a topic, and what cannot be: partitions that there are
/// not.
fn sort_out(
    image: &MetadataImage,
    version: i16,
    topic: &OffsetCommitRequestTopic,
) -> (Option<CommitTopic>, Option<TopicResult>) {
    let refuse = |error| {
        let partitions = topic.partitions.iter().map(|one| (one.partition_index, error));
        TopicResult { name: arc(&topic.name), id: topic.topic_id, partitions: partitions.collect() }
    };
    let known = if version >= TOPIC_IDS_SINCE {
        image.topic_by_id(topic.topic_id).ok_or(ErrorCode::UnknownTopicId)
    } else {
        image.topic(&topic.name).ok_or(ErrorCode::UnknownTopicOrPartition)
    };
    let known: &TopicImage = match known {
        Ok(known) => known,
        Err(error) => return (None, Some(refuse(error))),
    };
    let (there, missing): (Vec<_>, Vec<_>) =
        topic.partitions.iter().partition(|one| known.partition(one.partition_index).is_some());
    let (name, id) = (known.name.clone(), known.id);
    let accepted = (!there.is_empty()).then(|| CommitTopic {
        name: name.clone(),
        id,
        partitions: there.into_iter().map(partition).collect(),
    });
    let missing: Vec<_> = missing
        .into_iter()
        .map(|one| (one.partition_index, ErrorCode::UnknownTopicOrPartition))
        .collect();
    let refused = (!missing.is_empty()).then_some(TopicResult { name, id, partitions: missing });
    (accepted, refused)
}

fn partition(one: &OffsetCommitRequestPartition) -> CommitPartition {
    CommitPartition {
        partition: one.partition_index,
        offset: one.committed_offset,
        leader_epoch: one.committed_leader_epoch,
        metadata: arc_option(one.committed_metadata.as_ref()),
    }
}

/// Answers topic by topic.
fn respond(
    version: i16,
    committed: Vec<TopicResult>,
    refused: Vec<TopicResult>,
) -> OffsetCommitResponse {
    let by_id = version >= TOPIC_IDS_SINCE;
    let mut topics: Vec<OffsetCommitResponseTopic> = Vec::new();
    let mut places: HashMap<(Arc<str>, Uuid), usize> = HashMap::new();
    for result in committed.into_iter().chain(refused) {
        let partitions = result.partitions.iter().map(|&(partition_index, error)| {
            OffsetCommitResponsePartition { partition_index, error_code: error.code() }
        });
        let place = *places.entry((result.name.clone(), result.id)).or_insert_with(|| {
            topics.push(OffsetCommitResponseTopic {
                name: if by_id { Str::EMPTY } else { text(&result.name) },
                topic_id: if by_id { result.id } else { Uuid::ZERO },
                partitions: Vec::with_capacity(result.partitions.len()),
            });
            topics.len() - 1
        });
        topics[place].partitions.extend(partitions);
    }
    OffsetCommitResponse { topics, ..Default::default() }
}
