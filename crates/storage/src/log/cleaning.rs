//! The log's side of compaction: how much there is to clean, the picture from which a cleaning
//! works without the log's lock, and the swap of what it wrote for what it read.
//!
//! Only whole segments that are committed, decided and behind the recovery point are cleaned, never
//! the active one. The swap is Kafka's: the new files go from `.cleaned` to `.swap`, highest segment
//! first; the old ones to `.deleted`; the new ones to their final names. A crash before the last
//! `.swap` leaves the old segments, after it the new ones (see `interrupted`). A name that cannot be
//! changed has the others changed back, the last one first: on the way back a crash finds nothing that
//! it could not find on the way there.

use std::path::PathBuf;
use std::sync::Arc;

use model::{Clock, Offset};

use super::Log;
use crate::cleaner::{
    CleanError, CleanedGroup, Cleaning, NewSegment, Picture, ProducerEnd, SourceSegment,
};
use crate::error::{IoContext, StorageError};
use crate::file_names::{CLEANED, DELETED, SWAP};
use crate::log::retention::DeletedFiles;
use crate::log_config::LogConfig;
use crate::segment::Segment;

/// How much of a log waits for the cleaner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dirtiness {
    /// Bytes of segments that were cleaned before.
    pub clean_bytes: u64,
    /// Bytes of segments that were not, and may be.
    pub cleanable_bytes: u64,
    /// Whether some of them have waited for `max.compaction.lag.ms`.
    pub is_overdue: bool,
}

/// The names of a file before and after a step of a swap.
type Renamed = (PathBuf, PathBuf);

impl Dirtiness {
    /// The share of bytes that were not cleaned yet.
    pub fn ratio(&self) -> f64 {
        let all = self.clean_bytes + self.cleanable_bytes;
        if all == 0 { 0.0 } else { self.cleanable_bytes as f64 / all as f64 }
    }

    /// Whether a log of these settings is to be cleaned now.
    pub fn is_due(&self, config: &LogConfig) -> bool {
        let waits = self.is_overdue && self.cleanable_bytes > 0;
        config.compact && (waits || self.ratio() > config.min_cleanable_dirty_ratio)
    }
}

impl Log {
    /// Everything before this offset was compacted; goes into `cleaner-offset-checkpoint`.
    pub fn cleaned_to(&self) -> Offset {
        self.cleaned_to
    }

    /// The first offset that was not cleaned, if the log was cleaned at all.
    fn first_dirty(&self) -> Offset {
        let start = self.log_start_offset;
        if self.cleaned_to > self.log_end_offset { start } else { self.cleaned_to.max(start) }
    }

    /// How many segments may be cleaned, from the first on.
    fn cleanable_segments(
        &self,
        high_watermark: Offset,
        clock: &Clock,
    ) -> Result<usize, StorageError> {
        let bound = self.last_stable_offset(high_watermark).min(self.recovery_point);
        let first_dirty = self.first_dirty();
        let mut count = 0;
        for pair in self.segments.windows(2) {
            if pair[1].base_offset() > bound {
                break;
            }
            let is_dirty = pair[1].base_offset() > first_dirty;
            if is_dirty && self.config.min_compaction_lag_ms > 0 {
                let largest = pair[0].largest_timestamp(&self.folder)?.timestamp;
                let age_ms = clock.age_ms(largest);
                if age_ms.is_none_or(|age_ms| age_ms < self.config.min_compaction_lag_ms) {
                    break;
                }
            }
            count += 1;
        }
        Ok(count)
    }

    /// How much waits for the cleaner. May read from the disk where `min.compaction.lag.ms` or
    /// `max.compaction.lag.ms` is set.
    pub fn dirtiness(
        &self,
        high_watermark: Offset,
        clock: &Clock,
    ) -> Result<Dirtiness, StorageError> {
        self.check_alive()?;
        let count = self.cleanable_segments(high_watermark, clock)?;
        let first_dirty = self.first_dirty();
        let mut dirtiness = Dirtiness { clean_bytes: 0, cleanable_bytes: 0, is_overdue: false };
        let deadline = match self.config.max_compaction_lag_ms {
            i64::MAX => None,
            lag_ms => Some(clock.now().plus_ms(-lag_ms.max(0))),
        };
        for (index, segment) in self.segments[..count].iter().enumerate() {
            let size = u64::from(segment.size());
            if self.segments[index + 1].base_offset() <= first_dirty {
                dirtiness.clean_bytes += size;
                continue;
            }
            dirtiness.cleanable_bytes += size;
            if let Some(deadline) = deadline
                && !dirtiness.is_overdue
            {
                let first = segment.first_timestamp(&self.folder)?;
                dirtiness.is_overdue =
                    first.is_some_and(|first| first.get() > 0 && first < deadline);
            }
        }
        Ok(dirtiness)
    }

