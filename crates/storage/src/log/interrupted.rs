//! What Kafka's log cleaner leaves behind when it is interrupted, finished as Kafka finishes it.
//!
//! A cleaner writes a new segment in files that end in `.cleaned`, renames them to `.swap` once they
//! are whole, removes the segments that they replace, and renames them to their final names. So what
//! is still `.cleaned` is worth nothing, and what is `.swap` replaces everything in its range of
//! offsets. While a segment is split in two, a `.swap` beside a `.cleaned` is not complete either.

use model::Offset;

use super::open::SEGMENT_ENDINGS;
use crate::batch_scanner::BatchScanner;
use crate::error::{IoContext, StorageError};
use crate::file_names::{CLEANED, LOG, SWAP, offset_of};
use crate::fs::{DirectoryEntry, OpenMode, SegmentFile, remove_file_if_exists};
use crate::open_files::Folder;

/// Removes `.cleaned` files and finishes what the `.swap` files began; returns whether anything in
/// the folder changed.
pub(super) fn finish(folder: &Folder, entries: &[DirectoryEntry]) -> Result<bool, StorageError> {
    let with_suffix = |suffix: &'static str| {
        entries.iter().filter_map(move |entry| {
            let file = entry.name.strip_suffix(suffix)?;
            let ending = SEGMENT_ENDINGS.iter().find(|ending| file.ends_with(*ending))?;
            Some((offset_of(file, ending)?, *ending, entry))
        })
    };
    let first_cleaned = with_suffix(CLEANED).map(|(base, _, _)| base).min();
    let is_incomplete = |base: Offset| first_cleaned.is_some_and(|cleaned| base >= cleaned);
    let mut changed = false;
    for (base, _, entry) in with_suffix(CLEANED).chain(with_suffix(SWAP)) {
        if entry.name.ends_with(CLEANED) || is_incomplete(base) {
            remove(folder, &entry.name)?;
            changed = true;
        }
    }
    let complete: Vec<_> = with_suffix(SWAP).filter(|(base, _, _)| !is_incomplete(*base)).collect();
    let logs = complete.iter().filter(|(_, ending, _)| *ending == LOG);
    let mut replaced: Option<(Offset, Offset)> = None;
    for (base, _, entry) in logs {
        // One without records replaces the segment of its own name at least.
        let end = end_offset(folder, *base, entry)?.max(base.next());
        let (first, last) = replaced.unwrap_or((*base, end));
        replaced = Some((first.min(*base), last.max(end)));
    }
    if let Some((first, end)) = replaced {
        for entry in entries {
            let base = SEGMENT_ENDINGS.iter().find_map(|ending| offset_of(&entry.name, ending));
            if base.is_some_and(|base| base >= first && base < end) {
                remove(folder, &entry.name)?;
            }
        }
    }
    for (_, _, entry) in &complete {
        let from = folder.path().join(&entry.name);
        let to = folder.path().join(entry.name.trim_end_matches(SWAP));
        folder.file_system().rename(&from, &to).during("rename", &from)?;
        changed = true;
    }
    if changed {
        folder.file_system().sync_directory(folder.path()).during("sync", folder.path())?;
    }
    Ok(changed)
}

fn remove(folder: &Folder, name: &str) -> Result<(), StorageError> {
    let path = folder.path().join(name);
    remove_file_if_exists(folder.file_system(), &path).during("remove", &path)
}

/// The offset after the last record of a `.swap` file. The cleaner had synced it, so that it is
/// whole.
fn end_offset(
    folder: &Folder,
    base_offset: Offset,
    entry: &DirectoryEntry,
) -> Result<Offset, StorageError> {
    let path = folder.path().join(&entry.name);
    let file = folder.file_system().open(&path, OpenMode::Read).during("open", &path)?;
    let size = u32::try_from(entry.length).map_err(|_| StorageError::Malformed {
        path: path.clone(),
        reason: format!("has {} bytes; a segment has at most 2 GiB", entry.length),
    })?;
    let mut scanner = BatchScanner::new(SegmentFile::new(file), path, 0, size);
    let mut end_offset = base_offset;
    while let Some((_, batch)) = scanner.next_batch()? {
        end_offset = batch.next_offset();
    }
    Ok(end_offset)
}
