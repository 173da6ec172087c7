//! Reads what an Apache Kafka left in its data folders, so that a node of Klamm takes them over.
//!
//! [`read()`] looks and changes nothing: it gathers what the source knew into one [`Source`], whether
//! that comes from the metadata log of KRaft (`kraft`) or from the folders alone, as in the ZooKeeper
//! era (`folders`), or from ZooKeeper's data beside them (`zookeeper`), and refuses with every reason at once what this node must not serve.
//! [`Adoption::records`] then gives the metadata records with which the node's own log begins.
//!
//! [`Export`] is the way back: a folder that Kafka opens, with its metadata and copies of the partitions.
//!
//! Invariant: Kafka's own files are never written here, so that Kafka can go on where it was as long
//! as nothing was understood.

mod error;
mod export;
mod folders;
mod import;
mod kraft;
mod metadata_log;
mod source;
mod zookeeper;

pub use error::AdoptionError;
pub use export::{Export, ExportError, Progress};
pub use folders::{Adoption, read, read_with_zookeeper};
pub use source::{Era, Source, SourcePartition, SourceTopic};
