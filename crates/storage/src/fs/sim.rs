//! A disk in memory that loses and tears what was not synced.
//!
//! Every write is seen at once by the running program, but is durable only after the file is
//! synced; a created, renamed or removed name only after its directory is synced. A crash keeps any
//! part of what was not synced: of bytes any subset of sectors, of names in one directory any
//! prefix of the changes, as a journal keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::{DirectoryEntry, File, FileSystem, OpenMode, Space};

/// The unit that a disk writes as a whole.
const SECTOR_BYTES: usize = 512;

/// A disk in memory. Clones are handles of the same disk.
#[derive(Clone)]
pub struct SimulatedFileSystem {
    disk: Arc<Mutex<Disk>>,
}

/// What the program asks of the disk; the kinds of calls that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Opening a file that exists.
    Open,
    /// Creating a file.
    Create,
    /// Reading from a file.
    Read,
    /// Writing to a file.
    Write,
    /// Syncing a file.
    Sync,
    /// Setting a file's length.
    SetLength,
    /// Renaming.
    Rename,
    /// Removing a file or directory.
    Remove,
    /// Listing a directory.
    List,
    /// Syncing a directory.
    SyncDirectory,
    /// Creating directories.
    CreateDirectories,
}

/// A failure to inject.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The kind of call that fails.
    pub operation: Operation,
    /// Only calls whose path contains this text.
    pub path_contains: String,
    /// How many such calls succeed first.
    pub skip: u32,
    /// How many calls fail after that.
    pub count: u32,
    /// The error they fail with.
    pub error: io::ErrorKind,
}

#[derive(Default)]
struct Disk {
    inodes: BTreeMap<u64, Inode>,
    next_inode: u64,
    /// What the program sees.
    live: BTreeMap<PathBuf, Node>,
    /// What survives a crash for certain.
    durable: BTreeMap<PathBuf, Node>,
    /// Changes of names that were not synced, in order.
    pending: Vec<NameChange>,
    faults: Vec<Fault>,
    capacity: Option<u64>,
    locks: BTreeSet<PathBuf>,
    /// Handles of before the last crash do not work any more.
    incarnation: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    File(u64),
    Directory,
}

/// A name that now stands for something else, or for nothing.
#[derive(Debug, Clone)]
struct NameChange {
    directory: PathBuf,
    changes: Vec<(PathBuf, Option<Node>)>,
}

#[derive(Default)]
struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<ByteChange>,
    /// Whether the next read has to wait for the disk.
    is_cold: bool,
}

enum ByteChange {
    Write { position: usize, bytes: Vec<u8> },
    SetLength(usize),
}

struct SimulatedFile {
    disk: Arc<Mutex<Disk>>,
    inode: u64,
    path: PathBuf,
    incarnation: u64,
}

struct SimulatedLock {
    disk: Arc<Mutex<Disk>>,
    path: PathBuf,
    incarnation: u64,
}

/// A small generator of pseudo-random numbers (splitmix64); the seed tells everything.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound as u64).max(1)) as usize
    }
}

impl SimulatedFileSystem {
    /// An empty disk.
    pub fn new() -> Self {
        let root = BTreeMap::from([(PathBuf::from("/"), Node::Directory)]);
        let disk = Disk { live: root.clone(), durable: root, ..Disk::default() };
        Self { disk: Arc::new(Mutex::new(disk)) }
    }

    /// Cuts the power: keeps what was synced and, as `seed` decides, any part of what was not.
    /// Handles and locks of before stop working.
    pub fn crash(&self, seed: u64) {
        let mut disk = self.disk.lock();
        let mut random = Random(seed);
        disk.keep_some_names(&mut random);
        disk.inodes.values_mut().for_each(|inode| inode.keep_some_bytes(&mut random));
        disk.forget_open_handles();
    }

    /// Ends the process as `kill -9` does: everything written stays, open handles do not.
    pub fn kill(&self) {
        self.disk.lock().forget_open_handles();
    }

    /// Lets calls fail. Several faults may be pending.
    pub fn inject(&self, fault: Fault) {
        self.disk.lock().faults.push(fault);
    }

    /// Takes back all injected faults; returns whether all of them had fired fully.
    pub fn clear_faults(&self) -> bool {
        let mut disk = self.disk.lock();
        let fired = disk.faults.iter().all(|fault| fault.count == 0);
        disk.faults.clear();
        fired
    }

