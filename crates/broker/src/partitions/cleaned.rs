//! What the cleaner needs of the partitions: where their replaced files go, and the checkpoint that
//! says up to where each log was compacted.

use model::Offset;
use storage::{Checkpoint, DeletedFiles, StorageError};

use super::Partitions;
use crate::partition::Partition;

impl Partitions {
    /// Removes files that were replaced, once readers had time to finish.
    pub(crate) fn remove_later(&self, partition: &Partition, files: DeletedFiles) {
        self.leaving.add(partition.settings().file_delete_delay_ms, files);
    }

    /// Fails the folder of a log that is failed: nobody knows what its disk holds.
    pub(crate) fn note_failed_log(&self, partition: &Partition) {
        if partition.log(|log| log.failure().is_some()) {
            self.folders[partition.disk()].disk.syncs().fail();
        }
    }

    /// Writes down up to where the logs of a folder were compacted.
    pub(crate) fn write_cleaned(&self, index: usize) -> Result<(), StorageError> {
        let folder = &self.folders[index];
        let _turn = folder.checkpoints.lock();
        let mut cleaned = folder.known(|found| found.cleaned_to);
        for partition in self.all().into_iter().filter(|partition| partition.disk() == index) {
            let offset = partition.log(storage::Log::cleaned_to);
            if offset > Offset::ZERO {
                cleaned.insert(partition.topic_partition().clone(), offset);
            }
        }
        folder.directory.write_checkpoint(Checkpoint::Cleaner, &cleaned)
    }
}
