//! [`Writer`]: where encoding goes. Small values are gathered in one buffer; long byte strings and
//! file ranges are only referred to, and come out as chunks of their own. A counting writer takes the
//! same path without keeping anything, so that a size can never differ from what is written.

use bytes::{BufMut, Bytes, BytesMut};

use crate::chunk::{Chunk, FileRange};
use crate::error::EncodeError;
use crate::wire::Wire;

/// Byte strings from this length on are referred to instead of copied.
const SHARED_BYTES_MIN: usize = 4096;

/// The value of a tagged field and when to write it: tag, whether it is to be written, how.
pub(crate) type Tagged<'a> = (u32, bool, &'a dyn Fn(&mut Writer) -> Result<(), EncodeError>);

/// Error codes other than 0 and how often a message says each; empty for most messages.
pub type ErrorCounts = Vec<(i16, u64)>;

/// Gathers an encoded message.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: BytesMut,
    /// Chunks that go out between the bytes of `buffer`, each before the position it names.
    inserted: Vec<(usize, Chunk)>,
    length: u64,
    errors: ErrorCounts,
    counting: bool,
    version: i16,
    flexible: bool,
    message: &'static str,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for that many bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { buffer: BytesMut::with_capacity(capacity), ..Self::default() }
    }

    /// A writer that only counts.
    pub(crate) fn counting() -> Self {
        Self { counting: true, ..Self::default() }
    }

    /// How many bytes have been written, those of file ranges included.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes an error code and counts it.
    pub(crate) fn error_code(&mut self, code: i16) -> Result<(), EncodeError> {
        if code != 0 {
            match self.errors.iter_mut().find(|(counted, _)| *counted == code) {
                Some((_, count)) => *count += 1,
                None => self.errors.push((code, 1)),
            }
        }
        code.put(self)
    }

    /// The errors that were written so far.
    pub(crate) fn take_errors(&mut self) -> ErrorCounts {
        std::mem::take(&mut self.errors)
    }

    /// What was written, in order.
    pub fn into_chunks(self) -> Vec<Chunk> {
        let bytes = self.buffer.freeze();
        let mut chunks = Vec::with_capacity(2 * self.inserted.len() + 1);
        let mut start = 0;
        for (position, chunk) in self.inserted {
            if position > start {
                chunks.push(Chunk::Bytes(bytes.slice(start..position)));
                start = position;
            }
            chunks.push(chunk);
        }
        if start < bytes.len() {
            chunks.push(Chunk::Bytes(bytes.slice(start..)));
        }
        chunks
    }

    /// What was written as one piece; fails when file ranges are among it.
    pub fn into_bytes(self) -> Result<Bytes, EncodeError> {
        if self.inserted.is_empty() {
            return Ok(self.buffer.freeze());
        }
        let message = self.message;
        let mut bytes = BytesMut::with_capacity(self.length as usize);
        for chunk in self.into_chunks() {
            match chunk {
                Chunk::Bytes(piece) => bytes.put_slice(&piece),
                Chunk::File(_) => return Err(EncodeError::FileRange { message }),
            }
        }
        Ok(bytes.freeze())
    }

    /// Begins a frame: its length stands first and is known last.
    pub(crate) fn begin_frame(&mut self) {
        debug_assert_eq!(self.length, 0, "a frame begins at the start of its writer");
        self.slice(&[0; 4]);
    }

    /// Ends a frame by writing its length at its start.
    pub(crate) fn end_frame(mut self) -> Result<Vec<Chunk>, EncodeError> {
        let length = self.check_length(self.length - 4, i32::MAX as u64)? as u32;
        self.buffer[..4].copy_from_slice(&length.to_be_bytes());
        Ok(self.into_chunks())
    }

    pub(crate) fn version(&self) -> i16 {
        self.version
    }

    pub(crate) fn begin_message(&mut self, message: &'static str, version: i16, flexible: bool) {
        (self.message, self.version, self.flexible) = (message, version, flexible);
    }

    /// Copies bytes.
    pub(crate) fn slice(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if !self.counting {
            self.buffer.put_slice(bytes);
        }
    }

    /// Copies short bytes and refers to long ones.
    pub(crate) fn shared(&mut self, bytes: &Bytes) {
        if bytes.len() < SHARED_BYTES_MIN {
            self.slice(bytes);
        } else {
            self.insert(bytes.len() as u64, || Chunk::Bytes(bytes.clone()));
        }
    }

    /// Refers to a part of a file.
    pub(crate) fn file(&mut self, range: &FileRange) {
        self.insert(range.length, || Chunk::File(range.clone()));
    }

    fn insert(&mut self, length: u64, chunk: impl FnOnce() -> Chunk) {
        self.length += length;
        if !self.counting && length > 0 {
            self.inserted.push((self.buffer.len(), chunk()));
        }
    }

    /// An unsigned variable-length integer, seven bits in a byte, the low ones first.
    pub fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.slice(&[value as u8 | 0x80]);
            value >>= 7;
        }
        self.slice(&[value as u8]);
    }

    fn check_length(&self, length: u64, max: u64) -> Result<u64, EncodeError> {
        if length > max {
            return Err(EncodeError::TooLong { message: self.message, length, max });
        }
        Ok(length)
    }

    /// The length of a string (16 bits in old versions); `None` writes null.
    pub(crate) fn string_length(&mut self, length: Option<usize>) -> Result<(), EncodeError> {
        if self.flexible {
            return self.compact_length(length.map(|length| length as u64));
        }
        let max = i16::MAX as u64;
        let length = length.map(|length| self.check_length(length as u64, max)).transpose()?;
        self.slice(&length.map_or(-1, |length| length as i16).to_be_bytes());
        Ok(())
    }

    /// The length of bytes, records or an array (32 bits in old versions); `None` writes null.
    pub(crate) fn put_length(&mut self, length: Option<u64>) -> Result<(), EncodeError> {
        if self.flexible {
            return self.compact_length(length);
        }
        let max = i32::MAX as u64;
        let length = length.map(|length| self.check_length(length, max)).transpose()?;
        self.slice(&length.map_or(-1, |length| length as i32).to_be_bytes());
        Ok(())
    }

    fn compact_length(&mut self, length: Option<u64>) -> Result<(), EncodeError> {
        let length = length.map(|length| self.check_length(length, i32::MAX as u64)).transpose()?;
        self.unsigned_varint(length.map_or(0, |length| length as u32 + 1));
        Ok(())
    }

    /// Writes a value as versions before KIP-482 do, whatever this version is.
    pub(crate) fn put_inflexible<T: Wire>(&mut self, value: &T) -> Result<(), EncodeError> {
        let flexible = std::mem::replace(&mut self.flexible, false);
        let result = value.put(self);
        self.flexible = flexible;
        result
    }

    /// Writes a value that may be null in other versions, but not in this one.
    pub(crate) fn required<T: Wire>(
        &mut self,
        value: &Option<T>,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) => value.put(self),
            None => Err(EncodeError::Null { message: self.message, field, version: self.version }),
        }
    }

    /// Refuses a field that is set though this version lacks it.
    pub(crate) fn absent(&self, set: bool, field: &'static str) -> Result<(), EncodeError> {
        if set {
            let (message, version) = (self.message, self.version);
            return Err(EncodeError::FieldNotInVersion { message, field, version });
        }
        Ok(())
    }

    /// The tagged fields at the end of a struct of a flexible version, in the order of their tags.
    pub(crate) fn tags(&mut self, fields: &[Tagged<'_>]) -> Result<(), EncodeError> {
        if !self.flexible {
            return Ok(());
        }
        self.unsigned_varint(fields.iter().filter(|(_, set, _)| *set).count() as u32);
        for (tag, _, put) in fields.iter().filter(|(_, set, _)| *set) {
            let mut counter = Self::counting();
            counter.begin_message(self.message, self.version, true);
            put(&mut counter)?;
            self.unsigned_varint(*tag);
            let size = self.check_length(counter.length, i32::MAX as u64)?;
            self.unsigned_varint(size as u32);
            put(self)?;
        }
        Ok(())
    }
}
