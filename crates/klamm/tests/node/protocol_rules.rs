//! Rules of the protocol that others got wrong, against the running node.

use bytes::Bytes;
use model::{BrokerId, Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence};
use protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, CreatePartitionsRequest, FetchRequest,
    InitProducerIdRequest, create_partitions_request, fetch_request, fetch_response,
};
use protocol::{ApiKey, Message, Reader, Records, Str};
use records::{BatchBuilder, Compression, Producer};

use crate::rig::Rig;
use crate::wire::{
    FETCH, Wire, batch, fetch_request, fill, frame_of, produce_request, values_of, versions_request,
};

const OFFSET_OUT_OF_RANGE: i16 = 1;
const CORRUPT_MESSAGE: i16 = 2;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const INVALID_REQUIRED_ACKS: i16 = 21;
const UNSUPPORTED_VERSION: i16 = 35;
const INVALID_REQUEST: i16 = 42;
const POLICY_VIOLATION: i16 = 44;
const OUT_OF_ORDER_SEQUENCE_NUMBER: i16 = 45;
const FETCH_SESSION_ID_NOT_FOUND: i16 = 70;
const INVALID_FETCH_SESSION_EPOCH: i16 = 71;
const UNSUPPORTED_COMPRESSION_TYPE: i16 = 76;
const INVALID_RECORD: i16 = 87;
const REBOOTSTRAP_REQUIRED: i16 = 129;
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;

#[test]
fn a_partition_without_new_records_answers_with_empty_and_never_null_records() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    assert_eq!(client.fetch("t", 0, 0).records, Records::Bytes(Bytes::new()));
    client.produced("t", 0, &[b"a"]);
    assert_eq!(client.fetch("t", 0, 1).records, Records::Bytes(Bytes::new()));
    let beyond = client.fetch("t", 0, 2);
    assert_eq!(beyond.error_code, OFFSET_OUT_OF_RANGE);
    assert_eq!(beyond.records, Records::Bytes(Bytes::new()));
    let unknown = client.fetch("t", 7, 0);
    assert_eq!(unknown.error_code, UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(unknown.records, Records::Bytes(Bytes::new()));
}

/// The CRC over what it covers, put in its place.
fn with_right_crc(mut bytes: Vec<u8>) -> Bytes {
    let crc = crc32c(&bytes[ATTRIBUTES_AT..]);
    bytes[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

fn crc32c(bytes: &[u8]) -> u32 {
    const REVERSED: u32 = 0x82f6_3b78;
    let crc = bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (REVERSED & (crc & 1).wrapping_neg())
        })
    });
    !crc
}

#[test]
fn batches_that_are_damaged_or_contradict_themselves_are_refused_and_nothing_is_appended() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    let good = batch(&[b"a"]);
    let mut wrong_crc = good.to_vec();
    *wrong_crc.last_mut().unwrap() ^= 1;
    let mut unknown_codec = good.to_vec();
    unknown_codec[ATTRIBUTES_AT + 1] |= 0b111;
    let mut transactional = BatchBuilder::new(Offset::ZERO, Compression::None);
    transactional.transactional();
    fill(&mut transactional, &[b"a"]);
    let mut magic = good.to_vec();
    magic[16] = 9;
    let mut control = BatchBuilder::new(Offset::ZERO, Compression::None);
    control.control();
    fill(&mut control, &[b"a"]);
    let two = [good.clone(), good.clone()].concat();
    let cases = [
        ("a wrong CRC", wrong_crc.into(), CORRUPT_MESSAGE),
        ("an unknown codec", with_right_crc(unknown_codec), UNSUPPORTED_COMPRESSION_TYPE),
        ("a transaction without producer id", transactional.finish().unwrap(), INVALID_RECORD),
        ("an unknown magic", magic.into(), CORRUPT_MESSAGE),
        ("a control batch", control.finish().unwrap(), INVALID_RECORD),
        ("two batches", two.into(), INVALID_RECORD),
        ("a batch cut short", good.slice(..good.len() - 1), INVALID_RECORD),
        ("no batch", Bytes::new(), INVALID_RECORD),
    ];
    for (what, bytes, code) in cases {
        let response = client.produce("t", 0, bytes);
        assert_eq!(response.error_code, code, "{what}: {:?}", response.error_message);
        assert!(response.error_message.is_some_and(|text| !text.is_empty()), "{what}");
    }
    let mut acks = produce_request("t", 0, good);
    acks.acks = 5;
    let response = client.call(crate::wire::PRODUCE, &acks);
    let code = response.responses[0].partition_responses[0].error_code;
    assert_eq!(code, INVALID_REQUIRED_ACKS);
    assert_eq!(client.produced("t", 0, &[b"first"]), 0, "nothing was appended");
}

