//! What coordinators and the metadata quorum store, as JSON: for `dump-log` and for the formatters of
//! `console-consumer`, which print the same records in two forms.

use bytes::Bytes;
use protocol::data::*;
use protocol::record::decode_metadata_type;
use protocol::{DecodeError, Json, JsonObject, Message, Reader, Record, ToJson};

/// The protocol type of groups whose members say what they read in Kafka's own form.
const CONSUMER_PROTOCOL: &str = "consumer";

/// Whose log a record of a coordinator lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coordinator {
    /// `__consumer_offsets`.
    Group,
    /// `__transaction_state`.
    Transaction,
    /// `__share_group_state`.
    Share,
}

/// A record of a coordinator.
#[derive(Debug, PartialEq)]
pub(crate) struct Stored {
    /// The number of its type, which its key begins with.
    pub(crate) kind: i16,
    /// The rest of its key.
    pub(crate) key: Json,
    /// The version of its value and the value; `None` in a tombstone.
    pub(crate) value: Option<(i16, Json)>,
}

/// Why bytes are no record of a coordinator.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoredError {
    /// The key begins with a number that no type has.
    #[error("Found an unknown record type {0}")]
    UnknownType(i16),
    /// A version of the value that is not known here.
    #[error("Found an unknown record version {version} for {kind} type")]
    UnknownVersion {
        /// The record's type.
        kind: i16,
        /// What its value says.
        version: i16,
    },
    /// The bytes are not what type and version promise.
    #[error("Could not read {part}: {error}")]
    Malformed {
        /// Which part of the record.
        part: &'static str,
        /// What is wrong with it.
        error: DecodeError,
    },
}

impl StoredError {
    fn of(part: &'static str) -> impl Fn(DecodeError) -> Self {
        move |error| Self::Malformed { part, error }
    }
}

/// Picks key and value of a record by the number of its type.
macro_rules! by_type {
    ($kind:expr, $key:expr, $value:expr, $($key_type:ident $value_type:ident,)*) => {
        match $kind {
            $($key_type::TYPE => decode::<$key_type, $value_type>($key, $value),)*
            unknown => Err(StoredError::UnknownType(unknown)),
        }
    };
}

/// Reads a record of a coordinator.
pub(crate) fn read(
    coordinator: Coordinator,
    key: &Bytes,
    value: Option<&Bytes>,
) -> Result<Stored, StoredError> {
    let mut key = Reader::new(key.clone());
    let kind = key.get::<i16>().map_err(StoredError::of("the type of the key"))?;
    match coordinator {
        Coordinator::Group => read_group(kind, &mut key, value),
        Coordinator::Transaction => {
            by_type!(kind, &mut key, value, TransactionLogKey TransactionLogValue,)
        }
        Coordinator::Share => by_type!(
            kind, &mut key, value,
            ShareSnapshotKey ShareSnapshotValue,
            ShareUpdateKey ShareUpdateValue,
        ),
    }
}

fn read_group(kind: i16, key: &mut Reader, value: Option<&Bytes>) -> Result<Stored, StoredError> {
    by_type!(
        kind, key, value,
        LegacyOffsetCommitKey LegacyOffsetCommitValue,
        OffsetCommitKey OffsetCommitValue,
        GroupMetadataKey GroupMetadataValue,
        ConsumerGroupMetadataKey ConsumerGroupMetadataValue,
        ConsumerGroupPartitionMetadataKey ConsumerGroupPartitionMetadataValue,
        ConsumerGroupMemberMetadataKey ConsumerGroupMemberMetadataValue,
        ConsumerGroupTargetAssignmentMetadataKey ConsumerGroupTargetAssignmentMetadataValue,
        ConsumerGroupTargetAssignmentMemberKey ConsumerGroupTargetAssignmentMemberValue,
        ConsumerGroupCurrentMemberAssignmentKey ConsumerGroupCurrentMemberAssignmentValue,
        ShareGroupMemberMetadataKey ShareGroupMemberMetadataValue,
        ShareGroupMetadataKey ShareGroupMetadataValue,
        ShareGroupTargetAssignmentMetadataKey ShareGroupTargetAssignmentMetadataValue,
        ShareGroupTargetAssignmentMemberKey ShareGroupTargetAssignmentMemberValue,
        ShareGroupCurrentMemberAssignmentKey ShareGroupCurrentMemberAssignmentValue,
        ShareGroupStatePartitionMetadataKey ShareGroupStatePartitionMetadataValue,
        ConsumerGroupRegularExpressionKey ConsumerGroupRegularExpressionValue,
        StreamsGroupMetadataKey StreamsGroupMetadataValue,
        StreamsGroupMemberMetadataKey StreamsGroupMemberMetadataValue,
        StreamsGroupTargetAssignmentMetadataKey StreamsGroupTargetAssignmentMetadataValue,
        StreamsGroupTargetAssignmentMemberKey StreamsGroupTargetAssignmentMemberValue,
        StreamsGroupCurrentMemberAssignmentKey StreamsGroupCurrentMemberAssignmentValue,
        StreamsGroupTopologyKey StreamsGroupTopologyValue,
    )
}

