//! A copy of a log in a folder on another disk, made while the log takes appends.
//!
//! The copy has the log's own files, byte for byte, whatever format their records have. Segments are
//! copied in passes without the log's lock, closed ones with their indexes; what was appended
//! meanwhile is left for the next pass. The last pass runs under the lock and ends with everything
//! synced: then the folder opens as after a clean stop. What is in a copy that was not ended is worth
//! nothing.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Offset, TopicId};

use super::Log;
use super::holes::HOLES_FILE;
use crate::checkpoint::EPOCHS_FILE;
use crate::cleaner::Pace;
use crate::error::{IoContext, StorageError};
use crate::file_names::{
    LOG, OFFSET_INDEX, PRODUCER_SNAPSHOT, TIME_INDEX, TRANSACTION_INDEX, offset_file,
};
use crate::fs::{
    File, FileSystem, OpenMode, SegmentFile, read_file, remove_file_if_exists, replace_file,
    write_all_at,
};
use crate::partition_metadata::write_topic_id;

/// Our own file in the folder of a copy; Kafka ignores it. It is removed once the copy has taken the
/// place of the log, so that of two folders of one partition the copy is known.
const MARK: &str = "klamm.copy";
/// Bytes that are copied at once.
const CHUNK_BYTES: usize = 1 << 20;

/// Why a copy did not reach its end. The log is unharmed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CopyError {
    /// It was told to stop.
    #[error("the copying was stopped")]
    Stopped,
    /// The disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A copy that is being made.
#[derive(Debug)]
pub struct LogCopy {
    file_system: Arc<dyn FileSystem>,
    directory: PathBuf,
    segments: BTreeMap<Offset, CopiedSegment>,
}

#[derive(Debug, Default, Clone, Copy)]
struct CopiedSegment {
    bytes: u64,
    /// Whether its indexes are there too, and everything is synced.
    is_sealed: bool,
}

/// What a copy lacks of a segment.
#[derive(Debug)]
pub struct MissingPart {
    base_offset: Offset,
    file: SegmentFile,
    source: PathBuf,
    source_file_system: Arc<dyn FileSystem>,
    from: u64,
    to: u64,
    is_closed: bool,
}

impl MissingPart {
    /// How many bytes of records it has.
    pub fn bytes(&self) -> u64 {
        self.to - self.from
    }

    /// The first offset of the segment.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }
}

impl LogCopy {
    /// Begins a copy in a new folder.
    pub fn begin(
        file_system: Arc<dyn FileSystem>,
        directory: PathBuf,
        topic_id: TopicId,
    ) -> Result<Self, StorageError> {
        file_system.create_directories(&directory).during("create", &directory)?;
        if let Some(parent) = directory.parent() {
            file_system.sync_directory(parent).during("sync", parent)?;
        }
        let mark = directory.join(MARK);
        replace_file(&*file_system, &mark, &[]).during("write", &mark)?;
        write_topic_id(&*file_system, &directory, topic_id)?;
        Ok(Self { file_system, directory, segments: BTreeMap::new() })
    }

    /// The folder.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Copies what is missing of a segment.
    pub fn write(&mut self, part: &MissingPart, pace: Pace<'_>) -> Result<(), CopyError> {
        let (path, file) = self.open(&offset_file(part.base_offset, LOG))?;
        if part.from == 0 {
            file.set_length(0).during("shorten", &path)?;
        }
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut position = part.from;
        while position < part.to {
            let wanted = (part.to - position).min(CHUNK_BYTES as u64) as usize;
            let read = part.file.read_at(position, &mut buffer[..wanted]);
            let read = read.during("read", &part.source)?;
            if read == 0 {
                let error = std::io::ErrorKind::UnexpectedEof.into();
                return Err(StorageError::io("read", &part.source, error).into());
            }
            write_all_at(&*file, position, &buffer[..read]).during("write", &path)?;
            position += read as u64;
            self.segments.entry(part.base_offset).or_default().bytes = position;
            if pace(read as u64).is_break() {
                return Err(CopyError::Stopped);
            }
        }
        file.sync_data().during("sync", &path)?;
        let segment = CopiedSegment { bytes: part.to, is_sealed: part.is_closed };
        if part.is_closed {
            for ending in [OFFSET_INDEX, TIME_INDEX, TRANSACTION_INDEX] {
                self.copy_file(part, &offset_file(part.base_offset, ending))?;
            }
        }
        self.segments.insert(part.base_offset, segment);
        Ok(())
    }

    fn open(&self, name: &str) -> Result<(PathBuf, Box<dyn File>), StorageError> {
        let path = self.directory.join(name);
        let file = self.file_system.open(&path, OpenMode::Create).during("create", &path)?;
        Ok((path, file))
    }

    /// Copies a small file beside a segment; one that is not there is none in the copy.
    fn copy_file(&self, part: &MissingPart, name: &str) -> Result<(), StorageError> {
        let Some(folder) = part.source.parent() else { return Ok(()) };
        self.copy_from(&*part.source_file_system, folder, name)
    }

