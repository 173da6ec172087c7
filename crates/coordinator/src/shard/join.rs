//! JoinGroup.

use std::sync::Arc;

use bytes::Bytes;
use model::ErrorCode;

use super::GroupShard;
use super::rebalance::{current_generation, prepare_or_complete, refuse};
use super::static_member;
use super::step::Step;
use crate::config::{NEW_MEMBER_JOIN_TIMEOUT_MS, PENDING_MEMBERS_MAX, PROTOCOLS_MAX};
use crate::group::{Group, GroupState, Member, Timeouts};
use crate::record;
use crate::reply::Reply;
use crate::request::{JoinGroup, Protocol};
use crate::timers::{Now, TimerKind};
use crate::writes::{Effects, Then, Token};

/// Longest string that a record can hold.
const STRING_LENGTH_MAX: usize = i16::MAX as usize;

impl GroupShard {
    pub(super) fn join(
        &mut self,
        now: Now,
        token: Token,
        mut join: JoinGroup,
        effects: &mut Effects,
    ) {
        if let Err(error) = self.validate_join(&mut join) {
            effects.replies.push((token, refuse(&join.member, error)));
            return;
        }
        let is_new_group = !self.groups.contains_key(&join.group);
        if is_new_group {
            if let Err(error) = self.may_create(&join) {
                effects.replies.push((token, refuse(&join.member, error)));
                return;
            }
            let group = Group::new(join.group.clone(), now.wall);
            self.groups.insert(join.group.clone(), group);
        }
        let (groups, mut step) = self.split(now, effects);
        let Some(group) = groups.get_mut(&join.group) else { return };
        if is_new_group {
            match record::new_group(group) {
                Ok(record) => step.append(vec![record], Then::KeepNewGroup(group.id.clone())),
                Err(_) => {
                    step.reply(token, refuse(&join.member, ErrorCode::InvalidGroupId));
                    groups.remove(&join.group);
                    return;
                }
            };
        }
        if !accepts(group, &join.member, step.config.max_members()) {
            group.remove(&join.member, step.effects);
            step.reply(token, refuse(&"".into(), ErrorCode::GroupMaxSizeReached));
        } else if !group.supports(&join.protocol_type, &join.protocols) {
            step.reply(token, refuse(&join.member, ErrorCode::InconsistentGroupProtocol));
        } else if join.member.is_empty() {
            join_new_member(group, token, join, &mut step);
        } else {
            join_known_member(group, token, join, &mut step);
        }
    }

    /// What does not depend on the group. Also drops protocols that are named twice.
    fn validate_join(&self, join: &mut JoinGroup) -> Result<(), ErrorCode> {
        if join.group.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let allowed = self.config.min_session_timeout_ms..=self.config.max_session_timeout_ms;
        if !allowed.contains(&join.session_timeout_ms) {
            return Err(ErrorCode::InvalidSessionTimeout);
        }
        if is_oversized(join, self.config.max_record_bytes) {
            return Err(ErrorCode::InvalidRequest);
        }
        let mut unique: Vec<Protocol> = Vec::with_capacity(join.protocols.len());
        for protocol in join.protocols.drain(..) {
            if unique.iter().all(|seen| seen.name != protocol.name) {
                unique.push(protocol);
            }
        }
        join.protocols = unique;
        Ok(())
    }

