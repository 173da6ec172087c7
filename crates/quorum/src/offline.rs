//! The metadata of a node that is stopped, read from its folder without starting a quorum.
//!
//! Invariant: only a quorum of one is read so. There every entry that is on disk is committed, while
//! in a larger one the end of the log may yet be taken back.

use std::path::Path;
use std::sync::Arc;

use metadata::MetadataImage;
use storage::fs::FileSystem;

use crate::disk::LogFiles;
use crate::error::{DiskError, QuorumError};
use crate::snapshot::SnapshotFolder;
use crate::state_machine::replayed;

/// The log is only read, so that no segment ever fills.
const SEGMENT_BYTES: u64 = u64::MAX;

/// Reads the newest snapshot and the log after it. What a crash left half written is cut off, as at
/// every start; nothing else is changed. The folder must belong to nobody else meanwhile.
pub fn read_image(
    file_system: Arc<dyn FileSystem>,
    folder: &Path,
) -> Result<MetadataImage, QuorumError> {
    let snapshots = SnapshotFolder::new(Arc::clone(&file_system), folder.to_owned());
    let snapshot = snapshots.load_newest()?.map(|(applied, _)| applied).unwrap_or_default();
    let files = LogFiles::open(file_system, folder.to_owned(), SEGMENT_BYTES)?;
    let first = snapshot.last.map_or(0, |last| last.index + 1);
    if files.purged().is_some_and(|purged| purged.index >= first) {
        let reason =
            format!("the entries from {first} on are neither in the log nor in a snapshot");
        return Err(DiskError::damaged(folder, 0, reason).into());
    }
    let end = files.last().map_or(0, |last| last.index + 1);
    let entries = files.read(first..end)?;
    let applied =
        replayed(snapshot, entries).map_err(|error| DiskError::damaged(folder, 0, error))?;
    let voters = applied.membership.membership().voter_ids().count();
    if voters > 1 {
        return Err(QuorumError::Raft(format!(
            "{} belongs to a quorum of {voters} nodes, of which one alone does not know what is \
             committed",
            folder.display()
        )));
    }
    Ok(applied.image)
}
