//! What records look like.

use bytes::Bytes;
use model::{LeaderEpoch, Offset, PartitionIndex, Timestamp};
use records::{Header, TimestampType};

use super::*;

fn record() -> ConsumerRecord {
    let header = |key: &str, value: Option<&'static str>| Header {
        key: key.into(),
        value: value.map(|value| Bytes::from_static(value.as_bytes())),
    };
    ConsumerRecord {
        topic: "t".into(),
        partition: PartitionIndex::new(1),
        offset: Offset::new(7),
        leader_epoch: LeaderEpoch::new(3),
        timestamp: Timestamp::new(1000),
        timestamp_type: TimestampType::CreateTime,
        key: Some(Bytes::from_static(b"k")),
        value: Some(Bytes::from_static(b"v")),
        headers: vec![header("a", Some("1")), header("b", None)],
    }
}

fn properties(words: &str) -> Pairs {
    let pair = |word: &str| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    words.split_whitespace().map(pair).collect()
}

fn text(words: &str, record: &ConsumerRecord) -> String {
    let formatter = Formatter::new(None, &properties(words)).unwrap();
    let mut out = Vec::new();
    formatter.write(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn value_alone_is_written_by_itself() {
    assert_eq!(text("", &record()), "v\n");
}

#[test]
fn all_parts_come_in_kafkas_order() {
    let all = "print.timestamp=true print.partition=true print.offset=true print.epoch=true \
               print.headers=true print.key=true print.delivery=true";
    assert_eq!(
        text(all, &record()),
        "CreateTime:1000\tPartition:1\tOffset:7\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\ta:1,b:null\tk\tv\n"
    );
}

#[test]
fn last_part_ends_the_line_and_no_part_writes_nothing() {
    assert_eq!(text("print.key=true print.value=false", &record()), "k\n");
    assert_eq!(text("print.value=false", &record()), "");
}

#[test]
fn what_is_not_there_is_said_so() {
    let mut record = record();
    record.headers.clear();
    record.key = None;
    record.timestamp = Timestamp::new(-1);
    assert_eq!(
        text("print.timestamp=true print.headers=true print.key=true null.literal=NIL", &record),
        "NO_TIMESTAMP\tNO_HEADERS\tNIL\tv\n"
    );
}

#[test]
fn separators_can_be_chosen() {
    let words =
        "print.key=true print.headers=true key.separator=| line.separator=; headers.separator=&";
    assert_eq!(text(words, &record()), "a:1&b:null|k|v;");
}

#[test]
fn deserializers_are_known_by_name() {
    let mut record = record();
    record.value = Some(Bytes::copy_from_slice(&42_i64.to_be_bytes()));
    for class in ["LongDeserializer", "org.apache.kafka.common.serialization.LongDeserializer"] {
        assert_eq!(text(&format!("value.deserializer={class}"), &record), "42\n");
    }
    record.value = Some(Bytes::copy_from_slice(&1.5_f64.to_be_bytes()));
    assert_eq!(text("value.deserializer=DoubleDeserializer", &record), "1.5\n");
    record.value = Some(Bytes::from_static(b"short"));
    let formatter =
        Formatter::new(None, &properties("value.deserializer=LongDeserializer")).unwrap();
    let error = formatter.write(&record, &mut Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "the deserializer needs 8 bytes, not 5");
    let error = Formatter::new(None, &properties("value.deserializer=com.x.Avro")).unwrap_err();
    assert!(error.to_string().contains("Java classes cannot be loaded here"));
}

#[test]
fn formatters_are_known_by_name() {
    for class in [
        "org.apache.kafka.tools.consumer.DefaultMessageFormatter",
        "kafka.tools.DefaultMessageFormatter",
    ] {
        assert!(matches!(Formatter::new(Some(class), &Vec::new()), Ok(Formatter::Parts(_))));
    }
    assert!(matches!(
        Formatter::new(Some("kafka.tools.NoOpMessageFormatter"), &Vec::new()),
        Ok(Formatter::Nothing)
    ));
    assert!(Formatter::new(Some("com.x.Mine"), &Vec::new()).is_err());
    assert_eq!(log_line(&record()), "CreateTime:1000, key:k, value:v");
}