    /// Begins a cleaning, which reads and writes about `io_bytes` at once; `None` when there is
    /// nothing to clean. A log that is being copied, or that is not to be compacted, counts as changed.
    pub fn begin_cleaning(
        &self,
        high_watermark: Offset,
        clock: &Clock,
        io_bytes: usize,
    ) -> Result<Option<Cleaning>, CleanError> {
        self.check_alive()?;
        if self.is_being_copied || !self.config.compact {
            return Err(CleanError::Outdated);
        }
        let count = self.cleanable_segments(high_watermark, clock)?;
        let segments: Vec<SourceSegment> = self
            .segments
            .windows(2)
            .take(count)
            .map(|pair| SourceSegment {
                base_offset: pair[0].base_offset(),
                size: pair[0].size(),
                next_base: pair[1].base_offset(),
                created: pair[0].created(),
            })
            .collect();
        let first_dirty = self.first_dirty();
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return Ok(None);
        };
        if last.next_base <= first_dirty {
            return Ok(None);
        }
        // What the cleaner brings into memory is not verified for readers.
        self.segments.iter().for_each(|segment| segment.checked().forget_from(0));
        let mut aborted = self.aborted_transactions(first.base_offset, last.next_base)?;
        aborted.sort_by_key(|aborted| aborted.first_offset);
        let producers = self.producers.producers().iter().map(|(id, entry)| {
            let last_offset = entry.last_batch().map(|batch| batch.last_offset);
            let last_safe_offset = entry.last_offset_before(high_watermark);
            (*id, ProducerEnd { last_offset, last_safe_offset, epoch: entry.epoch })
        });
        let picture = Picture {
            source: self.folder.source(),
            config: Arc::clone(&self.config),
            segments,
            first_dirty,
            high_watermark,
            aborted: aborted.into(),
            producers: producers.collect(),
            truncations: self.truncations,
            clock: clock.clone(),
        };
        Ok(Some(Cleaning::new(picture, io_bytes)))
    }

    /// Notes that everything before an offset was cleaned, and its segments swapped.
    pub fn finish_cleaning(&mut self, cleaning: &Cleaning) {
        self.cleaned_to = cleaning.end_offset().min(self.log_end_offset);
    }

    /// Puts cleaned segments in the place of those that they were made of, and gives the files of
    /// those. When the names are left in between, the log is failed: opening it ends the swap.
    pub fn swap_in(&mut self, mut group: CleanedGroup) -> Result<DeletedFiles, CleanError> {
        self.check_alive()?;
        let at = self.place_of(&group).ok_or(CleanError::Outdated)?;
        self.note_holes()?;
        let mut renamed = Vec::new();
        let swapped = self.rename_for_swap(&group, &mut renamed);
        self.name_changes += 1;
        if let Err(error) = swapped {
            if let Err(error) = self.rename_back(&renamed) {
                // What is left is for whoever opens the log.
                group.new.clear();
                return Err(self.fail(error).into());
            }
            return Err(error.into());
        }
        let limits = self.config.index_limits();
        let segments = std::mem::take(&mut group.new).into_iter().map(|segment| {
            Segment::existing(segment.base_offset, segment.size, limits, segment.created)
        });
        self.segments.splice(at..at + group.old.len(), segments);
        self.hints.clear();
        self.remember_end();
        let folder = self.folder.path().to_owned();
        let paths = renamed.into_iter().map(|(_, to)| to);
        let paths =
            paths.filter(|to| to.as_os_str().as_encoded_bytes().ends_with(DELETED.as_bytes()));
        Ok(self.deleted_files(paths.collect(), group.old.len(), Some(folder)))
    }

    fn rename_for_swap(
        &mut self,
        group: &CleanedGroup,
        renamed: &mut Vec<Renamed>,
    ) -> Result<(), StorageError> {
        for segment in group.new.iter().rev() {
            self.rename_new(segment, CLEANED, SWAP, renamed)?;
        }
        for old in &group.old {
            self.folder.forget_segment(old.base_offset);
            let mut deleted = Vec::new();
            let marked = self.mark_deleted(old.base_offset, &mut deleted);
            // Only the last ending is taken away.
            renamed.extend(deleted.into_iter().map(|to| (to.with_extension(""), to)));
            marked?;
        }
        group.new.iter().try_for_each(|segment| self.rename_new(segment, SWAP, "", renamed))
    }

    fn rename_back(&self, renamed: &[Renamed]) -> Result<(), StorageError> {
        renamed.iter().rev().try_for_each(|(from, to)| {
            self.folder.file_system().rename(to, from).during("rename", to)
        })
    }

    /// Where the segments of a group are in the log, if they are there as they were.
    fn place_of(&self, group: &CleanedGroup) -> Option<usize> {
        let first = group.old.first()?.base_offset;
        let at = self.segments.binary_search_by_key(&first, Segment::base_offset).ok()?;
        let here = self.segments.get(at..at + group.old.len())?;
        let is_same = |(here, old): (&Segment, &SourceSegment)| {
            here.base_offset() == old.base_offset && here.size() == old.size
        };
        let is_unchanged = group.truncations == self.truncations
            && self.config.compact
            && !self.is_being_copied
            && group.source.path == self.folder.path()
            && here.iter().zip(&group.old).all(is_same)
            && at + group.old.len() < self.segments.len();
        is_unchanged.then_some(at)
    }

    fn rename_new(
        &self,
        segment: &NewSegment,
        from: &str,
        to: &str,
        renamed: &mut Vec<Renamed>,
    ) -> Result<(), StorageError> {
        for ending in &segment.endings {
            let path =
                |suffix| self.folder.file_path(segment.base_offset, &format!("{ending}{suffix}"));
            let (from, to) = (path(from), path(to));
            self.folder.file_system().rename(&from, &to).during("rename", &from)?;
            renamed.push((from, to));
        }
        Ok(())
    }
}
