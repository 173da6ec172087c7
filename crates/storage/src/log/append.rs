//! Appending: the producers' sequences are checked, and one write adds the batches to the active
//! segment, with offsets and leader epoch in copies of their headers.
//!
//! An append that fails leaves the log as it was; only when a write failed otherwise than for lack
//! of space, or cannot be taken back, is the log failed for good.

use std::io::IoSlice;

use model::{LeaderEpoch, Offset, Timestamp};
use records::{BatchBody, BatchHeader, ControlType, HEADER_LENGTH, UNCOMPRESSED_BYTES_MAX};

use super::Log;
use crate::error::{AppendError, StorageError};
use crate::file_names;
use crate::producer_state::{AppendOrigin, EndMarker, ProducerCheck};
use crate::segment::AppendFailure;
use crate::transaction_index::{self, AbortedTransaction};

/// How a leader appends.
#[derive(Debug, Clone, Copy)]
pub struct LeaderAppend {
    /// The leader's term.
    pub leader_epoch: LeaderEpoch,
    /// The clock.
    pub now: Timestamp,
    /// Where the batches come from.
    pub origin: AppendOrigin,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendInfo {
    /// The offset of the first record; of a duplicate, where the original is.
    pub base_offset: Offset,
    /// The offset of the last record.
    pub last_offset: Offset,
    /// The leader's timestamp for topics with `LogAppendTime`, else [`Timestamp::NONE`].
    pub log_append_time: Timestamp,
    /// Whether nothing was appended, as the batch is in the log already.
    pub is_duplicate: bool,
    /// The first offset of the log.
    pub log_start_offset: Offset,
    /// Bytes added.
    pub bytes: u64,
}

impl Log {
    /// Appends batches that a producer or coordinator gave this leader. `batches` are the headers of
    /// `records` in order, already validated with their CRCs. Offsets and leader epoch go into copies
    /// of the headers, which lie outside of the CRC, so that the records are written from where they
    /// were received; only append time, where the topic wants it, takes a copy of them.
    pub fn append_as_leader(
        &mut self,
        records: &[u8],
        batches: &[BatchHeader],
        append: LeaderAppend,
    ) -> Result<AppendInfo, AppendError> {
        self.check_alive()?;
        self.check_sizes(records.len(), batches, append.origin)?;
        self.check_leader_epoch(append.leader_epoch)?;
        let log_append_time =
            match self.config.log_append_time && append.origin == AppendOrigin::Client {
                true => append.now,
                false => Timestamp::NONE,
            };
        let placed = self.place(records, batches, append.leader_epoch, log_append_time)?;
        let check = self.producers.check(&placed, append.origin)?;
        let update = match check {
            ProducerCheck::Duplicate(original) => {
                return Ok(AppendInfo {
                    base_offset: original.first_offset(),
                    last_offset: original.last_offset,
                    log_append_time: if log_append_time == Timestamp::NONE {
                        log_append_time
                    } else {
                        original.timestamp
                    },
                    is_duplicate: true,
                    log_start_offset: self.log_start_offset,
                    bytes: 0,
                });
            }
            ProducerCheck::Accepted(update) => update,
        };
        let placed: Vec<BatchHeader> = placed.into_iter().map(|(batch, _)| batch).collect();
        if log_append_time == Timestamp::NONE {
            let headers = headers_anew(records, &placed)?;
            self.write(&with_headers(records, &placed, &headers), &placed, append.now)?;
        } else {
            let mut stamped = records.to_vec();
            stamp(&mut stamped, &placed, log_append_time)?;
            self.write(&[IoSlice::new(&stamped)], &placed, append.now)?;
        }
        self.apply_producers(update)?;
        Ok(self.info(&placed, records.len(), log_append_time))
    }

    /// Appends batches that the leader sent, with the offsets and epochs that they have. Batches of
    /// a term after `leader_epoch` are left out, as Kafka's followers do.
    pub fn append_as_follower(
        &mut self,
        records: &[u8],
        batches: &[BatchHeader],
        leader_epoch: LeaderEpoch,
        now: Timestamp,
    ) -> Result<AppendInfo, AppendError> {
        self.check_alive()?;
        let taken = batches.iter().take_while(|batch| batch.partition_leader_epoch <= leader_epoch);
        let batches = &batches[..taken.count()];
        let length = batches.iter().map(BatchHeader::size_in_bytes).sum();
        let records = records.get(..length).ok_or_else(|| {
            AppendError::Malformed(format!("{length} bytes promised, {} given", records.len()))
        })?;
        let mut log_end_offset = self.log_end_offset;
        for batch in batches {
            if batch.base_offset < log_end_offset {
                return Err(AppendError::UnexpectedOffset {
                    found: batch.base_offset,
                    log_end_offset,
                });
            }
            log_end_offset = batch.next_offset();
        }
        verify(records, batches)?;
        let marked = with_markers(records, batches)?;
        let update = match self.producers.check(&marked, AppendOrigin::Replication)? {
            ProducerCheck::Accepted(update) => update,
            ProducerCheck::Duplicate(_) => Default::default(),
        };
        if !batches.is_empty() {
            self.write(&[IoSlice::new(records)], batches, now)?;
            self.apply_producers(update)?;
        }
        Ok(self.info(batches, records.len(), Timestamp::NONE))
    }

