//! Groups and their committed offsets.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, TopicPartition};
use protocol::data::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use protocol::messages::leave_group_request::MemberIdentity;
use protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use protocol::messages::{
    DeleteGroupsRequest, DescribeGroupsRequest, LeaveGroupRequest, ListGroupsRequest,
    OffsetDeleteRequest,
};
use protocol::{Message, Reader, Str};

use super::Admin;
use crate::cluster::{Lane, api_error, retry};
use crate::connection::Connection;
use crate::error::ClientError;
use crate::group_offsets;
pub use crate::group_offsets::{CommittedOffset, OffsetToCommit};
use crate::metadata::Node;

/// A group in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupListing {
    /// Its id.
    pub group_id: String,
    /// What its members do together: `consumer`, or empty for a group of offsets only.
    pub protocol_type: String,
    /// Its state, if the node says it (Kafka 2.6 and later).
    pub state: String,
    /// Its type, if the node says it (Kafka 3.8 and later).
    pub group_type: String,
}

/// A group and its members.
#[derive(Debug, Clone)]
pub struct GroupDescription {
    /// Its id.
    pub group_id: String,
    /// Its state: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance` or `Dead`.
    pub state: String,
    /// What its members do together: `consumer`.
    pub protocol_type: String,
    /// The assignor that they agreed on.
    pub protocol: String,
    /// Its members.
    pub members: Vec<GroupMember>,
    /// Its coordinator.
    pub coordinator: Node,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub struct GroupMember {
    /// The id that the coordinator gave it.
    pub member_id: String,
    /// The name of a static member.
    pub group_instance_id: Option<String>,
    /// How its client calls itself.
    pub client_id: String,
    /// Where it is.
    pub client_host: String,
    /// The topics that it asked for, where a consumer said it.
    pub subscription: Vec<String>,
    /// The partitions that it reads.
    pub assignment: Vec<TopicPartition>,
}

impl Admin {
    /// All groups of all nodes. States filter them, if given (Kafka 2.6 and later).
    pub async fn list_groups(&self, states: &[String]) -> Result<Vec<GroupListing>, ClientError> {
        let mut groups = BTreeMap::new();
        let nodes = retry!(self.cluster, self.cluster.refresh(&[], false).await)?.nodes.clone();
        for node in nodes.into_keys() {
            let listed = retry!(self.cluster, {
                let connection = self.cluster.node(node, Lane::General).await?;
                let version = connection.version::<ListGroupsRequest>()?;
                let states = if version >= 4 { states } else { &[] };
                let request = ListGroupsRequest {
                    states_filter: states.iter().map(Str::from).collect(),
                    types_filter: Vec::new(),
                };
                let timeout = self.cluster.config().request_timeout;
                let response = connection.call_in(&request, version, timeout).await?;
                ClientError::check(response.error_code, None, || "listing groups".to_owned())?;
                Ok(response.groups)
            });
            for group in listed? {
                groups.insert(
                    group.group_id.to_string(),
                    GroupListing {
                        group_id: group.group_id.into(),
                        protocol_type: group.protocol_type.into(),
                        state: group.group_state.into(),
                        group_type: group.group_type.into(),
                    },
                );
            }
        }
        Ok(groups.into_values().collect())
    }

    /// Describes groups. As in Kafka, before 4.0 a group that does not exist is `Dead`; later it is
    /// an error.
    pub async fn describe_groups(
        &self,
        groups: &[String],
    ) -> Result<Vec<(String, Result<GroupDescription, ClientError>)>, ClientError> {
        let mut descriptions = Vec::with_capacity(groups.len());
        for group in groups {
            let description = retry!(self.cluster, {
                let (connection, node) = self.coordinator_of(group).await?;
                Ok((describe(&connection, group).await?, node))
            });
            let description = description.map(|(found, node)| GroupDescription {
                group_id: found.group_id.into(),
                state: found.group_state.into(),
                protocol_type: found.protocol_type.into(),
                protocol: found.protocol_data.into(),
                members: found.members.into_iter().map(member).collect(),
                coordinator: node,
            });
            if let Err(error) = &description
                && error.is_network()
            {
                return Err(error.clone());
            }
            descriptions.push((group.clone(), description));
        }
        Ok(descriptions)
    }

    /// Deletes groups; only those without members can be.
    pub async fn delete_groups(
        &self,
        groups: &[String],
    ) -> Result<Vec<(String, Result<(), ClientError>)>, ClientError> {
        let mut results = Vec::with_capacity(groups.len());
        for group in groups {
            let request = DeleteGroupsRequest { groups_names: vec![Str::from(group)] };
            let result = retry!(self.cluster, {
                let (connection, _) = self.coordinator_of(group).await?;
                let response = connection.call(&request).await?;
                for result in response.results {
                    let context = || format!("deleting group {group}");
                    ClientError::check(
                        result.error_code,
                        result.error_message.as_deref(),
                        context,
                    )?;
                }
                Ok(())
            });
            results.push((group.clone(), result));
        }
        Ok(results)
    }

    /// What a group has committed: for `partitions`, or for all it has when `None`. A partition
    /// without an offset is left out.
    pub async fn group_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
        retry!(self.cluster, {
            let (connection, _) = self.coordinator_of(group).await?;
            group_offsets::fetch(&connection, group, partitions).await
        })
    }

    /// Commits offsets for a group without members.
    pub async fn alter_group_offsets(
        &self,
        group: &str,
        offsets: &BTreeMap<TopicPartition, OffsetToCommit>,
    ) -> Result<BTreeMap<TopicPartition, Result<(), ClientError>>, ClientError> {
        retry!(self.cluster, {
            let (connection, _) = self.coordinator_of(group).await?;
            let outsider = group_offsets::Member::outsider();
            group_offsets::commit(&connection, group, &outsider, offsets).await
        })
    }

