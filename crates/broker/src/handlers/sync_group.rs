//! SyncGroup (key 14), v0-v5.
//! The leader of a generation says who reads what; everyone gets its part. The answer waits for the
//! leader.
//! - v3: static members (KIP-345)   - v4: flexible   - v5: protocol type and name (KIP-559)

use std::sync::Arc;

use coordinator::{Assignment, Reply, Request, SyncGroup, SyncReply};
use model::ErrorCode;
use protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use super::group_words::{arc, arc_option, copy, text};
use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: SyncGroupRequest,
) -> SyncGroupResponse {
    // From version 5 on a client has to say what it believes; before, it could not.
    let silent = request.protocol_type.is_none() || request.protocol_name.is_none();
    if context.version >= 5 && silent {
        return respond(SyncReply::refused(ErrorCode::InconsistentGroupProtocol));
    }
    let assignments = request.assignments.iter().map(|part| Assignment {
        member: arc(&part.member_id),
        assignment: copy(&part.assignment),
    });
    let sync = SyncGroup {
        group: arc(&request.group_id),
        member: arc(&request.member_id),
        instance: arc_option(request.group_instance_id.as_ref()),
        generation: request.generation_id,
        protocol_type: arc_option(request.protocol_type.as_ref()),
        protocol: arc_option(request.protocol_name.as_ref()),
        assignments: assignments.collect(),
    };
    let group = sync.group.clone();
    respond(match broker.groups().request(&group, Request::Sync(sync)).await {
        Ok(Reply::Sync(reply)) => reply,
        Ok(_) => SyncReply::refused(ErrorCode::UnknownServerError),
        Err(error) => SyncReply::refused(error),
    })
}

fn respond(reply: SyncReply) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: reply.error.code(),
        protocol_type: reply.protocol_type.as_deref().map(text),
        protocol_name: reply.protocol.as_deref().map(text),
        assignment: reply.assignment,
        ..Default::default()
    }
}
