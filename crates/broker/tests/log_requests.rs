//! Requests about what partitions hold, as bytes, in every version: DeleteRecords, DescribeProducers,
//! and the special timestamps of ListOffsets.

mod common;

use bytes::Bytes;
use common::Node;
use model::{ErrorCode, Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Timestamp};
use protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use protocol::messages::{
    CreateTopicsRequest, DeleteRecordsRequest, DescribeProducersRequest, ListOffsetsRequest,
    ProduceRequest, delete_records_request, describe_producers_request, list_offsets_request,
    produce_request,
};
use protocol::{Message, Records, Str};
use records::{BatchBuilder, Compression, Producer};

const FIRST: PartitionIndex = PartitionIndex::new(0);
/// The version of ListOffsets in which everything can be asked.
const LIST_OFFSETS_NEWEST: i16 = 11;

async fn create(node: &Node, name: &str, configs: &[(&str, &str)]) {
    let configs = configs.iter().map(|(name, value)| CreatableTopicConfig {
        name: Str::from(*name),
        value: Some(Str::from(*value)),
    });
    let topic = CreatableTopic {
        name: name.into(),
        num_partitions: 1,
        replication_factor: 1,
        configs: configs.collect(),
        ..CreatableTopic::default()
    };
    let request =
        CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, validate_only: false };
    assert_eq!(node.call(5, request).await.topics[0].error_code, 0);
}

/// Appends records of these timestamps as a batch of their own.
async fn produce(node: &Node, topic: &str, builder: BatchBuilder, timestamps: &[i64]) {
    let mut builder = builder;
    for timestamp in timestamps {
        builder.append(Timestamp::new(*timestamp), Some(b"key"), Some(b"value"), []).unwrap();
    }
    let records: Bytes = builder.finish().unwrap();
    let partition =
        produce_request::PartitionProduceData { index: FIRST, records: Records::Bytes(records) };
    let topic = produce_request::TopicProduceData {
        name: topic.into(),
        partition_data: vec![partition],
        ..Default::default()
    };
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![topic],
        ..Default::default()
    };
    let response = node.call(9, request).await;
    assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
}

fn plain() -> BatchBuilder {
    BatchBuilder::new(Offset::ZERO, Compression::None)
}

/// Deletes before an offset; gives the error and the low watermark.
async fn delete(
    node: &Node,
    version: i16,
    topic: &str,
    index: i32,
    offset: i64,
) -> (ErrorCode, i64) {
    let partition = delete_records_request::DeleteRecordsPartition {
        partition_index: PartitionIndex::new(index),
        offset: Offset::new(offset),
    };
    let topic = delete_records_request::DeleteRecordsTopic {
        name: topic.into(),
        partitions: vec![partition],
    };
    let request = DeleteRecordsRequest { topics: vec![topic], timeout_ms: 30_000 };
    let response = node.call(version, request).await;
    let answer = &response.topics[0].partitions[0];
    assert_eq!(answer.partition_index, PartitionIndex::new(index));
    (ErrorCode::from_code(answer.error_code).unwrap(), answer.low_watermark)
}

/// What ListOffsets finds: error, offset and timestamp.
async fn list(node: &Node, version: i16, topic: &str, timestamp: i64) -> (ErrorCode, i64, i64) {
    let partition = list_offsets_request::ListOffsetsPartition { timestamp, ..Default::default() };
    let topic =
        list_offsets_request::ListOffsetsTopic { name: topic.into(), partitions: vec![partition] };
    let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
    let response = node.call(version, request).await;
    let answer = &response.topics[0].partitions[0];
    let code = ErrorCode::from_code(answer.error_code).unwrap();
    (code, answer.offset.get(), answer.timestamp)
}

