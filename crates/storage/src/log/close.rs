//! The end of a log: a clean close, after which it opens without a scan, and the deletion of its
//! partition.

use std::path::{Path, PathBuf};

use model::{Offset, TopicPartition, Uuid};

use super::Log;
use crate::checkpoint::EPOCHS_FILE;
use crate::error::{IoContext, StorageError};
use crate::file_names;
use crate::fs::{FileSystem, remove_directory_tree};

impl Log {
    /// Finishes the indexes, writes a snapshot of the producers and syncs everything. Returns the
    /// recovery point, which is the end of the log. A log that did not change costs no sync.
    pub fn close(&mut self) -> Result<Offset, StorageError> {
        self.check_alive()?;
        let (active, folder) = self.active_mut();
        active.finish_index(folder)?;
        self.take_snapshot()?;
        self.sync()?;
        self.remove_recovery_limit()?;
        Ok(self.recovery_point)
    }

    /// Renames the folder, so that the partition is gone at once and its name is free; the files
    /// are removed later by [`remove_partition_folder`].
    pub fn rename_for_delete(
        &mut self,
        partition: &TopicPartition,
        unique: Uuid,
    ) -> Result<PathBuf, StorageError> {
        let old = self.folder.path().to_owned();
        let new = old.with_file_name(file_names::delete_folder(partition, unique));
        self.folder.rename_deleted(new.clone())?;
        self.epochs.set_path(new.join(EPOCHS_FILE));
        if let Some(parent) = new.parent() {
            self.folder.file_system().sync_directory(parent).during("sync", parent)?;
        }
        Ok(new)
    }
}

/// Removes the folder of a deleted partition with all its files.
pub fn remove_partition_folder(
    file_system: &dyn FileSystem,
    path: &Path,
) -> Result<(), StorageError> {
    remove_directory_tree(file_system, path).during("remove", path)
}

/// Renames the folder of a partition; the new name is safe afterwards.
pub fn rename_folder(
    file_system: &dyn FileSystem,
    from: &Path,
    to: &Path,
) -> Result<(), StorageError> {
    file_system.rename(from, to).during("rename", from)?;
    match to.parent() {
        Some(parent) => file_system.sync_directory(parent).during("sync", parent),
        None => Ok(()),
    }
}

/// Renames a folder so that it is removed, if not now then at the next start.
pub fn set_aside_for_removal(
    file_system: &dyn FileSystem,
    path: &Path,
    partition: &TopicPartition,
    unique: Uuid,
) -> Result<PathBuf, StorageError> {
    let aside = path.with_file_name(file_names::delete_folder(partition, unique));
    rename_folder(file_system, path, &aside).map(|()| aside)
}
