//! The state of the quorum as DescribeQuorum shows it. An offset is one more than an index, as in
//! Kafka, where the high watermark is the first offset that is not committed.

use model::{BrokerId, Timestamp, Uuid};

/// The quorum as one node sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuorumStatus {
    /// Who leads.
    pub leader: Option<BrokerId>,
    /// The leader's term.
    pub leader_epoch: i32,
    /// The first offset that is not committed.
    pub high_watermark: i64,
    /// Who votes.
    pub voters: Vec<VoterStatus>,
    /// Who follows without a vote.
    pub observers: Vec<VoterStatus>,
}

/// One voter or observer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoterStatus {
    /// `node.id`.
    pub node_id: BrokerId,
    /// The folder with its metadata log.
    pub directory_id: Uuid,
    /// The end of its log; -1 when this node does not know.
    pub log_end_offset: i64,
    /// When it last fetched from the leader; the leader itself: now.
    pub last_fetch_timestamp: Timestamp,
    /// When it last had the leader's whole log; the leader itself: now.
    pub last_caught_up_timestamp: Timestamp,
}
