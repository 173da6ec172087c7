//! Reading: an offset becomes ranges of segment files that begin at the batch holding it.
//!
//! What is returned is contiguous: the ranges follow each other without a batch left out, whatever
//! the limits. Only the last batch may be cut, by the limit of bytes, as Kafka's clients expect, and
//! never the first, which they would take for one that is larger than they can ever read; at the
//! upper bound whole batches end.
//!
//! What was found is verified outside of the log's lock ([`ReadResult::verify`]), but for what was
//! appended so lately that it cannot have come from the disk.

use std::path::PathBuf;
use std::sync::Arc;

use model::Offset;

use super::Log;
use crate::checked::{CheckedBytes, Unchecked};
use crate::error::{ReadError, StorageError};
use crate::fs::SegmentFile;
use crate::open_files::FileKind;
use crate::position_hints::PositionHint;
use crate::segment::{BatchPosition, Segment};
use crate::transaction_index::AbortedTransaction;

/// A read goes over at most this many segments.
const SLICES_MAX: usize = 16;
/// A read verifies about so many bytes at most, so that it does not keep others from the disk.
const VERIFIED_BYTES_MAX: u64 = 8 << 20;

/// A range of a segment's file.
#[derive(Debug, Clone)]
pub struct FileSlice {
    /// The file.
    pub file: SegmentFile,
    /// Where the range begins.
    pub position: u64,
    /// Its bytes.
    pub length: u64,
    segment_base_offset: Offset,
    segment_size: u32,
    /// All offsets of the segment are before it.
    offsets_end: Offset,
    checked: Arc<CheckedBytes>,
}

/// A batch that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The base offset of its segment.
    pub segment_base_offset: Offset,
    /// Where it begins there.
    pub position: u64,
    /// The offset that should come there.
    pub offset: Offset,
    /// What is wrong.
    pub reason: String,
}

/// What a read found.
#[derive(Debug, Clone)]
pub struct ReadResult {
    /// The ranges, in order; none when there is nothing to read below the upper bound.
    pub slices: Vec<FileSlice>,
    /// The first offset of the first batch, at most the offset asked for; the latter when empty.
    pub base_offset: Offset,
    /// The base offset of the segment in which the read began.
    pub segment_base_offset: Offset,
    /// The position there.
    pub position: u64,
    /// The base offset of the segment in which it ended, and the position there.
    end: (Offset, u32),
    /// The first offset of the log.
    pub log_start_offset: Offset,
    /// The offset of the next record.
    pub log_end_offset: Offset,
}

impl ReadResult {
    /// The bytes of all ranges.
    pub fn size_in_bytes(&self) -> u64 {
        self.slices.iter().map(|slice| slice.length).sum()
    }

    /// Verifies what was found, but for what this process has verified already and what stayed in
    /// memory since; leaves the batches before the first damaged one, of which it tells, and before
    /// one that cannot be read, which is an error when it is the first. May wait for the disk; no lock
    /// need be held.
    pub fn verify(&mut self) -> std::io::Result<Option<Damage>> {
        let mut left = VERIFIED_BYTES_MAX;
        // The read may begin inside of its first batch.
        let mut offset = self.segment_base_offset;
        for index in 0..self.slices.len() {
            let slice = &self.slices[index];
            // Segments are below 2 GiB.
            let start = slice.position as u32;
            let end = start + slice.length as u32;
            let unchecked = Unchecked {
                file: &slice.file,
                range: start..end,
                segment_size: slice.segment_size,
                offsets: offset..slice.offsets_end,
            };
            let (whole_until, damage) = match unchecked.check(&slice.checked, left) {
                Err(error) if index == 0 => return Err(error),
                Err(_) => (start, None),
                Ok(Ok(until)) => (until, None),
                Ok(Err(damaged)) => {
                    let damage = Damage {
                        segment_base_offset: slice.segment_base_offset,
                        position: u64::from(damaged.position),
                        offset: damaged.offset.max(self.base_offset),
                        reason: damaged.reason,
                    };
                    (damaged.position, Some(damage))
                }
            };
            offset = slice.offsets_end;
            left = left.saturating_sub(u64::from(whole_until.min(end) - start));
            if whole_until < end {
                self.cut(index, whole_until);
                return Ok(damage);
            }
        }
        Ok(None)
    }

    /// Ends what was found at a position in the slice of this index.
    fn cut(&mut self, index: usize, position: u32) {
        self.slices.truncate(index + 1);
        if let Some(slice) = self.slices.last_mut() {
            slice.length = u64::from(position).saturating_sub(slice.position);
            self.end = (slice.segment_base_offset, position);
        }
        self.slices.retain(|slice| slice.length > 0);
    }

    /// Copies all ranges together, for those who parse them.
    pub fn read_to_vec(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes =
            vec![0; usize::try_from(self.size_in_bytes()).map_err(std::io::Error::other)?];
        let mut rest = bytes.as_mut_slice();
        for slice in &self.slices {
            let (part, after) = rest.split_at_mut(slice.length as usize);
            if crate::fs::read_full_at(slice.file.handle(), slice.position, part)? < part.len() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            rest = after;
        }
        Ok(bytes)
    }
}

/// Whether a first batch larger than the limit is returned all the same (KIP-74).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstBatch {
    /// Whole, so that a reader always gets ahead.
    Whole,
    /// Left out with all that follow, for readers who get ahead elsewhere.
    MayBeCut,
}

