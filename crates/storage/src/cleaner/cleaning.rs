//! One cleaning of a log, from the picture that was taken of it to the segments that replace others.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use model::{Clock, Offset, ProducerEpoch, ProducerId, Timestamp};
use records::{
    BatchError, BatchHeader, FilteredBatch, RecordView, UNCOMPRESSED_BYTES_MAX, filter_batch,
    to_record_batch, write_empty_batch,
};

use super::segment_writer::{NewSegment, SegmentWriter};
use super::source::Source;
use super::transactions::{Marker, OpenTransactions};
use super::{CleanError, OffsetMap, Pace};
use crate::batch_reader::BatchReader;
use crate::error::{IoContext, StorageError};
use crate::file_names::LOG;
use crate::fs::OpenMode;
use crate::log_config::LogConfig;
use crate::transaction_index::AbortedTransaction;

/// The last that is remembered of a producer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProducerEnd {
    pub(crate) last_offset: Option<Offset>,
    /// The last that no crash can take: what comes after it may be lost and sent again.
    pub(crate) last_safe_offset: Option<Offset>,
    pub(crate) epoch: ProducerEpoch,
}

/// A segment as it was when the cleaning began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceSegment {
    pub(crate) base_offset: Offset,
    pub(crate) size: u32,
    /// The base offset of the segment after it.
    pub(crate) next_base: Offset,
    pub(crate) created: Timestamp,
}

/// A log as it was when the cleaning began.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) source: Source,
    pub(crate) config: Arc<LogConfig>,
    /// The segments that may be cleaned, from the first of the log on.
    pub(crate) segments: Vec<SourceSegment>,
    pub(crate) first_dirty: Offset,
    pub(crate) high_watermark: Offset,
    /// By first offset.
    pub(crate) aborted: Arc<[AbortedTransaction]>,
    pub(crate) producers: HashMap<ProducerId, ProducerEnd>,
    pub(crate) truncations: u64,
    pub(crate) clock: Clock,
}

/// What a cleaning did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct CleaningReport {
    /// Bytes read to find the latest offset of each key, and to copy.
    pub bytes_read: u64,
    /// Bytes of the segments that were written.
    pub bytes_written: u64,
    /// Records that were looked at to be copied.
    pub records_read: u64,
    /// Records that stayed.
    pub records_kept: u64,
    /// Keys that the map took.
    pub keys: u64,
}

/// A cleaning on its way.
#[derive(Debug)]
pub struct Cleaning {
    picture: Picture,
    io_bytes: usize,
    /// The end of what the map covers.
    end: Offset,
    /// How many segments were taken into groups, and the transactions that are open after them.
    taken: usize,
    transactions: OpenTransactions,
    report: CleaningReport,
}

/// Segments that were written to take the place of others. Dropped without that, they are removed.
#[derive(Debug)]
pub struct CleanedGroup {
    pub(crate) source: Source,
    pub(crate) old: Vec<SourceSegment>,
    /// Ascending by base offset.
    pub(crate) new: Vec<NewSegment>,
    pub(crate) truncations: u64,
}

impl Drop for CleanedGroup {
    fn drop(&mut self) {
        let paths: Vec<PathBuf> =
            self.new.iter().flat_map(|segment| segment.cleaned_paths(&self.source)).collect();
        remove_or_tell(&self.source, &paths);
    }
}

fn remove_or_tell(source: &Source, paths: &[PathBuf]) {
    if let Err(CleanError::Storage(error)) = source.remove(paths) {
        tracing::warn!(%error, "files of a cleaning that was given up stay until the next");
    }
}

impl Cleaning {
    pub(crate) fn new(picture: Picture, io_bytes: usize) -> Self {
        let (end, report) = (picture.first_dirty, CleaningReport::default());
        let transactions = OpenTransactions::new(Arc::clone(&picture.aborted));
        Self { picture, io_bytes, end, taken: 0, transactions, report }
    }

    /// What was done so far.
    pub fn report(&self) -> CleaningReport {
        self.report
    }

    /// Everything before this offset is clean once all groups are in their places.
    pub fn end_offset(&self) -> Offset {
        self.end
    }

