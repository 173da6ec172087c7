//! The records of `__consumer_offsets`, in Kafka's bytes: offsets and groups, and their tombstones.
//! Other types of records in the topic (the newer group protocols) are told apart and left alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use model::Timestamp;
use protocol::data::group_metadata_value::MemberMetadata;
use protocol::data::{
    GroupMetadataKey, GroupMetadataValue, LegacyOffsetCommitKey, OffsetCommitKey, OffsetCommitValue,
};
use protocol::record::{decode_key_type, decode_value, encode_key, encode_value};
use protocol::{DecodeError, EncodeError, Message, Reader, Str};

use crate::group::{Group, Member};
use crate::offsets::{CommittedOffset, OffsetKey};
use crate::request::Protocol;
use crate::writes::Record;

const LEGACY_OFFSET_TYPE: i16 = 0;
const OFFSET_TYPE: i16 = 1;
const GROUP_TYPE: i16 = 2;

/// Without an expiry of its own, as Kafka 4 writes it.
const OFFSET_VERSION: i16 = 4;
/// The one version that has room for an expiry.
const OFFSET_WITH_EXPIRY_VERSION: i16 = 1;
const GROUP_VERSION: i16 = 3;

/// A record that is not what its type says. The shard must not serve the partition's groups as if
/// the record were not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a record of __consumer_offsets cannot be read: {0}; look at it with kafka-dump-log.sh --offsets-decoder"
)]
pub struct RecordError(#[from] DecodeError);

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// It is part of the state now.
    Applied,
    /// It is of a type that this coordinator does not know.
    Unknown(i16),
}

/// A record, read.
#[derive(Debug)]
pub(crate) enum Loaded {
    Offset(OffsetKey, Option<CommittedOffset>),
    Group(Arc<str>, Option<LoadedGroup>),
    Unknown(i16),
}

/// A group as its record has it.
#[derive(Debug)]
pub(crate) struct LoadedGroup {
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<Arc<str>>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) members: Vec<Member>,
}

pub(crate) fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Loaded, RecordError> {
    let mut reader = Reader::new(key.clone());
    match decode_key_type(&mut reader)? {
        OFFSET_TYPE => {
            let key = OffsetCommitKey::decode(&mut reader, 0)?;
            decode_offset(&key.group, &key.topic, key.partition, value)
        }
        LEGACY_OFFSET_TYPE => {
            let key = LegacyOffsetCommitKey::decode(&mut reader, 0)?;
            decode_offset(&key.group, &key.topic, key.partition, value)
        }
        GROUP_TYPE => {
            let key = GroupMetadataKey::decode(&mut reader, 0)?;
            let value = value.map(|value| decode_group(value.clone())).transpose()?;
            Ok(Loaded::Group(arc(&key.group), value))
        }
        unknown => Ok(Loaded::Unknown(unknown)),
    }
}

fn decode_offset(
    group: &Str,
    topic: &Str,
    partition: model::PartitionIndex,
    value: Option<&Bytes>,
) -> Result<Loaded, RecordError> {
    let key = OffsetKey { group: arc(group), topic: arc(topic), partition };
    let Some(value) = value else { return Ok(Loaded::Offset(key, None)) };
    let value: OffsetCommitValue = decode_value(value.clone())?;
    let offset = CommittedOffset {
        offset: value.offset,
        leader_epoch: value.leader_epoch,
        metadata: arc(&value.metadata),
        committed_at: Timestamp::new(value.commit_timestamp),
        expires_at: timestamp(value.expire_timestamp),
        topic_id: value.topic_id,
    };
    Ok(Loaded::Offset(key, Some(offset)))
}