fn decode<K, V>(key: &mut Reader, value: Option<&Bytes>) -> Result<Stored, StoredError>
where
    K: Record + ToJson,
    V: Record + ToJson,
{
    // As in Kafka, bytes after the last field are passed over.
    let key_version = *K::VERSIONS.start();
    let key = K::decode(key, key_version).map_err(StoredError::of("the key"))?;
    let value = match value {
        None => None,
        Some(bytes) => {
            let mut reader = Reader::new(bytes.clone());
            let version: i16 = reader.get().map_err(StoredError::of("the value's version"))?;
            if !V::VERSIONS.contains(&version) {
                return Err(StoredError::UnknownVersion { kind: K::TYPE, version });
            }
            let value = V::decode(&mut reader, version).map_err(StoredError::of("the value"))?;
            Some((version, value.to_json(version)))
        }
    };
    Ok(Stored { kind: K::TYPE, key: key.to_json(key_version), value })
}

impl Stored {
    /// Shows what the members of a group of consumers subscribe to and are assigned, in place of the
    /// bytes that they sent. What cannot be read stays as bytes.
    pub(crate) fn open_members(&mut self) {
        if self.kind != GroupMetadataValue::TYPE {
            return;
        }
        let Some((_, Json::Object(group))) = &mut self.value else {
            return;
        };
        let consumers = matches!(group.get("protocolType"), Some(Json::Text(kind)) if kind == CONSUMER_PROTOCOL);
        let Some(Json::Array(members)) = group.get_mut("members").filter(|_| consumers) else {
            return;
        };
        for member in members {
            if let Json::Object(member) = member {
                open::<ConsumerProtocolSubscription>(member, "subscription");
                open::<ConsumerProtocolAssignment>(member, "assignment");
            }
        }
    }
}

fn open<M: Message + ToJson>(member: &mut JsonObject, field: &'static str) {
    let Some(place) = member.get_mut(field) else {
        return;
    };
    if let Json::Bytes(bytes) = place
        && let Ok((version, message)) = embedded::<M>(bytes)
    {
        *place = message.to_json(version);
    }
}

fn embedded<M: Message>(bytes: &Bytes) -> Result<(i16, M), DecodeError> {
    let mut reader = Reader::new(bytes.clone());
    let version = reader.get()?;
    Ok((version, M::decode(&mut reader, version)?))
}

/// Picks a metadata record by the number of its type.
macro_rules! metadata_by_type {
    ($kind:expr, $version:expr, $reader:expr, $($name:ident)*) => {
        match $kind {
            $($name::TYPE => {
                let message = $name::decode($reader, $version)?;
                (upper_snake_case($name::NAME), message.to_json($version))
            })*
            _ => return Ok(None),
        }
    };
}

/// A record of the metadata log: type, version and fields. `None` when its type is not known.
pub(crate) fn read_metadata(value: &Bytes) -> Result<Option<Json>, DecodeError> {
    let mut reader = Reader::new(value.clone());
    let (kind, version) = decode_metadata_type(&mut reader)?;
    let (name, data) = metadata_by_type!(
        kind, version, &mut reader,
        RegisterBrokerRecord UnregisterBrokerRecord TopicRecord PartitionRecord ConfigRecord
        PartitionChangeRecord FenceBrokerRecord UnfenceBrokerRecord RemoveTopicRecord
        DelegationTokenRecord UserScramCredentialRecord FeatureLevelRecord ClientQuotaRecord
        ProducerIdsRecord BrokerRegistrationChangeRecord AccessControlEntryRecord
        RemoveAccessControlEntryRecord NoOpRecord ZkMigrationStateRecord
        RemoveUserScramCredentialRecord BeginTransactionRecord EndTransactionRecord
        AbortTransactionRecord RemoveDelegationTokenRecord RegisterControllerRecord ClearElrRecord
        UnregisterControllerRecord
    );
    reader.finish()?;
    let mut json = JsonObject::default();
    json.put("type", Json::Text(name.into()));
    json.put("version", Json::Number(version.into()));
    json.put("data", data);
    Ok(Some(Json::Object(json)))
}

