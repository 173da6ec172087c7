//! Recovery after an unclean stop: the part after the recovery point is read and verified, what is
//! not whole at its end is cut off, and the indexes of that part are built again.
//!
//! Only the unflushed end may be cut. Damage before the recovery point was once safe on the disk and
//! perhaps acknowledged: it is an error, and nothing is changed.

use model::Offset;

use super::{Log, RecoveryReport};
use crate::batch_reader::BatchReader;
use crate::checkpoint::EpochEntry;
use crate::error::{IoContext, StorageError};
use crate::fs::SegmentFile;
use crate::segment_index::SegmentIndex;

/// How far a segment turned out to be whole.
struct Recovered {
    end_offset: Offset,
    size: u32,
    index: SegmentIndex,
}

impl Log {
    /// Verifies everything after the recovery point.
    pub(super) fn recover(&mut self) -> Result<RecoveryReport, StorageError> {
        let mut report = RecoveryReport::default();
        let recovery_point = self.recovery_point;
        // The segment that ends at the recovery point may have been finished after it was safe; an
        // empty one says nothing about where the one before it ends.
        let first = match self.segment_index(recovery_point.plus(-1)) {
            at if self.segments[at].size() == 0 => at.saturating_sub(1),
            at => at,
        };
        let mut end_offset = self.segments[first].base_offset();
        let mut next = first;
        while next < self.segments.len() {
            let base_offset = self.segments[next].base_offset();
            // Offsets without records are left by a cleaner only, now or when the topic was compacted
            // still; elsewhere the end of the segment before is lost, and what follows was not
            // acknowledged. A segment that begins before the one before it ends is left of a roll or
            // a truncation that did not get through.
            let is_gap = next > first && base_offset > end_offset;
            let may_have_holes =
                self.has_holes || self.config.compact || base_offset <= self.cleaned_to;
            if next > first && (is_gap && !may_have_holes || base_offset < end_offset) {
                self.drop_segments_from(next, recovery_point, &mut report)?;
                break;
            }
            if is_gap {
                // What follows may be acknowledged before the next start, which must not take it for
                // lost.
                self.note_holes()?;
            }
            let was_cut = self.recover_segment(next, &mut end_offset, &mut report)?;
            next += 1;
            if was_cut {
                self.drop_segments_from(next, recovery_point, &mut report)?;
            }
        }
        self.log_end_offset = end_offset;
        report.ends_before_recovery_point = end_offset < recovery_point;
        self.recovery_point = recovery_point.min(end_offset);
        self.synced_offset = self.recovery_point;
        self.name_changes += 1;
        if report.truncated_bytes > 0 || report.ends_before_recovery_point {
            tracing::warn!(
                log = %self.folder.path().display(),
                truncated_bytes = report.truncated_bytes,
                log_end_offset = %end_offset,
                %recovery_point,
                "recovered a log that was not closed cleanly"
            );
        }
        Ok(report)
    }

    fn drop_segments_from(
        &mut self,
        index: usize,
        recovery_point: Offset,
        report: &mut RecoveryReport,
    ) -> Result<(), StorageError> {
        // Highest first: a stop in between leaves no hole.
        while self.segments.len() > index {
            let segment = &self.segments[self.segments.len() - 1];
            let base_offset = segment.base_offset();
            if base_offset < recovery_point && segment.size() > 0 {
                return Err(StorageError::Corrupt {
                    segment: self.log_path(segment),
                    position: 0,
                    reason: "the segment before it is not whole".to_owned(),
                });
            }
            report.truncated_bytes += u64::from(segment.size());
            self.segments.pop();
            self.remove_segment_files(base_offset)?;
        }
        Ok(())
    }

