//! What a reader asks of a partition, and what it gets.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset, Timestamp};
use protocol::{Chunk, FileRange, FileRegion, Records};
use storage::{
    AbortedTransaction, FileSlice, FirstBatch, Log, ReadError, ReadResult, SegmentFile,
    StorageError,
};
use tracing::{debug, error};

use super::{Partition, State, View};

/// Which records a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Everything committed.
    ReadUncommitted,
    /// Nothing of open transactions, nor what comes after them.
    ReadCommitted,
}

impl Isolation {
    /// The number in a request; any other than 1 counts as Kafka's default.
    pub(crate) fn from_wire(level: i8) -> Self {
        if level == 1 { Self::ReadCommitted } else { Self::ReadUncommitted }
    }
}

/// What a fetch wants of the partition.
#[derive(Debug)]
pub(crate) struct ReadRequest {
    pub(crate) offset: Offset,
    pub(crate) bytes_max: u64,
    pub(crate) at_least_one_batch: bool,
    pub(crate) isolation: Isolation,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) last_fetched_epoch: LeaderEpoch,
}

/// What a fetch gets.
#[derive(Debug, Clone)]
pub(crate) struct PartitionRead {
    pub(crate) records: Records,
    pub(crate) high_watermark: Offset,
    pub(crate) last_stable_offset: Offset,
    pub(crate) log_start_offset: Offset,
    /// Where the reader's log has left this one (KIP-595).
    pub(crate) diverging: Option<(LeaderEpoch, Offset)>,
    /// The aborted transactions among the records, for a reader of committed ones.
    pub(crate) aborted: Option<Vec<AbortedTransaction>>,
}

impl PartitionRead {
    pub(super) fn empty(view: &View, isolation: Isolation) -> Self {
        Self {
            records: Records::Bytes(Bytes::new()),
            high_watermark: view.high_watermark,
            last_stable_offset: view.last_stable_offset,
            log_start_offset: view.log_start_offset,
            diverging: None,
            aborted: (isolation == Isolation::ReadCommitted).then(Vec::new),
        }
    }
}

/// An offset with what ListOffsets tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffsetAt {
    pub(crate) offset: Offset,
    pub(crate) timestamp: Timestamp,
    pub(crate) leader_epoch: LeaderEpoch,
}

impl Partition {
    /// Reads what a fetch wants, if that takes no wait for the disk or for whoever works on the log.
    pub(crate) fn read_at_once(
        &self,
        request: &ReadRequest,
    ) -> Option<Result<PartitionRead, ErrorCode>> {
        let view = self.view();
        if let Err(error) = view.check_open().and_then(|()| view.check_epoch(request.leader_epoch))
        {
            return Some(Err(error));
        }
        // A reader at the end of what it may see: the most frequent answer by far.
        let at_the_end = request.offset == view.end(request.isolation);
        if at_the_end && request.last_fetched_epoch.known().is_none_or(|e| e == view.leader_epoch) {
            return Some(Ok(PartitionRead::empty(&view, request.isolation)));
        }
        if !view.is_recent(request.offset) {
            return None;
        }
        // What is recent was verified when it was appended.
        let found = {
            let state = self.state.try_read()?;
            self.find_in(&state, request)
        };
        Some(found.map(|(read, found)| self.give(read, found)))
    }

    /// Reads what a fetch wants, verified; may wait for the disk.
    pub(crate) fn read(&self, request: &ReadRequest) -> Result<PartitionRead, ErrorCode> {
        let (read, mut found) = self.find(request)?;
        // Outside of the lock, as it may take a while.
        if let Some(found) = &mut found {
            self.verify(found)?;
        }
        Ok(self.give(read, found))
    }