#[test]
fn a_repeated_batch_of_an_idempotent_producer_is_answered_and_not_appended_again() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    let request = InitProducerIdRequest {
        transaction_timeout_ms: 60_000,
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::NONE,
        ..Default::default()
    };
    let given = client.call(4, &request);
    assert_eq!(given.error_code, 0);
    let numbered = |sequence: i32, value: &[u8]| {
        let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
        let base_sequence = Sequence::new(sequence);
        builder.producer(Producer {
            id: given.producer_id,
            epoch: given.producer_epoch,
            base_sequence,
        });
        fill(&mut builder, &[value]);
        builder.finish().unwrap()
    };
    for _ in 0..3 {
        let response = client.produce("t", 0, numbered(0, b"once"));
        assert_eq!((response.error_code, response.base_offset.get()), (0, 0));
    }
    let gap = client.produce("t", 0, numbered(2, b"too early"));
    assert_eq!(gap.error_code, OUT_OF_ORDER_SEQUENCE_NUMBER);
    let next = client.produce("t", 0, numbered(1, b"next"));
    assert_eq!((next.error_code, next.base_offset.get()), (0, 1));
    assert_eq!(client.values("t", 0, 0), ["once", "next"]);
}

#[test]
fn a_transactional_id_is_refused_with_a_clear_error() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    let request = InitProducerIdRequest {
        transactional_id: Some(Str::from("tx")),
        transaction_timeout_ms: 60_000,
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::NONE,
        ..Default::default()
    };
    assert_ne!(client.call(4, &request).error_code, 0);
    assert_eq!(client.metadata(&[]).error_code, 0, "the connection goes on");
}

#[test]
fn api_versions_that_is_too_new_is_answered_in_version_0_with_the_range_to_ask_in() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    // The body is in a layout that the node cannot know.
    let mut frame = frame_of(77, 3, &versions_request());
    frame[6..8].copy_from_slice(&99i16.to_be_bytes());
    client.send_bytes(&frame).unwrap();
    let answer = client.receive_frame().unwrap();
    assert_eq!(answer[..4], 77i32.to_be_bytes());
    let mut reader = Reader::new(answer.slice(4..));
    let response = ApiVersionsResponse::decode(&mut reader, 0).unwrap();
    reader.finish().unwrap();
    assert_eq!(response.error_code, UNSUPPORTED_VERSION);
    let own = &response.api_keys[0];
    assert_eq!((own.api_key, own.min_version), (18, 0));
    // The same connection asks again in a version that was named.
    assert_eq!(client.call(own.max_version.min(4), &versions_request()).error_code, 0);
}

#[test]
fn client_that_says_no_name_and_version_of_its_software_is_told_so_and_nothing_else() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    let bad = ["", "-", ".a", "a.", "a b", "a_b", "\u{e4}"];
    for text in bad {
        let unnamed =
            ApiVersionsRequest { client_software_name: text.into(), ..versions_request() };
        let of_no_version =
            ApiVersionsRequest { client_software_version: text.into(), ..versions_request() };
        for request in [unnamed, of_no_version] {
            let refusal = ApiVersionsResponse { error_code: INVALID_REQUEST, ..Default::default() };
            for version in 3..=5 {
                assert_eq!(client.call(version, &request), refusal, "{text:?}, v{version}");
            }
            // Before v3 there is no such word.
            assert_eq!(client.call(2, &request).error_code, 0);
        }
    }
    for (name, version) in [("a", "1"), ("apache-kafka-java", "4.3.1"), ("A.b--c", "0")] {
        let request = ApiVersionsRequest {
            client_software_name: name.into(),
            client_software_version: version.into(),
            ..Default::default()
        };
        assert_eq!(client.call(3, &request).error_code, 0, "{name} {version}");
    }
    // A node counts only with its cluster, and a cluster only with one of its nodes.
    let half = ApiVersionsRequest { node_id: BrokerId::new(1), ..versions_request() };
    assert_eq!(client.call(5, &half).error_code, INVALID_REQUEST);
    let half = ApiVersionsRequest { cluster_id: Some("c".into()), ..versions_request() };
    assert_eq!(client.call(5, &half).error_code, INVALID_REQUEST);
    let of_another = ApiVersionsRequest { node_id: BrokerId::new(1), ..half };
    let refusal = ApiVersionsResponse { error_code: REBOOTSTRAP_REQUIRED, ..Default::default() };
    assert_eq!(client.call(5, &of_another), refusal);
}

