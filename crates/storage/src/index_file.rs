//! A file of entries of one size, sorted, appended at the end: what both indexes of a segment are.
//!
//! New entries gather in memory and are written together, since an index can be rebuilt from the
//! records and one call of the system for each produce request is enough. Readers see them at once.
//! Kafka preallocates its index files; the zeros at the end of one are no entries.

use std::io;

use crate::fs::{File, read_full_at, write_all_at};

/// Entries that gather before they are written.
const PENDING_ENTRIES_MAX: usize = 64;
/// A search narrows entry by entry down to this many bytes, which it reads as one.
const SEARCH_BLOCK_BYTES: usize = 1024;
/// Entries that are read at once to check their order.
const CHECK_ENTRIES: u32 = 4096;
/// The larger of the two sizes of entries.
pub(crate) const ENTRY_BYTES_MAX: usize = 12;

/// The bytes of one entry; only the first `entry_bytes` count.
pub(crate) type Entry = [u8; ENTRY_BYTES_MAX];

/// The entries of an index.
#[derive(Debug)]
pub(crate) struct IndexFile {
    entry_bytes: usize,
    /// Entries in the file.
    written: u32,
    /// Entries after those, not yet in the file.
    pending: Vec<u8>,
    /// Whether the file has changed since it was last synced.
    dirty: bool,
    /// Whether the file may be longer than its entries.
    untrimmed: bool,
}

impl IndexFile {
    /// An index without entries; the file is made empty at the first write.
    pub(crate) fn empty(entry_bytes: usize) -> Self {
        Self { entry_bytes, written: 0, pending: Vec::new(), dirty: true, untrimmed: true }
    }

    /// Finds out how many entries a file has.
    pub(crate) fn load(entry_bytes: usize, file: &dyn File) -> io::Result<Self> {
        let length = file.length()?;
        let slots = u32::try_from(length / entry_bytes as u64).map_err(io::Error::other)?;
        let mut index = Self {
            entry_bytes,
            written: slots,
            pending: Vec::new(),
            dirty: false,
            untrimmed: !length.is_multiple_of(entry_bytes as u64),
        };
        // Entries are sorted and never zero but perhaps the first, so that the zeros of a
        // preallocated tail can be found by halving.
        if slots > 1 && index.is_zero(file, slots - 1)? {
            let (mut low, mut high) = (0, slots - 1);
            while low < high {
                let middle = low + (high - low) / 2;
                if index.is_zero(file, middle)? { high = middle } else { low = middle + 1 }
            }
            index.written = low;
            index.untrimmed = true;
        }
        Ok(index)
    }

    fn is_zero(&self, file: &dyn File, slot: u32) -> io::Result<bool> {
        Ok(self.entry(file, slot)?.iter().all(|byte| *byte == 0))
    }

    /// How many entries there are.
    pub(crate) fn count(&self) -> u32 {
        self.written + (self.pending.len() / self.entry_bytes) as u32
    }

