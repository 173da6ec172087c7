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
    let topics = together(reply.topics, refused).into_iter().map(topic).collect();
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
    // Kafka names a topic that is not there even when no partition was asked for.
    let refused = (known.is_none() || !missing.is_empty()).then(|| TopicResult {
        name,
        id,
        partitions: missing
            .into_iter()
            .map(|partition| (partition, ErrorCode::UnknownTopicOrPartition))
            .collect(),
    });
    (partitions, refused)
}

/// One entry a topic: a client looks for the partitions that are there and those that are not in the
/// same one.
fn together(mut done: Vec<TopicResult>, refused: Vec<TopicResult>) -> Vec<TopicResult> {
    let mut alone = Vec::new();
    for topic in refused {
        match done.iter_mut().find(|other| other.name == topic.name) {
            Some(other) => other.partitions.extend(topic.partitions),
            None => alone.push(topic),
        }
    }
    done.extend(alone);
    done
}

fn topic(result: TopicResult) -> OffsetDeleteResponseTopic {
    let partitions = result.partitions.into_iter().map(|(partition_index, error)| {
        OffsetDeleteResponsePartition { partition_index, error_code: error.code() }
    });
    OffsetDeleteResponseTopic { name: text(&result.name), partitions: partitions.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(name: &str, partition: i32, error: ErrorCode) -> TopicResult {
        let partitions = vec![(PartitionIndex::new(partition), error)];
        TopicResult { name: name.into(), id: Uuid::ZERO, partitions }
    }

    #[test]
    fn a_topic_with_partitions_there_and_missing_is_answered_once() {
        let missing = ErrorCode::UnknownTopicOrPartition;
        let done = vec![result("one", 0, ErrorCode::None)];
        let refused = vec![result("one", 7, missing), result("other", 0, missing)];
        let found: Vec<_> = together(done, refused).into_iter().map(topic).collect();
        let counts: Vec<_> =
            found.iter().map(|topic| (topic.name.as_str(), topic.partitions.len())).collect();
        assert_eq!(counts, [("one", 2), ("other", 1)]);
    }
}
