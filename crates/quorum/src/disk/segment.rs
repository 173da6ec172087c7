//! One file of the log. Its name is the index of its first entry.

use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use storage::fs::{File, FileSystem, OpenMode};
use storage::fs::{read_full_at, write_all_at};

use super::frame::{self, Parsed};
use crate::codec;
use crate::error::DiskError;
use crate::node::{Entry, LogId};

const SUFFIX: &str = ".log";
const NAME_DIGITS: usize = 20;

/// Where an entry lies.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) log_id: LogId,
    /// Where its frame begins; entries appended together share a frame.
    frame: u64,
    /// The bytes of the entry itself.
    bytes: Range<u64>,
}

/// Whether bytes at the end that are no frame may be cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// The last file: its last frame may have been torn by a crash, before it was synced.
    MayBeTorn,
    /// A file that another one follows: all of it was synced.
    MustBeWhole,
}

/// An open segment. Invariant: `length` is the end of its last whole frame.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) slots: Vec<Slot>,
    pub(super) length: u64,
    file: Box<dyn File>,
}

impl Segment {
    /// The index in a segment's name; `None` for other files.
    pub(super) fn index_of(name: &str) -> Option<u64> {
        let digits = name.strip_suffix(SUFFIX)?;
        (digits.len() == NAME_DIGITS).then(|| digits.parse().ok()).flatten()
    }

    pub(super) fn create(
        file_system: &dyn FileSystem,
        folder: &Path,
        first_index: u64,
    ) -> Result<Self, DiskError> {
        let path = folder.join(format!("{first_index:0NAME_DIGITS$}{SUFFIX}"));
        let file =
            file_system.open(&path, OpenMode::Create).map_err(DiskError::io("create", &path))?;
        file.set_length(0).map_err(DiskError::io("empty", &path))?;
        file_system.sync_directory(folder).map_err(DiskError::io("sync", folder))?;
        Ok(Self { path, slots: Vec::new(), length: 0, file })
    }

    /// Opens a segment, reads what it holds and cuts a torn tail off.
    pub(super) fn open(
        file_system: &dyn FileSystem,
        path: PathBuf,
        tail: Tail,
    ) -> Result<Self, DiskError> {
        let file =
            file_system.open(&path, OpenMode::Write).map_err(DiskError::io("open", &path))?;
        let length = file.length().map_err(DiskError::io("measure", &path))?;
        let mut contents = vec![0; length as usize];
        let read = read_full_at(&*file, 0, &mut contents).map_err(DiskError::io("read", &path))?;
        contents.truncate(read);
        let mut segment = Self { path, slots: Vec::new(), length: 0, file };
        let mut rest = Bytes::from(contents);
        loop {
            match frame::take(&mut rest) {
                Parsed::Frame(payload) => segment.note_frame(payload)?,
                Parsed::End => return Ok(segment),
                Parsed::Invalid(reason) => {
                    if tail == Tail::MustBeWhole || holds_a_frame(&rest) {
                        return Err(DiskError::damaged(segment.path, segment.length, reason));
                    }
                    segment.cut(segment.length)?;
                    return Ok(segment);
                }
            }
        }
    }

    pub(super) fn first_index(&self) -> Option<u64> {
        self.slots.first().map(|slot| slot.log_id.index)
    }

    /// Writes the entries as one frame. It is safe once [`Segment::sync`] returns.
    pub(super) fn write(&mut self, entries: &[Entry]) -> Result<(), DiskError> {
        let mut buffer = BytesMut::new();
        let mut slots = Vec::with_capacity(entries.len());
        frame::put(&mut buffer, |payload| {
            let start = payload.len();
            for entry in entries {
                let length_at = payload.len();
                payload.put_u32(0);
                codec::put_entry(payload, entry);
                let length = (payload.len() - length_at - 4) as u32;
                payload[length_at..length_at + 4].copy_from_slice(&length.to_be_bytes());
                let from = self.length + (frame::HEADER_LENGTH + length_at + 4 - start) as u64;
                slots.push(Slot {
                    log_id: entry.log_id,
                    frame: self.length,
                    bytes: from..from + u64::from(length),
                });
            }
        });
        if let Err(source) = write_all_at(&*self.file, self.length, &buffer) {
            // What was written of the frame must not stand before the next one.
            self.cut(self.length)?;
            return Err(DiskError::Io { action: "write", path: self.path.clone(), source });
        }
        self.length += buffer.len() as u64;
        self.slots.append(&mut slots);
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<(), DiskError> {
        self.file.sync_data().map_err(DiskError::io("sync", &self.path))
    }

    pub(super) fn read(&self, slot: &Slot) -> Result<Entry, DiskError> {
        let mut contents = vec![0; (slot.bytes.end - slot.bytes.start) as usize];
        read_full_at(&*self.file, slot.bytes.start, &mut contents)
            .map_err(DiskError::io("read", &self.path))?;
        codec::get_entry(contents.into())
            .map_err(|error| DiskError::damaged(&self.path, slot.bytes.start, error))
    }

    /// Removes the entries from this index on. Entries that share their frame with the first one
    /// to go are written anew.
    pub(super) fn truncate(&mut self, from: u64) -> Result<(), DiskError> {
        let keep = self.slots.partition_point(|slot| slot.log_id.index < from);
        let Some(frame) = self.slots.get(keep).map(|slot| slot.frame) else { return Ok(()) };
        let whole_frames = self.slots.partition_point(|slot| slot.frame < frame);
        let shared = self.slots[whole_frames..keep]
            .iter()
            .map(|slot| self.read(slot))
            .collect::<Result<Vec<_>, _>>()?;
        self.slots.truncate(whole_frames);
        self.cut(frame)?;
        if !shared.is_empty() {
            self.write(&shared)?;
            self.sync()?;
        }
        Ok(())
    }

    fn cut(&mut self, length: u64) -> Result<(), DiskError> {
        self.file.set_length(length).map_err(DiskError::io("cut", &self.path))?;
        self.length = length;
        self.sync()
    }

    fn note_frame(&mut self, payload: Bytes) -> Result<(), DiskError> {
        let frame = self.length;
        let end = frame + (frame::HEADER_LENGTH + payload.len()) as u64;
        let mut rest = payload;
        while rest.has_remaining() {
            let damaged = |error: &dyn std::fmt::Display| {
                DiskError::damaged(&self.path, frame, error.to_string())
            };
            let length = rest.try_get_u32().map_err(|error| damaged(&error))?;
            if length as usize > rest.len() {
                return Err(damaged(&"an entry is longer than its frame"));
            }
            let from = end - rest.len() as u64;
            let entry = codec::get_entry(rest.split_to(length as usize))
                .map_err(|error| damaged(&error))?;
            let bytes = from..from + u64::from(length);
            self.slots.push(Slot { log_id: entry.log_id, frame, bytes });
        }
        self.length = end;
        Ok(())
    }
}

/// Whether a whole frame stands anywhere behind the first byte: then what stands before it was
/// synced, and is not torn but damaged.
fn holds_a_frame(bytes: &Bytes) -> bool {
    (1..bytes.len()).any(|start| {
        let mut rest = bytes.slice(start..);
        matches!(frame::take(&mut rest), Parsed::Frame(_))
    })
}