    /// Finds the latest offset of each key, up to where the map is full.
    pub fn fill(&mut self, map: &mut OffsetMap, pace: Pace<'_>) -> Result<(), CleanError> {
        self.picture.source.remove_leftovers()?;
        map.clear();
        let mut transactions = OpenTransactions::new(Arc::clone(&self.picture.aborted));
        let first_dirty = self.picture.first_dirty;
        for segment in &self.picture.segments {
            if segment.next_base <= first_dirty {
                continue;
            }
            let mut full_at = None;
            let read =
                read_batches(&self.picture, *segment, self.io_bytes, pace, |header, bytes| {
                    if header.is_control() {
                        transactions.pass_control(header, bytes)?;
                        return Ok(Next::Batch);
                    }
                    if transactions.pass_batch(header) || header.last_offset() < first_dirty {
                        return Ok(Next::Batch);
                    }
                    filter_batch(bytes, UNCOMPRESSED_BYTES_MAX, |record| {
                        let key = record.key.filter(|_| record.offset >= first_dirty);
                        if full_at.is_none() && key.is_some_and(|key| !map.put(key, record.offset))
                        {
                            full_at = Some(record.offset);
                        }
                        false
                    })
                    .map_err(|error| error.to_string())?;
                    Ok(if full_at.is_some() { Next::End } else { Next::Batch })
                })?;
            self.report.bytes_read += read;
            self.end = full_at.unwrap_or(segment.next_base);
            if full_at.is_some() {
                break;
            }
        }
        self.report.keys = map.len() as u64;
        Ok(())
    }

    /// Copies the next segments without what is outdated; `None` when there are no more.
    pub fn next_group(
        &mut self,
        map: &OffsetMap,
        pace: Pace<'_>,
    ) -> Result<Option<CleanedGroup>, CleanError> {
        let old = self.take_group();
        let Some(first) = old.first() else { return Ok(None) };
        let created = old.iter().map(|segment| segment.created).max().unwrap_or(first.created);
        let mut copy = Copy {
            picture: &self.picture,
            transactions: &mut self.transactions,
            map,
            end: self.end,
            io_bytes: self.io_bytes,
            created,
            writer: None,
            new: Vec::new(),
            out: Vec::new(),
            report: &mut self.report,
        };
        match copy.run(&old, pace) {
            Ok(new) => Ok(Some(CleanedGroup {
                source: self.picture.source.clone(),
                old,
                new,
                truncations: self.picture.truncations,
            })),
            Err(error) => {
                copy.remove_files();
                Err(error)
            }
        }
    }

    /// The next segments that fit into one, as they are now.
    fn take_group(&mut self) -> Vec<SourceSegment> {
        let segments = self.picture.segments.get(self.taken..).unwrap_or_default();
        let segments = segments.iter().take_while(|segment| segment.base_offset < self.end);
        let mut group: Vec<SourceSegment> = Vec::new();
        let mut size = 0;
        for segment in segments {
            size += u64::from(segment.size);
            let fits = group.first().is_none_or(|first| {
                let range = segment.next_base.since(first.base_offset) - 1;
                size <= u64::from(self.picture.config.segment_bytes)
                    && (segment.size == 0 || range <= i64::from(i32::MAX))
            });
            if !fits {
                break;
            }
            group.push(*segment);
        }
        self.taken += group.len();
        group
    }
}

/// Whether to go on with the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Batch,
    End,
}

/// Why work on a batch failed.
enum BatchFailure {
    /// The batch is not what it should be.
    Damaged(String),
    Other(CleanError),
}

