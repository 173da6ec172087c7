//! SyncGroup.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use model::ErrorCode;

use super::GroupShard;
use super::rebalance::{prepare_or_complete, reset_assignments, restart_sessions};
use super::step::{Step, append_error};
use crate::group::{Group, GroupState};
use crate::record;
use crate::reply::{Reply, SyncReply};
use crate::request::{Assignment, SyncGroup};
use crate::timers::{Now, TimerKind};
use crate::writes::{Effects, Then, Token};

impl GroupShard {
    pub(super) fn sync(&mut self, now: Now, token: Token, sync: SyncGroup, effects: &mut Effects) {
        let (groups, mut step) = self.split(now, effects);
        match validate(groups.get_mut(&sync.group), &sync) {
            Ok(group) => sync_member(group, token, sync, &mut step),
            Err(error) => step.reply(token, Reply::Sync(SyncReply::refused(error))),
        }
    }
}

fn validate<'a>(
    group: Option<&'a mut Group>,
    sync: &SyncGroup,
) -> Result<&'a mut Group, ErrorCode> {
    if sync.group.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let group = group.filter(|group| !group.is_empty()).ok_or(ErrorCode::UnknownMemberId)?;
    group.validate_member(&sync.member, sync.instance.as_deref())?;
    if sync.generation != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    let differs = |believed: &Option<Arc<str>>, actual: &Option<Arc<str>>| {
        believed.is_some() && actual.is_some() && believed != actual
    };
    if differs(&sync.protocol_type, &group.protocol_type)
        || differs(&sync.protocol, &group.protocol)
    {
        return Err(ErrorCode::InconsistentGroupProtocol);
    }
    Ok(group)
}

fn sync_member(group: &mut Group, token: Token, sync: SyncGroup, step: &mut Step<'_>) {
    match group.state() {
        GroupState::PreparingRebalance => {
            step.reply(token, Reply::Sync(SyncReply::refused(ErrorCode::RebalanceInProgress)));
        }
        GroupState::CompletingRebalance => {
            group.set_awaiting_sync(&sync.member, token, step.effects);
            stop_waiting_if_all_synced(group, step);
            if group.is_leader(&sync.member) {
                write_assignment(group, sync.assignments, step);
            }
        }
        GroupState::Stable => {
            group.pending_sync.remove(&sync.member);
            stop_waiting_if_all_synced(group, step);
            let member = group.member(&sync.member);
            let reply = SyncReply {
                error: ErrorCode::None,
                protocol_type: group.protocol_type.clone(),
                protocol: group.protocol.clone(),
                assignment: member.map(|member| member.assignment.clone()).unwrap_or_default(),
            };
            step.reply(token, Reply::Sync(reply));
        }
        GroupState::Empty | GroupState::Dead => {
            step.reply(token, Reply::Sync(SyncReply::refused(ErrorCode::UnknownMemberId)));
        }
    }
}

fn stop_waiting_if_all_synced(group: &Group, step: &mut Step<'_>) {
    if group.pending_sync.is_empty() {
        step.timers.cancel(&group.id, TimerKind::Sync);
    }
}

/// The leader has spoken: its assignment is written, and takes effect when that is committed.
fn write_assignment(group: &mut Group, parts: Vec<Assignment>, step: &mut Step<'_>) {
    let assignments: BTreeMap<_, _> = parts
        .into_iter()
        .filter(|part| group.has_member(&part.member))
        .map(|part| (part.member, Bytes::copy_from_slice(&part.assignment)))
        .collect();
    let record = record::group(group, &assignments).ok().filter(|record| {
        let value = record.value.as_ref().map_or(0, Bytes::len);
        record.key.len() + value <= step.config.max_record_bytes
    });
    let Some(record) = record else {
        not_stored(group, append_error(ErrorCode::MessageTooLarge), step);
        return;
    };
    let then = Then::StoreAssignment {
        group: group.id.clone(),
        generation: group.generation,
        assignments,
    };
    step.append(vec![record], then);
}

/// The assignment is committed: everyone who asked gets its part.
pub(super) fn stored(
    group: &mut Group,
    generation: i32,
    assignments: &BTreeMap<Arc<str>, Bytes>,
    step: &mut Step<'_>,
) {
    if group.state() != GroupState::CompletingRebalance || group.generation != generation {
        return;
    }
    let released = group.release_syncs(ErrorCode::None, assignments, step.effects);
    restart_sessions(group, &released, step);
    group.transition(GroupState::Stable, step.now.wall);
}

/// The assignment could not be written: everyone is told, and joins anew.
pub(super) fn not_stored(group: &mut Group, error: ErrorCode, step: &mut Step<'_>) {
    if group.state() == GroupState::CompletingRebalance {
        reset_assignments(group, error, step);
        prepare_or_complete(group, step);
    }
}
