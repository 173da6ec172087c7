//! A rebalance: everyone joins, a generation begins, the leader assigns.

use std::collections::BTreeMap;

use model::ErrorCode;

use super::step::Step;
use crate::group::{Group, GroupState, InitialDelay};
use crate::record;
use crate::reply::{JoinReply, Reply};
use crate::timers::TimerKind;
use crate::writes::{Then, Ticket};

/// How long to wait again when nobody at all has joined, however short members' own timeouts are.
const NOBODY_JOINED_WAIT_MIN_MS: i64 = 1_000;

/// Asks everyone to join anew, or, when that is under way, sees whether everyone has.
pub(super) fn prepare_or_complete(group: &mut Group, step: &mut Step<'_>) -> Option<Ticket> {
    match group.state() {
        GroupState::Empty | GroupState::Stable | GroupState::CompletingRebalance => {
            prepare(group, step)
        }
        GroupState::PreparingRebalance | GroupState::Dead => complete_if_all_joined(group, step),
    }
}

/// Asks everyone to join anew. An empty group waits a while for further members first.
pub(super) fn prepare(group: &mut Group, step: &mut Step<'_>) -> Option<Ticket> {
    if group.state() == GroupState::CompletingRebalance {
        reset_assignments(group, ErrorCode::RebalanceInProgress, step);
    }
    group.pending_sync.clear();
    step.timers.cancel(&group.id, TimerKind::Sync);
    if group.is_empty() {
        let delay_ms = i64::from(step.config.initial_rebalance_delay_ms.max(0));
        let remaining_ms = (group.rebalance_timeout_ms() - delay_ms).max(0);
        group.initial_rebalance = Some(InitialDelay { delay_ms, remaining_ms });
        group.new_member_added = false;
        step.timers.schedule(&group.id, TimerKind::Join, step.now, delay_ms);
        group.transition(GroupState::PreparingRebalance, step.now.wall);
        return None;
    }
    group.transition(GroupState::PreparingRebalance, step.now.wall);
    if group.has_all_joined() {
        return complete(group, step);
    }
    let timeout_ms = group.rebalance_timeout_ms();
    step.timers.schedule(&group.id, TimerKind::Join, step.now, timeout_ms);
    None
}

/// Ends the join phase if nobody is missing; the first one of a group waits its delay regardless.
pub(super) fn complete_if_all_joined(group: &mut Group, step: &mut Step<'_>) -> Option<Ticket> {
    let preparing = group.state() == GroupState::PreparingRebalance;
    if preparing && group.initial_rebalance.is_none() && group.has_all_joined() {
        return complete(group, step);
    }
    None
}

/// The timer of the join phase has run out.
pub(super) fn join_phase_ends(group: &mut Group, step: &mut Step<'_>) {
    if group.state() != GroupState::PreparingRebalance {
        return;
    }
    if let Some(delay) = group.initial_rebalance
        && group.new_member_added
        && delay.remaining_ms > 0
    {
        group.new_member_added = false;
        let configured_ms = i64::from(step.config.initial_rebalance_delay_ms.max(0));
        let delay_ms = configured_ms.min(delay.remaining_ms);
        let remaining_ms = (delay.remaining_ms - delay.delay_ms).max(0);
        group.initial_rebalance = Some(InitialDelay { delay_ms, remaining_ms });
        step.timers.schedule(&group.id, TimerKind::Join, step.now, delay_ms);
        return;
    }
    complete(group, step);
}

/// Ends the join phase: dynamic members that did not join are out, and the next generation begins.
pub(super) fn complete(group: &mut Group, step: &mut Step<'_>) -> Option<Ticket> {
    step.timers.cancel(&group.id, TimerKind::Join);
    let late: Vec<_> = group
        .not_yet_rejoined()
        .filter(|member| member.instance.is_none())
        .map(|member| member.id.clone())
        .collect();
    for id in late {
        group.remove(&id, step.effects);
        step.timers.cancel(&group.id, TimerKind::Session(id));
    }
    if !group.elect_joined_leader() && group.members().len() > 0 {
        // Only static members are left, and none of them is here: wait for one, or for their
        // sessions to end.
        group.initial_rebalance = None;
        let wait_ms = group.rebalance_timeout_ms().max(NOBODY_JOINED_WAIT_MIN_MS);
        step.timers.schedule(&group.id, TimerKind::Join, step.now, wait_ms);
        return None;
    }
    group.begin_next_generation(step.now.wall);
    if group.is_empty() {
        return write_group(group, step);
    }
    answer_joins(group, step);
    let timeout_ms = group.rebalance_timeout_ms();
    step.timers.schedule(&group.id, TimerKind::Sync, step.now, timeout_ms);
    None
}

