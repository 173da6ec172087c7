//! Messages as trees, written and read by schema alone: this codec shares nothing with the generated
//! one, so that a fault of that one shows as a difference.

use anyhow::{Context, Result, bail, ensure};
use protocol_codegen::schema::{Field, Message, Struct, Type};

/// A field, an element or a whole message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// The id of a topic by its name, since each cluster has ids of its own.
    TopicId(String),
    /// A word that each cluster has of its own: a member of a group, the path of a folder.
    Own(String),
    List(Vec<Value>),
    Struct(Vec<(String, Value)>),
}

impl Value {
    /// A field of a struct.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Struct(fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// A field of a struct, to change it.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Struct(fields) = self else { return None };
        fields.iter_mut().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// The elements of a list; nothing of anything else.
    pub(super) fn elements(&self) -> &[Self] {
        if let Self::List(elements) = self { elements } else { &[] }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => to.write_str("null"),
            Self::Number(number) => write!(to, "{number}"),
            Self::Text(text) if text.len() > 60 => write!(to, "\"{}...\"", &text[..20]),
            Self::Text(text) => write!(to, "{text:?}"),
            Self::Bytes(bytes) => write!(to, "<{} bytes>", bytes.len()),
            Self::TopicId(name) => write!(to, "<id of {name}>"),
            Self::Own(name) => write!(to, "<{name}>"),
            Self::List(elements) => {
                to.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    write!(to, "{}{element}", if index == 0 { "" } else { ", " })?;
                }
                to.write_str("]")
            }
            Self::Struct(fields) => {
                to.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    write!(to, "{}{name}: {value}", if index == 0 { "" } else { ", " })?;
                }
                to.write_str("}")
            }
        }
    }
}

/// Ids of topics and their names, of one cluster.
pub(super) type TopicIds = std::collections::BTreeMap<String, [u8; 16]>;

/// Words of one cluster by what stands for them in requests.
pub(super) type OwnWords = std::collections::BTreeMap<String, String>;

/// Writes the body of a message in one version.
pub(super) struct Encoder<'a> {
    pub(super) message: &'a Message,
    pub(super) version: i16,
    pub(super) ids: &'a TopicIds,
    pub(super) words: &'a OwnWords,
}

impl Encoder<'_> {
    pub(super) fn body(&self, value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        let flexible = self.message.is_flexible(self.version);
        self.part(&self.message.structs[0], value, flexible, &mut out);
        out
    }

    fn part(&self, part: &Struct, value: &Value, flexible: bool, out: &mut Vec<u8>) {
        let present = part.fields.iter().filter(|field| field.versions.contains(&self.version));
        let (tagged, plain): (Vec<&Field>, Vec<&Field>) =
            present.partition(|field| field.tag.is_some());
        for field in plain {
            let value = value.get(&field.name).unwrap_or(&Value::Null);
            self.field(field, value, flexible && !field.inflexible, out);
        }
        if flexible {
            self.tagged(tagged, value, out);
        }
    }

    fn tagged(&self, mut fields: Vec<&Field>, value: &Value, out: &mut Vec<u8>) {
        fields.sort_by_key(|field| field.tag);
        fields.retain(|field| value.get(&field.name).is_some());
        varint(fields.len() as u32, out);
        for field in fields {
            let mut bytes = Vec::new();
            self.field(field, value.get(&field.name).unwrap_or(&Value::Null), true, &mut bytes);
            varint(field.tag.unwrap_or_default(), out);
            varint(bytes.len() as u32, out);
            out.extend(bytes);
        }
    }

    fn field(&self, field: &Field, value: &Value, flexible: bool, out: &mut Vec<u8>) {
        if let (Type::Struct(_), true) = (&field.kind, field.is_nullable(self.version)) {
            out.push(if *value == Value::Null { 0xff } else { 1 });
            if *value == Value::Null {
                return;
            }
        }
        // A field that was left out is empty where null is not allowed.
        if *value == Value::Null && !field.is_nullable(self.version) {
            return self.value(&field.kind, &Value::List(Vec::new()), flexible, out);
        }
        self.value(&field.kind, value, flexible, out);
    }

    fn value(&self, kind: &Type, value: &Value, flexible: bool, out: &mut Vec<u8>) {
        match (kind, value) {
            (Type::Fixed(_), Value::TopicId(name)) => {
                out.extend(self.ids.get(name).copied().unwrap_or_else(|| unknown_id(name)));
            }
            (Type::Fixed(fixed), Value::Number(number)) if fixed.size <= 8 => {
                out.extend(&number.to_be_bytes()[8 - fixed.size..]);
            }
            (Type::Fixed(fixed), _) => out.extend(std::iter::repeat_n(0, fixed.size)),
            (Type::Struct(name), value) => {
                self.part(self.message.find(name), value, flexible, out);
            }
            (kind, Value::Null) => length(None, *kind == Type::String, flexible, out),
            (Type::Array(element), value) => {
                length(Some(value.elements().len()), false, flexible, out);
                for one in value.elements() {
                    self.value(element, one, flexible, out);
                }
            }
            (kind, Value::Own(name)) => {
                let word = self.words.get(name).map_or("", String::as_str);
                self.value(kind, &Value::Text(word.to_owned()), flexible, out);
            }
            (kind, Value::Text(text)) => {
                length(Some(text.len()), *kind == Type::String, flexible, out);
                out.extend(text.as_bytes());
            }
            (kind, Value::Bytes(bytes)) => {
                length(Some(bytes.len()), *kind == Type::String, flexible, out);
                out.extend(bytes);
            }
            (kind, _) => length(Some(0), *kind == Type::String, flexible, out),
        }
    }
}