/// `TopicRecord` as `TOPIC_RECORD`.
fn upper_snake_case(name: &str) -> String {
    let mut upper = String::new();
    for (index, letter) in name.chars().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            upper.push('_');
        }
        upper.push(letter.to_ascii_uppercase());
    }
    upper
}

#[cfg(test)]
mod tests {
    use model::Offset;
    use protocol::record::{encode_key, encode_metadata, encode_value};

    use super::*;

    #[test]
    fn an_offset_is_shown_by_its_key_and_value() {
        let key = OffsetCommitKey { group: "g".into(), topic: "t".into(), ..Default::default() };
        let value = OffsetCommitValue { offset: Offset::new(5), ..Default::default() };
        let (key, value) = (encode_key(&key).unwrap(), encode_value(&value, 3).unwrap());
        let stored = read(Coordinator::Group, &key, Some(&value)).unwrap();
        assert_eq!(stored.kind, 1);
        assert_eq!(stored.key.to_string(), r#"{"group":"g","topic":"t","partition":0}"#);
        let (version, value) = stored.value.unwrap();
        assert_eq!(version, 3);
        assert_eq!(
            value.to_string(),
            r#"{"offset":5,"leaderEpoch":-1,"metadata":"","commitTimestamp":0}"#
        );
        assert_eq!(read(Coordinator::Group, &key, None).unwrap().value, None);
    }

    #[test]
    fn members_of_consumers_are_shown_opened_and_others_as_they_are() {
        use protocol::data::group_metadata_value::MemberMetadata;
        let subscription =
            ConsumerProtocolSubscription { topics: vec!["t".into()], ..Default::default() };
        let mut bytes = 1i16.to_be_bytes().to_vec();
        bytes.extend_from_slice(&subscription.to_bytes(1).unwrap());
        let member = MemberMetadata {
            subscription: bytes.into(),
            assignment: Bytes::from_static(b"?"),
            ..Default::default()
        };
        for (protocol_type, opened) in [("consumer", true), ("connect", false)] {
            let value = GroupMetadataValue {
                protocol_type: protocol_type.into(),
                members: vec![member.clone()],
                ..Default::default()
            };
            let key = encode_key(&GroupMetadataKey { group: "g".into() }).unwrap();
            let value = encode_value(&value, 3).unwrap();
            let mut stored = read(Coordinator::Group, &key, Some(&value)).unwrap();
            stored.open_members();
            let text = stored.value.unwrap().1.to_string();
            let subscription = r#""subscription":{"topics":["t"],"userData":null,"#;
            assert_eq!(text.contains(subscription), opened, "{text}");
            assert!(text.contains(r#""assignment":"Pw==""#), "{text}");
        }
    }

    #[test]
    fn metadata_records_say_their_type() {
        let record = TopicRecord { name: "t".into(), ..Default::default() };
        let json = read_metadata(&encode_metadata(&record, 0).unwrap()).unwrap().unwrap();
        assert_eq!(
            json.to_string(),
            r#"{"type":"TOPIC_RECORD","version":0,"data":{"name":"t","topicId":"AAAAAAAAAAAAAAAAAAAAAA"}}"#
        );
    }

    #[test]
    fn hostile_bytes_are_errors() {
        for key in [&b""[..], b"\x00", b"\x00\x01\x7f\xff", b"\x7f\xff"] {
            let key = Bytes::copy_from_slice(key);
            assert!(read(Coordinator::Group, &key, None).is_err());
        }
        for value in [&b""[..], b"\x01", b"\x01\x03\x00", b"\xff\xff\xff\xff\xff"] {
            assert!(read_metadata(&Bytes::copy_from_slice(value)).is_err());
        }
    }
}