#[tokio::test]
async fn delete_records_in_every_version_moves_the_start_of_the_partition() {
    let node = Node::start().await;
    for version in DeleteRecordsRequest::VERSIONS {
        let topic = format!("topic-{version}");
        create(&node, &topic, &[]).await;
        produce(&node, &topic, plain(), &[1, 2, 3, 4, 5]).await;
        assert_eq!(delete(&node, version, &topic, 0, 2).await, (ErrorCode::None, 2));
        assert_eq!(list(&node, LIST_OFFSETS_NEWEST, &topic, -2).await, (ErrorCode::None, 2, -1));
        // What lies before the start is deleted already.
        assert_eq!(delete(&node, version, &topic, 0, 1).await, (ErrorCode::None, 2));
        for outside in [6, -2] {
            let refused = (ErrorCode::OffsetOutOfRange, -1);
            assert_eq!(delete(&node, version, &topic, 0, outside).await, refused);
        }
        // -1 stands for everything that is committed.
        assert_eq!(delete(&node, version, &topic, 0, -1).await, (ErrorCode::None, 5));
        assert_eq!(list(&node, LIST_OFFSETS_NEWEST, &topic, -1).await, (ErrorCode::None, 5, -1));
        let unknown = (ErrorCode::UnknownTopicOrPartition, -1);
        assert_eq!(delete(&node, version, &topic, 1, 0).await, unknown);
        assert_eq!(delete(&node, version, "nothing", 0, 0).await, unknown);
    }
    node.stop().await;
}

#[tokio::test]
async fn delete_records_of_several_partitions_answers_each() {
    let node = Node::start().await;
    create(&node, "topic", &[]).await;
    produce(&node, "topic", plain(), &[1, 2, 3]).await;
    let partition = |index, offset| delete_records_request::DeleteRecordsPartition {
        partition_index: PartitionIndex::new(index),
        offset: Offset::new(offset),
    };
    let topic = |name: &str, partitions| delete_records_request::DeleteRecordsTopic {
        name: name.into(),
        partitions,
    };
    let topics = vec![
        topic("topic", vec![partition(0, 1), partition(3, 1), partition(0, 2)]),
        topic("other", vec![partition(0, 0)]),
        topic("empty", Vec::new()),
    ];
    let response = node.call(2, DeleteRecordsRequest { topics, timeout_ms: 0 }).await;
    let told: Vec<Vec<_>> = response
        .topics
        .iter()
        .map(|topic| topic.partitions.iter().map(|it| (it.error_code, it.low_watermark)).collect())
        .collect();
    // As in Kafka, nothing is said of a topic without partitions.
    assert_eq!(told, [vec![(0, 1), (3, -1), (0, 2)], vec![(3, -1)]]);
    node.stop().await;
}

#[tokio::test]
async fn describe_producers_tells_the_state_of_each_producer() {
    let node = Node::start().await;
    create(&node, "topic", &[]).await;
    let now = 1_700_000_000_000;
    produce(&node, "topic", plain(), &[now]).await;
    for (id, epoch, first) in [(7, 0, 0), (7, 0, 2), (9, 3, 0)] {
        let mut builder = plain();
        builder.producer(Producer {
            id: ProducerId::new(id),
            epoch: ProducerEpoch::new(epoch),
            base_sequence: Sequence::new(first),
        });
        produce(&node, "topic", builder, &[now, now + 1]).await;
    }
    let ask = |name: &str, indexes: &[i32]| describe_producers_request::TopicRequest {
        name: name.into(),
        partition_indexes: indexes.iter().map(|index| PartitionIndex::new(*index)).collect(),
    };
    let topics = vec![ask("topic", &[0, 1]), ask("nothing", &[0]), ask("a b", &[0])];
    let response = node.call(0, DescribeProducersRequest { topics }).await;
    let held = &response.topics[0].partitions[0];
    let states: Vec<_> = held
        .active_producers
        .iter()
        .map(|it| (it.producer_id.get(), it.producer_epoch, it.last_sequence, it.last_timestamp))
        .collect();
    assert_eq!(states, [(7, 0, 3, now + 1), (9, 3, 1, now + 1)]);
    let first = &held.active_producers[0];
    assert_eq!((first.coordinator_epoch, first.current_txn_start_offset), (-1, Offset::NONE));
    let codes: Vec<Vec<_>> = response
        .topics
        .iter()
        .map(|topic| topic.partitions.iter().map(|it| it.error_code).collect())
        .collect();
    let (unknown, invalid) =
        (ErrorCode::UnknownTopicOrPartition.code(), ErrorCode::InvalidTopicException.code());
    assert_eq!(codes, [vec![0, unknown], vec![unknown], vec![invalid]]);
    assert!(response.topics[1].partitions[0].error_message.is_some());
    node.stop().await;
}