    /// Deletes committed offsets of a group for partitions that no member reads.
    pub async fn delete_group_offsets(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Result<(), ClientError>>, ClientError> {
        let mut topics: BTreeMap<&str, Vec<OffsetDeleteRequestPartition>> = BTreeMap::new();
        for partition in partitions {
            let partition_index = partition.partition;
            let entry = topics.entry(&partition.topic).or_default();
            entry.push(OffsetDeleteRequestPartition { partition_index });
        }
        let topic =
            |(name, partitions)| OffsetDeleteRequestTopic { name: Str::from(name), partitions };
        let request = OffsetDeleteRequest {
            group_id: Str::from(group),
            topics: topics.into_iter().map(topic).collect(),
        };
        retry!(self.cluster, {
            let (connection, _) = self.coordinator_of(group).await?;
            let response = connection.call(&request).await?;
            let context = || format!("deleting offsets of group {group}");
            ClientError::check(response.error_code, None, context)?;
            let mut results = BTreeMap::new();
            for topic in response.topics {
                for answer in topic.partitions {
                    let name = topic.name.as_str();
                    let partition = TopicPartition::new(name, answer.partition_index);
                    let result = ClientError::check(answer.error_code, None, || {
                        format!("deleting the offset of group {group} for {partition}")
                    });
                    results.insert(partition, result);
                }
            }
            Ok(results)
        })
    }

    /// Removes members from a group: those of the given ids, static ones by their instance ids.
    pub async fn remove_members(
        &self,
        group: &str,
        members: &[(String, Option<String>)],
    ) -> Result<(), ClientError> {
        let identity = |(member, instance): &(String, Option<String>)| MemberIdentity {
            member_id: Str::from(member),
            group_instance_id: instance.as_ref().map(Str::from),
            reason: None,
        };
        let request = LeaveGroupRequest {
            group_id: Str::from(group),
            member_id: Str::EMPTY,
            members: members.iter().map(identity).collect(),
        };
        retry!(self.cluster, {
            let (connection, _) = self.coordinator_of(group).await?;
            let version = connection.version_within::<LeaveGroupRequest>(3..=i16::MAX)?;
            let timeout = self.cluster.config().request_timeout;
            let response = connection.call_in(&request, version, timeout).await?;
            let context = || format!("removing members of group {group}");
            ClientError::check(response.error_code, None, context)
        })
    }

    /// The group's coordinator, wherever that has moved.
    async fn coordinator_of(&self, group: &str) -> Result<(Connection, Node), ClientError> {
        let id = self.cluster.coordinator(group).await?;
        let connection = self.cluster.node(id, Lane::General).await?;
        let node = self.cluster.known().nodes.get(&id).cloned();
        let node = node.ok_or_else(|| {
            api_error(ErrorCode::CoordinatorNotAvailable, format!("group {group}"))
        })?;
        Ok((connection, node))
    }
}

async fn describe(connection: &Connection, group: &str) -> Result<DescribedGroup, ClientError> {
    let request = DescribeGroupsRequest {
        groups: vec![Str::from(group)],
        include_authorized_operations: false,
    };
    let response = connection.call(&request).await?;
    let context = || format!("describing group {group}");
    let found = response.groups.into_iter().next();
    let found = found.ok_or_else(|| api_error(ErrorCode::GroupIdNotFound, context()))?;
    ClientError::check(found.error_code, found.error_message.as_deref(), context)?;
    Ok(found)
}

fn member(member: DescribedGroupMember) -> GroupMember {
    GroupMember {
        member_id: member.member_id.into(),
        group_instance_id: member.group_instance_id.map(String::from),
        client_id: member.client_id.into(),
        client_host: member.client_host.into(),
        subscription: subscription_of(member.member_metadata).unwrap_or_default(),
        assignment: assignment_of(member.member_assignment).unwrap_or_default(),
    }
}

/// The topics in a member's subscription; `None` when it is empty or of another kind.
fn subscription_of(bytes: Bytes) -> Option<Vec<String>> {
    let mut reader = Reader::new(bytes);
    let version: i16 = reader.get().ok()?;
    let version = version.min(*ConsumerProtocolSubscription::VERSIONS.end());
    let subscription = ConsumerProtocolSubscription::decode(&mut reader, version).ok()?;
    Some(subscription.topics.into_iter().map(String::from).collect())
}

/// The partitions in a member's assignment; `None` when it is empty or of another kind.
pub(crate) fn assignment_of(bytes: Bytes) -> Option<Vec<TopicPartition>> {
    let mut reader = Reader::new(bytes);
    let version: i16 = reader.get().ok()?;
    let version = version.min(*ConsumerProtocolAssignment::VERSIONS.end());
    let assignment = ConsumerProtocolAssignment::decode(&mut reader, version).ok()?;
    let partitions = assignment.assigned_partitions.iter().flat_map(|topic| {
        let partition = |index: &PartitionIndex| TopicPartition::new(topic.topic.as_str(), *index);
        topic.partitions.iter().map(partition)
    });
    let mut partitions: Vec<TopicPartition> = partitions.collect();
    partitions.sort();
    Some(partitions)
}

impl CommittedOffset {
    /// As something to commit again.
    pub fn to_commit(&self) -> OffsetToCommit {
        OffsetToCommit {
            offset: self.offset,
            leader_epoch: self.leader_epoch,
            metadata: self.metadata.clone(),
        }
    }
}

impl OffsetToCommit {
    /// An offset without anything else.
    pub fn at(offset: Offset) -> Self {
        Self { offset, leader_epoch: LeaderEpoch::NONE, metadata: String::new() }
    }
}
