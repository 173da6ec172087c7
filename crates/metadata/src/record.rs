//! The records of the metadata log: Kafka's own where Kafka has one, framed as Kafka frames them
//! (frame version, api key, version, each a varint, then the message), so that an export to Kafka
//! writes the same bytes. What Kafka has no record for is ours, with keys from
//! [`PRIVATE_KEY_FIRST`] on.

use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::{BrokerId, Uuid};
use protocol::data::{
    BrokerRegistrationChangeRecord, ConfigRecord, FeatureLevelRecord, FenceBrokerRecord,
    PartitionChangeRecord, PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord,
    RemoveTopicRecord, TopicRecord, UnfenceBrokerRecord, UnregisterBrokerRecord,
};
use protocol::{DecodeError, EncodeError, Message};

/// Kafka's version of the frame around a record.
const FRAME_VERSION: u32 = 1;
/// The first key of our own records; Kafka counts from 0 and has reached 29.
const PRIVATE_KEY_FIRST: u32 = 20_000;
/// Longest text in one of our own records.
const PRIVATE_TEXT_LENGTH_MAX: usize = 1024;

/// The cluster was formed. First record of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterRecord {
    /// The cluster's id.
    pub cluster_id: Arc<str>,
}

/// On which machine a registered broker runs. Follows its registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerMachineRecord {
    /// The broker.
    pub broker_id: BrokerId,
    /// The machine's boot id, or what `klamm.machine.id` says.
    pub machine_id: Uuid,
}

/// Counters that outlive what they counted. Only in snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountersRecord {
    /// The epoch that the next registration gets.
    pub next_broker_epoch: i64,
}

