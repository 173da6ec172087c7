//! [`Reader`]: a position in a frame. Every length that the frame claims is compared with the bytes
//! that remain before anything is allocated or skipped, so that decoding costs at most in proportion
//! to the bytes that really came.

use bytes::Bytes;

use crate::error::DecodeError;
use crate::wire::Wire;

/// How many bytes a `Vec` is given before its first element is decoded. What a count claims beyond
/// that is only allocated as elements really come.
const PREALLOCATED_BYTES_MAX: usize = 16 * 1024;

/// How many bytes of elements may come out of each byte of a frame. An empty string takes one byte in
/// a frame and 32 in an array, so that without a bound a frame of the greatest size that the server
/// takes would become gigabytes. What real clients send stays below 4.
const ELEMENT_BYTES_PER_BYTE_MAX: usize = 8;

/// How many bytes of elements are free, so that small frames need not be dense.
const ELEMENT_BYTES_FREE: usize = 1 << 20;

/// Longest encoding of an unsigned 32-bit variable-length integer.
const VARINT_BYTES_MAX: usize = 5;

/// Reads values off a frame.
#[derive(Debug, Clone)]
pub struct Reader {
    bytes: Bytes,
    position: usize,
    end: usize,
    /// How many bytes of elements may still be allocated.
    element_bytes_left: usize,
    version: i16,
    flexible: bool,
}

impl Reader {
    /// Begins at the start of the bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let end = bytes.len();
        let dense = end.saturating_mul(ELEMENT_BYTES_PER_BYTE_MAX);
        let element_bytes_left = dense.saturating_add(ELEMENT_BYTES_FREE);
        Self { bytes, position: 0, end, element_bytes_left, version: 0, flexible: false }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.end - self.position
    }

    /// Sees to it that the whole frame has been read.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            remaining => Err(DecodeError::Trailing { position: self.position, remaining }),
        }
    }

    /// What is left, as a slice of the frame; nothing is left afterwards.
    pub fn take_rest(&mut self) -> Bytes {
        let rest = self.bytes.slice(self.position..self.end);
        self.position = self.end;
        rest
    }

    /// The version that is being decoded.
    pub(crate) fn version(&self) -> i16 {
        self.version
    }

    pub(crate) fn begin_message(&mut self, version: i16, flexible: bool) {
        self.version = version;
        self.flexible = flexible;
    }

    /// Reads the next value.
    pub fn get<T: Wire>(&mut self) -> Result<T, DecodeError> {
        T::get(self)
    }

    /// Reads the next value as versions before KIP-482 write it, whatever this version is.
    pub(crate) fn get_inflexible<T: Wire>(&mut self) -> Result<T, DecodeError> {
        let flexible = std::mem::replace(&mut self.flexible, false);
        let value = T::get(self);
        self.flexible = flexible;
        value
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let start = self.position;
        match self.bytes[start..self.end].first_chunk::<N>() {
            Some(array) => {
                self.position += N;
                Ok(*array)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// The next `length` bytes as a slice of the frame.
    pub(crate) fn slice(&mut self, length: usize) -> Result<Bytes, DecodeError> {
        if length > self.remaining() {
            return Err(self.truncated(length));
        }
        let start = self.position;
        self.position += length;
        Ok(self.bytes.slice(start..self.position))
    }

    fn truncated(&self, needed: usize) -> DecodeError {
        DecodeError::Truncated { position: self.position, needed, remaining: self.remaining() }
    }

    /// An unsigned variable-length integer, seven bits in a byte, the low ones first.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let start = self.position;
        let mut value = 0u64;
        for index in 0..VARINT_BYTES_MAX {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| DecodeError::Varint { position: start });
            }
        }
        Err(DecodeError::Varint { position: start })
    }

    /// The length of a string (16 bits in old versions); `None` for null.
    pub(crate) fn string_length(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.flexible {
            return self.compact_length();
        }
        let length = i16::from_be_bytes(self.array()?);
        self.signed_length(i64::from(length))
    }

    /// The length of bytes, records or an array (32 bits in old versions); `None` for null.
    pub(crate) fn length(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.flexible {
            return self.compact_length();
        }
        let length = i32::from_be_bytes(self.array()?);
        self.signed_length(i64::from(length))
    }

    fn compact_length(&mut self) -> Result<Option<usize>, DecodeError> {
        Ok(self.unsigned_varint()?.checked_sub(1).map(|length| length as usize))
    }

    fn signed_length(&self, length: i64) -> Result<Option<usize>, DecodeError> {
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(DecodeError::NegativeLength { position: self.position, length }),
        }
    }

    /// `count` elements, if the remaining bytes can hold them.
    pub(crate) fn elements<T: Wire>(&mut self, count: usize) -> Result<Vec<T>, DecodeError> {
        let remaining = self.remaining();
        if count > remaining / T::SIZE_MIN {
            return Err(DecodeError::Count { position: self.position, count, remaining });
        }
        let bytes = count.saturating_mul(size_of::<T>());
        match self.element_bytes_left.checked_sub(bytes) {
            Some(left) => self.element_bytes_left = left,
            None => return Err(DecodeError::Dense { position: self.position, count, bytes }),
        }
        let preallocated = PREALLOCATED_BYTES_MAX / size_of::<T>().max(1);
        let mut elements = Vec::with_capacity(count.min(preallocated));
        for _ in 0..count {
            elements.push(T::get(self)?);
        }
        Ok(elements)
    }

    /// The tagged fields at the end of a struct of a flexible version. `known` reads the value of a
    /// tag and returns true, or returns false for a tag that it does not know, which is skipped.
    pub(crate) fn tags(
        &mut self,
        known: &mut dyn FnMut(&mut Self, u32) -> Result<bool, DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.flexible {
            return Ok(());
        }
        let count = self.unsigned_varint()?;
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            let size = self.unsigned_varint()? as usize;
            if size > self.remaining() {
                return Err(self.truncated(size));
            }
            let expected = self.position + size;
            let end = std::mem::replace(&mut self.end, expected);
            let read = known(self, tag)?;
            self.end = end;
            if !read {
                self.position = expected;
            } else if self.position != expected {
                return Err(DecodeError::TagSize { tag, position: self.position, expected });
            }
        }
        Ok(())
    }
}
