//! Several data folders, and what is missing from them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::rig::{Rig, Running};

const KAFKA_STORAGE_ERROR: i16 = 56;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const LEADER_NOT_AVAILABLE: i16 = 5;
const NOT_LEADER_OR_FOLLOWER: i16 = 6;

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
    std::fs::remove_dir_all(rig.path("one")).unwrap();
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

/// The partition must be an error, and nothing may be written in its place.
fn assert_not_served(node: &Running, partition: i32) {
    let mut client = node.connect();
    let fetched = client.fetch("t", partition, 0).error_code;
    let produced = client.produce("t", partition, crate::wire::batch(&[b"x"])).error_code;
    for code in [fetched, produced] {
        let expected = [
            KAFKA_STORAGE_ERROR,
            UNKNOWN_TOPIC_OR_PARTITION,
            LEADER_NOT_AVAILABLE,
            NOT_LEADER_OR_FOLLOWER,
        ];
        assert!(expected.contains(&code), "partition {partition} answers {code}");
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
    assert_eq!(node.connect().values("t", 1, 0), [value(1)]);
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