fn decode_group(value: Bytes) -> Result<LoadedGroup, RecordError> {
    let value: GroupMetadataValue = decode_value(value)?;
    let protocol = value.protocol.as_ref().map(arc);
    let member = |member: MemberMetadata| Member {
        id: arc(&member.member_id),
        instance: member.group_instance_id.as_ref().map(arc),
        client_id: arc(&member.client_id),
        client_host: arc(&member.client_host),
        session_timeout_ms: member.session_timeout,
        // Records from before the field had one timeout for both.
        rebalance_timeout_ms: match member.rebalance_timeout {
            -1 => member.session_timeout,
            timeout => timeout,
        },
        protocols: vec![Protocol {
            name: protocol.clone().unwrap_or_else(|| "".into()),
            metadata: Bytes::copy_from_slice(&member.subscription),
        }],
        assignment: Bytes::copy_from_slice(&member.assignment),
        awaiting_join: None,
        awaiting_sync: None,
        is_new: false,
    };
    Ok(LoadedGroup {
        generation: value.generation,
        protocol_type: Some(arc(&value.protocol_type)).filter(|name| !name.is_empty()),
        leader: value.leader.as_ref().map(arc),
        since: timestamp(value.current_state_timestamp),
        members: value.members.into_iter().map(member).collect(),
        protocol,
    })
}

pub(crate) fn offset(key: &OffsetKey, value: &CommittedOffset) -> Result<Record, EncodeError> {
    let version =
        if value.expires_at.is_some() { OFFSET_WITH_EXPIRY_VERSION } else { OFFSET_VERSION };
    let value = OffsetCommitValue {
        offset: value.offset,
        leader_epoch: value.leader_epoch,
        metadata: text(&value.metadata),
        commit_timestamp: value.committed_at.get(),
        expire_timestamp: value.expires_at.unwrap_or(Timestamp::NONE).get(),
        topic_id: value.topic_id,
    };
    Ok(Record { key: offset_key(key)?, value: Some(encode_value(&value, version)?) })
}

pub(crate) fn offset_tombstone(key: &OffsetKey) -> Result<Record, EncodeError> {
    Ok(Record { key: offset_key(key)?, value: None })
}

fn offset_key(key: &OffsetKey) -> Result<Bytes, EncodeError> {
    encode_key(&OffsetCommitKey {
        group: text(&key.group),
        topic: text(&key.topic),
        partition: key.partition,
    })
}

/// The group with the assignments given; who is not among them has an empty one.
pub(crate) fn group(
    group: &Group,
    assignments: &BTreeMap<Arc<str>, Bytes>,
) -> Result<Record, EncodeError> {
    let protocol = group.protocol.as_deref().unwrap_or_default();
    let member = |member: &Member| MemberMetadata {
        member_id: text(&member.id),
        group_instance_id: member.instance.as_ref().map(|instance| text(instance)),
        client_id: text(&member.client_id),
        client_host: text(&member.client_host),
        rebalance_timeout: member.rebalance_timeout_ms,
        session_timeout: member.session_timeout_ms,
        subscription: member.metadata(protocol),
        assignment: assignments.get(&member.id).cloned().unwrap_or_default(),
    };
    let value = GroupMetadataValue {
        protocol_type: text(group.protocol_type.as_deref().unwrap_or_default()),
        generation: group.generation,
        protocol: group.protocol.as_deref().map(text),
        leader: group.leader.as_deref().map(text),
        current_state_timestamp: group.state_since.unwrap_or(Timestamp::NONE).get(),
        members: group.members().map(member).collect(),
    };
    group_record(&group.id, &value)
}

/// A group of which nothing is known but that it is there.
pub(crate) fn new_group(group: &Group) -> Result<Record, EncodeError> {
    let value = GroupMetadataValue {
        current_state_timestamp: group.state_since.unwrap_or(Timestamp::NONE).get(),
        protocol: None,
        leader: None,
        ..GroupMetadataValue::default()
    };
    group_record(&group.id, &value)
}

fn group_record(id: &str, value: &GroupMetadataValue) -> Result<Record, EncodeError> {
    Ok(Record { key: group_key(id)?, value: Some(encode_value(value, GROUP_VERSION)?) })
}

pub(crate) fn group_tombstone(id: &str) -> Result<Record, EncodeError> {
    Ok(Record { key: group_key(id)?, value: None })
}

fn group_key(id: &str) -> Result<Bytes, EncodeError> {
    encode_key(&GroupMetadataKey { group: text(id) })
}

fn text(text: &str) -> Str {
    Str::from(text)
}

fn arc(text: &Str) -> Arc<str> {
    Arc::from(text.as_str())
}

fn timestamp(ms: i64) -> Option<Timestamp> {
    (ms != Timestamp::NONE.get()).then(|| Timestamp::new(ms))
}
