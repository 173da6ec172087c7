//! Several data folders, and what is missing from them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::{BrokerId, TopicId};
use protocol::messages::alter_replica_log_dirs_request::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic,
};
use protocol::messages::describe_log_dirs_response::DescribeLogDirsResult;
use protocol::messages::describe_topic_partitions_request::TopicRequest;
use protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use protocol::messages::{
    AlterReplicaLogDirsRequest, DescribeLogDirsRequest, DescribeTopicPartitionsRequest,
    FindCoordinatorRequest, ListOffsetsRequest,
};

use crate::rig::{Rig, Running};
use crate::wire::{Wire, batch, produce_request};

const KAFKA_STORAGE_ERROR: i16 = 56;
const LEADER_NOT_AVAILABLE: i16 = 5;
const COORDINATOR_NOT_AVAILABLE: i16 = 15;
const LOG_DIR_NOT_FOUND: i16 = 57;
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

fn partitions_in(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.starts_with("t-"))
        .collect()
}

fn start(rig: &Rig, dirs: &str) -> Running {
    let folders: Vec<_> =
        dirs.split(',').map(|name| rig.path(name).display().to_string()).collect();
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\n", folders.join(",")),
    );
    rig.start_file("server.properties")
}

fn value(partition: i32) -> Vec<u8> {
    format!("of partition {partition}").into_bytes()
}

/// A topic with one record in each of its partitions.
fn fill(node: &Running, partitions: i32) {
    let mut client = node.connect();
    client.with_topic("t", partitions, &[]);
    for partition in 0..partitions {
        client.produced("t", partition, &[&value(partition)]);
    }
}

#[test]
fn partitions_spread_over_all_folders_and_are_there_after_a_restart() {
    let rig = Rig::new();
    let node = start(&rig, "one,two,three");
    fill(&node, 7);
    assert!(node.stop().success());
    let counts = ["one", "two", "three"].map(|name| partitions_in(&rig.path(name)).len());
    assert_eq!(counts.iter().sum::<usize>(), 7);
    assert!(counts.iter().all(|count| (2..=3).contains(count)), "{counts:?}");
    // In another order, too: a folder is known by its id.
    let node = start(&rig, "three,one,two");
    let mut client = node.connect();
    for partition in 0..7 {
        assert_eq!(client.values("t", partition, 0), [value(partition)]);
    }
}

#[test]
fn a_node_whose_metadata_log_is_not_mounted_is_refused_instead_of_forgetting_its_topics() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    fill(&node, 2);
    assert!(node.stop().success());
    std::fs::rename(rig.path("one"), rig.path("unplugged")).unwrap();
    let output = rig.refused("server.properties");
    assert!(output.contains(&rig.path("two").display().to_string()), "{output}");
    assert!(output.contains("has served before, but the metadata log"), "{output}");
    assert!(output.contains("mount the folder that holds it"), "{output}");
    assert!(!rig.path("one").exists(), "a refusal leaves an empty folder in its place");
    std::fs::rename(rig.path("unplugged"), rig.path("one")).unwrap();
    let node = start(&rig, "one,two");
    assert_eq!(node.connect().values("t", 1, 0), [value(1)]);
}

#[test]
fn a_metadata_folder_of_its_own_is_held_and_cannot_be_moved_by_configuration_alone() {
    let rig = Rig::new();
    let metadata = rig.path("meta").display().to_string();
    let node = rig.start(&format!("metadata.log.dir={metadata}"));
    fill(&node, 1);
    let data = rig.path("other").display().to_string();
    rig.write(
        "second.properties",
        &format!("port=0\nlog.dirs={data}\nmetadata.log.dir={metadata}\n"),
    );
    let output = rig.refused("second.properties");
    assert!(output.contains(&format!("another process holds {metadata}")), "{output}");
    assert!(node.stop().success());
    let elsewhere = rig.path("data").display().to_string();
    rig.write(
        "server.properties",
        &format!("port=0\nlog.dirs={elsewhere},{metadata}\nmetadata.log.dir={elsewhere}\n"),
    );
    let output = rig.refused("server.properties");
    assert!(output.contains(&format!("set metadata.log.dir={metadata}")), "{output}");
    let node = rig.start(&format!("metadata.log.dir={metadata}"));
    assert_eq!(node.connect().values("t", 0, 0), [value(0)]);
}

