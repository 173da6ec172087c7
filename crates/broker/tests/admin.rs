//! The administrative requests, as bytes, in every version.

mod common;

use common::{CLUSTER_ID, Node};
use metadata::ControllerDefaults;
use model::{BrokerId, ErrorCode, PartitionIndex, ProducerEpoch, ProducerId, Uuid};
use protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use protocol::messages::delete_topics_request::DeleteTopicState;
use protocol::messages::describe_configs_request::DescribeConfigsResource;
use protocol::messages::describe_configs_response::DescribeConfigsResult;
use protocol::messages::metadata_request::MetadataRequestTopic;
use protocol::messages::{
    AlterConfigsRequest, ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest,
    DeleteTopicsRequest, DescribeClusterRequest, DescribeConfigsRequest, DescribeGroupsRequest,
    DescribeProducersRequest, DescribeQuorumRequest, ElectLeadersRequest,
    IncrementalAlterConfigsRequest, InitProducerIdRequest, MetadataRequest, UpdateFeaturesRequest,
    alter_configs_request, create_partitions_request, describe_producers_request,
    describe_quorum_request, elect_leaders_request, incremental_alter_configs_request,
    update_features_request,
};
use protocol::{Message, Str};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;
const TIMEOUT_MS: i32 = 30_000;

fn topic(name: &str, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic {
        name: name.into(),
        num_partitions,
        replication_factor,
        ..CreatableTopic::default()
    }
}

fn create(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { topics, timeout_ms: TIMEOUT_MS, validate_only: false }
}

async fn create_one(node: &Node, name: &str) -> Uuid {
    let response = node.call(7, create(vec![topic(name, 1, 1)])).await;
    assert_eq!(response.topics[0].error_code, 0, "{:?}", response.topics);
    response.topics[0].topic_id
}

async fn topics_of(node: &Node) -> Vec<String> {
    let response = node.call(12, MetadataRequest { topics: None, ..Default::default() }).await;
    response.topics.into_iter().filter_map(|topic| topic.name.map(String::from)).collect()
}

fn code(number: i16) -> ErrorCode {
    ErrorCode::from_code(number).expect("the code is known")
}

#[tokio::test]
async fn create_topics_in_every_version_shows_at_once_what_it_made() {
    let node = Node::start().await;
    for version in CreateTopicsRequest::VERSIONS {
        let name = format!("topic-{version}");
        let wanted = CreatableTopic {
            configs: vec![CreatableTopicConfig {
                name: "retention.ms".into(),
                value: Some("60000".into()),
            }],
            ..topic(&name, 2, 1)
        };
        let request = create(vec![wanted.clone(), topic(&name, 1, 1), topic("a/b", 1, 1)]);
        let results = node.call(version, request).await.topics;
        // A name that is given twice is refused both times.
        for twice in &results[..2] {
            assert_eq!(code(twice.error_code), ErrorCode::InvalidRequest);
        }
        assert_eq!(code(results[2].error_code), ErrorCode::InvalidTopicException);
        assert_eq!(results[2].error_message.is_some(), version >= 1);

        let created = node.call(version, create(vec![wanted])).await.topics.remove(0);
        assert_eq!((created.error_code, created.name), (0, Str::from(&name)));
        assert_eq!(!created.topic_id.is_zero(), version >= 7);
        if version >= 5 {
            assert_eq!((created.num_partitions, created.replication_factor), (2, 1));
            let configs = created.configs.unwrap();
            let retention = configs.iter().find(|it| it.name == "retention.ms").unwrap();
            assert_eq!((retention.value.as_deref(), retention.config_source), (Some("60000"), 1));
        }
        assert!(topics_of(&node).await.contains(&name));
    }
    node.stop().await;
}

#[tokio::test]
async fn create_topics_refuses_two_billion_partitions_and_a_factor_that_cannot_be() {
    let node = Node::start().await;
    let request = create(vec![topic("huge", 2_000_000_000, 1), topic("small", 1, 1)]);
    for result in node.call(7, request).await.topics {
        assert_eq!(code(result.error_code), ErrorCode::PolicyViolation);
    }
    let result = node.call(7, create(vec![topic("wide", 1, 3)])).await.topics.remove(0);
    assert_eq!(code(result.error_code), ErrorCode::InvalidReplicationFactor);
    assert!(result.error_message.unwrap().contains("only 1 broker"));
    assert_eq!((result.num_partitions, result.replication_factor), (-1, -1));
    assert!(topics_of(&node).await.is_empty());
    node.stop().await;
}

