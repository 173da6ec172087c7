//! A group as it is described: by the classic protocol, or, where nodes know it, by that of
//! KIP-848.

use client::{Admin, GroupDescription, Lane, Node};
use model::{ErrorCode, TopicPartition};
use protocol::Str;
use protocol::messages::ConsumerGroupDescribeRequest;
use protocol::messages::consumer_group_describe_response::{Assignment, DescribedGroup, Member};

use super::tables::{MemberRow, StateRow};
use crate::failure::Failure;

/// The number of members that speak the newer protocol.
const CONSUMER_MEMBER: i8 = 1;
/// The number of members of whom that is not known.
const UNKNOWN_MEMBER: i8 = -1;

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) state: StateRow,
    pub(crate) members: Vec<MemberRow>,
}

impl Group {
    /// Describes a group; `None` if there is none.
    pub(crate) async fn find(admin: &Admin, id: &str) -> Result<Option<Self>, Failure> {
        let described = admin.describe_groups(&[id.to_owned()]).await?;
        match described.into_iter().next() {
            Some((_, Ok(group))) if group.state != "Dead" => Ok(Some(classic(group))),
            Some((_, Err(error))) if error.code() != Some(ErrorCode::GroupIdNotFound) => {
                Err(error.into())
            }
            // Nodes say this of groups of the newer protocol too.
            _ => newer(admin, id).await,
        }
    }
}

fn coordinator(node: &Node) -> String {
    format!("{}  ({})", node.address(), node.id)
}

fn classic(group: GroupDescription) -> Group {
    let row = |member: client::GroupMember| MemberRow {
        group: group.group_id.clone(),
        consumer_id: member.member_id,
        instance_id: member.group_instance_id.unwrap_or_default(),
        host: member.client_host,
        client_id: member.client_id,
        subscription: member.subscription,
        assignment: member.assignment,
        current_epoch: None,
        target_epoch: None,
        target_assignment: Vec::new(),
        upgraded: None,
    };
    let members: Vec<MemberRow> = group.members.into_iter().map(row).collect();
    let state = StateRow {
        coordinator: coordinator(&group.coordinator),
        group: group.group_id,
        assignor: group.protocol,
        state: group.state,
        group_epoch: None,
        target_epoch: None,
        members: members.len(),
    };
    Group { state, members }
}

async fn newer(admin: &Admin, id: &str) -> Result<Option<Group>, Failure> {
    let cluster = admin.cluster();
    let node = cluster.coordinator(id).await?;
    let connection = cluster.node(node, Lane::General).await?;
    if connection.version::<ConsumerGroupDescribeRequest>().is_err() {
        return Ok(None);
    }
    let request = ConsumerGroupDescribeRequest {
        group_ids: vec![Str::from(id)],
        include_authorized_operations: false,
    };
    let Some(found) = connection.call(&request).await?.groups.into_iter().next() else {
        return Ok(None);
    };
    match ErrorCode::from_code(found.error_code) {
        Some(ErrorCode::None) => {}
        // Kafka 3.9 knows the request, and refuses it unless the protocol is switched on.
        Some(ErrorCode::GroupIdNotFound | ErrorCode::UnsupportedVersion) => return Ok(None),
        code => {
            let message = found.error_message.as_deref().filter(|text| !text.is_empty());
            let message = message.or(code.map(ErrorCode::message)).unwrap_or("unknown error");
            return Err(Failure::Refused(format!("group {id} cannot be described: {message}")));
        }
    }
    let coordinator = cluster.known().nodes.get(&node).map(coordinator).unwrap_or_default();
    Ok(Some(of_newer(found, coordinator)))
}

fn of_newer(group: DescribedGroup, coordinator: String) -> Group {
    let row = |member: Member| MemberRow {
        group: group.group_id.to_string(),
        consumer_id: member.member_id.into(),
        instance_id: member.instance_id.map(String::from).unwrap_or_default(),
        host: member.client_host.into(),
        client_id: member.client_id.into(),
        subscription: member.subscribed_topic_names.into_iter().map(String::from).collect(),
        assignment: partitions(&member.assignment),
        current_epoch: Some(member.member_epoch),
        target_epoch: Some(group.assignment_epoch),
        target_assignment: partitions(&member.target_assignment),
        upgraded: Some(member.member_type)
            .filter(|kind| *kind != UNKNOWN_MEMBER)
            .map(|kind| kind == CONSUMER_MEMBER),
    };
    let members: Vec<MemberRow> = group.members.into_iter().map(row).collect();
    let state = StateRow {
        group: group.group_id.into(),
        coordinator,
        assignor: group.assignor_name.into(),
        state: group.group_state.into(),
        group_epoch: Some(group.group_epoch),
        target_epoch: Some(group.assignment_epoch),
        members: members.len(),
    };
    Group { state, members }
}

fn partitions(assignment: &Assignment) -> Vec<TopicPartition> {
    let topics = assignment.topic_partitions.iter();
    topics
        .flat_map(|topic| {
            let partition = |index| TopicPartition::new(topic.topic_name.as_str(), index);
            topic.partitions.iter().copied().map(partition)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use model::PartitionIndex;
    use protocol::messages::consumer_group_describe_response::TopicPartitions;

    use super::*;

    #[test]
    fn members_of_both_protocols_are_told_apart_in_a_group_on_its_way() {
        let assignment = Assignment {
            topic_partitions: vec![TopicPartitions {
                topic_name: Str::from_static("a"),
                partitions: vec![PartitionIndex::new(1)],
                ..TopicPartitions::default()
            }],
        };
        let member = |id: &'static str, member_type| Member {
            member_id: Str::from_static(id),
            member_epoch: 4,
            member_type,
            assignment: assignment.clone(),
            ..Member::default()
        };
        let group = DescribedGroup {
            group_id: Str::from_static("g"),
            group_state: Str::from_static("Stable"),
            group_epoch: 6,
            assignment_epoch: 5,
            members: vec![member("old", 0), member("new", 1), member("unknown", -1)],
            ..DescribedGroup::default()
        };
        let group = of_newer(group, "h:1  (1)".into());
        assert_eq!((group.state.group_epoch, group.state.target_epoch), (Some(6), Some(5)));
        let upgraded: Vec<_> = group.members.iter().map(|member| member.upgraded).collect();
        assert_eq!(upgraded, [Some(false), Some(true), None]);
        assert_eq!(group.members[0].assignment, [TopicPartition::new("a", PartitionIndex::new(1))]);
        let text = super::super::tables::members(&group.members, true);
        assert!(text.contains("UPGRADED\n") && text.contains("true\n"), "{text}");
    }
}
