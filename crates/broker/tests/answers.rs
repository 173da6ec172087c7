//! Answers that clients may rely on being those of Kafka, in cases that no other test is about. Each was
//! found by `cargo xtask differential`.

mod common;

use bytes::Bytes;
use common::Node;
use model::{ErrorCode, Offset, PartitionIndex, Timestamp, TopicId};
use protocol::messages::create_topics_request::CreatableTopic;
use protocol::messages::metadata_request::MetadataRequestTopic;
use protocol::messages::produce_response::PartitionProduceResponse;
use protocol::messages::{
    CreateTopicsRequest, DescribeConfigsRequest, FetchRequest, FindCoordinatorRequest,
    MetadataRequest, ProduceRequest, describe_configs_request, fetch_request, produce_request,
};
use protocol::{Records, Str};
use records::{BatchBuilder, Compression};

async fn create(node: &Node, name: &str, partitions: i32) {
    let topic = CreatableTopic {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request =
        CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, validate_only: false };
    assert_eq!(node.call(5, request).await.topics[0].error_code, 0);
}

fn batch() -> Vec<u8> {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    builder.append(Timestamp::new(1_700_000_000_000), None, Some(b"value"), []).unwrap();
    builder.finish().unwrap().to_vec()
}

/// A batch whose records are not as many as it says, with the checksum that fits it.
fn miscounted() -> Vec<u8> {
    let mut builder = BatchBuilder::new(Offset::new(7), Compression::None);
    builder.append(Timestamp::new(1_700_000_000_000), None, Some(b"value"), []).unwrap();
    builder.finish().unwrap().to_vec()
}

/// Sends each partition from 0 on its bytes.
async fn produce(
    node: &Node,
    acks: i16,
    partitions: Vec<Vec<u8>>,
) -> Vec<PartitionProduceResponse> {
    let data = partitions.into_iter().zip(0..).map(|(bytes, index)| {
        let records = Records::Bytes(Bytes::from(bytes));
        produce_request::PartitionProduceData { index: PartitionIndex::new(index), records }
    });
    let topic = produce_request::TopicProduceData {
        name: "t".into(),
        partition_data: data.collect(),
        ..Default::default()
    };
    // A topic without partitions is not answered.
    let nothing = produce_request::TopicProduceData { name: "t".into(), ..Default::default() };
    let request = ProduceRequest {
        acks,
        timeout_ms: 30_000,
        topic_data: vec![nothing, topic],
        ..Default::default()
    };
    let mut response = node.call(9, request).await;
    assert_eq!(response.responses.len(), 1);
    response.responses.remove(0).partition_responses
}

fn codes(answers: &[PartitionProduceResponse]) -> Vec<ErrorCode> {
    answers.iter().map(|it| ErrorCode::from_code(it.error_code).unwrap()).collect()
}

#[tokio::test]
async fn bytes_that_cannot_be_cut_into_batches_fail_the_whole_produce_request() {
    let node = Node::start().await;
    create(&node, "t", 2).await;
    let mut damaged = batch();
    damaged[16] = 3; // its format
    let answers = produce(&node, -1, vec![batch(), damaged]).await;
    assert_eq!(codes(&answers), [ErrorCode::CorruptMessage; 2]);
    // Nothing of it was appended.
    let answers = produce(&node, -1, vec![batch()]).await;
    assert_eq!((codes(&answers), answers[0].base_offset), (vec![ErrorCode::None], Offset::ZERO));
}

#[tokio::test]
async fn acks_that_nobody_knows_are_refused_after_records_that_cannot_be() {
    let node = Node::start().await;
    create(&node, "t", 2).await;
    let answers = produce(&node, 2, vec![batch(), Vec::new()]).await;
    assert_eq!(codes(&answers), [ErrorCode::InvalidRequiredAcks, ErrorCode::InvalidRecord]);
}

