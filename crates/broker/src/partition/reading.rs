//! What a reader asks of a partition, and what it gets.

use bytes::Bytes;
use model::{LeaderEpoch, Offset, Timestamp};
use protocol::Records;
use storage::AbortedTransaction;

use super::View;

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
