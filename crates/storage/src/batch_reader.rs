//! Reads the batches of a segment whole, one after the other, and verifies them: for those who must
//! not take the disk's word, such as recovery and the cleaner.

use crc_fast::{CrcAlgorithm, checksum};
use records::{BatchError, BatchHeader, HEADER_LENGTH, verify_crc};

use crate::fs::{SegmentFile, read_full_at};

/// What is read at once unless told otherwise; a batch that is larger is read whole.
const READ_BYTES: usize = 1 << 20;
/// Less than this is not read at once, however little is wanted.
const READ_BYTES_MIN: usize = 4 << 10;

/// Why there is no batch at a position.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// There is one, in a format that is too old.
    OldFormat(i8),
    /// It is not whole, or not a batch.
    Damaged(String),
}

/// Whether the bytes begin with a message of format v0 or v1, and not with zeros or damage that
/// only looks like it: its checksum tells.
fn is_old_message(bytes: &[u8]) -> bool {
    let size = bytes.get(8..12).and_then(|size| size.try_into().ok()).map(i32::from_be_bytes);
    let end = size.and_then(|size| usize::try_from(size).ok()).map(|size| size.saturating_add(12));
    let crc = bytes.get(12..16).and_then(|crc| crc.try_into().ok()).map(u32::from_be_bytes);
    let (Some(end), Some(crc)) = (end, crc) else { return false };
    let covered = bytes.get(16..end).filter(|covered| covered.len() >= OLD_MESSAGE_BYTES_MIN);
    covered.is_some_and(|covered| checksum(CrcAlgorithm::Crc32IsoHdlc, covered) as u32 == crc)
}

/// Magic, attributes, and the lengths of key and value.
const OLD_MESSAGE_BYTES_MIN: usize = 10;

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

    /// The whole batch at a position before `end`, with its checksum verified.
    pub(crate) fn batch(
        &mut self,
        position: u32,
        end: u32,
    ) -> std::io::Result<Result<(BatchHeader, &[u8]), Unreadable>> {
        let damaged = |error: BatchError| Ok(Err(Unreadable::Damaged(error.to_string())));
        let available = (end - position) as usize;
        let header = match BatchHeader::parse(self.bytes(position, HEADER_LENGTH, end)?) {
            Ok(header) => header,
            Err(BatchError::OldFormat(magic)) => {
                let rest = self.bytes(position, available.min(READ_BYTES), end)?;
                return match is_old_message(rest) {
                    true => Ok(Err(Unreadable::OldFormat(magic))),
                    false => damaged(BatchError::OldFormat(magic)),
                };
            }
            Err(error) => return damaged(error),
        };
        let needed = header.size_in_bytes();
        if needed > available {
            return damaged(BatchError::Truncated { needed, available });
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
