//! What comes out: the answers, free of wire versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, Uuid};

use crate::group::GroupState;

/// A member as its leader is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedMember {
    /// Its id.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Arc<str>>,
    /// What it said under the chosen protocol.
    pub metadata: Bytes,
}

/// The answer to JoinGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinReply {
    /// Why it failed, or none.
    pub error: ErrorCode,
    /// -1 when it failed.
    pub generation: i32,
    /// What the group assigns.
    pub protocol_type: Option<Arc<str>>,
    /// How it assigns.
    pub protocol: Option<Arc<str>>,
    /// The leader's id; empty when it failed.
    pub leader: Arc<str>,
    /// Whether the leader should leave the assignment as it is.
    pub skip_assignment: bool,
    /// The member's id, given or confirmed.
    pub member: Arc<str>,
    /// For the leader: everyone.
    pub members: Vec<JoinedMember>,
}

impl JoinReply {
    /// A refusal.
    pub fn refused(member: &Arc<str>, error: ErrorCode) -> Self {
        Self {
            error,
            generation: -1,
            protocol_type: None,
            protocol: None,
            leader: "".into(),
            skip_assignment: false,
            member: member.clone(),
            members: Vec::new(),
        }
    }
}

/// The answer to SyncGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncReply {
    /// Why it failed, or none.
    pub error: ErrorCode,
    /// What the group assigns.
    pub protocol_type: Option<Arc<str>>,
    /// How it assigns.
    pub protocol: Option<Arc<str>>,
    /// The member's part.
    pub assignment: Bytes,
}

impl SyncReply {
    /// A refusal.
    pub fn refused(error: ErrorCode) -> Self {
        Self { error, protocol_type: None, protocol: None, assignment: Bytes::new() }
    }
}

/// How leaving went for one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftMember {
    /// The id as it was asked for.
    pub member: Arc<str>,
    /// The instance id as it was asked for.
    pub instance: Option<Arc<str>>,
    /// Why it failed, or none.
    pub error: ErrorCode,
}

/// The answer to LeaveGroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaveReply {
    /// Why all of it failed, or none.
    pub error: ErrorCode,
    /// One by one, in the order asked for.
    pub members: Vec<LeftMember>,
}

/// Results by partition of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicResult {
    /// The topic.
    pub name: Arc<str>,
    /// Its id, as it was asked for.
    pub id: Uuid,
    /// In the order asked for.
    pub partitions: Vec<(PartitionIndex, ErrorCode)>,
}

/// The answer to OffsetCommit.
pub type OffsetCommitReply = Vec<TopicResult>;

/// One committed offset, or none (offset -1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedOffset {
    /// The partition.
    pub partition: PartitionIndex,
    /// The next offset to read.
    pub offset: Offset,
    /// The epoch of the last record read.
    pub leader_epoch: LeaderEpoch,
    /// The client's own words.
    pub metadata: Arc<str>,
    /// Why it failed, or none.
    pub error: ErrorCode,
}

/// The committed offsets of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedTopic {
    /// The topic.
    pub name: Arc<str>,
    /// Its id, as it was asked for.
    pub id: Uuid,
    /// By partition.
    pub partitions: Vec<FetchedOffset>,
}

/// The answer to OffsetFetch for one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetFetchReply {
    /// The group.
    pub group: Arc<str>,
    /// Why all of it failed, or none.
    pub error: ErrorCode,
    /// By topic.
    pub topics: Vec<FetchedTopic>,
}

/// The answer to OffsetDelete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetDeleteReply {
    /// Why all of it failed, or none.
    pub error: ErrorCode,
    /// By topic.
    pub topics: Vec<TopicResult>,
}

/// A group in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGroup {
    /// The group.
    pub group: Arc<str>,
    /// What it assigns; empty for a group that only keeps offsets.
    pub protocol_type: Arc<str>,
    /// Its state.
    pub state: GroupState,
}

/// A member as tools show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedMember {
    /// Its id.
    pub member: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance: Option<Arc<str>>,
    /// The client's id.
    pub client_id: Arc<str>,
    /// Where the client connects from.
    pub client_host: Arc<str>,
    /// What it said under the chosen protocol; empty unless the group is stable.
    pub metadata: Bytes,
    /// Its part; empty unless the group is stable.
    pub assignment: Bytes,
}

/// A group as tools show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedGroup {
    /// The group.
    pub group: Arc<str>,
    /// Its state.
    pub state: GroupState,
    /// What it assigns; empty for a group that only keeps offsets.
    pub protocol_type: Arc<str>,
    /// How it assigns; empty unless the group is stable.
    pub protocol: Arc<str>,
    /// Its members.
    pub members: Vec<DescribedMember>,
}

/// How many groups a shard has, and offsets that they have committed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupCounts {
    /// Groups by the name of their state.
    pub by_state: BTreeMap<&'static str, usize>,
    /// Offsets of all groups.
    pub offsets: usize,
}

impl GroupCounts {
    /// Groups in any state.
    pub fn groups(&self) -> usize {
        self.by_state.values().sum()
    }
}

/// A group as whoever watches the node sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyedGroup {
    /// The group.
    pub group: Arc<str>,
    /// How many members it has.
    pub members: usize,
    /// What it has committed, or as much of it as there was room for.
    pub offsets: Vec<(Arc<str>, PartitionIndex, Offset)>,
}

/// An answer, for the request that came with the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// To JoinGroup.
    Join(JoinReply),
    /// To SyncGroup.
    Sync(SyncReply),
    /// To Heartbeat.
    Heartbeat(ErrorCode),
    /// To LeaveGroup.
    Leave(LeaveReply),
    /// To OffsetCommit.
    OffsetCommit(OffsetCommitReply),
    /// To OffsetFetch.
    OffsetFetch(OffsetFetchReply),
    /// To OffsetDelete.
    OffsetDelete(OffsetDeleteReply),
    /// To DeleteGroups: group by group, in the order asked for.
    DeleteGroups(Vec<(Arc<str>, ErrorCode)>),
}

impl Reply {
    /// What to answer instead, when the records that the answer waited for were not committed.
    pub(crate) fn failed(self, error: ErrorCode) -> Self {
        let fail_topics = |topics: Vec<TopicResult>| {
            topics.into_iter().map(|topic| topic.failed(error)).collect::<Vec<_>>()
        };
        match self {
            Self::Join(reply) => Self::Join(JoinReply::refused(&reply.member, error)),
            Self::Sync(_) => Self::Sync(SyncReply::refused(error)),
            Self::Heartbeat(_) => Self::Heartbeat(error),
            Self::Leave(_) => Self::Leave(LeaveReply { error, members: Vec::new() }),
            Self::OffsetCommit(topics) => Self::OffsetCommit(fail_topics(topics)),
            Self::OffsetFetch(reply) => Self::OffsetFetch(OffsetFetchReply {
                group: reply.group,
                error,
                topics: Vec::new(),
            }),
            Self::OffsetDelete(_) => {
                Self::OffsetDelete(OffsetDeleteReply { error, topics: Vec::new() })
            }
            Self::DeleteGroups(groups) => {
                Self::DeleteGroups(groups.into_iter().map(|(group, _)| (group, error)).collect())
            }
        }
    }
}

impl TopicResult {
    fn failed(mut self, error: ErrorCode) -> Self {
        for (_, result) in &mut self.partitions {
            // What was refused for a reason of its own keeps that reason.
            if result.is_none() {
                *result = error;
            }
        }
        self
    }
}
