//! The seam between the log and the disk: what the log asks of a file system, and nothing more.
//!
//! Everything in this crate that touches a disk goes through [`FileSystem`] and [`File`], so that
//! the same code runs over a real disk ([`RealFileSystem`]) and over one that loses and tears what
//! was not synced ([`SimulatedFileSystem`]). Bytes are safe only after [`File::sync_data`], names
//! only after [`FileSystem::sync_directory`].

mod real;
mod sim;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use real::RealFileSystem;
pub use sim::{Fault, Operation, SimulatedFileSystem};

/// Systems refuse a write of more buffers than this (`IOV_MAX`).
const SLICES_PER_WRITE: usize = 1024;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// For reading; the file must exist.
    Read,
    /// For reading and writing; the file must exist.
    Write,
    /// For reading and writing; the file is created when it is not there.
    Create,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name within the directory.
    pub name: String,
    /// Whether it is a directory itself.
    pub is_directory: bool,
    /// The length in bytes of a file; 0 for a directory.
    pub length: u64,
}

/// How large the volume under a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// All bytes of the volume.
    pub total_bytes: u64,
    /// The bytes that we may still take.
    pub usable_bytes: u64,
}

/// A file system as the log needs it.
pub trait FileSystem: Send + Sync + fmt::Debug {
    /// Opens a file.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>>;
    /// Renames a file or directory, replacing a file that has the new name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty directory.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory with its parents; it may exist.
    fn create_directories(&self, path: &Path) -> io::Result<()>;
    /// What a directory holds, sorted by name.
    fn list(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>>;
    /// Whether a file or directory of this name exists.
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// How much room there is.
    fn space(&self, path: &Path) -> io::Result<Space>;
    /// Makes the names in a directory safe.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
    /// Takes an exclusive lock on a file, creating it; `WouldBlock` when another holds it. The
    /// lock ends when the handle is dropped or the process ends.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn fmt::Debug + Send + Sync>>;
}

/// An open file.
pub trait File: Send + Sync + fmt::Debug {
    /// Reads at a position, as much as there is at once; 0 at the end of the file.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes the buffers at a position in one call; may write less than all of them.
    fn write_at(&self, position: u64, buffers: &[io::IoSlice<'_>]) -> io::Result<usize>;
    /// Makes the contents and the length safe.
    fn sync_data(&self) -> io::Result<()>;
    /// Cuts or extends (with zeros) the file.
    fn set_length(&self, length: u64) -> io::Result<()>;
    /// The length in bytes.
    fn length(&self) -> io::Result<u64>;
    /// Whether the whole range can be read without waiting for the disk; "no" where the system
    /// cannot tell.
    fn is_in_memory(&self, position: u64, length: u64) -> bool;
    /// The operating system's file, when there is one.
    fn file(&self) -> Option<&std::fs::File>;
}

/// Writes all bytes at a position, also when a call takes only a part.
pub fn write_all_at(file: &dyn File, mut position: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write_at(position, &[io::IoSlice::new(bytes)]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                position += written as u64;
                bytes = &bytes[written..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes all buffers one after the other from a position on, also when a call takes only a part.
pub fn write_slices_at(
    file: &dyn File,
    mut position: u64,
    slices: &[io::IoSlice<'_>],
) -> io::Result<()> {
    let mut slices = slices.to_vec();
    let mut slices = slices.as_mut_slice();
    io::IoSlice::advance_slices(&mut slices, 0); // Empty buffers in front would stop the loop.
    while !slices.is_empty() {
        match file.write_at(position, &slices[..slices.len().min(SLICES_PER_WRITE)]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                position += written as u64;
                io::IoSlice::advance_slices(&mut slices, written);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads until the buffer is full or the file ends; returns how many bytes were read.
pub fn read_full_at(file: &dyn File, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(position + filled as u64, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The whole contents of a small file; `None` when there is no such file.
pub fn read_file(file_system: &dyn FileSystem, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match file_system.open(path, OpenMode::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut contents = vec![0; usize::try_from(file.length()?).map_err(io::Error::other)?];
    let read = read_full_at(&*file, 0, &mut contents)?;
    contents.truncate(read);
    Ok(Some(contents))
}

/// Replaces a small file as a whole: after a crash it has the old contents or the new, never a mix.
pub fn replace_file(file_system: &dyn FileSystem, path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let file = file_system.open(&temporary, OpenMode::Create)?;
    file.set_length(0)?;
    write_all_at(&*file, 0, contents)?;
    file.sync_data()?;
    drop(file);
    file_system.rename(&temporary, path)?;
    match path.parent() {
        Some(directory) => file_system.sync_directory(directory),
        None => Ok(()),
    }
}

/// Removes a file; it is no error when it is gone already.
pub fn remove_file_if_exists(file_system: &dyn FileSystem, path: &Path) -> io::Result<()> {
    match file_system.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Removes a directory and the files in it; it is no error when it is gone already.
pub fn remove_directory_tree(file_system: &dyn FileSystem, path: &Path) -> io::Result<()> {
    let entries = match file_system.list(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result?,
    };
    for entry in entries {
        let child = path.join(&entry.name);
        if entry.is_directory {
            remove_directory_tree(file_system, &child)?;
        } else {
            remove_file_if_exists(file_system, &child)?;
        }
    }
    file_system.remove_directory(path)
}

/// A file of the log that readers may hold on to: it stays readable after its segment is deleted.
#[derive(Debug, Clone)]
pub struct SegmentFile(Arc<dyn File>);

impl SegmentFile {
    /// Wraps an open file.
    pub fn new(file: Box<dyn File>) -> Self {
        Self(Arc::from(file))
    }

    /// Reads at a position, as much as there is at once; 0 at the end of the file.
    pub fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(position, buffer)
    }

    /// The operating system's file, for `sendfile`; `None` for a simulated disk.
    pub fn file(&self) -> Option<&std::fs::File> {
        self.0.file()
    }

    /// The file behind the seam.
    pub(crate) fn handle(&self) -> &dyn File {
        &*self.0
    }
}
