//! The traps that a newcomer to Kafka steps into, gone: one test for each, on what a person sees.

use protocol::Str;
use protocol::messages::{
    DescribeConfigsRequest, IncrementalAlterConfigsRequest, describe_configs_request,
    incremental_alter_configs_request,
};

use crate::rig::{Rig, Running};

const INVALID_CONFIG: i16 = 40;
const NOT_ENOUGH_REPLICAS: i16 = 19;
const TOPIC_ALREADY_EXISTS: i16 = 36;
const TOPIC_DELETION_DISABLED: i16 = 73;
const BROKER: i8 = 4;

/// A broker's configuration, as a client is told.
fn config(node: &Running, name: &str) -> Option<String> {
    let mut client = node.connect();
    let id = client.metadata(&[]).brokers[0].node_id;
    let request = DescribeConfigsRequest {
        resources: vec![describe_configs_request::DescribeConfigsResource {
            resource_type: BROKER,
            resource_name: Str::from(id.to_string()),
            configuration_keys: Some(vec![Str::from(name)]),
        }],
        ..Default::default()
    };
    let result = client.call(4, &request).results.remove(0);
    assert_eq!(result.error_code, 0, "{:?}", result.error_message);
    result.configs[0].value.as_ref().map(ToString::to_string)
}

#[test]
fn more_in_sync_replicas_than_replicas_are_refused_when_the_topic_is_created() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    let result = client.create_topic("t", 1, &[("min.insync.replicas", "2")]);
    assert_eq!(result.error_code, INVALID_CONFIG);
    let message = result.error_message.unwrap();
    for expected in ["min.insync.replicas", "2", "replication factor", "1"] {
        assert!(message.contains(expected), "{expected} is missing in: {message}");
    }
    assert!(client.metadata(&["t"]).topics[0].partitions.is_empty());
}

#[test]
fn a_producer_that_waits_for_more_replicas_than_there_are_is_told_how_many_of_each() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    let config = incremental_alter_configs_request::AlterableConfig {
        name: Str::from("min.insync.replicas"),
        config_operation: 0,
        value: Some(Str::from("2")),
    };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![incremental_alter_configs_request::AlterConfigsResource {
            // The default of all topics; for this one it would be refused.
            resource_type: BROKER,
            resource_name: Str::from(""),
            configs: vec![config],
        }],
        validate_only: false,
    };
    assert_eq!(client.call(1, &request).responses[0].error_code, 0);
    let refused = client.produce("t", 0, crate::wire::batch(&[b"x"]));
    assert_eq!(refused.error_code, NOT_ENOUGH_REPLICAS);
    let message = refused.error_message.unwrap();
    assert!(message.contains("1 replica is in sync"), "{message}");
    assert!(message.contains("min.insync.replicas=2 are required"), "{message}");
    assert!(message.contains("lower it for the topic or add nodes"), "{message}");
}

#[test]
fn a_topic_is_gone_when_its_deletion_is_answered_and_its_name_is_free_and_empty() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    for round in 0..5u8 {
        client.with_topic("t", 2, &[]);
        assert_eq!(client.create_topic("t", 2, &[]).error_code, TOPIC_ALREADY_EXISTS);
        assert_eq!(client.values("t", 0, 0), [""; 0], "records of an earlier topic");
        assert_eq!(client.produced("t", 0, &[&[round]]), 0);
        assert_eq!(client.delete_topic("t"), 0);
        assert!(client.topic("t").partitions.is_empty());
    }
    assert!(node.stop().success());
    let node = rig.start_file("server.properties");
    let mut client = node.connect();
    assert!(client.topic("t").partitions.is_empty());
    client.with_topic("t", 2, &[]);
    assert_eq!(client.values("t", 0, 0), [""; 0]);
}

#[test]
fn deletion_can_be_forbidden_and_then_says_so() {
    let rig = Rig::new();
    let node = rig.start("delete.topic.enable=false");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    assert_eq!(client.delete_topic("t"), TOPIC_DELETION_DISABLED);
    assert_eq!(client.topic("t").partitions.len(), 1);
}

#[test]
fn the_node_id_may_be_left_out_and_is_kept() {
    let rig = Rig::new();
    let node = rig.start("");
    let first = node.connect().metadata(&[]);
    assert!(node.stop().success());
    let node = rig.start_file("server.properties");
    let second = node.connect().metadata(&[]);
    assert_eq!(second.brokers[0].node_id, first.brokers[0].node_id);
    assert_eq!(second.cluster_id, first.cluster_id);
    assert!(node.stop().success());
    // A folder that belongs to another id keeps that one, too.
    let other = Rig::new();
    assert!(other.start("broker.id=42").stop().success());
    assert_eq!(other.start("").connect().metadata(&[]).brokers[0].node_id.get(), 42);
}

#[test]
fn a_group_of_one_node_does_not_wait_before_its_first_rebalance_unless_told_so() {
    let rig = Rig::new();
    let node = rig.start("");
    assert_eq!(config(&node, "group.initial.rebalance.delay.ms").as_deref(), Some("0"));
    let rig = Rig::new();
    let node = rig.start("group.initial.rebalance.delay.ms=3000");
    assert_eq!(config(&node, "group.initial.rebalance.delay.ms").as_deref(), Some("3000"));
}

#[test]
fn the_limit_of_open_files_is_raised_by_the_node_itself() {
    let rig = Rig::new();
    let klamm = rig.klamm(["server-start", "server.properties"]);
    // A shell that grants few files, as shells do, with room above.
    let mut limited = std::process::Command::new("sh");
    let script = "ulimit -S -n 64 && exec \"$0\" server-start server.properties";
    limited.args(["-c", script]).arg(klamm.get_program()).current_dir(rig.path(""));
    let data = rig.path("data").display().to_string();
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={data}\n"),
    );
    let node = rig.ready(limited);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", node.pid())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let [soft, hard] = [3, 4].map(|field| line.split_whitespace().nth(field).unwrap());
    assert_eq!(soft, hard);
    // More connections than the shell would have allowed.
    let mut clients: Vec<_> = (0..200).map(|_| node.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.metadata(&[]).error_code, 0);
    }
}

#[test]
fn data_is_kept_beside_the_person_and_never_in_tmp_unless_told_so() {
    let rig = Rig::new();
    rig.write("server.properties", "listeners=PLAINTEXT://127.0.0.1:0\n");
    let node = rig.start_file("server.properties");
    assert!(rig.path("klamm-data/meta.properties").is_file());
    assert!(!node.output().contains("below /tmp"), "{}", node.output());
}

#[test]
fn a_topic_of_more_replicas_than_brokers_is_refused_with_both_numbers() {
    let rig = Rig::new();
    let node = rig.start("default.replication.factor=3");
    let result = node.connect().create_topic("t", 1, &[]);
    assert_ne!(result.error_code, 0);
    let message = result.error_message.unwrap();
    assert!(message.contains('3') && message.contains('1'), "{message}");
}
