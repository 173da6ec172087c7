//! A partition in numbers, for whoever watches the node.

use std::sync::atomic::Ordering;

use model::{ErrorCode, Offset};

use super::Partition;

/// A partition in numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartitionFigures {
    pub(crate) log_start_offset: Offset,
    pub(crate) log_end_offset: Offset,
    pub(crate) high_watermark: Offset,
    pub(crate) size_bytes: u64,
    pub(crate) segments: usize,
    /// Since this process opened the log, as are the next two.
    pub(crate) appended_records: u64,
    pub(crate) appended_bytes: u64,
    pub(crate) read_bytes: u64,
    /// Damaged batches that readers met.
    pub(crate) damaged_batches: usize,
    pub(crate) has_failed: bool,
}

impl Partition {
    /// The partition in numbers. Waits for whoever works on the log.
    pub(crate) fn figures(&self) -> PartitionFigures {
        let state = self.state.read();
        PartitionFigures {
            log_start_offset: state.log.log_start_offset(),
            log_end_offset: state.log.log_end_offset(),
            high_watermark: state.leader.high_watermark(),
            size_bytes: state.log.size_in_bytes(),
            segments: state.log.number_of_segments(),
            appended_records: state.appended_records,
            appended_bytes: state.appended_bytes,
            read_bytes: self.read_bytes.load(Ordering::Relaxed),
            damaged_batches: self.damages.count(),
            has_failed: state.log.failure().is_some()
                || state.closed == Some(ErrorCode::KafkaStorageError),
        }
    }
}
