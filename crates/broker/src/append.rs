//! An append on its way: checked on the connection's thread, carried out on the disk's.

use std::sync::Arc;

use bytes::Bytes;
use model::{ErrorCode, Offset, Timestamp};
use net::Hold;
use records::{
    BatchHeader, Batches, Compression, MAGIC, ProduceError, ProduceLimits, ProducedBatch,
    RecordError, TimestampBounds, convert_produced, validate_produced,
};
use storage::AppendOrigin;
use tokio::sync::oneshot;

use crate::partition::Partition;
use crate::topic_settings::TopicSettings;

/// Produce requests carry record batches and nothing older from this version on (KIP-98).
pub(crate) const BATCHES_SINCE: i16 = 3;
/// Produce requests know zstd from this version on (KIP-110).
pub(crate) const ZSTD_SINCE: i16 = 7;

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

impl Appended {
    /// There was nothing to append.
    pub(crate) const NOTHING: Self =
        Self { base_offset: Offset::NONE, log_append_time: Timestamp::NONE };
}

/// Why an append did not happen, as a client gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppendFailure {
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
    /// The records that are to blame.
    pub(crate) records: Vec<RecordError>,
}

impl AppendFailure {
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self { code, message: None, records: Vec::new() }
    }

    pub(crate) fn with_message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()), records: Vec::new() }
    }
}

impl From<ProduceError> for AppendFailure {
    fn from(error: ProduceError) -> Self {
        let (code, message) = (error.code(), Some(error.to_string()));
        let records = match error {
            ProduceError::Records { errors, .. } => errors,
            _ => Vec::new(),
        };
        Self { code, message, records }
    }
}

/// Where the outcome of an append goes.
pub(crate) type AppendReply = oneshot::Sender<Result<Appended, AppendFailure>>;

/// Where the outcome of an append arrives.
pub(crate) type AppendOutcome = oneshot::Receiver<Result<Appended, AppendFailure>>;

/// What a client sent for a partition.
#[derive(Debug)]
pub(crate) struct Produced {
    pub(crate) partition: Arc<Partition>,
    pub(crate) batches: Bytes,
    /// The version of the request.
    pub(crate) version: i16,
    pub(crate) acks: RequiredAcks,
    /// The clock when the request came in.
    pub(crate) now: Timestamp,
    /// The request's share of memory.
    pub(crate) memory: Hold,
}

impl Produced {
    /// Whether it must be decompressed, compressed or made into another format before the append.
    pub(crate) fn needs_conversion(&self) -> bool {
        match Batches::magic(&self.batches) {
            Some(MAGIC) => {
                let header = BatchHeader::parse(&self.batches);
                let Ok(codec) = header.and_then(|header| header.compression()) else {
                    return false;
                };
                let settings = self.partition.settings();
                let other_codec = settings.compression.codec.is_some_and(|wanted| wanted != codec);
                let hidden_keys = settings.log.compact && codec != Compression::None;
                other_codec || hidden_keys
            }
            _ => self.version < BATCHES_SINCE,
        }
    }

    fn limits(&self, settings: &TopicSettings) -> ProduceLimits {
        let timestamps = (!settings.log.log_append_time).then_some(TimestampBounds {
            now: self.now,
            before_max_ms: settings.timestamp_before_max_ms,
            // A clock that nobody has set cannot say what lies in the future.
            after_max_ms: match self.now.is_of_set_clock() {
                true => settings.timestamp_after_max_ms,
                false => i64::MAX,
            },
        });
        ProduceLimits {
            batch_bytes_max: settings.log.max_message_bytes as usize,
            zstd_allowed: self.version >= ZSTD_SINCE,
            timestamps,
            keys_required: settings.log.compact,
            uncompressed_bytes_max: settings.uncompressed_bytes_max,
        }
    }

    fn append(self, batch: ProducedBatch) -> Append {
        let corrected =
            (batch.max_timestamp != batch.header.max_timestamp).then_some(batch.max_timestamp);
        Append {
            partition: self.partition,
            batches: self.batches,
            header: batch.header,
            corrected_max_timestamp: corrected,
            acks: self.acks,
            now: self.now,
            origin: AppendOrigin::Client,
            _memory: self.memory,
        }
    }
}

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
    pub(crate) fn check(produced: Produced) -> Result<Self, AppendFailure> {
        let settings = produced.partition.settings();
        let batch = validate_produced(&produced.batches, &produced.limits(&settings))?;
        Ok(produced.append(batch))
    }

    /// Makes what the topic stores of what a client sent; takes as long as decompressing and
    /// compressing do. `None` if there was no record in it.
    pub(crate) fn convert(produced: Produced) -> Result<Option<Self>, AppendFailure> {
        let settings = produced.partition.settings();
        let limits = produced.limits(&settings);
        let converted = convert_produced(&produced.batches, &limits, settings.compression)?;
        Ok(converted.map(|converted| {
            Produced { batches: converted.bytes, ..produced }.append(converted.batch)
        }))
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