    fn info(
        &self,
        batches: &[BatchHeader],
        bytes: usize,
        log_append_time: Timestamp,
    ) -> AppendInfo {
        let end = self.log_end_offset;
        AppendInfo {
            base_offset: batches.first().map_or(end, |batch| batch.base_offset),
            last_offset: batches.last().map_or(end.plus(-1), BatchHeader::last_offset),
            log_append_time,
            is_duplicate: false,
            log_start_offset: self.log_start_offset,
            bytes: bytes as u64,
        }
    }

    fn check_sizes(
        &self,
        length: usize,
        batches: &[BatchHeader],
        origin: AppendOrigin,
    ) -> Result<(), AppendError> {
        let promised: usize = batches.iter().map(BatchHeader::size_in_bytes).sum();
        if batches.is_empty() || promised != length {
            return Err(AppendError::Malformed(format!(
                "{} headers promise {promised} bytes, {length} given",
                batches.len()
            )));
        }
        let limit = u64::from(self.config.max_message_bytes);
        let sizes = batches.iter().map(|batch| batch.size_in_bytes() as u64);
        match sizes.max() {
            Some(size) if size > limit && origin == AppendOrigin::Client => {
                return Err(AppendError::BatchTooLarge { size, limit });
            }
            _ => {}
        }
        let (size, limit) = (length as u64, u64::from(self.config.segment_bytes));
        if size > limit {
            return Err(AppendError::LargerThanSegment { size, limit });
        }
        Ok(())
    }

    fn check_leader_epoch(&self, found: LeaderEpoch) -> Result<(), AppendError> {
        match self.latest_epoch() {
            Some(latest) if found < latest => Err(AppendError::StaleLeaderEpoch { latest, found }),
            _ => Ok(()),
        }
    }

    /// The headers as they will be in the log, with the markers of control batches.
    fn place(
        &self,
        records: &[u8],
        batches: &[BatchHeader],
        leader_epoch: LeaderEpoch,
        log_append_time: Timestamp,
    ) -> Result<Vec<(BatchHeader, Option<EndMarker>)>, AppendError> {
        let mut placed = with_markers(records, batches)?;
        let mut next_offset = self.log_end_offset;
        for (batch, _) in &mut placed {
            batch.base_offset = next_offset;
            batch.partition_leader_epoch = leader_epoch;
            if log_append_time != Timestamp::NONE {
                batch.max_timestamp = log_append_time;
            }
            next_offset = match next_offset
                .get()
                .checked_add(i64::from(batch.last_offset_delta) + 1)
            {
                Some(next) => Offset::new(next),
                None => {
                    return Err(AppendError::Malformed("the log has no offsets left".to_owned()));
                }
            };
        }
        Ok(placed)
    }

