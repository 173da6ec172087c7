//! A static member that comes back without its member id (KIP-345, KIP-814): it takes the place of
//! its former self, and in a stable group nobody else notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::join::{detach, timeouts};
use super::rebalance::{complete_if_all_joined, current_generation, prepare, prepare_or_complete};
use super::step::Step;
use crate::group::{Group, GroupState};
use crate::record;
use crate::reply::JoinReply;
use crate::request::JoinGroup;
use crate::writes::{StaticReplacement, Then, Token};

pub(super) fn rejoin(
    group: &mut Group,
    token: Token,
    join: JoinGroup,
    old_id: &Arc<str>,
    new_id: &Arc<str>,
    step: &mut Step<'_>,
) {
    let old_leader = group.leader.clone();
    let Some(old) = group.replace_static_member(old_id, new_id, step.effects) else { return };
    step.timers.cancel(&group.id, crate::timers::TimerKind::Session(old_id.clone()));
    let timeouts = timeouts(&join);
    group.update_member(new_id, detach(join.protocols), timeouts, token, step.effects);
    if let Some(member) = group.member(new_id) {
        step.restart_session(group, member);
    }
    match group.state() {
        GroupState::Stable if group.select_protocol() == group.protocol => {
            let assignments: BTreeMap<_, _> = group
                .members()
                .map(|member| (member.id.clone(), member.assignment.clone()))
                .collect();
            let Ok(record) = record::group(group, &assignments) else {
                prepare_or_complete(group, step);
                return;
            };
            let then = Then::ReplaceStaticMember(Box::new(StaticReplacement {
                group: group.id.clone(),
                generation: group.generation,
                new_member: new_id.clone(),
                old,
                can_skip_assignment: join.can_skip_assignment,
                old_leader,
            }));
            step.append(vec![record], then);
        }
        GroupState::Stable => {
            prepare_or_complete(group, step);
        }
        GroupState::CompletingRebalance => {
            prepare(group, step);
        }
        GroupState::PreparingRebalance | GroupState::Empty | GroupState::Dead => {
            complete_if_all_joined(group, step);
        }
    }
}

/// The record of the replacement is committed: the member gets its answer, unless a rebalance has
/// begun in the meantime, which will answer it.
pub(super) fn replaced(group: &mut Group, replacement: StaticReplacement, step: &mut Step<'_>) {
    if group.state() != GroupState::Stable || group.generation != replacement.generation {
        return;
    }
    let id = &replacement.new_member;
    let current = current_generation(group, id);
    let reply = if replacement.can_skip_assignment {
        JoinReply { skip_assignment: group.is_leader(id), ..current }
    } else {
        let leader = replacement.old_leader.unwrap_or_else(|| "".into());
        JoinReply { leader, members: Vec::new(), ..current }
    };
    group.complete_join(id, reply, step.effects);
}

/// The record could not be written: everything is as before.
pub(super) fn not_replaced(
    group: &mut Group,
    replacement: StaticReplacement,
    error: model::ErrorCode,
    step: &mut Step<'_>,
) {
    let new_id = replacement.new_member;
    if !group.has_member(&new_id) {
        return;
    }
    let old_id = replacement.old.id.clone();
    group.restore_static_member(&new_id, replacement.old, error, step.effects);
    step.timers.cancel(&group.id, crate::timers::TimerKind::Session(new_id));
    if let Some(member) = group.member(&old_id) {
        step.restart_session(group, member);
    }
}
