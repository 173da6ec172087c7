//! Clients from before record batches, and topics that keep their records in another codec than the
//! producers': what they send is stored as batches, in order, within bounds.

use bytes::Bytes;
use model::{Offset, Timestamp};
use protocol::messages::{ProduceRequest, fetch_response, produce_response};
use protocol::{Records, Str};
use records::{
    BatchBuilder, BatchHeader, Batches, Compression, DownConversion, OldFormat, TimestampType,
    down_convert,
};

use crate::rig::Rig;
use crate::wire::{Wire, batch, fetch_request, fill, produce_request, values_of};

const CORRUPT_MESSAGE: i16 = 2;
const MESSAGE_TOO_LARGE: i16 = 10;
const INVALID_TIMESTAMP: i16 = 32;
const UNSUPPORTED_VERSION: i16 = 35;
const UNSUPPORTED_COMPRESSION_TYPE: i16 = 76;
const INVALID_RECORD: i16 = 87;

/// Versions of requests from before record batches.
const PRODUCE_V1: i16 = 2;
const FETCH_V0: i16 = 1;
const FETCH_V1: i16 = 3;

fn compressed(codec: Compression, values: &[&[u8]]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, codec);
    fill(&mut builder, values);
    builder.finish().unwrap()
}

fn messages(format: OldFormat, batch: &[u8]) -> Bytes {
    let conversion = DownConversion {
        format,
        first_offset: Offset::ZERO,
        bytes_max: 1 << 20,
        uncompressed_bytes_max: 1 << 20,
    };
    down_convert(batch, &conversion).unwrap().bytes.into()
}

fn produce(
    client: &mut Wire,
    version: i16,
    topic: &str,
    records: Bytes,
) -> produce_response::PartitionProduceResponse {
    let mut response = client.call(version, &produce_request(topic, 0, records));
    response.responses.remove(0).partition_responses.remove(0)
}

fn fetch(client: &mut Wire, version: i16, topic: &str, from: i64) -> fetch_response::PartitionData {
    let mut response = client.call(version, &fetch_request(&[(topic, 0, from)]));
    response.responses.remove(0).partitions.remove(0)
}

fn headers(records: &Records) -> Vec<BatchHeader> {
    Batches::new(records.as_bytes().unwrap()).map(|batch| batch.unwrap().0).collect()
}

#[test]
fn topic_keeps_its_records_in_its_own_codec_whatever_producers_send() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    let kept = [
        ("uncompressed", Compression::None),
        ("gzip", Compression::Gzip),
        ("snappy", Compression::Snappy),
        ("lz4", Compression::Lz4),
        ("zstd", Compression::Zstd),
    ];
    for (name, codec) in kept {
        client.with_topic(name, 1, &[("compression.type", name)]);
        let mut expected = Vec::new();
        for sent in Compression::ALL {
            let value = format!("sent in {sent}");
            client.produce(name, 0, compressed(sent, &[value.as_bytes(), b"second"]));
            expected.extend([Bytes::from(value), Bytes::from_static(b"second")]);
        }
        let old = messages(OldFormat::V1, &compressed(Compression::Gzip, &[b"old"]));
        assert_eq!(produce(&mut client, PRODUCE_V1, name, old).base_offset, Offset::new(10));
        expected.push(Bytes::from_static(b"old"));
        let stored = client.fetch(name, 0, 0).records;
        assert!(headers(&stored).iter().all(|batch| batch.compression() == Ok(codec)), "{name}");
        assert_eq!(client.values(name, 0, 0), expected, "{name}");
    }
    // Clients from before zstd cannot be served what is stored in it, and are told so.
    assert_eq!(fetch(&mut client, 9, "zstd", 0).error_code, UNSUPPORTED_COMPRESSION_TYPE);
    assert_eq!(fetch(&mut client, 9, "gzip", 0).error_code, 0);
}

