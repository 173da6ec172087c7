//! Heartbeat, and what happens when none comes.

use model::ErrorCode;

use super::GroupShard;
use super::rebalance::{complete, prepare_or_complete};
use super::step::Step;
use crate::group::{Group, GroupState};
use crate::reply::Reply;
use crate::request::Heartbeat;
use crate::timers::{Now, TimerKind};
use crate::writes::{Effects, Token};

impl GroupShard {
    pub(super) fn heartbeat(
        &mut self,
        now: Now,
        token: Token,
        heartbeat: Heartbeat,
        effects: &mut Effects,
    ) {
        let (groups, mut step) = self.split(now, effects);
        let error = beat(groups.get(&heartbeat.group), &heartbeat, &mut step);
        step.reply(token, Reply::Heartbeat(error.err().unwrap_or_default()));
    }
}

fn beat(
    group: Option<&Group>,
    heartbeat: &Heartbeat,
    step: &mut Step<'_>,
) -> Result<(), ErrorCode> {
    if heartbeat.group.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let group = group.ok_or(ErrorCode::UnknownMemberId)?;
    group.validate_member(&heartbeat.member, heartbeat.instance.as_deref())?;
    if heartbeat.generation != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    let member = group.member(&heartbeat.member).ok_or(ErrorCode::UnknownMemberId)?;
    step.restart_session(group, member);
    match group.state() {
        GroupState::PreparingRebalance => Err(ErrorCode::RebalanceInProgress),
        GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
        GroupState::Empty | GroupState::Dead => Err(ErrorCode::UnknownMemberId),
    }
}

/// A member was silent for too long, or never used the id that it was given.
pub(super) fn session_expires(group: &mut Group, id: &str, step: &mut Step<'_>) {
    let was_pending = group.pending_join.contains(id);
    let waits_for_us = group.member(id).is_some_and(|member| member.has_satisfied_heartbeat());
    if waits_for_us || !(was_pending || group.has_member(id)) {
        return;
    }
    group.remove(id, step.effects);
    after_removal(group, was_pending, step);
}

/// A rebalance no longer waits for who is gone; a group at rest has to rebalance without it.
fn after_removal(group: &mut Group, was_pending: bool, step: &mut Step<'_>) {
    match group.state() {
        GroupState::Stable | GroupState::CompletingRebalance if !was_pending => {
            prepare_or_complete(group, step);
        }
        GroupState::PreparingRebalance if group.has_all_joined() => {
            complete(group, step);
        }
        _ => {}
    }
}

/// Ends a session because the member says so.
pub(super) fn end_session(group: &mut Group, id: &str, step: &mut Step<'_>) {
    step.timers.cancel(&group.id, TimerKind::Session(id.into()));
    group.remove(id, step.effects);
}
