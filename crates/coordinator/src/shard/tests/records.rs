//! The bytes of records, against those that Kafka 4.3's own classes wrote.

use super::*;
use crate::group::{Group, Member};
use crate::offsets::OffsetKey;
use crate::record;

const OFFSET_KEY: &str = "00010001670005746f70696300000003";
const GROUP_KEY: &str = "0002000167";
const OFFSET_V4: &str = "0004000000000000002a00000007046dc3b60000018bcfe5680000";
const OFFSET_V4_WITH_TOPIC_ID: &str = "0004000000000000002affffffff010000018bcfe5680001001000000000\
    000000010000000000000002";
const OFFSET_V1: &str = "0001000000000000002a00000000018bcfe568000000018bcfe56be8";
const OFFSET_V3: &str = "0003000000000000002a0000000700016d0000018bcfe56800";
const NEW_GROUP_V3: &str = "0003000000000000ffffffff0000018bcfe5680000000000";
const GROUP_V0: &str = "00000008636f6e73756d657200000001000572616e676500016d0000000100016d0006636c\
    69656e74000a2f3132372e302e302e31000027100000000201020000000103";
const GROUP_V1: &str = "00010008636f6e73756d657200000001000572616e676500016d0000000100016d0006636c\
    69656e74000a2f3132372e302e302e310000ea60000027100000000201020000000103";
const GROUP_V2: &str = "00020008636f6e73756d657200000001000572616e676500016d0000018bcfe56800000000\
    0100016d0006636c69656e74000a2f3132372e302e302e310000ea60000027100000000201020000000103";
const GROUP_V3: &str = "00030008636f6e73756d657200000001000572616e676500016d0000018bcfe56800000000\
    0100016d0001690006636c69656e74000a2f3132372e302e302e310000ea60000027100000000201020000000103";
const GROUP_V4: &str = "000409636f6e73756d6572000000010672616e6765026d0000018bcfe5680002026d026907\
    636c69656e740b2f3132372e302e302e310000ea600000271003010202030000";

const TIME: Timestamp = Timestamp::new(1_700_000_000_000);

fn hex(bytes: &Bytes) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("hex digits");
        u8::from_str_radix(pair, 16).expect("hex digits")
    };
    digits.chunks(2).map(byte).collect::<Vec<_>>().into()
}

fn check(record: Record, key: &str, value: Option<&str>) {
    assert_eq!(hex(&record.key), key);
    assert_eq!(record.value.as_ref().map(hex).as_deref(), value);
}

fn offset_key() -> OffsetKey {
    OffsetKey { group: "g".into(), topic: "topic".into(), partition: PartitionIndex::new(3) }
}

fn offset_value() -> CommittedOffset {
    CommittedOffset {
        offset: Offset::new(42),
        leader_epoch: LeaderEpoch::new(7),
        metadata: "mö".into(),
        committed_at: TIME,
        expires_at: None,
        topic_id: Uuid::ZERO,
    }
}

fn group() -> Group {
    let mut group = Group::new("g".into(), TIME);
    group.generation = 1;
    group.protocol = Some("range".into());
    let member = Member {
        id: "m".into(),
        instance: Some("i".into()),
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        protocols: vec![protocol("range", &[1, 2]), protocol("other", &[9])],
        assignment: Bytes::new(),
        awaiting_join: None,
        awaiting_sync: None,
        is_new: false,
    };
    group.add(member, &"consumer".into());
    group
}

#[test]
fn offsets_are_written_as_kafka_writes_them() {
    let key = offset_key();
    let plain = offset_value();
    check(record::offset(&key, &plain).expect("writes"), OFFSET_KEY, Some(OFFSET_V4));
    let mut id = [0; 16];
    (id[7], id[15]) = (1, 2);
    let with_id = CommittedOffset {
        leader_epoch: LeaderEpoch::NONE,
        metadata: "".into(),
        topic_id: Uuid::from_bytes(id),
        ..plain.clone()
    };
    let written = record::offset(&key, &with_id).expect("writes");
    check(written, OFFSET_KEY, Some(OFFSET_V4_WITH_TOPIC_ID));
    let expiring = CommittedOffset {
        metadata: "".into(),
        expires_at: Some(TIME.plus_ms(1_000)),
        ..plain.clone()
    };
    check(record::offset(&key, &expiring).expect("writes"), OFFSET_KEY, Some(OFFSET_V1));
    check(record::offset_tombstone(&key).expect("writes"), OFFSET_KEY, None);
}

