//! A node that compacts by itself what its topics ask for.

mod common;

use std::time::Duration;

use common::Node;
use config::NodeConfig;
use metadata::ControllerDefaults;
use model::{Offset, PartitionIndex, Timestamp};
use protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use protocol::messages::{
    CreateTopicsRequest, FetchRequest, ProduceRequest, fetch_request, produce_request,
};
use protocol::{Records, Str};
use records::{BatchBody, BatchBuilder, Batches, Compression};

const FIRST: PartitionIndex = PartitionIndex::new(0);

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

async fn produce(node: &Node, topic: &str, key: &str, value: &str) {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    let now = Timestamp::new(1_700_000_000_000);
    builder.append(now, Some(key.as_bytes()), Some(value.as_bytes()), []).unwrap();
    let records = Records::Bytes(builder.finish().unwrap());
    let partition = produce_request::PartitionProduceData { index: FIRST, records };
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

/// Offset and value of every record of a topic.
async fn fetch_all(node: &Node, topic: &str, end: i64) -> Vec<(i64, String)> {
    let (mut found, mut next) = (Vec::new(), 0);
    while next < end {
        let partition = fetch_request::FetchPartition {
            partition: FIRST,
            current_leader_epoch: model::LeaderEpoch::NONE,
            fetch_offset: Offset::new(next),
            partition_max_bytes: 1 << 20,
            ..Default::default()
        };
        let topic = fetch_request::FetchTopic {
            topic: topic.into(),
            partitions: vec![partition],
            ..Default::default()
        };
        let request =
            FetchRequest { max_bytes: 1 << 20, topics: vec![topic], ..Default::default() };
        let response = node.call(11, request).await;
        let partition = &response.responses[0].partitions[0];
        assert_eq!(partition.error_code, 0);
        let Records::Bytes(bytes) = &partition.records else { panic!("{partition:?}") };
        for batch in Batches::new(bytes) {
            let (header, bytes) = batch.unwrap();
            for record in BatchBody::decode(bytes, 1 << 20).unwrap().records() {
                let record = record.unwrap();
                let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                found.push((record.offset.get(), value));
            }
            next = header.next_offset().get();
        }
    }
    found
}

#[tokio::test]
async fn a_compacted_topic_is_compacted_by_itself_and_another_is_not() {
    let mut config = NodeConfig::default_loopback();
    config.settings.log_cleaner_backoff_ms = 20;
    let node = Node::start_configured(ControllerDefaults::default(), config).await;
    let compact =
        [("cleanup.policy", "compact"), ("segment.bytes", "1000"), ("file.delete.delay.ms", "0")];
    create(&node, "compacted", &compact).await;
    create(&node, "plain", &[("segment.bytes", "1000")]).await;
    for i in 0..100 {
        for topic in ["compacted", "plain"] {
            produce(&node, topic, &format!("key-{}", i % 5), &i.to_string()).await;
        }
    }
    let ends = async {
        while fetch_all(&node, "compacted", 100).await.len() > 40 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ends).await.expect("is compacted");
    let found = fetch_all(&node, "compacted", 100).await;
    let latest: Vec<String> = (95..100).map(|i| i.to_string()).collect();
    let last: Vec<&String> = found.iter().rev().take(5).rev().map(|(_, value)| value).collect();
    assert_eq!(last, latest.iter().collect::<Vec<_>>());
    assert!(found.iter().all(|(offset, value)| *value == offset.to_string()));
    assert_eq!(fetch_all(&node, "plain", 100).await.len(), 100);
    let figures = node.broker().cleaner_figures();
    assert!(figures.runs > 0 && figures.bytes_read > figures.bytes_written, "{figures:?}");
    assert_eq!((figures.failed_runs, figures.uncleanable_partitions), (0, 0));
}
