//! Why an operation on the log failed, and the Kafka error that a client gets for it.
//!
//! One enum for each operation; each names its code without a catch-all, so that a new reason has
//! to choose. [`StorageError`] is what any of them may meet on the disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{ErrorCode, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence};

/// What went wrong between the log and the disk.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// The disk has no space left; what was there before the operation is unharmed.
    #[error("no space left for {}: free some, or lower retention.bytes of the largest topics", path.display())]
    Full {
        /// The file that was to grow.
        path: PathBuf,
    },
    /// The file system does not let us write.
    #[error("cannot {operation} {}: {source}; check the owner and the mount options of its folder", path.display())]
    Denied {
        /// What was tried.
        operation: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// Another process works on the folder.
    #[error("another process holds {}: stop it, or give this node another log.dirs", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// Any other failure of the system.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// Synced data does not read back as it was written.
    #[error(
        "{} is damaged at byte {position}, before the recovery point: {reason}; restore the partition from a replica or a backup, or move its folder away to start it empty",
        segment.display()
    )]
    Corrupt {
        /// The segment's file.
        segment: PathBuf,
        /// Where in the file the damage begins.
        position: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A small file of ours or Kafka's does not say what it should.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// An earlier failure left it open what is on the disk; the log does not work until a restart.
    #[error("the log {} has failed and needs a restart of the node: {reason}", directory.display())]
    Failed {
        /// The folder of the partition.
        directory: PathBuf,
        /// The first failure.
        reason: Arc<str>,
    },
}

impl StorageError {
    /// Wraps what the system said.
    pub(crate) fn io(operation: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { operation, path, source: Arc::new(source) }
            }
            _ => Self::Io { operation, path, source: Arc::new(source) },
        }
    }

    /// The code for a client.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Full { .. }
            | Self::Denied { .. }
            | Self::Locked { .. }
            | Self::Io { .. }
            | Self::Corrupt { .. }
            | Self::Malformed { .. }
            | Self::Failed { .. } => ErrorCode::KafkaStorageError,
        }
    }

    /// Whether a file or folder is not where it was: somebody took the disk away.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether what failed may go well when it is tried again: when there is space, or descriptors.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Full { .. } | Self::Denied { .. } | Self::Io { .. } => true,
            Self::Locked { .. }
            | Self::Corrupt { .. }
            | Self::Malformed { .. }
            | Self::Failed { .. } => false,
        }
    }

    /// Whether the folder can go on working after it: only a lack of space passes by itself.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}

/// Adds to an `io::Result` what was tried on which file.
pub(crate) trait IoContext<T> {
    fn during(self, operation: &'static str, path: &Path) -> Result<T, StorageError>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn during(self, operation: &'static str, path: &Path) -> Result<T, StorageError> {
        self.map_err(|source| StorageError::io(operation, path, source))
    }
}

/// Why batches were not appended. The log is as it was before.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// A batch is larger than the topic allows.
    #[error("a batch of {size} bytes is larger than max.message.bytes={limit}")]
    BatchTooLarge {
        /// The batch's size.
        size: u64,
        /// The topic's `max.message.bytes`.
        limit: u64,
    },
    /// The batches together do not fit into one segment.
    #[error("{size} bytes of batches do not fit into a segment of segment.bytes={limit}")]
    LargerThanSegment {
        /// The size of all batches.
        size: u64,
        /// The topic's `segment.bytes`.
        limit: u64,
    },
    /// The headers and the bytes do not belong together, or a batch is not what it says.
    #[error("malformed batches: {0}")]
    Malformed(String),
    /// A follower was given an offset that it has already, or offsets that do not grow.
    #[error("offset {found} cannot follow: the log ends at {log_end_offset}")]
    UnexpectedOffset {
        /// The first offset that is out of order.
        found: Offset,
        /// Where the log ends.
        log_end_offset: Offset,
    },
    /// The batch's sequence does not follow the producer's last one.
    #[error(
        "out of order sequence number for producer {producer_id}: {found} (incoming), {last} (last one appended)"
    )]
    OutOfOrderSequence {
        /// The producer.
        producer_id: ProducerId,
        /// The sequence of the last record appended; -1 when there is none.
        last: Sequence,
        /// The first sequence of the batch.
        found: Sequence,
    },
    /// A newer incarnation of the producer has written already.
    #[error("epoch {found} of producer {producer_id} is fenced by epoch {current}")]
    InvalidProducerEpoch {
        /// The producer.
        producer_id: ProducerId,
        /// The newest epoch seen.
        current: ProducerEpoch,
        /// The batch's epoch.
        found: ProducerEpoch,
    },
    /// A plain batch of a producer that has a transaction open.
    #[error("producer {producer_id} has a transaction open: a batch outside of it is refused")]
    InvalidTransactionState {
        /// The producer.
        producer_id: ProducerId,
    },
    /// A marker of an older transaction coordinator.
    #[error("transaction marker of coordinator epoch {found} is fenced by epoch {current}")]
    CoordinatorFenced {
        /// The newest coordinator epoch seen.
        current: i32,
        /// The marker's epoch.
        found: i32,
    },
    /// A batch of a leader epoch older than one the log has.
    #[error("leader epoch {found} is older than epoch {latest} of the log")]
    StaleLeaderEpoch {
        /// The latest epoch in the log.
        latest: LeaderEpoch,
        /// The epoch of the append.
        found: LeaderEpoch,
    },
    /// The disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AppendError {
    /// The code for a client.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BatchTooLarge { .. } => ErrorCode::MessageTooLarge,
            Self::LargerThanSegment { .. } => ErrorCode::RecordListTooLarge,
            Self::Malformed(_) => ErrorCode::CorruptMessage,
            Self::UnexpectedOffset { .. } => ErrorCode::UnknownServerError,
            Self::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
            Self::InvalidProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
            Self::InvalidTransactionState { .. } => ErrorCode::InvalidTxnState,
            Self::CoordinatorFenced { .. } => ErrorCode::TransactionCoordinatorFenced,
            Self::StaleLeaderEpoch { .. } => ErrorCode::NotLeaderOrFollower,
            Self::Storage(error) => error.code(),
        }
    }
}

/// Why nothing could be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The offset is not in the log.
    #[error(
        "offset {offset} is out of range: the log holds {log_start_offset} to {log_end_offset}"
    )]
    OffsetOutOfRange {
        /// The offset asked for.
        offset: Offset,
        /// The first offset of the log.
        log_start_offset: Offset,
        /// The offset after the last one.
        log_end_offset: Offset,
    },
    /// The disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl ReadError {
    /// The code for a client.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::OffsetOutOfRange { .. } => ErrorCode::OffsetOutOfRange,
            Self::Storage(StorageError::Corrupt { .. }) => ErrorCode::CorruptMessage,
            Self::Storage(error) => error.code(),
        }
    }
}
