//! How a configuration file becomes a node's configuration, and which mistakes it reports.

use std::path::PathBuf;

use model::BrokerId;

use super::load;
use crate::listener::SecurityProtocol;
use crate::node::{NodeConfig, Role};
use crate::topic::{Durability, TimestampType, TopicConfig};
use crate::{DynamicConfigs, Values};

const FILE: &str = "server.properties";

fn accept(text: &str) -> (NodeConfig, Vec<String>) {
    match load(FILE, text, &[]) {
        Ok((node, warnings)) => (node, warnings.iter().map(ToString::to_string).collect()),
        Err(refused) => panic!("refused: {refused:?}"),
    }
}

fn refuse(text: &str) -> Vec<String> {
    match load(FILE, text, &[]) {
        Ok((node, _)) => panic!("accepted: {node:?}"),
        Err(refused) => refused.mistakes.iter().map(ToString::to_string).collect(),
    }
}

/// The text is refused with one mistake, which says all of these.
fn refused_with(text: &str, parts: &[&str]) {
    let mistakes = refuse(text);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    for part in parts {
        assert!(mistakes[0].contains(part), "{part:?} is not in {:?}", mistakes[0]);
    }
}

/// The text is accepted with one warning, which says all of these.
fn warned_with(text: &str, parts: &[&str]) {
    let (_, warnings) = accept(text);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    for part in parts {
        assert!(warnings[0].contains(part), "{part:?} is not in {:?}", warnings[0]);
    }
}

fn doors(node: &NodeConfig) -> Vec<String> {
    node.listeners.iter().map(ToString::to_string).collect()
}

fn topic(node: &NodeConfig) -> TopicConfig {
    TopicConfig::resolve(&Values::new(), node, &DynamicConfigs::default())
}

const KRAFT: &str = "\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/var/lib/kafka
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
";

const ZOOKEEPER: &str = "\
broker.id=0
num.network.threads=3
log.dirs=/var/lib/kafka
num.partitions=1
offsets.topic.replication.factor=1
log.retention.hours=168
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=18000
group.initial.rebalance.delay.ms=0
";

#[test]
fn a_file_of_the_quorum_era_forms_a_node() {
    let (node, warnings) = accept(KRAFT);
    assert_eq!(node.node_id, Some(BrokerId::new(1)));
    assert_eq!(node.roles, [Role::Broker, Role::Controller]);
    assert_eq!(doors(&node), ["PLAINTEXT://:9092"]);
    assert_eq!(node.listeners[0].host, None);
    assert_eq!(node.advertised_listeners.len(), 1);
    assert_eq!(node.advertised_listeners[0].to_string(), "PLAINTEXT://localhost:9092");
    assert_eq!(node.controller_listeners[0].to_string(), "CONTROLLER://:9093");
    assert_eq!(node.bootstrap_servers[0].to_string(), "localhost:9093");
    assert_eq!(node.log_dirs, [PathBuf::from("/var/lib/kafka")]);
    assert!(warnings.iter().any(|warning| {
        warning
            == "server.properties:9: num.network.threads: accepted, has no meaning here: \
                    threads follow the number of cores"
    }));
    assert!(warnings.iter().any(|warning| warning.contains("CONTROLLER://:9093 is not opened")));
}

#[test]
fn a_file_of_the_zookeeper_era_forms_a_node_of_its_own() {
    let (node, _) = accept(ZOOKEEPER);
    assert_eq!(node.node_id, Some(BrokerId::new(0)));
    assert_eq!(doors(&node), ["PLAINTEXT://:9092"]);
    let zookeeper = node.zookeeper.clone().unwrap();
    assert_eq!(
        (zookeeper.hosts[0].to_string().as_str(), zookeeper.chroot.as_str()),
        ("localhost:2181", "/")
    );
    assert_eq!(topic(&node).retention_ms, Some(604_800_000));
}

#[test]
fn an_empty_file_is_kafkas_defaults_with_data_beside_the_person() {
    let (node, warnings) = accept("");
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(doors(&node), ["PLAINTEXT://:9092"]);
    assert_eq!(node.advertised_listeners, []);
    assert_eq!(node.log_dirs, [PathBuf::from("klamm-data")]);
    assert_eq!(node.metadata_log_dir, PathBuf::from("klamm-data"));
    assert_eq!(node.node_id, None);
    assert_eq!(node.settings.num_partitions, 1);
    assert_eq!(node.settings.group_initial_rebalance_delay_ms, 0);
    assert_eq!(node.settings.queued_max_request_bytes, None);
}