#[tokio::test]
async fn validate_only_makes_nothing() {
    let node = Node::start().await;
    let request = CreateTopicsRequest { validate_only: true, ..create(vec![topic("t", 3, 1)]) };
    let result = node.call(5, request).await.topics.remove(0);
    assert_eq!((result.error_code, result.num_partitions), (0, 3));
    assert!(topics_of(&node).await.is_empty());
    node.stop().await;
}

#[tokio::test]
async fn delete_topics_by_name_and_by_id_in_every_version() {
    let node = Node::start().await;
    for version in DeleteTopicsRequest::VERSIONS {
        let id = create_one(&node, "named").await;
        create_one(&node, "kept").await;
        let mut request = DeleteTopicsRequest { timeout_ms: TIMEOUT_MS, ..Default::default() };
        if version >= 6 {
            request.topics = vec![
                DeleteTopicState { name: None, topic_id: id },
                DeleteTopicState { name: Some("unknown".into()), ..Default::default() },
                DeleteTopicState { name: Some("kept".into()), topic_id: id },
                DeleteTopicState { name: None, topic_id: Uuid::from_random([1; 16]) },
            ];
        } else {
            request.topic_names = vec!["named".into(), "unknown".into()];
        }
        let results = node.call(version, request).await.responses;
        assert_eq!(results[0].error_code, 0);
        assert_eq!(results[0].name.as_deref(), Some("named"));
        assert_eq!(code(results[1].error_code), ErrorCode::UnknownTopicOrPartition);
        assert_eq!(results[1].error_message.is_some(), version >= 5);
        if version >= 6 {
            let find = |error| results.iter().filter(|it| code(it.error_code) == error).count();
            assert_eq!(find(ErrorCode::UnknownTopicId), 1);
            assert_eq!(find(ErrorCode::InvalidRequest), 1);
        }
        assert_eq!(topics_of(&node).await, ["kept"]);
        let names = vec!["kept".into()];
        let request = DeleteTopicsRequest { topic_names: names, ..Default::default() };
        assert_eq!(node.call(5, request).await.responses[0].error_code, 0);
    }
    node.stop().await;
}

#[tokio::test]
async fn disabled_deletion_is_named_to_clients_that_know_it() {
    let defaults = ControllerDefaults { delete_topic_enable: false, ..Default::default() };
    let node = Node::start_with(defaults).await;
    create_one(&node, "t").await;
    for (version, expected) in
        [(0, ErrorCode::InvalidRequest), (3, ErrorCode::TopicDeletionDisabled)]
    {
        let topic_names = vec!["t".into()];
        let request = DeleteTopicsRequest { topic_names, ..Default::default() };
        assert_eq!(code(node.call(version, request).await.responses[0].error_code), expected);
    }
    assert_eq!(topics_of(&node).await, ["t"]);
    node.stop().await;
}

#[tokio::test]
async fn create_partitions_in_every_version() {
    let node = Node::start().await;
    create_one(&node, "t").await;
    for version in CreatePartitionsRequest::VERSIONS {
        let count = i32::from(version) + 2;
        let grow = |name: &str, count| create_partitions_request::CreatePartitionsTopic {
            name: name.into(),
            count,
            assignments: None,
        };
        let request = CreatePartitionsRequest {
            topics: vec![grow("t", count), grow("unknown", 2)],
            timeout_ms: TIMEOUT_MS,
            validate_only: false,
        };
        let results = node.call(version, request.clone()).await.results;
        assert_eq!(results[0].error_code, 0);
        assert_eq!(code(results[1].error_code), ErrorCode::UnknownTopicOrPartition);
        let again = node.call(version, request).await.results.remove(0);
        assert_eq!(code(again.error_code), ErrorCode::InvalidPartitions);
        let metadata = node.call(12, MetadataRequest { topics: None, ..Default::default() }).await;
        assert_eq!(metadata.topics[0].partitions.len(), count as usize);
    }
    node.stop().await;
}