/// Tells everyone the new generation, and the leader also who is in it.
fn answer_joins(group: &mut Group, step: &mut Step<'_>) {
    let ids: Vec<_> = group.members().map(|member| member.id.clone()).collect();
    for id in ids {
        let reply = current_generation(group, &id);
        group.complete_join(&id, reply, step.effects);
        group.clear_is_new(&id);
        if let Some(member) = group.member(&id) {
            step.restart_session(group, member);
        }
        group.pending_sync.insert(id);
    }
}

/// The answer to a JoinGroup of a member of the current generation.
pub(super) fn current_generation(group: &Group, member: &std::sync::Arc<str>) -> JoinReply {
    JoinReply {
        error: ErrorCode::None,
        generation: group.generation,
        protocol_type: group.protocol_type.clone(),
        protocol: group.protocol.clone(),
        leader: group.leader.clone().unwrap_or_else(|| "".into()),
        skip_assignment: false,
        member: member.clone(),
        members: if group.is_leader(member) { group.joined_members() } else { Vec::new() },
    }
}

/// Writes the group as it is, without members' assignments. `None` if it cannot be written, which
/// costs a restarted coordinator the knowledge that the group became empty, and nothing else.
fn write_group(group: &Group, step: &mut Step<'_>) -> Option<Ticket> {
    let record = record::group(group, &BTreeMap::new()).ok()?;
    Some(step.append(vec![record], Then::Nothing))
}

/// Takes all assignments away, and says so to everyone who waits for one.
pub(super) fn reset_assignments(group: &mut Group, error: ErrorCode, step: &mut Step<'_>) {
    let released = group.release_syncs(error, &BTreeMap::new(), step.effects);
    restart_sessions(group, &released, step);
}

/// Restarts the sessions of members that were told something.
pub(super) fn restart_sessions(
    group: &Group,
    members: &[std::sync::Arc<str>],
    step: &mut Step<'_>,
) {
    for id in members {
        if let Some(member) = group.member(id) {
            step.restart_session(group, member);
        }
    }
}

/// The timer of the sync phase has run out: whoever has not asked for its assignment is out.
pub(super) fn sync_phase_ends(group: &mut Group, step: &mut Step<'_>) {
    if !matches!(group.state(), GroupState::CompletingRebalance | GroupState::Stable) {
        return;
    }
    let silent = std::mem::take(&mut group.pending_sync);
    if silent.is_empty() {
        return;
    }
    for id in silent {
        group.remove(&id, step.effects);
        step.timers.cancel(&group.id, TimerKind::Session(id));
    }
    prepare(group, step);
}

/// Fails everything that is parked in the group.
pub(super) fn fail_parked(group: &mut Group, error: ErrorCode, step: &mut Step<'_>) {
    let ids: Vec<_> = group.members().map(|member| member.id.clone()).collect();
    for id in ids {
        group.complete_join(&id, JoinReply::refused(&id, error), step.effects);
        step.timers.cancel(&group.id, TimerKind::Session(id));
    }
    for id in std::mem::take(&mut group.pending_join) {
        step.timers.cancel(&group.id, TimerKind::Session(id));
    }
    group.release_syncs(error, &BTreeMap::new(), step.effects);
    step.timers.cancel(&group.id, TimerKind::Join);
    step.timers.cancel(&group.id, TimerKind::Sync);
}

/// Wraps a refusal of a join.
pub(super) fn refuse(member: &std::sync::Arc<str>, error: ErrorCode) -> Reply {
    Reply::Join(JoinReply::refused(member, error))
}
