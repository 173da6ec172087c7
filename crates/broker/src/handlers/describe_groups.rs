//! DescribeGroups (key 15), v0-v6.
//! States and members of groups.
//! - v3: authorized operations (KIP-430)   - v4: instance ids (KIP-345)   - v5: flexible
//! - v6: GROUP_ID_NOT_FOUND with a message (KIP-1043); before, such a group was "Dead"

use std::sync::Arc;

use coordinator::{DescribedMember, GroupState};
use model::ErrorCode;
use protocol::Str;
use protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use protocol::messages::{DescribeGroupsRequest, DescribeGroupsResponse};

use super::group_words::{arc, text};
use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::once::once;
use crate::handlers::operations;

const NOT_FOUND_SINCE: i16 = 6;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    mut request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    once(&mut request.groups, Clone::clone);
    let mut groups = Vec::with_capacity(request.groups.len());
    for group_id in request.groups {
        let group = arc(&group_id);
        let name = group.clone();
        let found = broker.groups().look(&group, move |shard| shard.describe_group(&name)).await;
        groups.push(match found {
            Ok(Some(found)) => describe(group_id, found),
            Ok(None) => not_found(context.version, group_id),
            Err(error) => {
                DescribedGroup { error_code: error.code(), group_id, ..Default::default() }
            }
        });
    }
    if request.include_authorized_operations {
        let no_error = ErrorCode::None.code();
        for group in groups.iter_mut().filter(|group| group.error_code == no_error) {
            group.authorized_operations = operations::GROUP;
        }
    }
    DescribeGroupsResponse { groups, ..Default::default() }
}

fn describe(group_id: Str, group: coordinator::DescribedGroup) -> DescribedGroup {
    let member = |member: DescribedMember| DescribedGroupMember {
        member_id: text(&member.member),
        group_instance_id: member.instance.as_deref().map(text),
        client_id: text(&member.client_id),
        client_host: text(&member.client_host),
        member_metadata: member.metadata,
        member_assignment: member.assignment,
    };
    DescribedGroup {
        group_id,
        group_state: Str::from_static(group.state.name()),
        protocol_type: text(&group.protocol_type),
        protocol_data: text(&group.protocol),
        members: group.members.into_iter().map(member).collect(),
        ..Default::default()
    }
}

fn not_found(version: i16, group_id: Str) -> DescribedGroup {
    let group_state = Str::from_static(GroupState::Dead.name());
    if version < NOT_FOUND_SINCE {
        return DescribedGroup { group_id, group_state, ..Default::default() };
    }
    DescribedGroup {
        error_code: ErrorCode::GroupIdNotFound.code(),
        error_message: Some(Str::from(format!("there is no group `{group_id}`"))),
        group_id,
        group_state,
        ..Default::default()
    }
}