    fn copy_from(
        &self,
        source: &dyn FileSystem,
        folder: &Path,
        name: &str,
    ) -> Result<(), StorageError> {
        let from = folder.join(name);
        let Some(contents) = read_file(source, &from).during("read", &from)? else { return Ok(()) };
        let (path, file) = self.open(name)?;
        file.set_length(0).during("shorten", &path)?;
        write_all_at(&*file, 0, &contents).during("write", &path)?;
        file.sync_data().during("sync", &path)
    }

    fn forget(&mut self, base_offset: Offset) -> Result<(), StorageError> {
        self.segments.remove(&base_offset);
        for ending in [LOG, OFFSET_INDEX, TIME_INDEX, TRANSACTION_INDEX] {
            let path = self.directory.join(offset_file(base_offset, ending));
            remove_file_if_exists(&*self.file_system, &path).during("remove", &path)?;
        }
        Ok(())
    }
}

impl Log {
    /// Notes whether a copy of the log is being made: its segments are not compacted meanwhile, since
    /// a segment that is copied must stay what it is.
    pub fn set_being_copied(&mut self, is_being_copied: bool) {
        self.is_being_copied = is_being_copied;
    }

    /// Whether a copy of the log is being made.
    pub fn is_being_copied(&self) -> bool {
        self.is_being_copied
    }

    /// What a copy does not have yet.
    pub fn missing_in(&self, copy: &LogCopy) -> Result<Vec<MissingPart>, StorageError> {
        self.check_alive()?;
        let active = self.active().base_offset();
        let mut missing = Vec::new();
        for segment in &self.segments {
            let base_offset = segment.base_offset();
            let copied = copy.segments.get(&base_offset).copied().unwrap_or_default();
            let size = u64::from(segment.size());
            let is_closed = base_offset != active;
            if copied.bytes == size && (copied.is_sealed || !is_closed) {
                continue;
            }
            segment.checked().forget_from(0);
            missing.push(MissingPart {
                base_offset,
                file: segment.file(&self.folder)?,
                source: self.log_path(segment),
                source_file_system: self.folder.shared_file_system(),
                from: if copied.bytes > size || copied.is_sealed { 0 } else { copied.bytes },
                to: size,
                is_closed,
            });
        }
        Ok(missing)
    }

    /// Ends a copy: it has everything then, safe on its disk. The log takes no append meanwhile.
    pub fn finish_copy(&mut self, copy: &mut LogCopy) -> Result<(), CopyError> {
        self.check_alive()?;
        let (active, folder) = self.active_mut();
        active.finish_index(folder)?;
        self.take_snapshot()?;
        let here: Vec<Offset> = self.segments.iter().map(|it| it.base_offset()).collect();
        let gone = copy.segments.keys().filter(|base| !here.contains(base));
        for base_offset in gone.copied().collect::<Vec<_>>() {
            copy.forget(base_offset)?;
        }
        let active = self.active().base_offset();
        let mut missing = self.missing_in(copy)?;
        if missing.iter().all(|part| part.base_offset != active) {
            missing.extend(self.rest_of_active()?);
        }
        for mut part in missing {
            part.is_closed = true;
            copy.write(&part, &mut |_| ControlFlow::Continue(()))?;
        }
        let (source, folder) = (self.folder.file_system(), self.folder.path());
        copy.copy_from(source, folder, EPOCHS_FILE)?;
        copy.copy_from(source, folder, HOLES_FILE)?;
        for snapshot in &self.snapshots {
            copy.copy_from(source, folder, &offset_file(*snapshot, PRODUCER_SNAPSHOT))?;
        }
        let directory = &copy.directory;
        copy.file_system.sync_directory(directory).during("sync", directory)?;
        Ok(())
    }

    /// The active segment, of which a copy has all records, but perhaps not the indexes.
    fn rest_of_active(&self) -> Result<Option<MissingPart>, StorageError> {
        let segment = self.active();
        let size = u64::from(segment.size());
        Ok(Some(MissingPart {
            base_offset: segment.base_offset(),
            file: segment.file(&self.folder)?,
            source: self.log_path(segment),
            source_file_system: self.folder.shared_file_system(),
            from: size,
            to: size,
            is_closed: true,
        }))
    }
}

/// Whether a partition's folder is a copy that was about to take the place of another.
pub fn is_copy(file_system: &dyn FileSystem, folder: &Path) -> Result<bool, StorageError> {
    let mark = folder.join(MARK);
    file_system.exists(&mark).during("look for", &mark)
}

/// Notes that a copy has taken the place of the log.
pub fn settle_copy(file_system: &dyn FileSystem, folder: &Path) -> Result<(), StorageError> {
    let mark = folder.join(MARK);
    remove_file_if_exists(file_system, &mark).during("remove", &mark)?;
    file_system.sync_directory(folder).during("sync", folder)
}