#[test]
fn requests_sent_at_once_are_appended_in_order_whether_they_need_a_conversion_or_not() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("compression.type", "gzip")]);
    let mut expected = Vec::new();
    for number in 0..60 {
        let codec = if number % 3 == 0 { Compression::Gzip } else { Compression::None };
        let value = format!("{number}");
        client.send(12, &produce_request("t", 0, compressed(codec, &[value.as_bytes()])));
        expected.push(Bytes::from(value));
    }
    for number in 0..60 {
        let (_, response) = client.receive::<ProduceRequest>(12);
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!((answer.error_code, answer.base_offset.get()), (0, number));
    }
    assert_eq!(client.values("t", 0, 0), expected);
}

#[test]
fn append_time_reaches_clients_of_old_formats() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("message.timestamp.type", "LogAppendTime")]);
    for codec in [Compression::None, Compression::Lz4] {
        let old = messages(OldFormat::V1, &compressed(codec, &[b"a", b"b"]));
        let answer = produce(&mut client, PRODUCE_V1, "t", old);
        assert_eq!(answer.error_code, 0);
        assert!(answer.log_append_time_ms > 0);
        let read = fetch(&mut client, FETCH_V1, "t", answer.base_offset.get());
        for message in headers(&read.records) {
            assert_eq!(message.timestamp_type(), TimestampType::LogAppendTime);
            assert_eq!(message.max_timestamp, Timestamp::new(answer.log_append_time_ms));
        }
    }
}

#[test]
fn old_messages_are_refused_where_batches_must_stand_and_when_they_break_the_rules() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("message.timestamp.difference.max.ms", "60000")]);
    let good = messages(OldFormat::V1, &compressed(Compression::Gzip, &[b"value"]));
    assert_eq!(produce(&mut client, 3, "t", good.clone()).error_code, INVALID_RECORD);
    let mut damaged = good.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(produce(&mut client, PRODUCE_V1, "t", damaged.into()).error_code, CORRUPT_MESSAGE);
    let zstd = compressed(Compression::Zstd, &[b"value"]);
    let answer = produce(&mut client, 6, "t", zstd);
    assert_eq!(answer.error_code, UNSUPPORTED_COMPRESSION_TYPE);
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::Snappy);
    builder.append(Timestamp::new(1000), None, Some(b"of 1970"), []).unwrap();
    let early = messages(OldFormat::V1, &builder.finish().unwrap());
    assert_eq!(produce(&mut client, PRODUCE_V1, "t", early).error_code, INVALID_TIMESTAMP);
    // A set that was cut before its first message ended is empty, and that is no error.
    let nothing = produce(&mut client, PRODUCE_V1, "t", good.slice(..20));
    assert_eq!((nothing.error_code, nothing.base_offset.get()), (0, -1));
    assert_eq!(produce(&mut client, PRODUCE_V1, "t", good).base_offset, Offset::ZERO);
}

#[test]
fn records_that_are_refused_are_named_to_clients_that_know_of_such_errors() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("message.timestamp.before.max.ms", "60000")]);
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    fill(&mut builder, &[b"in time"]);
    builder.append(Timestamp::new(1000), None, Some(b"of 1970"), []).unwrap();
    let answer = client.produce("t", 0, builder.finish().unwrap());
    assert_eq!(answer.error_code, INVALID_TIMESTAMP);
    let named: Vec<i32> = answer.record_errors.iter().map(|error| error.batch_index).collect();
    assert_eq!(named, [1]);
    assert!(answer.error_message.unwrap_or(Str::EMPTY).contains("record 1"));
}

#[test]
fn compacted_topic_names_the_records_without_key_that_it_refuses() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("cleanup.policy", "compact")]);
    let keyed = |codec, keys: &[Option<&[u8]>]| {
        let mut builder = BatchBuilder::new(Offset::ZERO, codec);
        for key in keys {
            builder.append(Timestamp::NONE, *key, Some(b"value"), []).unwrap();
        }
        builder.finish().unwrap()
    };
    for codec in [Compression::None, Compression::Lz4] {
        let answer = client.produce("t", 0, keyed(codec, &[Some(b"k"), None, Some(b""), None]));
        let named: Vec<i32> = answer.record_errors.iter().map(|error| error.batch_index).collect();
        assert_eq!((answer.error_code, named), (INVALID_RECORD, vec![1, 3]), "{codec}");
        let old = messages(OldFormat::V1, &keyed(codec, &[None]));
        assert_eq!(produce(&mut client, PRODUCE_V1, "t", old).error_code, INVALID_RECORD);
        assert_eq!(client.produce("t", 0, keyed(codec, &[Some(b"k")])).error_code, 0);
    }
    assert_eq!(client.values("t", 0, 0).len(), 2);
}