#[tokio::test]
async fn list_offsets_knows_each_special_timestamp_from_its_version_on() {
    let node = Node::start().await;
    create(&node, "topic", &[]).await;
    produce(&node, "topic", plain(), &[10, 30, 20]).await;
    assert_eq!(delete(&node, 2, "topic", 0, 1).await, (ErrorCode::None, 1));
    let unsupported = (ErrorCode::UnsupportedVersion, -1, -1);
    for version in 1..=LIST_OFFSETS_NEWEST {
        let specials = [
            (-1, 1, (3, -1)),
            (-2, 1, (1, -1)),
            (-3, 7, (1, 30)),
            (-4, 8, (1, -1)),
            (-5, 9, (-1, -1)),
            (-6, 11, (-1, -1)),
        ];
        for (timestamp, since, (offset, time)) in specials {
            let expected =
                if version >= since { (ErrorCode::None, offset, time) } else { unsupported };
            let found = list(&node, version, "topic", timestamp).await;
            assert_eq!(found, expected, "v{version} at {timestamp}");
        }
        assert_eq!(list(&node, version, "topic", -7).await, unsupported);
        assert_eq!(list(&node, version, "topic", 25).await, (ErrorCode::None, 1, 30));
        assert_eq!(list(&node, version, "topic", 31).await, (ErrorCode::None, -1, -1));
        // What cannot be asked for is refused before it is looked for.
        assert_eq!(list(&node, version, "nothing", -7).await, unsupported);
    }
    node.stop().await;
}

#[tokio::test]
async fn list_offsets_refuses_a_partition_that_is_named_twice() {
    let node = Node::start().await;
    create(&node, "topic", &[]).await;
    let partition = |index| list_offsets_request::ListOffsetsPartition {
        partition_index: PartitionIndex::new(index),
        timestamp: -1,
        ..Default::default()
    };
    let topic = list_offsets_request::ListOffsetsTopic {
        name: "topic".into(),
        partitions: vec![partition(0), partition(1), partition(0)],
    };
    let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
    let response = node.call(LIST_OFFSETS_NEWEST, request).await;
    let codes: Vec<_> = response.topics[0].partitions.iter().map(|it| it.error_code).collect();
    let (invalid, unknown) = (ErrorCode::InvalidRequest, ErrorCode::UnknownTopicOrPartition);
    assert_eq!(codes, [invalid.code(), unknown.code(), invalid.code()]);
    node.stop().await;
}

#[tokio::test]
async fn list_offsets_of_version_0_knows_no_special_timestamps_but_the_ends() {
    let node = Node::start().await;
    create(&node, "topic", &[]).await;
    for (timestamp, expected) in [
        (-1, ErrorCode::None),
        (-2, ErrorCode::None),
        (-3, ErrorCode::UnsupportedVersion),
        (i64::MIN, ErrorCode::UnsupportedVersion),
    ] {
        let partition = list_offsets_request::ListOffsetsPartition {
            timestamp,
            max_num_offsets: 1,
            ..Default::default()
        };
        let topic = list_offsets_request::ListOffsetsTopic {
            name: "topic".into(),
            partitions: vec![partition],
        };
        let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
        let response = node.call(0, request).await;
        let code = response.topics[0].partitions[0].error_code;
        assert_eq!(ErrorCode::from_code(code), Some(expected));
    }
}