/// A folder as a Kafka of the ZooKeeper era left it, with the partition `t-0`.
fn kafkas(folder: &Path) {
    let partition = folder.join("t-0");
    std::fs::create_dir_all(&partition).unwrap();
    let id = TopicId::from_bytes([7; 16]);
    for (path, text) in [
        (folder.join("meta.properties"), "version=0\nbroker.id=1\ncluster.id=of-kafka\n".into()),
        (folder.join(".kafka_cleanshutdown"), String::new()),
        (partition.join("partition.metadata"), format!("version: 0\ntopic_id: {id}\n")),
        (partition.join("leader-epoch-checkpoint"), "0\n1\n3 0\n".into()),
        (partition.join("00000000000000000000.log"), String::new()),
    ] {
        std::fs::write(path, text).unwrap();
    }
}

/// All that lies in a folder, and below it.
fn everything_in(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            found.insert(entry.path());
        }
    }
    found
}

#[test]
fn folders_of_kafka_that_are_refused_stay_as_they_were_and_one_that_is_missing_stays_missing() {
    let rig = Rig::new();
    kafkas(&rig.path("one"));
    std::fs::create_dir(rig.path("mount")).unwrap();
    let before = everything_in(&rig.path("one"));
    let (one, two) =
        (rig.path("one").display().to_string(), rig.path("two/deep").display().to_string());
    let mount = rig.path("mount").display().to_string();
    rig.write("server.properties", &format!("port=0\nlog.dirs={one},{two},{mount}\n"));
    let output = rig.refused("server.properties");
    assert!(output.contains(&format!("{two} has no meta.properties, and the other")), "{output}");
    assert_eq!(everything_in(&rig.path("one")), before);
    assert!(!rig.path("two").exists());
    assert!(everything_in(&rig.path("mount")).is_empty());
}

#[test]
fn new_folder_for_the_metadata_log_alone_may_stand_beside_folders_of_kafka() {
    let rig = Rig::new();
    kafkas(&rig.path("one"));
    let one = rig.path("one").display().to_string();
    let metadata = rig.path("metadata").display().to_string();
    let doors = "listeners=PLAINTEXT://127.0.0.1:0";
    let text = format!("{doors}\nlog.dirs={one}\nmetadata.log.dir={metadata}\n");
    rig.write("server.properties", &text);
    let node = rig.start_file("server.properties");
    let told = node.connect().topic("t");
    assert_eq!((told.error_code, told.topic_id), (0, TopicId::from_bytes([7; 16])));
    assert_eq!(node.connect().produced("t", 0, &[b"value"]), 0);
    assert!(node.stop().success());
    // The folder of the metadata is found again.
    let node = rig.start_file("server.properties");
    assert_eq!(node.connect().values("t", 0, 0), ["value"]);
}

fn list_offsets(client: &mut Wire, partition: i32, timestamp: i64) -> ListOffsetsPartitionResponse {
    let partitions = vec![ListOffsetsPartition {
        partition_index: partition.into(),
        timestamp,
        ..Default::default()
    }];
    let topics = vec![ListOffsetsTopic { name: "t".into(), partitions }];
    let request =
        ListOffsetsRequest { replica_id: BrokerId::new(-1), topics, ..Default::default() };
    client.call(7, &request).topics.remove(0).partitions.remove(0)
}

/// Metadata must say that nobody leads the partition, as its only replica is offline.
fn assert_told_as_offline(node: &Running, partition: i32) {
    let told = node.connect().topic("t");
    let told = told.partitions.iter().find(|it| it.partition_index == partition.into()).unwrap();
    assert_eq!((told.error_code, told.leader_id), (LEADER_NOT_AVAILABLE, BrokerId::NONE));
    assert_eq!(told.offline_replicas, told.replica_nodes);
    // What `kafka-topics.sh --describe --unavailable-partitions` goes by.
    let topics = vec![TopicRequest { name: "t".into() }];
    let request = DescribeTopicPartitionsRequest {
        topics,
        response_partition_limit: 2000,
        ..Default::default()
    };
    let told = node.connect().call(0, &request).topics.remove(0).partitions;
    let told = told.iter().find(|it| it.partition_index == partition.into()).unwrap();
    assert_eq!((told.error_code, told.leader_id), (0, BrokerId::NONE));
    assert_eq!(told.offline_replicas, told.replica_nodes);
}

/// The partition must be an error, and nothing may be written in its place.
fn assert_not_served(node: &Running, partition: i32) {
    let mut client = node.connect();
    let fetched = client.fetch("t", partition, 0).error_code;
    let produced = client.produce("t", partition, batch(&[b"x"])).error_code;
    for code in [fetched, produced] {
        assert_eq!(code, KAFKA_STORAGE_ERROR, "partition {partition}");
    }
    for timestamp in [LATEST, EARLIEST] {
        assert_eq!(list_offsets(&mut client, partition, timestamp).error_code, KAFKA_STORAGE_ERROR);
    }
}

