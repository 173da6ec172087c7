//! Frames, headers, file ranges, and what encoding refuses.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use model::{BrokerId, Offset, PartitionIndex};
use protocol::frame::{
    RequestHead, decode_request, decode_request_header, decode_response_header, encode_request,
    encode_response,
};
use protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use protocol::messages::metadata_request::MetadataRequestTopic;
use protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, DeleteTopicsRequest, FetchResponse,
    FindCoordinatorRequest, MetadataRequest, ProduceRequest,
};
use protocol::{
    ApiKey, Chunk, DecodeError, EncodeError, FileRange, FileRegion, Message, Reader, Records, Str,
};

fn joined(chunks: Vec<Chunk>) -> Bytes {
    let mut bytes = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(piece) => bytes.extend_from_slice(&piece),
            Chunk::File(range) => {
                let mut piece = vec![0; range.length as usize];
                assert_eq!(range.file.read_at(range.position, &mut piece).unwrap(), piece.len());
                bytes.extend_from_slice(&piece);
            }
        }
    }
    bytes.into()
}

/// The frame without its length, which must be right.
fn body(chunks: Vec<Chunk>) -> Reader {
    let frame = joined(chunks);
    let length = u32::from_be_bytes(frame[..4].try_into().unwrap());
    assert_eq!(length as usize, frame.len() - 4);
    Reader::new(frame.slice(4..))
}

#[test]
fn requests_are_read_as_they_were_written() {
    let client_id = Str::from("a client");
    let topic = MetadataRequestTopic { name: Some("numtest".into()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
    for version in [4, 9, 13] {
        let frame = encode_request(7, Some(&client_id), &request, version).unwrap();
        let mut reader = body(frame);
        let head = decode_request_header(&mut reader).unwrap();
        let expected = RequestHead {
            key: 3,
            api: Some(ApiKey::Metadata),
            version,
            correlation_id: 7,
            client_id: Some(client_id.clone()),
        };
        assert_eq!(head, expected);
        assert_eq!(decode_request::<MetadataRequest>(&mut reader, version).unwrap(), request);
    }
}

#[test]
fn the_head_of_an_unknown_request_still_names_what_to_answer() {
    let bytes = Bytes::from_static(&[0x7f, 0xff, 0, 3, 0, 0, 0, 9, 1, 2, 3]);
    let head = decode_request_header(&mut Reader::new(bytes)).unwrap();
    assert_eq!((head.key, head.api, head.version, head.correlation_id), (0x7fff, None, 3, 9));
}

#[test]
fn the_head_of_a_too_new_api_versions_request_is_read() {
    let mut reader = body(encode_request(5, None, &ApiVersionsRequest::default(), 3).unwrap());
    let mut bytes = reader.take_rest().to_vec();
    bytes[2..4].copy_from_slice(&99i16.to_be_bytes());
    let head = decode_request_header(&mut Reader::new(bytes)).unwrap();
    assert_eq!((head.api, head.version, head.correlation_id), (Some(ApiKey::ApiVersions), 99, 5));
}

#[test]
fn api_versions_is_always_answered_under_the_old_header() {
    let header_version = ApiKey::ApiVersions.response_header_version(4);
    assert_eq!(header_version, 0);
    let response = ApiVersionsResponse { error_code: 35, ..Default::default() };
    let (frame, _) = encode_response(5, header_version, &response, 4).unwrap();
    let mut reader = body(frame);
    assert_eq!(decode_response_header(&mut reader, 0).unwrap(), 5);
    assert_eq!(ApiVersionsResponse::decode(&mut reader, 4).unwrap(), response);
}

#[test]
fn header_versions_are_those_of_the_protocol() {
    assert_eq!(ApiKey::ControlledShutdown.request_header_version(0), 0);
    assert_eq!(ApiKey::ControlledShutdown.request_header_version(1), 1);
    assert_eq!(ApiKey::Produce.request_header_version(8), 1);
    assert_eq!(ApiKey::Produce.request_header_version(9), 2);
    assert_eq!(ApiKey::Produce.response_header_version(9), 1);
    assert_eq!(ApiKey::SaslHandshake.request_header_version(1), 1);
    assert_eq!(ApiKey::ALL.len(), 95);
    for &api in ApiKey::ALL {
        assert_eq!(ApiKey::from_code(api.code()), Some(api));
    }
    assert_eq!((ApiKey::from_code(95), ApiKey::from_code(-1)), (None, None));
}

/// A file whose byte at each position is the low byte of the position.
#[derive(Debug)]
struct Positions;

impl FileRegion for Positions {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = (position + index as u64) as u8;
        }
        Ok(buffer.len())
    }

    fn file(&self) -> Option<&std::fs::File> {
        None
    }
}

