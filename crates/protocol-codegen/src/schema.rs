//! The schemas as values: what `schemas/README.md` of the protocol crate describes.

use std::ops::RangeInclusive;

/// Versions from the first to the last, both included.
pub type Versions = RangeInclusive<i16>;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The request of the API with this key.
    Request(i16),
    /// The response of the API with this key.
    Response(i16),
    /// A stored record with the number of its type.
    Record(i16),
    /// Anything else.
    Data,
}

/// One file: an API with its two messages, or a group of others.
#[derive(Debug)]
pub struct Schema {
    /// The name of the API, for files of requests.
    pub api: Option<String>,
    /// The messages in the order of the file.
    pub messages: Vec<Message>,
}

/// A message.
#[derive(Debug)]
pub struct Message {
    /// Its name, such as `FetchRequest`.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The versions that exist.
    pub versions: Versions,
    /// The first version with compact lengths and tagged fields.
    pub flexible_since: Option<i16>,
    /// Its structs; the first is the message itself.
    pub structs: Vec<Struct>,
}

/// A struct of a message.
#[derive(Debug)]
pub struct Struct {
    /// Its name, unique within the message.
    pub name: String,
    /// The versions in which it can occur.
    pub versions: Versions,
    /// Its fields in the order of the wire.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Its name in snake case.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// The versions that have it.
    pub versions: Versions,
    /// The versions in which it may be null.
    pub nullable: Option<Versions>,
    /// What the schema gives as its default.
    pub default: Option<String>,
    /// The number of its tag, if it is a tagged field.
    pub tag: Option<u32>,
    /// Whether a value is dropped silently in versions that lack the field.
    pub ignorable: bool,
    /// Whether it keeps its old form in flexible versions.
    pub inflexible: bool,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A type of fixed size, by its name in [`FIXED`].
    Fixed(&'static Fixed),
    /// Text.
    String,
    /// Bytes.
    Bytes,
    /// Record batches.
    Records,
    /// A struct of the message.
    Struct(String),
    /// A sequence.
    Array(Box<Type>),
}

/// A type of fixed size.
#[derive(Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Its name in schemas.
    pub name: &'static str,
    /// Its name in Rust.
    pub rust: &'static str,
    /// How many bytes it takes.
    pub size: usize,
    /// Whether it wraps a number.
    pub newtype: bool,
}

const fn fixed(name: &'static str, rust: &'static str, size: usize, newtype: bool) -> Fixed {
    Fixed { name, rust, size, newtype }
}

/// Every type of fixed size.
pub const FIXED: &[Fixed] = &[
    fixed("bool", "bool", 1, false),
    fixed("int8", "i8", 1, false),
    fixed("int16", "i16", 2, false),
    fixed("uint16", "u16", 2, false),
    fixed("int32", "i32", 4, false),
    fixed("int64", "i64", 8, false),
    fixed("float64", "f64", 8, false),
    fixed("uuid", "Uuid", 16, false),
    fixed("broker", "BrokerId", 4, true),
    fixed("partition", "PartitionIndex", 4, true),
    fixed("leader_epoch", "LeaderEpoch", 4, true),
    fixed("offset", "Offset", 8, true),
    fixed("producer", "ProducerId", 8, true),
    fixed("producer_epoch", "ProducerEpoch", 2, true),
];

impl Message {
    /// Whether the version has compact lengths and tagged fields.
    pub fn is_flexible(&self, version: i16) -> bool {
        self.flexible_since.is_some_and(|since| version >= since)
    }

    /// A struct of this message. Parsing has made sure that it exists.
    pub fn find(&self, name: &str) -> &Struct {
        let found = self.structs.iter().find(|candidate| candidate.name == name);
        found.unwrap_or_else(|| panic!("{} has no struct {name}", self.name))
    }
}

impl Field {
    /// Whether the type in Rust is an `Option`. Records have a null value of their own.
    pub fn is_option(&self) -> bool {
        self.nullable.is_some() && self.kind != Type::Records
    }

    /// Whether the version may write null.
    pub fn is_nullable(&self, version: i16) -> bool {
        self.nullable.as_ref().is_some_and(|versions| versions.contains(&version))
    }
}
