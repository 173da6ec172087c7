//! LeaveGroup (key 13), v0-v5.
//! Members leave, so that the others need not wait for their sessions to end.
//! - v3: several members, also by instance id (KIP-345)   - v4: flexible   - v5: the reason

use std::sync::Arc;

use coordinator::{LeaveGroup, LeaveReply, LeavingMember, Reply, Request};
use model::ErrorCode;
use protocol::messages::leave_group_response::MemberResponse;
use protocol::messages::{LeaveGroupRequest, LeaveGroupResponse};

use super::group_words::{arc, arc_option, text};
use crate::Broker;
use crate::dispatch::RequestContext;

/// From here on a request names several members.
const BATCH_SINCE: i16 = 3;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    let members = if context.version >= BATCH_SINCE {
        let member = |member: &protocol::messages::leave_group_request::MemberIdentity| {
            let instance = arc_option(member.group_instance_id.as_ref());
            LeavingMember { member: arc(&member.member_id), instance }
        };
        request.members.iter().map(member).collect()
    } else {
        vec![LeavingMember { member: arc(&request.member_id), instance: None }]
    };
    let leave = LeaveGroup { group: arc(&request.group_id), members };
    let group = leave.group.clone();
    let failed = |error| LeaveReply { error, members: Vec::new() };
    let reply = match broker.groups().request(&group, Request::Leave(leave)).await {
        Ok(Reply::Leave(reply)) => reply,
        Ok(_) => failed(ErrorCode::UnknownServerError),
        Err(error) => failed(error),
    };
    respond(context.version, reply)
}

fn respond(version: i16, reply: LeaveReply) -> LeaveGroupResponse {
    if version < BATCH_SINCE {
        let of_member = reply.members.first().map_or(ErrorCode::None, |member| member.error);
        let error = if reply.error.is_none() { of_member } else { reply.error };
        return LeaveGroupResponse { error_code: error.code(), ..Default::default() };
    }
    let members = reply.members.iter().map(|member| MemberResponse {
        member_id: text(&member.member),
        group_instance_id: member.instance.as_deref().map(text),
        error_code: member.error.code(),
    });
    LeaveGroupResponse {
        error_code: reply.error.code(),
        members: members.collect(),
        ..Default::default()
    }
}
