//! 128-bit ids, shown as Kafka shows them: 22 characters of URL-safe base64 without padding.

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const TEXT_LENGTH: usize = 22;

/// A 128-bit id: cluster, topic, directory, incarnation.
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 16]);

/// The id of a topic, which a topic created again under the same name does not share (KIP-516).
pub type TopicId = Uuid;

impl Uuid {
    /// No id: the field of an older protocol version, a request by name.
    pub const ZERO: Self = Self([0; 16]);
    /// The topic id that Kafka reserves for its metadata topic.
    pub const METADATA_TOPIC: Self = Self([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// Wraps the bytes as they stand on the wire.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A random (version 4) id from 16 random bytes. Kafka avoids ids whose text begins with a
    /// dash, as tools would take them for flags; so do we, by clearing the first bit.
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[0] &= 0x7f;
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }

    /// The bytes as they stand on the wire.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether this is [`Uuid::ZERO`].
    pub const fn is_zero(&self) -> bool {
        u128::from_be_bytes(self.0) == 0
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        let mut text = [0u8; TEXT_LENGTH];
        for (i, slot) in text.iter_mut().enumerate() {
            // 21 characters of six bits from the top; the last holds two bits and four of padding.
            let shift = 128 - 6 * (i as i32 + 1);
            let bits = if shift >= 0 { number >> shift } else { number << -shift };
            *slot = ALPHABET[(bits & 0x3f) as usize];
        }
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an id in Kafka's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: expected 22 characters of URL-safe base64, such as {example}", example = Uuid::METADATA_TOPIC)]
pub struct InvalidUuid(pub String);

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        let invalid = || InvalidUuid(text.to_owned());
        let digits = text.trim_end_matches('=').as_bytes();
        if digits.len() != TEXT_LENGTH {
            return Err(invalid());
        }
        let mut number = 0u128;
        for (i, byte) in digits.iter().enumerate() {
            let value = ALPHABET.iter().position(|c| c == byte).ok_or_else(invalid)? as u128;
            number = if i < TEXT_LENGTH - 1 {
                (number << 6) | value
            } else {
                (number << 2) | (value >> 4)
            };
        }
        Ok(Self(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_kafka_prints() {
        // Values printed by org.apache.kafka.common.Uuid.
        assert_eq!(Uuid::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(Uuid::METADATA_TOPIC.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
    }

    #[test]
    fn text_round_trips() {
        let id = Uuid::from_random([0xff; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(!id.to_string().starts_with('-'));
    }

    #[test]
    fn wrong_text_is_refused() {
        for text in ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAA*", "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
    }
}
