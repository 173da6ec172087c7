//! From a command line to the line that begins with `Klamm is ready`, for files of both eras.

use std::net::TcpListener;

use testkit::ServerProcess;

use crate::rig::{PATIENCE, Rig, skipped};

/// As a tutorial of the ZooKeeper era has it, on a port of the system's choice.
const ZOOKEEPER_ERA: &str = "\
# The id of the broker, unique in the cluster.
broker.id=0
listeners=PLAINTEXT://127.0.0.1:0
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=DATA
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
#log.flush.interval.messages=10000
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=18000
group.initial.rebalance.delay.ms=0
";

/// As a tutorial of the KRaft era has it.
const KRAFT_ERA: &str = "\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:9093
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=DATA
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

fn write(rig: &Rig, text: &str) {
    rig.write("server.properties", &text.replace("DATA", &rig.path("data").display().to_string()));
}

#[test]
fn without_a_file_it_says_what_listens_where_and_what_to_try_and_then_that_it_is_ready() {
    if TcpListener::bind("127.0.0.1:9092").is_err() {
        return skipped("a start without a file: something listens on localhost:9092 already");
    }
    let rig = Rig::new();
    let log = rig.path("output.log");
    let mut process = ServerProcess::start(rig.klamm([]), &log).unwrap();
    process.wait_for_line(|line| line.starts_with("Klamm is ready"), PATIENCE).unwrap();
    let output = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = output.lines().collect();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).expect(text);
    let ready = at("Klamm is ready");
    assert!(at("127.0.0.1:9092") < ready, "{output}");
    assert!(at("klamm-data") < ready, "{output}");
    assert!(at("topics --bootstrap-server 127.0.0.1:9092") < ready, "{output}");
    assert!(rig.path("klamm-data/meta.properties").is_file(), "data lies in ./klamm-data");
    // Nothing but the loopback address is opened; of monitoring somebody else may have the port.
    let sockets = crate::listeners::sockets_of(process.pid());
    let others: Vec<_> = sockets.iter().filter(|socket| *socket != "127.0.0.1:9021").collect();
    assert_eq!(others, ["127.0.0.1:9092"]);
    assert_eq!(others.len() < sockets.len(), output.contains("http://127.0.0.1:9021/metrics"));
    assert!(process.stop().unwrap().success());
}

#[test]
fn a_file_of_the_zookeeper_era_starts_a_cluster_of_its_own() {
    let rig = Rig::new();
    write(&rig, ZOOKEEPER_ERA);
    let node = rig.start_file("server.properties");
    let output = node.output();
    assert!(!output.contains("ERROR"), "{output}");
    assert!(output.contains("server.properties:4: num.network.threads: accepted"), "{output}");
    let metadata = node.connect().metadata(&[]);
    assert_eq!(metadata.brokers[0].node_id.get(), 0);
    assert!(node.stop().success());
    let text = std::fs::read_to_string(rig.path("data/meta.properties")).unwrap();
    assert!(text.contains("node.id=0"), "{text}");
}

#[test]
fn a_file_of_the_kraft_era_starts_and_its_controller_door_stays_closed() {
    let rig = Rig::new();
    write(&rig, KRAFT_ERA);
    let node = rig.start_file("server.properties");
    let output = node.output();
    assert!(!output.contains("ERROR"), "{output}");
    assert!(output.contains("CONTROLLER://127.0.0.1:9093 is not opened"), "{output}");
    let client = node.address().to_string();
    assert_eq!(crate::listeners::sockets_of(node.pid()), [client]);
    assert_eq!(node.connect().metadata(&[]).brokers[0].node_id.get(), 1);
    assert!(node.stop().success());
}

#[test]
fn an_older_quorum_of_one_voter_starts() {
    let rig = Rig::new();
    let older = KRAFT_ERA.replace(
        "controller.quorum.bootstrap.servers=localhost:9093",
        "controller.quorum.voters=1@localhost:9093",
    );
    write(&rig, &older);
    let node = rig.start_file("server.properties");
    assert_eq!(node.connect().metadata(&[]).controller_id.get(), 1);
}

#[test]
fn an_override_wins_over_the_file() {
    let rig = Rig::new();
    write(&rig, ZOOKEEPER_ERA);
    let node = rig.ready(rig.klamm([
        "server-start",
        "server.properties",
        "--override",
        "broker.id=7",
        "--override=num.partitions=3",
    ]));
    let mut client = node.connect();
    assert_eq!(client.metadata(&[]).brokers[0].node_id.get(), 7);
    client.with_topic("t", -1, &[]);
    assert_eq!(client.topic("t").partitions.len(), 3);
}

#[test]
fn it_is_reached_under_the_names_of_kafkas_scripts() {
    let rig = Rig::new();
    write(&rig, ZOOKEEPER_ERA);
    let script = rig.path("kafka-server-start.sh");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_klamm"), &script).unwrap();
    let mut command = std::process::Command::new(&script);
    command.arg("server.properties").current_dir(rig.path("")).env("LOG_DIR", rig.path("logs"));
    let node = rig.ready(command);
    assert_eq!(node.connect().metadata(&[]).brokers.len(), 1);
    assert!(rig.path("logs/server.log").is_file());
}

#[test]
fn help_and_version_answer_without_starting_anything() {
    let rig = Rig::new();
    for arguments in [vec!["--help"], vec!["server-start", "--help"], vec!["server-stop", "--help"]]
    {
        let ended = rig.run(rig.klamm(arguments.iter().copied()));
        assert!(ended.status.success(), "{arguments:?}");
        assert!(ended.output.contains("Usage: klamm"), "{}", ended.output);
    }
    let version = rig.run(rig.klamm(["--version"]));
    assert_eq!(version.output.trim(), concat!("klamm ", env!("CARGO_PKG_VERSION")));
    assert!(!rig.path("klamm-data").exists());
}

/// The commands of every tutorial of the KRaft era, one after the other.
#[test]
fn a_folder_that_was_formatted_belongs_to_the_cluster_of_that_id() {
    let rig = Rig::new();
    let made = rig.run(rig.klamm(["storage", "random-uuid"]));
    let cluster_id = made.output.trim().to_owned();
    assert_eq!(cluster_id.len(), 22, "{cluster_id}");
    let text = KRAFT_ERA.replace("DATA", &rig.path("data").display().to_string());
    rig.write("server.properties", &text);
    let file = rig.path("server.properties").display().to_string();
    let format = || {
        let words = ["kafka-storage.sh", "format", "--standalone", "-t", &cluster_id, "-c", &file];
        rig.run(rig.klamm(words))
    };
    let formatted = format();
    assert!(formatted.status.success(), "{}", formatted.output);
    let again = format();
    assert!(!again.status.success() && again.output.contains("already formatted"));
    let told = |command: &str| rig.run(rig.klamm(["storage", command, "-c", &file])).output;
    let before = told("info");
    assert!(before.contains(&format!("cluster.id={cluster_id}")), "{before}");
    let node = rig.start_file("server.properties");
    assert!(node.output().contains("start=Fresh"), "{}", node.output());
    let address = node.address().to_string();
    let shown = rig.run(rig.klamm(["cluster", "cluster-id", "--bootstrap-server", &address]));
    assert_eq!(shown.output.trim(), format!("Cluster ID: {cluster_id}"));
    assert!(node.stop().success());
    assert_eq!(told("info"), before);
}