async fn describe(
    node: &Node,
    version: i16,
    resource_type: i8,
    name: &str,
    keys: Option<&[&str]>,
) -> DescribeConfigsResult {
    let configuration_keys = keys.map(|keys| keys.iter().map(|key| Str::from(*key)).collect());
    let resource =
        DescribeConfigsResource { resource_type, resource_name: name.into(), configuration_keys };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: version >= 1,
        include_documentation: version >= 3,
    };
    node.call(version, request).await.results.remove(0)
}

async fn set(
    node: &Node,
    version: i16,
    resource_type: i8,
    name: &str,
    key: &str,
    value: &str,
) -> i16 {
    let config = incremental_alter_configs_request::AlterableConfig {
        name: key.into(),
        config_operation: 0,
        value: Some(value.into()),
    };
    let resource = incremental_alter_configs_request::AlterConfigsResource {
        resource_type,
        resource_name: name.into(),
        configs: vec![config],
    };
    let request =
        IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    node.call(version, request).await.responses[0].error_code
}

#[tokio::test]
async fn describe_configs_tells_value_source_type_and_documentation_of_all() {
    let node = Node::start().await;
    create_one(&node, "t").await;
    assert_eq!(set(&node, 1, TOPIC, "t", "retention.ms", "1234").await, 0);
    for version in DescribeConfigsRequest::VERSIONS {
        let result = describe(&node, version, TOPIC, "t", None).await;
        assert_eq!((result.error_code, result.resource_name.as_str()), (0, "t"));
        assert!(result.configs.len() > 30, "{}", result.configs.len());
        let find = |key: &str| result.configs.iter().find(|it| it.name == key).unwrap();
        let retention = find("retention.ms");
        assert_eq!(retention.value.as_deref(), Some("1234"));
        let segment = find("segment.bytes");
        assert_eq!(segment.value.as_deref(), Some("1073741824"));
        if version == 0 {
            assert!(segment.is_default && !retention.is_default);
        } else {
            assert_eq!((retention.config_source, segment.config_source), (1, 5));
            let synonyms: Vec<_> = retention.synonyms.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(synonyms, ["retention.ms"]);
        }
        if version >= 3 {
            assert_eq!((retention.config_type, segment.config_type), (5, 3));
            assert!(result.configs.iter().all(|it| it.documentation.as_deref() != Some("")));
            assert!(retention.documentation.is_some());
        }
        let one = describe(&node, version, TOPIC, "t", Some(&["retention.ms"])).await;
        assert_eq!(one.configs.len(), 1);
    }
    node.stop().await;
}

#[tokio::test]
async fn describe_configs_of_brokers_groups_and_what_there_is_not() {
    let node = Node::start().await;
    let broker = describe(&node, 4, BROKER, "1", None).await;
    assert!(broker.configs.len() > 200, "{}", broker.configs.len());
    assert!(describe(&node, 4, BROKER, "", None).await.configs.is_empty());
    assert_eq!(set(&node, 0, BROKER, "", "log.retention.ms", "5000").await, 0);
    let default = describe(&node, 4, BROKER, "", None).await;
    assert_eq!(default.configs.len(), 1);
    assert_eq!(default.configs[0].config_source, 3);
    assert_eq!(set(&node, 0, GROUP, "g", "consumer.session.timeout.ms", "50000").await, 0);
    let group = describe(&node, 4, GROUP, "g", Some(&["consumer.session.timeout.ms"])).await;
    assert_eq!(group.configs[0].value.as_deref(), Some("50000"));

    let refused = [
        (BROKER, "2", ErrorCode::InvalidRequest),
        (BROKER_LOGGER, "1", ErrorCode::InvalidRequest),
        (GROUP, "", ErrorCode::InvalidRequest),
        (CLIENT_METRICS, "", ErrorCode::InvalidRequest),
        (99, "x", ErrorCode::InvalidRequest),
        (TOPIC, "a b", ErrorCode::InvalidTopicException),
        (TOPIC, "unknown", ErrorCode::UnknownTopicOrPartition),
    ];
    for (kind, name, expected) in refused {
        let result = describe(&node, 4, kind, name, None).await;
        assert_eq!(code(result.error_code), expected, "{kind} {name}");
        assert!(result.configs.is_empty() && result.error_message.is_some());
    }
    node.stop().await;
}

