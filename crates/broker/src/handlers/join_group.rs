//! JoinGroup (key 11), v0-v9.
//! A consumer becomes a member of a group, or takes part in its next generation. The answer waits
//! for the others.
//! - v1: rebalance timeout          - v4: the member's id comes first (KIP-394)
//! - v5: static members (KIP-345)   - v6: flexible   - v7: protocol type   - v8: the reason
//! - v9: a returning static leader may skip the assignment (KIP-814)

use std::sync::Arc;

use coordinator::{JoinGroup, JoinReply, Protocol, Reply, Request};
use model::ErrorCode;
use protocol::Str;
use protocol::messages::join_group_response::JoinGroupResponseMember;
use protocol::messages::{JoinGroupRequest, JoinGroupResponse};

use super::group_words::{arc, arc_option, client_host, client_id, copy, text};
use crate::Broker;
use crate::dispatch::RequestContext;

const REBALANCE_TIMEOUT_SINCE: i16 = 1;
const MEMBER_ID_REQUIRED_SINCE: i16 = 4;
const PROTOCOL_TYPE_SINCE: i16 = 7;
const SKIP_ASSIGNMENT_SINCE: i16 = 9;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: JoinGroupRequest,
) -> JoinGroupResponse {
    let join = join(&context, &request);
    let (group, member) = (join.group.clone(), join.member.clone());
    let reply = match broker.groups().request(&group, Request::Join(join)).await {
        Ok(Reply::Join(reply)) => reply,
        Ok(_) => JoinReply::refused(&member, ErrorCode::UnknownServerError),
        Err(error) => JoinReply::refused(&member, error),
    };
    respond(&context, reply)
}

fn join(context: &RequestContext, request: &JoinGroupRequest) -> JoinGroup {
    let protocols = request
        .protocols
        .iter()
        .map(|protocol| Protocol { name: arc(&protocol.name), metadata: copy(&protocol.metadata) });
    JoinGroup {
        group: arc(&request.group_id),
        member: arc(&request.member_id),
        instance: arc_option(request.group_instance_id.as_ref()),
        protocol_type: arc(&request.protocol_type),
        protocols: protocols.collect(),
        session_timeout_ms: request.session_timeout_ms,
        rebalance_timeout_ms: if context.version >= REBALANCE_TIMEOUT_SINCE {
            request.rebalance_timeout_ms
        } else {
            request.session_timeout_ms
        },
        client_id: client_id(context),
        client_host: client_host(context),
        member_id_required: context.version >= MEMBER_ID_REQUIRED_SINCE,
        can_skip_assignment: context.version >= SKIP_ASSIGNMENT_SINCE,
        random: rand::random(),
    }
}

fn respond(context: &RequestContext, reply: JoinReply) -> JoinGroupResponse {
    let members = reply.members.iter().map(|member| JoinGroupResponseMember {
        member_id: text(&member.member),
        group_instance_id: member.instance.as_deref().map(text),
        metadata: member.metadata.clone(),
    });
    let protocol_name = reply.protocol.as_deref().map(text);
    JoinGroupResponse {
        error_code: reply.error.code(),
        generation_id: reply.generation,
        protocol_type: reply.protocol_type.as_deref().map(text),
        // Before it could be null, "none" was empty.
        protocol_name: match protocol_name {
            None if context.version < PROTOCOL_TYPE_SINCE => Some(Str::EMPTY),
            name => name,
        },
        leader: text(&reply.leader),
        skip_assignment: reply.skip_assignment,
        member_id: text(&reply.member),
        members: members.collect(),
        ..Default::default()
    }
}
