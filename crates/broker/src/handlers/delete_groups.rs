//! DeleteGroups (key 42), v0-v3.
//! Deletes groups without members, and their offsets.
//! - v2: flexible   - v3: a message

use std::sync::Arc;

use coordinator::{Reply, Request};
use model::ErrorCode;
use protocol::Str;
use protocol::messages::delete_groups_response::DeletableGroupResult;
use protocol::messages::{DeleteGroupsRequest, DeleteGroupsResponse};

use super::group_words::arc;
use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group_id in request.groups_names {
        let group = arc(&group_id);
        let delete = Request::DeleteGroups(vec![group.clone()]);
        let error = match broker.groups().request(&group, delete).await {
            Ok(Reply::DeleteGroups(groups)) => {
                groups.first().map_or(ErrorCode::UnknownServerError, |(_, error)| *error)
            }
            Ok(_) => ErrorCode::UnknownServerError,
            // Without a topic of groups there is no group at all.
            Err(ErrorCode::CoordinatorNotAvailable) => ErrorCode::GroupIdNotFound,
            Err(error) => error,
        };
        let error_message = message(error, &group_id);
        results.push(DeletableGroupResult { group_id, error_code: error.code(), error_message });
    }
    DeleteGroupsResponse { results, ..Default::default() }
}

fn message(error: ErrorCode, group: &str) -> Option<Str> {
    match error {
        ErrorCode::NonEmptyGroup => Some(Str::from(format!(
            "group `{group}` has members; stop them, or wait until their sessions end"
        ))),
        ErrorCode::GroupIdNotFound => Some(Str::from(format!("there is no group `{group}`"))),
        _ => None,
    }
}