#[test]
fn a_folder_of_a_partition_that_is_gone_is_not_served_as_empty_and_the_others_are() {
    let rig = Rig::new();
    let node = start(&rig, "data");
    fill(&node, 2);
    assert!(node.stop().success());
    std::fs::rename(rig.path("data/t-0"), rig.path("backup")).unwrap();
    let node = start(&rig, "data");
    let output = node.output();
    let missing = rig.path("data/t-0").display().to_string();
    assert!(output.contains(&format!("{missing} is missing: bring it back")), "{output}");
    assert_not_served(&node, 0);
    assert_told_as_offline(&node, 0);
    assert_eq!(node.connect().values("t", 1, 0), [value(1)]);
    assert_eq!(node.connect().topic("t").partitions[1].error_code, 0);
    assert!(!rig.path("data/t-0").exists(), "it came back empty");
    // The way out that was told.
    assert!(node.stop().success());
    std::fs::rename(rig.path("backup"), rig.path("data/t-0")).unwrap();
    let node = start(&rig, "data");
    assert_eq!(node.connect().values("t", 0, 0), [value(0)]);
}

#[test]
fn partitions_of_a_folder_that_is_not_mounted_are_not_served_as_empty_and_the_others_are() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    fill(&node, 4);
    assert!(node.stop().success());
    let lost = partitions_in(&rig.path("two"));
    // An unmounted disk leaves an empty mount point behind.
    std::fs::rename(rig.path("two"), rig.path("unplugged")).unwrap();
    for dirs in ["one", "one,two"] {
        let node = start(&rig, dirs);
        let output = node.output();
        assert!(output.contains("with partitions of this node is not among log.dirs"), "{output}");
        assert!(output.contains("mount it again"), "{output}");
        for partition in 0..4 {
            if lost.contains(&format!("t-{partition}")) {
                assert_not_served(&node, partition);
                assert_told_as_offline(&node, partition);
            } else {
                assert_eq!(node.connect().values("t", partition, 0), [value(partition)]);
            }
        }
        assert!(node.stop().success());
    }
    assert!(partitions_in(&rig.path("two")).is_empty(), "they came back empty");
    std::fs::remove_dir_all(rig.path("two")).unwrap();
    std::fs::rename(rig.path("unplugged"), rig.path("two")).unwrap();
    let node = start(&rig, "one,two");
    for partition in 0..4 {
        assert_eq!(node.connect().values("t", partition, 0), [value(partition)]);
    }
}

fn describe(client: &mut Wire, version: i16) -> Vec<DescribeLogDirsResult> {
    let told = client.call(version, &DescribeLogDirsRequest { topics: None });
    assert_eq!(told.error_code, 0);
    told.results
}

/// Asks for `t-0` to be moved to a folder.
fn move_to(client: &mut Wire, version: i16, folder: &Path) -> i16 {
    let topics = vec![AlterReplicaLogDirTopic { name: "t".into(), partitions: vec![0.into()] }];
    let dirs = vec![AlterReplicaLogDir { path: folder.display().to_string().into(), topics }];
    let answer = client.call(version, &AlterReplicaLogDirsRequest { dirs });
    answer.results[0].partitions[0].error_code
}

/// In which folder `t-0` is told to be, and whether it is on its way to another.
fn whereabouts(client: &mut Wire) -> (String, bool) {
    let mut whereabouts = (String::new(), false);
    for folder in describe(client, 5) {
        let of_t = folder.topics.iter().filter(|topic| topic.name == "t");
        for partition in of_t.flat_map(|topic| &topic.partitions) {
            match partition.is_future_key {
                true => whereabouts.1 = true,
                false => whereabouts.0 = folder.log_dir.to_string(),
            }
        }
    }
    whereabouts
}

