//! Groups and committed offsets, as bytes, in every version.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::Node;
use model::{BrokerId, ErrorCode, Offset, PartitionIndex, Uuid};
use protocol::Str;
use protocol::messages::create_topics_request::CreatableTopic;
use protocol::messages::join_group_request::JoinGroupRequestProtocol;
use protocol::messages::leave_group_request::MemberIdentity;
use protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use protocol::messages::{
    CreateTopicsRequest, DeleteGroupsRequest, DeleteTopicsRequest, DescribeGroupsRequest,
    FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
    LeaveGroupRequest, ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest, SyncGroupRequest, delete_topics_request,
};
use protocol::{Message, Request};

fn code(number: i16) -> ErrorCode {
    ErrorCode::from_code(number).expect("the code is known")
}

/// The version, or the newest that the request has.
fn up_to<R: Request>(version: i16) -> i16 {
    version.min(*R::VERSIONS.end())
}

async fn start() -> (Node, Uuid) {
    let node = Node::start().await;
    let id = create(&node).await;
    find(&node, 4, "g").await;
    (node, id)
}

/// Makes the topic `t` of two partitions.
async fn create(node: &Node) -> Uuid {
    let topic = CreatableTopic {
        name: "t".into(),
        num_partitions: 2,
        replication_factor: 1,
        ..Default::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    node.call(7, request).await.topics[0].topic_id
}

async fn find(node: &Node, version: i16, group: &str) -> (ErrorCode, BrokerId, String, i32) {
    let mut request = FindCoordinatorRequest::default();
    if version >= 4 {
        request.coordinator_keys = vec![group.into()];
    } else {
        request.key = group.into();
    }
    let mut found = node.call(version, request).await;
    if version >= 4 {
        let one = found.coordinators.remove(0);
        assert_eq!(one.key, group);
        return (code(one.error_code), one.node_id, one.host.to_string(), one.port);
    }
    (code(found.error_code), found.node_id, found.host.to_string(), found.port)
}

#[tokio::test]
async fn coordinator_is_found_in_every_version_at_the_address_the_client_came_to() {
    let node = Node::start().await;
    for version in FindCoordinatorRequest::VERSIONS {
        let found = find(&node, version, "any").await;
        let here = (ErrorCode::None, BrokerId::new(1), "127.0.0.1".to_owned(), 39092);
        assert_eq!(found, here, "v{version}");
    }
    node.stop().await;
}

#[tokio::test]
async fn coordinators_of_transactions_are_refused_for_good() {
    let node = Node::start().await;
    let request = FindCoordinatorRequest { key: "tx".into(), key_type: 1, ..Default::default() };
    let found = node.call(1, request).await;
    assert!(!code(found.error_code).is_retriable(), "{}", found.error_code);
    assert!(found.error_message.expect("a reason").contains("transactions"));
    node.stop().await;
}

async fn join(node: &Node, version: i16, group: &str) -> JoinGroupResponse {
    let mut request = JoinGroupRequest {
        group_id: group.into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: if version >= 1 { 30_000 } else { -1 },
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"\0\0\0\0\0\x01\0\x01t\xff\xff\xff\xff"),
        }],
        ..Default::default()
    };
    let first = node.call(version, request.clone()).await;
    if version < 4 {
        return first;
    }
    assert_eq!(code(first.error_code), ErrorCode::MemberIdRequired, "v{version}");
    request.member_id = first.member_id;
    node.call(version, request).await
}

#[tokio::test]
async fn member_joins_gets_its_part_is_seen_and_leaves_in_every_version() {
    let (node, _) = start().await;
    for version in JoinGroupRequest::VERSIONS {
        let group = format!("g{version}");
        let joined = join(&node, version, &group).await;
        assert_eq!((joined.error_code, joined.generation_id), (0, 1), "v{version}");
        assert_eq!(joined.leader, joined.member_id);
        assert_eq!(joined.members.len(), 1);
        assert_eq!(joined.protocol_name.as_deref(), Some("range"));
        assert_eq!(joined.protocol_type.is_some(), version >= 7);

        let sync_version = up_to::<SyncGroupRequest>(version);
        let named = |name: &str| (sync_version >= 5).then(|| Str::from(name));
        let sync = SyncGroupRequest {
            group_id: Str::from(&group),
            generation_id: 1,
            member_id: joined.member_id.clone(),
            protocol_type: named("consumer"),
            protocol_name: named("range"),
            assignments: vec![SyncGroupRequestAssignment {
                member_id: joined.member_id.clone(),
                assignment: Bytes::from_static(b"part"),
            }],
            ..Default::default()
        };
        let synced = node.call(sync_version, sync).await;
        assert_eq!((synced.error_code, &synced.assignment[..]), (0, &b"part"[..]), "v{version}");

        let beat = HeartbeatRequest {
            group_id: Str::from(&group),
            generation_id: 1,
            member_id: joined.member_id.clone(),
            ..Default::default()
        };
        let beat = node.call(up_to::<HeartbeatRequest>(version), beat).await;
        assert_eq!(beat.error_code, 0, "v{version}");

        describe_and_list(&node, version, &group).await;
        leave(&node, version, &group, &joined.member_id).await;
    }
    node.stop().await;
}

