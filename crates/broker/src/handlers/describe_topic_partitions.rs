//! DescribeTopicPartitions (key 75), v0.
//! Topics and their partitions in pages, with eligible leader replicas (KIP-966).

use std::collections::BTreeSet;
use std::sync::Arc;

use metadata::{MetadataImage, TopicImage};
use model::{BrokerId, ErrorCode, PartitionIndex, is_internal_topic, validate_topic_name};
use protocol::Str;
use protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use protocol::messages::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::metadata::{Served, served};
use crate::handlers::operations;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = broker.image();
    let limit = usize::try_from(request.response_partition_limit)
        .unwrap_or(0)
        .clamp(1, broker.settings().max_request_partition_size_limit.max(1));
    let from = request.cursor.as_ref();
    let names: BTreeSet<Str> = if request.topics.is_empty() {
        image.topics().map(|topic| Str::from(&*topic.name)).collect()
    } else {
        request.topics.into_iter().map(|topic| topic.name).collect()
    };
    let mut response = DescribeTopicPartitionsResponse::default();
    let mut left = limit;
    let start = from.map_or("", |cursor| cursor.topic_name.as_str());
    for name in names.iter().filter(|name| name.as_str() >= start) {
        let first = match from {
            Some(cursor) if cursor.topic_name == *name => cursor.partition_index.get().max(0),
            _ => 0,
        };
        if left == 0 {
            response.next_cursor = Some(cursor(name, first));
            break;
        }
        let Some(topic) = image.topic(name) else {
            response.topics.push(unknown(name));
            continue;
        };
        let described = describe(&broker, &image, topic, first as usize, left);
        let next = first + described.partitions.len() as i32;
        left -= described.partitions.len();
        response.topics.push(described);
        if (next as usize) < topic.partitions.len() {
            response.next_cursor = Some(cursor(name, next));
            break;
        }
    }
    response
}

fn cursor(topic: &Str, partition: i32) -> Cursor {
    Cursor { topic_name: topic.clone(), partition_index: PartitionIndex::new(partition) }
}

fn unknown(name: &Str) -> DescribeTopicPartitionsResponseTopic {
    let error = match validate_topic_name(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    DescribeTopicPartitionsResponseTopic {
        error_code: error.code(),
        name: Some(name.clone()),
        topic_authorized_operations: operations::TOPIC,
        ..Default::default()
    }
}

fn describe(
    broker: &Broker,
    image: &MetadataImage,
    topic: &TopicImage,
    first: usize,
    limit: usize,
) -> DescribeTopicPartitionsResponseTopic {
    let partitions = topic
        .indexed()
        .skip(first)
        .take(limit)
        .map(|(partition_index, partition)| {
            let Served { leader, offline } =
                served(broker, image, (topic, partition_index), partition);
            DescribeTopicPartitionsResponsePartition {
                // As in Kafka, the leader alone tells that there is none.
                error_code: ErrorCode::None.code(),
                partition_index,
                leader_id: leader.unwrap_or(BrokerId::NONE),
                leader_epoch: partition.leader_epoch,
                replica_nodes: partition.replicas.clone(),
                isr_nodes: partition.isr.clone(),
                eligible_leader_replicas: Some(partition.eligible_leader_replicas.clone()),
                last_known_elr: Some(partition.last_known_elr.clone()),
                offline_replicas: offline,
            }
        })
        .collect();
    DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::None.code(),
        name: Some(Str::from(&*topic.name)),
        topic_id: topic.id,
        is_internal: is_internal_topic(&topic.name),
        partitions,
        topic_authorized_operations: operations::TOPIC,
    }
}