    /// Recovers one segment; returns whether its end was cut off.
    fn recover_segment(
        &mut self,
        at: usize,
        end_offset: &mut Offset,
        report: &mut RecoveryReport,
    ) -> Result<bool, StorageError> {
        let file = self.segments[at].file(&self.folder)?;
        let (index, position) = self.trusted_index(at)?;
        let recovered = self.scan_segment(at, &file, index, position)?;
        let segment = &self.segments[at];
        let old_size = segment.size();
        report.scanned_bytes += u64::from(recovered.size - position.min(recovered.size));
        let cut = old_size - recovered.size;
        if cut > 0 {
            let path = self.log_path(segment);
            tracing::warn!(segment = %path.display(), position = recovered.size, bytes = cut, "cutting off the unflushed end of a segment, which is not whole");
            file.handle().set_length(u64::from(recovered.size)).during("shorten", &path)?;
            // Nobody may look at this segment again before the bytes could come back.
            file.handle().sync_data().during("sync", &path)?;
            report.truncated_bytes += u64::from(cut);
        }
        *end_offset = recovered.end_offset;
        let mut index = recovered.index;
        if at + 1 < self.segments.len() {
            index.push_largest_time();
        }
        index.mark_dirty();
        index.flush(&self.folder)?;
        let segment = &mut self.segments[at];
        segment.recovered(position, recovered.size, file);
        segment.set_index(index);
        Ok(cut > 0)
    }

    /// The part of the indexes that the recovery point vouches for, and the position where it ends.
    fn trusted_index(&mut self, at: usize) -> Result<(SegmentIndex, u32), StorageError> {
        let base_offset = self.segments[at].base_offset();
        let nothing = (SegmentIndex::empty(base_offset), 0);
        if self.recovery_point <= base_offset {
            self.segments[at].take_index(&self.folder)?;
            return Ok(nothing);
        }
        let Some(mut index) = self.segments[at].take_index(&self.folder)? else {
            return Ok(nothing);
        };
        if !index.is_ordered(&self.folder)? {
            return Ok(nothing);
        }
        index.truncate_to(&self.folder, self.recovery_point)?;
        let (offset, position) = index.lookup_offset(&self.folder, self.recovery_point)?;
        if position == 0 {
            return Ok(nothing);
        }
        // The entry must lead to the batch that it names, or the index is not to be trusted.
        let mut scanner = self.segments[at].scan(&self.folder, position)?;
        match scanner.next_batch() {
            Ok(Some((_, batch))) if batch.last_offset() == offset => Ok((index, position)),
            _ => Ok(nothing),
        }
    }

    fn scan_segment(
        &mut self,
        at: usize,
        file: &SegmentFile,
        mut index: SegmentIndex,
        mut position: u32,
    ) -> Result<Recovered, StorageError> {
        let segment = &self.segments[at];
        let (base_offset, size) = (segment.base_offset(), segment.size());
        let path = self.log_path(segment);
        let interval_bytes = self.config.index_interval_bytes;
        let mut reader = BatchReader::new(file);
        let mut end_offset = base_offset;
        let mut has_news = false;
        while position < size {
            let batch = match reader.batch(position, size).during("read", &path)? {
                Ok((batch, _)) if batch.base_offset < end_offset => {
                    Err(format!("offset {} comes after {end_offset}", batch.base_offset))
                }
                Ok((batch, _))
                    if SegmentIndex::relative(base_offset, batch.last_offset()).is_none() =>
                {
                    Err(format!("offset {} is out of reach of its segment", batch.last_offset()))
                }
                Ok((batch, _)) => Ok(batch),
                Err(reason) => Err(reason),
            };
            match batch {
                Ok(batch) => {
                    index.note_batch(&batch, position, interval_bytes);
                    index.flush_if_many(&self.folder)?;
                    let epoch = batch.partition_leader_epoch;
                    // Formats before record batches have no epochs.
                    if epoch.known().is_some() {
                        let start_offset = batch.base_offset;
                        has_news |= self.epochs.learn(EpochEntry { epoch, start_offset });
                    }
                    end_offset = batch.next_offset();
                    position += batch.size_in_bytes() as u32;
                }
                Err(reason) if end_offset < self.recovery_point => {
                    return Err(StorageError::Corrupt {
                        segment: path,
                        position: u64::from(position),
                        reason,
                    });
                }
                Err(_) => break,
            }
        }
        if has_news {
            self.epochs.write(self.folder.file_system())?;
        }
        Ok(Recovered { end_offset, size: position, index })
    }
}