    /// Puts bytes in the place of others behind everybody's back, as a disk that decays does: safe,
    /// and not in memory before the next read.
    pub fn decay(&self, path: &Path, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.lock();
        let Some(Node::File(inode)) = disk.live.get(path).copied() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let inode = disk.inodes.entry(inode).or_default();
        Inode::apply(&mut inode.live, position as usize, bytes);
        Inode::apply(&mut inode.durable, position as usize, bytes);
        inode.is_cold = true;
        Ok(())
    }

    /// Limits the bytes that all files together may hold; `None` is no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.disk.lock().capacity = bytes;
    }

    /// The bytes that all files hold.
    pub fn used_bytes(&self) -> u64 {
        self.disk.lock().used_bytes()
    }
}

impl Default for SimulatedFileSystem {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SimulatedFileSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedFileSystem").finish_non_exhaustive()
    }
}

impl Disk {
    fn check(&mut self, operation: Operation, path: &Path) -> io::Result<()> {
        let text = path.to_string_lossy();
        for fault in &mut self.faults {
            if fault.operation == operation && text.contains(&fault.path_contains) {
                if fault.skip > 0 {
                    fault.skip -= 1;
                } else if fault.count > 0 {
                    fault.count -= 1;
                    return Err(io::Error::new(fault.error, "injected"));
                }
            }
        }
        Ok(())
    }

    fn used_bytes(&self) -> u64 {
        self.live
            .values()
            .filter_map(|node| match node {
                Node::File(inode) => self.inodes.get(inode),
                Node::Directory => None,
            })
            .map(|inode| inode.live.len() as u64)
            .sum()
    }

