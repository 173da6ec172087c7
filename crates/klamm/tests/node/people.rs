//! `klamm tail`, `klamm why` and `klamm doctor` against real nodes, some of them broken on purpose.

use std::net::TcpListener;

use model::{Offset, PartitionIndex};
use protocol::Str;
use protocol::messages::{OffsetCommitRequest, offset_commit_request};
use testkit::ServerProcess;

use crate::groups::find_coordinator;
use crate::rig::{Ended, PATIENCE, Rig, Running};

/// Runs `klamm` with these words, towards the node.
fn klamm(rig: &Rig, node: &Running, words: &str) -> Ended {
    let address = node.address().to_string();
    let words = words.split(' ').chain(["--bootstrap-server", &address]);
    rig.run(rig.klamm(words))
}

/// A node with three records in the topic `orders`, one of them no text.
fn with_orders(rig: &Rig) -> Running {
    let node = rig.start("group.initial.rebalance.delay.ms=0");
    let mut client = node.connect();
    client.with_topic("orders", 1, &[]);
    let values: [&[u8]; 3] =
        [br#"{"user":{"id":7},"kind":"y"}"#, br#"{"user":{"id":8}}"#, b"\xff\x1b[2J"];
    client.produced("orders", 0, &values);
    node
}

/// Commits an offset for the group `billing`, which has no members.
fn commit(node: &Running, offset: i64) {
    let mut client = node.connect();
    find_coordinator(&mut client);
    let partition = offset_commit_request::OffsetCommitRequestPartition {
        partition_index: PartitionIndex::new(0),
        committed_offset: Offset::new(offset),
        ..Default::default()
    };
    let topic = offset_commit_request::OffsetCommitRequestTopic {
        name: Str::from("orders"),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: Str::from("billing"),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..Default::default()
    };
    let answer = client.call(8, &request);
    assert_eq!(answer.topics[0].partitions[0].error_code, 0);
}

#[test]
fn tail_shows_what_is_there_filtered_and_without_harm_to_the_terminal() {
    let rig = Rig::new();
    let node = with_orders(&rig);
    let all = klamm(&rig, &node, "tail orders --no-follow");
    assert!(all.status.success(), "{}", all.output);
    for wanted in ["  0:0  ", "\n    \"user\": {\n      \"id\": 7\n    },\n", r"\xff\x1b[2J"] {
        assert!(all.output.contains(wanted), "{wanted}\n{}", all.output);
    }
    assert!(!all.output.contains('\u{1b}'), "{}", all.output);
    let some =
        klamm(&rig, &node, "tail orders --from-beginning --max-messages 1 --where .user.id==8");
    assert!(
        some.output.contains("\"id\": 8") && !some.output.contains("\"id\": 7"),
        "{}",
        some.output
    );
    let last = klamm(&rig, &node, "tail orders --no-follow --last 1 --where .user.id==8");
    assert!(
        last.output.starts_with("1 record was not shown since --where failed"),
        "{}",
        last.output
    );
}

#[test]
fn tail_says_which_topic_or_expression_was_meant() {
    let rig = Rig::new();
    let node = with_orders(&rig);
    for (words, says) in [
        ("tail order", "there is no topic order; did you mean orders?"),
        ("tail orders --partition 5", "topic orders has no partition 5; it has 1, numbered from 0"),
        ("tail orders --where .kind==urgent", "there is no filter urgent"),
        ("tail", "TOPIC is missing"),
    ] {
        let ended = klamm(&rig, &node, words);
        assert!(!ended.status.success(), "{words}");
        assert!(ended.output.contains(says), "{}", ended.output);
    }
}

#[test]
fn tail_says_which_partitions_are_not_served_and_shows_the_others() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("orders", 2, &[]);
    client.produced("orders", 0, &[b"lost"]);
    client.produced("orders", 1, &[b"kept"]);
    assert!(node.stop().success());
    std::fs::remove_dir_all(rig.path("data/orders-0")).unwrap();
    let node = rig.start_file("server.properties");
    let shown = klamm(&rig, &node, "tail orders --no-follow");
    for wanted in ["orders-0 cannot be read: ", "` looks for the reason", "kept"] {
        assert!(shown.output.contains(wanted), "{wanted}\n{}", shown.output);
    }
    assert_eq!(shown.status.code(), Some(1), "{}", shown.output);
    let none = klamm(&rig, &node, "tail orders --partition 0");
    assert_eq!(none.status.code(), Some(1), "{}", none.output);
}

