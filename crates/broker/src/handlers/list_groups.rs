//! ListGroups (key 16), v0-v5.
//! The groups that this node coordinates.
//! - v3: flexible   - v4: states (KIP-518)   - v5: types (KIP-848)

use std::sync::Arc;

use coordinator::ListFilter;
use model::ErrorCode;
use protocol::Str;
use protocol::messages::list_groups_response::ListedGroup;
use protocol::messages::{ListGroupsRequest, ListGroupsResponse};

use super::group_words::{arc, text};
use crate::Broker;
use crate::dispatch::RequestContext;

const CLASSIC: Str = Str::from_static("classic");

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let filter = ListFilter {
        states: request.states_filter.iter().map(arc).collect(),
        types: request.types_filter.iter().map(arc).collect(),
    };
    let listed = broker.groups().look_at_all(move |shard| shard.list_groups(&filter)).await;
    let (error, groups) = match listed {
        Ok(groups) => (ErrorCode::None, groups),
        Err(error) => (error, Vec::new()),
    };
    let group = |group: coordinator::ListedGroup| ListedGroup {
        group_id: text(&group.group),
        protocol_type: text(&group.protocol_type),
        group_state: Str::from_static(group.state.name()),
        group_type: CLASSIC,
    };
    ListGroupsResponse {
        error_code: error.code(),
        groups: groups.into_iter().flatten().map(group).collect(),
        ..Default::default()
    }
}
