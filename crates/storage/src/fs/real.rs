//! The operating system's file system.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use super::{DirectoryEntry, File, FileSystem, OpenMode, Space};

/// The file system of the operating system.
#[derive(Debug, Default, Clone, Copy)]
pub struct RealFileSystem;

#[derive(Debug)]
struct RealFile(fs::File);

impl FileSystem for RealFileSystem {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(mode != OpenMode::Read).create(mode == OpenMode::Create);
        Ok(Box::new(RealFile(options.open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let metadata = match entry.metadata() {
                // Removed between the listing and now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                result => result?,
            };
            entries.push(DirectoryEntry {
                name: entry.file_name().to_string_lossy().into_owned(),
                is_directory: metadata.is_dir(),
                length: if metadata.is_dir() { 0 } else { metadata.len() },
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        fs::exists(path)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let volume = rustix::fs::statvfs(path)?;
        Ok(Space {
            total_bytes: volume.f_blocks.saturating_mul(volume.f_frsize),
            usable_bytes: volume.f_bavail.saturating_mul(volume.f_frsize),
        })
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        // Only Unix can open a directory as a file; elsewhere renames are as safe as the system
        // makes them.
        if cfg!(unix) { fs::File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn fmt::Debug + Send + Sync>> {
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => lock_for_java(&file).map(|()| Box::new(file) as _),
            Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}

impl File for RealFile {
    #[cfg(unix)]
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buffer, position)
    }

    #[cfg(windows)]
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buffer, position)
    }

    #[cfg(all(unix, not(target_vendor = "apple")))]
    fn write_at(&self, position: u64, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        Ok(rustix::io::pwritev(&self.0, buffers, position)?)
    }

    // Old macOS has no pwritev; the caller comes again for the other buffers.
    #[cfg(target_vendor = "apple")]
    fn write_at(&self, position: u64, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let Some(buffer) = buffers.iter().find(|buffer| !buffer.is_empty()) else { return Ok(0) };
        std::os::unix::fs::FileExt::write_at(&self.0, buffer, position)
    }

    #[cfg(windows)]
    fn write_at(&self, position: u64, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let Some(buffer) = buffers.iter().find(|buffer| !buffer.is_empty()) else { return Ok(0) };
        std::os::windows::fs::FileExt::seek_write(&self.0, buffer, position)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    #[cfg(target_os = "linux")]
    fn is_in_memory(&self, position: u64, length: u64) -> bool {
        let end = position.saturating_add(length);
        (position / PAGE_BYTES..end.div_ceil(PAGE_BYTES))
            .all(|page| byte_is_in_memory(&self.0, (page * PAGE_BYTES).max(position)))
    }

    #[cfg(not(target_os = "linux"))]
    fn is_in_memory(&self, _: u64, _: u64) -> bool {
        false
    }

    fn file(&self) -> Option<&fs::File> {
        Some(&self.0)
    }
}

/// The smallest page that a system has: each may be in memory or not.
#[cfg(target_os = "linux")]
const PAGE_BYTES: u64 = 4096;

/// Whether the page of a byte is in memory, by a read that does not wait.
#[cfg(target_os = "linux")]
fn byte_is_in_memory(file: &fs::File, position: u64) -> bool {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    loop {
        let mut byte = [0];
        let mut buffers = [io::IoSliceMut::new(&mut byte)];
        match preadv2(file, &mut buffers, position, ReadWriteFlags::NOWAIT) {
            Err(Errno::INTR) => {}
            outcome => return outcome == Ok(1),
        }
    }
}

/// Kafka takes a POSIX lock, which on Linux knows nothing of the lock taken above.
#[cfg(unix)]
fn lock_for_java(file: &fs::File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        result => Ok(result?),
    }
}

#[cfg(not(unix))]
fn lock_for_java(_: &fs::File) -> io::Result<()> {
    Ok(())
}
