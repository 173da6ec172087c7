//! What keys and values of records are shown as: Kafka's decoders, by name or by flag.

use std::fmt;

use bytes::Bytes;
use protocol::{Json, JsonObject};
use records::RecordView;

use crate::failure::Failure;
use crate::options::Options;
use crate::stored::{self, Coordinator, Stored, StoredError};

/// The folders of Kafka's own decoders, today and up to Kafka 3.
const PACKAGES: &[&str] = &["org.apache.kafka.tools.api.", "kafka.serializer."];

/// How records are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    /// Key and value each by a decoder.
    Plain {
        /// That of keys.
        key: Form,
        /// That of values.
        value: Form,
    },
    /// As records of a coordinator.
    Coordinator(Coordinator),
    /// As records of the metadata log.
    Metadata,
}

/// What bytes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Text.
    Text,
    /// No more than bytes.
    Bytes,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    Long,
}

impl Form {
    fn of(class: Option<&str>) -> Result<Self, Failure> {
        let Some(class) = class else {
            return Ok(Self::Text);
        };
        let bare = PACKAGES.iter().find_map(|package| class.strip_prefix(package));
        match bare.unwrap_or(class) {
            "StringDecoder" => Ok(Self::Text),
            "DefaultDecoder" => Ok(Self::Bytes),
            "IntegerDecoder" => Ok(Self::Integer),
            "LongDecoder" => Ok(Self::Long),
            _ => Err(Failure::Refused(format!(
                "{class}: Java classes cannot be loaded here; known are StringDecoder, \
                 DefaultDecoder (shown as hexadecimal digits), IntegerDecoder and LongDecoder"
            ))),
        }
    }

    fn text(self, bytes: &[u8]) -> Result<String, String> {
        fn front<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
            let front = bytes.first_chunk().copied();
            front.ok_or_else(|| format!("the decoder needs {N} bytes, not {}", bytes.len()))
        }
        match self {
            Self::Text => Ok(String::from_utf8_lossy(bytes).into_owned()),
            Self::Bytes => Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
            Self::Integer => front(bytes).map(|bytes| i32::from_be_bytes(bytes).to_string()),
            Self::Long => front(bytes).map(|bytes| i64::from_be_bytes(bytes).to_string()),
        }
    }
}

impl Decoder {
    /// The decoder that the flags name.
    pub(super) fn of(options: &Options) -> Result<Self, Failure> {
        if options.has("offsets-decoder") {
            return Ok(Self::Coordinator(Coordinator::Group));
        }
        if options.has("transaction-log-decoder") {
            return Ok(Self::Coordinator(Coordinator::Transaction));
        }
        if options.has("cluster-metadata-decoder") {
            return Ok(Self::Metadata);
        }
        if options.has("remote-log-metadata-decoder") {
            return Err(Failure::Refused(
                "--remote-log-metadata-decoder: tiered storage is not there, and neither are its records"
                    .to_owned(),
            ));
        }
        if options.has("share-group-state-decoder") {
            return Ok(Self::Coordinator(Coordinator::Share));
        }
        Ok(Self::Plain {
            key: Form::of(options.value("key-decoder-class")?)?,
            value: Form::of(options.value("value-decoder-class")?)?,
        })
    }

    /// What is shown of key and value; a part that is not there is left out.
    pub(super) fn show(self, record: &RecordView<'_>) -> Shown {
        match self {
            Self::Plain { key, value } => {
                let show = |form: Form, bytes: Option<&[u8]>| {
                    bytes.map(|bytes| form.text(bytes).unwrap_or_else(|error| error))
                };
                Shown { key: show(key, record.key), value: show(value, record.value) }
            }
            Self::Coordinator(coordinator) => show_stored(coordinator, record),
            Self::Metadata => show_metadata(record),
        }
    }
}

/// Key and value as text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    key: Option<String>,
    value: Option<String>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map(|key| format!("key: {key}"));
        let value = self.value.as_ref().map(|value| format!("payload: {value}"));
        let parts: Vec<String> = [key, value].into_iter().flatten().collect();
        f.write_str(&parts.join(" "))
    }
}

fn show_stored(coordinator: Coordinator, record: &RecordView<'_>) -> Shown {
    let offset = record.offset;
    let only_key = |key| Shown { key: Some(key), value: None };
    let Some(key) = record.key else {
        return only_key(format!(
            "Failed to decode message at offset {offset} using the specified decoder (message had a missing key)"
        ));
    };
    let key = Bytes::copy_from_slice(key);
    let value = record.value.map(Bytes::copy_from_slice);
    match stored::read(coordinator, &key, value.as_ref()) {
        Ok(mut stored) => {
            stored.open_members();
            shown(stored)
        }
        Err(StoredError::UnknownType(kind)) => {
            only_key(format!("Unknown record type {kind} at offset {offset}, skipping."))
        }
        Err(error) => only_key(format!("Error at offset {offset}, skipping. {error}")),
    }
}

fn shown(stored: Stored) -> Shown {
    let mut key = JsonObject::default();
    key.put("type", Json::Text(stored.kind.to_string().into()));
    key.put("data", stored.key);
    let value = match stored.value {
        None => "<DELETE>".to_owned(),
        Some((version, data)) => {
            let mut value = JsonObject::default();
            value.put("version", Json::Text(version.to_string().into()));
            value.put("data", data);
            Json::Object(value).to_string()
        }
    };
    Shown { key: Some(Json::Object(key).to_string()), value: Some(value) }
}

fn show_metadata(record: &RecordView<'_>) -> Shown {
    let error = |why: String| format!("Error at {}, skipping. {why}", record.offset);
    let value = match record.value {
        None => error("the record has no value".to_owned()),
        Some(value) => match stored::read_metadata(&Bytes::copy_from_slice(value)) {
            Ok(Some(json)) => json.to_string(),
            Ok(None) => error("its type is not known".to_owned()),
            Err(why) => error(why.to_string()),
        },
    };
    // Metadata records have no keys.
    Shown { key: None, value: Some(value) }
}
