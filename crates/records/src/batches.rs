//! Walking the batches of a buffer, headers only, whatever their format.

use crate::error::BatchError;
use crate::header::{BatchHeader, LENGTH_PREFIX, MAGIC_AT};

/// Yields the header and the bytes of each batch of a buffer. After an error it ends; a buffer that
/// was cut inside its last batch, as a fetch may return it, ends with [`BatchError::Truncated`].
/// Messages of formats v0 and v1 come as [`BatchHeader::parse_any_format`] sees them. The CRC is not
/// checked.
#[derive(Debug, Clone)]
pub struct Batches<'a> {
    buffer: &'a [u8],
    position: usize,
    failed: bool,
}

impl<'a> Batches<'a> {
    /// Starts at the first byte of `buffer`.
    pub fn new(buffer: &'a [u8]) -> Self {
        Self { buffer, position: 0, failed: false }
    }

    /// The magic of the first batch of a buffer, if there is so much of it.
    pub fn magic(buffer: &[u8]) -> Option<i8> {
        buffer.get(MAGIC_AT).map(|magic| *magic as i8)
    }

    /// How many bytes the batches that were yielded so far take.
    pub fn position(&self) -> usize {
        self.position
    }

    fn read(&mut self) -> Result<(BatchHeader, &'a [u8]), BatchError> {
        let rest = self.buffer.get(self.position..).unwrap_or_default();
        if rest.len() <= MAGIC_AT {
            let needed = MAGIC_AT.max(LENGTH_PREFIX) + 1;
            return Err(BatchError::Truncated { needed, available: rest.len() });
        }
        let header = BatchHeader::parse_any_format(rest)?;
        let needed = header.size_in_bytes();
        let bytes =
            rest.get(..needed).ok_or(BatchError::Truncated { needed, available: rest.len() })?;
        self.position += needed;
        Ok((header, bytes))
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<(BatchHeader, &'a [u8]), BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.position == self.buffer.len() {
            return None;
        }
        let item = self.read();
        self.failed = item.is_err();
        Some(item)
    }
}
