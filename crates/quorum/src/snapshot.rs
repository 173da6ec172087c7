//! A snapshot: one file with the whole image, so that the log before it can go.
//!
//! Frames: what it is (last entry, membership, count of proposals), the records that build the
//! image in pieces, and an end that counts them. It is written beside, synced, and renamed, so a
//! file of its name is whole.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use metadata::{MetadataDelta, MetadataImage, MetadataRecord};
use storage::fs::{File, FileSystem, OpenMode};
use storage::fs::{read_full_at, remove_file_if_exists, write_all_at};

use crate::codec;
use crate::disk::frame::{self, Parsed};
use crate::error::DiskError;
use crate::node::{LogId, SnapshotMeta, StoredMembership};

const SUFFIX: &str = ".snapshot";
const TEMPORARY_SUFFIX: &str = ".tmp";
const VERSION: u32 = 1;
/// About how many bytes of records one frame holds.
const PIECE_BYTES: usize = 256 * 1024;

const KIND_HEADER: u8 = 0;
const KIND_RECORDS: u8 = 1;
const KIND_END: u8 = 2;

/// The state that a snapshot holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Applied {
    /// The last entry that is part of it.
    pub(crate) last: Option<LogId>,
    /// The last membership that is part of it.
    pub(crate) membership: StoredMembership,
    /// How many proposals took effect; see [`crate::node::Proposal`].
    pub(crate) proposals: u64,
    /// The image.
    pub(crate) image: MetadataImage,
}

impl Applied {
    pub(crate) fn meta(&self) -> SnapshotMeta {
        SnapshotMeta {
            last_log_id: self.last,
            last_membership: self.membership.clone(),
            snapshot_id: name(self.last),
        }
    }
}

/// Where snapshots lie.
#[derive(Debug, Clone)]
pub(crate) struct SnapshotFolder {
    pub(crate) file_system: Arc<dyn FileSystem>,
    pub(crate) path: PathBuf,
    closed: Arc<Mutex<bool>>,
}

impl SnapshotFolder {
    pub(crate) fn new(file_system: Arc<dyn FileSystem>, path: PathBuf) -> Self {
        Self { file_system, path, closed: Arc::default() }
    }

    /// Waits for a snapshot that is being written and lets no other begin: openraft does not wait
    /// for its own when it stops, and whoever opens the folder next must have it alone.
    pub(crate) fn close(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// The newest snapshot; leftovers of unfinished ones are removed.
    pub(crate) fn load_newest(&self) -> Result<Option<(Applied, PathBuf)>, DiskError> {
        let names = self.file_system.list(&self.path).map_err(DiskError::io("list", &self.path))?;
        let is_leftover = |name: &str| name.ends_with(TEMPORARY_SUFFIX);
        for entry in names.iter().filter(|entry| is_leftover(&entry.name)) {
            let path = self.path.join(&entry.name);
            remove_file_if_exists(&*self.file_system, &path)
                .map_err(DiskError::io("remove", &path))?;
        }
        // Names are numbers with leading zeros, and the list is sorted.
        let newest = names.iter().rev().find(|entry| entry.name.ends_with(SUFFIX));
        let Some(newest) = newest else { return Ok(None) };
        let path = self.path.join(&newest.name);
        Ok(Some((self.read(&path)?, path)))
    }

    /// Writes a snapshot and removes those before it. The folder is held only for one attempt.
    pub(crate) fn write(&self, applied: &Applied) -> Result<PathBuf, DiskError> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            let source = std::io::Error::other("the metadata quorum has stopped");
            return Err(DiskError::Io { action: "use", path: self.path.clone(), source });
        }
        let name = format!("{}{SUFFIX}", name(applied.last));
        let temporary = self.path.join(format!("{name}{TEMPORARY_SUFFIX}"));
        if let Err(error) = self.write_contents(&temporary, applied) {
            // Half a snapshot is of no use, and the disk may be full of it.
            remove_file_if_exists(&*self.file_system, &temporary)
                .map_err(DiskError::io("remove", &temporary))?;
            return Err(error);
        }
        self.publish(&temporary, &name)
    }

    /// Gives a whole file its name as the newest snapshot and removes those before it.
    pub(crate) fn publish(&self, from: &Path, name: &str) -> Result<PathBuf, DiskError> {
        let path = self.path.join(name);
        self.file_system.rename(from, &path).map_err(DiskError::io("rename", from))?;
        self.file_system.sync_directory(&self.path).map_err(DiskError::io("sync", &self.path))?;
        let names = self.file_system.list(&self.path).map_err(DiskError::io("list", &self.path))?;
        let older = |other: &str| other.ends_with(SUFFIX) && other < name;
        for entry in names.iter().filter(|entry| older(&entry.name)) {
            let path = self.path.join(&entry.name);
            remove_file_if_exists(&*self.file_system, &path)
                .map_err(DiskError::io("remove", &path))?;
        }
        Ok(path)
    }

    pub(crate) fn read(&self, path: &Path) -> Result<Applied, DiskError> {
        let file =
            self.file_system.open(path, OpenMode::Read).map_err(DiskError::io("open", path))?;
        let length = file.length().map_err(DiskError::io("measure", path))?;
        let mut reader = Pieces { file, path, position: 0, length };
        let mut applied =
            get_header(&reader.next()?).map_err(|reason| DiskError::damaged(path, 0, reason))?;
        let mut delta = MetadataDelta::default();
        let mut count = 0u64;
        loop {
            let position = reader.position;
            let damaged = |reason: String| DiskError::damaged(path, position, reason);
            let mut piece = reader.next()?;
            match piece.try_get_u8().map_err(|error| damaged(error.to_string()))? {
                KIND_RECORDS => {
                    let records = MetadataRecord::decode_all(piece)
                        .map_err(|error| damaged(error.to_string()))?;
                    count += records.len() as u64;
                    applied
                        .image
                        .replay_all(&records, &mut delta)
                        .map_err(|error| damaged(error.to_string()))?;
                }
                KIND_END if piece.try_get_u64() == Ok(count) => return Ok(applied),
                KIND_END => return Err(damaged(format!("it does not hold {count} records"))),
                kind => return Err(damaged(format!("{kind} is not a kind of piece"))),
            }
        }
    }

    fn write_contents(&self, path: &Path, applied: &Applied) -> Result<(), DiskError> {
        let file =
            self.file_system.open(path, OpenMode::Create).map_err(DiskError::io("create", path))?;
        file.set_length(0).map_err(DiskError::io("empty", path))?;
        let mut position = 0;
        let mut write = |fill: &dyn Fn(&mut BytesMut)| {
            let mut buffer = BytesMut::new();
            frame::put(&mut buffer, fill);
            let result = write_all_at(&*file, position, &buffer);
            position += buffer.len() as u64;
            result.map_err(DiskError::io("write", path))
        };
        write(&|payload| put_header(payload, applied))?;
        let mut piece = BytesMut::new();
        let mut count = 0u64;
        for record in applied.image.records() {
            MetadataRecord::encode_all([&record], &mut piece)
                .map_err(|error| DiskError::damaged(path, 0, error))?;
            count += 1;
            if piece.len() >= PIECE_BYTES {
                write(&|payload| put_records(payload, &piece))?;
                piece.clear();
            }
        }
        if !piece.is_empty() {
            write(&|payload| put_records(payload, &piece))?;
        }
        write(&|payload| {
            payload.put_u8(KIND_END);
            payload.put_u64(count);
        })?;
        file.sync_data().map_err(DiskError::io("sync", path))
    }
}

