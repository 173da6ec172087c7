//! One test per rule, on a shard whose log is a list.

mod expiry;
mod limits;
mod membership;
mod offsets;
mod records;
mod simulation;
mod static_members;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, Timestamp, Uuid};

use crate::*;

/// A shard, its clock, its log, and the answers that have not been looked at.
pub(super) struct Bench {
    pub(super) shard: GroupShard,
    pub(super) now: Now,
    /// What is committed, in order.
    pub(super) log: Vec<Record>,
    /// What is under way.
    pub(super) under_way: Vec<Append>,
    pub(super) replies: BTreeMap<Token, Reply>,
    /// Whether appends are committed as soon as they are made.
    pub(super) commits_at_once: bool,
    tokens: u64,
}

impl Bench {
    pub(super) fn new(config: GroupConfig) -> Self {
        let mut bench = Self {
            shard: GroupShard::new(config),
            now: Now { wall: Timestamp::new(1_700_000_000_000), ticks_ms: 0 },
            log: Vec::new(),
            under_way: Vec::new(),
            replies: BTreeMap::new(),
            commits_at_once: true,
            tokens: 0,
        };
        let mut effects = Effects::default();
        bench.shard.loaded(bench.now, &mut effects);
        bench.take(effects);
        bench
    }

    /// A bench whose groups start without delay.
    pub(super) fn eager() -> Self {
        Self::new(GroupConfig { initial_rebalance_delay_ms: 0, ..GroupConfig::default() })
    }

    pub(super) fn send(&mut self, request: Request) -> Token {
        self.tokens += 1;
        let token = Token(self.tokens);
        let mut effects = Effects::default();
        self.shard.handle(self.now, token, request, &mut effects);
        self.take(effects);
        token
    }

    /// Sends a request that has to be answered at once.
    pub(super) fn ask(&mut self, request: Request) -> Reply {
        let token = self.send(request);
        self.reply(token)
    }

    pub(super) fn reply(&mut self, token: Token) -> Reply {
        self.replies.remove(&token).expect("the request is answered")
    }

    pub(super) fn joined(&mut self, token: Token) -> JoinReply {
        match self.reply(token) {
            Reply::Join(reply) => reply,
            other => panic!("not the answer to a join: {other:?}"),
        }
    }

    pub(super) fn synced(&mut self, token: Token) -> SyncReply {
        match self.reply(token) {
            Reply::Sync(reply) => reply,
            other => panic!("not the answer to a sync: {other:?}"),
        }
    }

    /// Lets time pass, timer by timer.
    pub(super) fn pass_ms(&mut self, ms: u64) {
        let end = self.now.ticks_ms + ms;
        while let Some(at) = self.shard.next_deadline().filter(|&at| at <= end) {
            self.move_clock(at.max(self.now.ticks_ms));
            let mut effects = Effects::default();
            self.shard.tick(self.now, &mut effects);
            self.take(effects);
        }
        self.move_clock(end);
    }

    fn move_clock(&mut self, ticks_ms: u64) {
        let passed = (ticks_ms - self.now.ticks_ms) as i64;
        self.now = Now { wall: self.now.wall.plus_ms(passed), ticks_ms };
    }

    pub(super) fn take(&mut self, effects: Effects) {
        for (token, reply) in effects.replies {
            let old = self.replies.insert(token, reply);
            assert_eq!(old, None, "{token:?} is answered once");
        }
        self.under_way.extend(effects.appends);
        while self.commits_at_once && !self.under_way.is_empty() {
            self.commit_next();
        }
    }

    pub(super) fn commit_next(&mut self) {
        let append = self.under_way.remove(0);
        assert!(!append.records.is_empty());
        self.log.extend(append.records);
        let mut effects = Effects::default();
        self.shard.committed(self.now, append.ticket, &mut effects);
        self.take(effects);
    }

    pub(super) fn fail_next(&mut self, error: ErrorCode) {
        let append = self.under_way.remove(0);
        let mut effects = Effects::default();
        self.shard.failed(self.now, append.ticket, error, &mut effects);
        self.take(effects);
    }

    /// A new shard with what is in the log.
    pub(super) fn restarted(&self, config: GroupConfig) -> Bench {
        let mut bench = Bench { shard: GroupShard::new(config), ..Bench::new(config) };
        bench.now = self.now;
        bench.log = self.log.clone();
        for record in &self.log {
            bench.shard.replay(&record.key, record.value.as_ref()).expect("own records are read");
        }
        let mut effects = Effects::default();
        bench.shard.loaded(bench.now, &mut effects);
        bench.take(effects);
        bench
    }