#[test]
fn decompression_bomb_is_refused_while_others_are_served() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    let small = ("max.message.bytes", "16384");
    client.with_topic("t", 1, &[("compression.type", "lz4"), small]);
    client.with_topic("other", 1, &[small]);
    let bomb = compressed(Compression::Zstd, &[&vec![0; 2 << 20]]);
    let old_bomb = compressed(Compression::Lz4, &[&vec![0; 2 << 20]]);
    assert!(bomb.len() < 16384 && old_bomb.len() < 16384);
    client.send(12, &produce_request("t", 0, bomb.clone()));
    let mut neighbour = node.connect();
    assert_eq!(neighbour.produced("other", 0, &[b"value"]), 0);
    let (_, response) = client.receive::<ProduceRequest>(12);
    let answer = &response.responses[0].partition_responses[0];
    assert_eq!(answer.error_code, INVALID_RECORD);
    let message = answer.error_message.clone().unwrap_or(Str::EMPTY);
    assert!(message.contains("decompresses to more than"), "{message}");
    // Where somebody has set a bound, it is that one.
    let set = ("max.decompressed.message.bytes", "4194304");
    client.with_topic("set", 1, &[("compression.type", "lz4"), small, set]);
    assert_eq!(client.produce("set", 0, bomb).error_code, 0);
    // Where it was stored as it came, a consumer of an old format is refused it.
    assert_eq!(client.produce("other", 0, old_bomb).error_code, 0);
    assert_eq!(values_of(&fetch(&mut neighbour, FETCH_V0, "other", 0).records).len(), 1);
    assert_eq!(fetch(&mut neighbour, FETCH_V0, "other", 1).error_code, MESSAGE_TOO_LARGE);
}

#[test]
fn topic_that_is_not_to_be_converted_tells_old_clients_so() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[("message.downconversion.enable", "false")]);
    client.produce("t", 0, batch(&[b"value"]));
    assert_eq!(fetch(&mut client, FETCH_V1, "t", 0).error_code, UNSUPPORTED_VERSION);
    assert_eq!(fetch(&mut client, 4, "t", 0).error_code, 0);
}

#[test]
fn consumers_of_old_formats_are_served_while_others_take_nothing_of_their_answers() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    for _ in 0..10 {
        client.produced("t", 0, &[&vec![7; 900 << 10]]);
    }
    let mut much = fetch_request(&[("t", 0, 0)]);
    much.topics[0].partitions[0].partition_max_bytes = 16 << 20;
    let mut stalled: Vec<Wire> = (0..60).map(|_| node.connect()).collect();
    stalled.iter_mut().for_each(|stalled| {
        stalled.send(FETCH_V1, &much);
    });
    for offset in 0..10 {
        let read = fetch(&mut client, FETCH_V1, "t", offset);
        assert_eq!(read.error_code, 0);
        let offsets: Vec<i64> =
            values_of(&read.records).iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, [offset]);
    }
    assert!(node.output().contains("others wait for the memory that it holds"));
    // Those that lost their connections may come again, and are served when they read.
    let mut again = node.connect();
    assert!(!values_of(&fetch(&mut again, FETCH_V1, "t", 0).records).is_empty());
}

#[test]
fn tiny_records_are_served_in_old_formats_though_they_grow_above_what_they_may_decompress_to() {
    let rig = Rig::new();
    let node = rig.start("max.decompressed.message.bytes=500000");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    let tiny = compressed(Compression::Gzip, &vec![&b"ab"[..]; 40_000]);
    assert_eq!(client.produce("t", 0, tiny).error_code, 0);
    for version in [FETCH_V0, FETCH_V1] {
        let read = fetch(&mut client, version, "t", 0);
        assert_eq!(read.error_code, 0);
        let format = if version == FETCH_V0 { OldFormat::V0 } else { OldFormat::V1 };
        let header = &headers(&read.records)[0];
        assert_eq!((header.old_format(), header.next_offset().get()), (Some(format), 40_000));
    }
}
