//! Which bytes of a segment this process has checked, and the checking of those that a reader is to
//! get. A batch leaves the node only after its checksum was verified since it came into memory: when
//! it was appended, or here.
//!
//! What this does not see: a file that was changed while its pages stayed in memory; pages that
//! another program, the cleaner or the copying of a log brought in while it was at work, or that left
//! memory and came back in the moment between the check and the sending, in the minute after they
//! were appended, or because the rest of a page was appended to; and of a batch's header base offset
//! and leader epoch, which no checksum covers, but for the order of offsets.

use std::io;
use std::ops::Range;

use model::Offset;
use parking_lot::Mutex;
use records::{BatchChecksum, BatchHeader, HEADER_LENGTH};

use crate::fs::{SegmentFile, read_full_at};

/// What is read at once; larger batches are checked in pieces, so that no length that a file claims
/// takes memory.
const PIECE_BYTES: usize = 128 << 10;

/// A range of a segment's bytes that were checked, and were in memory whenever they were looked at
/// since. The longest is remembered: readers go ahead.
#[derive(Debug)]
pub(crate) struct CheckedBytes(Mutex<Range<u32>>);

impl CheckedBytes {
    pub(crate) fn new(range: Range<u32>) -> Self {
        Self(Mutex::new(range))
    }

    /// What of it lies before a position.
    pub(crate) fn until(&self, position: u32) -> Self {
        let range = self.0.lock().clone();
        Self::new(range.start.min(position)..range.end.min(position))
    }

    /// Adds a range.
    pub(crate) fn add(&self, range: Range<u32>) {
        let mut known = self.0.lock();
        if known.is_empty() {
            *known = range;
        } else if range.start <= known.end && known.start <= range.end {
            *known = known.start.min(range.start)..known.end.max(range.end);
        } else if range.len() > known.len() {
            *known = range;
        }
    }

    fn covers(&self, range: &Range<u32>) -> bool {
        let known = self.0.lock();
        known.start <= range.start && range.end <= known.end
    }

    /// Looks, before bytes are read, whether that brings them into memory, and then takes back what
    /// is said of them and of all that lies behind, as systems read ahead. Returns whether they are
    /// in memory.
    pub(crate) fn note_access(&self, file: &SegmentFile, position: u32, length: u64) -> bool {
        let is_in_memory = file.handle().is_in_memory(u64::from(position), length);
        if !is_in_memory {
            self.forget_from(position);
        }
        is_in_memory
    }

    /// Takes back what is said of the bytes behind a position.
    pub(crate) fn forget_from(&self, position: u32) {
        let mut known = self.0.lock();
        *known = known.start.min(position)..known.end.min(position);
    }
}

/// What is wrong with a batch in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DamagedBatch {
    pub(crate) position: u32,
    /// The offset that it should begin with at least.
    pub(crate) offset: Offset,
    pub(crate) reason: String,
}

/// The bytes of a segment that somebody is to read.
#[derive(Debug, Clone)]
pub(crate) struct Unchecked<'a> {
    pub(crate) file: &'a SegmentFile,
    /// A batch begins where it does.
    pub(crate) range: Range<u32>,
    pub(crate) segment_size: u32,
    /// No batch begins before the first of these offsets, or ends at or after the second.
    pub(crate) offsets: Range<Offset>,
}

impl Unchecked<'_> {
    /// Checks the batches that begin in the range, in order, and stops after about `bytes_max` bytes,
    /// or before one that cannot be read, which is an error when it is the first. Returns the position
    /// up to which batches are whole, which is behind the range when its last batch is cut by it.
    pub(crate) fn check(
        &self,
        checked: &CheckedBytes,
        bytes_max: u64,
    ) -> io::Result<Result<u32, DamagedBatch>> {
        // In this order: who sees pages that another reader brought in must see, too, that they are
        // not checked yet.
        let length = u64::from(self.range.end - self.range.start);
        let is_in_memory = checked.note_access(self.file, self.range.start, length);
        if is_in_memory && checked.covers(&self.range) {
            return Ok(Ok(self.range.end));
        }
        // The last piece may reach beyond the range.
        let behind = (PIECE_BYTES as u32).min(self.segment_size.saturating_sub(self.range.end));
        checked.note_access(self.file, self.range.end, u64::from(behind));
        let outcome = self.walk(bytes_max)?;
        match &outcome {
            Ok(end) => checked.add(self.range.start..*end),
            Err(damaged) => checked.forget_from(damaged.position),
        }
        Ok(outcome)
    }

    fn walk(&self, bytes_max: u64) -> io::Result<Result<u32, DamagedBatch>> {
        let mut pieces = Pieces::new(self.file, self.segment_size);
        let mut offset = self.offsets.start;
        let mut position = self.range.start;
        let until = u64::from(self.range.start) + bytes_max;
        while position < self.range.end && u64::from(position) < until {
            let batch = match pieces.check_batch(position) {
                Err(_) if position > self.range.start => break,
                read => read?,
            };
            match batch.and_then(|header| self.check_offsets(&header, offset).map(|()| header)) {
                Ok(header) => {
                    position += header.size_in_bytes() as u32;
                    offset = header.next_offset();
                }
                Err(reason) => return Ok(Err(DamagedBatch { position, offset, reason })),
            }
        }
        Ok(Ok(position))
    }

    fn check_offsets(&self, header: &BatchHeader, at_least: Offset) -> Result<(), String> {
        if header.base_offset < at_least {
            return Err(format!("offset {} stands behind {at_least}", header.base_offset));
        }
        if header.last_offset() >= self.offsets.end {
            let (last, end) = (header.last_offset(), self.offsets.end);
            return Err(format!("offset {last} stands before {end}"));
        }
        Ok(())
    }
}

