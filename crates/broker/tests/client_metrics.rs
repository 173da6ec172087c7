//! Subscriptions to clients' metrics and the metrics that clients push, as bytes (KIP-714).

mod common;

use common::Node;
use model::{ErrorCode, Uuid};
use protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use protocol::messages::{
    ApiVersionsRequest, GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
    IncrementalAlterConfigsRequest, ListConfigResourcesRequest, PushTelemetryRequest,
};
use records::Compression;

const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;
const SET: i8 = 0;
const DELETE: i8 = 1;

async fn alter(node: &Node, kind: i8, name: &str, configs: &[(&str, i8, &str)]) {
    let configs = configs.iter().map(|(name, config_operation, value)| AlterableConfig {
        name: (*name).into(),
        config_operation: *config_operation,
        value: Some((*value).into()),
    });
    let resource = AlterConfigsResource {
        resource_type: kind,
        resource_name: name.into(),
        configs: configs.collect(),
    };
    let request =
        IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    assert_eq!(node.call(1, request).await.responses[0].error_code, 0);
}

async fn get(node: &Node, client_instance_id: Uuid) -> GetTelemetrySubscriptionsResponse {
    node.call(0, GetTelemetrySubscriptionsRequest { client_instance_id }).await
}

async fn push(node: &Node, request: PushTelemetryRequest) -> ErrorCode {
    ErrorCode::from_code(node.call(0, request).await.error_code).unwrap()
}

/// One gauge named `a.rate` of value 2.5, as OpenTelemetry has it.
fn report() -> Vec<u8> {
    let inner = |number: u8, contents: &[u8]| {
        [&[number << 3 | 2, contents.len() as u8][..], contents].concat()
    };
    let point = [&[4 << 3 | 1][..], &2.5f64.to_le_bytes()].concat();
    let metric = [inner(1, b"a.rate"), inner(5, &inner(1, &point))].concat();
    inner(1, &inner(2, &inner(2, &metric)))
}

async fn listed(node: &Node, version: i16, kinds: &[i8]) -> Vec<(i8, String)> {
    let request = ListConfigResourcesRequest { resource_types: kinds.to_vec() };
    let response = node.call(version, request).await;
    assert_eq!(response.error_code, 0);
    let resources = response.config_resources.into_iter();
    resources.map(|it| (it.resource_type, it.resource_name.to_string())).collect()
}

#[tokio::test]
async fn configured_resources_are_listed_by_kind() {
    let node = Node::start().await;
    assert!(listed(&node, 0, &[]).await.is_empty());
    alter(&node, CLIENT_METRICS, "m", &[("interval.ms", SET, "5000")]).await;
    alter(&node, GROUP, "g", &[("consumer.session.timeout.ms", SET, "50000")]).await;
    let (metrics, group) = ((CLIENT_METRICS, "m".to_owned()), (GROUP, "g".to_owned()));
    assert_eq!(listed(&node, 0, &[]).await, std::slice::from_ref(&metrics));
    let broker = (4, "1".to_owned());
    assert_eq!(listed(&node, 1, &[]).await, [group.clone(), metrics.clone(), broker.clone()]);
    assert_eq!(listed(&node, 1, &[CLIENT_METRICS, GROUP]).await, [group.clone(), metrics]);
    assert_eq!(listed(&node, 1, &[4, 2]).await, [broker]);
    let request = ListConfigResourcesRequest { resource_types: vec![GROUP, 99] };
    let response = node.call(1, request).await;
    assert_eq!(response.error_code, ErrorCode::UnsupportedVersion.code());
    alter(&node, CLIENT_METRICS, "m", &[("interval.ms", DELETE, "")]).await;
    assert_eq!(listed(&node, 1, &[CLIENT_METRICS, GROUP]).await, [group]);
    node.stop().await;
}

