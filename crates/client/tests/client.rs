//! The client against a node in the same process: handshake, broken connections, retries, and what
//! producers and consumers promise whatever happens.

mod fake_node;

use std::time::Duration;

use bytes::Bytes;
use client::{
    Admin, ClientError, Connection, ConnectionOptions, Consumer, OffsetSpec, Producer,
    ProducerRecord,
};
use fake_node::{FakeNode, Mishap};
use model::{Offset, PartitionIndex, TopicId, TopicPartition};
use protocol::ApiKey;
use protocol::messages::MetadataRequest;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use records::records_of;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

async fn connect(node: &FakeNode) -> Connection {
    let options = ConnectionOptions::from(&node.config(&[]));
    Connection::open(&node.address(), options).await.unwrap()
}

/// The values in the log of a partition, in order.
fn values(node: &FakeNode, partition: usize) -> Vec<u64> {
    let state = node.state.lock().unwrap();
    let records = state.logs[partition].batches.iter().flat_map(|batch: &Bytes| {
        records_of(batch, 1 << 20).unwrap().map(|record| number(&record.unwrap().value.unwrap()))
    });
    records.collect()
}

fn number(value: &[u8]) -> u64 {
    std::str::from_utf8(value).unwrap().parse().unwrap()
}

async fn produce(producer: &Producer, count: u64, rng: &mut StdRng) -> Vec<client::Delivery> {
    let mut deliveries = Vec::new();
    for n in 0..count {
        let value = n.to_string();
        let partition = Some(PartitionIndex::new((n % 2) as i32));
        let value = Some(value.as_bytes());
        let record = ProducerRecord { topic: "t", partition, value, ..ProducerRecord::default() };
        deliveries.push(producer.send(&record).await.unwrap());
        if rng.random_range(0..4) == 0 {
            tokio::task::yield_now().await;
        }
    }
    deliveries
}

#[tokio::test]
async fn a_node_that_knows_an_older_handshake_is_asked_in_its_version() {
    let node = FakeNode::start(1).await;
    node.state.lock().unwrap().api_versions_max = 2;
    let connection = connect(&node).await;
    assert_eq!(node.state.lock().unwrap().api_versions_asked, [4, 2]);
    assert_eq!(connection.versions().range(ApiKey::Produce), Some((0, 13)));
}

#[tokio::test]
async fn a_node_that_refuses_without_a_hint_is_asked_in_version_0() {
    let node = FakeNode::start(1).await;
    {
        let mut state = node.state.lock().unwrap();
        (state.api_versions_max, state.refusal_is_informative) = (1, false);
    }
    connect(&node).await;
    assert_eq!(node.state.lock().unwrap().api_versions_asked, [4, 0]);
}

#[tokio::test]
async fn requests_take_the_newest_version_that_both_sides_know() {
    let node = FakeNode::start(1).await;
    let connection = connect(&node).await;
    assert_eq!(connection.version::<MetadataRequest>().unwrap(), 12);
    let error = connection.version_within::<MetadataRequest>(13..=13).unwrap_err();
    assert!(matches!(error, ClientError::UnsupportedVersion { .. }), "{error}");
}

#[tokio::test]
async fn where_nothing_listens_the_error_names_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let config = client::ClientConfig::towards(&address).unwrap();
    let error = Admin::new(&config).unwrap().list_topics().await.unwrap_err().to_string();
    assert_eq!(
        error,
        format!("nothing listens on {address}; start a node with `klamm`, or correct the address")
    );
}

#[tokio::test]
async fn what_is_not_a_kafka_node_ends_the_connection_with_a_reason() {
    for greeting in [&b"HTTP/1.1 400 Bad Request"[..], &[0, 0, 0, 4, 9, 9, 9, 9]] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.write_all(greeting).await.unwrap();
            // Kept open, so that the client ends it.
            std::future::pending::<()>().await;
        });
        let config = client::ClientConfig::towards(&address).unwrap();
        let error = Connection::open(&address, (&config).into()).await.unwrap_err().to_string();
        assert!(error.contains("absurd length") || error.contains("not asked"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_timeout_and_ends_the_connection() {
    let node = FakeNode::start(1).await;
    let connection = connect(&node).await;
    node.state.lock().unwrap().silent_on = Some(ApiKey::Metadata);
    let request = MetadataRequest::default();
    let waiting = connection.call_in(&request, 12, Duration::from_millis(20));
    let error = waiting.await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { ms: 20, .. }), "{error}");
    assert!(connection.is_closed());
}