fn fetch_response(records: [Records; 2]) -> FetchResponse {
    let partitions = records.into_iter().enumerate().map(|(index, records)| PartitionData {
        partition_index: PartitionIndex::new(index as i32),
        high_watermark: Offset::new(10),
        records,
        ..Default::default()
    });
    let topic = FetchableTopicResponse { partitions: partitions.collect(), ..Default::default() };
    FetchResponse { responses: vec![topic], ..Default::default() }
}

#[test]
fn file_ranges_leave_the_encoder_unread_and_in_their_place() {
    let range = |position, length| FileRange { file: Arc::new(Positions), position, length };
    let long = Bytes::from(vec![7; 5000]);
    let first = vec![Chunk::File(range(10, 20)), Chunk::Bytes(long.clone())];
    let response = fetch_response([
        Records::Chunks(first.clone()),
        Records::Chunks(vec![Chunk::File(range(90, 3))]),
    ]);
    for version in [4, 12, 17] {
        let (chunks, _) = encode_response(1, 0, &response, version).unwrap();
        let files = chunks.iter().filter(|chunk| matches!(chunk, Chunk::File(_))).count();
        assert_eq!(files, 2);
        assert!(chunks.contains(&first[1]), "long bytes are referred to, not copied");
        let size = response.size(version).unwrap();
        assert_eq!(chunks.iter().map(Chunk::length).sum::<u64>(), 8 + size as u64);

        let mut reader = body(chunks);
        decode_response_header(&mut reader, 0).unwrap();
        let decoded = FetchResponse::decode(&mut reader, version).unwrap();
        reader.finish().unwrap();
        let partitions = &decoded.responses[0].partitions;
        let bytes = partitions[0].records.as_bytes().unwrap();
        assert_eq!(bytes[..20], (10..30).collect::<Vec<u8>>());
        assert_eq!(bytes[20..], long);
        assert_eq!(partitions[1].records, Records::Bytes(Bytes::from_static(&[90, 91, 92])));
    }
}

#[test]
fn one_buffer_cannot_hold_file_ranges() {
    let range = FileRange { file: Arc::new(Positions), position: 0, length: 1 };
    let response = fetch_response([Records::Chunks(vec![Chunk::File(range)]), Records::Null]);
    let expected = EncodeError::FileRange { message: "FetchResponse" };
    assert_eq!(response.to_bytes(4), Err(expected));
}

#[test]
fn a_field_that_the_version_lacks_is_refused_by_name_unless_it_may_be_dropped() {
    let request = ProduceRequest { transactional_id: Some("id".into()), ..Default::default() };
    let error = request.to_bytes(2).unwrap_err();
    let (message, field) = ("ProduceRequest", "transactional_id");
    assert_eq!(error, EncodeError::FieldNotInVersion { message, field, version: 2 });
    assert_eq!(request.size(2), Err(error));

    // A throttle time means nothing to a client that does not know of it.
    let response = FetchResponse { throttle_time_ms: 5, ..Default::default() };
    assert_eq!(response.to_bytes(0).unwrap(), FetchResponse::default().to_bytes(0).unwrap());
}

#[test]
fn null_is_refused_by_name_where_the_version_has_none() {
    let request = MetadataRequest { topics: None, ..Default::default() };
    let expected = EncodeError::Null { message: "MetadataRequest", field: "topics", version: 0 };
    assert_eq!(request.to_bytes(0), Err(expected));
    assert_eq!(request.to_bytes(1).unwrap(), Bytes::from_static(&[0xff; 4]));
}

#[test]
fn versions_that_do_not_exist_are_refused() {
    let error = MetadataRequest::from_bytes(Bytes::new(), 14).unwrap_err();
    let message = "MetadataRequest";
    assert_eq!(error, DecodeError::Version { message, version: 14, min: 0, max: 13 });
    let error = MetadataRequest::default().to_bytes(-1).unwrap_err();
    assert_eq!(error, EncodeError::Version { message, version: -1, min: 0, max: 13 });
}