impl From<String> for BatchFailure {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

impl From<CleanError> for BatchFailure {
    fn from(error: CleanError) -> Self {
        Self::Other(error)
    }
}

/// Works on each batch of a segment, verified; returns the bytes read.
fn read_batches(
    picture: &Picture,
    segment: SourceSegment,
    io_bytes: usize,
    pace: Pace<'_>,
    mut work: impl FnMut(&BatchHeader, &[u8]) -> Result<Next, BatchFailure>,
) -> Result<u64, CleanError> {
    let path = picture.source.file_path(segment.base_offset, LOG);
    let file = picture.source.open(&path, OpenMode::Read)?;
    let mut reader = BatchReader::with_buffer(&file, io_bytes);
    let (mut position, mut unpaced) = (0, 0);
    while position < segment.size {
        let corrupt = |reason| StorageError::Corrupt {
            segment: path.clone(),
            position: u64::from(position),
            reason,
        };
        let (header, bytes) = match reader.batch(position, segment.size).during("read", &path)? {
            Ok(batch) => batch,
            Err(reason) => return Err(corrupt(reason).into()),
        };
        let next = work_on(&header, bytes, &mut work).map_err(|failure| match failure {
            BatchFailure::Damaged(reason) => corrupt(reason).into(),
            BatchFailure::Other(error) => error,
        })?;
        position += header.size_in_bytes() as u32;
        unpaced += header.size_in_bytes();
        if unpaced >= io_bytes {
            spend(pace, unpaced as u64)?;
            unpaced = 0;
        }
        if next == Next::End {
            break;
        }
    }
    spend(pace, unpaced as u64)?;
    Ok(u64::from(position))
}

/// Works on a batch; what older formats have is taken for the record batch that it becomes.
fn work_on(
    header: &BatchHeader,
    bytes: &[u8],
    work: &mut impl FnMut(&BatchHeader, &[u8]) -> Result<Next, BatchFailure>,
) -> Result<Next, BatchFailure> {
    if header.old_format().is_none() {
        return work(header, bytes);
    }
    let damaged = |error: BatchError| BatchFailure::Damaged(error.to_string());
    let batch = to_record_batch(bytes, UNCOMPRESSED_BYTES_MAX).map_err(damaged)?;
    work(&BatchHeader::parse(&batch).map_err(damaged)?, &batch)
}

fn spend(pace: Pace<'_>, bytes: u64) -> Result<(), CleanError> {
    match pace(bytes) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(CleanError::Stopped),
    }
}

/// The copying of one group.
struct Copy<'a> {
    picture: &'a Picture,
    transactions: &'a mut OpenTransactions,
    map: &'a OffsetMap,
    /// The map knows nothing of records from here on.
    end: Offset,
    io_bytes: usize,
    created: Timestamp,
    writer: Option<SegmentWriter>,
    new: Vec<NewSegment>,
    /// What is left of the batch at hand.
    out: Vec<u8>,
    report: &'a mut CleaningReport,
}

