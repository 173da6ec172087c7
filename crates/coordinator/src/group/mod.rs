//! One group: its members, who leads, what they agree on. Holds no timer and writes nothing; the
//! rules of when to do what are in `shard`.
//!
//! Invariants: `static_members` maps to present members; pending member ids are no members;
//! `awaiting_join` counts the members with a parked JoinGroup; `support` counts, per protocol, the
//! members that offer it; a leader, if there is one, is a member.

mod member;
mod votes;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::{ErrorCode, Timestamp};

pub(crate) use member::Member;

use crate::reply::{JoinReply, JoinedMember, Reply, SyncReply};
use crate::request::Protocol;
use crate::writes::{Effects, Token};

/// What `protocol_type` consumers use.
pub(crate) const CONSUMER_PROTOCOL_TYPE: &str = "consumer";

/// Where a group stands (the classic protocol's states).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupState {
    /// No members; it may keep offsets.
    Empty,
    /// Members are asked to join the next generation.
    PreparingRebalance,
    /// The leader is computing the assignment.
    CompletingRebalance,
    /// Everyone has, or can ask for, an assignment.
    Stable,
    /// There is no such group.
    Dead,
}

impl GroupState {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

/// How far the first rebalance of a group has got in waiting for more members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InitialDelay {
    /// How long the round under way takes.
    pub(crate) delay_ms: i64,
    /// How much may be added to it.
    pub(crate) remaining_ms: i64,
}

/// A group of the classic protocol.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: Arc<str>,
    state: GroupState,
    /// Whether the rebalance under way began in an empty group, so that it waits its initial delay.
    pub(crate) initial_rebalance: Option<InitialDelay>,
    /// Since when the state is what it is; offsets of an empty group expire from then on.
    pub(crate) state_since: Option<Timestamp>,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<Arc<str>>,
    members: BTreeMap<Arc<str>, Member>,
    static_members: HashMap<Arc<str>, Arc<str>>,
    /// Ids handed out with MEMBER_ID_REQUIRED that have not come back yet.
    pub(crate) pending_join: BTreeSet<Arc<str>>,
    /// Members of this generation that have not sent SyncGroup yet.
    pub(crate) pending_sync: BTreeSet<Arc<str>>,
    awaiting_join: usize,
    support: HashMap<Arc<str>, usize>,
    /// Topics that the members read, as far as the coordinator understands their protocol.
    subscribed_topics: Option<HashSet<Arc<str>>>,
    /// Whether someone joined during the initial delay, which is then extended.
    pub(crate) new_member_added: bool,
}

impl Group {
    /// A group without members.
    pub(crate) fn new(id: Arc<str>, now: Timestamp) -> Self {
        Self {
            id,
            state: GroupState::Empty,
            initial_rebalance: None,
            state_since: Some(now),
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            static_members: HashMap::new(),
            pending_join: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            awaiting_join: 0,
            support: HashMap::new(),
            subscribed_topics: None,
            new_member_added: false,
        }
    }

    pub(crate) fn state(&self) -> GroupState {
        self.state
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state == GroupState::Empty
    }

    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    pub(crate) fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    pub(crate) fn has_member(&self, id: &str) -> bool {
        self.members.contains_key(id)
    }

    pub(crate) fn is_leader(&self, id: &str) -> bool {
        self.leader.as_deref() == Some(id)
    }

    pub(crate) fn static_member(&self, instance: &str) -> Option<&Arc<str>> {
        self.static_members.get(instance)
    }

    pub(crate) fn awaiting_join(&self) -> usize {
        self.awaiting_join
    }

    pub(crate) fn has_all_joined(&self) -> bool {
        self.awaiting_join == self.members.len() && self.pending_join.is_empty()
    }

    /// The longest that any member may take to join.
    pub(crate) fn rebalance_timeout_ms(&self) -> i64 {
        let longest = self.members.values().map(|member| member.rebalance_timeout_ms).max();
        i64::from(longest.unwrap_or(0).max(0))
    }

    /// Checks that the member is one, and that it is the one that its instance id now stands for.
    pub(crate) fn validate_member(
        &self,
        member: &str,
        instance: Option<&str>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance) = instance {
            match self.static_members.get(instance) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(current) if &**current != member => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.has_member(member) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    /// Moves to another state. Which moves there are is the classic protocol's state diagram.
    pub(crate) fn transition(&mut self, next: GroupState, now: Timestamp) {
        use GroupState::{CompletingRebalance, Dead, Empty, PreparingRebalance, Stable};
        debug_assert!(
            matches!(
                (self.state, next),
                (PreparingRebalance, Empty | CompletingRebalance)
                    | (Stable | CompletingRebalance | Empty, PreparingRebalance)
                    | (CompletingRebalance, Stable)
                    | (_, Dead)
            ),
            "{:?} to {next:?}",
            self.state
        );
        self.state = next;
        self.state_since = Some(now);
    }

    /// Adds a member. The first one decides the protocol type, and leads.
    pub(crate) fn add(&mut self, member: Member, protocol_type: &Arc<str>) {
        debug_assert!(!self.has_member(&member.id), "a member is added once");
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.clone());
        }
        if let Some(instance) = &member.instance {
            self.static_members.insert(instance.clone(), member.id.clone());
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.pending_join.remove(&member.id);
        self.awaiting_join += usize::from(member.awaiting_join.is_some());
        self.count_support(&member.protocols);
        self.members.insert(member.id.clone(), member);
        self.assert_consistent();
    }

