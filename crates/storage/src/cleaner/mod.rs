//! Compaction: of the records of each key in a log the last stays, at the offset that it has.
//!
//! A [`Cleaning`] is a picture of a log, taken under its lock. The work on it needs no lock: first
//! the latest offset of each key in the part that was not cleaned yet goes into an [`OffsetMap`],
//! then the segments are copied in groups without the records that are outdated. Each
//! [`CleanedGroup`] then takes the place of the segments that it was made of in one short step under
//! the lock ([`crate::Log::swap_in`]), if they are still there; readers who hold files of the old
//! ones finish in peace. What goes and what stays is Kafka's:
//!
//! - Records without a key go; offsets never change; a batch keeps its range of offsets.
//! - The last batch of a producer that is remembered stays, emptied perhaps, for its sequence, and
//!   its last below the high watermark, as a crash may take those behind; so does the last batch of
//!   all below the high watermark, for its offset.
//! - A batch with a tombstone, or with the marker of a transaction of which nothing is left, is given
//!   a delete horizon when it is first cleaned; after `delete.retention.ms` they go (KIP-534).
//! - Records of aborted transactions go at once.
//! - What stays of message formats v0 and v1 becomes record batches, which can have delete horizons.
//!
//! Every batch is verified before anything is believed or copied: damage ends the cleaning.

mod cleaning;
mod offset_map;
mod segment_writer;
mod source;
mod transactions;

use std::ops::ControlFlow;

pub use cleaning::{CleanedGroup, Cleaning, CleaningReport};
pub(crate) use cleaning::{Picture, ProducerEnd, SourceSegment};
pub use offset_map::OffsetMap;
pub(crate) use segment_writer::NewSegment;
pub(crate) use source::Source;

use crate::error::StorageError;

/// Told how many bytes were just read, written or copied; may take its time, and may end the work.
pub type Pace<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// Why a cleaning did not reach its end. The log is unharmed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CleanError {
    /// It was told to stop.
    #[error("the cleaning was stopped")]
    Stopped,
    /// The log was deleted, truncated or shortened meanwhile.
    #[error("the log has changed while it was cleaned")]
    Outdated,
    /// The disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