impl Copy<'_> {
    fn run(
        &mut self,
        old: &[SourceSegment],
        pace: Pace<'_>,
    ) -> Result<Vec<NewSegment>, CleanError> {
        self.begin_segment(old[0].base_offset)?;
        for segment in old {
            let mut written = 0;
            let read =
                read_batches(self.picture, *segment, self.io_bytes, pace, |header, bytes| {
                    let aborted = self.filter(header, bytes)?;
                    self.write(aborted)?;
                    if let Some(writer) = &mut self.writer {
                        written += writer.flush_if(self.io_bytes)?;
                    }
                    Ok(Next::Batch)
                })?;
            self.report.bytes_read += read;
            self.report.bytes_written += written;
            spend(pace, written)?;
        }
        self.end_segment()?;
        Ok(std::mem::take(&mut self.new))
    }

    fn begin_segment(&mut self, base_offset: Offset) -> Result<(), CleanError> {
        let limits = self.picture.config.index_limits();
        self.writer = Some(SegmentWriter::create(&self.picture.source, base_offset, limits)?);
        Ok(())
    }

    fn end_segment(&mut self) -> Result<(), CleanError> {
        if let Some(writer) = &mut self.writer {
            self.report.bytes_written += writer.flush_if(0)?;
            self.new.push(writer.finish(&self.picture.source, self.created)?);
        }
        self.writer = None;
        Ok(())
    }

    fn remove_files(&mut self) {
        let source = &self.picture.source;
        let mut paths: Vec<PathBuf> =
            self.new.iter().flat_map(|segment| segment.cleaned_paths(source)).collect();
        paths.extend(self.writer.iter().flat_map(|writer| writer.paths(source)));
        remove_or_tell(source, &paths);
    }

    /// Leaves in `out` what stays of a batch; returns the aborted transaction whose marker it is.
    fn filter(
        &mut self,
        header: &BatchHeader,
        bytes: &[u8],
    ) -> Result<Option<AbortedTransaction>, BatchFailure> {
        self.out.clear();
        let (mut aborted, mut marker_may_go) = (None, false);
        let discards = if header.is_control() {
            match self.transactions.pass_control(header, bytes)? {
                Marker::Stays => {}
                Marker::StaysAborted(transaction) => aborted = Some(transaction),
                Marker::MayGo => marker_may_go = true,
            }
            marker_may_go && self.picture.has_passed_horizon(header)
        } else {
            self.transactions.pass_batch(header)
        };
        let is_needed = self.is_needed(header);
        if discards && !is_needed {
            return Ok(aborted);
        }
        let stays = |record: &RecordView<'_>| match (discards, header.is_control()) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => self.stays(header, record),
        };
        let filtered = filter_batch(bytes, UNCOMPRESSED_BYTES_MAX, stays)
            .map_err(|error| error.to_string())?;
        self.report.records_read += u64::try_from(header.record_count).unwrap_or(0);
        self.report.records_kept += filtered.len() as u64;
        let out = &mut self.out;
        let written = if !filtered.is_empty() {
            filtered.write(self.picture.new_horizon(header, &filtered, marker_may_go), out)
        } else if is_needed {
            write_empty_batch(header, out)
        } else {
            Ok(())
        };
        written.map_err(|error| error.to_string())?;
        Ok(aborted)
    }

    /// Whether a batch stays even without records.
    fn is_needed(&self, batch: &BatchHeader) -> bool {
        let producer = self.picture.producers.get(&batch.producer_id);
        let is_last_of_producer = producer.is_some_and(|end| match end.last_offset {
            Some(last_offset) => {
                let offset = batch.last_offset();
                offset == last_offset || Some(offset) == end.last_safe_offset
            }
            // All that is known of it is the epoch in its last marker.
            None => batch.is_control() && batch.producer_epoch == end.epoch,
        });
        (batch.has_producer_id() && is_last_of_producer)
            || batch.next_offset() == self.picture.high_watermark
    }

    fn stays(&self, batch: &BatchHeader, record: &RecordView<'_>) -> bool {
        if record.offset >= self.end {
            return true;
        }
        let Some(key) = record.key else { return false };
        let is_latest = self.map.get(key).is_none_or(|latest| record.offset >= latest);
        is_latest && (record.value.is_some() || !self.picture.has_passed_horizon(batch))
    }

    /// Adds what is in `out` to the new segment, or to another where that is full.
    fn write(&mut self, aborted: Option<AbortedTransaction>) -> Result<(), BatchFailure> {
        if !self.out.is_empty() {
            let header = BatchHeader::parse(&self.out).map_err(|error| error.to_string())?;
            if self.writer.as_ref().is_some_and(|writer| writer.is_full_for(&header)) {
                self.end_segment()?;
                self.begin_segment(header.base_offset)?;
            }
            if let Some(writer) = &mut self.writer {
                writer.push(&header, &self.out);
            }
        }
        if let (Some(aborted), Some(writer)) = (aborted, &mut self.writer) {
            writer.push_aborted(aborted);
        }
        Ok(())
    }
}

impl Picture {
    /// Whether tombstones and markers of a batch have stayed for long enough. A clock that jumped
    /// ahead has not made it longer.
    fn has_passed_horizon(&self, batch: &BatchHeader) -> bool {
        let retention_ms = self.config.delete_retention_ms;
        batch.delete_horizon().is_some_and(|horizon| {
            let age_ms = self.clock.age_ms(horizon.plus_ms(-retention_ms));
            horizon <= self.clock.now() && age_ms.is_some_and(|age_ms| age_ms >= retention_ms)
        })
    }

    /// The delete horizon that a batch is given now, if it needs one and has none.
    fn new_horizon(
        &self,
        batch: &BatchHeader,
        filtered: &FilteredBatch<'_>,
        marker_may_go: bool,
    ) -> Option<Timestamp> {
        let needs = filtered.has_tombstones() || marker_may_go;
        (needs && batch.delete_horizon().is_none())
            .then(|| self.clock.now().plus_ms(self.config.delete_retention_ms))
    }
}
