//! The log's files together: appending, reading, cutting at either end, and the vote.
//!
//! Invariants: indexes are consecutive over all segments; what an append answers for is synced; a
//! failed write or sync of a file leaves the log failed for good, since nobody knows what the disk
//! then holds (a full disk excepted, where nothing was written).

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use storage::fs::FileSystem;
use storage::fs::{read_file, remove_file_if_exists, replace_file};

use super::frame::{self, Parsed};
use super::segment::{Segment, Tail};
use crate::codec::{self, CodecError};
use crate::error::DiskError;
use crate::node::{Entry, LogId, Vote};

const VOTE_FILE: &str = "vote";
const PURGED_FILE: &str = "purged";

/// The log's files. Not shared: one thread owns them.
#[derive(Debug)]
pub(crate) struct LogFiles {
    file_system: Arc<dyn FileSystem>,
    folder: PathBuf,
    segments: Vec<Segment>,
    segment_bytes: u64,
    purged: Option<LogId>,
    vote: Option<Vote>,
    failed: Option<String>,
}

impl LogFiles {
    pub(crate) fn open(
        file_system: Arc<dyn FileSystem>,
        folder: PathBuf,
        segment_bytes: u64,
    ) -> Result<Self, DiskError> {
        let mut files = Self {
            file_system,
            folder,
            segments: Vec::new(),
            segment_bytes,
            purged: None,
            vote: None,
            failed: None,
        };
        files.vote = files.read_small(VOTE_FILE, codec::get_vote)?;
        files.purged = files.read_small(PURGED_FILE, |mut bytes| {
            let id = codec::get_log_id(&mut bytes)?;
            codec::finish(&bytes, id)
        })?;
        files.open_segments()?;
        files.check_vote()?;
        Ok(files)
    }

    pub(crate) fn vote(&self) -> Option<Vote> {
        self.vote
    }

    pub(crate) fn purged(&self) -> Option<LogId> {
        self.purged
    }

    /// The id of the last entry, or of the last one that was purged.
    pub(crate) fn last(&self) -> Option<LogId> {
        let last = self.segments.iter().rev().find_map(|segment| segment.slots.last());
        last.map(|slot| slot.log_id).max(self.purged)
    }

    pub(crate) fn save_vote(&mut self, vote: Vote) -> Result<(), DiskError> {
        self.write_small(VOTE_FILE, |payload| codec::put_vote(payload, &vote))?;
        self.vote = Some(vote);
        Ok(())
    }