    fn verify(&self, found: &mut ReadResult) -> Result<(), ErrorCode> {
        let damage = found.verify().map_err(|error| {
            let segment = self.log(|log| log.segment_path(found.segment_base_offset));
            error!(segment = %segment.display(), position = found.position, %error, "read failed");
            ErrorCode::KafkaStorageError
        })?;
        let Some(damage) = damage else { return Ok(()) };
        let segment = self.log(|log| log.segment_path(damage.segment_base_offset));
        self.note_damage(&segment, damage.position, damage.offset, &damage.reason);
        if found.slices.is_empty() { Err(ErrorCode::CorruptMessage) } else { Ok(()) }
    }

    /// Reads for somebody who verifies each batch and knows what to do without a damaged one.
    pub(crate) fn read_unverified(
        &self,
        request: &ReadRequest,
    ) -> Result<PartitionRead, ErrorCode> {
        let (read, found) = self.find(request)?;
        Ok(self.give(read, found))
    }

    fn find(
        &self,
        request: &ReadRequest,
    ) -> Result<(PartitionRead, Option<ReadResult>), ErrorCode> {
        self.find_in(&self.state.read(), request)
    }

    fn find_in(
        &self,
        state: &State,
        request: &ReadRequest,
    ) -> Result<(PartitionRead, Option<ReadResult>), ErrorCode> {
        let view = View::of(state);
        view.check_open()?;
        view.check_epoch(request.leader_epoch)?;
        let mut read = PartitionRead::empty(&view, request.isolation);
        if let Some(epoch) = request.last_fetched_epoch.known() {
            read.diverging = diverging(&state.log, epoch, request.offset)?;
            if read.diverging.is_some() {
                read.aborted = None;
                return Ok((read, None));
            }
        }
        let first =
            if request.at_least_one_batch { FirstBatch::Whole } else { FirstBatch::MayBeCut };
        let bound = view.end(request.isolation);
        let found = state.log.read(request.offset, request.bytes_max, bound, first);
        let found = found.map_err(|error| self.explain(&error, request.offset))?;
        if request.isolation == Isolation::ReadCommitted {
            let aborted = state.log.aborted_in(&found, bound);
            read.aborted =
                Some(aborted.map_err(|error| self.explain(&error.into(), request.offset))?);
        }
        Ok((read, Some(found)))
    }

    fn give(&self, mut read: PartitionRead, found: Option<ReadResult>) -> PartitionRead {
        if let Some(found) = found.filter(|found| !found.slices.is_empty()) {
            self.read_bytes.fetch_add(found.size_in_bytes(), Ordering::Relaxed);
            read.records = Records::Chunks(found.slices.into_iter().map(chunk).collect());
        }
        read
    }

    pub(super) fn explain(&self, error: &ReadError, offset: Offset) -> ErrorCode {
        match error {
            ReadError::Storage(StorageError::Corrupt { segment, position, reason }) => {
                self.note_damage(segment, *position, offset, reason);
            }
            ReadError::OffsetOutOfRange { .. } => {
                debug!(partition = %self.topic_partition, %error, "fetch refused");
            }
            ReadError::Storage(_) => {
                error!(partition = %self.topic_partition, %error, "read failed")
            }
        }
        error.code()
    }
}

fn diverging(
    log: &Log,
    epoch: LeaderEpoch,
    offset: Offset,
) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
    match log.end_offset_for_epoch(epoch) {
        // Whoever read in an epoch that this log never had, or before where it begins, has to ask
        // where to go on.
        None => Err(ErrorCode::OffsetOutOfRange),
        Some(_) if offset < log.log_start_offset() => Err(ErrorCode::OffsetOutOfRange),
        Some((found, end)) if found < epoch || end < offset => Ok(Some((found, end))),
        Some(_) => Ok(None),
    }
}

/// A segment's file as the protocol's chunks take it.
#[derive(Debug)]
struct SegmentRegion(SegmentFile);

impl FileRegion for SegmentRegion {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read_at(position, buffer)
    }

    fn file(&self) -> Option<&std::fs::File> {
        self.0.file()
    }
}

fn chunk(slice: FileSlice) -> Chunk {
    Chunk::File(FileRange {
        file: Arc::new(SegmentRegion(slice.file)),
        position: slice.position,
        length: slice.length,
    })
}
