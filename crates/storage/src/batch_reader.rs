//! Reads the batches of a segment whole, one after the other, and verifies them: for those who must
//! not take the disk's word, such as recovery and the cleaner.

use records::{BatchError, BatchHeader, HEADER_LENGTH, verify_crc};

use crate::checked::Pieces;
use crate::fs::{SegmentFile, read_full_at};

/// What is read at once unless told otherwise; a batch that is larger is read whole.
const READ_BYTES: usize = 1 << 20;
/// Less than this is not read at once, however little is wanted.
const READ_BYTES_MIN: usize = 4 << 10;

/// Reads batches one after the other in large pieces.
#[derive(Debug)]
pub(crate) struct BatchReader<'a> {
    file: &'a SegmentFile,
    buffer: Vec<u8>,
    start: u32,
    read_bytes: usize,
}

impl<'a> BatchReader<'a> {
    pub(crate) fn new(file: &'a SegmentFile) -> Self {
        Self::with_buffer(file, READ_BYTES)
    }

    /// Reads about so much at once.
    pub(crate) fn with_buffer(file: &'a SegmentFile, read_bytes: usize) -> Self {
        Self { file, buffer: Vec::new(), start: 0, read_bytes: read_bytes.max(READ_BYTES_MIN) }
    }

    /// The whole batch of any format at a position before `end`, with its checksum verified, or why
    /// there is none.
    pub(crate) fn batch(
        &mut self,
        position: u32,
        end: u32,
    ) -> std::io::Result<Result<(BatchHeader, &[u8]), String>> {
        let damaged = |error: BatchError| Ok(Err(error.to_string()));
        let available = (end - position) as usize;
        let header = self.bytes(position, HEADER_LENGTH.min(available), end)?;
        let header = match BatchHeader::parse_any_format(header) {
            Ok(header) => header,
            Err(error) => return damaged(error),
        };
        let needed = header.size_in_bytes();
        if needed > available {
            return damaged(BatchError::Truncated { needed, available });
        }
        // A damaged length must not take memory.
        if needed > READ_BYTES
            && let Err(reason) = Pieces::new(self.file, end).check_batch(position)?
        {
            return Ok(Err(reason));
        }
        let batch = self.bytes(position, needed, end)?;
        match verify_crc(batch) {
            Ok(()) => Ok(Ok((header, batch))),
            Err(error) => damaged(error),
        }
    }

    /// Up to `length` bytes at a position, fewer only at the end.
    fn bytes(&mut self, position: u32, length: usize, end: u32) -> std::io::Result<&[u8]> {
        let start = position.wrapping_sub(self.start) as usize;
        let buffered = position >= self.start
            && start <= self.buffer.len()
            && (self.buffer.len() - start >= length);
        if !buffered {
            let wanted = length.max(self.read_bytes).min((end - position) as usize);
            self.buffer.resize(wanted, 0);
            let read = read_full_at(self.file.handle(), u64::from(position), &mut self.buffer)?;
            self.buffer.truncate(read);
            self.start = position;
        }
        let start = (position - self.start) as usize;
        let stop = (start + length).min(self.buffer.len());
        Ok(&self.buffer[start..stop])
    }
}