#[tokio::test]
async fn answers_find_the_calls_that_they_belong_to() {
    let node = FakeNode::start(1).await;
    let connection = connect(&node).await;
    let calls: Vec<_> = (0..50)
        .map(|n| {
            let connection = connection.clone();
            let topic = protocol::messages::metadata_request::MetadataRequestTopic {
                name: Some(protocol::Str::from(format!("topic{n}"))),
                ..Default::default()
            };
            let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
            tokio::spawn(async move { connection.call(&request).await })
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        let response = call.await.unwrap().unwrap();
        assert_eq!(response.topics[0].name.as_deref(), Some(format!("topic{n}").as_str()));
    }
}

#[tokio::test]
async fn whatever_fails_every_record_is_there_once_and_in_order() {
    for seed in 0..12 {
        let mut rng = StdRng::seed_from_u64(seed);
        let node = FakeNode::start(2).await;
        if seed % 2 == 0 {
            // Requests by name, as towards nodes before topics had ids.
            node.state.lock().unwrap().topic_id = TopicId::ZERO;
        }
        let kinds = [Mishap::None, Mishap::LostRequest, Mishap::LostAnswer, Mishap::NotLeader];
        node.state.lock().unwrap().mishaps =
            (0..20).map(|_| kinds[rng.random_range(0..kinds.len())]).collect();
        let config = node.config(&[("batch.size", "200"), ("linger.ms", "0")]);
        let producer = Producer::new(&config).unwrap();
        let deliveries = produce(&producer, 200, &mut rng).await;
        producer.flush().await;
        for (n, delivery) in deliveries.into_iter().enumerate() {
            let delivered = delivery.wait().await.unwrap();
            // A duplicate's offset is not told by this node.
            if delivered.offset != Offset::NONE {
                assert_eq!(delivered.offset.get(), n as i64 / 2, "seed {seed}");
            }
        }
        for partition in 0..2 {
            let expected: Vec<u64> = (0..200).filter(|n| n % 2 == partition).collect();
            assert_eq!(values(&node, partition as usize), expected, "seed {seed}");
        }
    }
}

#[tokio::test]
async fn a_lost_batch_lets_the_next_ones_pass_under_a_new_producer_id() {
    let node = FakeNode::start(2).await;
    node.state.lock().unwrap().mishaps = vec![Mishap::NotLeader; 2];
    let config = node.config(&[("linger.ms", "0"), ("retries", "1")]);
    let producer = Producer::new(&config).unwrap();
    let record = |value| ProducerRecord {
        topic: "t",
        partition: Some(PartitionIndex::new(0)),
        value: Some(value),
        ..ProducerRecord::default()
    };
    let lost = producer.send(&record(b"1")).await.unwrap().wait().await.unwrap_err();
    assert_eq!(lost.code(), Some(model::ErrorCode::NotLeaderOrFollower));
    let next = producer.send(&record(b"2")).await.unwrap().wait().await.unwrap();
    assert_eq!(next.offset, Offset::ZERO);
    let batch = node.state.lock().unwrap().logs[0].batches[0].clone();
    let header = records::BatchHeader::parse(&batch).unwrap();
    assert_eq!((header.producer_id.get(), header.base_sequence.get()), (1002, 0));
}

#[tokio::test]
async fn a_record_that_waits_too_long_for_its_node_fails_with_a_timeout() {
    let node = FakeNode::start(2).await;
    node.state.lock().unwrap().mishaps = vec![Mishap::NotLeader; 10_000];
    let config = node.config(&[("linger.ms", "0"), ("delivery.timeout.ms", "30")]);
    let producer = Producer::new(&config).unwrap();
    let deliveries = produce(&producer, 10, &mut StdRng::seed_from_u64(0)).await;
    for delivery in deliveries {
        assert!(delivery.wait().await.is_err());
    }
    // What comes next is numbered anew and goes through.
    node.state.lock().unwrap().mishaps.clear();
    let deliveries = produce(&producer, 10, &mut StdRng::seed_from_u64(0)).await;
    for delivery in deliveries {
        delivery.wait().await.unwrap();
    }
    assert_eq!(values(&node, 0), [0, 2, 4, 6, 8]);
}

#[tokio::test]
async fn a_record_under_way_when_the_producer_is_dropped_has_failed() {
    let node = FakeNode::start(2).await;
    let config = node.config(&[("linger.ms", "60000")]);
    let producer = Producer::new(&config).unwrap();
    let deliveries = produce(&producer, 3, &mut StdRng::seed_from_u64(0)).await;
    drop(producer);
    for delivery in deliveries {
        assert!(matches!(delivery.wait().await, Err(ClientError::State(_))));
    }
}

#[tokio::test]
async fn records_come_contiguous_from_any_start_whatever_a_fetch_is_cut_to() {
    let node = FakeNode::start(2).await;
    let config = node.config(&[("batch.size", "150"), ("max.poll.records", "7")]);
    let producer = Producer::new(&config).unwrap();
    produce(&producer, 120, &mut StdRng::seed_from_u64(1)).await;
    producer.close().await;
    for (fetch_bytes_max, id) in [(1, 0), (100, 7), (333, 0), (usize::MAX, 7)] {
        {
            let mut state = node.state.lock().unwrap();
            state.fetch_bytes_max = fetch_bytes_max;
            state.topic_id = TopicId::from_bytes([id; 16]);
        }
        for start in [0, 1, 29, 59] {
            let partition = TopicPartition::new("t", PartitionIndex::new(1));
            let mut consumer = Consumer::new(&config).unwrap();
            consumer.assign(std::slice::from_ref(&partition)).unwrap();
            consumer.seek(&partition, Offset::new(start)).unwrap();
            let mut read = Vec::new();
            while read.len() < 60 - start as usize {
                let records = consumer.poll(Duration::from_secs(5)).await.unwrap();
                assert!(!records.is_empty() && records.len() <= 7);
                read.extend(records);
            }
            for (record, offset) in read.iter().zip(start..) {
                assert_eq!(record.offset, Offset::new(offset));
                assert_eq!(number(record.value.as_ref().unwrap()), 2 * offset as u64 + 1);
            }
            assert_eq!(consumer.position(&partition), Some(Offset::new(60)));
        }
    }
}

#[tokio::test]
async fn an_offset_that_is_gone_is_reset_as_configured() {
    let node = FakeNode::start(2).await;
    let config = node.config(&[("auto.offset.reset", "earliest")]);
    let producer = Producer::new(&config).unwrap();
    produce(&producer, 10, &mut StdRng::seed_from_u64(1)).await;
    producer.close().await;
    let partition = TopicPartition::new("t", PartitionIndex::new(0));
    for (reset, fails) in [("earliest", false), ("none", true)] {
        let mut consumer = Consumer::new(&node.config(&[("auto.offset.reset", reset)])).unwrap();
        consumer.assign(std::slice::from_ref(&partition)).unwrap();
        consumer.seek(&partition, Offset::new(77)).unwrap();
        match consumer.poll(Duration::from_secs(5)).await {
            Ok(records) => assert_eq!((records[0].offset, fails), (Offset::ZERO, false)),
            Err(error) => assert!(fails && matches!(error, ClientError::NoOffset { .. })),
        }
    }
}

#[tokio::test]
async fn a_corrupt_batch_is_an_error_after_the_records_before_it() {
    let node = FakeNode::start(2).await;
    let config = node.config(&[("batch.size", "150")]);
    let producer = Producer::new(&config).unwrap();
    produce(&producer, 60, &mut StdRng::seed_from_u64(1)).await;
    producer.close().await;
    let good = {
        let mut state = node.state.lock().unwrap();
        let batches = &mut state.logs[0].batches;
        let mut bad = batches[1].to_vec();
        *bad.last_mut().unwrap() ^= 1;
        batches[1] = bad.into();
        records_of(&batches[0], 1 << 20).unwrap().count()
    };
    let partition = TopicPartition::new("t", PartitionIndex::new(0));
    let mut consumer = Consumer::new(&config).unwrap();
    consumer.assign(std::slice::from_ref(&partition)).unwrap();
    consumer.seek_to(&partition, OffsetSpec::Earliest).unwrap();
    assert_eq!(consumer.poll(Duration::from_secs(5)).await.unwrap().len(), good);
    let error = consumer.poll(Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error, ClientError::Batch { .. }), "{error}");
}

