//! Kafka's checkpoint files: a version, a count, and one line for each entry.
//!
//! `recovery-point-offset-checkpoint`, `log-start-offset-checkpoint` and
//! `replication-offset-checkpoint` hold `TOPIC PARTITION OFFSET`; `leader-epoch-checkpoint` of a
//! partition holds `EPOCH START_OFFSET`. They are replaced as a whole, so that a crash leaves the
//! old contents or the new.

use std::collections::BTreeMap;
use std::path::Path;

use model::{LeaderEpoch, Offset, PartitionIndex, TopicPartition};

use crate::error::{IoContext, StorageError};
use crate::fs::{FileSystem, read_file, replace_file};

const VERSION: &str = "0";
/// The leader epochs of a partition, in its folder.
pub(crate) const EPOCHS_FILE: &str = "leader-epoch-checkpoint";

/// Offsets of partitions, as one of the checkpoint files of a log directory holds them.
pub type OffsetCheckpoint = BTreeMap<TopicPartition, Offset>;

/// Where the records of a leader's term begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochEntry {
    /// The term.
    pub epoch: LeaderEpoch,
    /// The offset of its first record.
    pub start_offset: Offset,
}

/// Reads a checkpoint of offsets; a missing file is an empty one.
pub(crate) fn read_offsets(
    file_system: &dyn FileSystem,
    path: &Path,
) -> Result<OffsetCheckpoint, StorageError> {
    let entries = read_lines(file_system, path, |line| {
        let mut words = line.split_ascii_whitespace();
        let topic = words.next()?;
        let partition = PartitionIndex::new(words.next()?.parse().ok()?);
        let offset = Offset::new(words.next()?.parse().ok()?);
        words.next().is_none().then(|| (TopicPartition::new(topic, partition), offset))
    })?;
    Ok(entries.into_iter().collect())
}

/// Replaces a checkpoint of offsets.
pub(crate) fn write_offsets(
    file_system: &dyn FileSystem,
    path: &Path,
    offsets: &OffsetCheckpoint,
) -> Result<(), StorageError> {
    let lines =
        offsets.iter().map(|(at, offset)| format!("{} {} {offset}\n", at.topic, at.partition));
    write_lines(file_system, path, offsets.len(), lines)
}

/// Reads the leader epochs of a partition; a missing file is an empty one.
pub(crate) fn read_epochs(
    file_system: &dyn FileSystem,
    path: &Path,
) -> Result<Vec<EpochEntry>, StorageError> {
    read_lines(file_system, path, |line| {
        let mut words = line.split_ascii_whitespace();
        let epoch = LeaderEpoch::new(words.next()?.parse().ok()?);
        let start_offset = Offset::new(words.next()?.parse().ok()?);
        words.next().is_none().then_some(EpochEntry { epoch, start_offset })
    })
}

/// The latest leader epoch in which something was appended to the log in a partition's folder.
pub fn latest_leader_epoch(
    file_system: &dyn FileSystem,
    folder: &Path,
) -> Result<Option<LeaderEpoch>, StorageError> {
    let path = folder.join(EPOCHS_FILE);
    Ok(read_epochs(file_system, &path)?.last().map(|entry| entry.epoch))
}

/// Replaces the leader epochs of a partition.
pub(crate) fn write_epochs(
    file_system: &dyn FileSystem,
    path: &Path,
    entries: &[EpochEntry],
) -> Result<(), StorageError> {
    let lines = entries.iter().map(|entry| format!("{} {}\n", entry.epoch, entry.start_offset));
    write_lines(file_system, path, entries.len(), lines)
}

fn write_lines(
    file_system: &dyn FileSystem,
    path: &Path,
    count: usize,
    lines: impl Iterator<Item = String>,
) -> Result<(), StorageError> {
    let mut text = format!("{VERSION}\n{count}\n");
    text.extend(lines);
    replace_file(file_system, path, text.as_bytes()).during("write", path)
}

fn read_lines<T>(
    file_system: &dyn FileSystem,
    path: &Path,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, StorageError> {
    let Some(contents) = read_file(file_system, path).during("read", path)? else {
        return Ok(Vec::new());
    };
    let malformed = |reason: String| StorageError::Malformed { path: path.to_owned(), reason };
    let text = String::from_utf8(contents).map_err(|_| malformed("is not text".to_owned()))?;
    let mut lines = text.lines();
    // Kafka creates these files empty, and reads an empty one as one without entries.
    let Some(version) = lines.next() else { return Ok(Vec::new()) };
    if version != VERSION {
        return Err(malformed(format!("has version `{version}`, only {VERSION} is known")));
    }
    let Some(count) = lines.next() else { return Ok(Vec::new()) };
    let entries = lines
        .map(|line| {
            parse(line).ok_or_else(|| malformed(format!("has the malformed line `{line}`")))
        })
        .collect::<Result<Vec<T>, _>>()?;
    if count.parse() != Ok(entries.len()) {
        return Err(malformed(format!("promises {count} entries and has {}", entries.len())));
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::SimulatedFileSystem;

    fn disk_with(contents: &str) -> SimulatedFileSystem {
        let disk = SimulatedFileSystem::new();
        replace_file(&disk, Path::new("/checkpoint"), contents.as_bytes()).unwrap();
        disk
    }

    #[test]
    fn offsets_are_written_as_kafka_writes_them() {
        let disk = SimulatedFileSystem::new();
        let path = Path::new("/checkpoint");
        let at = |topic: &str, index| TopicPartition::new(topic, PartitionIndex::new(index));
        let offsets =
            OffsetCheckpoint::from([(at("a", 0), Offset::new(7)), (at("b-c", 11), Offset::new(0))]);
        write_offsets(&disk, path, &offsets).unwrap();
        let text = read_file(&disk, path).unwrap().unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "0\n2\na 0 7\nb-c 11 0\n");
        assert_eq!(read_offsets(&disk, path).unwrap(), offsets);
    }

    #[test]
    fn missing_and_empty_files_have_no_entries() {
        let disk = disk_with("");
        assert!(read_offsets(&disk, Path::new("/checkpoint")).unwrap().is_empty());
        assert!(read_offsets(&disk, Path::new("/missing")).unwrap().is_empty());
    }

    #[test]
    fn damaged_file_is_refused_with_its_name() {
        for text in ["1\n0\n", "0\n2\na 0 7\n", "0\n1\na 0\n", "0\nx\n", "0\n1\na 0 7 8\n"] {
            let error = read_offsets(&disk_with(text), Path::new("/checkpoint")).unwrap_err();
            assert!(matches!(error, StorageError::Malformed { .. }), "{text:?}");
            assert!(error.to_string().contains("/checkpoint"), "{error}");
        }
    }

    #[test]
    fn epochs_round_trip() {
        let disk = SimulatedFileSystem::new();
        let path = Path::new("/leader-epoch-checkpoint");
        let entry = |epoch, offset| EpochEntry {
            epoch: LeaderEpoch::new(epoch),
            start_offset: Offset::new(offset),
        };
        let entries = vec![entry(0, 0), entry(3, 1234567890123)];
        write_epochs(&disk, path, &entries).unwrap();
        let text = read_file(&disk, path).unwrap().unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "0\n2\n0 0\n3 1234567890123\n");
        assert_eq!(read_epochs(&disk, path).unwrap(), entries);
    }
}