async fn describe_and_list(node: &Node, version: i16, group: &str) {
    let describe = DescribeGroupsRequest { groups: vec![group.into()], ..Default::default() };
    let described = node.call(up_to::<DescribeGroupsRequest>(version), describe).await;
    let described = &described.groups[0];
    assert_eq!((described.error_code, &*described.group_state), (0, "Stable"));
    assert_eq!((&*described.protocol_type, &*described.protocol_data), ("consumer", "range"));
    let [member] = &described.members[..] else { panic!("one member") };
    assert_eq!((&*member.client_id, &*member.client_host), ("test", "/127.0.0.1"));
    assert_eq!(&member.member_assignment[..], b"part");

    let list_version = up_to::<ListGroupsRequest>(version);
    let mut list = ListGroupsRequest::default();
    if list_version >= 4 {
        list.states_filter = vec!["stable".into()];
    }
    let listed = node.call(list_version, list).await;
    let listed = listed.groups.iter().find(|one| one.group_id == *group).expect("it is listed");
    assert_eq!(listed.protocol_type, "consumer");
    assert_eq!(&*listed.group_state, if list_version >= 4 { "Stable" } else { "" });
    assert_eq!(&*listed.group_type, if list_version >= 5 { "classic" } else { "" });
}

async fn leave(node: &Node, version: i16, group: &str, member: &Str) {
    let version = up_to::<LeaveGroupRequest>(version);
    let mut request = LeaveGroupRequest { group_id: group.into(), ..Default::default() };
    if version >= 3 {
        let member = MemberIdentity { member_id: member.clone(), ..Default::default() };
        request.members = vec![member];
    } else {
        request.member_id = member.clone();
    }
    assert_eq!(node.call(version, request.clone()).await.error_code, 0, "v{version}");
    let again = node.call(version, request).await;
    let error = if version >= 3 { again.members[0].error_code } else { again.error_code };
    assert_eq!(code(error), ErrorCode::UnknownMemberId, "v{version}");
}

#[tokio::test]
async fn group_that_is_not_there_is_described_as_the_version_can_say_it() {
    let (node, _) = start().await;
    for version in DescribeGroupsRequest::VERSIONS {
        let request = DescribeGroupsRequest { groups: vec!["none".into()], ..Default::default() };
        let described = node.call(version, request).await.groups.remove(0);
        assert_eq!(&*described.group_state, "Dead");
        let expected = if version >= 6 { ErrorCode::GroupIdNotFound } else { ErrorCode::None };
        assert_eq!(code(described.error_code), expected, "v{version}");
    }
    node.stop().await;
}

/// A commit of an offset of partition 0 by a consumer that assigns itself.
fn commit(version: i16, group: &str, topic: &str, id: Uuid, offset: i64) -> OffsetCommitRequest {
    let partition = |index| OffsetCommitRequestPartition {
        partition_index: PartitionIndex::new(index),
        committed_offset: Offset::new(offset),
        committed_metadata: Some("words".into()),
        ..Default::default()
    };
    OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: -1,
        topics: vec![OffsetCommitRequestTopic {
            name: if version >= 10 { Str::EMPTY } else { topic.into() },
            topic_id: if version >= 10 { id } else { Uuid::ZERO },
            partitions: vec![partition(0), partition(9)],
        }],
        ..Default::default()
    }
}

#[tokio::test]
async fn offsets_are_committed_and_read_in_every_version() {
    let (node, id) = start().await;
    for version in OffsetCommitRequest::VERSIONS {
        let offset = 100 + i64::from(version);
        let done = node.call(version, commit(version, "g", "t", id, offset)).await;
        let partitions = &done.topics[0].partitions;
        assert_eq!(partitions[0].error_code, 0, "v{version}");
        assert_eq!(
            code(partitions[1].error_code),
            ErrorCode::UnknownTopicOrPartition,
            "there is no partition 9"
        );
        for version in OffsetFetchRequest::VERSIONS {
            let read = read(&node, version, "g", Some(id)).await;
            assert_eq!(read, [(0, offset, "words".into()), (1, -1, String::new())], "v{version}");
            if version >= 2 {
                let all = self::read(&node, version, "g", None).await;
                assert_eq!(all, [(0, offset, "words".into())], "v{version}");
            }
        }
    }
    node.stop().await;
}