#[tokio::test]
async fn a_client_is_asked_for_what_the_subscriptions_want_of_it() {
    let node = Node::start().await;
    let software = ApiVersionsRequest {
        client_software_name: "apache-kafka-java".into(),
        client_software_version: "4.3.1".into(),
        ..Default::default()
    };
    node.call(4, software).await;
    let without = get(&node, Uuid::ZERO).await;
    assert_eq!((without.error_code, without.push_interval_ms), (0, 300_000));
    assert_eq!(without.accepted_compression_types, [4, 3, 1, 2]);
    assert_eq!((without.telemetry_max_bytes, without.delta_temporality), (1 << 20, true));
    assert!(without.requested_metrics.is_empty() && !without.client_instance_id.is_zero());
    let id = without.client_instance_id;
    assert_eq!(get(&node, id).await.error_code, ErrorCode::ThrottlingQuotaExceeded.code());

    let configs = [
        ("metrics", SET, "org.apache.kafka.producer.,a."),
        ("interval.ms", SET, "1000"),
        (
            "match",
            SET,
            "client_id=te.*,client_software_name=apache-.*,client_software_version=4[.].*,\
             client_source_address=127.0.0.1,client_source_port=50000",
        ),
    ];
    alter(&node, CLIENT_METRICS, "m", &configs).await;
    let with = get(&node, id).await;
    assert_eq!((with.error_code, with.push_interval_ms), (0, 1000));
    assert_eq!(with.requested_metrics, ["a.", "org.apache.kafka.producer."]);
    assert_eq!(with.client_instance_id, id);
    assert_ne!(with.subscription_id, without.subscription_id);
    alter(&node, CLIENT_METRICS, "m", &[("match", SET, "client_id=other")]).await;
    assert!(get(&node, id).await.requested_metrics.is_empty());
    node.stop().await;
}

#[tokio::test]
async fn what_a_client_pushes_is_kept_whichever_way_it_is_compressed() {
    let node = Node::start().await;
    alter(&node, CLIENT_METRICS, "m", &[("metrics", SET, "*"), ("interval.ms", SET, "100")]).await;
    let codecs = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];
    for codec in codecs {
        let told = get(&node, Uuid::ZERO).await;
        assert_eq!(told.requested_metrics, ["*"]);
        let mut metrics = Vec::new();
        codec.compress(&report(), None, &mut metrics).unwrap();
        let request = PushTelemetryRequest {
            client_instance_id: told.client_instance_id,
            subscription_id: told.subscription_id,
            terminating: false,
            compression_type: codec.codec_id() as i8,
            metrics: metrics.into(),
        };
        assert_eq!(push(&node, request).await, ErrorCode::None, "{codec:?}");
        let kept = node.broker().client_metrics();
        let kept = kept.iter().find(|it| it.instance_id == told.client_instance_id).unwrap();
        assert_eq!((kept.series.len(), kept.series[0].name.as_str()), (1, "a.rate"));
        assert_eq!((kept.client.client_id.as_str(), kept.client.port), ("test", 50000));
    }
    node.stop().await;
}

#[tokio::test]
async fn what_cannot_be_taken_of_a_push_is_told_by_its_error() {
    let node = Node::start().await;
    alter(&node, CLIENT_METRICS, "m", &[("metrics", SET, "*"), ("interval.ms", SET, "3600000")])
        .await;
    let request = async || {
        let told = get(&node, Uuid::ZERO).await;
        PushTelemetryRequest {
            client_instance_id: told.client_instance_id,
            subscription_id: told.subscription_id,
            metrics: report().into(),
            ..Default::default()
        }
    };
    let zero = PushTelemetryRequest { client_instance_id: Uuid::ZERO, ..request().await };
    assert_eq!(push(&node, zero).await, ErrorCode::InvalidRequest);
    let other = PushTelemetryRequest { subscription_id: 1, ..request().await };
    assert_eq!(push(&node, other).await, ErrorCode::UnknownSubscriptionId);
    for compression_type in [5, -1] {
        let unknown = PushTelemetryRequest { compression_type, ..request().await };
        assert_eq!(push(&node, unknown).await, ErrorCode::UnsupportedCompressionType);
    }
    let large = PushTelemetryRequest { metrics: vec![0; (1 << 20) + 1].into(), ..request().await };
    assert_eq!(push(&node, large).await, ErrorCode::TelemetryTooLarge);
    // A report that becomes larger than it may be.
    let mut metrics = Vec::new();
    Compression::Zstd.compress(&vec![0; 64 << 20], None, &mut metrics).unwrap();
    let bomb =
        PushTelemetryRequest { compression_type: 4, metrics: metrics.into(), ..request().await };
    assert_eq!(push(&node, bomb).await, ErrorCode::InvalidRecord);
    let broken = PushTelemetryRequest { metrics: vec![0xff; 20].into(), ..request().await };
    assert_eq!(push(&node, broken).await, ErrorCode::InvalidRecord);
    let good = request().await;
    assert_eq!(push(&node, good.clone()).await, ErrorCode::None);
    assert_eq!(push(&node, good.clone()).await, ErrorCode::ThrottlingQuotaExceeded);
    let last = PushTelemetryRequest { terminating: true, ..good };
    assert_eq!(push(&node, last.clone()).await, ErrorCode::None);
    assert_eq!(push(&node, last).await, ErrorCode::InvalidRequest);
    node.stop().await;
}
