//! What can go wrong, and what to do then.

use std::io;
use std::path::PathBuf;

use model::{BrokerId, Uuid};

/// Why the quorum did not start.
#[derive(Debug, thiserror::Error)]
pub enum QuorumError {
    /// A file could not be read or written, or is damaged.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The folder belongs to another node or cluster.
    #[error(
        "the metadata folder {folder} belongs to node {found_node} (directory {found_directory}) \
         of cluster {found_cluster}, but this is node {node} (directory {directory}) of cluster \
         {cluster}: point log.dirs at this node's own folder, or, to start over and lose what it \
         holds, remove {folder}"
    )]
    Identity {
        /// The folder.
        folder: PathBuf,
        /// The node that it belongs to.
        found_node: BrokerId,
        /// The directory id that it was formatted with.
        found_directory: Uuid,
        /// The cluster that it belongs to.
        found_cluster: String,
        /// This node.
        node: BrokerId,
        /// This node's directory id.
        directory: Uuid,
        /// This node's cluster.
        cluster: String,
    },
    /// A log holds another cluster's records.
    #[error(
        "the metadata log in {folder} is of cluster {found}, but this node belongs to cluster \
         {expected}: restore the folder that belongs here, or remove it to start over"
    )]
    ClusterId {
        /// The folder.
        folder: PathBuf,
        /// The cluster in the log.
        found: String,
        /// This node's cluster.
        expected: String,
    },
    /// The members in the log are others.
    #[error(
        "the metadata log in {folder} does not name directory {directory} as a voter, though the \
         folder's identity does: restore the whole folder from one copy, or, to start over and \
         lose what it holds, remove it"
    )]
    NotAVoter {
        /// The folder.
        folder: PathBuf,
        /// This node's directory id.
        directory: Uuid,
    },
    /// Raft stopped while it started.
    #[error("the metadata quorum did not start: {0}")]
    Raft(String),
}

/// A file of the metadata folder that is not as it must be.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The contents were synced once and are not what was written.
    #[error(
        "{path} is damaged at byte {position}: {reason}. It was safe on disk once, so the disk or \
         somebody changed it; restore the folder from a backup, or remove it to let a quorum of \
         several nodes fill it again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        position: u64,
        /// What was found.
        reason: String,
    },
}

impl DiskError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, position: u64, reason: impl ToString) -> Self {
        Self::Damaged { path: path.into(), position, reason: reason.to_string() }
    }
}

/// Why a command has no answer. It may have been done all the same when `Stopped`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Another node leads, or none does now.
    #[error("this node does not lead the metadata quorum")]
    NotLeader {
        /// The leader, if one is known.
        leader: Option<BrokerId>,
    },
    /// The controller decided something that does not fit its own image: a mistake of ours.
    #[error("the metadata controller made a mistake: {0}")]
    Internal(String),
    /// The quorum is shut down, or its disk failed.
    #[error("the metadata quorum has stopped: {0}")]
    Stopped(String),
    /// The records do not fit one entry of the log.
    #[error(
        "the command needs {found} bytes in the metadata log; at most {limit} are allowed: split it"
    )]
    TooLarge {
        /// What it needs.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
}
