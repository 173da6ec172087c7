//! [`ToJson`]: stored messages as JSON, in the form of Kafka's own tools, byte for byte: no blanks,
//! fields in the order of the schema, bytes in base64, ids in base64url.
//!
//! A [`Json`] is made from a message that was decoded, so it is as bounded as the bytes it came from.

use std::fmt::{self, Write as _};

use bytes::Bytes;
use model::{BrokerId, LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, Uuid};

use crate::text::Str;

/// A JSON value; `Display` writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A number with a fraction.
    Double(f64),
    /// Text.
    Text(Str),
    /// Bytes, written in base64.
    Bytes(Bytes),
    /// A sequence.
    Array(Vec<Json>),
    /// A struct.
    Object(JsonObject),
}

/// Fields in the order in which they were set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JsonObject(Vec<(&'static str, Json)>);

impl JsonObject {
    /// Adds a field of a message.
    pub fn set(&mut self, name: &'static str, value: &impl ToJson, version: i16) {
        self.put(name, value.to_json(version));
    }

    /// Gives a field this value, in its old place if it is there.
    pub fn put(&mut self, name: &'static str, value: Json) {
        match self.get_mut(name) {
            Some(place) => *place = value,
            None => self.0.push((name, value)),
        }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The value of a field, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.0.iter_mut().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// What can be shown as JSON.
pub trait ToJson {
    /// The value as a message of this version has it.
    fn to_json(&self, version: i16) -> Json;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl ToJson for $number {
            fn to_json(&self, _: i16) -> Json {
                Json::Number(i64::from(*self))
            }
        }
    )*};
}
numbers!(i8 i16 u16 i32 i64);

macro_rules! newtypes {
    ($($name:ident)*) => {$(
        impl ToJson for $name {
            fn to_json(&self, _: i16) -> Json {
                Json::Number(i64::from(self.get()))
            }
        }
    )*};
}
newtypes!(BrokerId PartitionIndex LeaderEpoch Offset ProducerId ProducerEpoch);

impl ToJson for bool {
    fn to_json(&self, _: i16) -> Json {
        Json::Bool(*self)
    }
}

impl ToJson for f64 {
    fn to_json(&self, _: i16) -> Json {
        Json::Double(*self)
    }
}

impl ToJson for Uuid {
    fn to_json(&self, _: i16) -> Json {
        Json::Text(Str::from(self.to_string()))
    }
}

impl ToJson for Str {
    fn to_json(&self, _: i16) -> Json {
        Json::Text(self.clone())
    }
}

impl ToJson for Bytes {
    fn to_json(&self, _: i16) -> Json {
        Json::Bytes(self.clone())
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self, version: i16) -> Json {
        Json::Array(self.iter().map(|element| element.to_json(version)).collect())
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self, version: i16) -> Json {
        self.as_ref().map_or(Json::Null, |value| value.to_json(version))
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Double(value) => write_double(f, *value),
            Self::Text(text) => write_text(f, text),
            Self::Bytes(bytes) => {
                f.write_char('"')?;
                write_base64(f, bytes)?;
                f.write_char('"')
            }
            Self::Array(elements) => {
                f.write_char('[')?;
                for (index, element) in elements.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{element}")?;
                }
                f.write_char(']')
            }
            Self::Object(JsonObject(fields)) => {
                f.write_char('{')?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}\"{name}\":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

/// A fraction as Java writes it in its usual range: always with a point.
fn write_double(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value.is_finite() { write!(f, "{value:?}") } else { write!(f, "\"{value}\"") }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            control if control < ' ' => write!(f, "\\u{:04X}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

fn write_base64(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) & 0x3f;
            let letter = if place <= group.len() { ALPHABET[index as usize] } else { b'=' };
            f.write_char(char::from(letter))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{OffsetCommitValue, PartitionRecord};

    #[test]
    fn fields_stand_in_the_order_of_the_schema_and_as_the_version_has_them() {
        let value = OffsetCommitValue {
            offset: Offset::new(7),
            metadata: "a\"b".into(),
            ..OffsetCommitValue::default()
        };
        assert_eq!(
            value.to_json(1).to_string(),
            r#"{"offset":7,"metadata":"a\"b","commitTimestamp":0,"expireTimestamp":-1}"#
        );
        assert_eq!(
            value.to_json(3).to_string(),
            r#"{"offset":7,"leaderEpoch":-1,"metadata":"a\"b","commitTimestamp":0}"#
        );
    }

    #[test]
    fn tagged_fields_are_left_out_at_their_defaults() {
        let plain = PartitionRecord::default().to_json(2).to_string();
        assert!(!plain.contains("leaderRecoveryState") && !plain.contains("eligible"), "{plain}");
        let record = PartitionRecord {
            leader_recovery_state: 1,
            eligible_leader_replicas: Some(vec![BrokerId::new(3)]),
            ..PartitionRecord::default()
        };
        let text = record.to_json(2).to_string();
        assert!(text.contains(r#""leaderRecoveryState":1,"#), "{text}");
        assert!(text.contains(r#""eligibleLeaderReplicas":[3]"#), "{text}");
    }

    #[test]
    fn bytes_are_base64_with_padding() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            let json = Bytes::from_static(bytes.as_bytes()).to_json(0).to_string();
            assert_eq!(json, format!("\"{text}\""));
        }
    }
}
