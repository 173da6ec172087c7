//! An append on its way: checked on the connection's thread, carried out on the disk's.

use std::sync::Arc;

use bytes::Bytes;
use model::{ErrorCode, Offset, Timestamp};
use net::Hold;
use records::{BatchHeader, ProduceLimits, TimestampBounds, validate_produced};
use storage::AppendOrigin;
use tokio::sync::oneshot;

use crate::partition::Partition;

/// Produce requests know zstd from this version on (KIP-110).
const ZSTD_SINCE: i16 = 7;

/// When a producer wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequiredAcks {
    /// Never (acks=0).
    None,
    /// When the leader has written the records (acks=1).
    Leader,
    /// When the records are committed (acks=all).
    All,
}

impl RequiredAcks {
    /// The number in the request; `None` for one that the protocol does not know.
    pub(crate) fn from_wire(acks: i16) -> Option<Self> {
        match acks {
            0 => Some(Self::None),
            1 => Some(Self::Leader),
            -1 => Some(Self::All),
            _ => None,
        }
    }
}

/// What a successful append tells the producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Appended {
    /// The offset of the first record; for a duplicate, that of the original.
    pub(crate) base_offset: Offset,
    /// When the broker appended, if the topic uses LogAppendTime.
    pub(crate) log_append_time: Timestamp,
}

/// Why an append did not happen, as a client gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppendFailure {
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
}

impl AppendFailure {
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self { code, message: None }
    }

    pub(crate) fn with_message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }
}

/// Where the outcome of an append arrives.
pub(crate) type AppendOutcome = oneshot::Receiver<Result<Appended, AppendFailure>>;

/// A batch that may be appended to a partition.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) partition: Arc<Partition>,
    pub(crate) batches: Bytes,
    pub(crate) header: BatchHeader,
    /// The latest timestamp, where the header has it wrong.
    pub(crate) corrected_max_timestamp: Option<Timestamp>,
    pub(crate) acks: RequiredAcks,
    /// The clock when the request came in.
    pub(crate) now: Timestamp,
    pub(crate) origin: AppendOrigin,
    /// The request's share of memory, until its bytes are written.
    pub(crate) _memory: Hold,
}

impl Append {
    /// Checks what a client sent for a partition, without waiting for anything.
    pub(crate) fn check(
        partition: &Arc<Partition>,
        batches: Bytes,
        version: i16,
        acks: RequiredAcks,
        now: Timestamp,
    ) -> Result<Self, AppendFailure> {
        let settings = partition.settings();
        let timestamps = (!settings.log.log_append_time).then_some(TimestampBounds {
            now,
            before_max_ms: settings.timestamp_before_max_ms,
            // A clock that nobody has set cannot say what lies in the future.
            after_max_ms: match now.is_of_set_clock() {
                true => settings.timestamp_after_max_ms,
                false => i64::MAX,
            },
        });
        let limits = ProduceLimits {
            batch_bytes_max: settings.log.max_message_bytes as usize,
            zstd_allowed: version >= ZSTD_SINCE,
            timestamps,
            keys_required: false,
            uncompressed_bytes_max: records::UNCOMPRESSED_BYTES_MAX,
        };
        let batch = validate_produced(&batches, &limits)
            .map_err(|error| AppendFailure::with_message(error.code(), error.to_string()))?;
        let corrected =
            (batch.max_timestamp != batch.header.max_timestamp).then_some(batch.max_timestamp);
        Ok(Self {
            partition: Arc::clone(partition),
            batches,
            header: batch.header,
            corrected_max_timestamp: corrected,
            acks,
            now,
            origin: AppendOrigin::Client,
            _memory: Hold::default(),
        })
    }

    /// A batch that this node's coordinator built; it is answered when it is committed.
    pub(crate) fn of_coordinator(
        partition: &Arc<Partition>,
        batch: Bytes,
        now: Timestamp,
    ) -> Result<Self, AppendFailure> {
        let header = BatchHeader::parse(&batch)
            .map_err(|error| AppendFailure::with_message(error.code(), error.to_string()))?;
        Ok(Self {
            partition: Arc::clone(partition),
            batches: batch,
            header,
            corrected_max_timestamp: None,
            acks: RequiredAcks::All,
            now,
            origin: AppendOrigin::Coordinator,
            _memory: Hold::default(),
        })
    }
}
