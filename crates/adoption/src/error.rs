//! Why the folders of another Kafka are not taken over.

use std::path::{Path, PathBuf};

use protocol::DecodeError;
use records::BatchError;
use storage::StorageError;

/// Why the folders of another Kafka are not taken over. Nothing was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum AdoptionError {
    /// A file could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file of the metadata log could not be read.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The metadata log is not whole.
    #[error(
        "the metadata of Apache Kafka is damaged: {} at position {position}: {reason}; nothing was \
         changed; start Kafka on the folder once more, stop it, and try again", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The position of the batch.
        position: u64,
        /// What is wrong.
        reason: String,
    },
    /// A metadata record is of a Kafka that is newer than this program.
    #[error(
        "{} holds a metadata record of key {key} version {version} (offset {offset}), which this \
         version of Klamm does not know: a newer Apache Kafka wrote it; nothing was changed", path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The record's offset.
        offset: i64,
        /// The record's key.
        key: u32,
        /// The record's version.
        version: u32,
    },
    /// It was understood, and must not be served.
    #[error("the folder of Apache Kafka is not taken over, and nothing in it was changed:\n{}", lines(.0))]
    Refused(Vec<String>),
}

fn lines(reasons: &[String]) -> String {
    let lines: Vec<_> = reasons.iter().map(|reason| format!("  - {reason}")).collect();
    lines.join("\n")
}

impl AdoptionError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn damaged(path: &Path, position: u64, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), position, reason: reason.into() }
    }
}

/// Why one metadata record was not understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("a metadata record is cut short")]
    Cut,
    #[error("a metadata record has frame version {0}")]
    Frame(u32),
    #[error("key {key} version {version} is not known")]
    Unknown { key: u32, version: u32 },
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error("{0}")]
    Batch(#[from] BatchError),
    #[error("{0}")]
    Contradiction(String),
}
