//! How messages are stored as records. Coordinators' topics: the key begins with the number of its
//! type, the value with its version. The metadata log: the value alone, which begins with the version
//! of its frame, type and version as variable-length integers.

use bytes::Bytes;

use crate::error::{DecodeError, EncodeError};
use crate::message::Record;
use crate::reader::Reader;
use crate::wire::Wire;
use crate::writer::Writer;

/// The only version of the frame around metadata records.
const METADATA_FRAME_VERSION: u32 = 1;

/// A key of a coordinator's record: its type and then its fields.
pub fn encode_key<K: Record>(key: &K) -> Result<Bytes, EncodeError> {
    prefixed(K::TYPE, key, *K::VERSIONS.start())
}

/// A value of a coordinator's record: its version and then its fields.
pub fn encode_value<V: Record>(value: &V, version: i16) -> Result<Bytes, EncodeError> {
    prefixed(version, value, version)
}

fn prefixed<R: Record>(prefix: i16, record: &R, version: i16) -> Result<Bytes, EncodeError> {
    let mut writer = Writer::new();
    prefix.put(&mut writer)?;
    record.encode(&mut writer, version)?;
    writer.into_bytes()
}

/// Reads the type that a key begins with; its fields follow, to be decoded in version 0.
pub fn decode_key_type(reader: &mut Reader) -> Result<i16, DecodeError> {
    reader.get()
}

/// Reads a value and its version.
pub fn decode_value<V: Record>(bytes: impl Into<Bytes>) -> Result<V, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.get()?;
    let value = V::decode(&mut reader, version)?;
    reader.finish()?;
    Ok(value)
}

/// The value of a record in the metadata log.
pub fn encode_metadata<R: Record>(record: &R, version: i16) -> Result<Bytes, EncodeError> {
    let mut writer = Writer::new();
    for prefix in [METADATA_FRAME_VERSION, R::TYPE as u32, version as u32] {
        writer.unsigned_varint(prefix);
    }
    record.encode(&mut writer, version)?;
    writer.into_bytes()
}

/// Type and version of a metadata record; its fields follow.
pub fn decode_metadata_type(reader: &mut Reader) -> Result<(i16, i16), DecodeError> {
    let position = reader.position();
    let number = |reader: &mut Reader| {
        let value = reader.unsigned_varint()?;
        i16::try_from(value).map_err(|_| DecodeError::Varint { position })
    };
    let frame = number(reader)?;
    if frame as u32 != METADATA_FRAME_VERSION {
        let (min, max) = (METADATA_FRAME_VERSION as i16, METADATA_FRAME_VERSION as i16);
        return Err(DecodeError::Version { message: "metadata frame", version: frame, min, max });
    }
    Ok((number(reader)?, number(reader)?))
}