/// Reads a segment in pieces.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    file: &'a SegmentFile,
    segment_size: u32,
    buffer: Vec<u8>,
    /// Where the buffer's bytes lie in the segment.
    start: u32,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(file: &'a SegmentFile, segment_size: u32) -> Self {
        Self { file, segment_size, buffer: Vec::new(), start: 0 }
    }

    /// The header of the batch at a position, when the batch is whole and what was written, or why
    /// it is not. That the disk does not let itself be read says nothing of the batch, and is an error.
    pub(crate) fn check_batch(&mut self, position: u32) -> io::Result<Result<BatchHeader, String>> {
        match self.read_batch(position) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Ok(Err("the file ends within it".to_owned()))
            }
            outcome => outcome,
        }
    }

    fn read_batch(&mut self, position: u32) -> io::Result<Result<BatchHeader, String>> {
        let available = self.segment_size - position;
        let head = self.bytes(position, (HEADER_LENGTH as u32).min(available))?;
        let header = match BatchHeader::parse_any_format(head) {
            Ok(header) => header,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let size = header.size_in_bytes() as u64;
        if size > u64::from(available) {
            let reason = format!("it claims {size} bytes, {available} are left in the segment");
            return Ok(Err(reason));
        }
        let end = position + size as u32;
        let mut checksum = BatchChecksum::new(&header);
        let mut at = position;
        while at < end {
            let piece = self.bytes(at, 1)?;
            let piece = &piece[..piece.len().min((end - at) as usize)];
            checksum.update(piece);
            at += piece.len() as u32;
        }
        Ok(checksum.verify().map(|()| header).map_err(|error| error.to_string()))
    }

    /// The bytes at a position, as many as there are at hand, and at least so many.
    fn bytes(&mut self, position: u32, at_least: u32) -> io::Result<&[u8]> {
        let end = self.start + self.buffer.len() as u32;
        if position < self.start || end.saturating_sub(position) < at_least {
            let wanted = PIECE_BYTES.min((self.segment_size - position) as usize);
            self.buffer.resize(wanted, 0);
            let read = read_full_at(self.file.handle(), u64::from(position), &mut self.buffer);
            // What is left of the piece before says nothing.
            self.buffer.truncate(*read.as_ref().unwrap_or(&0));
            self.start = position;
            if read? < at_least as usize {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(&self.buffer[(position - self.start) as usize..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_bytes_grow_at_their_ends_and_keep_the_longest_range() {
        let checked = CheckedBytes::new(100..100);
        assert!(!checked.covers(&(90..100)));
        checked.add(100..150);
        checked.add(150..200);
        assert!(checked.covers(&(100..200)) && !checked.covers(&(99..101)));
        checked.add(50..101);
        assert!(checked.covers(&(50..200)));
        checked.add(300..310);
        assert!(checked.covers(&(50..200)) && !checked.covers(&(300..310)));
        checked.add(300..1000);
        assert!(checked.covers(&(300..1000)) && !checked.covers(&(50..200)));
        checked.forget_from(400);
        assert!(checked.covers(&(300..400)) && !checked.covers(&(300..401)));
        checked.forget_from(10);
        assert!(!checked.covers(&(300..301)));
        checked.add(20..30);
        assert!(checked.covers(&(20..30)) && checked.until(25).covers(&(20..25)));
        assert!(!checked.until(25).covers(&(20..26)));
    }
}