/// Reads a file frame by frame, so that a snapshot is never in memory as a whole.
struct Pieces<'a> {
    file: Box<dyn File>,
    path: &'a Path,
    position: u64,
    length: u64,
}

impl Pieces<'_> {
    fn next(&mut self) -> Result<Bytes, DiskError> {
        let left = self.length - self.position;
        let mut header = [0; frame::HEADER_LENGTH];
        let read = read_full_at(&*self.file, self.position, &mut header)
            .map_err(DiskError::io("read", self.path))?;
        let length = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
        let total = frame::HEADER_LENGTH as u64 + u64::from(length);
        if read < header.len() || total > left || length as usize > frame::PAYLOAD_LENGTH_MAX {
            return Err(DiskError::damaged(self.path, self.position, "the file ends early"));
        }
        let mut contents = vec![0; total as usize];
        read_full_at(&*self.file, self.position, &mut contents)
            .map_err(DiskError::io("read", self.path))?;
        match frame::take(&mut Bytes::from(contents)) {
            Parsed::Frame(payload) => {
                self.position += total;
                Ok(payload)
            }
            Parsed::End => Err(DiskError::damaged(self.path, self.position, "the file ends early")),
            Parsed::Invalid(reason) => Err(DiskError::damaged(self.path, self.position, reason)),
        }
    }
}

fn put_records(payload: &mut BytesMut, records: &[u8]) {
    payload.put_u8(KIND_RECORDS);
    payload.put_slice(records);
}

fn put_header(payload: &mut BytesMut, applied: &Applied) {
    payload.put_u8(KIND_HEADER);
    payload.put_u32(VERSION);
    codec::put_optional_log_id(payload, &applied.last);
    codec::put_stored_membership(payload, &applied.membership);
    payload.put_u64(applied.proposals);
}

fn get_header(bytes: &Bytes) -> Result<Applied, String> {
    let mut bytes = bytes.clone();
    let text = |error: codec::CodecError| error.to_string();
    let kind = bytes.try_get_u8().map_err(|error| error.to_string())?;
    let version = bytes.try_get_u32().map_err(|error| error.to_string())?;
    if kind != KIND_HEADER || version != VERSION {
        return Err(format!("it is no snapshot of version {VERSION}"));
    }
    let last = codec::get_optional_log_id(&mut bytes).map_err(text)?;
    let membership = codec::get_stored_membership(&mut bytes).map_err(text)?;
    let proposals = bytes.try_get_u64().map_err(|error| error.to_string())?;
    Ok(Applied { last, membership, proposals, image: MetadataImage::default() })
}

fn name(last: Option<LogId>) -> String {
    let (index, term) = last.map_or((0, 0), |last| (last.index, last.leader_id.term));
    format!("{index:020}-{term:010}")
}
