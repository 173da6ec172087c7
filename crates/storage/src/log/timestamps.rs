//! Offsets by time, for ListOffsets.

use model::{LeaderEpoch, Offset, Timestamp};
use records::{BatchBody, BatchHeader, TimestampType, UNCOMPRESSED_BYTES_MAX};

use super::Log;
use crate::batch_scanner::BatchScanner;
use crate::error::StorageError;
use crate::segment::Segment;

/// A record found by its timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampAndOffset {
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// Its offset.
    pub offset: Offset,
    /// The leader epoch of its batch.
    pub leader_epoch: LeaderEpoch,
}

impl Log {
    /// The first record whose timestamp is at least `timestamp`.
    pub fn offset_for_timestamp(
        &self,
        timestamp: Timestamp,
    ) -> Result<Option<TimestampAndOffset>, StorageError> {
        self.check_alive()?;
        for (index, segment) in self.segments.iter().enumerate() {
            let ends_before_start = self
                .segments
                .get(index + 1)
                .is_some_and(|next| next.base_offset() <= self.log_start_offset);
            if segment.size() == 0 || ends_before_start {
                continue;
            }
            if segment.largest_timestamp(&self.folder)?.timestamp >= timestamp
                && let Some(found) = self.search_segment(segment, timestamp)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn search_segment(
        &self,
        segment: &Segment,
        timestamp: Timestamp,
    ) -> Result<Option<TimestampAndOffset>, StorageError> {
        let start = self.log_start_offset;
        let position = segment.position_for_timestamp(&self.folder, timestamp, start)?;
        let mut scanner = segment.scan(&self.folder, position)?;
        while let Some((position, batch)) = scanner.next_batch()? {
            if batch.max_timestamp < timestamp || batch.last_offset() < start {
                continue;
            }
            let matches =
                |found: &TimestampAndOffset| found.timestamp >= timestamp && found.offset >= start;
            let found = self.find_record(segment, &scanner, position, &batch, matches)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The record with the largest timestamp of the log, the first of several.
    pub fn max_timestamp_offset(&self) -> Result<Option<TimestampAndOffset>, StorageError> {
        self.check_alive()?;
        let mut latest: Option<(&Segment, Timestamp, Offset)> = None;
        for segment in self.segments.iter().filter(|segment| segment.size() > 0) {
            let largest = segment.largest_timestamp(&self.folder)?;
            if latest.is_none_or(|(_, timestamp, _)| largest.timestamp > timestamp) {
                latest = Some((segment, largest.timestamp, largest.offset));
            }
        }
        let Some((segment, timestamp, offset)) = latest else { return Ok(None) };
        let Some(at) = segment.locate(&self.folder, offset)? else { return Ok(None) };
        let mut scanner = segment.scan(&self.folder, at.position)?;
        while let Some((position, batch)) = scanner.next_batch()? {
            if batch.max_timestamp == timestamp {
                let matches = |found: &TimestampAndOffset| found.timestamp == timestamp;
                return self.find_record(segment, &scanner, position, &batch, matches);
            }
        }
        Ok(None)
    }

    fn find_record(
        &self,
        segment: &Segment,
        scanner: &BatchScanner,
        position: u32,
        batch: &BatchHeader,
        matches: impl Fn(&TimestampAndOffset) -> bool,
    ) -> Result<Option<TimestampAndOffset>, StorageError> {
        let leader_epoch = batch.partition_leader_epoch;
        // All records of such a batch have its timestamp, so that it need not be read.
        // An old format's wrapper does not tell its first offset.
        let has_one_time = batch.timestamp_type() == TimestampType::LogAppendTime;
        if has_one_time && batch.old_format().is_none() {
            let offset = batch.base_offset.max(self.log_start_offset);
            let found = TimestampAndOffset { timestamp: batch.max_timestamp, offset, leader_epoch };
            return Ok(Some(found).filter(matches));
        }
        let corrupt = |error: records::BatchError| StorageError::Corrupt {
            segment: self.log_path(segment),
            position: u64::from(position),
            reason: error.to_string(),
        };
        let bytes = scanner.read_batch(position, batch)?;
        let body = BatchBody::decode(&bytes, UNCOMPRESSED_BYTES_MAX).map_err(corrupt)?;
        for record in body.records() {
            let record = record.map_err(corrupt)?;
            let (timestamp, offset) = (record.timestamp, record.offset);
            let found = TimestampAndOffset { timestamp, offset, leader_epoch };
            if matches(&found) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
