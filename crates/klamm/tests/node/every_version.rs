//! Every advertised version of a request is answered in that version: a response never carries a
//! field for which its version has no place.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::{LeaderEpoch, Offset, PartitionIndex, Uuid};
use protocol::messages::{
    FindCoordinatorRequest, InitProducerIdRequest, ListOffsetsRequest, MetadataRequest,
    OffsetForLeaderEpochRequest, list_offsets_request, metadata_request,
    offset_for_leader_epoch_request,
};
use protocol::{Request, Str};
use records::{Batches, DownConversion, OldFormat, down_convert};

use crate::rig::Rig;
use crate::wire::{Wire, batch, fetch_request, produce_request, values_of, versions_request};

/// From these versions on, topics go by their ids.
const PRODUCE_IDS_SINCE: i16 = 13;
const FETCH_IDS_SINCE: i16 = 13;

struct Advertised(BTreeMap<i16, (i16, i16)>);

impl Advertised {
    fn by(wire: &mut Wire) -> Self {
        let versions = wire.call(3, &versions_request()).api_keys.into_iter();
        Self(versions.map(|api| (api.api_key, (api.min_version, api.max_version))).collect())
    }

    fn of<R: Request>(&self) -> impl Iterator<Item = i16> + use<R> {
        let (min, max) = self.0[&(R::KEY as i16)];
        min..=max
    }
}

/// A node with one record in `topic`.
fn with_record() -> (Rig, crate::rig::Running, Wire, Advertised, Uuid) {
    let rig = Rig::new();
    let node = rig.start("");
    let mut wire = node.connect();
    wire.with_topic("topic", 1, &[]);
    assert_eq!(wire.produced("topic", 0, &[b"value"]), 0);
    let id = wire.topic("topic").topic_id;
    let advertised = Advertised::by(&mut wire);
    (rig, node, wire, advertised, id)
}

#[test]
fn list_offsets_is_answered_in_every_version() {
    let (_rig, _node, mut wire, advertised, _) = with_record();
    for version in advertised.of::<ListOffsetsRequest>() {
        for (timestamp, expected) in [(-1, 1), (-2, 0), (0, 0)] {
            let mut partition =
                list_offsets_request::ListOffsetsPartition { timestamp, ..Default::default() };
            if version == 0 {
                partition.max_num_offsets = 1;
            }
            let topic = list_offsets_request::ListOffsetsTopic {
                name: Str::from("topic"),
                partitions: vec![partition],
            };
            let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
            let response = wire.call(version, &request);
            let found = &response.topics[0].partitions[0];
            assert_eq!(found.error_code, 0, "v{version} at {timestamp}");
            if version == 0 {
                // Nothing is older than the beginning of time; else the end or the start.
                let expected = if timestamp == 0 { vec![] } else { vec![expected] };
                assert_eq!(found.old_style_offsets, expected, "v0 at {timestamp}");
            } else {
                assert_eq!(found.offset, Offset::new(expected), "v{version} at {timestamp}");
            }
        }
    }
}

#[test]
fn metadata_is_answered_in_every_version() {
    let (_rig, _node, mut wire, advertised, id) = with_record();
    for version in advertised.of::<MetadataRequest>() {
        let topic = metadata_request::MetadataRequestTopic {
            name: Some(Str::from("topic")),
            ..Default::default()
        };
        let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
        let response = wire.call(version, &request);
        assert_eq!((response.brokers.len(), response.topics.len()), (1, 1), "v{version}");
        let topic = &response.topics[0];
        assert_eq!((topic.error_code, topic.partitions.len()), (0, 1), "v{version}");
        assert!(version < 10 || topic.topic_id == id, "v{version}");
    }
}

#[test]
fn produce_and_fetch_are_answered_in_every_version() {
    let (_rig, _node, mut wire, advertised, id) = with_record();
    let mut next = 1;
    for version in advertised.of::<protocol::messages::ProduceRequest>() {
        let records = match version {
            ..=1 => messages(OldFormat::V0),
            2 => messages(OldFormat::V1),
            _ => batch(&[b"value"]),
        };
        let mut request = produce_request("topic", 0, records);
        if version >= PRODUCE_IDS_SINCE {
            request.topic_data[0].name = Str::default();
            request.topic_data[0].topic_id = id;
        }
        let response = wire.call(version, &request);
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!((answer.error_code, answer.base_offset.get()), (0, next), "v{version}");
        next += 1;
    }
    for version in advertised.of::<protocol::messages::FetchRequest>() {
        let mut request = fetch_request(&[("topic", 0, 0)]);
        if version >= FETCH_IDS_SINCE {
            request.topics[0].topic = Str::default();
            request.topics[0].topic_id = id;
        }
        let response = wire.call(version, &request);
        let answer = &response.responses[0].partitions[0];
        assert_eq!((answer.error_code, answer.high_watermark.get()), (0, next), "v{version}");
        let records = answer.records.as_bytes().unwrap();
        let expected = match version {
            ..=1 => 0,
            2..=3 => 1,
            _ => 2,
        };
        let mut magics = Batches::new(records).map(|batch| batch.unwrap().0.magic);
        assert!(magics.all(|magic| magic == expected), "v{version}");
        assert_eq!(values_of(&answer.records).len() as i64, next, "v{version}");
    }
}

/// One record in a format from before record batches.
fn messages(format: OldFormat) -> Bytes {
    let conversion = DownConversion {
        format,
        first_offset: Offset::ZERO,
        bytes_max: 1000,
        uncompressed_bytes_max: 1000,
    };
    down_convert(&batch(&[b"value"]), &conversion).unwrap().bytes.into()
}

#[test]
fn epochs_producer_ids_and_coordinators_are_answered_in_every_version() {
    let (_rig, _node, mut wire, advertised, _) = with_record();
    for version in advertised.of::<OffsetForLeaderEpochRequest>() {
        let partition = offset_for_leader_epoch_request::OffsetForLeaderPartition {
            partition: PartitionIndex::new(0),
            leader_epoch: LeaderEpoch::new(0),
            ..Default::default()
        };
        let topic = offset_for_leader_epoch_request::OffsetForLeaderTopic {
            topic: Str::from("topic"),
            partitions: vec![partition],
        };
        let request = OffsetForLeaderEpochRequest { topics: vec![topic], ..Default::default() };
        let response = wire.call(version, &request);
        let answer = &response.topics[0].partitions[0];
        assert_eq!((answer.error_code, answer.end_offset.get()), (0, 1), "v{version}");
    }
    for version in advertised.of::<InitProducerIdRequest>() {
        let request =
            InitProducerIdRequest { transaction_timeout_ms: 60_000, ..Default::default() };
        let response = wire.call(version, &request);
        assert_eq!((response.error_code, response.producer_epoch.get()), (0, 0), "v{version}");
    }
    for version in advertised.of::<FindCoordinatorRequest>() {
        let mut request = FindCoordinatorRequest::default();
        if version < 4 {
            request.key = Str::from("group");
        } else {
            request.coordinator_keys = vec![Str::from("group")];
        }
        let response = wire.call(version, &request);
        let error =
            if version < 4 { response.error_code } else { response.coordinators[0].error_code };
        assert_eq!(error, 0, "v{version}");
    }
}