    /// Takes a member (or a pending id) out. Its parked requests are answered, as nobody else would.
    pub(crate) fn remove(&mut self, id: &str, effects: &mut Effects) -> Option<Member> {
        let mut removed = self.members.remove(id);
        if let Some(member) = &mut removed {
            if let Some(token) = member.awaiting_join.take() {
                self.awaiting_join -= 1;
                let reply = JoinReply::refused(&"".into(), ErrorCode::UnknownMemberId);
                effects.replies.push((token, Reply::Join(reply)));
            }
            if let Some(token) = member.awaiting_sync.take() {
                let reply = SyncReply::refused(ErrorCode::UnknownMemberId);
                effects.replies.push((token, Reply::Sync(reply)));
            }
            self.uncount_support(&member.protocols);
            if let Some(instance) = &member.instance {
                self.static_members.remove(instance);
            }
        }
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_join.remove(id);
        self.pending_sync.remove(id);
        self.assert_consistent();
        removed
    }

    /// Changes what a member said at its last join, and parks the join that said so.
    pub(crate) fn update_member(
        &mut self,
        id: &str,
        protocols: Vec<Protocol>,
        timeouts: Timeouts,
        token: Token,
        effects: &mut Effects,
    ) {
        let Some(mut member) = self.members.remove(id) else { return };
        self.uncount_support(&member.protocols);
        member.protocols = protocols;
        member.session_timeout_ms = timeouts.session_ms;
        member.rebalance_timeout_ms = timeouts.rebalance_ms;
        match member.awaiting_join.replace(token) {
            None => self.awaiting_join += 1,
            Some(superseded) => {
                let reply = JoinReply::refused(&member.id, ErrorCode::RebalanceInProgress);
                effects.replies.push((superseded, Reply::Join(reply)));
            }
        }
        self.count_support(&member.protocols);
        self.members.insert(member.id.clone(), member);
        self.assert_consistent();
    }

    /// Gives a static member a new id; whatever is parked under the old one is fenced. Answers with
    /// the member as it was.
    pub(crate) fn replace_static_member(
        &mut self,
        old_id: &str,
        new_id: &Arc<str>,
        effects: &mut Effects,
    ) -> Option<Member> {
        let mut old = self.members.remove(old_id)?;
        if let Some(token) = old.awaiting_join.take() {
            self.awaiting_join -= 1;
            let reply = JoinReply::refused(&old.id, ErrorCode::FencedInstanceId);
            effects.replies.push((token, Reply::Join(reply)));
        }
        if let Some(token) = old.awaiting_sync.take() {
            let reply = SyncReply::refused(ErrorCode::FencedInstanceId);
            effects.replies.push((token, Reply::Sync(reply)));
        }
        if let Some(instance) = &old.instance {
            self.static_members.insert(instance.clone(), new_id.clone());
        }
        if self.is_leader(old_id) {
            self.leader = Some(new_id.clone());
        }
        if self.pending_sync.remove(old_id) {
            self.pending_sync.insert(new_id.clone());
        }
        let new = Member { id: new_id.clone(), is_new: false, ..old.clone() };
        self.members.insert(new_id.clone(), new);
        self.assert_consistent();
        Some(old)
    }

    /// Puts a static member back as it was before [`Group::replace_static_member`].
    pub(crate) fn restore_static_member(
        &mut self,
        new_id: &str,
        old: Member,
        error: ErrorCode,
        effects: &mut Effects,
    ) {
        let Some(new) = self.members.get_mut(new_id) else { return };
        if let Some(token) = new.awaiting_join.take() {
            self.awaiting_join -= 1;
            let reply = JoinReply::refused(&"".into(), error);
            effects.replies.push((token, Reply::Join(reply)));
        }
        let replaced = new.protocols.clone();
        self.uncount_support(&replaced);
        self.count_support(&old.protocols);
        let old_id = old.id.clone();
        self.replace_static_member(new_id, &old_id, effects);
        self.members.insert(old_id, old);
        self.assert_consistent();
    }

    pub(crate) fn set_awaiting_sync(&mut self, id: &str, token: Token, effects: &mut Effects) {
        let Some(member) = self.members.get_mut(id) else { return };
        if let Some(superseded) = member.awaiting_sync.replace(token) {
            let reply = SyncReply::refused(ErrorCode::RebalanceInProgress);
            effects.replies.push((superseded, Reply::Sync(reply)));
        }
        self.pending_sync.remove(id);
    }

