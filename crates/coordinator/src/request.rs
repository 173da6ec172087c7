//! What goes in: the requests, free of wire versions. Strings and bytes of a request that are kept
//! are copied by the shard or were copied by whoever built the request, so no frame is pinned.

use std::sync::Arc;

use bytes::Bytes;
use model::{LeaderEpoch, Offset, PartitionIndex, Uuid};

/// A way to assign partitions that a member offers, with what it tells its leader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    /// The name, such as `range`.
    pub name: Arc<str>,
    /// For consumers, the subscription.
    pub metadata: Bytes,
}

/// JoinGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinGroup {
    /// The group.
    pub group: Arc<str>,
    /// The member's id; empty for one that has none yet.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member (KIP-345).
    pub instance: Option<Arc<str>>,
    /// `consumer`, `connect`, ...
    pub protocol_type: Arc<str>,
    /// What the member offers, best first.
    pub protocols: Vec<Protocol>,
    /// How long the member may be silent.
    pub session_timeout_ms: i32,
    /// How long a rebalance waits for the member.
    pub rebalance_timeout_ms: i32,
    /// The client's id, which begins a new member id.
    pub client_id: Arc<str>,
    /// Where the client connects from, as shown by tools.
    pub client_host: Arc<str>,
    /// From version 4 a new member first gets its id and joins again with it (KIP-394).
    pub member_id_required: bool,
    /// From version 9 a returning static leader is told that no assignment is wanted (KIP-814).
    pub can_skip_assignment: bool,
    /// Random bytes for a new member id.
    pub random: [u8; 16],
}

/// The partitions of one member, opaque to the coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The member's id.
    pub member: Arc<str>,
    /// What its leader assigned.
    pub assignment: Bytes,
}

/// SyncGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncGroup {
    /// The group.
    pub group: Arc<str>,
    /// The member's id.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Arc<str>>,
    /// The generation that the member joined.
    pub generation: i32,
    /// From version 5: what the member believes the group to use.
    pub protocol_type: Option<Arc<str>>,
    /// From version 5: what the member believes the group to use.
    pub protocol: Option<Arc<str>>,
    /// From the leader: everyone's part.
    pub assignments: Vec<Assignment>,
}

/// Heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The group.
    pub group: Arc<str>,
    /// The member's id.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Arc<str>>,
    /// The generation that the member is in.
    pub generation: i32,
}

/// One of the members that leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeavingMember {
    /// The member's id; empty when the instance id names the member.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Arc<str>>,
}

/// LeaveGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaveGroup {
    /// The group.
    pub group: Arc<str>,
    /// Who leaves.
    pub members: Vec<LeavingMember>,
}

/// An offset to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitPartition {
    /// The partition.
    pub partition: PartitionIndex,
    /// The next offset to read.
    pub offset: Offset,
    /// The epoch of the last record read.
    pub leader_epoch: LeaderEpoch,
    /// The client's own words.
    pub metadata: Option<Arc<str>>,
}

/// Offsets of one topic to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitTopic {
    /// The topic.
    pub name: Arc<str>,
    /// Its id, if known.
    pub id: Uuid,
    /// The offsets.
    pub partitions: Vec<CommitPartition>,
}

/// OffsetCommit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetCommit {
    /// The group.
    pub group: Arc<str>,
    /// The member's id; empty for consumers that assign themselves.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Arc<str>>,
    /// The member's generation; negative for consumers that assign themselves.
    pub generation: i32,
    /// From versions 2 to 4: how long the offsets are kept.
    pub retention_ms: Option<i64>,
    /// From version 9 an unknown group is GROUP_ID_NOT_FOUND, before it was ILLEGAL_GENERATION.
    pub knows_group_id_not_found: bool,
    /// What to commit.
    pub topics: Vec<CommitTopic>,
}

/// Partitions of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPartitions {
    /// The topic.
    pub name: Arc<str>,
    /// Its id, if known; an offset committed for another id of the same name does not count.
    pub id: Uuid,
    /// The partitions.
    pub partitions: Vec<PartitionIndex>,
}

/// OffsetFetch of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetFetch {
    /// The group.
    pub group: Arc<str>,
    /// The partitions; all that have an offset when absent.
    pub topics: Option<Vec<TopicPartitions>>,
    /// Wait for what is being written (KIP-447).
    pub require_stable: bool,
}

/// OffsetDelete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetDelete {
    /// The group.
    pub group: Arc<str>,
    /// What to forget.
    pub topics: Vec<TopicPartitions>,
}

/// Which groups to list. Empty lists let all pass; case does not matter.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// States by name.
    pub states: Vec<Arc<str>>,
    /// Types by name; this crate knows `classic`.
    pub types: Vec<Arc<str>>,
}

/// A request that may change something, or has to wait for what is being changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Become a member, or take part in the next generation.
    Join(JoinGroup),
    /// Give (the leader) and get assignments.
    Sync(SyncGroup),
    /// Still alive.
    Heartbeat(Heartbeat),
    /// Stop being a member.
    Leave(LeaveGroup),
    /// Commit offsets.
    OffsetCommit(OffsetCommit),
    /// Read offsets.
    OffsetFetch(OffsetFetch),
    /// Forget offsets.
    OffsetDelete(OffsetDelete),
    /// Delete groups and all their offsets.
    DeleteGroups(Vec<Arc<str>>),
}