    fn require_directory(&self, path: &Path) -> io::Result<()> {
        match self.live.get(path) {
            Some(Node::Directory) => Ok(()),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn change_names(&mut self, changes: Vec<(PathBuf, Option<Node>)>) {
        for (path, node) in &changes {
            match node {
                Some(node) => self.live.insert(path.clone(), *node),
                None => self.live.remove(path),
            };
        }
        let directory = parent(&changes[0].0);
        self.pending.push(NameChange { directory, changes });
    }

    /// Unsynced names in a directory go with it when it is renamed, lest they turn up in another
    /// that gets its old name.
    fn move_pending(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let moved = |path: &Path| match path.strip_prefix(from) {
            Ok(rest) if rest.as_os_str().is_empty() => Ok(to.to_owned()),
            Ok(rest) => Ok(to.join(rest)),
            Err(error) => Err(io::Error::other(error)),
        };
        for change in self.pending.iter_mut().filter(|change| change.directory.starts_with(from)) {
            change.directory = moved(&change.directory)?;
            for (path, _) in &mut change.changes {
                *path = moved(path)?;
            }
        }
        Ok(())
    }

    fn make_durable(&mut self, change: NameChange) {
        for (path, node) in change.changes {
            match node {
                Some(node) => self.durable.insert(path, node),
                None => self.durable.remove(&path),
            };
        }
    }

    fn keep_some_names(&mut self, random: &mut Random) {
        let mut by_directory: BTreeMap<PathBuf, Vec<NameChange>> = BTreeMap::new();
        for change in std::mem::take(&mut self.pending) {
            by_directory.entry(change.directory.clone()).or_default().push(change);
        }
        for changes in by_directory.into_values() {
            let kept = random.below(changes.len() + 1);
            changes.into_iter().take(kept).for_each(|change| self.make_durable(change));
        }
        // A name below a directory that did not survive is lost with it.
        let durable = std::mem::take(&mut self.durable);
        for (path, node) in &durable {
            let reachable = path
                .ancestors()
                .skip(1)
                .all(|up| up.as_os_str().is_empty() || durable.get(up) == Some(&Node::Directory));
            if reachable {
                self.durable.insert(path.clone(), *node);
            }
        }
        self.live = self.durable.clone();
        let used: BTreeSet<u64> = self
            .live
            .values()
            .filter_map(|node| match node {
                Node::File(inode) => Some(*inode),
                Node::Directory => None,
            })
            .collect();
        self.inodes.retain(|inode, _| used.contains(inode));
    }

    fn forget_open_handles(&mut self) {
        self.incarnation += 1;
        self.locks.clear();
        self.faults.clear();
    }
}

impl Inode {
    fn apply(bytes: &mut Vec<u8>, position: usize, written: &[u8]) {
        let end = position + written.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[position..end].copy_from_slice(written);
    }

    fn keep_some_bytes(&mut self, random: &mut Random) {
        // Most crashes keep all, nothing or a prefix; the rest any subset of sectors.
        let style = random.below(4);
        let pending = std::mem::take(&mut self.pending);
        let prefix = random.below(pending.len() + 1);
        for (index, change) in pending.into_iter().enumerate() {
            let whole = match style {
                0 => false,
                1 => true,
                2 => index < prefix,
                _ => random.below(3) == 0,
            };
            match change {
                ByteChange::SetLength(length) if whole => self.durable.resize(length, 0),
                ByteChange::SetLength(_) => {}
                ByteChange::Write { position, bytes } if whole => {
                    Self::apply(&mut self.durable, position, &bytes);
                }
                ByteChange::Write { position, bytes } if style >= 2 => {
                    self.keep_some_sectors(position, &bytes, random);
                }
                ByteChange::Write { .. } => {}
            }
        }
        self.live = self.durable.clone();
    }

    fn keep_some_sectors(&mut self, position: usize, bytes: &[u8], random: &mut Random) {
        let mut start = 0;
        while start < bytes.len() {
            let sector_end = ((position + start) / SECTOR_BYTES + 1) * SECTOR_BYTES - position;
            let end = sector_end.min(bytes.len());
            if random.below(2) == 0 {
                Self::apply(&mut self.durable, position + start, &bytes[start..end]);
            }
            start = end;
        }
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

impl FileSystem for SimulatedFileSystem {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let mut disk = self.disk.lock();
        let inode = match disk.live.get(path).copied() {
            Some(Node::Directory) => return Err(io::ErrorKind::IsADirectory.into()),
            Some(Node::File(inode)) => {
                disk.check(Operation::Open, path)?;
                inode
            }
            None if mode == OpenMode::Create => {
                disk.check(Operation::Create, path)?;
                disk.require_directory(&parent(path))?;
                let inode = disk.next_inode;
                disk.next_inode += 1;
                disk.inodes.insert(inode, Inode::default());
                disk.change_names(vec![(path.to_owned(), Some(Node::File(inode)))]);
                inode
            }
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Box::new(SimulatedFile {
            disk: Arc::clone(&self.disk),
            inode,
            path: path.to_owned(),
            incarnation: disk.incarnation,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.check(Operation::Rename, from)?;
        let node = disk.live.get(from).copied().ok_or(io::ErrorKind::NotFound)?;
        let mut changes = vec![(from.to_owned(), None), (to.to_owned(), Some(node))];
        let below: Vec<_> = disk
            .live
            .iter()
            .filter(|(path, _)| path.starts_with(from) && path.as_path() != from)
            .map(|(path, node)| (path.clone(), *node))
            .collect();
        for (path, node) in below {
            let suffix = path.strip_prefix(from).map_err(io::Error::other)?.to_owned();
            changes.push((path, None));
            changes.push((to.join(suffix), Some(node)));
        }
        if node == Node::Directory {
            disk.move_pending(from, to)?;
            // Names whose removal is not synced do not stay behind either.
            let gone = disk.durable.keys().filter(|path| path.starts_with(from));
            let gone = gone.filter(|path| !disk.live.contains_key(*path));
            changes.extend(gone.map(|path| (path.clone(), None)));
        }
        disk.change_names(changes);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.check(Operation::Remove, path)?;
        match disk.live.get(path) {
            Some(Node::File(_)) => disk.change_names(vec![(path.to_owned(), None)]),
            Some(Node::Directory) => return Err(io::ErrorKind::IsADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(())
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.check(Operation::Remove, path)?;
        disk.require_directory(path)?;
        if disk.live.keys().any(|other| other.parent() == Some(path)) {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        disk.change_names(vec![(path.to_owned(), None)]);
        Ok(())
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.check(Operation::CreateDirectories, path)?;
        let mut missing: Vec<&Path> = path
            .ancestors()
            .filter(|up| !up.as_os_str().is_empty() && !disk.live.contains_key(*up))
            .collect();
        missing.reverse();
        for directory in missing {
            disk.change_names(vec![(directory.to_owned(), Some(Node::Directory))]);
        }
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let mut disk = self.disk.lock();
        disk.check(Operation::List, path)?;
        disk.require_directory(path)?;
        let entries = disk.live.iter().filter(|(child, _)| child.parent() == Some(path));
        let entries = entries.map(|(child, node)| DirectoryEntry {
            name: child.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            is_directory: *node == Node::Directory,
            length: match node {
                Node::File(inode) => disk.inodes[inode].live.len() as u64,
                Node::Directory => 0,
            },
        });
        Ok(entries.collect())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        Ok(self.disk.lock().live.contains_key(path))
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.check(Operation::SyncDirectory, path)?;
        disk.require_directory(path)?;
        let (synced, pending) = std::mem::take(&mut disk.pending)
            .into_iter()
            .partition::<Vec<_>, _>(|change| change.directory == path);
        disk.pending = pending;
        synced.into_iter().for_each(|change| disk.make_durable(change));
        Ok(())
    }

    fn space(&self, _path: &Path) -> io::Result<Space> {
        let disk = self.disk.lock();
        let total_bytes = disk.capacity.unwrap_or(u64::MAX);
        Ok(Space { total_bytes, usable_bytes: total_bytes.saturating_sub(disk.used_bytes()) })
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn fmt::Debug + Send + Sync>> {
        drop(self.open(path, OpenMode::Create)?);
        let mut disk = self.disk.lock();
        if !disk.locks.insert(path.to_owned()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let incarnation = disk.incarnation;
        Ok(Box::new(SimulatedLock {
            disk: Arc::clone(&self.disk),
            path: path.to_owned(),
            incarnation,
        }))
    }
}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        let mut disk = self.disk.lock();
        if disk.incarnation == self.incarnation {
            disk.locks.remove(&self.path);
        }
    }
}

impl fmt::Debug for SimulatedLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimulatedLock").field(&self.path).finish()
    }
}

impl fmt::Debug for SimulatedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimulatedFile").field(&self.path).finish()
    }
}

impl SimulatedFile {
    fn with<T>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut Disk) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut disk = self.disk.lock();
        if disk.incarnation != self.incarnation {
            return Err(io::Error::other("the handle is from before the crash"));
        }
        disk.check(operation, &self.path)?;
        act(&mut disk)
    }
}

impl File for SimulatedFile {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.with(Operation::Read, |disk| {
            let inode = disk.inodes.entry(self.inode).or_default();
            inode.is_cold = false;
            let bytes = &inode.live;
            let start = (position as usize).min(bytes.len());
            let length = buffer.len().min(bytes.len() - start);
            buffer[..length].copy_from_slice(&bytes[start..start + length]);
            Ok(length)
        })
    }

    fn write_at(&self, position: u64, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.with(Operation::Write, |disk| {
            let mut bytes: Vec<u8> =
                buffers.iter().flat_map(|buffer| buffer.iter().copied()).collect();
            let position = position as usize;
            let length = disk.inodes[&self.inode].live.len();
            if let Some(capacity) = disk.capacity {
                let free = capacity.saturating_sub(disk.used_bytes()) as usize;
                let overwritten = length.saturating_sub(position);
                bytes.truncate(overwritten.saturating_add(free));
                if bytes.is_empty() && !buffers.iter().all(|buffer| buffer.is_empty()) {
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
            let inode = disk.inodes.entry(self.inode).or_default();
            Inode::apply(&mut inode.live, position, &bytes);
            let written = bytes.len();
            inode.pending.push(ByteChange::Write { position, bytes });
            Ok(written)
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(Operation::Sync, |disk| {
            let inode = disk.inodes.entry(self.inode).or_default();
            inode.pending.clear();
            inode.durable.clone_from(&inode.live);
            Ok(())
        })
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.with(Operation::SetLength, |disk| {
            let inode = disk.inodes.entry(self.inode).or_default();
            inode.live.resize(length as usize, 0);
            inode.pending.push(ByteChange::SetLength(length as usize));
            Ok(())
        })
    }

    fn length(&self) -> io::Result<u64> {
        let disk = self.disk.lock();
        Ok(disk.inodes.get(&self.inode).map_or(0, |inode| inode.live.len() as u64))
    }

    fn is_in_memory(&self, _: u64, _: u64) -> bool {
        let disk = self.disk.lock();
        disk.inodes.get(&self.inode).is_some_and(|inode| !inode.is_cold)
    }

    fn file(&self) -> Option<&std::fs::File> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsynced_names_go_with_their_renamed_directory() {
        for seed in 0..32 {
            let disk = SimulatedFileSystem::new();
            let (old, new) = (Path::new("/old"), Path::new("/new"));
            disk.create_directories(old).unwrap();
            disk.sync_directory(Path::new("/")).unwrap();
            disk.open(&old.join("removed"), OpenMode::Create).unwrap();
            disk.sync_directory(old).unwrap();
            disk.remove_file(&old.join("removed")).unwrap();
            disk.open(&old.join("created"), OpenMode::Create).unwrap();
            disk.rename(old, new).unwrap();
            disk.create_directories(old).unwrap();
            assert!(disk.list(old).unwrap().is_empty());
            disk.sync_directory(Path::new("/")).unwrap();
            disk.sync_directory(old).unwrap();
            disk.crash(seed);
            assert_eq!(disk.list(old).unwrap(), [], "seed {seed}");
            assert!(!disk.exists(&new.join("removed")).unwrap());
        }
    }
}