    /// Appends entries and syncs them. On a full disk nothing is appended and nothing has failed.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<(), DiskError> {
        self.check_usable()?;
        let Some(first) = entries.first() else { return Ok(()) };
        assert_eq!(
            first.log_id.index,
            self.last().map_or(0, |last| last.index + 1),
            "the log has no holes"
        );
        let result = self.append_to_segment(first.log_id.index, entries);
        self.note_failure(result)
    }

    /// The entries of these indexes that there are.
    pub(crate) fn read(&self, range: Range<u64>) -> Result<Vec<Entry>, DiskError> {
        let first_kept = self.purged.map_or(0, |purged| purged.index.saturating_add(1));
        let range = range.start.max(first_kept)..range.end;
        let mut entries = Vec::new();
        for segment in &self.segments {
            let from = segment.slots.partition_point(|slot| slot.log_id.index < range.start);
            let to = segment.slots.partition_point(|slot| slot.log_id.index < range.end);
            for slot in segment.slots.get(from..to).unwrap_or_default() {
                entries.push(segment.read(slot)?);
            }
        }
        Ok(entries)
    }

    /// Removes the entries from this index on.
    pub(crate) fn truncate(&mut self, from: u64) -> Result<(), DiskError> {
        self.check_usable()?;
        let result = self.truncate_segments(from);
        self.note_failure(result)
    }

    /// Removes the entries up to this one, which a snapshot holds. Only whole segments go.
    pub(crate) fn purge(&mut self, up_to: LogId) -> Result<(), DiskError> {
        self.check_usable()?;
        self.write_small(PURGED_FILE, |payload| codec::put_log_id(payload, &up_to))?;
        self.purged = Some(up_to);
        let gone = |segment: &Segment| {
            segment.slots.last().is_none_or(|last| last.log_id.index <= up_to.index)
        };
        while let Some(segment) = self.segments.first().filter(|segment| gone(segment)) {
            remove_file_if_exists(&*self.file_system, &segment.path)
                .map_err(DiskError::io("remove", &segment.path))?;
            self.segments.remove(0);
        }
        self.sync_folder()
    }

    fn open_segments(&mut self) -> Result<(), DiskError> {
        let names =
            self.file_system.list(&self.folder).map_err(DiskError::io("list", &self.folder))?;
        let mut indexes: Vec<_> = names
            .iter()
            .filter_map(|entry| Some((Segment::index_of(&entry.name)?, entry)))
            .collect();
        indexes.sort_unstable_by_key(|(index, _)| *index);
        let mut expected = None;
        let mut last_term = 0;
        for (position, (index, entry)) in indexes.iter().enumerate() {
            let is_last = position + 1 == indexes.len();
            let tail = if is_last { Tail::MayBeTorn } else { Tail::MustBeWhole };
            let path = self.folder.join(&entry.name);
            let segment = Segment::open(&*self.file_system, path, tail)?;
            let Some(first) = segment.first_index() else {
                // A crash came between creating the file and its first entry.
                remove_file_if_exists(&*self.file_system, &segment.path)
                    .map_err(DiskError::io("remove", &segment.path))?;
                continue;
            };
            let first_needed = expected.unwrap_or(first);
            let consecutive = segment.slots.iter().zip(first_needed..);
            for (slot, needed) in consecutive {
                if slot.log_id.index != needed || first != *index {
                    let found = slot.log_id.index;
                    let reason = format!("entry {found} stands where {needed} should");
                    return Err(DiskError::damaged(segment.path, 0, reason));
                }
                let term = slot.log_id.leader_id.term;
                if term < last_term {
                    let reason = format!("entry {needed} of term {term} stands after {last_term}");
                    return Err(DiskError::damaged(segment.path, 0, reason));
                }
                last_term = term;
            }
            expected = Some(first_needed + segment.slots.len() as u64);
            self.segments.push(segment);
        }
        self.check_front()
    }

    /// Whoever wrote entries in a term had voted in it. Without that vote this node could vote
    /// twice in one term. (The very first entry, of term 0, is older than any vote.)
    fn check_vote(&self) -> Result<(), DiskError> {
        if self.vote.is_some_and(|vote| vote.leader_id.term == u64::MAX) {
            let reason = "no term comes after that of the vote";
            return Err(DiskError::damaged(self.folder.join(VOTE_FILE), 0, reason));
        }
        self.check_term(self.last())
    }

    /// Whether a snapshot, of which this is the last entry, goes with the log beside it: what the log
    /// no longer has it holds, and where both have an entry it is the same.
    pub(crate) fn check_snapshot(&self, snapshot: Option<LogId>) -> Result<(), DiskError> {
        self.check_term(snapshot)?;
        let damaged = |reason: String| Err(DiskError::damaged(&self.folder, 0, reason));
        if let Some(purged) = self.purged
            && snapshot.is_none_or(|snapshot| snapshot.index < purged.index)
        {
            let last = purged.index;
            return damaged(format!(
                "the entries up to {last} are gone, and no snapshot holds them"
            ));
        }
        let (Some(snapshot), Some(last)) = (snapshot, self.last()) else { return Ok(()) };
        let in_log = self.id_at(snapshot.index);
        let is_older = snapshot.index > last.index && snapshot.leader_id < last.leader_id;
        if is_older || in_log.is_some_and(|in_log| in_log != snapshot) {
            return damaged(format!("the snapshot ends with {snapshot}, the log with {last}"));
        }
        Ok(())
    }

    /// The id of the entry with this index, where the log has it.
    fn id_at(&self, index: u64) -> Option<LogId> {
        let segment = self.segments.iter().rfind(|it| it.first_index() <= Some(index))?;
        let offset = index.checked_sub(segment.first_index()?)?;
        segment.slots.get(usize::try_from(offset).ok()?).map(|slot| slot.log_id)
    }

    /// Whether the vote is as new as the last entry of the log, or of a snapshot beside it.
    fn check_term(&self, last: Option<LogId>) -> Result<(), DiskError> {
        let voted = self.vote.map_or(0, |vote| vote.leader_id.term);
        match last {
            Some(last) if last.leader_id.term > voted => {
                let term = last.leader_id.term;
                let reason =
                    format!("there are entries of term {term}, the vote is of term {voted}");
                Err(DiskError::damaged(self.folder.join(VOTE_FILE), 0, reason))
            }
            _ => Ok(()),
        }
    }

    /// The log must go on where it was cut at its front.
    fn check_front(&self) -> Result<(), DiskError> {
        let needed = self.purged.map_or(0, |purged| purged.index.saturating_add(1));
        match self.segments.first() {
            Some(segment) if segment.first_index().is_some_and(|first| first > needed) => {
                let reason = format!("the entries from {needed} on are missing before it");
                Err(DiskError::damaged(&segment.path, 0, reason))
            }
            _ => Ok(()),
        }
    }

    fn append_to_segment(&mut self, index: u64, entries: &[Entry]) -> Result<(), DiskError> {
        let full = self.segments.last().is_none_or(|last| last.length >= self.segment_bytes);
        if full {
            self.segments.push(Segment::create(&*self.file_system, &self.folder, index)?);
        }
        let Some(segment) = self.segments.last_mut() else { return Ok(()) };
        let written = segment.write(entries);
        if written.is_err() && segment.slots.is_empty() {
            // An empty file in the middle of the log would have a name that does not fit.
            let path = segment.path.clone();
            self.segments.pop();
            remove_file_if_exists(&*self.file_system, &path)
                .map_err(DiskError::io("remove", &path))?;
        }
        written?;
        match self.segments.last() {
            Some(segment) => segment.sync(),
            None => Ok(()),
        }
    }

    fn truncate_segments(&mut self, from: u64) -> Result<(), DiskError> {
        while let Some(segment) = self.segments.last_mut() {
            if segment.first_index().is_some_and(|first| first < from) {
                return segment.truncate(from);
            }
            remove_file_if_exists(&*self.file_system, &segment.path)
                .map_err(DiskError::io("remove", &segment.path))?;
            self.segments.pop();
            self.sync_folder()?;
        }
        Ok(())
    }

    fn check_usable(&self) -> Result<(), DiskError> {
        match &self.failed {
            None => Ok(()),
            Some(reason) => Err(DiskError::Io {
                action: "use",
                path: self.folder.clone(),
                source: io::Error::other(format!("it failed before: {reason}")),
            }),
        }
    }

    fn note_failure<T>(&mut self, result: Result<T, DiskError>) -> Result<T, DiskError> {
        if let Err(error) = &result
            && !is_full(error)
        {
            self.failed = Some(error.to_string());
        }
        result
    }

    fn sync_folder(&self) -> Result<(), DiskError> {
        self.file_system.sync_directory(&self.folder).map_err(DiskError::io("sync", &self.folder))
    }

    fn read_small<T>(
        &self,
        name: &str,
        parse: impl FnOnce(Bytes) -> Result<T, CodecError>,
    ) -> Result<Option<T>, DiskError> {
        let path = self.folder.join(name);
        let contents =
            read_file(&*self.file_system, &path).map_err(DiskError::io("read", &path))?;
        let Some(contents) = contents else { return Ok(None) };
        match frame::take(&mut Bytes::from(contents)) {
            Parsed::Frame(payload) => {
                parse(payload).map(Some).map_err(|error| DiskError::damaged(&path, 0, error))
            }
            Parsed::End => Err(DiskError::damaged(&path, 0, "the file is empty")),
            Parsed::Invalid(reason) => Err(DiskError::damaged(&path, 0, reason)),
        }
    }

    fn write_small(
        &mut self,
        name: &str,
        fill: impl FnOnce(&mut BytesMut),
    ) -> Result<(), DiskError> {
        self.check_usable()?;
        let path = self.folder.join(name);
        let mut buffer = BytesMut::new();
        frame::put(&mut buffer, fill);
        // The old contents stand until the new ones are safe, so a failure can be tried again.
        replace_file(&*self.file_system, &path, &buffer).map_err(DiskError::io("write", &path))
    }
}

/// Whether the disk was full: nothing was written, and it may go on later.
pub(crate) fn is_full(error: &DiskError) -> bool {
    let DiskError::Io { action: "write" | "create", source, .. } = error else { return false };
    matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests;
