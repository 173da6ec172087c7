//! [`Message`] and [`Request`]: what every generated message can do.

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::api_key::ApiKey;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::wire::Wire;
use crate::writer::Writer;

/// A request, response, header or record: a struct that has versions.
pub trait Message: Wire + Default + Clone + PartialEq + std::fmt::Debug {
    /// The name in the protocol guide.
    const NAME: &'static str;
    /// The versions that exist.
    const VERSIONS: RangeInclusive<i16>;
    /// The first version with compact lengths and tagged fields (KIP-482), if there is one.
    const FLEXIBLE_SINCE: Option<i16>;

    /// Whether the version has compact lengths and tagged fields.
    fn is_flexible(version: i16) -> bool {
        Self::FLEXIBLE_SINCE.is_some_and(|since| version >= since)
    }

    /// Reads the message. Call [`Reader::finish`] when nothing may follow it.
    fn decode(reader: &mut Reader, version: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&version) {
            let (message, min, max) = (Self::NAME, *Self::VERSIONS.start(), *Self::VERSIONS.end());
            return Err(DecodeError::Version { message, version, min, max });
        }
        reader.begin_message(version, Self::is_flexible(version));
        Self::get(reader)
    }

    /// Writes the message.
    fn encode(&self, writer: &mut Writer, version: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&version) {
            let (message, min, max) = (Self::NAME, *Self::VERSIONS.start(), *Self::VERSIONS.end());
            return Err(EncodeError::Version { message, version, min, max });
        }
        writer.begin_message(Self::NAME, version, Self::is_flexible(version));
        self.put(writer)
    }

    /// How many bytes [`Message::encode`] writes.
    fn size(&self, version: i16) -> Result<usize, EncodeError> {
        let mut writer = Writer::counting();
        self.encode(&mut writer, version)?;
        Ok(writer.length() as usize)
    }

    /// The message as one piece, without header or length.
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        self.encode(&mut writer, version)?;
        writer.into_bytes()
    }

    /// The message that the bytes hold and nothing else.
    fn from_bytes(bytes: impl Into<Bytes>, version: i16) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let message = Self::decode(&mut reader, version)?;
        reader.finish()?;
        Ok(message)
    }
}

/// A message that asks for another.
pub trait Request: Message {
    /// Its number.
    const KEY: ApiKey;
    /// What answers it.
    type Response: Message;
}

/// A message that is stored as a record whose key or frame names its type.
pub trait Record: Message {
    /// The number of the type.
    const TYPE: i16;
}
