//! Records as text, as Kafka's message formatters write it.

use std::io::{self, Write};

use client::ConsumerRecord;
use protocol::data::{GroupMetadataValue, LegacyOffsetCommitValue, OffsetCommitValue};
use protocol::{Json, JsonObject, Record as _};

use crate::connect::{Pairs, get};
use crate::failure::Failure;
use crate::stored::{self, Coordinator, StoredError};

/// What a record is turned into.
#[derive(Debug)]
pub(super) enum Formatter {
    /// Its parts, one after the other.
    Parts(Parts),
    /// The same, and once more on standard error.
    Logging(Parts),
    /// Records of a coordinator as JSON, those of these types.
    Stored(Coordinator, Kinds),
    /// Nothing.
    Nothing,
}

/// The numbers of the types that are written; all if there are none.
type Kinds = &'static [i16];

/// Which parts are written, and how they are kept apart.
#[derive(Debug)]
pub(super) struct Parts {
    timestamp: bool,
    partition: bool,
    offset: bool,
    delivery: bool,
    epoch: bool,
    headers: bool,
    key: bool,
    value: bool,
    key_separator: Vec<u8>,
    line_separator: Vec<u8>,
    headers_separator: Vec<u8>,
    null_literal: Vec<u8>,
    key_form: Form,
    value_form: Form,
    header_form: Form,
}

/// What bytes stand for; Kafka's deserializers, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bytes,
    Short,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
}

const FORMS: &[(&str, Form)] = &[
    ("String", Form::Bytes),
    ("ByteArray", Form::Bytes),
    ("Bytes", Form::Bytes),
    ("ByteBuffer", Form::Bytes),
    ("Short", Form::Short),
    ("Integer", Form::Integer),
    ("Long", Form::Long),
    ("Float", Form::Float),
    ("Double", Form::Double),
    ("Boolean", Form::Boolean),
    ("UUID", Form::Bytes),
];

impl Form {
    /// The form that a deserializer's class reads.
    fn of(class: Option<&str>) -> Result<Self, Failure> {
        let Some(class) = class.filter(|class| !class.is_empty()) else {
            return Ok(Self::Bytes);
        };
        let short = class.strip_prefix("org.apache.kafka.common.serialization.").unwrap_or(class);
        let form = short.strip_suffix("Deserializer");
        let form = FORMS.iter().find(|(name, _)| Some(*name) == form);
        form.map(|(_, form)| *form).ok_or_else(|| {
            let known: Vec<String> =
                FORMS.iter().map(|(name, _)| format!("{name}Deserializer")).collect();
            Failure::Refused(format!(
                "{class}: Java classes cannot be loaded here; known are {}",
                known.join(", ")
            ))
        })
    }

    fn write(self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        fn exact<const N: usize>(bytes: &[u8]) -> io::Result<[u8; N]> {
            bytes.try_into().map_err(|_| {
                io::Error::other(format!("the deserializer needs {N} bytes, not {}", bytes.len()))
            })
        }
        match self {
            Self::Bytes => out.write_all(bytes),
            Self::Short => write!(out, "{}", i16::from_be_bytes(exact(bytes)?)),
            Self::Integer => write!(out, "{}", i32::from_be_bytes(exact(bytes)?)),
            Self::Long => write!(out, "{}", i64::from_be_bytes(exact(bytes)?)),
            Self::Float => write!(out, "{:?}", f32::from_be_bytes(exact(bytes)?)),
            Self::Double => write!(out, "{:?}", f64::from_be_bytes(exact(bytes)?)),
            Self::Boolean => write!(out, "{}", exact::<1>(bytes)?[0] != 0),
        }
    }
}

impl Formatter {
    /// The formatter of a class, with its properties.
    pub(super) fn new(class: Option<&str>, properties: &Pairs) -> Result<Self, Failure> {
        let class = class.unwrap_or("DefaultMessageFormatter");
        let short = class.rsplit(['.', '$']).next().unwrap_or(class);
        match short {
            "DefaultMessageFormatter" => Ok(Self::Parts(Parts::new(properties)?)),
            "LoggingMessageFormatter" => Ok(Self::Logging(Parts::new(properties)?)),
            "NoOpMessageFormatter" => Ok(Self::Nothing),
            "OffsetsMessageFormatter" => Ok(Self::Stored(
                Coordinator::Group,
                &[LegacyOffsetCommitValue::TYPE, OffsetCommitValue::TYPE],
            )),
            "GroupMetadataMessageFormatter" => {
                Ok(Self::Stored(Coordinator::Group, &[GroupMetadataValue::TYPE]))
            }
            "TransactionLogMessageFormatter" => Ok(Self::Stored(Coordinator::Transaction, &[])),
            "ShareGroupStateMessageFormatter" => Ok(Self::Stored(Coordinator::Share, &[])),
            _ => Err(Failure::Refused(format!(
                "--formatter {class}: Java classes cannot be loaded here; known are \
                 DefaultMessageFormatter, LoggingMessageFormatter, NoOpMessageFormatter, \
                 OffsetsMessageFormatter, GroupMetadataMessageFormatter, \
                 TransactionLogMessageFormatter and ShareGroupStateMessageFormatter"
            ))),
        }
    }

