//! Bytes at a position: what the parts of `dump-log` that only calculate see of a file.

use std::io;

use storage::fs::{File, read_full_at};

/// Something that has bytes at positions.
pub(super) trait Source {
    /// How many bytes there are.
    fn length(&self) -> u64;
    /// Fills the buffer from a position on; how many bytes there were.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The `length` bytes from a position on, or fewer at the end. The caller has compared `length`
    /// with a bound.
    fn read(&self, position: u64, length: usize) -> io::Result<Vec<u8>> {
        let left = self.length().saturating_sub(position);
        let mut bytes = vec![0; length.min(usize::try_from(left).unwrap_or(usize::MAX))];
        let read = self.read_at(position, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }
}

/// A file as it was when it was opened; what is appended later is not looked at.
#[derive(Debug)]
pub(super) struct OpenFile {
    file: Box<dyn File>,
    length: u64,
}

impl OpenFile {
    /// Wraps an open file.
    pub(super) fn new(file: Box<dyn File>) -> io::Result<Self> {
        let length = file.length()?;
        Ok(Self { file, length })
    }
}

impl Source for OpenFile {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_full_at(&*self.file, position, buffer)
    }
}

impl Source for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(self.len());
        let read = buffer.len().min(self.len() - start);
        buffer[..read].copy_from_slice(&self[start..start + read]);
        Ok(read)
    }
}
