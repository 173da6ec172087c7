//! Record batches (magic 2) as bytes: header views, CRC, compression, reading and building.
//!
//! The way through: [`Batches`] walks the batches of a buffer and yields a [`BatchHeader`] with the
//! bytes of each; [`validate_produced`] says whether what a producer sent may be appended, looking
//! at as few bytes as it can; [`patch_base_offset_and_epoch`] and its siblings change a header in
//! place; [`BatchBody`] and [`records_of`] read the records inside; [`BatchBuilder`] writes them.
//!
//! Invariant: a length that was claimed by bytes from outside is compared with the bytes that are
//! there, or with a bound of the caller's, before anything is allocated or skipped for it.

mod batches;
mod builder;
mod compression;
mod error;
mod header;
mod produced;
mod record;
mod snappy;
mod varint;

pub use batches::Batches;
pub use builder::{BatchBuilder, Producer};
pub use compression::{Compression, UnknownCompression};
pub use error::{BatchError, BuildError, ProduceError};
pub use header::{
    BatchHeader, HEADER_LENGTH, LENGTH_PREFIX, TimestampType, patch_base_offset_and_epoch,
    patch_log_append_time, patch_max_timestamp, patch_producer, verify_crc,
};
pub use produced::{ProduceLimits, ProducedBatch, TimestampBounds, validate_produced};
pub use record::{
    BatchBody, ControlType, Header, Headers, OwnedRecords, Record, RecordView, RecordViews,
    control_type, records_of,
};

/// The batch format that this crate reads and writes.
pub const MAGIC: i8 = 2;

/// How many bytes a batch may decompress to where no configuration says otherwise: well above any
/// honest batch (`max.message.bytes` is 1 MiB unless set), and affordable on a small board.
pub const UNCOMPRESSED_BYTES_MAX: usize = 128 * 1024 * 1024;
