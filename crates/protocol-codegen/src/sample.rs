//! Valid bytes of any message in any version, made from its schema alone: an encoder that shares no
//! code with the generated one, for tests to compare with.

use crate::schema::{Field, Message, Struct, Type};

/// Longest array in a sample.
const ELEMENTS_MAX: u64 = 3;
/// Longest string in a sample.
const STRING_LENGTH_MAX: u64 = 12;

/// A small generator of pseudo-random numbers (splitmix64): equal seeds give equal samples.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins with a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `max`.
    pub fn up_to(&mut self, max: u64) -> u64 {
        self.next_u64() % (max + 1)
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.up_to(count - 1) == 0
    }
}

/// The bytes of a message with random values in all its fields.
pub fn bytes(message: &Message, version: i16, random: &mut Random) -> Vec<u8> {
    let mut sampler = Sampler { message, version, flexible: message.is_flexible(version), random };
    let mut out = Vec::new();
    sampler.part(&message.structs[0], &mut out);
    out
}

struct Sampler<'a> {
    message: &'a Message,
    version: i16,
    flexible: bool,
    random: &'a mut Random,
}

impl Sampler<'_> {
    fn part(&mut self, part: &Struct, out: &mut Vec<u8>) {
        let message = self.message;
        let present = |field: &&Field| field.versions.contains(&self.version);
        let fields: Vec<&Field> = part.fields.iter().filter(present).collect();
        for field in fields.iter().filter(|field| field.tag.is_none()) {
            let flexible = self.flexible;
            self.flexible = flexible && !field.inflexible;
            let null = field.is_nullable(self.version) && self.random.one_in(4);
            self.field(message, field, null, out);
            self.flexible = flexible;
        }
        if !self.flexible {
            return;
        }
        let mut tagged: Vec<&&Field> = fields.iter().filter(|field| field.tag.is_some()).collect();
        tagged.sort_by_key(|field| field.tag);
        let mut values = Vec::new();
        for field in tagged {
            let mut value = Vec::new();
            self.field(message, field, false, &mut value);
            // Whether a struct holds only defaults cannot be seen here: it is always given one
            // value that is none, by repeating until the bytes differ from all that is default.
            if self.random.up_to(3) > 0 && !self.is_default(field, &value) {
                values.push((field.tag.unwrap_or_default(), value));
            }
        }
        varint(values.len() as u32, out);
        for (tag, value) in values {
            varint(tag, out);
            varint(value.len() as u32, out);
            out.extend(value);
        }
    }

    /// Whether the bytes are those of the field's default, which is not written at all.
    fn is_default(&self, field: &Field, value: &[u8]) -> bool {
        match &field.kind {
            Type::Fixed(fixed) => {
                let number: i64 = match field.default.as_deref() {
                    Some("true") => 1,
                    Some(text) => text.parse().unwrap_or(0),
                    None => 0,
                };
                let start = 8usize.saturating_sub(fixed.size);
                let expected: Vec<u8> = if fixed.size > 8 {
                    vec![0; fixed.size]
                } else {
                    number.to_be_bytes()[start..].to_vec()
                };
                value == expected
            }
            // Empty, unless null is the default.
            Type::String | Type::Bytes | Type::Records | Type::Array(_) => {
                value == [1] && (field.nullable.is_none() || field.default.is_some())
            }
            // Random numbers in a struct never happen to be all of their defaults.
            Type::Struct(_) => false,
        }
    }

    fn field(&mut self, message: &Message, field: &Field, null: bool, out: &mut Vec<u8>) {
        match &field.kind {
            Type::Struct(_) if null => out.push(0xff),
            Type::Struct(name) => {
                if field.is_nullable(self.version) {
                    out.push(1);
                }
                self.part(message.find(name), out);
            }
            _ if null => self.length(None, field.kind == Type::String, out),
            kind => self.value(message, kind, out),
        }
    }

    fn value(&mut self, message: &Message, kind: &Type, out: &mut Vec<u8>) {
        match kind {
            Type::Fixed(fixed) if fixed.rust == "bool" => out.push(self.random.up_to(1) as u8),
            Type::Fixed(fixed) if fixed.rust == "f64" => {
                out.extend((self.random.up_to(1_000_000) as f64 / 8.0).to_be_bytes());
            }
            Type::Fixed(fixed) => {
                for _ in 0..fixed.size {
                    out.push(self.random.next_u64() as u8);
                }
            }
            Type::String => {
                let length = self.random.up_to(STRING_LENGTH_MAX) as usize;
                self.length(Some(length), true, out);
                for _ in 0..length {
                    out.push(b'a' + self.random.up_to(25) as u8);
                }
            }
            Type::Bytes | Type::Records => {
                let length = self.random.up_to(STRING_LENGTH_MAX) as usize;
                self.length(Some(length), false, out);
                for _ in 0..length {
                    out.push(self.random.next_u64() as u8);
                }
            }
            Type::Struct(name) => self.part(message.find(name), out),
            Type::Array(element) => {
                let count = self.random.up_to(ELEMENTS_MAX) as usize;
                self.length(Some(count), false, out);
                for _ in 0..count {
                    self.value(message, element, out);
                }
            }
        }
    }

    fn length(&self, length: Option<usize>, is_string: bool, out: &mut Vec<u8>) {
        if self.flexible {
            varint(length.map_or(0, |length| length as u32 + 1), out);
        } else if is_string {
            out.extend(length.map_or(-1, |length| length as i16).to_be_bytes());
        } else {
            out.extend(length.map_or(-1, |length| length as i32).to_be_bytes());
        }
    }
}

fn varint(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