#[test]
fn api_versions_names_produce_from_version_0_and_nothing_that_is_not_served() {
    let rig = Rig::new();
    let node = rig.start("");
    let response = node.connect().call(3, &versions_request());
    let range = |key: ApiKey| {
        let found = response.api_keys.iter().find(|api| api.api_key == key.code());
        found.map(|api| (api.min_version, api.max_version))
    };
    assert_eq!(range(ApiKey::Produce).map(|(min, _)| min), Some(0));
    for unbuilt in [ApiKey::AddPartitionsToTxn, ApiKey::SaslHandshake, ApiKey::CreateAcls] {
        assert_eq!(range(unbuilt), None, "{unbuilt:?}");
    }
    // Every request that is named is decoded in every version that is named: one with a body that
    // is not there ends the connection instead of the node.
    for api in &response.api_keys {
        for version in [api.min_version, api.max_version] {
            let mut client = node.connect();
            let mut frame = vec![0, 0, 0, 10];
            frame.extend(api.api_key.to_be_bytes());
            frame.extend(version.to_be_bytes());
            frame.extend([0, 0, 0, 1, 0xff, 0xff]);
            client.send_bytes(&frame).unwrap();
            client.half_close();
            client.until_closed();
        }
    }
    assert_eq!(node.connect().metadata(&[]).error_code, 0);
}

#[test]
fn an_unknown_api_key_or_version_closes_the_connection_and_nothing_else() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut bystander = node.connect();
    for (key, version) in [(999i16, 0i16), (-1, 0), (ApiKey::Fetch.code(), 0), (0, 99), (3, -1)] {
        let mut client = node.connect();
        let mut frame = vec![0, 0, 0, 10];
        frame.extend(key.to_be_bytes());
        frame.extend(version.to_be_bytes());
        frame.extend([0, 0, 0, 1, 0xff, 0xff]);
        client.send_bytes(&frame).unwrap();
        assert_eq!(client.until_closed(), [], "key {key} version {version}");
    }
    assert_eq!(bystander.metadata(&[]).error_code, 0);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    // A fetch that waits stands in front: what comes after it is done, but answered after it.
    let mut waiting = fetch_request(&[("t", 0, 0)]);
    (waiting.max_wait_ms, waiting.min_bytes) = (30_000, 1);
    let first = client.send(FETCH, &waiting);
    let others: Vec<i32> = (0..20)
        .map(|number: u8| {
            let request = produce_request("t", 0, batch(&[&[number]]));
            client.send(crate::wire::PRODUCE, &request)
        })
        .collect();
    let (id, fetched) = client.receive::<FetchRequest>(FETCH);
    assert_eq!(id, first);
    assert!(!values_of(&fetched.responses[0].partitions[0].records).is_empty());
    for (offset, expected) in others.into_iter().enumerate() {
        let (id, response) =
            client.receive::<protocol::messages::ProduceRequest>(crate::wire::PRODUCE);
        assert_eq!(id, expected);
        let partition = &response.responses[0].partition_responses[0];
        assert_eq!((partition.error_code, partition.base_offset.get()), (0, offset as i64));
    }
}