#[test]
fn without_a_file_only_loopback_is_opened() {
    let node = NodeConfig::default_loopback();
    assert_eq!(doors(&node), ["PLAINTEXT://localhost:9092"]);
    assert_eq!(node.log_dirs, [PathBuf::from("klamm-data")]);
}

#[test]
fn all_mistakes_are_told_at_once_with_place_and_what_is_allowed() {
    let mistakes = refuse(
        "num.partitions=none\n\nlog.segment.bytes=3\nauto.create.topics.enable=yes\nbad=\\u12\n",
    );
    assert_eq!(
        mistakes,
        [
            "server.properties:1: num.partitions: found \"none\"; allowed: a whole number from 1 to 2147483647",
            "server.properties:3: log.segment.bytes: found \"3\"; allowed: a whole number from 14 to 2147483647",
            "server.properties:4: auto.create.topics.enable: found \"yes\"; allowed: true or false",
            "server.properties:5: \\u needs four hexadecimal digits, found \\u12",
        ]
    );
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_known_one() {
    warned_with("num.partition=3", &["server.properties:1", "nearest known key is num.partitions"]);
    warned_with("retention.ms=3", &["a configuration of topics", "log.retention.ms"]);
    warned_with("my.own.setting=3", &["unknown, ignored"]);
    warned_with("confluent.support.metrics.enable=true", &["Confluent Platform"]);
}

#[test]
fn overrides_win_over_the_file_and_are_named_as_such() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let (node, _) = load(FILE, "num.partitions=1", &[pair("num.partitions", "7")]).unwrap();
    assert_eq!(node.settings.num_partitions, 7);
    let mistakes =
        load(FILE, "num.partitions=1", &[pair("num.partitions", "x")]).unwrap_err().mistakes;
    assert!(mistakes[0].to_string().starts_with("--override: num.partitions: found \"x\""));
}

#[test]
fn what_asks_for_protection_that_is_not_built_is_refused_by_name() {
    refused_with(
        "authorizer.class.name=kafka.security.authorizer.AclAuthorizer",
        &["authorizer.class.name", "not built yet"],
    );
    refused_with("ssl.client.auth=required", &["ssl.client.auth", "TLS is not built yet", "none"]);
    refused_with("sasl.enabled.mechanisms=PLAIN", &["SASL is not built yet"]);
    refused_with(
        "remote.log.storage.system.enable=true",
        &["remote storage", "allowed for now: false"],
    );
    refused_with("quota.producer.default=1024", &["quotas are not built yet"]);
    refused_with(
        "listeners=SSL://:9093",
        &["SSL://:9093 asks for SSL", "allowed for now: PLAINTEXT"],
    );
    refused_with("listener.name.internal.ssl.keystore.password=secret", &["TLS is not built yet"]);
    refused_with("zookeeper.ssl.client.enable=true", &["TLS is not built yet"]);
}

