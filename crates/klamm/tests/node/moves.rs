//! `klamm reassign-partitions` against a node with two log folders.

use crate::rig::{Ended, PATIENCE, Rig, Running};

fn reassign(rig: &Rig, node: &Running, words: &str) -> Ended {
    let address = node.address().to_string();
    let words = words.split(' ').chain(["--bootstrap-server", &address]);
    rig.run(rig.klamm(["reassign-partitions"].into_iter().chain(words)))
}

/// A node whose topic `orders` has one partition; its folder, and the other one.
fn started(rig: &Rig) -> (Running, String, String) {
    let folders = ["one", "two"].map(|name| rig.path(name).display().to_string());
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\n", folders.join(",")),
    );
    let node = rig.start_file("server.properties");
    let mut client = node.connect();
    client.with_topic("orders", 1, &[]);
    client.produced("orders", 0, &[b"one", b"two"]);
    let [one, two] = folders;
    if rig.path("one/orders-0").exists() { (node, one, two) } else { (node, two, one) }
}

fn plan(rig: &Rig, folder: &str) {
    let partition =
        format!(r#"{{"topic":"orders","partition":0,"replicas":[1],"log_dirs":["{folder}"]}}"#);
    rig.write("plan.json", &format!(r#"{{"version":1,"partitions":[{partition}]}}"#));
}

#[test]
fn a_partition_is_moved_to_another_folder_and_the_tool_says_when_it_is_there() {
    let rig = Rig::new();
    let (node, here, there) = started(&rig);
    plan(&rig, &there);
    let words =
        "--execute --reassignment-json-file plan.json --replica-alter-log-dirs-throttle 9000000";
    let begun = reassign(&rig, &node, words);
    assert!(begun.status.success(), "{}", begun.output);
    for wanted in [
        format!(r#""log_dirs":["{here}"]"#),
        format!("moving log directory to {there} for replica orders-0 with broker 1"),
        "The replica-alter-dir throttle limit was set to 9000000 B/s".to_owned(),
    ] {
        assert!(begun.output.contains(&wanted), "{wanted}\n{}", begun.output);
    }
    let started = std::time::Instant::now();
    loop {
        let verified = reassign(&rig, &node, "--verify --reassignment-json-file plan.json");
        assert!(verified.status.success(), "{}", verified.output);
        if verified.output.contains("Reassignment of replica orders-0-1 completed successfully.") {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{}", verified.output);
    }
    assert_eq!(node.connect().values("orders", 0, 0), ["one", "two"]);
    assert!(std::path::Path::new(&there).join("orders-0").exists());
}

#[test]
fn what_cannot_be_done_on_one_node_is_refused_before_anything_moves() {
    let rig = Rig::new();
    let (node, here, there) = started(&rig);
    plan(&rig, &there);
    let words = "--execute --reassignment-json-file plan.json --throttle 1000";
    let throttled = reassign(&rig, &node, words);
    assert!(!throttled.status.success());
    let says = "nothing was moved, since the throttle cannot be set: leader.replication.throttled";
    assert!(throttled.output.contains(says), "{}", throttled.output);
    assert!(std::path::Path::new(&here).join("orders-0").exists());
    plan(&rig, "/nowhere");
    let nowhere = reassign(&rig, &node, "--execute --reassignment-json-file plan.json");
    let says = "Failed to alter dir for orders-0-1: The log directory is not one of this broker's";
    assert!(nowhere.output.contains(says), "{}", nowhere.output);
}