/// A fetch within a session; the partitions are named as in [`fetch_request`].
fn in_session(
    client: &mut Wire,
    session: (i32, i32),
    partitions: &[(&str, i32, i64)],
    forgotten: &[(&str, i32)],
) -> fetch_response::FetchResponse {
    let mut request = fetch_request(partitions);
    (request.session_id, request.session_epoch) = session;
    request.forgotten_topics_data = forgotten
        .iter()
        .map(|(topic, partition)| fetch_request::ForgottenTopic {
            topic: Str::from(*topic),
            partitions: vec![PartitionIndex::new(*partition)],
            ..Default::default()
        })
        .collect();
    client.call(FETCH, &request)
}

/// The partitions of an answer with the number of their records.
fn told(response: &fetch_response::FetchResponse) -> Vec<(i32, usize)> {
    assert_eq!(response.error_code, 0);
    let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    let counts =
        partitions.map(|data| (data.partition_index.get(), values_of(&data.records).len()));
    counts.collect()
}

#[test]
fn a_fetch_session_tells_only_what_is_new() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 3, &[]);
    let all = [("t", 0, 0), ("t", 1, 0), ("t", 2, 0)];
    let opened = in_session(&mut client, (0, 0), &all, &[]);
    assert_eq!(told(&opened), [(0, 0), (1, 0), (2, 0)], "the first answer names them all");
    let session = opened.session_id;
    assert_ne!(session, 0);
    assert_eq!(told(&in_session(&mut client, (session, 1), &[], &[])), []);
    client.produced("t", 1, &[b"x"]);
    assert_eq!(told(&in_session(&mut client, (session, 2), &[], &[])), [(1, 1)]);
    // It reads on; a repeated epoch or another is refused, and does not harm the session.
    assert_eq!(told(&in_session(&mut client, (session, 3), &[("t", 1, 1)], &[])), []);
    for epoch in [3, 9] {
        let refused = in_session(&mut client, (session, epoch), &[], &[]);
        assert_eq!(refused.error_code, INVALID_FETCH_SESSION_EPOCH);
    }
    client.produced("t", 2, &[b"y"]);
    client.produced("t", 0, &[b"z"]);
    assert_eq!(told(&in_session(&mut client, (session, 4), &[], &[("t", 2)])), [(0, 1)]);
    let other = in_session(&mut client, (session.wrapping_add(1), 1), &[], &[]);
    assert_eq!(other.error_code, FETCH_SESSION_ID_NOT_FOUND);
    // The last epoch closes it.
    let closed = in_session(&mut client, (session, -1), &[("t", 0, 0)], &[]);
    assert_eq!((closed.session_id, told(&closed)), (0, vec![(0, 1)]));
    let gone = in_session(&mut client, (session, 5), &[], &[]);
    assert_eq!(gone.error_code, FETCH_SESSION_ID_NOT_FOUND);
}

#[test]
fn more_partitions_than_a_cluster_can_hold_are_refused_before_anything_is_made_of_them() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("grows", 1, &[]);
    let before = node.memory_max();
    let created = client.create_topic("huge", i32::MAX, &[]);
    assert_eq!(created.error_code, POLICY_VIOLATION, "{:?}", created.error_message);
    let request = CreatePartitionsRequest {
        topics: vec![create_partitions_request::CreatePartitionsTopic {
            name: Str::from("grows"),
            count: i32::MAX,
            assignments: None,
        }],
        timeout_ms: 30_000,
        validate_only: false,
    };
    let grown = client.call(3, &request);
    assert_eq!(grown.results[0].error_code, POLICY_VIOLATION);
    assert!(grown.results[0].error_message.as_ref().is_some_and(|text| !text.is_empty()));
    assert!(node.memory_max() < before + (8 << 20), "it took {} bytes", node.memory_max() - before);
    assert_eq!(client.topic("grows").partitions.len(), 1);
}

#[test]
fn produce_without_acknowledgement_has_no_answer_and_a_failed_one_closes_the_connection() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    let mut request = produce_request("t", 0, batch(&[b"a"]));
    request.acks = 0;
    client.send(crate::wire::PRODUCE, &request);
    // The next answer is the one to this.
    assert_eq!(client.produced("t", 0, &[b"b"]), 1);
    let mut request = produce_request("t", 9, batch(&[b"a"]));
    request.acks = 0;
    client.send(crate::wire::PRODUCE, &request);
    assert_eq!(client.until_closed(), []);
}
