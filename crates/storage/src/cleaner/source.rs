//! The files of a partition for those who work on it without its lock: the folder may be renamed
//! meanwhile, and another of its name appear.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::Offset;
use parking_lot::RwLock;

use super::CleanError;
use crate::error::{IoContext, StorageError};
use crate::file_names::{self, CLEANED, SWAP};
use crate::fs::{FileSystem, OpenMode, SegmentFile, remove_file_if_exists};

/// The folder as it was when the work began.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) file_system: Arc<dyn FileSystem>,
    pub(crate) path: PathBuf,
    pub(crate) deleted: Arc<AtomicBool>,
    /// Held while files are found by name, and by whoever renames the folder.
    pub(crate) names: Arc<RwLock<()>>,
}

impl Source {
    /// The path of a file that belongs to an offset.
    pub(crate) fn file_path(&self, offset: Offset, ending: &str) -> PathBuf {
        self.path.join(file_names::offset_file(offset, ending))
    }

    /// Opens a file, unless the folder is another's by now.
    pub(crate) fn open(&self, path: &Path, mode: OpenMode) -> Result<SegmentFile, CleanError> {
        let _names = self.names.read();
        if self.deleted.load(Ordering::SeqCst) {
            return Err(CleanError::Outdated);
        }
        match self.file_system.open(path, mode) {
            Ok(file) => Ok(SegmentFile::new(file)),
            // Deleted meanwhile, or renamed with its folder.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(CleanError::Outdated),
            Err(error) => Err(StorageError::io("open", path, error).into()),
        }
    }

    /// Removes files of the folder.
    pub(crate) fn remove(&self, paths: &[PathBuf]) -> Result<(), CleanError> {
        let _names = self.names.read();
        if self.deleted.load(Ordering::SeqCst) {
            return Err(CleanError::Outdated);
        }
        for path in paths {
            remove_file_if_exists(&*self.file_system, path).during("remove", path)?;
        }
        Ok(())
    }

    /// Removes what an earlier cleaning left: beside it a later one could not be told complete.
    pub(crate) fn remove_leftovers(&self) -> Result<(), CleanError> {
        let entries = {
            let _names = self.names.read();
            match self.file_system.list(&self.path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(CleanError::Outdated);
                }
                entries => entries.during("list", &self.path)?,
            }
        };
        let is_leftover = |name: &str| name.ends_with(CLEANED) || name.ends_with(SWAP);
        let leftovers = entries.iter().filter(|entry| is_leftover(&entry.name));
        let leftovers: Vec<PathBuf> = leftovers.map(|entry| self.path.join(&entry.name)).collect();
        self.remove(&leftovers)
    }
}