#[tokio::test]
async fn alter_configs_replaces_and_incremental_changes_do_not() {
    let node = Node::start().await;
    create_one(&node, "t").await;
    let value = async |key: &str| {
        let result = describe(&node, 4, TOPIC, "t", Some(&[key])).await;
        (result.configs[0].value.as_deref().unwrap().to_owned(), result.configs[0].config_source)
    };
    for version in AlterConfigsRequest::VERSIONS {
        let incremental = version.min(1);
        assert_eq!(set(&node, incremental, TOPIC, "t", "retention.ms", "1000").await, 0);
        assert_eq!(set(&node, incremental, TOPIC, "t", "segment.ms", "7000").await, 0);
        assert_eq!(value("retention.ms").await, ("1000".into(), 1));
        let replace = |name: &str, value: &str| alter_configs_request::AlterConfigsResource {
            resource_type: TOPIC,
            resource_name: name.into(),
            configs: vec![alter_configs_request::AlterableConfig {
                name: "retention.ms".into(),
                value: Some(value.into()),
            }],
        };
        let request = AlterConfigsRequest {
            resources: vec![replace("unknown", "1"), replace("t", "2000")],
            validate_only: false,
        };
        let responses = node.call(version, request).await.responses;
        assert_eq!(code(responses[0].error_code), ErrorCode::UnknownTopicOrPartition);
        assert_eq!((responses[1].error_code, responses[1].resource_name.as_str()), (0, "t"));
        assert_eq!(value("retention.ms").await, ("2000".into(), 1));
        assert_eq!(value("segment.ms").await, ("604800000".into(), 5));
    }
    node.stop().await;
}

#[tokio::test]
async fn incremental_alter_configs_refuses_each_resource_for_itself() {
    let node = Node::start().await;
    create_one(&node, "t").await;
    let refused = [
        (TOPIC, "t", "retention.ms", "soon", ErrorCode::InvalidConfig),
        (TOPIC, "t", "no.such.key", "1", ErrorCode::InvalidConfig),
        (BROKER, "2", "log.retention.ms", "1", ErrorCode::InvalidRequest),
        (BROKER, "1", "num.partitions", "2", ErrorCode::InvalidRequest),
        (BROKER_LOGGER, "1", "root", "INFO", ErrorCode::InvalidRequest),
        (CLIENT_METRICS, "m", "interval.ms", "99", ErrorCode::InvalidRequest),
        (CLIENT_METRICS, "m", "interval.ms", "3600001", ErrorCode::InvalidRequest),
        (CLIENT_METRICS, "m", "interval.ms", "soon", ErrorCode::InvalidConfig),
        (CLIENT_METRICS, "m", "match", "client=a", ErrorCode::InvalidConfig),
        (CLIENT_METRICS, "m", "match", "client_id=(", ErrorCode::InvalidConfig),
        (CLIENT_METRICS, "m", "no.such.key", "1", ErrorCode::InvalidRequest),
        (CLIENT_METRICS, "", "interval.ms", "5000", ErrorCode::InvalidRequest),
    ];
    for (kind, name, key, value, expected) in refused {
        assert_eq!(code(set(&node, 1, kind, name, key, value).await), expected, "{key}");
    }
    let config = incremental_alter_configs_request::AlterableConfig {
        name: "retention.ms".into(),
        config_operation: 9,
        value: Some("1".into()),
    };
    let resource = |name: &str, configs| incremental_alter_configs_request::AlterConfigsResource {
        resource_type: TOPIC,
        resource_name: name.into(),
        configs,
    };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![resource("t", vec![config]), resource("u", Vec::new())],
        validate_only: false,
    };
    let responses = node.call(1, request).await.responses;
    assert_eq!(code(responses[0].error_code), ErrorCode::InvalidRequest);
    assert_eq!(code(responses[1].error_code), ErrorCode::UnknownTopicOrPartition);
    node.stop().await;
}