#[test]
fn a_partition_moves_to_another_folder_while_it_is_written_and_stays_there() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("segment.bytes", "1000000")]);
    let record = vec![b'x'; 100_000];
    let mut produced = 0;
    let mut produce = |client: &mut Wire| {
        assert_eq!(client.produced("t", 0, &[&record]), produced);
        produced += 1;
        produced
    };
    for _ in 0..20 {
        produce(&mut client);
    }
    for version in 0..=2 {
        let (here, _) = whereabouts(&mut client);
        let mut folders = ["one", "two"].map(|name| rig.path(name)).into_iter();
        let target = folders.find(|path| *path != Path::new(&here)).unwrap();
        assert_eq!(move_to(&mut client, version, &target), 0);
        until("moved", || {
            produce(&mut client);
            whereabouts(&mut client) == (target.display().to_string(), false)
        });
        assert!(target.join("t-0").exists());
        assert!(!Path::new(&here).join("t-0").exists());
    }
    for version in 0..=5 {
        for folder in describe(&mut client, version) {
            assert_eq!(folder.error_code, 0);
            assert_eq!(folder.total_bytes > 0, version >= 4, "{folder:?}");
        }
    }
    assert_eq!(move_to(&mut client, 2, &rig.path("three")), LOG_DIR_NOT_FOUND);
    let count = produce(&mut client);
    let (here, _) = whereabouts(&mut client);
    assert!(node.stop().success());
    let node = start(&rig, "one,two");
    let mut client = node.connect();
    assert_eq!(client.values("t", 0, 0).len(), count as usize);
    assert_eq!(whereabouts(&mut client), (here, false));
}

#[test]
fn a_move_that_a_kill_interrupts_comes_to_its_end_after_the_restart() {
    let rig = Rig::new();
    let folders = ["one", "two"].map(|name| rig.path(name).display().to_string());
    let properties = |limit: u64| {
        let text = format!(
            "listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\n\
             replica.alter.log.dirs.io.max.bytes.per.second={limit}\n",
            folders.join(",")
        );
        rig.write("server.properties", &text);
    };
    properties(1000);
    let node = rig.start_file("server.properties");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    for number in 0..10u8 {
        client.produced("t", 0, &[&vec![number; 100_000]]);
    }
    let (here, _) = whereabouts(&mut client);
    let target = folders.iter().find(|folder| **folder != here).unwrap().clone();
    assert_eq!(move_to(&mut client, 2, Path::new(&target)), 0);
    assert_eq!(whereabouts(&mut client), (here, true));
    // Appends go on while it is copied slowly.
    assert_eq!(client.produced("t", 0, &[b"more"]), 10);
    node.kill();
    properties(1_000_000_000);
    let node = rig.start_file("server.properties");
    let mut client = node.connect();
    until("moved", || whereabouts(&mut client) == (target.clone(), false));
    let values = client.values("t", 0, 0);
    assert_eq!(values.len(), 11);
    assert!((0..10u8).all(|number| values[usize::from(number)] == vec![number; 100_000]));
    assert_eq!(client.produced("t", 0, &[b"last"]), 11);
}

#[test]
fn a_folder_that_cannot_be_used_costs_only_its_partitions() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    fill(&node, 4);
    assert!(node.stop().success());
    let lost = partitions_in(&rig.path("two"));
    let properties = std::fs::read(rig.path("two/meta.properties")).unwrap();
    let damage = |step: usize| match step {
        // A file stands where the folder was.
        0 => {
            std::fs::rename(rig.path("two"), rig.path("aside")).unwrap();
            std::fs::write(rig.path("two"), "not a folder").unwrap();
        }
        1 => std::fs::write(rig.path("two/meta.properties"), "version=ninety").unwrap(),
        // A folder stands where a file was.
        _ => {
            std::fs::remove_file(rig.path("two/meta.properties")).unwrap();
            std::fs::create_dir(rig.path("two/meta.properties")).unwrap();
        }
    };
    let mend = |step: usize| match step {
        0 => {
            std::fs::remove_file(rig.path("two")).unwrap();
            std::fs::rename(rig.path("aside"), rig.path("two")).unwrap();
        }
        1 => std::fs::write(rig.path("two/meta.properties"), &properties).unwrap(),
        _ => {
            std::fs::remove_dir(rig.path("two/meta.properties")).unwrap();
            std::fs::write(rig.path("two/meta.properties"), &properties).unwrap();
        }
    };
    for step in 0..3 {
        damage(step);
        let node = start(&rig, "one,two");
        let output = node.output();
        assert!(output.contains("this folder of log.dirs cannot be used"), "{output}");
        assert!(output.contains(&rig.path("two").display().to_string()), "{output}");
        for partition in 0..4 {
            if lost.contains(&format!("t-{partition}")) {
                assert_not_served(&node, partition);
                assert_told_as_offline(&node, partition);
            } else {
                assert_eq!(node.connect().values("t", partition, 0), [value(partition)]);
            }
        }
        let told = describe(&mut node.connect(), 5);
        assert_eq!(
            told.iter().map(|it| it.error_code).collect::<Vec<_>>(),
            [0, KAFKA_STORAGE_ERROR]
        );
        // What is new goes where there is a place for it.
        node.connect().with_topic(&format!("new-{step}"), 2, &[]);
        assert_eq!(node.connect().produced(&format!("new-{step}"), 1, &[b"x"]), 0);
        assert!(node.stop().success());
        mend(step);
    }
    let node = start(&rig, "one,two");
    for partition in 0..4 {
        assert_eq!(node.connect().values("t", partition, 0), [value(partition)]);
    }
}

