//! In which folder of `log.dirs` a partition lies, or a new one goes.
//!
//! A folder of the right name may be that of an earlier topic, or a copy on the wrong disk. What the
//! metadata assigned comes first, then the topic id in the folder; a partition that was somewhere is
//! never begun anew elsewhere.

use std::path::PathBuf;

use model::{TopicId, TopicPartition, Uuid};
use storage::{StorageError, read_topic_id};
use tracing::warn;

use super::Partitions;

/// Why there is no folder for a partition.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unplaced {
    #[error("{} is missing: bring it back from a backup, or delete the topic", .0.display())]
    Missing(PathBuf),
    #[error(
        "{} belongs to the topic of id {found}: bring the folder of the partition back from a \
         backup, or delete the topic", path.display()
    )]
    OtherTopic { path: PathBuf, found: TopicId },
    #[error(
        "its folder with directory.id {0} is not among log.dirs: mount it again, or delete the topic"
    )]
    NoDirectory(Uuid),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How many partitions each folder has, counted when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Spread {
    counts: Option<Vec<usize>>,
}

/// Whose a folder of the partition's name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    ThisTopic,
    /// Nobody's by name: Kafka wrote no topic id before 2.8.
    Unnamed,
    OtherTopic(TopicId),
}

impl Partitions {
    /// Where the partition lies, or where a new one goes: the folder with the fewest. `assigned` is
    /// the folder that the metadata names.
    pub(super) fn folder_for(
        &self,
        partition: &TopicPartition,
        topic_id: TopicId,
        assigned: Option<Uuid>,
        spread: &mut Spread,
    ) -> Result<usize, Unplaced> {
        let candidates = self.candidates(partition, topic_id)?;
        let home = assigned.and_then(|id| self.folders.iter().position(|f| f.id == id));
        let owned_by = |owner: Owner| {
            candidates.iter().filter(move |(_, is)| *is == owner).map(|(folder, _)| *folder)
        };
        let ours: Vec<usize> = owned_by(Owner::ThisTopic).collect();
        let ours = self.without_copies(partition, ours)?;
        if let Some(folder) = ours.iter().find(|folder| Some(**folder) == home).or(ours.first()) {
            if ours.len() > 1 {
                let folder = self.folders[*folder].directory.path().display();
                warn!(%partition, serving = %folder, "this partition is in several folders of log.dirs");
            }
            return Ok(*folder);
        }
        let mut unnamed = owned_by(Owner::Unnamed);
        match (assigned, home) {
            (None, _) => Ok(unnamed.next().unwrap_or_else(|| spread.place(self))),
            (Some(id), None) => Err(Unplaced::NoDirectory(id)),
            (Some(_), Some(home)) if unnamed.any(|folder| folder == home) => Ok(home),
            (Some(_), Some(home)) => {
                let path = self.folders[home].directory.partition_path(partition);
                Err(match candidates.iter().find(|(folder, _)| *folder == home) {
                    Some((_, Owner::OtherTopic(found))) => {
                        Unplaced::OtherTopic { path, found: *found }
                    }
                    _ => Unplaced::Missing(path),
                })
            }
        }
    }

    /// Of the folders that hold the partition, those that are no copies which a crash has kept from
    /// taking its place; if there are only copies, their original is gone and they are the partition.
    fn without_copies(
        &self,
        partition: &TopicPartition,
        ours: Vec<usize>,
    ) -> Result<Vec<usize>, StorageError> {
        if ours.len() < 2 {
            return Ok(ours);
        }
        let mut copies = Vec::new();
        for index in &ours {
            let folder = &self.folders[*index];
            let path = folder.directory.partition_path(partition);
            if folder.is_unsettled_copy(&path)? {
                copies.push((*index, path));
            }
        }
        if copies.len() == ours.len() {
            return Ok(ours);
        }
        for (index, path) in &copies {
            self.folders[*index].found.lock().remove(partition);
            self.discard(*index, partition, path);
        }
        let is_copy = |index: &usize| copies.iter().any(|(copy, _)| copy == index);
        Ok(ours.into_iter().filter(|index| !is_copy(index)).collect())
    }

    fn candidates(
        &self,
        partition: &TopicPartition,
        topic_id: TopicId,
    ) -> Result<Vec<(usize, Owner)>, StorageError> {
        let mut candidates = Vec::new();
        for (index, folder) in self.folders.iter().enumerate() {
            let path = folder.found.lock().get(partition).map(|found| found.path.clone());
            let Some(path) = path else { continue };
            let owner = match read_topic_id(&**folder.directory.file_system(), &path)? {
                None => Owner::Unnamed,
                Some(id) if id == topic_id => Owner::ThisTopic,
                Some(id) => Owner::OtherTopic(id),
            };
            candidates.push((index, owner));
        }
        Ok(candidates)
    }
}

impl Spread {
    /// The folder with the fewest partitions, which has one more now.
    fn place(&mut self, partitions: &Partitions) -> usize {
        let counts = self.counts.get_or_insert_with(|| {
            let mut counts = vec![0; partitions.folders.len()];
            partitions.all().iter().for_each(|partition| counts[partition.disk()] += 1);
            counts
        });
        let working = partitions.working_folders().map(|(index, _)| index);
        let fewest = working.min_by_key(|folder| counts[*folder]).unwrap_or(0);
        if let Some(count) = counts.get_mut(fewest) {
            *count += 1;
        }
        fewest
    }
}
