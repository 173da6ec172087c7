//! The files that are open, so that thousands of partitions need only a bounded number of them.
//!
//! A file is opened when it is needed and closed when others were needed more lately. Whoever holds
//! a [`SegmentFile`] keeps it open: segments hold those with unsynced data, since an operating
//! system may report a failed write-back only to a handle that was open when it happened.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use model::Offset;
use parking_lot::{Mutex, RwLock};

use crate::cleaner::Source;
use crate::error::{IoContext, StorageError};
use crate::file_names;
use crate::fs::{FileSystem, OpenMode, SegmentFile};

/// What share of the open files is closed at once when there are too many: one in so many.
const CLOSED_SHARE: usize = 8;

/// Which of a segment's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FileKind {
    Log,
    OffsetIndex,
    TimeIndex,
}

impl FileKind {
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Log => file_names::LOG,
            Self::OffsetIndex => file_names::OFFSET_INDEX,
            Self::TimeIndex => file_names::TIME_INDEX,
        }
    }
}

type Key = (u64, Offset, FileKind);

/// A bounded set of open files, shared by the logs of a node.
#[derive(Debug)]
pub struct OpenFiles {
    open_max: usize,
    next_folder: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<Key, (SegmentFile, u64)>,
    clock: u64,
}

impl OpenFiles {
    /// A set that keeps at most `open_max` files open besides those in use.
    pub fn new(open_max: usize) -> Arc<Self> {
        Arc::new(Self {
            open_max: open_max.max(CLOSED_SHARE),
            next_folder: AtomicU64::new(0),
            state: Mutex::default(),
        })
    }

    /// How many files it keeps open.
    pub fn open_count(&self) -> usize {
        self.state.lock().files.len()
    }

    fn get(&self, key: Key) -> Option<SegmentFile> {
        let mut state = self.state.lock();
        state.clock += 1;
        let now = state.clock;
        let (file, used) = state.files.get_mut(&key)?;
        *used = now;
        Some(file.clone())
    }

    fn put(&self, key: Key, file: SegmentFile) {
        let mut state = self.state.lock();
        state.clock += 1;
        let now = state.clock;
        state.files.insert(key, (file, now));
        if state.files.len() > self.open_max {
            let mut uses: Vec<u64> = state.files.values().map(|(_, used)| *used).collect();
            let (_, oldest_kept, _) = uses.select_nth_unstable(self.open_max / CLOSED_SHARE);
            let oldest_kept = *oldest_kept;
            state.files.retain(|_, (_, used)| *used >= oldest_kept);
        }
    }

    fn forget(&self, folder: u64, base_offset: Option<Offset>) {
        self.state.lock().files.retain(|(id, base, _), _| {
            *id != folder || base_offset.is_some_and(|forgotten| *base != forgotten)
        });
    }
}

/// The folder of a partition, through which its files are reached.
#[derive(Debug)]
pub(crate) struct Folder {
    file_system: Arc<dyn FileSystem>,
    files: Arc<OpenFiles>,
    path: PathBuf,
    id: u64,
    /// Whether the partition is deleted, for syncs that run meanwhile.
    deleted: Arc<AtomicBool>,
    /// Held while the folder is renamed, and by those who find files in it without its log's lock.
    names: Arc<RwLock<()>>,
}

impl Folder {
    pub(crate) fn new(
        file_system: Arc<dyn FileSystem>,
        files: Arc<OpenFiles>,
        path: PathBuf,
    ) -> Self {
        let id = files.next_folder.fetch_add(1, Ordering::Relaxed);
        let (deleted, names) = Default::default();
        Self { file_system, files, path, id, deleted, names }
    }

    pub(crate) fn file_system(&self) -> &dyn FileSystem {
        &*self.file_system
    }

    pub(crate) fn shared_file_system(&self) -> Arc<dyn FileSystem> {
        Arc::clone(&self.file_system)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the folder, as its partition is deleted.
    pub(crate) fn rename_deleted(&mut self, to: PathBuf) -> Result<(), StorageError> {
        let _names = self.names.write();
        // A sync that finds the old name gone must know by then that nobody needs it.
        self.deleted.store(true, Ordering::SeqCst);
        let renamed = self.file_system.rename(&self.path, &to).during("rename", &self.path);
        match renamed {
            Ok(()) => self.path = to,
            Err(_) => self.deleted.store(false, Ordering::SeqCst),
        }
        renamed
    }

    /// The folder for those who work without its log's lock.
    pub(crate) fn source(&self) -> Source {
        Source {
            file_system: self.shared_file_system(),
            path: self.path.clone(),
            deleted: Arc::clone(&self.deleted),
            names: Arc::clone(&self.names),
        }
    }

    /// Becomes true when the partition is deleted.
    pub(crate) fn deleted(&self) -> &Arc<AtomicBool> {
        &self.deleted
    }

    /// The path of a file that belongs to an offset.
    pub(crate) fn file_path(&self, offset: Offset, ending: &str) -> PathBuf {
        self.path.join(file_names::offset_file(offset, ending))
    }

    /// A file of a segment, opened when it is not open.
    pub(crate) fn open(
        &self,
        base_offset: Offset,
        kind: FileKind,
        mode: OpenMode,
    ) -> Result<SegmentFile, StorageError> {
        let key = (self.id, base_offset, kind);
        if let Some(file) = self.files.get(key) {
            return Ok(file);
        }
        let path = self.file_path(base_offset, kind.ending());
        let file = SegmentFile::new(self.file_system.open(&path, mode).during("open", &path)?);
        self.files.put(key, file.clone());
        Ok(file)
    }

    /// Closes the files of a segment once nobody uses them.
    pub(crate) fn forget_segment(&self, base_offset: Offset) {
        self.files.forget(self.id, Some(base_offset));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.files.forget(self.id, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::SimulatedFileSystem;

    #[test]
    fn open_files_stay_bounded_and_the_lately_used_stay_open() {
        let files = OpenFiles::new(16);
        let disk: Arc<dyn FileSystem> = Arc::new(SimulatedFileSystem::new());
        let folder = Folder::new(disk, Arc::clone(&files), PathBuf::from("/"));
        for base in 0..100 {
            folder.open(Offset::new(base), FileKind::Log, OpenMode::Create).unwrap();
            folder.open(Offset::new(0), FileKind::Log, OpenMode::Create).unwrap();
            assert!(files.open_count() <= 16);
            assert!(files.get((folder.id, Offset::new(0), FileKind::Log)).is_some());
        }
        drop(folder);
        assert_eq!(files.open_count(), 0);
    }
}