#[test]
fn harmless_values_of_refused_keys_are_accepted() {
    let (_, warnings) = accept(
        "authorizer.class.name=\nremote.log.storage.system.enable=false\nssl.client.auth=none\n\
         log.cleanup.policy=delete\nsecurity.inter.broker.protocol=PLAINTEXT\n",
    );
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn a_secret_is_never_echoed() {
    for text in [
        "ssl.keystore.password=hunter2",
        "listener.name.a.ssl.key.password=hunter2",
        "sasl.jaas.config=hunter2",
    ] {
        assert!(!refuse(text)[0].contains("hunter2"), "{text}");
    }
}

#[test]
fn coordination_elsewhere_is_refused_with_the_reason() {
    refused_with("zookeeper.connect=zk1:2181", &["another machine", "localhost:2181"]);
    refused_with("zookeeper.connect=localhost:2181,localhost:2182", &["several", "not built yet"]);
    refused_with("zookeeper.connect=:0:0/", &["allowed: host:port"]);
    let (node, _) = accept("zookeeper.connect=[::1]/kafka/one");
    let zookeeper = node.zookeeper.unwrap();
    assert_eq!(zookeeper.hosts[0].to_string(), "[::1]:2181");
    assert_eq!(zookeeper.chroot, "/kafka/one");
}

#[test]
fn a_quorum_of_several_nodes_is_refused_with_the_reason() {
    refused_with(
        "controller.quorum.voters=1@a:9093,2@b:9093",
        &["several voters", "not built yet"],
    );
    refused_with("node.id=1\ncontroller.quorum.voters=2@a:9093", &["names node 2, this is node 1"]);
    refused_with("controller.quorum.bootstrap.servers=a:9093,b:9093", &["names other nodes"]);
    refused_with("process.roles=broker", &["allowed: broker,controller"]);
    refused_with(
        "process.roles=controller\nlisteners=CONTROLLER://:9093\n\
         controller.listener.names=CONTROLLER\n",
        &["process.roles", "allowed: broker,controller"],
    );
    refused_with("process.roles=controller", &["allowed: broker,controller"]);
    let (node, _) = accept("controller.quorum.voters=4@anything:9093");
    assert_eq!(node.node_id, Some(BrokerId::new(4)));
}

#[test]
fn both_names_of_the_id_must_agree() {
    refused_with("node.id=1\nbroker.id=2", &["must equal node.id, which is 1"]);
    assert_eq!(accept("broker.id=-1").0.node_id, None);
}

#[test]
fn listeners_have_names_ports_and_protocols_of_their_own() {
    refused_with("listeners=PLAINTEXT://:9092,PLAINTEXT://:9093", &["have the same name"]);
    refused_with(
        "listeners=A://:9092,B://:9092\nlistener.security.protocol.map=A:PLAINTEXT,B:PLAINTEXT\n",
        &["have the same port"],
    );
    refused_with(
        "listeners=A://:9092",
        &["listener name A has no protocol", "listener.security.protocol.map"],
    );
    refused_with("listeners=PLAINTEXT://:99999", &["a port is from 0 to 65535"]);
    refused_with("listeners=localhost:9092", &["NAME://host:port"]);
    refused_with("listeners=,", &["no listener for clients is named"]);
    refused_with(
        "listeners=CONTROLLER://:9093\ncontroller.listener.names=CONTROLLER",
        &["no listener for clients is named"],
    );
    let (node, _) = accept(
        "listeners=inner://127.0.0.1:9092,OUTER://[::]:9092\n\
         listener.security.protocol.map=INNER:PLAINTEXT,OUTER:PLAINTEXT\n\
         inter.broker.listener.name=inner\n",
    );
    assert_eq!(doors(&node), ["INNER://127.0.0.1:9092", "OUTER://[::]:9092"]);
    assert_eq!(node.inter_broker_listener, "INNER");
    assert_eq!(node.listeners[1].protocol, SecurityProtocol::Plaintext);
}

#[test]
fn advertised_addresses_belong_to_listeners_and_can_be_reached() {
    refused_with("advertised.listeners=PLAINTEXT://0.0.0.0:9092", &["nobody can connect to it"]);
    refused_with(
        "advertised.listeners=OTHER://a:1\nlistener.security.protocol.map=OTHER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        &["OTHER is not the name of one of the listeners"],
    );
    refused_with("inter.broker.listener.name=OTHER", &["not the name of one of the listeners"]);
}

#[test]
fn the_oldest_names_of_listeners_still_count() {
    let (node, warnings) =
        accept("port=9192\nhost.name=10.0.0.7\nadvertised.host.name=public.example");
    assert_eq!(doors(&node), ["PLAINTEXT://10.0.0.7:9192"]);
    assert_eq!(node.advertised_listeners[0].to_string(), "PLAINTEXT://public.example:9192");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    warned_with("port=1\nlisteners=PLAINTEXT://:2", &["port: ignored, since listeners is set"]);
}

#[test]
fn data_below_tmp_is_honoured_with_a_warning() {
    let (node, warnings) = accept("log.dirs=/tmp/kafka-logs, /data/b\nlog.dir=/data/c");
    assert_eq!(node.log_dirs, [PathBuf::from("/tmp/kafka-logs"), PathBuf::from("/data/b")]);
    assert!(warnings.iter().any(|warning| warning.contains("log.dir: ignored")));
    assert!(warnings.iter().any(|warning| warning.contains("/tmp/kafka-logs lies below /tmp")));
    refused_with("log.dirs=/a,/a", &["/a is named twice"]);
    assert_eq!(accept("log.dir=/data/c").0.log_dirs, [PathBuf::from("/data/c")]);
}

#[test]
fn the_finer_of_two_durations_wins() {
    let (node, warnings) = accept("log.retention.hours=1\nlog.retention.minutes=2");
    assert_eq!(topic(&node).retention_ms, Some(120_000));
    assert_eq!(warnings.len(), 1);
    assert_eq!(topic(&accept("log.retention.hours=-1").0).retention_ms, None);
    assert_eq!(topic(&accept("log.roll.hours=2").0).segment_ms, 7_200_000);
    refused_with("log.retention.ms=0", &["from 1, or -1 to keep records for ever"]);
}

#[test]
fn limits_that_do_not_fit_each_other_are_refused() {
    refused_with(
        "group.min.session.timeout.ms=10\ngroup.max.session.timeout.ms=5",
        &["must not exceed"],
    );
    refused_with("queued.max.request.bytes=10", &["must be at least socket.request.max.bytes"]);
    refused_with("socket.send.buffer.bytes=0", &["from 1, or -1"]);
}

#[test]
fn a_topic_takes_its_own_value_then_the_brokers_then_the_default() {
    let (node, _) = accept("log.retention.bytes=1000\nlog.message.timestamp.type=LogAppendTime");
    let pairs = |pairs: &[(&str, &str)]| -> Values {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let mut dynamic = DynamicConfigs::default();
    assert_eq!(topic(&node).message_timestamp_type, TimestampType::LogAppendTime);
    assert_eq!(topic(&node).retention_bytes, Some(1000));
    assert_eq!(topic(&node).acks_all_durability, Durability::AnyFailure);
    dynamic.default = pairs(&[("log.retention.bytes", "2000")]);
    let own = Values::new();
    assert_eq!(TopicConfig::resolve(&own, &node, &dynamic).retention_bytes, Some(2000));
    dynamic.broker = pairs(&[("log.retention.bytes", "3000")]);
    assert_eq!(TopicConfig::resolve(&own, &node, &dynamic).retention_bytes, Some(3000));
    let own = pairs(&[("retention.bytes", "4000"), ("cleanup.policy", "compact,delete")]);
    let resolved = TopicConfig::resolve(&own, &node, &dynamic);
    assert_eq!(resolved.retention_bytes, Some(4000));
    assert!(resolved.cleanup_policy.compact && resolved.cleanup_policy.delete);
    assert_eq!(node.settings_with(&dynamic).num_partitions, 1);
}

#[test]
fn warnings_are_told_together_with_mistakes() {
    let refused = load(FILE, "num.partition=3\nnum.io.threads=x", &[]).unwrap_err();
    assert_eq!(refused.mistakes.len(), 1);
    let warnings: Vec<_> = refused.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("num.partitions"), "{warnings:?}");
}

#[test]
fn bounds_for_single_addresses_are_addresses_with_numbers() {
    let (node, _) = accept("max.connections.per.ip.overrides=127.0.0.1:3, ::1:200,10.0.0.7:0");
    let bounds = &node.settings.max_connections_per_ip_overrides;
    let bound = |address: &str| bounds.of(address.parse().unwrap());
    assert_eq!((bound("127.0.0.1"), bound("::1")), (Some(3), Some(200)));
    assert_eq!((bound("10.0.0.7"), bound("10.0.0.8")), (Some(0), None));
    for wrong in ["127.0.0.1", "127.0.0.1:-1", "example.com:5", ":5", "127.0.0.1:x"] {
        let text = format!("max.connections.per.ip.overrides={wrong}");
        refused_with(&text, &["max.connections.per.ip.overrides", "127.0.0.1:100"]);
    }
}

#[test]
fn monitoring_is_where_the_file_says_and_else_on_this_machine() {
    let (node, _) =
        load("f", "klamm.http.listeners=http://localhost:9021,HTTP://[::1]:0", &[]).unwrap();
    let ports: Vec<_> = node.http_listeners.iter().map(|door| (&*door.host, door.port)).collect();
    assert_eq!(ports, [("localhost", 9021), ("::1", 0)]);
    assert_eq!(load("f", "klamm.http.listeners=", &[]).unwrap().0.http_listeners, []);
    for default in [load("f", "", &[]).unwrap().0, NodeConfig::default_loopback()] {
        let [door] = &default.http_listeners[..] else { panic!("{:?}", default.http_listeners) };
        assert_eq!((&*door.host, door.port), ("localhost", 9021));
    }
    for wrong in ["localhost:9021", "https://localhost:9021", "http://localhost"] {
        refused_with(&format!("klamm.http.listeners={wrong}"), &["http://host:port"]);
    }
}