/// The offsets of `t`, both of them or all that there are: partition, offset, metadata.
async fn read(node: &Node, version: i16, group: &str, id: Option<Uuid>) -> Vec<(i32, i64, String)> {
    let both = || vec![PartitionIndex::new(0), PartitionIndex::new(1)];
    let mut request = OffsetFetchRequest::default();
    if version < 8 {
        request.group_id = group.into();
        request.topics = id
            .map(|_| vec![OffsetFetchRequestTopic { name: "t".into(), partition_indexes: both() }]);
        let response = node.call(version, request).await;
        assert_eq!(response.error_code, 0);
        let partitions = response.topics.into_iter().flat_map(|topic| topic.partitions);
        return partitions
            .map(|one| {
                let metadata = one.metadata.unwrap_or_default().to_string();
                (one.partition_index.get(), one.committed_offset.get(), metadata)
            })
            .collect();
    }
    request.groups = vec![OffsetFetchRequestGroup {
        group_id: group.into(),
        topics: id.map(|id| {
            vec![OffsetFetchRequestTopics {
                name: if version >= 10 { Str::EMPTY } else { "t".into() },
                topic_id: if version >= 10 { id } else { Uuid::ZERO },
                partition_indexes: both(),
            }]
        }),
        ..Default::default()
    }];
    let mut response = node.call(version, request).await;
    let response = response.groups.remove(0);
    assert_eq!((response.error_code, &*response.group_id), (0, group));
    let partitions = response.topics.into_iter().flat_map(|topic| topic.partitions);
    partitions
        .map(|one| {
            let metadata = one.metadata.unwrap_or_default().to_string();
            (one.partition_index.get(), one.committed_offset.get(), metadata)
        })
        .collect()
}

#[tokio::test]
async fn offsets_of_topics_that_are_not_there_are_refused() {
    let (node, _) = start().await;
    for version in OffsetCommitRequest::VERSIONS {
        let request = commit(version, "g", "missing", Uuid::from_random([9; 16]), 1);
        let done = node.call(version, request).await;
        let expected = if version >= 10 {
            ErrorCode::UnknownTopicId
        } else {
            ErrorCode::UnknownTopicOrPartition
        };
        for partition in &done.topics[0].partitions {
            assert_eq!(code(partition.error_code), expected, "v{version}");
        }
    }
    node.stop().await;
}

#[tokio::test]
async fn member_of_no_group_is_told_so_in_the_words_of_its_version() {
    let (node, id) = start().await;
    for version in 1..=*OffsetCommitRequest::VERSIONS.end() {
        let mut request = commit(version, "nobody", "t", id, 1);
        request.generation_id_or_member_epoch = 3;
        request.member_id = "m".into();
        let done = node.call(version, request).await;
        let expected =
            if version >= 9 { ErrorCode::GroupIdNotFound } else { ErrorCode::IllegalGeneration };
        assert_eq!(code(done.topics[0].partitions[0].error_code), expected, "v{version}");
    }
    node.stop().await;
}

#[tokio::test]
async fn offsets_and_groups_are_deleted() {
    let (node, id) = start().await;
    node.call(10, commit(10, "g", "t", id, 5)).await;
    let delete = OffsetDeleteRequest {
        group_id: "g".into(),
        topics: vec![OffsetDeleteRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetDeleteRequestPartition {
                partition_index: PartitionIndex::new(0),
            }],
        }],
    };
    let deleted = node.call(0, delete).await;
    assert_eq!((deleted.error_code, deleted.topics[0].partitions[0].error_code), (0, 0));
    assert_eq!(read(&node, 10, "g", None).await, []);
    for version in DeleteGroupsRequest::VERSIONS {
        node.call(10, commit(10, "g", "t", id, 5)).await;
        let request = DeleteGroupsRequest { groups_names: vec!["g".into(), "none".into()] };
        let results = node.call(version, request).await.results;
        assert_eq!(code(results[0].error_code), ErrorCode::None, "v{version}");
        assert_eq!(code(results[1].error_code), ErrorCode::GroupIdNotFound, "v{version}");
        assert_eq!(read(&node, 10, "g", None).await, []);
    }
    node.stop().await;
}

#[tokio::test]
async fn offsets_go_with_their_topic() {
    let (node, id) = start().await;
    node.call(10, commit(10, "g", "t", id, 5)).await;
    let topic =
        delete_topics_request::DeleteTopicState { name: Some("t".into()), ..Default::default() };
    node.call(6, DeleteTopicsRequest { topics: vec![topic], ..Default::default() }).await;
    // The shards hear of it after the client does; each answer below gives them a turn.
    let forgotten = async {
        while !read(&node, 7, "g", None).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), forgotten).await.expect("it is forgotten");
    node.stop().await;
}

#[tokio::test]
async fn topic_made_again_under_its_name_has_no_offsets() {
    let (node, id) = start().await;
    for version in OffsetFetchRequest::VERSIONS {
        node.call(9, commit(9, "g", "t", id, 5)).await;
        delete(&node).await;
        let id = create(&node).await;
        let offsets = read(&node, version, "g", Some(id)).await;
        assert_eq!(offsets, [(0, -1, String::new()), (1, -1, String::new())], "v{version}");
    }
    node.stop().await;
}

/// Deletes the topic `t`.
async fn delete(node: &Node) {
    let topic =
        delete_topics_request::DeleteTopicState { name: Some("t".into()), ..Default::default() };
    let request = DeleteTopicsRequest { topics: vec![topic], ..Default::default() };
    assert_eq!(node.call(6, request).await.responses[0].error_code, 0);
}