impl Log {
    /// Reads from the batch that holds `start`, at most `max_bytes` and only batches that end before
    /// `upper_bound` (the high watermark or last stable offset for consumers).
    pub fn read(
        &self,
        start: Offset,
        max_bytes: u64,
        upper_bound: Offset,
        first_batch: FirstBatch,
    ) -> Result<ReadResult, ReadError> {
        self.check_alive()?;
        if start < self.log_start_offset || start > self.log_end_offset {
            return Err(ReadError::OffsetOutOfRange {
                offset: start,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.log_end_offset,
            });
        }
        let upper_bound = upper_bound.min(self.log_end_offset);
        let mut result = ReadResult {
            slices: Vec::new(),
            base_offset: start,
            segment_base_offset: self.segments[self.segment_index(start)].base_offset(),
            position: 0,
            end: (start, 0),
            log_start_offset: self.log_start_offset,
            log_end_offset: self.log_end_offset,
        };
        if start >= upper_bound {
            return Ok(result);
        }
        let Some((mut index, first)) = self.first_batch_at(start)? else { return Ok(result) };
        let mut left = self.room_for(index, first, max_bytes, upper_bound)?;
        if first_batch == FirstBatch::MayBeCut && left > max_bytes {
            return Ok(result);
        }
        result.base_offset = first.base_offset;
        result.segment_base_offset = self.segments[index].base_offset();
        result.position = u64::from(first.position);
        let mut position = first.position;
        while left > 0 && result.slices.len() < SLICES_MAX {
            let segment = &self.segments[index];
            let end = self.end_position(index, upper_bound)?;
            let length = u64::from(end.saturating_sub(position)).min(left);
            if length > 0 {
                let next = self.segments.get(index + 1).map(Segment::base_offset);
                result.slices.push(FileSlice {
                    file: segment.file(&self.folder)?,
                    position: u64::from(position),
                    length,
                    segment_base_offset: segment.base_offset(),
                    segment_size: segment.size(),
                    offsets_end: next.unwrap_or(self.log_end_offset),
                    checked: Arc::clone(segment.checked()),
                });
                // Segments are below 2 GiB.
                result.end = (segment.base_offset(), position + length as u32);
                left -= length;
            }
            // The next segment only continues what was read to the very end of this one.
            let read_to_its_end = u64::from(position) + length == u64::from(segment.size());
            if !read_to_its_end || index + 1 == self.segments.len() {
                break;
            }
            index += 1;
            position = 0;
        }
        Ok(result)
    }

    /// The file of the segment with this base offset.
    pub fn segment_path(&self, base_offset: Offset) -> PathBuf {
        self.folder.file_path(base_offset, FileKind::Log.ending())
    }

    /// The aborted transactions that a reader of committed records has to leave out of what a read
    /// found; some of them may begin after it.
    pub fn aborted_in(
        &self,
        read: &ReadResult,
        upper_bound: Offset,
    ) -> Result<Vec<AbortedTransaction>, StorageError> {
        if read.slices.is_empty() {
            return Ok(Vec::new());
        }
        let (base_offset, position) = read.end;
        let index = self.segment_index(base_offset);
        let indexed = self.segments[index].offset_from_position(&self.folder, position)?;
        let next = self.segments.get(index + 1).map(Segment::base_offset);
        let end = indexed.or(next).unwrap_or(upper_bound);
        self.aborted_transactions(read.base_offset, end.min(upper_bound))
    }

    /// The segment and the first batch that ends at or after an offset. The size is 0 when it was
    /// found without looking at the batch.
    fn first_batch_at(
        &self,
        start: Offset,
    ) -> Result<Option<(usize, BatchPosition)>, StorageError> {
        for index in self.segment_index(start)..self.segments.len() {
            let segment = &self.segments[index];
            let hint = self.hints.find(segment.base_offset(), start);
            if let Some(position) = hint.filter(|position| *position < segment.size()) {
                return Ok(Some((index, BatchPosition { base_offset: start, position, size: 0 })));
            }
            if let Some(found) = segment.locate(&self.folder, start)? {
                return Ok(Some((index, found)));
            }
        }
        Ok(None)
    }

    /// The limit, or the size of the first batch if that is more. The batch is only looked at when
    /// it can matter.
    fn room_for(
        &self,
        index: usize,
        first: BatchPosition,
        max_bytes: u64,
        upper_bound: Offset,
    ) -> Result<u64, StorageError> {
        if first.size > 0 {
            return Ok(max_bytes.max(u64::from(first.size)));
        }
        let end = self.end_position(index, upper_bound)?;
        if u64::from(end.saturating_sub(first.position)) <= max_bytes {
            return Ok(max_bytes);
        }
        let batch = self.segments[index].scan(&self.folder, first.position)?.next_batch()?;
        let size = batch.map_or(0, |(_, batch)| batch.size_in_bytes() as u64);
        Ok(max_bytes.max(size))
    }

    /// Where in a segment the batches end that end before `upper_bound`.
    fn end_position(&self, index: usize, upper_bound: Offset) -> Result<u32, StorageError> {
        let segment = &self.segments[index];
        let next = self.segments.get(index + 1).map(Segment::base_offset);
        if next.unwrap_or(self.log_end_offset) <= upper_bound {
            return Ok(segment.size());
        }
        if upper_bound <= segment.base_offset() {
            return Ok(0);
        }
        if let Some(position) = self.hints.find(segment.base_offset(), upper_bound) {
            return Ok(position);
        }
        let Some(found) = segment.locate(&self.folder, upper_bound)? else {
            return Ok(segment.size());
        };
        self.hints.add(PositionHint {
            offset: upper_bound,
            segment: segment.base_offset(),
            position: found.position,
        });
        Ok(found.position)
    }
}
