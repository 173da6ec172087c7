//! Who votes: openraft's types, filled in. A vote belongs to a node *and* its folder, so a folder
//! that comes back empty is another voter and cannot vote twice.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use model::{BrokerId, Uuid};

/// Who this node is and to which cluster it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `node.id`.
    pub node_id: BrokerId,
    /// The id of the folder that holds the metadata log.
    pub directory_id: Uuid,
    /// The cluster that the folder belongs to, or that is to be formed.
    pub cluster_id: Arc<str>,
}

impl Identity {
    pub(crate) fn voter(&self) -> VoterId {
        VoterId {
            node_id: self.node_id.get(),
            directory_id: u128::from_be_bytes(*self.directory_id.as_bytes()),
        }
    }
}

/// A voter, or a learner, as Raft knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VoterId {
    /// `node.id`.
    pub(crate) node_id: i32,
    /// The folder's id as a number.
    pub(crate) directory_id: u128,
}

impl VoterId {
    pub(crate) fn directory(self) -> Uuid {
        Uuid::from_bytes(self.directory_id.to_be_bytes())
    }
}

impl fmt::Display for VoterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.node_id, self.directory())
    }
}

/// What one entry of the log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// How many proposals had been applied to the image that it was decided on. When another one
    /// was applied since, the proposal is void, and its commands are decided anew.
    pub(crate) decided_after: u64,
    /// The encoded records.
    pub(crate) records: Bytes,
}

/// What became of a proposal once it was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its records are part of the image.
    Applied,
    /// It was decided on an older image and did nothing.
    Void,
}

/// Where a snapshot lies.
#[derive(Debug, Clone)]
pub(crate) struct SnapshotFile {
    pub(crate) path: std::path::PathBuf,
}

openraft::declare_raft_types!(
    /// openraft with our node ids, entries and snapshots.
    pub(crate) Types:
        D = Proposal,
        R = Outcome,
        NodeId = VoterId,
        Node = openraft::EmptyNode,
        SnapshotData = SnapshotFile,
);

pub(crate) type Raft = openraft::Raft<Types>;
pub(crate) type Entry = openraft::Entry<Types>;
pub(crate) type LogId = openraft::LogId<VoterId>;
pub(crate) type Vote = openraft::Vote<VoterId>;
pub(crate) type Membership = openraft::Membership<VoterId, openraft::EmptyNode>;
pub(crate) type StoredMembership = openraft::StoredMembership<VoterId, openraft::EmptyNode>;
pub(crate) type SnapshotMeta = openraft::SnapshotMeta<VoterId, openraft::EmptyNode>;
pub(crate) type StorageError = openraft::StorageError<VoterId>;

/// The id of the entry at an index, proposed in a term. With one leader per term, the term alone
/// names the leader.
pub(crate) fn log_id(term: u64, index: u64) -> LogId {
    LogId::new(openraft::CommittedLeaderId::new(term, VoterId::default()), index)
}
