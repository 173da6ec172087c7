//! Heartbeat (key 12), v0-v4.
//! A member is still there; the answer tells it to join again when a rebalance is under way.
//! - v3: static members (KIP-345)   - v4: flexible

use std::sync::Arc;

use coordinator::{Heartbeat, Reply, Request};
use model::ErrorCode;
use protocol::messages::{HeartbeatRequest, HeartbeatResponse};

use super::group_words::{arc, arc_option};
use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: HeartbeatRequest,
) -> HeartbeatResponse {
    let heartbeat = Heartbeat {
        group: arc(&request.group_id),
        member: arc(&request.member_id),
        instance: arc_option(request.group_instance_id.as_ref()),
        generation: request.generation_id,
    };
    let group = heartbeat.group.clone();
    let error = match broker.groups().request(&group, Request::Heartbeat(heartbeat)).await {
        Ok(Reply::Heartbeat(error)) => error,
        Ok(_) => ErrorCode::UnknownServerError,
        // Sessions begin when the groups are loaded; until then nobody is late.
        Err(ErrorCode::CoordinatorLoadInProgress) => ErrorCode::None,
        Err(error) => error,
    };
    HeartbeatResponse { error_code: error.code(), ..Default::default() }
}
