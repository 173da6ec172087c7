//! LeaveGroup: one or many members, by member id or by instance id (KIP-345).

use model::ErrorCode;

use super::GroupShard;
use super::heartbeat::end_session;
use super::rebalance::prepare_or_complete;
use super::step::Step;
use crate::group::{Group, GroupState};
use crate::reply::{LeaveReply, LeftMember, Reply};
use crate::request::{LeaveGroup, LeavingMember};
use crate::timers::Now;
use crate::writes::{Effects, Token};

impl GroupShard {
    pub(super) fn leave(
        &mut self,
        now: Now,
        token: Token,
        leave: LeaveGroup,
        effects: &mut Effects,
    ) {
        let (groups, mut step) = self.split(now, effects);
        if leave.group.is_empty() {
            let reply = LeaveReply { error: ErrorCode::InvalidGroupId, members: Vec::new() };
            step.reply(token, Reply::Leave(reply));
            return;
        }
        let mut group = groups.get_mut(&leave.group);
        let mut members = Vec::with_capacity(leave.members.len());
        for member in leave.members {
            let result = match &mut group {
                Some(group) => remove(group, &member, &mut step),
                None => Err(ErrorCode::UnknownMemberId),
            };
            let error = result.err().unwrap_or_default();
            members.push(LeftMember { member: member.member, instance: member.instance, error });
        }
        let anyone_left = members.iter().any(|member| member.error.is_none());
        let ticket = match group {
            Some(group) if anyone_left && group.state() != GroupState::Empty => {
                prepare_or_complete(group, &mut step)
            }
            _ => None,
        };
        let reply = LeaveReply { error: ErrorCode::None, members };
        step.reply_after(ticket, token, Reply::Leave(reply));
    }
}

fn remove(
    group: &mut Group,
    leaving: &LeavingMember,
    step: &mut Step<'_>,
) -> Result<(), ErrorCode> {
    let instance = leaving.instance.as_deref();
    let id = if leaving.member.is_empty() {
        let by_instance = instance.and_then(|instance| group.static_member(instance));
        by_instance.ok_or(ErrorCode::UnknownMemberId)?.clone()
    } else {
        if !group.pending_join.contains(&leaving.member) {
            group.validate_member(&leaving.member, instance)?;
        }
        leaving.member.clone()
    };
    end_session(group, &id, step);
    Ok(())
}