/// The id of a topic that does not exist: zeros for the empty name.
fn unknown_id(name: &str) -> [u8; 16] {
    let mut id = [0; 16];
    for (index, byte) in name.bytes().enumerate() {
        id[index % 16] ^= byte;
    }
    id
}

fn length(length: Option<usize>, is_string: bool, flexible: bool, out: &mut Vec<u8>) {
    if flexible {
        varint(length.map_or(0, |length| length as u32 + 1), out);
    } else if is_string {
        out.extend(length.map_or(-1, |length| length as i16).to_be_bytes());
    } else {
        out.extend(length.map_or(-1, |length| length as i32).to_be_bytes());
    }
}

pub(super) fn varint(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads the body of a message in one version.
pub(super) struct Decoder<'a> {
    pub(super) message: &'a Message,
    pub(super) version: i16,
    pub(super) bytes: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// The whole body; bytes left over are an error.
    pub(super) fn body(&mut self) -> Result<Value> {
        let flexible = self.message.is_flexible(self.version);
        let value = self.part(&self.message.structs[0], flexible)?;
        ensure!(self.bytes.is_empty(), "{} bytes are left over", self.bytes.len());
        Ok(value)
    }

    fn part(&mut self, part: &Struct, flexible: bool) -> Result<Value> {
        let version = self.version;
        let mut fields = Vec::new();
        let present: Vec<&Field> =
            part.fields.iter().filter(|field| field.versions.contains(&version)).collect();
        for field in present.iter().filter(|field| field.tag.is_none()) {
            let value = self.field(field, flexible && !field.inflexible);
            fields.push((field.name.clone(), value.with_context(|| field.name.clone())?));
        }
        let count = if flexible { self.varint()? } else { 0 };
        for _ in 0..count {
            let (tag, size) = (self.varint()?, self.varint()?);
            let bytes = self.take(size as usize)?;
            let Some(field) = present.iter().find(|field| field.tag == Some(tag)) else {
                fields.push((format!("tag_{tag}"), Value::Bytes(bytes.to_vec())));
                continue;
            };
            let mut inner = Decoder { message: self.message, version, bytes };
            let value = inner.field(field, true).with_context(|| field.name.clone())?;
            ensure!(inner.bytes.is_empty(), "{}: bytes are left over", field.name);
            fields.push((field.name.clone(), value));
        }
        Ok(Value::Struct(fields))
    }

    fn field(&mut self, field: &Field, flexible: bool) -> Result<Value> {
        let is_struct = matches!(field.kind, Type::Struct(_));
        if is_struct && field.is_nullable(self.version) && self.take(1)? == [0xff] {
            return Ok(Value::Null);
        }
        self.value(&field.kind, flexible)
    }

    fn value(&mut self, kind: &Type, flexible: bool) -> Result<Value> {
        match kind {
            Type::Fixed(fixed) if fixed.size > 8 => Ok(Value::Bytes(self.take(fixed.size)?.into())),
            Type::Fixed(fixed) => Ok(Value::Number(self.number(fixed.size)?)),
            Type::Struct(name) => self.part(self.message.find(name), flexible),
            Type::String => Ok(match self.length(true, flexible)? {
                Some(size) => Value::Text(String::from_utf8(self.take(size)?.into())?),
                None => Value::Null,
            }),
            Type::Bytes | Type::Records => Ok(match self.length(false, flexible)? {
                Some(size) => Value::Bytes(self.take(size)?.into()),
                None => Value::Null,
            }),
            Type::Array(element) => {
                let Some(count) = self.length(false, flexible)? else { return Ok(Value::Null) };
                ensure!(count <= self.bytes.len(), "a list of {count} elements does not fit");
                (0..count)
                    .map(|_| self.value(element, flexible))
                    .collect::<Result<_>>()
                    .map(Value::List)
            }
        }
    }

    fn length(&mut self, is_string: bool, flexible: bool) -> Result<Option<usize>> {
        if flexible {
            return Ok((self.varint()? as usize).checked_sub(1));
        }
        let length = self.number(if is_string { 2 } else { 4 })?;
        Ok(usize::try_from(length).ok())
    }

    fn number(&mut self, size: usize) -> Result<i64> {
        let bytes = self.take(size)?;
        let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
        Ok(bytes.iter().fold(sign, |number: i64, byte| number << 8 | i64::from(*byte)))
    }

    pub(super) fn varint(&mut self) -> Result<u32> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let [byte] = *self.take(1)? else { bail!("no byte") };
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        bail!("a length of more than five bytes")
    }

    pub(super) fn take(&mut self, size: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(size).context("the answer ends early")?;
        self.bytes = rest;
        Ok(taken)
    }
}
