//! ZooKeeper's data on a simulated disk: what a snapshot and the logs after it say, what is refused,
//! and that no damage is taken for data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adoption::{Adoption, AdoptionError, Era};
use bytes::{BufMut, BytesMut};
use metadata::ConfigResource;
use model::{BrokerId, LeaderEpoch, PartitionIndex, TopicId, Uuid};
use storage::fs::{FileSystem, OpenMode, SimulatedFileSystem, write_all_at};
use storage::{LogDirectory, MetaProperties, MetaVersion};

const THIS: BrokerId = BrokerId::new(1);
const TOPIC: TopicId = Uuid::from_bytes([1; 16]);
const SESSION: i64 = 77;
const CLUSTER: &str = r#"{"version":"1","id":"c"}"#;

fn adler32(bytes: &[u8]) -> i64 {
    let (mut low, mut high) = (1u64, 0u64);
    for byte in bytes {
        low = (low + u64::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    (high << 16 | low) as i64
}

fn put(bytes: &mut BytesMut, value: &[u8]) {
    bytes.put_i32(value.len() as i32);
    bytes.put_slice(value);
}

fn header(magic: &[u8]) -> BytesMut {
    let mut bytes = BytesMut::from(magic);
    bytes.put_i32(2);
    bytes.put_i64(0);
    bytes
}

fn snapshot(nodes: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = header(b"ZKSN");
    bytes.put_i32(1);
    bytes.put_i64(SESSION);
    bytes.put_i32(6000);
    bytes.put_i32(1);
    bytes.put_i64(1);
    put_rights(&mut bytes);
    for (path, data) in [("", "")].iter().chain(nodes) {
        put(&mut bytes, path.as_bytes());
        put(&mut bytes, data.as_bytes());
        bytes.put_i64(1);
        bytes.put_slice(&[0; 4 * 8 + 3 * 4 + 8 + 8]);
    }
    put(&mut bytes, b"/");
    let sum = adler32(&bytes);
    bytes.put_i64(sum);
    put(&mut bytes, b"/");
    bytes.to_vec()
}

fn put_rights(bytes: &mut BytesMut) {
    bytes.put_i32(1);
    bytes.put_i32(31);
    put(bytes, b"world");
    put(bytes, b"anyone");
}

fn create(path: &str, data: &str, is_ephemeral: bool) -> (i32, Vec<u8>) {
    let mut bytes = BytesMut::new();
    put(&mut bytes, path.as_bytes());
    put(&mut bytes, data.as_bytes());
    put_rights(&mut bytes);
    bytes.put_u8(u8::from(is_ephemeral));
    bytes.put_i32(1);
    (1, bytes.to_vec())
}

fn set(path: &str, data: &str) -> (i32, Vec<u8>) {
    let mut bytes = BytesMut::new();
    put(&mut bytes, path.as_bytes());
    put(&mut bytes, data.as_bytes());
    bytes.put_i32(1);
    (5, bytes.to_vec())
}

fn delete(path: &str) -> (i32, Vec<u8>) {
    let mut bytes = BytesMut::new();
    put(&mut bytes, path.as_bytes());
    (2, bytes.to_vec())
}

fn multi(parts: &[(i32, Vec<u8>)]) -> (i32, Vec<u8>) {
    let mut bytes = BytesMut::new();
    bytes.put_i32(parts.len() as i32);
    for (kind, part) in parts {
        bytes.put_i32(*kind);
        put(&mut bytes, part);
    }
    (14, bytes.to_vec())
}

fn log(first: i64, transactions: &[(i32, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = header(b"ZKLG");
    for (zxid, (kind, body)) in (first..).zip(transactions) {
        let mut transaction = BytesMut::new();
        transaction.put_i64(SESSION);
        transaction.put_i32(0);
        transaction.put_i64(zxid);
        transaction.put_i64(0);
        transaction.put_i32(*kind);
        transaction.put_slice(body);
        bytes.put_i64(adler32(&transaction));
        put(&mut bytes, &transaction);
        bytes.put_u8(b'B');
    }
    bytes.to_vec()
}

fn topic_node() -> String {
    topic_node_of(TOPIC)
}

fn topic_node_of(id: TopicId) -> String {
    format!(r#"{{"version":3,"topic_id":"{id}","partitions":{{"0":[1],"1":[1]}}}}"#)
}

struct Bench {
    disk: SimulatedFileSystem,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { disk: SimulatedFileSystem::new() };
        bench.disk.create_directories(Path::new("/data/t-0")).unwrap();
        bench
    }

    fn file(&self, path: &str, contents: &[u8]) {
        let path = PathBuf::from(path);
        self.disk.create_directories(path.parent().unwrap()).unwrap();
        let file = self.disk.open(&path, OpenMode::Create).unwrap();
        file.set_length(0).unwrap();
        write_all_at(&*file, 0, contents).unwrap();
    }

    /// A snapshot up to transaction 10, and a log after it.
    fn with(log_after: &[(i32, Vec<u8>)]) -> Self {
        let bench = Self::new();
        let nodes = [("/chroot/cluster/id", CLUSTER), ("/chroot/brokers/topics/t", &topic_node())];
        bench.file("/zk/version-2/snapshot.a", &snapshot(&nodes));
        let mut bytes = log(11, log_after);
        // Logs are filled with zeros in advance.
        bytes.resize(bytes.len() + 1000, 0);
        bench.file("/zk/version-2/log.b", &bytes);
        bench
    }

    fn read(&self) -> Result<Adoption, AdoptionError> {
        let disk = Arc::new(self.disk.clone());
        let directory = LogDirectory::open(disk, PathBuf::from("/data")).unwrap();
        let properties = MetaProperties {
            version: MetaVersion::ZooKeeper,
            cluster_id: Some("c".to_owned()),
            node_id: Some(THIS),
            directory_id: None,
            other: Default::default(),
        };
        let folders = [PathBuf::from("/zk")];
        let read =
            adoption::read_with_zookeeper(&[(&directory, Some(&properties))], THIS, &folders);
        Ok(read?.expect("something to take over"))
    }

    fn refusal(&self) -> String {
        self.read().unwrap_err().to_string()
    }
}

#[test]
fn topics_and_configurations_are_those_after_the_last_transaction() {
    let state = r#"{"controller_epoch":1,"leader":1,"version":1,"leader_epoch":5,"isr":[1]}"#;
    let config = |value: &str| format!(r#"{{"version":1,"config":{{"retention.ms":"{value}"}}}}"#);
    let bench = Bench::with(&[
        create("/chroot/brokers/topics/t/partitions/0/state", state, false),
        create("/chroot/config/topics/t", &config("1"), false),
        multi(&[
            set("/chroot/config/topics/t", &config("2")),
            create("/chroot/brokers/topics/gone", &topic_node(), false),
        ]),
        delete("/chroot/brokers/topics/gone"),
        create("/chroot/config/brokers/<default>", &config("3"), false),
        create("/chroot/migration", "{}", true),
        create(
            "/chroot/latest_producer_id_block",
            r#"{"version":1,"broker":1,"block_start":"0","block_end":"999"}"#,
            false,
        ),
        // The session ends, and with it what it alone held.
        (-11, Vec::new()),
    ]);
    let source = bench.read().unwrap().source;
    assert_eq!(source.era, Era::ZooKeeperData);
    assert_eq!(source.topics.keys().collect::<Vec<_>>(), ["t"]);
    let topic = &source.topics["t"];
    assert_eq!(topic.id, Some(TOPIC));
    let epochs: Vec<_> = topic.partitions.values().map(|it| it.leader_epoch).collect();
    assert_eq!(epochs, [LeaderEpoch::new(5), LeaderEpoch::new(0)]);
    assert_eq!(topic.partitions[&PartitionIndex::new(1)].replicas, [THIS]);
    assert_eq!(source.configs[&ConfigResource::topic("t")]["retention.ms"], "2");
    assert_eq!(source.configs[&ConfigResource::broker_default()]["retention.ms"], "3");
    assert_eq!(source.next_producer_id, 1000);
}

#[test]
fn a_locked_door_and_an_unfinished_migration_are_refused() {
    let acl = r#"{"version":1,"acls":[{"principal":"User:a","permissionType":"Allow"}]}"#;
    let scram = r#"{"version":1,"config":{"SCRAM-SHA-256":"salt=,iterations=4096"}}"#;
    for (path, data, word) in [
        ("/chroot/kafka-acl/Topic/t", acl, "ACL"),
        ("/chroot/kafka-acl-extended/prefixed/Topic/t", acl, "ACL"),
        ("/chroot/config/users/alice", scram, "alice"),
        ("/chroot/delegation_token/tokens/x", "{}", "delegation"),
        ("/chroot/migration", "{}", "migrating"),
        ("/chroot/brokers/topics/odd", "?", "odd"),
    ] {
        let refusal = Bench::with(&[create(path, data, false)]).refusal();
        assert!(refusal.contains(word), "{path}: {refusal}");
    }
    let none = r#"{"version":1,"acls":[]}"#;
    Bench::with(&[create("/chroot/kafka-acl/Topic/t", none, false)]).read().unwrap();
}

#[test]
fn a_block_of_producer_ids_that_was_never_asked_for_is_none() {
    let path = "/chroot/latest_producer_id_block";
    // Kafka creates the node with null, which has a length of -1.
    let (kind, mut null) = create(path, "", false);
    null[4 + path.len()..][..4].copy_from_slice(&(-1i32).to_be_bytes());
    for node in [create(path, "", false), (kind, null)] {
        assert_eq!(Bench::with(&[node]).read().unwrap().source.next_producer_id, 0);
    }
    assert!(Bench::with(&[create(path, "?", false)]).refusal().contains("producer_id"));
}

#[test]
fn a_partition_that_was_led_and_has_no_folder_is_missing_and_not_empty() {
    let state = r#"{"controller_epoch":1,"leader":1,"version":1,"leader_epoch":5,"isr":[1]}"#;
    let path = "/chroot/brokers/topics/t/partitions/1/state";
    let report = Bench::with(&[]).read().unwrap().report();
    assert!(report.contains("t-1 was never begun"), "{report}");
    let adoption = Bench::with(&[create(path, state, false)]).read().unwrap();
    assert!(adoption.report().contains("t-1 is missing"), "{}", adoption.report());
}

#[test]
fn two_topics_of_one_id_are_refused() {
    let refusal =
        Bench::with(&[create("/chroot/brokers/topics/u", &topic_node(), false)]).refusal();
    assert!(refusal.contains("topics t and u have the same id"), "{refusal}");
}

#[test]
fn data_of_another_cluster_and_compressed_snapshots_are_refused() {
    let bench = Bench::with(&[]);
    bench.file("/zk/version-2/snapshot.f.gz", b"");
    assert!(bench.refusal().contains("compressed"));
    let bench = Bench::with(&[set("/chroot/cluster/id", r#"{"version":"1","id":"other"}"#)]);
    assert!(bench.refusal().contains("other"));
}

#[test]
fn folders_that_are_not_kafkas_do_not_get_its_topics_empty() {
    let bench = Bench::with(&[]);
    let disk = Arc::new(bench.disk.clone());
    let directory = LogDirectory::open(disk, PathBuf::from("/other")).unwrap();
    let folders = [PathBuf::from("/zk")];
    let read = adoption::read_with_zookeeper(&[(&directory, None)], THIS, &folders);
    assert!(read.unwrap_err().to_string().contains("nothing of Apache Kafka"));
}

#[test]
fn a_log_that_was_cut_at_any_byte_gives_what_was_whole() {
    let bench = Bench::with(&[]);
    let transactions: Vec<_> = (0..3)
        .map(|number| {
            let node = topic_node_of(Uuid::from_bytes([10 + number; 16]));
            create(&format!("/chroot/brokers/topics/n{number}"), &node, false)
        })
        .collect();
    let whole = log(11, &transactions);
    let ends: Vec<_> = (0..=3).map(|count| log(11, &transactions[..count]).len()).collect();
    for length in (ends[0]..whole.len()).step_by(5) {
        for padding in [0, 300] {
            let mut cut = whole[..length].to_vec();
            cut.resize(length + padding, 0);
            bench.file("/zk/version-2/log.b", &cut);
            let found = bench.read().unwrap().source.topics.len();
            let expected = ends.iter().filter(|end| **end <= length).count();
            assert_eq!(found, expected, "cut at {length}, {padding} zeros behind it");
        }
    }
}

#[test]
fn logs_that_are_missing_in_between_are_refused() {
    let bench = Bench::with(&[]);
    let topic = |name: &str| {
        let node = topic_node_of(Uuid::from_bytes([name.as_bytes()[1]; 16]));
        create(&format!("/chroot/brokers/topics/{name}"), &node, false)
    };
    let folder = "/zk/version-2";
    bench.file(&format!("{folder}/log.d"), &log(13, &[topic("n2")]));
    let refusal = bench.refusal();
    assert!(refusal.contains("log.d") && refusal.contains("dataLogDir"), "{refusal}");
    bench.file(&format!("{folder}/log.b"), &log(11, &[topic("n0"), topic("n1")]));
    assert_eq!(bench.read().unwrap().source.topics.len(), 4);
    // Another leader begins its own count.
    let term = 1 << 32;
    bench.file(&format!("{folder}/log.100000001"), &log(term + 1, &[topic("n3")]));
    assert_eq!(bench.read().unwrap().source.topics.len(), 5);
    bench.file(&format!("{folder}/log.100000003"), &log(term + 3, &[topic("n4")]));
    assert!(bench.refusal().contains("log.100000003"), "{}", bench.refusal());
}

#[test]
fn damage_is_never_taken_for_data() {
    let bench = Bench::with(&[]);
    let transactions: Vec<_> = (0..3)
        .map(|number| {
            let node = topic_node_of(Uuid::from_bytes([10 + number; 16]));
            create(&format!("/chroot/brokers/topics/n{number}"), &node, false)
        })
        .collect();
    let whole = log(11, &transactions);
    // In front of the last transaction nothing may be passed over.
    let last = log(11, &transactions[..2]).len();
    for position in (16..last).step_by(3) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x40;
        bench.file("/zk/version-2/log.b", &damaged);
        assert!(bench.read().is_err(), "byte {position} of the log");
    }
    let snapshot = snapshot(&[("/cluster/id", CLUSTER)]);
    bench.file("/zk/version-2/log.b", &whole);
    for position in 16..snapshot.len() - 5 {
        let mut damaged = snapshot.clone();
        damaged[position] ^= 0x10;
        bench.file("/zk/version-2/snapshot.a", &damaged);
        assert!(bench.read().is_err(), "byte {position} of the snapshot");
    }
}
