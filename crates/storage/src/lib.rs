//! The partition log in Kafka's disk format, byte for byte, over a seam to the file system.
//!
//! [`Log`] is the log of one partition; [`LogDirectory`] is one folder of `log.dirs` with its lock,
//! identity and checkpoints; [`fs`] is the seam, with the real disk and one that can crash.
//!
//! The code blocks and knows no clock and no randomness: time and random bits come in as arguments.
//! A log never loses a record that was synced, and never hides that it did.

pub mod fs;

mod batch_reader;
mod batch_scanner;
mod checked;
mod checkpoint;
mod cleaner;
mod error;
mod file_names;
mod index_file;
mod leader_epoch_cache;
mod log;
mod log_config;
mod log_directory;
mod meta_properties;
mod open_files;
mod partition_metadata;
mod position_hints;
mod producer_snapshot;
mod producer_state;
mod segment;
mod segment_index;
mod transaction_index;

pub use checkpoint::{EpochEntry, OffsetCheckpoint, latest_leader_epoch};
pub use cleaner::{CleanError, CleanedGroup, Cleaning, CleaningReport, OffsetMap, Pace};
pub use error::{AppendError, ReadError, StorageError};
pub use file_names::{future_folder_name, stray_folder_name};
pub use fs::SegmentFile;
pub use log::{
    ActiveProducer, AppendInfo, CopyError, Damage, DeletedFiles, Dirtiness, FileSlice,
    FinishedSync, FirstBatch, LeaderAppend, Log, LogCopy, MissingPart, OpenState, ReadResult,
    RecoveryReport, SyncJob, TimestampAndOffset, is_copy, remove_partition_folder, rename_folder,
    set_aside_for_removal, settle_copy,
};
pub use log_config::LogConfig;
pub use log_directory::{Checkpoint, LastStop, LogDirectory, PartitionFolder};
pub use meta_properties::{MetaProperties, MetaVersion};
pub use open_files::OpenFiles;
pub use partition_metadata::{read_topic_id, write_topic_id};
pub use producer_state::AppendOrigin;
pub use transaction_index::AbortedTransaction;
