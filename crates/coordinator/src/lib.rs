//! Consumer groups (classic protocol) and committed offsets, as a pure state machine over the
//! records of `__consumer_offsets`. No socket, file, clock or randomness: time, tokens and random
//! bytes come in as arguments, answers and records go out as [`Effects`].
//!
//! One [`GroupShard`] owns the groups of one partition of `__consumer_offsets`
//! ([`partition_for`]). A request either is answered at once, or is parked under its [`Token`]
//! until a rebalance ends, or waits for records: they leave as an [`Append`], and the shell calls
//! [`GroupShard::committed`] when the high watermark has passed them, or [`GroupShard::failed`].
//!
//! Invariants:
//! - Every token that was handed in comes out in exactly one reply, also when the shard is unloaded.
//! - Readers see committed offsets only; an offset moves by an accepted commit only.
//! - A generation has one leader and one protocol, and the generation of a group never falls.
//! - Replaying all records of the partition into a new shard gives the same offsets, and each group
//!   as it was when its last record was written.
//!
//! Where to look: [`GroupConfig`] for the limits; `request` and `reply` for what goes in and out;
//! `group` for one group's members and votes; `shard` for the rules, one file per request; `record`
//! for the bytes.

mod config;
mod group;
mod offsets;
mod partitioner;
mod record;
mod reply;
mod request;
mod shard;
mod timers;
mod writes;

pub use config::GroupConfig;
pub use group::GroupState;
pub use offsets::CommittedOffset;
pub use partitioner::partition_for;
pub use record::{RecordError, Replayed};
pub use reply::{
    DescribedGroup, DescribedMember, FetchedOffset, FetchedTopic, GroupCounts, JoinReply,
    JoinedMember, LeaveReply, LeftMember, ListedGroup, OffsetCommitReply, OffsetDeleteReply,
    OffsetFetchReply, Reply, SurveyedGroup, SyncReply, TopicResult,
};
pub use request::{
    Assignment, CommitPartition, CommitTopic, Heartbeat, JoinGroup, LeaveGroup, LeavingMember,
    ListFilter, OffsetCommit, OffsetDelete, OffsetFetch, Protocol, Request, SyncGroup,
    TopicPartitions,
};
pub use shard::GroupShard;
pub use timers::Now;
pub use writes::{Append, Effects, Record, Ticket, Token};