#[tokio::test]
async fn refused_records_tell_where_the_log_begins_once_it_was_asked() {
    let node = Node::start().await;
    create(&node, "t", 2).await;
    let answers = produce(&node, -1, vec![miscounted(), Vec::new()]).await;
    assert_eq!(codes(&answers), [ErrorCode::InvalidRecord; 2]);
    assert_eq!(answers[0].log_start_offset, Offset::ZERO);
    assert_eq!(answers[1].log_start_offset, Offset::NONE);
}

#[tokio::test]
async fn a_fetch_after_an_epoch_that_the_log_never_had_is_out_of_range() {
    let node = Node::start().await;
    create(&node, "t", 1).await;
    produce(&node, -1, vec![batch()]).await;
    let fetch = |last_fetched_epoch: i32, partition: i32| {
        let partition = fetch_request::FetchPartition {
            partition: PartitionIndex::new(partition),
            partition_max_bytes: 1 << 20,
            last_fetched_epoch,
            ..Default::default()
        };
        let topic = fetch_request::FetchTopic {
            topic: "t".into(),
            partitions: vec![partition],
            ..Default::default()
        };
        FetchRequest { max_bytes: 1 << 20, topics: vec![topic], ..Default::default() }
    };
    let mut found = Vec::new();
    for (epoch, partition) in [(0, 0), (5, 0), (-1, 9)] {
        let response = node.call(12, fetch(epoch, partition)).await;
        let answer = &response.responses[0].partitions[0];
        let aborted = answer.aborted_transactions.as_ref().map(Vec::len);
        found.push((ErrorCode::from_code(answer.error_code).unwrap(), aborted));
    }
    let expected = [
        (ErrorCode::None, None),
        (ErrorCode::OffsetOutOfRange, None),
        (ErrorCode::UnknownTopicOrPartition, Some(0)),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn success_has_the_text_of_kafka_where_a_message_would_stand() {
    let node = Node::start().await;
    for (version, expected) in [(1, "NONE"), (3, "NONE"), (4, "")] {
        let key = || Str::from_static("group");
        let request = match version {
            4.. => FindCoordinatorRequest { coordinator_keys: vec![key()], ..Default::default() },
            _ => FindCoordinatorRequest { key: key(), ..Default::default() },
        };
        let answer = node.call(version, request).await;
        let message = match answer.coordinators.first() {
            Some(coordinator) => coordinator.error_message.clone(),
            None => answer.error_message,
        };
        assert_eq!(message.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn a_kind_of_resource_that_nobody_knows_fails_the_whole_request() {
    let node = Node::start().await;
    create(&node, "t", 1).await;
    let describe = |kinds: &[i8]| {
        let resources =
            kinds.iter().map(|kind| describe_configs_request::DescribeConfigsResource {
                resource_type: *kind,
                resource_name: "t".into(),
                ..Default::default()
            });
        DescribeConfigsRequest { resources: resources.collect(), ..Default::default() }
    };
    let found =
        |results: &[protocol::messages::describe_configs_response::DescribeConfigsResult]| {
            let told = results.iter().map(|it| (it.error_code, it.error_message.is_some()));
            told.collect::<Vec<_>>()
        };
    assert_eq!(found(&node.call(1, describe(&[2])).await.results), [(0, true)]);
    assert_eq!(found(&node.call(1, describe(&[2, 99])).await.results), [(42, true); 2]);
}

#[tokio::test]
async fn topics_cannot_be_asked_for_by_id_before_version_12() {
    let node = Node::start().await;
    create(&node, "t", 1).await;
    let ask = |name: Option<Str>| MetadataRequest {
        topics: Some(vec![MetadataRequestTopic { name, topic_id: TopicId::ZERO }]),
        ..Default::default()
    };
    for (version, name, expected) in [(10, None, 42), (11, None, 42), (10, Some("t".into()), 0)] {
        let answer = node.call(version, ask(name)).await;
        assert_eq!(answer.topics[0].error_code, expected);
        assert_eq!(answer.brokers.is_empty(), expected != 0);
    }
}