#[test]
fn groups_are_written_as_kafka_writes_them() {
    let parts = BTreeMap::from([("m".into(), Bytes::from_static(&[3]))]);
    let written = record::group(&group(), &parts).expect("writes");
    check(written, GROUP_KEY, Some(GROUP_V3));
    let written = record::new_group(&Group::new("g".into(), TIME)).expect("writes");
    check(written, GROUP_KEY, Some(NEW_GROUP_V3));
    check(record::group_tombstone("g").expect("writes"), GROUP_KEY, None);
}

#[test]
fn groups_of_every_version_are_read() {
    for (value, instance, rebalance_timeout_ms) in [
        (GROUP_V0, None, 10_000),
        (GROUP_V1, None, 60_000),
        (GROUP_V2, None, 60_000),
        (GROUP_V3, Some("i"), 60_000),
        (GROUP_V4, Some("i"), 60_000),
    ] {
        let loaded = record::decode(&unhex(GROUP_KEY), Some(&unhex(value))).expect("reads");
        let record::Loaded::Group(id, Some(group)) = loaded else { panic!("not a group") };
        assert_eq!((&*id, group.generation, group.leader.as_deref()), ("g", 1, Some("m")));
        let [member] = &group.members[..] else { panic!("one member") };
        assert_eq!(member.instance.as_deref(), instance);
        assert_eq!(member.rebalance_timeout_ms, rebalance_timeout_ms);
        assert_eq!(member.session_timeout_ms, 10_000);
        assert_eq!(member.protocols, [protocol("range", &[1, 2])]);
        assert_eq!(member.assignment, &[3][..]);
    }
}

#[test]
fn offsets_of_every_version_are_read() {
    // The key of type 0 has the same fields.
    for key in [OFFSET_KEY, "00000001670005746f70696300000003"] {
        for (value, epoch, metadata, expires_at) in [
            (OFFSET_V1, -1, "", Some(TIME.plus_ms(1_000))),
            (OFFSET_V3, 7, "m", None),
            (OFFSET_V4, 7, "mö", None),
            (OFFSET_V4_WITH_TOPIC_ID, -1, "", None),
        ] {
            let loaded = record::decode(&unhex(key), Some(&unhex(value))).expect("reads");
            let record::Loaded::Offset(key, Some(offset)) = loaded else { panic!("no offset") };
            assert_eq!(key, offset_key());
            assert_eq!((offset.offset.get(), offset.leader_epoch.get()), (42, epoch));
            assert_eq!((&*offset.metadata, offset.expires_at), (metadata, expires_at));
        }
    }
}

#[test]
fn records_of_other_types_are_told_apart_and_broken_ones_are_errors() {
    let mut shard = GroupShard::new(GroupConfig::default());
    let newer = unhex("0003000167");
    assert_eq!(shard.replay(&newer, None), Ok(Replayed::Unknown(3)));
    for (key, value) in [
        ("", None),
        ("00", None),
        ("0001", None),
        ("0002ffff", None),
        (OFFSET_KEY, Some("")),
        (OFFSET_KEY, Some("0009")),
        (OFFSET_KEY, Some("0003000000000000002a")),
        (GROUP_KEY, Some("00030008636f6e73756d6572000000017fffffff")),
        (GROUP_KEY, Some("0003000000000000ffffffff0000018bcfe568007fffffff")),
    ] {
        let value = value.map(unhex);
        assert!(shard.replay(&unhex(key), value.as_ref()).is_err(), "{key} {value:?}");
    }
    assert_eq!(shard.group_count(), 0);
}
