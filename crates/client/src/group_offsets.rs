//! A group's committed offsets on the wire; members and outsiders commit and fetch in the same way.

use std::collections::BTreeMap;

use model::{LeaderEpoch, Offset, PartitionIndex, TopicPartition};
use protocol::Str;
use protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use protocol::messages::{OffsetCommitRequest, OffsetFetchRequest};

use crate::connection::Connection;
use crate::error::ClientError;

/// The newest versions that speak of topics by name; later ones speak of ids.
const COMMIT_BY_NAME_MAX: i16 = 9;
const FETCH_BY_NAME_MAX: i16 = 9;

/// What a group has committed for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The offset of the next record to read.
    pub offset: Offset,
    /// The term in which the record before it was written, if known.
    pub leader_epoch: LeaderEpoch,
    /// What the committer noted.
    pub metadata: String,
}

/// What to commit for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetToCommit {
    /// The offset of the next record to read.
    pub offset: Offset,
    /// The term in which the record before it was written, if known.
    pub leader_epoch: LeaderEpoch,
    /// A note.
    pub metadata: String,
}

/// Who commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: Str,
    pub(crate) generation: i32,
    pub(crate) instance_id: Option<Str>,
}

impl Member {
    /// Not a member: a tool, or a consumer that chose its partitions itself.
    pub(crate) fn outsider() -> Self {
        Self { id: Str::EMPTY, generation: -1, instance_id: None }
    }
}

pub(crate) async fn commit(
    connection: &Connection,
    group: &str,
    member: &Member,
    offsets: &BTreeMap<TopicPartition, OffsetToCommit>,
) -> Result<BTreeMap<TopicPartition, Result<(), ClientError>>, ClientError> {
    let version = connection.version_within::<OffsetCommitRequest>(1..=COMMIT_BY_NAME_MAX)?;
    let mut topics: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
    for (partition, offset) in offsets {
        let epoch = if version >= 6 { offset.leader_epoch } else { LeaderEpoch::NONE };
        topics.entry(&partition.topic).or_default().push(OffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: offset.offset,
            committed_leader_epoch: epoch,
            committed_metadata: Some(Str::from(&offset.metadata)),
            ..OffsetCommitRequestPartition::default()
        });
    }
    let topic = |(name, partitions)| OffsetCommitRequestTopic {
        name: Str::from(name),
        partitions,
        ..OffsetCommitRequestTopic::default()
    };
    let request = OffsetCommitRequest {
        group_id: Str::from(group),
        generation_id_or_member_epoch: member.generation,
        member_id: member.id.clone(),
        group_instance_id: if version >= 7 { member.instance_id.clone() } else { None },
        topics: topics.into_iter().map(topic).collect(),
        ..OffsetCommitRequest::default()
    };
    let timeout = connection.request_timeout();
    let response = connection.call_in(&request, version, timeout).await?;
    let mut results = BTreeMap::new();
    for topic in response.topics {
        for answer in topic.partitions {
            let partition = TopicPartition::new(topic.name.as_str(), answer.partition_index);
            let result = ClientError::check(answer.error_code, None, || {
                format!("committing the offset of group {group} for {partition}")
            });
            results.insert(partition, result);
        }
    }
    Ok(results)
}

pub(crate) async fn fetch(
    connection: &Connection,
    group: &str,
    partitions: Option<&[TopicPartition]>,
) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
    let version = connection.version_within::<OffsetFetchRequest>(2..=FETCH_BY_NAME_MAX)?;
    let request = fetch_request(group, partitions, version);
    let timeout = connection.request_timeout();
    let response = connection.call_in(&request, version, timeout).await?;
    let context = || format!("the offsets of group {group}");
    ClientError::check(response.error_code, None, context)?;
    let mut found = BTreeMap::new();
    let mut note =
        |topic: &Str, index: PartitionIndex, code, offset: Offset, epoch, note: Option<Str>| {
            let partition = TopicPartition::new(topic.as_str(), index);
            ClientError::check(code, None, || {
                format!("the offset of group {group} for {partition}")
            })?;
            if offset.known().is_some() {
                let metadata = note.map(String::from).unwrap_or_default();
                found.insert(partition, CommittedOffset { offset, leader_epoch: epoch, metadata });
            }
            Ok::<(), ClientError>(())
        };
    for topic in response.topics {
        for p in topic.partitions {
            let epoch = p.committed_leader_epoch;
            note(
                &topic.name,
                p.partition_index,
                p.error_code,
                p.committed_offset,
                epoch,
                p.metadata,
            )?;
        }
    }
    for group in response.groups {
        ClientError::check(group.error_code, None, context)?;
        for topic in group.topics {
            for p in topic.partitions {
                let epoch = p.committed_leader_epoch;
                let offset = p.committed_offset;
                note(&topic.name, p.partition_index, p.error_code, offset, epoch, p.metadata)?;
            }
        }
    }
    Ok(found)
}

fn fetch_request(
    group: &str,
    partitions: Option<&[TopicPartition]>,
    version: i16,
) -> OffsetFetchRequest {
    let topics = partitions.map(|partitions| {
        let mut topics: BTreeMap<&str, Vec<PartitionIndex>> = BTreeMap::new();
        for partition in partitions {
            topics.entry(&partition.topic).or_default().push(partition.partition);
        }
        topics
    });
    let mut request =
        OffsetFetchRequest { require_stable: version >= 7, ..OffsetFetchRequest::default() };
    if version >= 8 {
        let topic = |(name, partition_indexes)| OffsetFetchRequestTopics {
            name: Str::from(name),
            partition_indexes,
            ..OffsetFetchRequestTopics::default()
        };
        request.groups = vec![OffsetFetchRequestGroup {
            group_id: Str::from(group),
            topics: topics.map(|topics| topics.into_iter().map(topic).collect()),
            ..OffsetFetchRequestGroup::default()
        }];
    } else {
        let topic = |(name, partition_indexes)| OffsetFetchRequestTopic {
            name: Str::from(name),
            partition_indexes,
        };
        request.group_id = Str::from(group);
        request.topics = topics.map(|topics| topics.into_iter().map(topic).collect());
    }
    request
}