#[test]
fn a_count_beyond_the_bytes_is_refused_before_its_elements() {
    let bytes = Bytes::copy_from_slice(&2_000_000_000i32.to_be_bytes());
    let expected = DecodeError::Count { position: 4, count: 2_000_000_000, remaining: 0 };
    assert_eq!(MetadataRequest::from_bytes(bytes, 1), Err(expected));
}

#[test]
fn millions_of_empty_strings_are_refused_and_many_topics_are_not() {
    // Topic names of one byte each, an empty string: 32 times their size in memory.
    let mut bytes = vec![0xff, 0xff, 0xff, 0x07];
    bytes.resize(20_000_000, 1);
    let error = DeleteTopicsRequest::from_bytes(bytes, 4).unwrap_err();
    assert!(matches!(error, DecodeError::Dense { position: 4, .. }), "{error}");

    let name = |index| Some(Str::from(format!("topic-{index}")));
    let topics = (0..100_000).map(|i| MetadataRequestTopic { name: name(i), ..Default::default() });
    let request = MetadataRequest { topics: Some(topics.collect()), ..Default::default() };
    let bytes = request.to_bytes(9).unwrap();
    assert_eq!(MetadataRequest::from_bytes(bytes, 9), Ok(request));
}

#[test]
fn bytes_after_a_message_are_refused() {
    let mut bytes = FindCoordinatorRequest::default().to_bytes(1).unwrap().to_vec();
    bytes.push(0);
    let error = FindCoordinatorRequest::from_bytes(bytes, 1).unwrap_err();
    assert!(matches!(error, DecodeError::Trailing { remaining: 1, .. }), "{error}");
}

/// Captured from librdkafka 2.16.0 (`list_topics` of confluent-kafka), without the length.
#[test]
fn librdkafkas_request_for_all_topics_is_understood_though_bytes_are_left_over() {
    let frame = b"\x00\x03\x00\x0d\x00\x00\x00\x03\x00\x07rdkafka\x00\x00\x00\x00\x00\x01\x00\x00";
    let mut reader = Reader::new(Bytes::from_static(frame));
    let head = decode_request_header(&mut reader).unwrap();
    assert_eq!((head.api, head.version), (Some(ApiKey::Metadata), 13));
    let request = decode_request::<MetadataRequest>(&mut reader, head.version).unwrap();
    // Java reads the same: the flag comes out of the surplus bytes of null.
    assert_eq!((request.topics, request.allow_auto_topic_creation), (None, false));
    assert_eq!(reader.remaining(), 3);
}

#[test]
fn unknown_tagged_fields_are_skipped() {
    let mut bytes = MetadataRequest::default().to_bytes(9).unwrap().to_vec();
    assert_eq!(bytes.pop(), Some(0), "no tagged fields");
    bytes.extend([1, 100, 3, 1, 2, 3]);
    assert_eq!(MetadataRequest::from_bytes(bytes, 9), Ok(MetadataRequest::default()));
}

#[test]
fn defaults_are_those_of_the_schemas() {
    let partition = PartitionData::default();
    assert_eq!(partition.preferred_read_replica, BrokerId::NONE);
    assert_eq!(partition.log_start_offset, Offset::NONE);
    assert!(partition.records.is_null());
    assert!(MetadataRequest::default().allow_auto_topic_creation);
}

#[test]
fn records_of_coordinators_and_metadata_carry_type_and_version() {
    use protocol::data::{OffsetCommitKey, OffsetCommitValue, TopicRecord};
    use protocol::{Record, record};

    let key =
        OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: PartitionIndex::new(3) };
    let bytes = record::encode_key(&key).unwrap();
    assert_eq!(bytes[..], [0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 3]);
    let mut reader = Reader::new(bytes);
    assert_eq!(record::decode_key_type(&mut reader).unwrap(), OffsetCommitKey::TYPE);
    assert_eq!(OffsetCommitKey::decode(&mut reader, 0).unwrap(), key);

    let value = OffsetCommitValue { offset: Offset::new(5), ..Default::default() };
    let bytes = record::encode_value(&value, 3).unwrap();
    assert_eq!(record::decode_value::<OffsetCommitValue>(bytes).unwrap(), value);

    let topic = TopicRecord { name: "t".into(), ..Default::default() };
    let mut reader = Reader::new(record::encode_metadata(&topic, 0).unwrap());
    assert_eq!(record::decode_metadata_type(&mut reader).unwrap(), (TopicRecord::TYPE, 0));
    assert_eq!(TopicRecord::decode(&mut reader, 0).unwrap(), topic);
}
