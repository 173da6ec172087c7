//! What can be wrong with a batch, one enum per operation, each mapped to Kafka's error codes.

use model::{ErrorCode, ProducerId, Timestamp};

use crate::compression::Compression;

/// Why bytes are not a batch of magic 2, or its records cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The buffer ends inside the batch; ordinary at the end of what a fetch returned.
    #[error("the batch needs {needed} bytes and {available} are there")]
    Truncated {
        /// Bytes of the whole batch, or of the part that must be there to tell.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// The length field is below that of an empty batch.
    #[error("the batch claims a length of {0} bytes, less than its own header")]
    InvalidLength(i32),
    /// Message formats v0 and v1, from before Kafka 0.11, where a record batch must stand.
    #[error("message format v{0} is older than record batches (v2), which must stand here")]
    OldFormat(i8),
    /// No format of Kafka's.
    #[error("{0} is the magic of no message format")]
    UnknownMagic(i8),
    /// A field of the header contradicts itself.
    #[error("the batch header has an impossible {field}: {value}")]
    InvalidHeader {
        /// Kafka's name of the field.
        field: &'static str,
        /// What stands there.
        value: i64,
    },
    /// The bytes are not those that were written.
    #[error("the batch is corrupt: its CRC is {stored:#010x} but its bytes give {computed:#010x}")]
    Crc {
        /// What the header says.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// The attributes name no compression codec.
    #[error("{0} is the id of no compression codec")]
    UnknownCompression(u8),
    /// The compressed bytes cannot be decompressed.
    #[error("the {codec} data of the batch cannot be decompressed: {reason}")]
    Decompression {
        /// The codec that the header names.
        codec: Compression,
        /// What the decompressor says.
        reason: String,
    },
    /// The batch decompresses to more than the caller's bound.
    #[error("the batch decompresses to more than {limit} bytes")]
    DecompressedTooLarge {
        /// The caller's bound.
        limit: usize,
    },
    /// The records do not have the form of records, or not as many as the header says.
    #[error("record {index} of the batch is malformed: {reason}")]
    InvalidRecord {
        /// The position of the record within the batch, from 0.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl BatchError {
    /// The code that a client is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidLength(_) | Self::UnknownMagic(_) | Self::Crc { .. } => {
                ErrorCode::CorruptMessage
            }
            Self::UnknownCompression(_) => ErrorCode::UnsupportedCompressionType,
            Self::Truncated { .. }
            | Self::OldFormat(_)
            | Self::InvalidHeader { .. }
            | Self::Decompression { .. }
            | Self::DecompressedTooLarge { .. }
            | Self::InvalidRecord { .. } => ErrorCode::InvalidRecord,
        }
    }

    /// Whether more bytes might make the batch whole.
    pub fn is_truncated(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }
}

/// Why what a producer sent for one partition is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProduceError {
    /// The bytes are not a batch.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// There is nothing to append.
    #[error("a produce request must carry one record batch per partition; this one carries none")]
    Empty,
    /// More than one batch, or bytes after it.
    #[error("a produce request must carry one record batch per partition; {0} bytes follow it")]
    MoreThanOneBatch(usize),
    /// Larger than the topic allows.
    #[error("the batch has {size} bytes, more than max.message.bytes ({limit}) allows")]
    TooLarge {
        /// Bytes of the batch.
        size: usize,
        /// The topic's `max.message.bytes`.
        limit: usize,
    },
    /// The codec is not allowed in this version of the request.
    #[error("zstd needs a newer version of the produce request (7); upgrade the client")]
    ZstdTooEarly,
    /// Offsets are given by the leader.
    #[error("the base offset of a produced batch must be 0, not {0}")]
    BaseOffset(i64),
    /// The count does not fit the offsets.
    #[error("the batch claims {count} records over {span} offsets")]
    InconsistentCount {
        /// `record_count`.
        count: i32,
        /// `last_offset_delta` + 1.
        span: i64,
    },
    /// Control records are written by coordinators only.
    #[error("clients may not write control records")]
    ControlBatch,
    /// A transaction belongs to a producer id.
    #[error("the batch is transactional but carries no producer id")]
    TransactionalWithoutProducerId,
    /// An idempotent batch needs an epoch and a sequence.
    #[error(
        "the batch of producer id {producer_id} has producer epoch {epoch} and sequence {sequence}; neither may be negative"
    )]
    InvalidSequence {
        /// The producer.
        producer_id: ProducerId,
        /// Its epoch.
        epoch: i16,
        /// The batch's first sequence.
        sequence: i32,
    },
    /// Old messages that belong together have one format.
    #[error("the messages of a produce request must be of one format; these are of two")]
    MixedFormats,
    /// Compressed old messages come in one wrapper.
    #[error("a produce request must carry one compressed message per partition, not several")]
    MoreThanOneWrapper,
    /// The batch cannot be written as the topic wants it.
    #[error("the records cannot be written as the topic's compression.type wants them: {0}")]
    Conversion(String),
    /// The topic does not take some of the records, so it takes none of them.
    #[error("{}", rejection(*rejected, errors))]
    Records {
        /// How many records are refused.
        rejected: usize,
        /// What is wrong with the first of them.
        errors: Vec<RecordError>,
        /// Whether some are refused for their timestamps.
        timestamp_rejected: bool,
    },
    /// The broker decides on the timestamp type.
    #[error("a producer may not set the timestamp type to LogAppendTime")]
    LogAppendTimeFromClient,
    /// A timestamp outside of the topic's bounds.
    #[error(
        "timestamp {timestamp} is not within [{earliest}, {latest}] (message.timestamp.before.max.ms, message.timestamp.after.max.ms)"
    )]
    InvalidTimestamp {
        /// The offending timestamp.
        timestamp: Timestamp,
        /// The earliest that is accepted now.
        earliest: Timestamp,
        /// The latest that is accepted now.
        latest: Timestamp,
    },
}

