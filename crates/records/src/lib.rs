//! Record batches and what was before them as bytes: header views, CRC, compression, reading and building.
//!
//! The way through: [`Batches`] walks the batches of a buffer and yields a [`BatchHeader`] with the
//! bytes of each; [`validate_produced`] says whether what a producer sent may be appended, looking
//! at as few bytes as it can; [`patch_base_offset_and_epoch`] and its siblings change a header in
//! place; [`BatchBody`] and [`records_of`] read the records inside; [`BatchBuilder`] writes them.
//! What was written before record batches, in message formats v0 and v1, is read by the same
//! functions; [`convert_produced`] makes batches of it, and [`down_convert`] goes the other way.
//!
//! Invariant: a length that was claimed by bytes from outside is compared with the bytes that are
//! there, or with a bound of the caller's, before anything is allocated or skipped for it.

mod batches;
mod broken_lz4;
mod builder;
mod checksum;
mod cleaned;
mod compression;
mod convert_produced;
mod down_convert;
mod error;
mod frame;
mod header;
mod message;
mod message_set;
mod produced;
mod record;
mod record_check;
mod snappy;
mod upgrade;
mod varint;

pub use batches::Batches;
pub use builder::{BatchBuilder, Producer};
pub use checksum::BatchChecksum;
pub use cleaned::{FilteredBatch, filter_batch, write_empty_batch};
pub use compression::{Compression, UnknownCompression};
pub use convert_produced::{ConvertedBatch, TargetCompression, convert_produced};
pub use down_convert::{DownConversion, DownConverted, down_convert};
pub use error::{BatchError, BuildError, DownConvertError, ProduceError, RecordError};
pub use frame::{check_form, first_frame};
pub use header::{
    BatchHeader, HEADER_LENGTH, LENGTH_PREFIX, TimestampType, patch_base_offset_and_epoch,
    patch_log_append_time, patch_max_timestamp, patch_producer, verify_crc,
};
pub use message::{MESSAGE_LENGTH_MIN, OldFormat};
pub use produced::{ProduceLimits, ProducedBatch, TimestampBounds, validate_produced};
pub use record::{
    BatchBody, ControlType, Header, Headers, OwnedRecords, Record, RecordView, RecordViews,
    control_type, records_of,
};
pub use upgrade::to_record_batch;

/// The format of record batches, in which everything is stored.
pub const MAGIC: i8 = 2;

/// How many bytes a batch may decompress to where no configuration says otherwise: well above any
/// honest batch (`max.message.bytes` is 1 MiB unless set), and affordable on a small board.
pub const UNCOMPRESSED_BYTES_MAX: usize = 128 * 1024 * 1024;