/// Why bytes are not metadata records, or records cannot become bytes.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A record ends before its fields do.
    #[error("a metadata record is cut short")]
    Cut,
    /// The frame is of a version that is not known.
    #[error("a metadata record has frame version {0}; this version of Klamm reads {FRAME_VERSION}")]
    FrameVersion(u32),
    /// The key or version is not known: a newer version wrote it.
    #[error("metadata record of key {key} version {version} is not known to this version of Klamm")]
    Unknown {
        /// The record's key.
        key: u32,
        /// The record's version.
        version: u32,
    },
    /// A number has more bytes than a varint of 32 bits.
    #[error("a varint in a metadata record is too long")]
    Varint,
    /// Text is not UTF-8 or too long.
    #[error("text in a metadata record is not valid")]
    Text,
    /// A message of Kafka's does not decode.
    #[error("a metadata record does not decode: {0}")]
    Decode(#[from] DecodeError),
    /// A message of Kafka's does not encode.
    #[error("a metadata record does not encode: {0}")]
    Encode(#[from] EncodeError),
}

macro_rules! kafka_records {
    ($($(#[$doc:meta])* $variant:ident($message:ident) = $key:literal, version $version:literal;)*) => {
        /// One record of the metadata log.
        #[derive(Debug, Clone, PartialEq)]
        pub enum MetadataRecord {
            $($(#[$doc])* $variant($message),)*
            /// The cluster was formed (ours).
            Cluster(ClusterRecord),
            /// The machine of a broker (ours).
            BrokerMachine(BrokerMachineRecord),
            /// Counters (ours).
            Counters(CountersRecord),
        }

        $(impl From<$message> for MetadataRecord {
            fn from(record: $message) -> Self {
                Self::$variant(record)
            }
        })*

        impl MetadataRecord {
            fn encode_kafka(&self, buffer: &mut BytesMut) -> Result<(), RecordError> {
                match self {
                    $(Self::$variant(record) => {
                        put_header(buffer, $key, $version);
                        buffer.extend_from_slice(&record.to_bytes($version)?);
                    })*
                    Self::Cluster(_) | Self::BrokerMachine(_) | Self::Counters(_) => {
                        unreachable!("our own records are encoded by `encode`")
                    }
                }
                Ok(())
            }

            fn decode_kafka(key: u32, version: u32, bytes: Bytes) -> Result<Self, RecordError> {
                let unknown = RecordError::Unknown { key, version };
                match key {
                    $($key => {
                        let Ok(version) = i16::try_from(version) else { return Err(unknown) };
                        if !<$message as Message>::VERSIONS.contains(&version) {
                            return Err(unknown);
                        }
                        Ok(Self::$variant($message::from_bytes(bytes, version)?))
                    })*
                    _ => Err(unknown),
                }
            }
        }
    };
}

kafka_records! {
    /// A broker started and registered.
    RegisterBroker(RegisterBrokerRecord) = 0, version 3;
    /// A broker left for good.
    UnregisterBroker(UnregisterBrokerRecord) = 1, version 0;
    /// A topic was created; its configurations and partitions follow.
    Topic(TopicRecord) = 2, version 0;
    /// A partition was created.
    Partition(PartitionRecord) = 3, version 2;
    /// A configuration was set, or removed when it has no value.
    Config(ConfigRecord) = 4, version 0;
    /// A partition's leader, ISR or replicas changed.
    PartitionChange(PartitionChangeRecord) = 5, version 2;
    /// A broker was fenced.
    FenceBroker(FenceBrokerRecord) = 7, version 0;
    /// A broker was unfenced.
    UnfenceBroker(UnfenceBrokerRecord) = 8, version 0;
    /// A topic was deleted.
    RemoveTopic(RemoveTopicRecord) = 9, version 0;
    /// A feature's level was finalized.
    FeatureLevel(FeatureLevelRecord) = 12, version 0;
    /// A block of producer ids was handed out.
    ProducerIds(ProducerIdsRecord) = 15, version 0;
    /// A registration changed in part.
    BrokerRegistrationChange(BrokerRegistrationChangeRecord) = 17, version 2;
}

impl MetadataRecord {
    /// Appends the framed record.
    pub fn encode(&self, buffer: &mut BytesMut) -> Result<(), RecordError> {
        match self {
            Self::Cluster(record) => {
                put_header(buffer, PRIVATE_KEY_FIRST, 0);
                let text = record.cluster_id.as_bytes();
                if text.len() > PRIVATE_TEXT_LENGTH_MAX {
                    return Err(RecordError::Text);
                }
                put_varint(buffer, text.len() as u32);
                buffer.put_slice(text);
            }
            Self::BrokerMachine(record) => {
                put_header(buffer, PRIVATE_KEY_FIRST + 1, 0);
                buffer.put_i32(record.broker_id.get());
                buffer.put_slice(record.machine_id.as_bytes());
            }
            Self::Counters(record) => {
                put_header(buffer, PRIVATE_KEY_FIRST + 2, 0);
                buffer.put_i64(record.next_broker_epoch);
            }
            kafka => kafka.encode_kafka(buffer)?,
        }
        Ok(())
    }

    /// Appends the records one after another, each behind its length.
    pub fn encode_all<'a>(
        records: impl IntoIterator<Item = &'a Self>,
        buffer: &mut BytesMut,
    ) -> Result<(), RecordError> {
        let mut scratch = BytesMut::new();
        for record in records {
            scratch.clear();
            record.encode(&mut scratch)?;
            put_varint(buffer, scratch.len() as u32);
            buffer.extend_from_slice(&scratch);
        }
        Ok(())
    }

    /// Reads what [`MetadataRecord::encode`] wrote. Every byte must belong to the record.
    pub fn decode(mut bytes: Bytes) -> Result<Self, RecordError> {
        let frame_version = take_varint(&mut bytes)?;
        if frame_version != FRAME_VERSION {
            return Err(RecordError::FrameVersion(frame_version));
        }
        let key = take_varint(&mut bytes)?;
        let version = take_varint(&mut bytes)?;
        if key >= PRIVATE_KEY_FIRST {
            return Self::decode_private(key, version, &mut bytes);
        }
        Self::decode_kafka(key, version, bytes)
    }

    /// Reads what [`MetadataRecord::encode_all`] wrote.
    pub fn decode_all(mut bytes: Bytes) -> Result<Vec<Self>, RecordError> {
        let mut records = Vec::new();
        while bytes.has_remaining() {
            let length = take_varint(&mut bytes)? as usize;
            if length > bytes.remaining() {
                return Err(RecordError::Cut);
            }
            records.push(Self::decode(bytes.split_to(length))?);
        }
        Ok(records)
    }

    fn decode_private(key: u32, version: u32, bytes: &mut Bytes) -> Result<Self, RecordError> {
        if version != 0 {
            return Err(RecordError::Unknown { key, version });
        }
        match key - PRIVATE_KEY_FIRST {
            0 => {
                let length = take_varint(bytes)? as usize;
                if length > bytes.remaining() || length > PRIVATE_TEXT_LENGTH_MAX {
                    return Err(RecordError::Cut);
                }
                let text = bytes.split_to(length);
                let text = std::str::from_utf8(&text).map_err(|_| RecordError::Text)?;
                Ok(Self::Cluster(ClusterRecord { cluster_id: text.into() }))
            }
            1 => {
                let broker_id = BrokerId::new(bytes.try_get_i32().map_err(|_| RecordError::Cut)?);
                let mut machine_id = [0; 16];
                bytes.try_copy_to_slice(&mut machine_id).map_err(|_| RecordError::Cut)?;
                let machine_id = Uuid::from_bytes(machine_id);
                Ok(Self::BrokerMachine(BrokerMachineRecord { broker_id, machine_id }))
            }
            2 => {
                let next_broker_epoch = bytes.try_get_i64().map_err(|_| RecordError::Cut)?;
                Ok(Self::Counters(CountersRecord { next_broker_epoch }))
            }
            _ => Err(RecordError::Unknown { key, version }),
        }
    }
}

fn put_header(buffer: &mut BytesMut, key: u32, version: u32) {
    put_varint(buffer, FRAME_VERSION);
    put_varint(buffer, key);
    put_varint(buffer, version);
}

fn put_varint(buffer: &mut BytesMut, mut value: u32) {
    while value >= 0x80 {
        buffer.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    buffer.put_u8(value as u8);
}

fn take_varint(bytes: &mut Bytes) -> Result<u32, RecordError> {
    let mut value = 0u32;
    for shift in (0..35).step_by(7) {
        let byte = bytes.try_get_u8().map_err(|_| RecordError::Cut)?;
        let bits = u32::from(byte & 0x7f);
        if shift == 28 && bits > 0x0f {
            return Err(RecordError::Varint);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(RecordError::Varint)
}
