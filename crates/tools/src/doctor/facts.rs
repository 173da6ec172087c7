//! What `klamm doctor` knows: a configuration, the machine it is for, and the node that may run there.
//! Nothing here judges.

use std::path::PathBuf;

use config::{HostPort, Listener};
use model::{ErrorCode, TopicPartition};

/// Everything that is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// The file's name as it was given, if there is one.
    pub(super) file: Option<String>,
    pub(super) mistakes: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) in_container: bool,
    pub(super) listeners: Vec<Door>,
    /// All elements of `listeners` and of `advertised.listeners`.
    pub(super) listeners_written: Vec<Listener>,
    pub(super) advertised_written: Vec<Listener>,
    /// Addresses of `klamm.http.listeners` that something else has taken.
    pub(super) http_taken: Vec<HostPort>,
    pub(super) folders: Vec<Folder>,
    pub(super) retention: Option<Retention>,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    /// Where a node was looked for.
    pub(super) servers: String,
    /// Whether the person said that there is one.
    pub(super) expects_node: bool,
    pub(super) node: Option<Running>,
    /// Why there is no answer, if there is none.
    pub(super) no_node: Option<String>,
    /// `klamm.acks.all.durability`.
    pub(super) durability: Option<config::Durability>,
}

impl Facts {
    /// Whether a node of this configuration runs, or is about to: it has found what it needs here.
    pub(super) fn is_running(&self) -> bool {
        let is_node = |port: &Port| matches!(port, Port::Node | Port::Taken { starting: Some(_) });
        self.listeners.iter().any(|door| is_node(&door.state))
    }
}

/// Whether a port can be listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Port {
    Free,
    /// A node answers there.
    Node,
    /// What has it does not answer as a node does.
    Taken {
        /// What the node's own page says, if it is one that starts or stops.
        starting: Option<String>,
    },
    /// The address is none of this machine's.
    NotOurs(String),
    /// The system does not let this user listen there.
    Denied(String),
}

/// A listener.
#[derive(Debug, Clone)]
pub(super) struct Door {
    pub(super) name: String,
    /// `None` is every interface.
    pub(super) host: Option<String>,
    pub(super) port: u16,
    pub(super) state: Port,
    /// What clients are told; `None` is the address at which they arrive.
    pub(super) advertised: Option<String>,
    /// Whether that name means anything to this machine.
    pub(super) is_resolved: bool,
}

/// A file system.
#[derive(Debug, Clone, Default)]
pub(super) struct FileSystem {
    pub(super) device: u64,
    /// Its kind, where that matters.
    pub(super) kind: Option<Kind>,
    pub(super) free: u64,
    pub(super) total: u64,
}

/// Kinds of file systems that need a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Memory,
    Network,
}

/// A folder of `log.dirs`, or that of the metadata log.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// The folder, or the nearest one above it that there is.
    pub(super) existing: PathBuf,
    /// The user whom the folder belongs to, if it is there and is another's than ours.
    pub(super) owner: Option<String>,
    /// Whether it is one of `log.dirs`.
    pub(super) holds_partitions: bool,
    /// Why it cannot be written to, if so.
    pub(super) unwritable: Option<Unwritable>,
    pub(super) file_system: Option<FileSystem>,
    pub(super) partitions: usize,
    /// When a file of a partition was last changed.
    pub(super) newest_ms: Option<i64>,
}

/// Why a folder cannot be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unwritable {
    /// Something else has its name, or that of a folder above it.
    NoFolder(PathBuf),
    /// The whole file system is.
    ReadOnly,
    /// The system does not let this user.
    Denied(String),
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoFolder(path) => write!(formatter, "{} is no folder", path.display()),
            Self::ReadOnly => formatter.write_str("its file system is read-only"),
            Self::Denied(reason) => formatter.write_str(reason),
        }
    }
}

/// How long records are kept by default.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Retention {
    /// In a partition; `None` is without bound.
    pub(super) bytes: Option<i64>,
    pub(super) ms: Option<i64>,
    /// The key that decides about the time.
    pub(super) ms_key: &'static str,
}

/// What the system allows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) open_files: Option<u64>,
    /// The memory of the machine, or of the control group.
    pub(super) memory: Option<u64>,
    /// `queued.max.request.bytes`, where it is set.
    pub(super) request_memory: Option<u64>,
}

/// The clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    pub(super) now_ms: i64,
    /// How far it moved beside the one that never jumps.
    pub(super) jumped_ms: i64,
}

/// A node that answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    /// Its cluster's nodes that no connection reaches, with the reason.
    pub(super) unreachable: Vec<String>,
    pub(super) brokers: usize,
    pub(super) offline: Vec<TopicPartition>,
    /// Those whose node is up, with all of its folders, and does not serve them; with its answer.
    pub(super) unserved: Vec<(TopicPartition, ErrorCode)>,
    pub(super) under_min_isr: Vec<TopicPartition>,
    pub(super) under_replicated: Vec<TopicPartition>,
    /// Folders that have failed.
    pub(super) failed_folders: Vec<String>,
    /// What each topic from which retention deletes takes of each folder.
    pub(super) topics: Vec<TopicSize>,
    /// What it did not tell, with the reason.
    pub(super) untold: Vec<String>,
}

/// A topic in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TopicSize {
    pub(super) folder: PathBuf,
    pub(super) topic: String,
    pub(super) bytes: u64,
    pub(super) partitions: u64,
    /// Its `retention.bytes`, if it has one.
    pub(super) retention_bytes: Option<u64>,
}