impl ProduceError {
    /// The code that the producer is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Batch(error) => error.code(),
            Self::TooLarge { .. } => ErrorCode::MessageTooLarge,
            Self::ZstdTooEarly => ErrorCode::UnsupportedCompressionType,
            Self::LogAppendTimeFromClient
            | Self::InvalidTimestamp { .. }
            | Self::Records { timestamp_rejected: true, .. } => ErrorCode::InvalidTimestamp,
            Self::Conversion(_) => ErrorCode::UnknownServerError,
            Self::Empty
            | Self::MoreThanOneBatch(_)
            | Self::BaseOffset(_)
            | Self::InconsistentCount { .. }
            | Self::ControlBatch
            | Self::MixedFormats
            | Self::MoreThanOneWrapper
            | Self::Records { timestamp_rejected: false, .. }
            | Self::TransactionalWithoutProducerId
            | Self::InvalidSequence { .. } => ErrorCode::InvalidRecord,
        }
    }
}

/// Why one record of a batch is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    /// The position of the record within the batch, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The refusal of a batch, with the first of its records that is to blame.
fn rejection(rejected: usize, errors: &[RecordError]) -> String {
    match errors.first() {
        Some(first) => format!(
            "the batch is refused for {rejected} of its records; record {}: {}",
            first.index, first.reason
        ),
        None => format!("the batch is refused for {rejected} of its records"),
    }
}

/// Why batches cannot be served in an old format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownConvertError {
    /// The batch cannot be read.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The codec is newer than the format.
    #[error("records compressed with zstd cannot be served in an old format; upgrade the client")]
    Zstd,
    /// A message would be larger than any reader takes, or than the node has memory for.
    #[error(
        "the batch is too large as messages of an old format; upgrade the client, or produce smaller \
         batches"
    )]
    TooLarge,
    /// The compressor failed.
    #[error("{0}")]
    Build(String),
}

impl DownConvertError {
    /// The code that the consumer is told.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Batch(BatchError::DecompressedTooLarge { .. }) | Self::TooLarge => {
                ErrorCode::MessageTooLarge
            }
            // It was good when it was stored.
            Self::Batch(_) => ErrorCode::CorruptMessage,
            Self::Zstd => ErrorCode::UnsupportedCompressionType,
            Self::Build(_) => ErrorCode::UnknownServerError,
        }
    }
}

/// Why a batch cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The format counts bytes and records in 32 bits.
    #[error("a batch holds at most 2 GiB")]
    TooLarge,
    /// A builder goes forwards.
    #[error("offset {found} does not come after {last}, the last one in the batch")]
    OffsetNotIncreasing {
        /// The last offset in the batch, or its base offset when it is empty.
        last: i64,
        /// The offset that was given.
        found: i64,
    },
    /// The compressor failed.
    #[error("compressing the batch with {codec} failed: {source}")]
    Compression {
        /// The codec.
        codec: Compression,
        /// What it says.
        source: std::io::Error,
    },
}
