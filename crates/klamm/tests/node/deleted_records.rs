//! What a client was told is deleted does not come back, however the node ends.

use model::{Offset, PartitionIndex};
use protocol::Str;
use protocol::messages::{
    DeleteRecordsRequest, ListOffsetsRequest, delete_records_request, list_offsets_request,
};

use crate::rig::Rig;
use crate::wire::Wire;

const EARLIEST: i64 = -2;

fn delete_before(wire: &mut Wire, topic: &str, offset: i64) -> (i16, i64) {
    let partition = delete_records_request::DeleteRecordsPartition {
        partition_index: PartitionIndex::new(0),
        offset: Offset::new(offset),
    };
    let topic = delete_records_request::DeleteRecordsTopic {
        name: Str::from(topic),
        partitions: vec![partition],
    };
    let request = DeleteRecordsRequest { topics: vec![topic], timeout_ms: 30_000 };
    let response = wire.call(2, &request);
    let answer = &response.topics[0].partitions[0];
    (answer.error_code, answer.low_watermark)
}

fn start_of(wire: &mut Wire, topic: &str) -> i64 {
    let partition =
        list_offsets_request::ListOffsetsPartition { timestamp: EARLIEST, ..Default::default() };
    let topic = list_offsets_request::ListOffsetsTopic {
        name: Str::from(topic),
        partitions: vec![partition],
    };
    let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
    wire.call(7, &request).topics[0].partitions[0].offset.get()
}

#[test]
fn deleted_records_stay_deleted_when_the_node_is_killed_at_once() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut wire = node.connect();
    wire.with_topic("t", 1, &[]);
    for _ in 0..3 {
        wire.produced("t", 0, &[b"one", b"two"]);
    }
    assert_eq!(delete_before(&mut wire, "t", 3), (0, 3));
    node.kill();
    let node = rig.start("");
    let mut wire = node.connect();
    assert_eq!(start_of(&mut wire, "t"), 3);
    // Everything that is committed.
    assert_eq!(delete_before(&mut wire, "t", -1), (0, 6));
    node.kill();
    let node = rig.start("");
    let mut wire = node.connect();
    assert_eq!(start_of(&mut wire, "t"), 6);
    assert_eq!(wire.produced("t", 0, &[b"next"]), 6);
}
