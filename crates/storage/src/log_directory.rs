//! One folder of `log.dirs`: its lock, whose it is, the checkpoints of its partitions, the mark of a
//! clean stop and the boot id of the last run.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::TopicPartition;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{OffsetCheckpoint, read_offsets, write_offsets};
use crate::error::{IoContext, StorageError};
use crate::file_names::{FolderKind, folder_kind};
use crate::fs::{FileSystem, read_file, remove_file_if_exists, replace_file};
use crate::meta_properties::MetaProperties;

const LOCK: &str = ".lock";
const META_PROPERTIES: &str = "meta.properties";
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// Our own file; Kafka ignores it.
const KLAMM_PROPERTIES: &str = "klamm.properties";
const BOOT_ID: &str = "boot.id";

/// The checkpoints of a log directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkpoint {
    /// Where the recovery of each log starts.
    RecoveryPoint,
    /// Where each log starts, when that is not where its first segment does.
    LogStart,
    /// The high watermarks.
    Replication,
    /// Up to where logs were compacted.
    Cleaner,
}

impl Checkpoint {
    const fn file(self) -> &'static str {
        match self {
            Self::RecoveryPoint => "recovery-point-offset-checkpoint",
            Self::LogStart => "log-start-offset-checkpoint",
            Self::Replication => "replication-offset-checkpoint",
            Self::Cleaner => "cleaner-offset-checkpoint",
        }
    }
}

/// How the last run on a folder ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastStop {
    /// The folder is new.
    Never,
    /// Cleanly; the logs open without a scan. The broker epoch is in the mark since Kafka 3.9.
    Clean {
        /// The epoch of the broker that stopped.
        broker_epoch: Option<i64>,
    },
    /// The process ended without a mark, but the machine did not: what was written is there.
    Unclean,
    /// The machine went down too, or nobody knows: what was not synced may be gone.
    Lossy,
}

/// A partition's folder in a log directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionFolder {
    /// The partition.
    pub partition: TopicPartition,
    /// Its folder.
    pub path: PathBuf,
}

/// A folder of `log.dirs` that this process holds.
pub struct LogDirectory {
    file_system: Arc<dyn FileSystem>,
    path: PathBuf,
    made: Made,
    /// Held as long as the process works on the folder.
    _lock: Box<dyn fmt::Debug + Send + Sync>,
}

/// What opening a folder has made.
#[derive(Debug, Default)]
struct Made {
    lock: bool,
    /// The innermost first.
    folders: Vec<PathBuf>,
}

impl Made {
    /// What opening the folder will make. What cannot be looked up counts as there.
    fn by_opening(file_system: &dyn FileSystem, path: &Path) -> Self {
        let is_missing = |path: &Path| matches!(file_system.exists(path), Ok(false));
        let folders = path.ancestors().filter(|path| !path.as_os_str().is_empty());
        Self {
            lock: is_missing(&path.join(LOCK)),
            folders: folders.take_while(|path| is_missing(path)).map(Path::to_owned).collect(),
        }
    }
}

impl fmt::Debug for LogDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogDirectory").field(&self.path).finish()
    }
}

/// What `.kafka_cleanshutdown` holds.
#[derive(Serialize, Deserialize)]
struct CleanShutdown {
    version: i32,
    #[serde(rename = "brokerEpoch")]
    broker_epoch: Option<i64>,
}