#[tokio::test]
async fn describe_quorum_in_every_version() {
    let node = Node::start().await;
    let ask = |name: &str, index: i32| DescribeQuorumRequest {
        topics: vec![describe_quorum_request::TopicData {
            topic_name: name.into(),
            partitions: vec![describe_quorum_request::PartitionData {
                partition_index: PartitionIndex::new(index),
            }],
        }],
    };
    for version in DescribeQuorumRequest::VERSIONS {
        let response = node.call(version, ask("__cluster_metadata", 0)).await;
        let partition = &response.topics[0].partitions[0];
        assert_eq!((partition.error_code, partition.leader_id), (0, BrokerId::new(1)));
        let voter = &partition.current_voters[0];
        assert_eq!(voter.log_end_offset, partition.high_watermark);
        assert!(partition.high_watermark.get() > 0);
        assert_eq!(voter.last_caught_up_timestamp > 0, version >= 1);
        assert_eq!(!voter.replica_directory_id.is_zero(), version >= 2);
        if version >= 2 {
            assert_eq!(response.nodes[0].listeners[0].port, 9092);
        }
        for wrong in [ask("__cluster_metadata", 1), ask("other", 0)] {
            let response = node.call(version, wrong).await;
            let found = code(response.topics[0].partitions[0].error_code);
            assert_eq!(found, ErrorCode::UnknownTopicOrPartition);
        }
    }
    node.stop().await;
}

#[tokio::test]
async fn describe_cluster_in_every_version() {
    let node = Node::start().await;
    for version in DescribeClusterRequest::VERSIONS {
        let request = DescribeClusterRequest {
            include_cluster_authorized_operations: true,
            ..Default::default()
        };
        let response = node.call(version, request).await;
        assert_eq!((response.error_code, response.cluster_id.as_str()), (0, CLUSTER_ID));
        assert_eq!(response.controller_id, BrokerId::new(1));
        let broker = &response.brokers[0];
        // Nothing is advertised, so a client is told where it has found the node already.
        assert_eq!((broker.host.as_str(), broker.port), ("127.0.0.1", 39092));
        assert_eq!(broker.rack.as_deref(), Some("rack-1"));
        assert_eq!(response.cluster_authorized_operations, 8096);
        if version >= 1 {
            for (kind, expected) in
                [(2, ErrorCode::MismatchedEndpointType), (7, ErrorCode::UnsupportedEndpointType)]
            {
                let request = DescribeClusterRequest { endpoint_type: kind, ..Default::default() };
                assert_eq!(code(node.call(version, request).await.error_code), expected);
            }
        }
    }
    node.stop().await;
}

#[tokio::test]
async fn features_are_told_and_updated_in_every_version() {
    let node = Node::start().await;
    for version in ApiVersionsRequest::VERSIONS {
        let told = node.call(version, common::versions_request()).await;
        assert_eq!(told.error_code, 0);
        let supported = told.supported_features.first();
        let range = supported.map(|it| (it.name.as_str(), it.min_version, it.max_version));
        let finalized = told.finalized_features.first();
        let level = finalized.map(|it| (it.name.as_str(), it.max_version_level));
        let is_told = version >= 3;
        assert_eq!(range, is_told.then_some(("metadata.version", 7, 30)));
        assert_eq!(level, is_told.then_some(("metadata.version", 30)));
        assert_eq!(told.finalized_features_epoch > 0, is_told);
    }
    let update = |feature: &str, max_version_level| UpdateFeaturesRequest {
        timeout_ms: TIMEOUT_MS,
        feature_updates: vec![update_features_request::FeatureUpdateKey {
            feature: feature.into(),
            max_version_level,
            ..Default::default()
        }],
        ..Default::default()
    };
    for version in UpdateFeaturesRequest::VERSIONS {
        let done = node.call(version, update("metadata.version", 30)).await;
        assert_eq!((done.error_code, done.error_message), (0, None));
        let features: Vec<_> = done.results.iter().map(|it| it.feature.as_str()).collect();
        let expected: &[&str] = if version < 2 { &["metadata.version"] } else { &[] };
        assert_eq!(features, expected);
        let refused = node.call(version, update("transaction.version", 2)).await;
        assert_eq!(code(refused.error_code), ErrorCode::InvalidUpdateVersion);
        assert!(refused.error_message.unwrap().contains("does not support this feature"));
        assert!(refused.results.is_empty());
    }
    node.stop().await;
}

