//! What the targets share: folders as bytes, and checksums made right again.
//!
//! A folder is a list of files, each with its name (one byte of length) and its contents (two bytes
//! of length). The engine may change all of it, names too.

pub mod hostile;

use std::path::{Path, PathBuf};

use storage::fs::{FileSystem, OpenMode, SimulatedFileSystem, read_file, write_all_at};

/// Files beyond this many are left out of a folder.
const FILES_MAX: usize = 16;
/// Pairs beyond this many are left out of a list.
const PAIRS_MAX: usize = 64;

/// A folder as the bytes that [`read_folder`] understands.
pub fn write_folder(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let pairs: Vec<_> = files
        .iter()
        .map(|(name, contents)| (name.clone().into_bytes(), contents.clone()))
        .collect();
    write_pairs(&pairs)
}

/// The files that the bytes hold; lengths that are too great mean the rest.
pub fn read_folder(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    while files.len() < FILES_MAX && !bytes.is_empty() {
        let length = take(&mut bytes, 1).first().map_or(0, |byte| usize::from(*byte));
        let name = String::from_utf8_lossy(take(&mut bytes, length)).into_owned();
        // As on a disk, the last file of a name is the one.
        files.retain(|(earlier, _)| *earlier != name);
        files.push((name, take_long(&mut bytes).to_vec()));
    }
    files
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count.min(bytes.len()));
    *bytes = rest;
    taken
}

/// Bytes behind two bytes of their length.
fn take_long<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let length = match take(bytes, 2) {
        [high, low] => usize::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    };
    take(bytes, length)
}

/// Pairs of bytes as the bytes that [`read_pairs`] understands.
pub fn write_pairs(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (first, second) in pairs {
        bytes.push(first.len() as u8);
        bytes.extend(first);
        bytes.extend((second.len() as u16).to_be_bytes());
        bytes.extend(second);
    }
    bytes
}

/// Pairs of bytes in the form of a folder.
pub fn read_pairs(bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pairs = Vec::new();
    let mut rest = bytes;
    while pairs.len() < PAIRS_MAX && !rest.is_empty() {
        let length = usize::from(take(&mut rest, 1).first().copied().unwrap_or(0));
        let key = take(&mut rest, length).to_vec();
        pairs.push((key, take_long(&mut rest).to_vec()));
    }
    pairs
}

/// A disk with this folder on it. Names that cannot be file names are left out.
pub fn disk_with(folder: &Path, files: &[(String, Vec<u8>)]) -> SimulatedFileSystem {
    let disk = SimulatedFileSystem::new();
    disk.create_directories(folder).expect("a folder on an empty disk");
    for (name, contents) in files {
        let plain = !name.is_empty() && name != "." && !name.contains("..") && !name.contains('\0');
        if !plain || name.starts_with('/') {
            continue;
        }
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            // A name may need a folder where a file is; then it is left out.
            let _ = disk.create_directories(parent);
        }
        if let Ok(file) = disk.open(&path, OpenMode::Create) {
            let _ = write_all_at(&*file, 0, contents);
        }
    }
    disk
}

/// The files of a folder and of the folders in it, as [`write_folder`] takes them.
pub fn files_of(disk: &SimulatedFileSystem, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        for entry in disk.list(&folder.join(&inside)).unwrap_or_default() {
            let name = inside.join(&entry.name);
            match read_file(disk, &folder.join(&name)) {
                Ok(Some(contents)) => files.push((name.to_string_lossy().into_owned(), contents)),
                _ => folders.push(name),
            }
        }
    }
    files
}

/// Gives every whole batch its right checksum, so that changed bytes get past it.
pub fn mend_batches(bytes: &mut [u8]) {
    const LENGTH_PREFIX: usize = 12;
    const CRC: usize = 17;
    const COVERED: usize = 21;
    let mut rest = bytes;
    while rest.len() > COVERED {
        let length = i32::from_be_bytes([rest[8], rest[9], rest[10], rest[11]]);
        let Ok(length) = usize::try_from(length) else { return };
        let end = LENGTH_PREFIX + length;
        if end <= COVERED || end > rest.len() {
            return;
        }
        let crc = crc32c(&rest[COVERED..end]);
        rest[CRC..COVERED].copy_from_slice(&crc.to_be_bytes());
        rest = &mut rest[end..];
    }
}

/// Gives every whole frame of a metadata log its right checksum.
pub fn mend_frames(bytes: &mut [u8]) {
    const HEADER: usize = 8;
    let mut rest = bytes;
    while rest.len() > HEADER {
        let length = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
        if length == 0 || length > rest.len() - HEADER {
            return;
        }
        let crc = crc32c(&rest[HEADER..HEADER + length]);
        rest[4..HEADER].copy_from_slice(&crc.to_be_bytes());
        rest = &mut rest[HEADER + length..];
    }
}

/// Gives every whole message of formats v0 and v1 its right checksum, those inside of plain wrappers
/// not, and every batch among them too.
pub fn mend_messages(bytes: &mut [u8]) {
    const LENGTH_PREFIX: usize = 12;
    const CRC: usize = 12;
    const COVERED: usize = 16;
    let mut rest = bytes;
    while rest.len() > COVERED {
        let length = i32::from_be_bytes([rest[8], rest[9], rest[10], rest[11]]);
        let Ok(length) = usize::try_from(length) else { return };
        let end = LENGTH_PREFIX.saturating_add(length);
        if end <= COVERED || end > rest.len() {
            return;
        }
        if rest[COVERED] == 2 {
            mend_batches(&mut rest[..end]);
        } else {
            let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &rest[COVERED..end]);
            rest[CRC..COVERED].copy_from_slice(&(crc as u32).to_be_bytes());
        }
        rest = &mut rest[end..];
    }
}

/// What ZooKeeper checks its files with.
pub fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1u32, 0u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    high << 16 | low
}

/// Gives every whole transaction of a log of ZooKeeper its right sum, and a snapshot its own where
/// it ends as it was written.
pub fn mend_jute(bytes: &mut [u8]) {
    const HEADER: usize = 16;
    /// The sum, and the path that ends the file.
    const SNAPSHOT_END: usize = 8 + 4 + 1;
    if bytes.starts_with(b"ZKSN") {
        if let Some(covered) = bytes.len().checked_sub(SNAPSHOT_END).filter(|end| *end > HEADER) {
            let sum = i64::from(adler32(&bytes[..covered]));
            bytes[covered..covered + 8].copy_from_slice(&sum.to_be_bytes());
        }
        return;
    }
    let mut rest = bytes.get_mut(HEADER..).unwrap_or_default();
    while rest.len() > 12 {
        let length = u32::from_be_bytes([rest[8], rest[9], rest[10], rest[11]]) as usize;
        if length == 0 || length >= rest.len() - 12 {
            return;
        }
        let sum = i64::from(adler32(&rest[12..12 + length]));
        rest[..8].copy_from_slice(&sum.to_be_bytes());
        rest = &mut rest[12 + length + 1..];
    }
}

/// Gives a snapshot of producers its right checksum.
pub fn mend_snapshot(bytes: &mut [u8]) {
    const CRC: usize = 2;
    const COVERED: usize = 6;
    if bytes.len() > COVERED {
        let crc = crc32c(&bytes[COVERED..]);
        bytes[CRC..COVERED].copy_from_slice(&crc.to_be_bytes());
    }
}

fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}
