//! Walks over the headers of the batches in a segment without reading their records. Messages of
//! formats v0 and v1 count as batches, each of which tells its last offset only.

use std::path::PathBuf;
use std::sync::Arc;

use records::{BatchHeader, HEADER_LENGTH};

use crate::checked::{CheckedBytes, Pieces};
use crate::error::{IoContext, StorageError};
use crate::fs::{SegmentFile, read_full_at};

/// What is read at once: several headers of small batches, little waste for large ones.
const CHUNK_BYTES: usize = 4096;

/// The headers of the batches in a part of a segment that is known to be whole.
#[derive(Debug)]
pub(crate) struct BatchScanner {
    file: SegmentFile,
    path: PathBuf,
    position: u32,
    end: u32,
    chunk: Vec<u8>,
    chunk_position: u32,
    /// Told of what this walk brings into memory.
    checked: Option<Arc<CheckedBytes>>,
}

impl BatchScanner {
    /// Walks from `position`, where a batch begins, to `end`.
    pub(crate) fn new(file: SegmentFile, path: PathBuf, position: u32, end: u32) -> Self {
        Self { file, path, position, end, chunk: Vec::new(), chunk_position: 0, checked: None }
    }

    /// Walks over a segment that readers may be given bytes of without another look.
    pub(crate) fn telling(self, checked: Arc<CheckedBytes>) -> Self {
        Self { checked: Some(checked), ..self }
    }

    /// The next batch and its position.
    pub(crate) fn next_batch(&mut self) -> Result<Option<(u32, BatchHeader)>, StorageError> {
        if self.position >= self.end {
            return Ok(None);
        }
        let position = self.position;
        let header = self.header_bytes()?;
        let parsed = BatchHeader::parse_any_format(header);
        let batch = parsed.map_err(|error| self.corrupt(position, error.to_string()))?;
        let size = batch.size_in_bytes() as u64;
        if u64::from(position) + size > u64::from(self.end) {
            return Err(self.corrupt(position, format!("a batch of {size} bytes is cut off")));
        }
        self.position += size as u32;
        Ok(Some((position, batch)))
    }

    /// The whole bytes of a batch that was returned, verified.
    pub(crate) fn read_batch(
        &self,
        position: u32,
        batch: &BatchHeader,
    ) -> Result<Vec<u8>, StorageError> {
        // First in pieces: a damaged length must not take memory.
        let checked = Pieces::new(&self.file, self.end).check_batch(position);
        checked.during("read", &self.path)?.map_err(|reason| self.corrupt(position, reason))?;
        let mut bytes = vec![0; batch.size_in_bytes()];
        let read = read_full_at(self.file.handle(), u64::from(position), &mut bytes);
        if read.during("read", &self.path)? < bytes.len() {
            return Err(self.corrupt(position, "the file is shorter than the log".to_owned()));
        }
        Ok(bytes)
    }

    fn header_bytes(&mut self) -> Result<&[u8], StorageError> {
        let start = self.position.wrapping_sub(self.chunk_position) as usize;
        let wanted = HEADER_LENGTH.min((self.end - self.position) as usize);
        let buffered = self.position >= self.chunk_position
            && start.saturating_add(wanted) <= self.chunk.len();
        if !buffered {
            let length = CHUNK_BYTES.min((self.end - self.position) as usize);
            if let Some(checked) = &self.checked {
                checked.note_access(&self.file, self.position, length as u64);
            }
            self.chunk.resize(length, 0);
            let read = read_full_at(self.file.handle(), u64::from(self.position), &mut self.chunk);
            let read = read.during("read", &self.path)?;
            self.chunk.truncate(read);
            self.chunk_position = self.position;
        }
        let start = (self.position - self.chunk_position) as usize;
        // The last message of an old format may be shorter than the header of a batch.
        let end = self.chunk.len().min(start.saturating_add(HEADER_LENGTH));
        let header = self.chunk.get(start..end);
        header.ok_or_else(|| self.corrupt(self.position, "a batch header is cut off".to_owned()))
    }

    /// What is wrong at a position.
    pub(crate) fn corrupt(&self, position: u32, reason: String) -> StorageError {
        StorageError::Corrupt { segment: self.path.clone(), position: u64::from(position), reason }
    }
}