#[tokio::test]
async fn elections_are_answered_partition_by_partition_in_every_version() {
    let node = Node::start().await;
    create_one(&node, "t").await;
    let ask = |partitions: Option<&[i32]>, election_type| ElectLeadersRequest {
        election_type,
        topic_partitions: partitions.map(|indexes| {
            vec![elect_leaders_request::TopicPartitions {
                topic: "t".into(),
                partitions: indexes.iter().map(|index| PartitionIndex::new(*index)).collect(),
            }]
        }),
        timeout_ms: TIMEOUT_MS,
    };
    for version in ElectLeadersRequest::VERSIONS {
        let elections: &[i8] = if version == 0 { &[0] } else { &[0, 1] };
        for election in elections {
            let response = node.call(version, ask(Some(&[0, 7]), *election)).await;
            assert_eq!(response.error_code, 0);
            let results = &response.replica_election_results[0].partition_result;
            let codes: Vec<_> = results.iter().map(|it| code(it.error_code)).collect();
            let (needless, unknown) =
                (ErrorCode::ElectionNotNeeded, ErrorCode::UnknownTopicOrPartition);
            assert_eq!(codes, [needless, unknown]);
            let all = node.call(version, ask(None, *election)).await;
            assert_eq!(all.replica_election_results[0].topic, "t");
            assert!(all.replica_election_results[0].partition_result.is_empty());
        }
        if version >= 1 {
            let response = node.call(version, ask(Some(&[0]), 7)).await;
            assert_eq!(code(response.error_code), ErrorCode::InvalidRequest);
            let result = &response.replica_election_results[0].partition_result[0];
            assert_eq!(code(result.error_code), ErrorCode::InvalidRequest);
        }
    }
    node.stop().await;
}

#[tokio::test]
async fn half_of_a_producers_identity_is_refused() {
    let node = Node::start().await;
    let half = InitProducerIdRequest {
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::new(0),
        ..Default::default()
    };
    let response = node.call(4, half).await;
    assert_eq!(code(response.error_code), ErrorCode::InvalidRequest);
    node.stop().await;
}

#[tokio::test]
async fn allowed_operations_are_told_to_those_who_ask() {
    let node = Node::start().await;
    create_one(&node, "one").await;
    for (asks, expected) in [(true, [8096, 3576]), (false, [i32::MIN, i32::MIN])] {
        let request = MetadataRequest {
            topics: None,
            include_cluster_authorized_operations: asks,
            include_topic_authorized_operations: asks,
            ..Default::default()
        };
        let response = node.call(9, request).await;
        let topic = response.topics[0].topic_authorized_operations;
        assert_eq!([response.cluster_authorized_operations, topic], expected);
    }
    node.stop().await;
}

#[tokio::test]
async fn what_is_named_a_thousand_times_is_answered_once() {
    let node = Node::start().await;
    create_one(&node, "topic").await;
    const MENTIONS: usize = 1000;
    let topic = MetadataRequestTopic { name: Some("topic".into()), ..Default::default() };
    let topics = Some(vec![topic; MENTIONS]);
    let metadata = node.call(12, MetadataRequest { topics, ..Default::default() }).await;
    assert_eq!(metadata.topics.len(), 1);
    let resource = DescribeConfigsResource {
        resource_type: TOPIC,
        resource_name: "topic".into(),
        configuration_keys: None,
    };
    let resources = vec![resource; MENTIONS];
    let configs = node.call(4, DescribeConfigsRequest { resources, ..Default::default() }).await;
    assert_eq!(configs.results.len(), 1);
    let groups = vec![Str::from("group"); MENTIONS];
    let described = node.call(5, DescribeGroupsRequest { groups, ..Default::default() }).await;
    assert_eq!(described.groups.len(), 1);
    let topic = describe_producers_request::TopicRequest {
        name: "topic".into(),
        partition_indexes: vec![PartitionIndex::new(0); MENTIONS],
    };
    let topics = vec![topic; 2];
    let producers = node.call(0, DescribeProducersRequest { topics }).await;
    assert_eq!(producers.topics.len(), 1);
    assert_eq!(producers.topics[0].partitions.len(), 1);
    node.stop().await;
}
