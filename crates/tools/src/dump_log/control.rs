//! Control records: what Kafka prints of the markers of transactions and of the metadata quorum.

use bytes::Bytes;
use protocol::data::{
    EndTxnMarker, KRaftVersionRecord, LeaderChangeMessage, SnapshotFooterRecord,
    SnapshotHeaderRecord, VotersRecord,
};
use protocol::{DecodeError, Json, Message, Reader, ToJson};
use records::RecordView;

/// What stands behind the record's numbers; an error when the record is malformed.
pub(super) fn text(record: &RecordView<'_>) -> Result<String, String> {
    let key = record.key.unwrap_or_default();
    let (Some(version), Some(kind)) = (key.get(..2), key.get(2..4)) else {
        return Err(format!("the key of a control record has {} bytes, not 4", key.len()));
    };
    let version = i16::from_be_bytes([version[0], version[1]]);
    if version < 0 {
        return Err(format!("the key of a control record has version {version}"));
    }
    let kind = i16::from_be_bytes([kind[0], kind[1]]);
    let value = Bytes::copy_from_slice(record.value.unwrap_or_default());
    let shown = match kind {
        0 => marker("ABORT", &value),
        1 => marker("COMMIT", &value),
        2 => json(&value, |message: &LeaderChangeMessage| message.version)
            .map(|json| format!(" LeaderChange: {json}")),
        3 => json(&value, |message: &SnapshotHeaderRecord| message.version)
            .map(|json| format!(" SnapshotHeader {json}")),
        4 => json(&value, |message: &SnapshotFooterRecord| message.version)
            .map(|json| format!(" SnapshotFooter {json}")),
        5 => json(&value, |message: &KRaftVersionRecord| message.version)
            .map(|json| format!(" KRaftVersion {json}")),
        6 => json(&value, |message: &VotersRecord| message.version)
            .map(|json| format!(" KRaftVoters {json}")),
        unknown => Ok(format!(" controlType: UNKNOWN({unknown})")),
    };
    shown.map_err(|error| format!("a control record of type {kind} cannot be read: {error}"))
}

fn marker(name: &str, value: &Bytes) -> Result<String, DecodeError> {
    let mut reader = Reader::new(value.clone());
    let version: i16 = reader.get()?;
    // Later versions only add fields behind those that are known.
    let version = version.clamp(0, *EndTxnMarker::VERSIONS.end());
    let marker = EndTxnMarker::decode(&mut reader, version)?;
    Ok(format!(" endTxnMarker: {name} coordinatorEpoch: {}", marker.coordinator_epoch))
}

/// Read as version 0, as Kafka does, and shown as the version that the message says.
fn json<M: Message + ToJson>(
    value: &Bytes,
    version: impl Fn(&M) -> i16,
) -> Result<Json, DecodeError> {
    let message = M::decode(&mut Reader::new(value.clone()), 0)?;
    Ok(message.to_json(version(&message)))
}
