//! OffsetFetch (key 9), v0-v10.
//! How far groups have read.
//! - v2: all topics, an error for the whole   - v5: leader epochs (KIP-320)   - v6: flexible
//! - v7: wait for what is being written (KIP-447)   - v8: several groups (KIP-709)
//! - v9: member and epoch (for the newer protocol)  - v10: topic ids
//!
//! A group that is not there has no offsets, which is no error.

use std::sync::Arc;

use coordinator::{
    FetchedOffset, FetchedTopic, OffsetFetch, OffsetFetchReply, Reply, Request, TopicPartitions,
};
use metadata::MetadataImage;
use model::{ErrorCode, Offset, PartitionIndex, Uuid};
use protocol::Str;
use protocol::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use protocol::messages::{OffsetFetchRequest, OffsetFetchResponse};

use super::group_words::{arc, text};
use super::once::once;
use crate::Broker;
use crate::dispatch::RequestContext;

/// From here on the answer has room for an error of the whole.
const ERROR_SINCE: i16 = 2;
/// From here on a request names several groups.
const BATCH_SINCE: i16 = 8;
const TOPIC_IDS_SINCE: i16 = 10;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    mut request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    once(&mut request.groups, |group| group.group_id.clone());
    let image = broker.image();
    let require_stable = request.require_stable;
    if context.version < BATCH_SINCE {
        let topics = request.topics.map(|topics| {
            topics
                .iter()
                .map(|topic| named(&image, &topic.name, &topic.partition_indexes))
                .collect()
        });
        let group = arc(&request.group_id);
        let reply = fetch(&broker, OffsetFetch { group, topics, require_stable }).await;
        return single(context.version, reply);
    }
    let mut groups = Vec::with_capacity(request.groups.len());
    for group in &request.groups {
        groups.push(answer_group(&broker, &image, context.version, group, require_stable).await);
    }
    OffsetFetchResponse { groups, ..Default::default() }
}

async fn fetch(broker: &Arc<Broker>, fetch: OffsetFetch) -> OffsetFetchReply {
    let group = fetch.group.clone();
    let asked = fetch.topics.clone();
    let error = match broker.groups().request(&group, Request::OffsetFetch(fetch)).await {
        Ok(Reply::OffsetFetch(reply)) if reply.error.is_none() => return reply,
        Ok(Reply::OffsetFetch(reply)) => reply.error,
        Ok(_) => ErrorCode::UnknownServerError,
        Err(error) => error,
    };
    let failed = |topic: TopicPartitions| failed_topic(topic, error);
    let topics = asked.into_iter().flatten().map(failed).collect();
    OffsetFetchReply { group, error, topics }
}

fn failed_topic(topic: TopicPartitions, error: ErrorCode) -> FetchedTopic {
    let offset = |partition: PartitionIndex| FetchedOffset {
        partition,
        offset: Offset::NONE,
        leader_epoch: model::LeaderEpoch::NONE,
        metadata: "".into(),
        error,
    };
    let partitions = topic.partitions.into_iter().map(offset).collect();
    FetchedTopic { name: topic.name, id: topic.id, partitions }
}

/// A topic that was asked for by its name. What was committed for a deleted topic of the same name
/// does not count.
fn named(image: &MetadataImage, name: &Str, partitions: &[PartitionIndex]) -> TopicPartitions {
    let id = image.topic(name).map_or(Uuid::ZERO, |topic| topic.id);
    TopicPartitions { name: arc(name), id, partitions: partitions.to_vec() }
}

/// The answer of the versions that ask for one group.
fn single(version: i16, reply: OffsetFetchReply) -> OffsetFetchResponse {
    let partition = |fetched: FetchedOffset| OffsetFetchResponsePartition {
        partition_index: fetched.partition,
        committed_offset: fetched.offset,
        committed_leader_epoch: fetched.leader_epoch,
        metadata: Some(text(&fetched.metadata)),
        error_code: fetched.error.code(),
    };
    let topic = |topic: FetchedTopic| OffsetFetchResponseTopic {
        name: text(&topic.name),
        partitions: topic.partitions.into_iter().map(partition).collect(),
    };
    let error = if version >= ERROR_SINCE { reply.error } else { ErrorCode::None };
    // An error of the whole says it all.
    let topics = if error.is_none() { reply.topics } else { Vec::new() };
    OffsetFetchResponse {
        topics: topics.into_iter().map(topic).collect(),
        error_code: error.code(),
        ..Default::default()
    }
}

async fn answer_group(
    broker: &Arc<Broker>,
    image: &MetadataImage,
    version: i16,
    asked: &OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let by_id = version >= TOPIC_IDS_SINCE;
    let mut unknown = Vec::new();
    let topics = asked.topics.as_ref().map(|topics| {
        let mut known = Vec::with_capacity(topics.len());
        for topic in topics {
            match resolve(image, by_id, topic) {
                Ok(topic) => known.push(topic),
                Err(topic) => unknown.push(failed_topic(topic, ErrorCode::UnknownTopicId)),
            }
        }
        known
    });
    let group = arc(&asked.group_id);
    let reply = fetch(broker, OffsetFetch { group, topics, require_stable }).await;
    let topics = if reply.error.is_none() { reply.topics } else { Vec::new() };
    let topics = topics.into_iter().chain(unknown);
    OffsetFetchResponseGroup {
        group_id: asked.group_id.clone(),
        topics: topics.filter_map(|topic| of_group(image, by_id, topic)).collect(),
        error_code: reply.error.code(),
    }
}

/// Names a topic that was asked for by its id; gives it back when there is none of the id.
fn resolve(
    image: &MetadataImage,
    by_id: bool,
    topic: &OffsetFetchRequestTopics,
) -> Result<TopicPartitions, TopicPartitions> {
    if !by_id {
        return Ok(named(image, &topic.name, &topic.partition_indexes));
    }
    let partitions = topic.partition_indexes.clone();
    match image.topic_name(topic.topic_id) {
        Some(name) => Ok(TopicPartitions { name: name.clone(), id: topic.topic_id, partitions }),
        None => Err(TopicPartitions { name: "".into(), id: topic.topic_id, partitions }),
    }
}

/// A topic of the answer; one whose id is wanted and is not known cannot be told of.
fn of_group(
    image: &MetadataImage,
    by_id: bool,
    topic: FetchedTopic,
) -> Option<OffsetFetchResponseTopics> {
    let id = match (by_id, topic.id.is_zero()) {
        (false, _) => Uuid::ZERO,
        (true, false) => topic.id,
        // Who asks for no id is told of none.
        (true, true) if topic.name.is_empty() => Uuid::ZERO,
        (true, true) => image.topic(&topic.name)?.id,
    };
    let partition = |fetched: FetchedOffset| OffsetFetchResponsePartitions {
        partition_index: fetched.partition,
        committed_offset: fetched.offset,
        committed_leader_epoch: fetched.leader_epoch,
        metadata: Some(text(&fetched.metadata)),
        error_code: fetched.error.code(),
    };
    Some(OffsetFetchResponseTopics {
        name: if by_id { Str::EMPTY } else { text(&topic.name) },
        topic_id: id,
        partitions: topic.partitions.into_iter().map(partition).collect(),
    })
}