    /// Whether a sync of the file would change anything.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty || self.untrimmed || !self.pending.is_empty()
    }

    /// The entry at a slot.
    pub(crate) fn entry(&self, file: &dyn File, slot: u32) -> io::Result<Entry> {
        let mut entry = [0; ENTRY_BYTES_MAX];
        let bytes = &mut entry[..self.entry_bytes];
        if let Some(slot) = slot.checked_sub(self.written) {
            let start = slot as usize * self.entry_bytes;
            let pending = self.pending.get(start..start + self.entry_bytes);
            bytes.copy_from_slice(pending.ok_or(io::ErrorKind::UnexpectedEof)?);
        } else {
            let position = u64::from(slot) * self.entry_bytes as u64;
            if read_full_at(file, position, bytes)? < bytes.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(entry)
    }

    /// The last entry.
    pub(crate) fn last(&self, file: &dyn File) -> io::Result<Option<Entry>> {
        self.count().checked_sub(1).map(|slot| self.entry(file, slot)).transpose()
    }

    /// How many entries at the start satisfy `before`, which no entry does after one that does not.
    pub(crate) fn partition_point(
        &self,
        file: &dyn File,
        before: impl Fn(&Entry) -> bool,
    ) -> io::Result<u32> {
        let block_entries = (SEARCH_BLOCK_BYTES / self.entry_bytes) as u32;
        let (mut low, mut high) = (0, self.count());
        // Readers mostly want what was appended lately, and that is in memory.
        if !self.pending.is_empty() && self.written < high {
            if before(&self.entry(file, self.written)?) {
                low = self.written + 1;
            } else {
                high = self.written;
            }
        }
        while high - low > block_entries && low < self.written {
            let middle = low + (high - low) / 2;
            if before(&self.entry(file, middle)?) { low = middle + 1 } else { high = middle }
        }
        let mut block = [0; SEARCH_BLOCK_BYTES];
        let in_file = high.min(self.written).saturating_sub(low) as usize * self.entry_bytes;
        let in_file = in_file.min(block.len());
        let position = u64::from(low) * self.entry_bytes as u64;
        if read_full_at(file, position, &mut block[..in_file])? < in_file {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while low < high {
            let mut entry = [0; ENTRY_BYTES_MAX];
            let start = (u64::from(low) * self.entry_bytes as u64 - position) as usize;
            if start + self.entry_bytes <= in_file {
                entry[..self.entry_bytes].copy_from_slice(&block[start..start + self.entry_bytes]);
            } else {
                entry = self.entry(file, low)?;
            }
            if !before(&entry) {
                break;
            }
            low += 1;
        }
        Ok(low)
    }

    /// Whether each entry in the file may follow the one before it.
    pub(crate) fn is_ordered(
        &self,
        file: &dyn File,
        may_follow: impl Fn(&Entry, &Entry) -> bool,
    ) -> io::Result<bool> {
        let mut chunk = vec![0; CHECK_ENTRIES as usize * self.entry_bytes];
        let mut previous: Option<Entry> = None;
        for start in (0..self.written).step_by(CHECK_ENTRIES as usize) {
            let entries = CHECK_ENTRIES.min(self.written - start) as usize;
            let part = &mut chunk[..entries * self.entry_bytes];
            let position = u64::from(start) * self.entry_bytes as u64;
            if read_full_at(file, position, part)? < part.len() {
                return Ok(false);
            }
            for bytes in part.chunks_exact(self.entry_bytes) {
                let mut entry = [0; ENTRY_BYTES_MAX];
                entry[..self.entry_bytes].copy_from_slice(bytes);
                if previous.is_some_and(|previous| !may_follow(&previous, &entry)) {
                    return Ok(false);
                }
                previous = Some(entry);
            }
        }
        Ok(true)
    }

    /// Adds an entry in memory.
    pub(crate) fn push(&mut self, entry: &[u8]) {
        debug_assert_eq!(entry.len(), self.entry_bytes);
        self.pending.extend_from_slice(entry);
    }

    /// Whether so many entries gathered that they should be written.
    pub(crate) fn wants_flush(&self) -> bool {
        self.pending.len() >= PENDING_ENTRIES_MAX * self.entry_bytes
    }

    /// Writes what gathered, so that the file has exactly the entries.
    pub(crate) fn flush(&mut self, file: &dyn File) -> io::Result<()> {
        let end = u64::from(self.written) * self.entry_bytes as u64;
        if self.untrimmed {
            file.set_length(end)?;
            self.untrimmed = false;
            self.dirty = true;
        }
        if !self.pending.is_empty() {
            self.dirty = true;
            if let Err(error) = write_all_at(file, end, &self.pending) {
                self.untrimmed = true;
                return Err(error);
            }
            self.written = self.count();
            self.pending = Vec::new();
        }
        Ok(())
    }

    /// Notes that an earlier process may have left changes unsynced.
    pub(crate) fn mark_dirty(&mut self) {
        self.dirty = true;
    }

    /// Notes that the file was synced after the last change.
    pub(crate) fn mark_synced(&mut self) {
        self.dirty = false;
    }

    /// Forgets the entries from `count` on.
    pub(crate) fn truncate(&mut self, count: u32) {
        if count >= self.count() {
            return;
        }
        let in_memory = count.saturating_sub(self.written) as usize;
        self.pending.truncate(in_memory * self.entry_bytes);
        if count < self.written {
            self.written = count;
            self.untrimmed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{FileSystem, OpenMode, SimulatedFileSystem};
    use std::path::Path;

    fn file() -> Box<dyn File> {
        SimulatedFileSystem::new().open(Path::new("/index"), OpenMode::Create).unwrap()
    }

    fn number(entry: &Entry) -> u64 {
        u64::from_be_bytes(entry[..8].try_into().unwrap())
    }

    #[test]
    fn search_finds_entries_in_the_file_and_in_memory() {
        let file = file();
        for in_file in [0u64, 1, 2, 127, 128, 129, 1000] {
            for in_memory in [0u64, 1, 5, 300] {
                let mut index = IndexFile::empty(8);
                (1..=in_file).for_each(|i| index.push(&(i * 2).to_be_bytes()));
                index.flush(&*file).unwrap();
                (in_file + 1..=in_file + in_memory)
                    .for_each(|i| index.push(&(i * 2).to_be_bytes()));
                for i in 0..=in_file + in_memory {
                    for target in [i * 2, i * 2 + 1] {
                        let found =
                            index.partition_point(&*file, |entry| number(entry) <= target).unwrap();
                        assert_eq!(u64::from(found), i, "{in_file} {in_memory} {target}");
                    }
                }
            }
        }
    }

    #[test]
    fn preallocated_zeros_are_no_entries() {
        for entries in [0u64, 1, 2, 63, 64, 65] {
            let file = file();
            let bytes: Vec<u8> = (1..=entries).flat_map(u64::to_be_bytes).collect();
            write_all_at(&*file, 0, &bytes).unwrap();
            file.set_length(4096 + 3).unwrap();
            let mut index = IndexFile::load(8, &*file).unwrap();
            assert_eq!(u64::from(index.count()), entries);
            index.push(&(entries + 1).to_be_bytes());
            index.flush(&*file).unwrap();
            assert_eq!(file.length().unwrap(), (entries + 1) * 8);
        }
    }

    #[test]
    fn truncation_reaches_file_and_memory() {
        let file = file();
        let mut index = IndexFile::empty(8);
        (1..=10u64).for_each(|i| index.push(&i.to_be_bytes()));
        index.flush(&*file).unwrap();
        (11..=15u64).for_each(|i| index.push(&i.to_be_bytes()));
        index.truncate(12);
        assert_eq!(index.last(&*file).unwrap().map(|entry| number(&entry)), Some(12));
        index.truncate(4);
        assert_eq!(index.last(&*file).unwrap().map(|entry| number(&entry)), Some(4));
        index.push(&5u64.to_be_bytes());
        index.flush(&*file).unwrap();
        assert_eq!(file.length().unwrap(), 40);
    }
}
