//! OffsetDelete (key 47), v0.
//! Forgets offsets of topics that a group does not read any more (KIP-496).

use std::sync::Arc;

use coordinator::{OffsetDelete, OffsetDeleteReply, Reply, Request, TopicPartitions, TopicResult};
use metadata::MetadataImage;
use model::{ErrorCode, PartitionIndex, Uuid};
use protocol::messages::offset_delete_request::OffsetDeleteRequestTopic;
use protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use protocol::messages::{OffsetDeleteRequest, OffsetDeleteResponse};

use super::group_words::{arc, text};
use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let image = broker.image();
    let mut refused = Vec::new();
    let mut topics = Vec::new();
    for topic in &request.topics {
        let (there, missing) = sort_out(&image, topic);
        topics.extend(there);
        refused.extend(missing);
    }
    let group = arc(&request.group_id);
    let delete = OffsetDelete { group: group.clone(), topics };
    let failed = |error| OffsetDeleteReply { error, topics: Vec::new() };
    let reply = match broker.groups().request(&group, Request::OffsetDelete(delete)).await {
        Ok(Reply::OffsetDelete(reply)) => reply,
        Ok(_) => failed(ErrorCode::UnknownServerError),
        Err(error) => failed(error),
    };
    if !reply.error.is_none() {
        return OffsetDeleteResponse { error_code: reply.error.code(), ..Default::default() };
    }
    let topics = reply.topics.into_iter().chain(refused).map(topic).collect();
    OffsetDeleteResponse { topics, ..Default::default() }
}

/// The partitions that there are, and those that there are not.
fn sort_out(
    image: &MetadataImage,
    topic: &OffsetDeleteRequestTopic,
) -> (Option<TopicPartitions>, Option<TopicResult>) {
    let known = image.topic(&topic.name);
    let is_there = |partition: &PartitionIndex| {
        known.is_some_and(|topic| topic.partition(*partition).is_some())
    };
    let asked = topic.partitions.iter().map(|one| one.partition_index);
    let (there, missing): (Vec<_>, Vec<_>) = asked.partition(is_there);
    let (name, id) = (arc(&topic.name), Uuid::ZERO);
    let partitions =
        (!there.is_empty()).then(|| TopicPartitions { name: name.clone(), id, partitions: there });
    let refused = (!missing.is_empty()).then(|| TopicResult {
        name,
        id,
        partitions: missing
            .into_iter()
            .map(|partition| (partition, ErrorCode::UnknownTopicOrPartition))
            .collect(),
    });
    (partitions, refused)
}

fn topic(result: TopicResult) -> OffsetDeleteResponseTopic {
    let partitions = result.partitions.into_iter().map(|(partition_index, error)| {
        OffsetDeleteResponsePartition { partition_index, error_code: error.code() }
    });
    OffsetDeleteResponseTopic { name: text(&result.name), partitions: partitions.collect() }
}
