//! `.txnindex` files: the aborted transactions whose markers lie in a segment, so that readers of
//! committed records can leave them out. The file is there only when there is such a transaction.

use std::path::Path;

use model::{Offset, ProducerId};

use crate::error::{IoContext, StorageError};
use crate::fs::{FileSystem, OpenMode, read_file, write_all_at};
use crate::producer_state::CompletedTransaction;

const VERSION: i16 = 0;
const ENTRY_BYTES: usize = 2 + 4 * 8;

/// An aborted transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// The producer.
    pub producer_id: ProducerId,
    /// The transaction's first offset in this partition.
    pub first_offset: Offset,
    /// The offset of its marker.
    pub last_offset: Offset,
    /// The last stable offset once it had ended.
    pub last_stable_offset: Offset,
}

impl AbortedTransaction {
    pub(crate) fn new(completed: &CompletedTransaction, last_stable_offset: Offset) -> Self {
        Self {
            producer_id: completed.producer_id,
            first_offset: completed.first_offset,
            last_offset: completed.last_offset,
            last_stable_offset,
        }
    }

    fn encode(&self) -> [u8; ENTRY_BYTES] {
        let mut entry = [0; ENTRY_BYTES];
        entry[..2].copy_from_slice(&VERSION.to_be_bytes());
        let numbers = [
            self.producer_id.get(),
            self.first_offset.get(),
            self.last_offset.get(),
            self.last_stable_offset.get(),
        ];
        for (slot, number) in entry[2..].chunks_exact_mut(8).zip(numbers) {
            slot.copy_from_slice(&number.to_be_bytes());
        }
        entry
    }

    fn decode(entry: &[u8]) -> Option<Self> {
        let (version, numbers) = entry.split_first_chunk()?;
        if i16::from_be_bytes(*version) != VERSION {
            return None;
        }
        let number = |index: usize| {
            let bytes = numbers.get(index * 8..index * 8 + 8)?;
            bytes.try_into().ok().map(i64::from_be_bytes)
        };
        Some(Self {
            producer_id: ProducerId::new(number(0)?),
            first_offset: Offset::new(number(1)?),
            last_offset: Offset::new(number(2)?),
            last_stable_offset: Offset::new(number(3)?),
        })
    }
}

/// The aborted transactions of a segment, in the order of their markers.
pub(crate) fn read(
    file_system: &dyn FileSystem,
    path: &Path,
) -> Result<Vec<AbortedTransaction>, StorageError> {
    let contents = read_file(file_system, path).during("read", path)?.unwrap_or_default();
    let entries = contents.chunks_exact(ENTRY_BYTES).map(|entry| {
        AbortedTransaction::decode(entry).ok_or_else(|| StorageError::Malformed {
            path: path.to_owned(),
            reason: "has an entry of an unknown version; remove the file of this segment and start the node without its clean-shutdown mark to rebuild it".to_owned(),
        })
    });
    entries.collect()
}

/// Adds an aborted transaction after those that are there.
pub(crate) fn append(
    file_system: &dyn FileSystem,
    path: &Path,
    aborted: &AbortedTransaction,
) -> Result<(), StorageError> {
    let file = file_system.open(path, OpenMode::Create).during("open", path)?;
    let length = file.length().during("read", path)?;
    let end = length - length % ENTRY_BYTES as u64;
    write_all_at(&*file, end, &aborted.encode()).during("write", path)
}

/// Why a transaction index of the segment that begins at `base_offset` cannot be right, if so.
pub(crate) fn check(
    file_system: &dyn FileSystem,
    path: &Path,
    base_offset: Offset,
) -> Result<Result<(), &'static str>, StorageError> {
    let contents = read_file(file_system, path).during("read", path)?.unwrap_or_default();
    if contents.len() % ENTRY_BYTES != 0 {
        return Ok(Err("its end is cut off"));
    }
    let mut after = base_offset;
    for entry in contents.chunks_exact(ENTRY_BYTES).map(AbortedTransaction::decode) {
        let Some(entry) = entry else { return Ok(Err("an entry has an unknown version")) };
        if entry.last_offset < after || entry.first_offset > entry.last_offset {
            return Ok(Err("its entries are not in order"));
        }
        after = entry.last_offset;
    }
    Ok(Ok(()))
}

/// The entries before the first that cannot be right.
pub(crate) fn read_sound(
    file_system: &dyn FileSystem,
    path: &Path,
    base_offset: Offset,
) -> Result<Vec<AbortedTransaction>, StorageError> {
    let contents = read_file(file_system, path).during("read", path)?.unwrap_or_default();
    let mut after = base_offset;
    let entries = contents.chunks_exact(ENTRY_BYTES).map_while(|entry| {
        let entry = AbortedTransaction::decode(entry)?;
        let follows = entry.last_offset >= after && entry.first_offset <= entry.last_offset;
        after = entry.last_offset;
        follows.then_some(entry)
    });
    Ok(entries.collect())
}

/// The contents of a file with these entries.
pub(crate) fn encode_all(entries: &[AbortedTransaction]) -> Vec<u8> {
    entries.iter().flat_map(AbortedTransaction::encode).collect()
}

/// Makes these the entries; returns whether they were others. Without any, no file is made.
pub(crate) fn replace(
    file_system: &dyn FileSystem,
    path: &Path,
    entries: &[AbortedTransaction],
) -> Result<bool, StorageError> {
    let found = read_file(file_system, path).during("read", path)?.unwrap_or_default();
    let bytes = encode_all(entries);
    if found == bytes {
        return Ok(false);
    }
    let file = file_system.open(path, OpenMode::Create).during("open", path)?;
    file.set_length(0).during("empty", path)?;
    write_all_at(&*file, 0, &bytes).during("write", path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::SimulatedFileSystem;

    #[test]
    fn entries_are_kafkas_thirty_four_bytes() {
        let disk = SimulatedFileSystem::new();
        let path = Path::new("/00000000000000000000.txnindex");
        let aborted = |first| AbortedTransaction {
            producer_id: ProducerId::new(7),
            first_offset: Offset::new(first),
            last_offset: Offset::new(first + 5),
            last_stable_offset: Offset::new(first + 6),
        };
        assert_eq!(read(&disk, path).unwrap(), []);
        append(&disk, path, &aborted(10)).unwrap();
        append(&disk, path, &aborted(20)).unwrap();
        assert_eq!(read_file(&disk, path).unwrap().unwrap().len(), 68);
        assert_eq!(read(&disk, path).unwrap(), [aborted(10), aborted(20)]);
        replace(&disk, path, &[aborted(20)]).unwrap();
        assert_eq!(read(&disk, path).unwrap(), [aborted(20)]);
    }
}