#[test]
fn a_node_without_any_usable_folder_or_its_metadata_is_refused_with_the_reason() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    fill(&node, 2);
    assert!(node.stop().success());
    std::fs::write(rig.path("one/meta.properties"), "version=ninety").unwrap();
    let output = rig.refused("server.properties");
    assert!(output.contains("the metadata log"), "{output}");
    assert!(output.contains(&rig.path("one").display().to_string()), "{output}");
    std::fs::write(rig.path("two/meta.properties"), "version=ninety").unwrap();
    let output = rig.refused("server.properties");
    assert!(output.contains(&rig.path("two").display().to_string()), "{output}");
}

/// Takes a folder away from under a node and lets the node notice it, by a segment that is full.
fn take_away(rig: &Rig, node: &Running, folder: &str, partition: i32) {
    std::fs::rename(rig.path(folder), rig.path("unplugged")).unwrap();
    let large = vec![b'x'; 600_000];
    let mut client = node.connect();
    // The second may be behind a roll already, or not.
    let outcomes = [(); 2].map(|()| client.produce("t", partition, batch(&[&large])).error_code);
    assert_eq!(outcomes[1], KAFKA_STORAGE_ERROR, "{outcomes:?}");
}

/// Asks the node until the answer is the one that is waited for.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !holds() {
        assert!(started.elapsed() < crate::rig::PATIENCE, "never {what}");
    }
}

#[test]
fn a_folder_that_fails_under_a_running_node_costs_only_its_partitions_and_groups() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    let mut client = node.connect();
    client.with_topic("t", 4, &[("segment.bytes", "1000000")]);
    for partition in 0..4 {
        client.produced("t", partition, &[&value(partition)]);
    }
    let keys: Vec<_> = (0..50).map(|number| format!("group-{number}").into()).collect();
    let groups =
        FindCoordinatorRequest { key_type: 0, coordinator_keys: keys, ..Default::default() };
    let served = |client: &mut Wire| {
        let found = client.call(4, &groups).coordinators;
        assert!(found.iter().all(|it| [0, COORDINATOR_NOT_AVAILABLE].contains(&it.error_code)));
        found.iter().filter(|coordinator| coordinator.error_code == 0).count()
    };
    assert_eq!(served(&mut client), 50);
    let lost: Vec<i32> =
        (0..4).filter(|p| rig.path("two").join(format!("t-{p}")).exists()).collect();
    assert_eq!(lost.len(), 2);
    take_away(&rig, &node, "two", lost[0]);
    until("told", || client.topic("t").partitions.iter().any(|it| it.leader_id == BrokerId::NONE));
    for partition in 0..4 {
        if lost.contains(&partition) {
            assert_not_served(&node, partition);
            assert_told_as_offline(&node, partition);
        } else {
            assert_eq!(client.values("t", partition, 0), [value(partition)]);
            assert_eq!(client.produced("t", partition, &[b"more"]), 1);
        }
    }
    until("given up by the coordinator", || served(&mut client) < 50);
    assert!(served(&mut client) > 0);
    let output = node.output();
    assert!(output.contains("this log folder has failed"), "{output}");
    assert!(node.stop().success());
    assert!(!rig.path("two").exists(), "it came back empty");
    std::fs::rename(rig.path("unplugged"), rig.path("two")).unwrap();
    let node = start(&rig, "one,two");
    let mut client = node.connect();
    assert_eq!(served(&mut client), 50);
    for partition in 0..4 {
        assert_eq!(client.values("t", partition, 0)[0], value(partition));
    }
}

#[test]
fn a_node_whose_folder_with_the_metadata_fails_ends_and_says_why() {
    let rig = Rig::new();
    let node = start(&rig, "one,two");
    node.connect().with_topic("t", 4, &[("segment.bytes", "1000000")]);
    let here = (0..4).find(|p| rig.path("one").join(format!("t-{p}")).exists()).unwrap();
    std::fs::rename(rig.path("one"), rig.path("unplugged")).unwrap();
    let mut client = node.connect();
    // Answers may be lost with the node.
    for _ in 0..2 {
        client.send(9, &produce_request("t", here, batch(&[&vec![b'x'; 600_000]])));
    }
    let mut node = node;
    let told = node.wait_for("which holds the metadata log, has failed");
    assert!(told.contains(&rig.path("one").display().to_string()), "{told}");
    assert!(!node.wait().success());
}