/// A consumer in a group of its own, over a node with ten records in two partitions.
async fn member(node: &FakeNode) -> Consumer {
    let properties = [
        ("group.id", "g"),
        ("auto.offset.reset", "earliest"),
        ("heartbeat.interval.ms", "2"),
        ("linger.ms", "0"),
    ];
    let config = node.config(&properties);
    let producer = Producer::new(&config).unwrap();
    produce(&producer, 10, &mut StdRng::seed_from_u64(1)).await;
    producer.close().await;
    let mut consumer = Consumer::new(&config).unwrap();
    consumer.subscribe(&["t".to_owned()]).unwrap();
    consumer
}

async fn read(consumer: &mut Consumer, count: usize) {
    let mut read = 0;
    while read < count {
        read += consumer.poll(Duration::from_secs(5)).await.unwrap().len();
    }
    assert_eq!(read, count);
}

/// Polls until the node has seen what `done` waits for.
async fn poll_until(consumer: &mut Consumer, node: &FakeNode, done: impl Fn(&FakeNode) -> bool) {
    while !done(node) {
        assert!(consumer.poll(Duration::from_millis(1)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_member_reads_what_it_is_assigned_and_commits_and_leaves_at_the_end() {
    let node = FakeNode::start(2).await;
    let mut consumer = member(&node).await;
    read(&mut consumer, 10).await;
    assert_eq!(consumer.assignment().len(), 2);
    consumer.close().await.unwrap();
    let state = node.state.lock().unwrap();
    assert_eq!(state.group.joins, ["", "member1"]);
    assert_eq!(state.group.committed, [(0, 5), (1, 5)].into());
    assert_eq!(state.group.commits, [("member1".to_owned(), 1)]);
    assert_eq!(state.group.left, ["member1"]);
}

#[tokio::test]
async fn a_member_that_is_called_commits_joins_again_and_goes_on_where_it_was() {
    let node = FakeNode::start(2).await;
    let mut consumer = member(&node).await;
    read(&mut consumer, 10).await;
    node.state.lock().unwrap().group.heartbeats = vec![model::ErrorCode::RebalanceInProgress];
    let joined_again = |node: &FakeNode| node.state.lock().unwrap().group.joins.len() == 3;
    poll_until(&mut consumer, &node, joined_again).await;
    while consumer.assignment().is_empty() {
        assert!(consumer.poll(Duration::from_millis(1)).await.unwrap().is_empty());
    }
    let state = node.state.lock().unwrap();
    assert_eq!(state.group.joins, ["", "member1", "member1"]);
    assert_eq!(state.group.committed, [(0, 5), (1, 5)].into());
}

#[tokio::test]
async fn a_member_that_was_forgotten_joins_as_a_new_one() {
    let node = FakeNode::start(2).await;
    let mut consumer = member(&node).await;
    read(&mut consumer, 10).await;
    node.state.lock().unwrap().group.heartbeats = vec![model::ErrorCode::UnknownMemberId];
    let joined_again = |node: &FakeNode| node.state.lock().unwrap().group.joins.len() == 4;
    while !joined_again(&node) {
        // What was not committed is read again.
        consumer.poll(Duration::from_millis(1)).await.unwrap();
    }
    assert_eq!(node.state.lock().unwrap().group.joins, ["", "member1", "", "member2"]);
}

#[tokio::test]
async fn a_member_begins_at_the_committed_offset() {
    let node = FakeNode::start(2).await;
    node.state.lock().unwrap().group.committed = [(0, 3)].into();
    let mut consumer = member(&node).await;
    read(&mut consumer, 7).await;
}