    fn may_create(&self, join: &JoinGroup) -> Result<(), ErrorCode> {
        if !join.member.is_empty() {
            return Err(ErrorCode::UnknownMemberId);
        }
        if join.protocol_type.is_empty() || join.protocols.is_empty() {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        if self.config.max_members() == 0 {
            return Err(ErrorCode::GroupMaxSizeReached);
        }
        if self.groups.len() >= self.config.groups_max {
            return Err(ErrorCode::PolicyViolation);
        }
        Ok(())
    }
}

/// Whether the request holds what no record could.
fn is_oversized(join: &JoinGroup, max_record_bytes: usize) -> bool {
    let names = [&join.group, &join.member, &join.protocol_type, &join.client_id];
    let protocols = join.protocols.iter().map(|protocol| &protocol.name);
    let mut strings = names.into_iter().chain(&join.instance).chain(protocols);
    let metadata: usize = join.protocols.iter().map(|protocol| protocol.metadata.len()).sum();
    join.protocols.len() > PROTOCOLS_MAX
        || strings.any(|string| string.len() > STRING_LENGTH_MAX)
        || metadata > max_record_bytes
}

/// Whether the group has room for the member. During a rebalance only those count that are back.
fn accepts(group: &Group, member: &str, max_members: usize) -> bool {
    match group.state() {
        GroupState::Empty | GroupState::Dead => true,
        GroupState::PreparingRebalance => {
            group.member(member).is_some_and(|member| member.awaiting_join.is_some())
                || group.awaiting_join() < max_members
        }
        GroupState::CompletingRebalance | GroupState::Stable => {
            group.has_member(member) || group.members().len() < max_members
        }
    }
}

fn join_new_member(group: &mut Group, token: Token, join: JoinGroup, step: &mut Step<'_>) {
    let id = new_member_id(join.instance.as_ref().unwrap_or(&join.client_id), join.random);
    if let Some(instance) = &join.instance {
        match group.static_member(instance).cloned() {
            Some(old) => static_member::rejoin(group, token, join, &old, &id, step),
            None => add_member(group, token, join, id, step),
        }
        return;
    }
    if !join.member_id_required {
        add_member(group, token, join, id, step);
        return;
    }
    if group.pending_join.len() >= PENDING_MEMBERS_MAX {
        step.reply(token, refuse(&"".into(), ErrorCode::GroupMaxSizeReached));
        return;
    }
    group.pending_join.insert(id.clone());
    let timeout_ms = i64::from(join.session_timeout_ms);
    step.timers.schedule(&group.id, TimerKind::Session(id.clone()), step.now, timeout_ms);
    step.reply(token, refuse(&id, ErrorCode::MemberIdRequired));
}

fn join_known_member(group: &mut Group, token: Token, join: JoinGroup, step: &mut Step<'_>) {
    let id = join.member.clone();
    if join.instance.is_none() && group.pending_join.contains(&id) {
        add_member(group, token, join, id, step);
        return;
    }
    if let Err(error) = group.validate_member(&id, join.instance.as_deref()) {
        step.reply(token, refuse(&id, error));
        return;
    }
    let unchanged = group.member(&id).is_some_and(|member| member.protocols == join.protocols);
    let rejoins = match group.state() {
        GroupState::PreparingRebalance => true,
        // The same words again: the answer got lost, so it is given again.
        GroupState::CompletingRebalance => !unchanged,
        // A leader asks again to have partitions assigned anew.
        GroupState::Stable => group.is_leader(&id) || !unchanged,
        GroupState::Empty | GroupState::Dead => {
            step.reply(token, refuse(&id, ErrorCode::UnknownMemberId));
            return;
        }
    };
    if !rejoins {
        let reply = current_generation(group, &id);
        step.reply(token, Reply::Join(reply));
        return;
    }
    let timeouts = timeouts(&join);
    group.update_member(&id, detach(join.protocols), timeouts, token, step.effects);
    prepare_or_complete(group, step);
}

/// Adds a member and rebalances.
fn add_member(group: &mut Group, token: Token, join: JoinGroup, id: Arc<str>, step: &mut Step<'_>) {
    let timeouts = timeouts(&join);
    let member = Member {
        id,
        instance: join.instance,
        client_id: join.client_id,
        client_host: join.client_host,
        session_timeout_ms: timeouts.session_ms,
        rebalance_timeout_ms: timeouts.rebalance_ms,
        protocols: detach(join.protocols),
        assignment: Bytes::new(),
        awaiting_join: Some(token),
        awaiting_sync: None,
        is_new: true,
    };
    if group.initial_rebalance.is_some() {
        group.new_member_added = true;
    }
    step.start_session(group, &member, NEW_MEMBER_JOIN_TIMEOUT_MS);
    group.add(member, &join.protocol_type);
    prepare_or_complete(group, step);
}

pub(super) fn timeouts(join: &JoinGroup) -> Timeouts {
    Timeouts { session_ms: join.session_timeout_ms, rebalance_ms: join.rebalance_timeout_ms.max(0) }
}

/// Copies what a member said, so that its frame is not kept.
pub(super) fn detach(protocols: Vec<Protocol>) -> Vec<Protocol> {
    let copy = |protocol: Protocol| Protocol {
        name: protocol.name,
        metadata: Bytes::copy_from_slice(&protocol.metadata),
    };
    protocols.into_iter().map(copy).collect()
}

/// `PREFIX-UUID`, as Kafka makes member ids.
fn new_member_id(prefix: &str, random: [u8; 16]) -> Arc<str> {
    let bytes = u128::from_be_bytes(random);
    let (version, variant) = (0x4u128 << 76, 0x2u128 << 62);
    let bytes = (bytes & !(0xf << 76) & !(0x3 << 62)) | version | variant;
    let hex = format!("{bytes:032x}");
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("{prefix}-{a}-{b}-{c}-{d}-{e}").into()
}

#[cfg(test)]
mod tests {
    use super::new_member_id;

    #[test]
    fn member_id_ends_in_a_random_uuid() {
        assert_eq!(
            &*new_member_id("client", [0xff; 16]),
            "client-ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_eq!(&*new_member_id("", [0; 16]), "-00000000-0000-4000-8000-000000000000");
    }
}
