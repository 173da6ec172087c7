//! [`Wire`]: how each type of the schemas is read and written. The generated structs implement it
//! field by field; which of two forms a length takes follows from the version in reader and writer.

use bytes::Bytes;
use model::{BrokerId, LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, Uuid};

use crate::chunk::{Chunk, Records};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::text::Str;
use crate::writer::Writer;

/// A type that has a place in a message.
pub trait Wire: Sized {
    /// The fewest bytes a value takes in any version, at least 1.
    const SIZE_MIN: usize;

    /// Reads a value.
    fn get(reader: &mut Reader) -> Result<Self, DecodeError>;

    /// Writes the value.
    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError>;

    /// Reads a value that may be null. Structs have a byte of their own that says so.
    fn get_nullable(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        let present: i8 = reader.get()?;
        if present <= 0 { Ok(None) } else { Self::get(reader).map(Some) }
    }

    /// Writes a value that may be null.
    fn put_nullable(value: Option<&Self>, writer: &mut Writer) -> Result<(), EncodeError> {
        match value {
            Some(value) => {
                1i8.put(writer)?;
                value.put(writer)
            }
            None => (-1i8).put(writer),
        }
    }
}

/// A struct in a tagged field says null by another byte than elsewhere.
pub(crate) fn put_tagged_struct<T: Wire>(
    value: &Option<T>,
    writer: &mut Writer,
) -> Result<(), EncodeError> {
    match value {
        Some(_) => T::put_nullable(value.as_ref(), writer),
        None => 0i8.put(writer),
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Wire for $number {
            const SIZE_MIN: usize = size_of::<$number>();

            fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
                reader.array().map(<$number>::from_be_bytes)
            }

            fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
                writer.slice(&self.to_be_bytes());
                Ok(())
            }
        }
    )*};
}
numbers!(i8 i16 u16 i32 u32 i64 f64);

macro_rules! newtypes {
    ($($name:ident($inner:ty))*) => {$(
        impl Wire for $name {
            const SIZE_MIN: usize = size_of::<$inner>();

            fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
                <$inner>::get(reader).map($name::new)
            }

            fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
                <$name>::get(*self).put(writer)
            }
        }
    )*};
}
newtypes! {
    BrokerId(i32) PartitionIndex(i32) LeaderEpoch(i32)
    Offset(i64) ProducerId(i64) ProducerEpoch(i16)
}

impl Wire for bool {
    const SIZE_MIN: usize = 1;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        reader.array().map(|[byte]| byte != 0)
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        writer.slice(&[u8::from(*self)]);
        Ok(())
    }
}

impl Wire for Uuid {
    const SIZE_MIN: usize = 16;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        reader.array().map(Self::from_bytes)
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        writer.slice(self.as_bytes());
        Ok(())
    }
}

/// Takes a value out of an `Option` that the caller does not allow to be null.
fn not_null<T>(reader: &Reader, value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::Null { position: reader.position() })
}

impl Wire for Str {
    const SIZE_MIN: usize = 1;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        let value = Self::get_nullable(reader)?;
        not_null(reader, value)
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        Self::put_nullable(Some(self), writer)
    }

    fn get_nullable(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.string_length()? else { return Ok(None) };
        let position = reader.position();
        let bytes = reader.slice(length)?;
        Self::from_utf8(bytes).map(Some).ok_or(DecodeError::Utf8 { position })
    }

    fn put_nullable(value: Option<&Self>, writer: &mut Writer) -> Result<(), EncodeError> {
        writer.string_length(value.map(|text| text.len()))?;
        if let Some(text) = value {
            writer.shared(text.as_bytes_shared());
        }
        Ok(())
    }
}

impl Wire for Bytes {
    const SIZE_MIN: usize = 1;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        let value = Self::get_nullable(reader)?;
        not_null(reader, value)
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        Self::put_nullable(Some(self), writer)
    }

    fn get_nullable(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        match reader.length()? {
            Some(length) => reader.slice(length).map(Some),
            None => Ok(None),
        }
    }

    fn put_nullable(value: Option<&Self>, writer: &mut Writer) -> Result<(), EncodeError> {
        writer.put_length(value.map(|bytes| bytes.len() as u64))?;
        if let Some(bytes) = value {
            writer.shared(bytes);
        }
        Ok(())
    }
}

impl Wire for Records {
    const SIZE_MIN: usize = 1;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        Ok(Bytes::get_nullable(reader)?.map_or(Self::Null, Self::Bytes))
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        let chunks = match self {
            Self::Null => return writer.put_length(None),
            Self::Bytes(bytes) => return bytes.put(writer),
            Self::Chunks(chunks) => chunks,
        };
        writer.put_length(Some(self.length()))?;
        for chunk in chunks {
            match chunk {
                Chunk::Bytes(bytes) => writer.shared(bytes),
                Chunk::File(range) => writer.file(range),
            }
        }
        Ok(())
    }
}

impl<T: Wire> Wire for Vec<T> {
    const SIZE_MIN: usize = 1;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        let value = Self::get_nullable(reader)?;
        not_null(reader, value)
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        Self::put_nullable(Some(self), writer)
    }

    fn get_nullable(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        match reader.length()? {
            Some(count) => reader.elements(count).map(Some),
            None => Ok(None),
        }
    }

    fn put_nullable(value: Option<&Self>, writer: &mut Writer) -> Result<(), EncodeError> {
        writer.put_length(value.map(|elements| elements.len() as u64))?;
        value.into_iter().flatten().try_for_each(|element| element.put(writer))
    }
}

impl<T: Wire> Wire for Option<T> {
    const SIZE_MIN: usize = 1;

    fn get(reader: &mut Reader) -> Result<Self, DecodeError> {
        T::get_nullable(reader)
    }

    fn put(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        T::put_nullable(self.as_ref(), writer)
    }
}
