//! What an encoded message consists of: bytes in memory and ranges of files, in the order in which
//! they go to the socket. A fetch response carries its records as file ranges, which `net` hands to
//! `sendfile` without ever reading them.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

/// Something that holds bytes at positions: a segment of a log.
pub trait FileRegion: Send + Sync + Debug {
    /// Reads into `buffer` from `position`; returns how many bytes were read, 0 at the end.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The file itself, when there is one that the kernel can send from.
    fn file(&self) -> Option<&File>;
}

/// A part of a file.
#[derive(Debug, Clone)]
pub struct FileRange {
    /// The file.
    pub file: Arc<dyn FileRegion>,
    /// Where the part begins.
    pub position: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl PartialEq for FileRange {
    /// The same part of the very same file.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
            && self.position == other.position
            && self.length == other.length
    }
}

/// A piece of an encoded message.
#[derive(Debug, Clone, PartialEq)]
pub enum Chunk {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A part of a file.
    File(FileRange),
}

impl Chunk {
    /// How many bytes the piece has.
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(range) => range.length,
        }
    }
}

/// The record batches of a produce request, fetch response or snapshot. Encoding takes any form;
/// decoding yields `Null` or `Bytes`, a slice of the frame.
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Records {
    /// No value, which is not the same as no records.
    #[default]
    Null,
    /// Batches in memory.
    Bytes(Bytes),
    /// Batches in memory and in files.
    Chunks(Vec<Chunk>),
}

impl Records {
    /// Whether this is the null value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How many bytes of batches there are.
    pub fn length(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Chunks(chunks) => chunks.iter().map(Chunk::length).sum(),
        }
    }

    /// The batches, when they lie in memory as one piece, as they do after decoding.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Null | Self::Chunks(_) => None,
        }
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}
