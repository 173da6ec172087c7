//! `partition.metadata`: the id of the topic that a partition's folder belongs to (KIP-516).

use std::path::Path;

use model::TopicId;

use crate::error::{IoContext, StorageError};
use crate::fs::{FileSystem, read_file, replace_file};

const FILE: &str = "partition.metadata";

/// The topic id in a partition's folder; `None` when it has none.
pub fn read_topic_id(
    file_system: &dyn FileSystem,
    folder: &Path,
) -> Result<Option<TopicId>, StorageError> {
    let path = folder.join(FILE);
    let Some(contents) = read_file(file_system, &path).during("read", &path)? else {
        return Ok(None);
    };
    match parse(&contents) {
        Some(id) => Ok(Some(id)),
        None => Err(StorageError::Malformed {
            path,
            reason: "is not `version: 0` and `topic_id: ...`; remove it, and it is written again"
                .to_owned(),
        }),
    }
}

fn parse(contents: &[u8]) -> Option<TopicId> {
    let mut lines = std::str::from_utf8(contents).ok()?.lines();
    let version = lines.next()?.strip_prefix("version:")?.trim();
    let id = lines.next()?.strip_prefix("topic_id:")?.trim().parse::<TopicId>().ok()?;
    (version == "0" && !id.is_zero()).then_some(id)
}

/// Writes the topic id into a partition's folder.
pub fn write_topic_id(
    file_system: &dyn FileSystem,
    folder: &Path,
    topic_id: TopicId,
) -> Result<(), StorageError> {
    let path = folder.join(FILE);
    let text = format!("version: 0\ntopic_id: {topic_id}\n");
    replace_file(file_system, &path, text.as_bytes()).during("write", &path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::SimulatedFileSystem;

    #[test]
    fn topic_id_round_trips_in_kafkas_words() {
        let disk = SimulatedFileSystem::new();
        let folder = Path::new("/t-0");
        disk.create_directories(folder).unwrap();
        assert_eq!(read_topic_id(&disk, folder).unwrap(), None);
        write_topic_id(&disk, folder, TopicId::METADATA_TOPIC).unwrap();
        assert_eq!(
            read_file(&disk, &folder.join(FILE)).unwrap().unwrap(),
            b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n"
        );
        assert_eq!(read_topic_id(&disk, folder).unwrap(), Some(TopicId::METADATA_TOPIC));
    }
}