#[test]
fn why_explains_a_group_that_nobody_reads_for_and_one_whose_records_are_gone() {
    let rig = Rig::new();
    let node = with_orders(&rig);
    commit(&node, 1);
    let missing = klamm(&rig, &node, "why biling --seconds 0").output;
    assert!(
        missing.contains("1. no-group: there is no group biling; did you mean billing?"),
        "{missing}"
    );
    let idle = klamm(&rig, &node, "why billing --seconds 0").output;
    assert!(idle.contains("no-members: The group has offsets and no members; 2 records"), "{idle}");
    assert!(idle.contains("orders-0  1         0         3         2 "), "{idle}");
    rig.write(
        "delete.json",
        r#"{"partitions":[{"topic":"orders","partition":0,"offset":3}],"version":1}"#,
    );
    let deleted = klamm(&rig, &node, "delete-records --offset-json-file delete.json");
    assert!(deleted.status.success(), "{}", deleted.output);
    let gone = klamm(&rig, &node, "why billing --seconds 0").output;
    assert!(
        gone.contains("offsets-deleted: 2 records that the group has not read are gone"),
        "{gone}"
    );
    assert!(
        gone.contains("--group billing --reset-offsets --topic orders:0 --to-earliest --execute"),
        "{gone}"
    );
}

#[test]
fn why_tells_a_consumer_that_has_read_all_from_one_that_never_commits() {
    let rig = Rig::new();
    let node = with_orders(&rig);
    let address = node.address().to_string();
    for (group, property, says) in [
        ("reads", "auto.commit.interval.ms=50", "caught-up"),
        ("forgets", "enable.auto.commit=false", "no-commits"),
    ] {
        let words = format!(
            "console-consumer --topic orders --from-beginning --group {group} --consumer-property {property} --bootstrap-server {address}"
        );
        let log = rig.path(&format!("{group}.log"));
        let mut consumer = ServerProcess::start(rig.klamm(words.split(' ')), &log).unwrap();
        consumer.wait_for_line(|line| line.contains("\"id\":8"), PATIENCE).unwrap();
        let output = klamm(&rig, &node, &format!("why {group} --seconds 3")).output;
        assert!(output.contains(&format!("1. {says}: ")), "{output}");
        assert!(output.contains("Stable, with 1 member"), "{output}");
    }
}

#[test]
fn doctor_finds_what_a_file_and_a_machine_have_wrong() {
    let rig = Rig::new();
    rig.write("bad.properties", "listeners=PLAINTEXT://127.0.0.1:0\nnum.partitions=zero\n");
    let bad = rig.run(rig.klamm(["doctor", "bad.properties"]));
    assert_eq!(bad.status.code(), Some(1));
    assert!(
        bad.output.contains("1. configuration-mistake: bad.properties:2: num.partitions"),
        "{}",
        bad.output
    );

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    rig.write(
        "odd.properties",
        &format!(
            "listeners=A://127.0.0.1:{port},B://:0\nadvertised.listeners=A://127.0.0.1:{port},B://localhost:9\n\
             listener.security.protocol.map=A:PLAINTEXT,B:PLAINTEXT\ninter.broker.listener.name=A\n\
             log.dirs=one,two\nlog.retention.ms=-1\nklamm.acks.all.durability=page-cache\n"
        ),
    );
    let odd = rig.run(rig.klamm(["doctor", "odd.properties"]));
    assert_eq!(odd.status.code(), Some(1));
    for wanted in [
        "port-taken",
        "advertised-loopback",
        "folder-temporary",
        "folders-on-one-disk",
        "retention-without-end",
        "acknowledged-in-memory",
    ] {
        assert!(odd.output.contains(&format!(". {wanted}: ")), "{wanted}\n{}", odd.output);
    }
    assert!(!rig.path("one").exists(), "nothing was touched");

    let none = rig.run(rig.klamm(["doctor", "nothing.properties"]));
    assert_eq!(none.status.code(), Some(2), "{}", none.output);
}

#[test]
fn doctor_looks_at_the_running_node_and_says_when_there_is_none() {
    let rig = Rig::new();
    let node = with_orders(&rig);
    let healthy = klamm(&rig, &node, "doctor");
    assert_eq!(healthy.status.code(), Some(0), "{}", healthy.output);
    assert!(healthy.output.ends_with("Nothing is wrong.\n"), "{}", healthy.output);
    let address = node.address().to_string();
    assert!(node.stop().success());
    let gone = rig.run(rig.klamm(["doctor", "--bootstrap-server", &address]));
    assert_eq!(gone.status.code(), Some(1));
    assert!(gone.output.contains("1. no-node: No node answers at"), "{}", gone.output);
}

#[test]
fn doctor_goes_to_the_addresses_that_clients_are_told() {
    let rig = Rig::new();
    // Nothing listens on port 1.
    let node = rig.start("advertised.listeners=PLAINTEXT://127.0.0.1:1");
    let lost = klamm(&rig, &node, "doctor");
    assert_eq!(lost.status.code(), Some(1));
    let wanted =
        "1. advertised-unreachable: Node 1 tells clients to connect to 127.0.0.1:1, which fails";
    assert!(lost.output.contains(wanted), "{}", lost.output);
}