    /// Releases the parked JoinGroup of a member, if there is one.
    pub(crate) fn complete_join(&mut self, id: &str, reply: JoinReply, effects: &mut Effects) {
        let Some(member) = self.members.get_mut(id) else { return };
        if let Some(token) = member.awaiting_join.take() {
            self.awaiting_join -= 1;
            effects.replies.push((token, Reply::Join(reply)));
        }
    }

    pub(crate) fn clear_is_new(&mut self, id: &str) {
        if let Some(member) = self.members.get_mut(id) {
            member.is_new = false;
        }
    }

    /// Sets everyone's assignment; who is not named gets an empty one. The parked SyncGroups are
    /// released; the answer names their members.
    pub(crate) fn release_syncs(
        &mut self,
        error: ErrorCode,
        assignments: &BTreeMap<Arc<str>, bytes::Bytes>,
        effects: &mut Effects,
    ) -> Vec<Arc<str>> {
        let mut released = Vec::new();
        let agreed = |name: &Option<Arc<str>>| name.clone().filter(|_| error.is_none());
        let (protocol_type, protocol) = (agreed(&self.protocol_type), agreed(&self.protocol));
        for member in self.members.values_mut() {
            member.assignment = assignments.get(&member.id).cloned().unwrap_or_default();
            if let Some(token) = member.awaiting_sync.take() {
                let reply = SyncReply {
                    error,
                    protocol_type: protocol_type.clone(),
                    protocol: protocol.clone(),
                    assignment: member.assignment.clone(),
                };
                effects.replies.push((token, Reply::Sync(reply)));
                released.push(member.id.clone());
            }
        }
        released
    }

    /// Members that the rebalance under way still waits for.
    pub(crate) fn not_yet_rejoined(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|member| member.awaiting_join.is_none())
    }

    /// Makes someone the leader who is there, when the leader is not. Whether there is one then.
    pub(crate) fn elect_joined_leader(&mut self) -> bool {
        let Some(leader) = self.leader.as_ref().and_then(|id| self.members.get(id)) else {
            return false;
        };
        if leader.awaiting_join.is_some() {
            return true;
        }
        match self.members.values().find(|member| member.awaiting_join.is_some()) {
            Some(member) => {
                self.leader = Some(member.id.clone());
                true
            }
            None => false,
        }
    }

    /// Begins the next generation with the members that there are.
    pub(crate) fn begin_next_generation(&mut self, now: Timestamp) {
        debug_assert_eq!(self.state, GroupState::PreparingRebalance);
        // Wrapping would let an old generation come again; Kafka's counter has the same end.
        self.generation = self.generation.saturating_add(1);
        self.protocol = self.select_protocol();
        self.subscribed_topics = self.compute_subscribed_topics();
        self.initial_rebalance = None;
        self.pending_sync.clear();
        let next = if self.members.is_empty() {
            GroupState::Empty
        } else {
            GroupState::CompletingRebalance
        };
        self.transition(next, now);
    }

    /// Everyone, as the leader is told.
    pub(crate) fn joined_members(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        self.members
            .values()
            .map(|member| JoinedMember {
                member: member.id.clone(),
                instance: member.instance.clone(),
                metadata: member.metadata(protocol),
            })
            .collect()
    }

    /// Takes the state that a record of this group describes.
    pub(crate) fn load(
        &mut self,
        protocol_type: Option<Arc<str>>,
        members: Vec<Member>,
        since: Option<Timestamp>,
    ) {
        let loaded_type = protocol_type.clone().unwrap_or_else(|| "".into());
        let leader = self.leader.take();
        for member in members {
            // A record that names someone twice is not ours; the last one counts.
            if self.has_member(&member.id) {
                self.remove(&member.id.clone(), &mut Effects::default());
            }
            self.add(member, &loaded_type);
        }
        self.leader = leader.filter(|id| self.has_member(id)).or(self.leader.take());
        self.protocol_type = protocol_type;
        self.state = if self.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
        self.state_since = since;
        self.subscribed_topics = self.compute_subscribed_topics();
    }

    /// The named invariants of a group, checked in tests and debug builds.
    fn assert_consistent(&self) {
        debug_assert_eq!(
            self.awaiting_join,
            self.members.values().filter(|member| member.awaiting_join.is_some()).count()
        );
        debug_assert!(self.static_members.values().all(|id| self.members.contains_key(id)));
        debug_assert!(self.leader.as_ref().is_none_or(|id| self.members.contains_key(id)));
        debug_assert!(self.members.keys().all(|id| !self.pending_join.contains(id)));
    }
}

/// The times that a member asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) session_ms: i32,
    pub(crate) rebalance_ms: i32,
}