    pub(super) fn state(&self, group: &str) -> GroupState {
        self.shard.describe_group(group).map_or(GroupState::Dead, |group| group.state)
    }

    pub(super) fn offset(&self, group: &str, topic: &str, partition: i32) -> i64 {
        let topics = Some(vec![TopicPartitions {
            name: topic.into(),
            id: Uuid::ZERO,
            partitions: vec![PartitionIndex::new(partition)],
        }]);
        let fetch = OffsetFetch { group: group.into(), topics, require_stable: false };
        self.shard.fetch_offsets(&fetch).topics[0].partitions[0].offset.get()
    }

    /// Brings a group of one dynamic member to Stable; its id.
    pub(super) fn stable_group(&mut self, group: &str) -> Arc<str> {
        let token = self.send(Request::Join(join(group)));
        let joined = self.joined(token);
        assert_eq!(joined.error, ErrorCode::None);
        let token = self.send(Request::Sync(sync(group, &joined, &[(&joined.member, b"all")])));
        assert_eq!(self.synced(token).error, ErrorCode::None);
        joined.member
    }
}

/// A consumer that joins in a version before member ids were required.
pub(super) fn join(group: &str) -> JoinGroup {
    JoinGroup {
        group: group.into(),
        member: "".into(),
        instance: None,
        protocol_type: "consumer".into(),
        protocols: vec![protocol("range", &subscription(&["topic"]))],
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        member_id_required: false,
        can_skip_assignment: false,
        random: random(),
    }
}

/// Bytes that differ from call to call.
fn random() -> [u8; 16] {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(0);
    u128::from(LAST.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

pub(super) fn rejoin(group: &str, member: &str) -> JoinGroup {
    JoinGroup { member: member.into(), ..join(group) }
}

pub(super) fn static_join(group: &str, instance: &str) -> JoinGroup {
    JoinGroup { instance: Some(instance.into()), ..join(group) }
}

pub(super) fn protocol(name: &str, metadata: &[u8]) -> Protocol {
    Protocol { name: name.into(), metadata: Bytes::copy_from_slice(metadata) }
}

/// A consumer's subscription, version 0.
pub(super) fn subscription(topics: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend((topics.len() as i32).to_be_bytes());
    for topic in topics {
        bytes.extend((topic.len() as i16).to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    bytes.extend((-1i32).to_be_bytes());
    bytes
}

pub(super) fn sync(group: &str, joined: &JoinReply, parts: &[(&str, &[u8])]) -> SyncGroup {
    let part = |(member, bytes): &(&str, &[u8])| Assignment {
        member: (*member).into(),
        assignment: Bytes::copy_from_slice(bytes),
    };
    SyncGroup {
        group: group.into(),
        member: joined.member.clone(),
        instance: None,
        generation: joined.generation,
        protocol_type: joined.protocol_type.clone(),
        protocol: joined.protocol.clone(),
        assignments: parts.iter().map(part).collect(),
    }
}

pub(super) fn heartbeat(group: &str, member: &str, generation: i32) -> Request {
    Request::Heartbeat(Heartbeat {
        group: group.into(),
        member: member.into(),
        instance: None,
        generation,
    })
}

pub(super) fn leave(group: &str, member: &str) -> Request {
    let members = vec![LeavingMember { member: member.into(), instance: None }];
    Request::Leave(LeaveGroup { group: group.into(), members })
}

/// A commit of one offset of `topic`, partition 0, by a consumer that assigns itself.
pub(super) fn commit(group: &str, offset: i64) -> OffsetCommit {
    OffsetCommit {
        group: group.into(),
        member: "".into(),
        instance: None,
        generation: -1,
        retention_ms: None,
        knows_group_id_not_found: true,
        topics: vec![CommitTopic {
            name: "topic".into(),
            id: Uuid::ZERO,
            partitions: vec![CommitPartition {
                partition: PartitionIndex::new(0),
                offset: Offset::new(offset),
                leader_epoch: LeaderEpoch::NONE,
                metadata: None,
            }],
        }],
    }
}

pub(super) fn member_commit(
    group: &str,
    member: &str,
    generation: i32,
    offset: i64,
) -> OffsetCommit {
    OffsetCommit { member: member.into(), generation, ..commit(group, offset) }
}

/// The error of a commit of one offset.
pub(super) fn commit_error(reply: Reply) -> ErrorCode {
    match reply {
        Reply::OffsetCommit(topics) => topics[0].partitions[0].1,
        other => panic!("not the answer to a commit: {other:?}"),
    }
}