    /// Writes a record.
    pub(super) fn write(&self, record: &ConsumerRecord, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Parts(parts) => parts.write(record, out),
            Self::Logging(parts) => {
                parts.write(record, out)?;
                eprintln!("{}", log_line(record));
                Ok(())
            }
            Self::Stored(coordinator, kinds) => write_stored(*coordinator, kinds, record, out),
            Self::Nothing => Ok(()),
        }
    }
}

/// Writes a record of a coordinator, without a line end as in Kafka; records that are not wanted or
/// not known are passed over.
fn write_stored(
    coordinator: Coordinator,
    kinds: Kinds,
    record: &ConsumerRecord,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some(key) = &record.key else {
        return Ok(());
    };
    let stored = match stored::read(coordinator, key, record.value.as_ref()) {
        Ok(stored) if kinds.is_empty() || kinds.contains(&stored.kind) => stored,
        Ok(_) | Err(StoredError::UnknownType(_)) => return Ok(()),
        Err(error) => return Err(io::Error::other(error)),
    };
    let pair = |first, number: i16, data| {
        let mut object = JsonObject::default();
        object.put(first, Json::Number(number.into()));
        object.put("data", data);
        Json::Object(object)
    };
    let mut json = JsonObject::default();
    json.put("key", pair("type", stored.kind, stored.key));
    let value = stored.value.map(|(version, data)| pair("version", version, data));
    json.put("value", value.unwrap_or(Json::Null));
    write!(out, "{}", Json::Object(json))
}

fn log_line(record: &ConsumerRecord) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let time = match record.timestamp.get() {
        -1 => String::new(),
        ms => format!("{:?}:{ms}, ", record.timestamp_type),
    };
    let key = record.key.as_deref().map_or_else(|| "null ".into(), |key| text(key) + ", ");
    let value = record.value.as_deref().map_or_else(|| "null".into(), text);
    format!("{time}key:{key}value:{value}")
}

impl Parts {
    fn new(properties: &Pairs) -> Result<Self, Failure> {
        let is_true = |name: &str, default: bool| {
            get(properties, name).map_or(default, |value| value.trim().eq_ignore_ascii_case("true"))
        };
        let bytes = |name: &str, default: &str| {
            get(properties, name).unwrap_or(default).as_bytes().to_vec()
        };
        Ok(Self {
            timestamp: is_true("print.timestamp", false),
            partition: is_true("print.partition", false),
            offset: is_true("print.offset", false),
            delivery: is_true("print.delivery", false),
            epoch: is_true("print.epoch", false),
            headers: is_true("print.headers", false),
            key: is_true("print.key", false),
            value: is_true("print.value", true),
            key_separator: bytes("key.separator", "\t"),
            line_separator: bytes("line.separator", "\n"),
            headers_separator: bytes("headers.separator", ","),
            null_literal: bytes("null.literal", "null"),
            key_form: Form::of(get(properties, "key.deserializer"))?,
            value_form: Form::of(get(properties, "value.deserializer"))?,
            header_form: Form::of(get(properties, "headers.deserializer"))?,
        })
    }

    fn write(&self, record: &ConsumerRecord, out: &mut impl Write) -> io::Result<()> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        if self.timestamp {
            parts.push(match record.timestamp.get() {
                -1 => b"NO_TIMESTAMP".to_vec(),
                ms => format!("{:?}:{ms}", record.timestamp_type).into_bytes(),
            });
        }
        if self.partition {
            parts.push(format!("Partition:{}", record.partition).into_bytes());
        }
        if self.offset {
            parts.push(format!("Offset:{}", record.offset).into_bytes());
        }
        if self.delivery {
            // Counted for share groups only.
            parts.push(b"Delivery:NOT_PRESENT".to_vec());
        }
        if self.epoch {
            // Kafka's console consumer loses the epoch on the way to its formatter, in all versions.
            parts.push(b"Epoch:NOT_PRESENT".to_vec());
        }
        if self.headers {
            parts.push(self.headers_text(record)?);
        }
        if self.key {
            parts.push(self.text(record.key.as_deref(), self.key_form)?);
        }
        if self.value {
            parts.push(self.text(record.value.as_deref(), self.value_form)?);
        }
        if parts.is_empty() {
            return Ok(());
        }
        out.write_all(&parts.join(&self.key_separator[..]))?;
        out.write_all(&self.line_separator)
    }

    fn headers_text(&self, record: &ConsumerRecord) -> io::Result<Vec<u8>> {
        if record.headers.is_empty() {
            return Ok(b"NO_HEADERS".to_vec());
        }
        let mut headers = Vec::with_capacity(record.headers.len());
        for header in &record.headers {
            let mut text = [header.key.as_bytes(), b":"].concat();
            text.extend(self.text(header.value.as_deref(), self.header_form)?);
            headers.push(text);
        }
        Ok(headers.join(&self.headers_separator[..]))
    }

    fn text(&self, bytes: Option<&[u8]>, form: Form) -> io::Result<Vec<u8>> {
        let Some(bytes) = bytes else {
            return Ok(self.null_literal.clone());
        };
        let mut text = Vec::with_capacity(bytes.len());
        form.write(bytes, &mut text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
