//! The cluster's metadata, replicated by Raft (openraft) and kept in a log folder of its own.
//!
//! What the rest of the house sees is one narrow seam, [`Quorum`]: submit a command and get its
//! answer once it is committed; hold the newest [`metadata::MetadataImage`]; follow the changes;
//! ask for the state of the quorum. How a command passes through:
//! `proposer` gathers what waits, decides it against the applied image and proposes one
//! entry; `log_store` has it synced to disk; `state_machine` applies it and publishes the image;
//! the proposer answers.
//!
//! Invariants: nothing is answered before it is synced; numbers that clients see are counters in
//! the image, never the log's index; no thread of the async runtime waits for a disk.

mod changes;
mod codec;
mod disk;
mod error;
mod log_store;
mod network;
mod node;
mod offline;
mod proposer;
mod quorum;
mod snapshot;
mod state_machine;
mod status;

pub use changes::{ChangeStream, MetadataChange};
pub use error::{DiskError, QuorumError, SubmitError};
pub use node::Identity;
pub use offline::read_image;
pub use quorum::{Options, Quorum};
pub use status::{QuorumStatus, VoterStatus};
