//! What a scrape says, and the document that is made from the same table.

mod common;

use std::path::Path;
use std::sync::Arc;

use broker::metrics_page;
use common::Node;
use net::{ConnectionLimits, RequestMemory};
use protocol::messages::CreateTopicsRequest;
use protocol::messages::create_topics_request::CreatableTopic;

#[test]
fn docs_metrics_md_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let expected = broker::metrics_markdown();
    if std::env::var_os("KLAMM_BLESS").is_some() {
        std::fs::write(&path, &expected).expect("docs/metrics.md can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/metrics.md differs from the table: KLAMM_BLESS=1 cargo test -p broker"
    );
}

/// The names of the table, which the document lists between the first two bars of a line.
fn names() -> Vec<String> {
    let document = broker::metrics_markdown();
    let names = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    names.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_the_table_is_on_a_scrape_with_help_and_type() {
    let node = Node::start().await;
    let topic = CreatableTopic {
        name: "t".into(),
        num_partitions: 3,
        replication_factor: 1,
        ..Default::default()
    };
    let request =
        CreateTopicsRequest { topics: vec![topic], timeout_ms: 1_000, ..Default::default() };
    assert_eq!(node.call(7, request.clone()).await.topics[0].error_code, 0);
    assert_ne!(node.call(7, request).await.topics[0].error_code, 0);
    node.call(3, common::versions_request()).await;
    let limits = Arc::new(ConnectionLimits::new(1 << 20, None, RequestMemory::new(1 << 20)));
    let text = metrics_page(&node.broker, &limits).await;
    assert!(names().len() > 30);
    for name in names() {
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
    }
    for line in [
        "klamm_requests_total{api=\"CreateTopics\",version=\"7\"} 2",
        "klamm_request_errors_total{api=\"CreateTopics\",error=\"TOPIC_ALREADY_EXISTS\"} 1",
        "klamm_requests_total{api=\"ApiVersions\",version=\"3\"} 1",
        "klamm_request_duration_seconds_count{api=\"CreateTopics\"} 2",
        "klamm_topics 1",
        "klamm_partitions 3",
        "klamm_partitions_offline 0",
        "klamm_partition_log_end_offset{topic=\"t\",partition=\"2\"} 0",
        "klamm_log_folder_failed{folder=\"/data\"} 0",
        "klamm_metrics_series_left_out 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(broker::complaints(&node.broker).is_empty());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_scrape_is_a_comment_or_a_sample() {
    let node = Node::start().await;
    let limits = Arc::new(ConnectionLimits::new(1 << 20, None, RequestMemory::new(1 << 20)));
    let text = metrics_page(&node.broker, &limits).await;
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let (series, value) = line.rsplit_once(' ').expect("a series and its value");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let name = series.split('{').next().unwrap_or_default();
        let known = names().iter().any(|known| name.starts_with(known.as_str()));
        assert!(known && (series == name || series.ends_with('}')), "{line}");
    }
    node.stop().await;
}