    fn write(
        &mut self,
        records: &[IoSlice<'_>],
        batches: &[BatchHeader],
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else { return Ok(()) };
        let bytes: u64 = records.iter().map(|slice| slice.len() as u64).sum();
        self.roll_if_needed(bytes, batches, first, last, now)?;
        for batch in batches {
            let (epoch, start) = (batch.partition_leader_epoch, batch.base_offset);
            self.epochs.assign(self.folder.file_system(), epoch, start)?;
        }
        let (active, folder) = self.active_mut();
        match active.append(folder, records, batches) {
            Ok(()) => {}
            Err(AppendFailure::Refused(error)) => return Err(error.into()),
            Err(AppendFailure::Undone(error)) if error.is_transient() => return Err(error.into()),
            Err(AppendFailure::Undone(error) | AppendFailure::Broken(error)) => {
                return Err(self.fail(error).into());
            }
        }
        self.log_end_offset = last.next_offset();
        self.bytes_since_recovery_point += bytes;
        self.remember_end();
        Ok(())
    }

    fn roll_if_needed(
        &mut self,
        bytes: u64,
        batches: &[BatchHeader],
        first: &BatchHeader,
        last: &BatchHeader,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let active = self.active();
        let largest = batches.iter().map(|batch| batch.max_timestamp).max();
        let waited_ms = active.waited_ms(&self.folder, now, largest.unwrap_or(now))?;
        let jitter_ms = self.config.jitter_ms(self.jitter_seed, active.base_offset().get());
        let too_old = active.size() > 0 && waited_ms > self.config.roll_ms() - jitter_ms;
        let full = active.is_full_for(
            &self.folder,
            bytes,
            last.last_offset(),
            self.config.segment_bytes,
        )?;
        if too_old || full { self.roll_at(first.base_offset, now) } else { Ok(()) }
    }

    fn apply_producers(
        &mut self,
        update: crate::producer_state::ProducerUpdate,
    ) -> Result<(), StorageError> {
        let aborted = self.producers.apply(update, self.log_end_offset);
        for (completed, last_stable_offset) in aborted {
            let base_offset = self.active().base_offset();
            let path = self.folder.file_path(base_offset, file_names::TRANSACTION_INDEX);
            let entry = AbortedTransaction::new(&completed, last_stable_offset);
            // The marker is in the log already; without its entry readers would see aborted records.
            transaction_index::append(self.folder.file_system(), &path, &entry)
                .map_err(|error| self.fail(error))?;
            if self.unsynced_transactions.last() != Some(&base_offset) {
                self.unsynced_transactions.push(base_offset);
            }
            self.name_changes += 1;
        }
        Ok(())
    }
}

/// The bytes of the headers with offset and leader epoch as they are in the log.
fn headers_anew(
    records: &[u8],
    placed: &[BatchHeader],
) -> Result<Vec<[u8; HEADER_LENGTH]>, AppendError> {
    let mut rest = records;
    let mut headers = Vec::with_capacity(placed.len());
    for batch in placed {
        let Some(mut header) = rest.first_chunk::<HEADER_LENGTH>().copied() else {
            return Err(AppendError::Malformed("a batch is cut off".to_owned()));
        };
        records::patch_base_offset_and_epoch(
            &mut header,
            batch.base_offset,
            batch.partition_leader_epoch,
        )
        .map_err(|error| AppendError::Malformed(error.to_string()))?;
        headers.push(header);
        rest = rest.get(batch.size_in_bytes()..).unwrap_or_default();
    }
    Ok(headers)
}

/// The batches as they are written: each header anew, the rest as it came.
fn with_headers<'a>(
    records: &'a [u8],
    placed: &[BatchHeader],
    headers: &'a [[u8; HEADER_LENGTH]],
) -> Vec<IoSlice<'a>> {
    let mut rest = records;
    let mut slices = Vec::with_capacity(2 * placed.len());
    for (batch, header) in placed.iter().zip(headers) {
        let (bytes, after) = rest.split_at(batch.size_in_bytes());
        slices.push(IoSlice::new(header));
        slices.push(IoSlice::new(&bytes[HEADER_LENGTH..]));
        rest = after;
    }
    slices
}

/// Puts offsets, leader epoch and append time into the bytes.
fn stamp(
    records: &mut [u8],
    placed: &[BatchHeader],
    log_append_time: Timestamp,
) -> Result<(), AppendError> {
    let mut rest = records;
    for batch in placed {
        let (bytes, after) = rest.split_at_mut(batch.size_in_bytes());
        let (offset, epoch) = (batch.base_offset, batch.partition_leader_epoch);
        records::patch_base_offset_and_epoch(bytes, offset, epoch)
            .and_then(|()| records::patch_log_append_time(bytes, log_append_time))
            .map_err(|error| AppendError::Malformed(error.to_string()))?;
        rest = after;
    }
    Ok(())
}

/// Checks what came over the network from a leader.
fn verify(records: &[u8], batches: &[BatchHeader]) -> Result<(), AppendError> {
    let mut rest = records;
    for batch in batches {
        records::verify_crc(rest).map_err(|error| AppendError::Malformed(error.to_string()))?;
        rest = rest.get(batch.size_in_bytes()..).unwrap_or_default();
    }
    Ok(())
}

/// The headers with what the markers among them say.
fn with_markers(
    records: &[u8],
    batches: &[BatchHeader],
) -> Result<Vec<(BatchHeader, Option<EndMarker>)>, AppendError> {
    let mut position = 0;
    let mut marked = Vec::with_capacity(batches.len());
    for batch in batches {
        let end = position + batch.size_in_bytes();
        let marker = match records.get(position..end) {
            Some(bytes) if batch.is_control() => {
                end_marker(bytes).map_err(AppendError::Malformed)?
            }
            Some(_) => None,
            None => return Err(AppendError::Malformed("a batch is cut off".to_owned())),
        };
        marked.push((*batch, marker));
        position = end;
    }
    Ok(marked)
}

/// What the marker in a control batch says; `None` for other control records.
pub(super) fn end_marker(batch: &[u8]) -> Result<Option<EndMarker>, String> {
    let body =
        BatchBody::decode(batch, UNCOMPRESSED_BYTES_MAX).map_err(|error| error.to_string())?;
    let Some(record) = body.records().next() else { return Ok(None) };
    let record = record.map_err(|error| error.to_string())?;
    let is_abort = match record.key.and_then(records::control_type) {
        Some(ControlType::Abort) => true,
        Some(ControlType::Commit) => false,
        _ => return Ok(None),
    };
    // The value is a version (2 bytes) and the epoch of the transaction coordinator.
    let epoch =
        record.value.and_then(|value| value.get(2..6)).and_then(|epoch| epoch.try_into().ok());
    let coordinator_epoch =
        epoch.map(i32::from_be_bytes).ok_or("a transaction marker without epoch")?;
    Ok(Some(EndMarker { is_abort, coordinator_epoch, timestamp: record.timestamp }))
}
