//! Offsets without records, which compaction leaves.
//!
//! In a log that was never compacted they say that records are lost, and recovery ends there. A log
//! that may have them carries a mark, since its topic may not be compacted any more when it is opened
//! after a crash, and the checkpoint of the cleaner may not know yet.

use super::Log;
use crate::error::{IoContext, StorageError};
use crate::fs::replace_file;

/// Our own file in the folder of a partition; Kafka ignores it.
pub(super) const HOLES_FILE: &str = "klamm.holes";
const HOLES_TEXT: &[u8] = b"This log was compacted: offsets without records are no loss.\n";

impl Log {
    /// Notes, safely, that the log may have holes.
    pub(super) fn note_holes(&mut self) -> Result<(), StorageError> {
        if !self.has_holes {
            let path = self.folder.path().join(HOLES_FILE);
            replace_file(self.folder.file_system(), &path, HOLES_TEXT).during("write", &path)?;
            self.has_holes = true;
        }
        Ok(())
    }
}
