//! The names of files and folders in a log directory, as Kafka gives them.

use model::{Offset, PartitionIndex, TopicPartition, Uuid};

/// Ending of a segment's records.
pub(crate) const LOG: &str = ".log";
/// Ending of a segment's offset index.
pub(crate) const OFFSET_INDEX: &str = ".index";
/// Ending of a segment's time index.
pub(crate) const TIME_INDEX: &str = ".timeindex";
/// Ending of a segment's list of aborted transactions.
pub(crate) const TRANSACTION_INDEX: &str = ".txnindex";
/// Ending of a snapshot of the producers' state.
pub(crate) const PRODUCER_SNAPSHOT: &str = ".snapshot";
/// Ending of a file that is going to be removed.
pub(crate) const DELETED: &str = ".deleted";
/// Ending of a segment that a cleaner was still writing.
pub(crate) const CLEANED: &str = ".cleaned";
/// Ending of a cleaned segment that was about to replace others.
pub(crate) const SWAP: &str = ".swap";
/// Ending of a file that was about to replace another.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Ending of the folder of a deleted partition.
pub(crate) const DELETE_FOLDER: &str = "-delete";
/// Ending of the folder of a replica on its way to another disk.
pub(crate) const FUTURE_FOLDER: &str = "-future";
/// Ending of the folder of a partition that the metadata does not know.
pub(crate) const STRAY_FOLDER: &str = "-stray";

/// File systems take names of at most this length.
const FILE_NAME_LENGTH_MAX: usize = 255;

/// The name of a file that belongs to an offset: twenty digits and an ending.
pub(crate) fn offset_file(offset: Offset, ending: &str) -> String {
    format!("{:020}{ending}", offset.get())
}

/// The offset in the name of a file with this ending, when it is one.
pub(crate) fn offset_of(name: &str, ending: &str) -> Option<Offset> {
    let digits = name.strip_suffix(ending)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(Offset::new)
}

/// The topic of Kafka's own metadata.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// What a folder in a log directory is, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FolderKind {
    Partition(TopicPartition),
    Delete,
    /// Of which partition, if the name tells.
    Future(Option<TopicPartition>),
    Stray,
    Other,
}

/// Reads the name of a folder.
pub(crate) fn folder_kind(name: &str) -> FolderKind {
    if name.ends_with(DELETE_FOLDER) && name.contains('.') {
        return FolderKind::Delete;
    }
    if let Some(rest) = name.strip_suffix(FUTURE_FOLDER)
        && let Some((partition, _)) = rest.rsplit_once('.')
    {
        return FolderKind::Future(parse_partition(partition));
    }
    if name.ends_with(STRAY_FOLDER) && name.contains('.') {
        return FolderKind::Stray;
    }
    match parse_partition(name) {
        // Kafka keeps its own metadata there, which is no partition of ours.
        Some(partition) if &*partition.topic == METADATA_TOPIC => FolderKind::Other,
        Some(partition) => FolderKind::Partition(partition),
        None => FolderKind::Other,
    }
}

fn parse_partition(name: &str) -> Option<TopicPartition> {
    let (topic, index) = name.rsplit_once('-')?;
    if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    model::validate_topic_name(topic).ok()?;
    Some(TopicPartition::new(topic, PartitionIndex::new(index.parse().ok()?)))
}

/// The name that a deleted partition's folder gets: unique, and cut to what a file system takes.
pub(crate) fn delete_folder(partition: &TopicPartition, unique: Uuid) -> String {
    unique_folder(partition, unique, DELETE_FOLDER)
}

/// The name that the folder of a partition gets which the metadata does not know, so that it is out
/// of the way: unique, and cut to what a file system takes.
pub fn stray_folder_name(partition: &TopicPartition, unique: Uuid) -> String {
    unique_folder(partition, unique, STRAY_FOLDER)
}

/// The name of the folder of a replica on its way to another disk, as Kafka gives it; `None` when the
/// topic's name leaves no room for it.
pub fn future_folder_name(partition: &TopicPartition, unique: Uuid) -> Option<String> {
    let name = unique_folder(partition, unique, FUTURE_FOLDER);
    name.starts_with(&format!("{partition}.")).then_some(name)
}

fn unique_folder(partition: &TopicPartition, unique: Uuid, suffix: &str) -> String {
    let unique: String = unique.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let ending = format!("-{}.{unique}{suffix}", partition.partition);
    let room = FILE_NAME_LENGTH_MAX - ending.len();
    // Topic names are ASCII, so that any cut is between characters.
    let topic: String = partition.topic.chars().take(room).collect();
    format!("{topic}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kafkas() {
        assert_eq!(offset_file(Offset::new(42), LOG), "00000000000000000042.log");
        assert_eq!(offset_of("00000000000000000042.log", LOG), Some(Offset::new(42)));
        assert_eq!(offset_of("00000000000000000042.log.deleted", LOG), None);
        assert_eq!(offset_of("leader-epoch-checkpoint", LOG), None);
    }

    #[test]
    fn folders_are_told_apart() {
        let partition = TopicPartition::new("my-topic.x", PartitionIndex::new(12));
        assert_eq!(folder_kind("my-topic.x-12"), FolderKind::Partition(partition.clone()));
        let deleted = delete_folder(&partition, Uuid::from_bytes([0xab; 16]));
        assert_eq!(deleted, "my-topic.x-12.abababababababababababababababab-delete");
        assert_eq!(folder_kind(&deleted), FolderKind::Delete);
        let future = future_folder_name(&partition, Uuid::from_bytes([0xab; 16])).unwrap();
        assert_eq!(future, "my-topic.x-12.abababababababababababababababab-future");
        assert_eq!(folder_kind(&future), FolderKind::Future(Some(partition)));
        assert_eq!(folder_kind("t.abc-future"), FolderKind::Future(None));
        assert_eq!(folder_kind("t-0.abc-stray"), FolderKind::Stray);
        assert_eq!(folder_kind("lost+found"), FolderKind::Other);
        assert_eq!(folder_kind("__cluster_metadata-0"), FolderKind::Other);
        assert_eq!(folder_kind("topic-x"), FolderKind::Other);
    }

    #[test]
    fn folders_of_deleted_and_stray_partitions_fit_a_file_system() {
        let partition = TopicPartition::new("x".repeat(249), PartitionIndex::new(7));
        let name = delete_folder(&partition, Uuid::from_bytes([1; 16]));
        assert_eq!(name.len(), 255);
        assert!(name.ends_with("-7.01010101010101010101010101010101-delete"));
        let name = stray_folder_name(&partition, Uuid::from_bytes([1; 16]));
        assert_eq!(name.len(), 255);
        assert!(name.ends_with("-7.01010101010101010101010101010101-stray"));
        assert_eq!(folder_kind(&name), FolderKind::Stray);
        assert_eq!(future_folder_name(&partition, Uuid::ZERO), None);
    }
}
