//! Groups on one node: at once, without brokers to spare, and kept when the node is killed.

use std::time::{Duration, Instant};

use bytes::Bytes;
use model::{Offset, PartitionIndex};
use protocol::Str;
use protocol::messages::{
    FindCoordinatorRequest, JoinGroupRequest, JoinGroupResponse, OffsetCommitRequest,
    OffsetFetchRequest, join_group_request, offset_commit_request, offset_fetch_request,
};

use crate::monitoring::{ANYWHERE, door, get, value};
use crate::rig::{PATIENCE, Rig};
use crate::wire::Wire;

const COORDINATOR_LOAD_IN_PROGRESS: i16 = 14;
const COORDINATOR_NOT_AVAILABLE: i16 = 15;
const NOT_COORDINATOR: i16 = 16;
const MEMBER_ID_REQUIRED: i16 = 79;
/// What Kafka makes the first member of a group wait, unless told otherwise.
const KAFKAS_DELAY: Duration = Duration::from_secs(3);

/// Asks until the coordinator is there, as clients do; every other answer is final.
fn settled<T>(mut ask: impl FnMut() -> (i16, T)) -> (i16, T) {
    let started = Instant::now();
    loop {
        let (code, answer) = ask();
        let later = [COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR];
        if !later.contains(&code) {
            return (code, answer);
        }
        assert!(started.elapsed() < PATIENCE, "no coordinator: {code}");
    }
}

/// Waits until the coordinator of the group `group` is there; on one node it is that of all.
pub(crate) fn find_coordinator(client: &mut Wire) {
    let request =
        FindCoordinatorRequest { coordinator_keys: vec![Str::from("group")], ..Default::default() };
    let (code, message) = settled(|| {
        let coordinator = client.call(4, &request).coordinators.remove(0);
        (coordinator.error_code, coordinator.error_message)
    });
    assert_eq!(code, 0, "{message:?}");
}

fn commit(client: &mut Wire, offset: i64) -> i16 {
    let partition = offset_commit_request::OffsetCommitRequestPartition {
        partition_index: PartitionIndex::new(0),
        committed_offset: Offset::new(offset),
        ..Default::default()
    };
    let topic = offset_commit_request::OffsetCommitRequestTopic {
        name: Str::from("t"),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: Str::from("group"),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..Default::default()
    };
    settled(|| (client.call(8, &request).topics[0].partitions[0].error_code, ())).0
}

fn committed(client: &mut Wire) -> i64 {
    // Without topics it asks for all of them.
    let group = offset_fetch_request::OffsetFetchRequestGroup {
        group_id: Str::from("group"),
        topics: None,
        ..Default::default()
    };
    let request = OffsetFetchRequest { groups: vec![group], ..Default::default() };
    let (code, topics) = settled(|| {
        let group = client.call(8, &request).groups.remove(0);
        (group.error_code, group.topics)
    });
    assert_eq!(code, 0);
    topics[0].partitions[0].committed_offset.get()
}

fn join(client: &mut Wire) -> JoinGroupResponse {
    let mut request = JoinGroupRequest {
        group_id: Str::from("group"),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        protocol_type: Str::from("consumer"),
        protocols: vec![join_group_request::JoinGroupRequestProtocol {
            name: Str::from("range"),
            metadata: Bytes::from_static(&[0; 12]),
        }],
        ..Default::default()
    };
    let (code, first) = settled(|| {
        let response = client.call(9, &request);
        (response.error_code, response)
    });
    assert_eq!(code, MEMBER_ID_REQUIRED);
    request.member_id = first.member_id;
    client.call(9, &request)
}

#[test]
fn groups_work_on_one_node_whatever_replication_the_file_asks_for() {
    for properties in [
        "",
        "offsets.topic.replication.factor=3",
        "min.insync.replicas=2",
        "min.insync.replicas=3\noffsets.topic.replication.factor=3\ndefault.replication.factor=3",
    ] {
        let rig = Rig::new();
        let node = rig.start(properties);
        let mut client = node.connect();
        let own = client.create_replicated("t", 1, 1, &[("min.insync.replicas", "1")]);
        assert_eq!(own.error_code, 0, "{:?}", own.error_message);
        find_coordinator(&mut client);
        assert_eq!(commit(&mut client, 7), 0, "with {properties:?}");
        assert_eq!(committed(&mut client), 7);
        let topic = client.topic("__consumer_offsets");
        assert!(topic.is_internal);
        assert_eq!(topic.partitions[0].replica_nodes.len(), 1, "with {properties:?}");
    }
}

#[test]
fn the_first_member_of_a_group_is_not_kept_waiting_on_one_node() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    find_coordinator(&mut client);
    let started = Instant::now();
    let joined = join(&mut client);
    assert_eq!((joined.error_code, joined.leader), (0, joined.member_id));
    assert!(started.elapsed() < KAFKAS_DELAY, "it took {:?}", started.elapsed());
}

#[test]
fn a_commit_that_was_answered_is_there_after_a_kill() {
    let rig = Rig::new();
    let mut node = rig.start("");
    node.connect().with_topic("t", 1, &[]);
    for offset in [1, 2, 30] {
        let mut client = node.connect();
        find_coordinator(&mut client);
        assert_eq!(commit(&mut client, offset), 0);
        node.kill();
        node = rig.start_file("server.properties");
        assert_eq!(committed(&mut node.connect()), offset);
    }
}

#[test]
fn groups_are_counted_on_a_scrape_whether_there_is_room_to_show_them_or_not() {
    let counted =
        ["klamm.http.metrics.series.max=10000", "klamm.http.metrics.series.max=0"].map(|key| {
            let rig = Rig::new();
            let node = rig.start(&format!("{ANYWHERE}\n{key}"));
            let mut client = node.connect();
            client.with_topic("t", 1, &[]);
            find_coordinator(&mut client);
            assert_eq!(commit(&mut client, 7), 0);
            let started = Instant::now();
            let page = loop {
                let page = get(door(&node), "/metrics").1;
                if value(&page, "klamm_group_partitions_silent") == Some(0.0) {
                    break page;
                }
                assert!(started.elapsed() < PATIENCE, "shards stay silent");
            };
            assert_eq!(value(&page, "klamm_groups{state=\"Empty\"}"), Some(1.0));
            let is_bounded = |line: &&str| line.contains("{topic=") || line.contains("{group=");
            let shown = page.lines().filter(is_bounded).count() as f64;
            let left_out = value(&page, "klamm_metrics_series_left_out").unwrap();
            assert!(shown == 0.0 || left_out == 0.0, "{shown} {left_out}");
            assert_eq!(page.contains("klamm_group_lag{group=\"group\""), shown > 0.0);
            node.stop();
            shown + left_out
        });
    assert_eq!(counted[0], counted[1]);
}