impl LogDirectory {
    /// Takes hold of a folder, creating it when it is not there. A folder that another process
    /// holds, that cannot be written or that is full is refused with the reason.
    pub fn open(file_system: Arc<dyn FileSystem>, path: PathBuf) -> Result<Self, StorageError> {
        let made = Made::by_opening(&*file_system, &path);
        file_system.create_directories(&path).during("create", &path)?;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            // Without the right to list the parent its entry cannot be synced; it is there already.
            let _ = file_system.sync_directory(parent);
        }
        let lock_path = path.join(LOCK);
        let lock = file_system.lock(&lock_path).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => StorageError::Locked { path: lock_path.clone() },
            _ => StorageError::io("lock", &lock_path, error),
        })?;
        let directory = Self { file_system, path, made, _lock: lock };
        directory.probe()?;
        Ok(directory)
    }

    /// Lets go of a folder into which nothing was written: what opening it has made is removed.
    pub fn leave_as_found(self) {
        // Nobody else has come in yet: the lock is still held.
        if self.made.lock {
            let _ = self.file_system.remove_file(&self.path.join(LOCK));
        }
        for folder in &self.made.folders {
            // One that somebody else uses is not empty, and stays.
            if self.file_system.remove_directory(folder).is_err() {
                break;
            }
        }
    }

    /// Tries a write, so that a full disk shows before anything depends on it.
    fn probe(&self) -> Result<(), StorageError> {
        let path = self.path.join(".klamm.probe");
        let written = replace_file(&*self.file_system, &path, &[0; 4096]).during("write to", &path);
        let mut temporary = path.clone().into_os_string();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        for path in [&path, &temporary] {
            let _ = remove_file_if_exists(&*self.file_system, path);
        }
        written
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file system of the folder.
    pub fn file_system(&self) -> &Arc<dyn FileSystem> {
        &self.file_system
    }

    fn read_text(&self, name: &str) -> Result<Option<String>, StorageError> {
        let path = self.path.join(name);
        let contents = read_file(&*self.file_system, &path).during("read", &path)?;
        let text = contents.map(|contents| {
            String::from_utf8(contents)
                .map_err(|_| StorageError::Malformed { path, reason: "is not text".to_owned() })
        });
        text.transpose()
    }

    fn write_text(&self, name: &str, text: &str) -> Result<(), StorageError> {
        let path = self.path.join(name);
        replace_file(&*self.file_system, &path, text.as_bytes()).during("write", &path)
    }

    /// Whose the folder is; `None` when nobody has formatted it.
    pub fn meta_properties(&self) -> Result<Option<MetaProperties>, StorageError> {
        let Some(text) = self.read_text(META_PROPERTIES)? else { return Ok(None) };
        let parsed = MetaProperties::parse(&text).map_err(|reason| StorageError::Malformed {
            path: self.path.join(META_PROPERTIES),
            reason,
        });
        parsed.map(Some)
    }

    /// Makes the folder somebody's. `written` is a line for people, such as the date.
    pub fn write_meta_properties(
        &self,
        properties: &MetaProperties,
        written: &str,
    ) -> Result<(), StorageError> {
        self.write_text(META_PROPERTIES, &properties.to_text(written))
    }

    /// Reads a checkpoint. One that is damaged is an error; [`StorageError::Malformed`] may be
    /// answered with an empty one: recovery points and log starts of 0 are safe, only slow.
    pub fn read_checkpoint(
        &self,
        checkpoint: Checkpoint,
    ) -> Result<OffsetCheckpoint, StorageError> {
        read_offsets(&*self.file_system, &self.path.join(checkpoint.file()))
    }

    /// Replaces a checkpoint.
    pub fn write_checkpoint(
        &self,
        checkpoint: Checkpoint,
        offsets: &OffsetCheckpoint,
    ) -> Result<(), StorageError> {
        write_offsets(&*self.file_system, &self.path.join(checkpoint.file()), offsets)
    }

    /// How the last run ended, as far as the folder tells. `boot_id` is that of the running
    /// system, when it has one.
    pub fn last_stop(&self, boot_id: Option<&str>) -> Result<LastStop, StorageError> {
        if let Some(text) = self.read_text(CLEAN_SHUTDOWN)? {
            // Kafka before 3.9 left the file empty.
            let mark = serde_json::from_str::<CleanShutdown>(&text).ok();
            return Ok(LastStop::Clean { broker_epoch: mark.and_then(|mark| mark.broker_epoch) });
        }
        // A folder that was only formatted has lost nothing either.
        let is_untouched = self.read_text(META_PROPERTIES)?.is_none() || !self.has_served()?;
        if is_untouched && self.partitions()?.is_empty() {
            return Ok(LastStop::Never);
        }
        let kept = self.read_text(KLAMM_PROPERTIES)?;
        let kept = kept.as_deref().and_then(|text| {
            text.lines().find_map(|line| line.strip_prefix(BOOT_ID)?.strip_prefix('='))
        });
        let same_boot = boot_id.is_some() && boot_id == kept.map(str::trim);
        Ok(if same_boot { LastStop::Unclean } else { LastStop::Lossy })
    }

    /// Whether a node of ours has served from the folder before; a folder of Kafka's has no such
    /// trace.
    pub fn has_served(&self) -> Result<bool, StorageError> {
        Ok(self.read_text(KLAMM_PROPERTIES)?.is_some())
    }

    /// Notes that a run began: the mark of a clean stop goes, the boot id is kept. Call it once all
    /// logs of the folder are open and before the first append.
    pub fn begin_run(&self, boot_id: Option<&str>) -> Result<(), StorageError> {
        let text = format!("{BOOT_ID}={}\n", boot_id.unwrap_or_default());
        if self.read_text(KLAMM_PROPERTIES)?.as_ref() != Some(&text) {
            self.write_text(KLAMM_PROPERTIES, &text)?;
        }
        let path = self.path.join(CLEAN_SHUTDOWN);
        remove_file_if_exists(&*self.file_system, &path).during("remove", &path)?;
        self.file_system.sync_directory(&self.path).during("sync", &self.path)
    }

    /// Leaves the mark of a clean stop. Call it after all logs were closed and the recovery points
    /// are in their checkpoint.
    pub fn end_run(&self, broker_epoch: i64) -> Result<(), StorageError> {
        self.write_text(
            CLEAN_SHUTDOWN,
            &format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}"),
        )
    }

    /// Where the folder of a partition is or would be.
    pub fn partition_path(&self, partition: &TopicPartition) -> PathBuf {
        self.path.join(partition.to_string())
    }

    /// The partitions in the folder. Folders of replicas on the move and of partitions that were
    /// set aside are left out, and left alone.
    pub fn partitions(&self) -> Result<Vec<PartitionFolder>, StorageError> {
        let entries = self.file_system.list(&self.path).during("list", &self.path)?;
        let folders = entries.into_iter().filter(|entry| entry.is_directory);
        let partitions = folders.filter_map(|entry| match folder_kind(&entry.name) {
            FolderKind::Partition(partition) => {
                Some(PartitionFolder { partition, path: self.path.join(&entry.name) })
            }
            FolderKind::Delete | FolderKind::Future(_) | FolderKind::Stray | FolderKind::Other => {
                None
            }
        });
        Ok(partitions.collect())
    }

    /// The folders of replicas that were on their way here when the last run ended.
    pub fn futures(&self) -> Result<Vec<PartitionFolder>, StorageError> {
        let entries = self.file_system.list(&self.path).during("list", &self.path)?;
        let folders = entries.into_iter().filter(|entry| entry.is_directory);
        let futures = folders.filter_map(|entry| match folder_kind(&entry.name) {
            FolderKind::Future(Some(partition)) => {
                Some(PartitionFolder { partition, path: self.path.join(&entry.name) })
            }
            _ => None,
        });
        Ok(futures.collect())
    }

    /// The folders of deleted partitions that a stop kept from being removed.
    pub fn deletion_leftovers(&self) -> Result<Vec<PathBuf>, StorageError> {
        let entries = self.file_system.list(&self.path).during("list", &self.path)?;
        let leftovers = entries
            .into_iter()
            .filter(|entry| entry.is_directory && folder_kind(&entry.name) == FolderKind::Delete);
        Ok(leftovers.map(|entry| self.path.join(entry.name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{Fault, OpenMode, Operation, SimulatedFileSystem};
    use model::{BrokerId, Offset, PartitionIndex};
    use std::collections::BTreeMap;
    use std::io::ErrorKind;

    fn open(disk: &SimulatedFileSystem) -> Result<LogDirectory, StorageError> {
        LogDirectory::open(Arc::new(disk.clone()), PathBuf::from("/data"))
    }

    #[test]
    fn second_opener_is_refused_with_the_folder() {
        let disk = SimulatedFileSystem::new();
        let first = open(&disk).unwrap();
        let error = open(&disk).unwrap_err();
        assert!(
            matches!(&error, StorageError::Locked { path } if path == Path::new("/data/.lock"))
        );
        drop(first);
        open(&disk).unwrap();
    }

    #[test]
    fn folder_that_is_left_as_found_is_gone_if_it_was_not_there() {
        let disk = SimulatedFileSystem::new();
        disk.create_directories(Path::new("/mnt")).unwrap();
        let directory =
            || LogDirectory::open(Arc::new(disk.clone()), PathBuf::from("/mnt/a/b")).unwrap();
        directory().leave_as_found();
        assert_eq!(disk.list(Path::new("/mnt")).unwrap(), []);
        // One that was there stays, with what was in it.
        disk.create_directories(Path::new("/mnt/a/b")).unwrap();
        directory().leave_as_found();
        assert_eq!(disk.list(Path::new("/mnt/a/b")).unwrap(), []);
        drop(directory());
        directory().leave_as_found();
        assert!(disk.exists(Path::new("/mnt/a/b/.lock")).unwrap());
    }

    #[test]
    fn read_only_and_full_folders_are_refused_with_the_reason() {
        let disk = SimulatedFileSystem::new();
        disk.create_directories(Path::new("/data")).unwrap();
        disk.inject(Fault {
            operation: Operation::Create,
            path_contains: ".lock".to_owned(),
            skip: 0,
            count: 1,
            error: ErrorKind::ReadOnlyFilesystem,
        });
        let error = open(&disk).unwrap_err();
        assert!(matches!(error, StorageError::Denied { .. }), "{error}");
        disk.set_capacity(Some(100));
        let error = open(&disk).unwrap_err();
        assert!(matches!(error, StorageError::Full { .. }), "{error}");
        assert!(error.to_string().contains("/data"), "{error}");
        disk.set_capacity(None);
        open(&disk).unwrap();
    }

    #[test]
    fn last_stop_tells_clean_unclean_and_lossy_apart() {
        let disk = SimulatedFileSystem::new();
        let directory = open(&disk).unwrap();
        assert_eq!(directory.last_stop(Some("a")).unwrap(), LastStop::Never);
        let properties = MetaProperties {
            version: crate::meta_properties::MetaVersion::KRaft,
            cluster_id: Some("c".to_owned()),
            node_id: Some(BrokerId::new(1)),
            directory_id: None,
            other: BTreeMap::new(),
        };
        directory.write_meta_properties(&properties, "now").unwrap();
        assert_eq!(directory.meta_properties().unwrap(), Some(properties));
        assert!(!directory.has_served().unwrap());
        directory.begin_run(Some("a")).unwrap();
        assert!(directory.has_served().unwrap());
        assert_eq!(directory.last_stop(Some("a")).unwrap(), LastStop::Unclean);
        assert_eq!(directory.last_stop(Some("b")).unwrap(), LastStop::Lossy);
        assert_eq!(directory.last_stop(None).unwrap(), LastStop::Lossy);
        directory.end_run(42).unwrap();
        let clean = LastStop::Clean { broker_epoch: Some(42) };
        assert_eq!(directory.last_stop(Some("b")).unwrap(), clean);
        directory.begin_run(None).unwrap();
        assert_eq!(directory.last_stop(None).unwrap(), LastStop::Lossy);
    }

    #[test]
    fn marks_of_kafka_are_read_and_ours_is_its_text() {
        let disk = SimulatedFileSystem::new();
        let directory = open(&disk).unwrap();
        disk.open(Path::new("/data/.kafka_cleanshutdown"), OpenMode::Create).unwrap();
        assert_eq!(directory.last_stop(None).unwrap(), LastStop::Clean { broker_epoch: None });
        directory.end_run(7).unwrap();
        let text = directory.read_text(CLEAN_SHUTDOWN).unwrap().unwrap();
        assert_eq!(text, r#"{"version":0,"brokerEpoch":7}"#);
    }

    #[test]
    fn partitions_are_listed_and_foreign_folders_left_alone() {
        let disk = SimulatedFileSystem::new();
        let directory = open(&disk).unwrap();
        for name in
            ["b-1", "a-0", "a-0.0123-delete", "a-1.0123-future", "c-1.0123-stray", "lost+found"]
        {
            disk.create_directories(&Path::new("/data").join(name)).unwrap();
        }
        let names: Vec<String> = directory
            .partitions()
            .unwrap()
            .iter()
            .map(|folder| folder.partition.to_string())
            .collect();
        assert_eq!(names, ["a-0", "b-1"]);
        assert_eq!(
            directory.deletion_leftovers().unwrap(),
            [PathBuf::from("/data/a-0.0123-delete")]
        );
    }

    #[test]
    fn checkpoints_survive_a_crash_whole() {
        let at = |index| TopicPartition::new("t", PartitionIndex::new(index));
        for seed in 0..200 {
            let disk = SimulatedFileSystem::new();
            let directory = open(&disk).unwrap();
            let old = OffsetCheckpoint::from([(at(0), Offset::new(1))]);
            let new = OffsetCheckpoint::from([(at(0), Offset::new(2)), (at(1), Offset::new(3))]);
            directory.write_checkpoint(Checkpoint::RecoveryPoint, &old).unwrap();
            disk.inject(Fault {
                operation: if seed % 2 == 0 { Operation::Sync } else { Operation::SyncDirectory },
                path_contains: "/data".to_owned(),
                skip: 0,
                count: 1,
                error: ErrorKind::Other,
            });
            directory.write_checkpoint(Checkpoint::RecoveryPoint, &new).unwrap_err();
            disk.crash(seed);
            let read = open(&disk).unwrap().read_checkpoint(Checkpoint::RecoveryPoint).unwrap();
            assert!(read == old || read == new, "seed {seed}: {read:?}");
        }
    }
}
