//! Committing, reading and deleting offsets, and deleting groups.

use super::*;

fn fetch(group: &str, require_stable: bool) -> OffsetFetch {
    OffsetFetch { group: group.into(), topics: None, require_stable }
}

#[test]
fn offset_is_read_when_it_is_committed_and_not_before() {
    let mut bench = Bench::eager();
    bench.ask(Request::OffsetCommit(commit("g", 5)));
    bench.commits_at_once = false;
    let token = bench.send(Request::OffsetCommit(commit("g", 9)));
    assert!(bench.replies.is_empty());
    assert_eq!(bench.offset("g", "topic", 0), 5);
    bench.commit_next();
    assert_eq!(commit_error(bench.reply(token)), ErrorCode::None);
    assert_eq!(bench.offset("g", "topic", 0), 9);
    assert_eq!(bench.offset("g", "topic", 1), -1);
    assert_eq!(bench.offset("other", "topic", 0), -1);
}

#[test]
fn commit_that_fails_never_was() {
    let mut bench = Bench::eager();
    bench.commits_at_once = false;
    let first = bench.send(Request::OffsetCommit(commit("g", 5)));
    let second = bench.send(Request::OffsetCommit(commit("g", 9)));
    bench.fail_next(ErrorCode::KafkaStorageError);
    bench.commit_next();
    assert_eq!(commit_error(bench.reply(first)), ErrorCode::NotCoordinator);
    assert_eq!(commit_error(bench.reply(second)), ErrorCode::None);
    assert_eq!(bench.offset("g", "topic", 0), 9);
    let only = bench.send(Request::OffsetCommit(commit("h", 1)));
    bench.fail_next(ErrorCode::NotEnoughReplicas);
    assert_eq!(commit_error(bench.reply(only)), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(bench.state("h"), GroupState::Dead, "the group was only there for its offset");
}

#[test]
fn kip_447_stable_read_waits_for_what_is_under_way() {
    let mut bench = Bench::eager();
    bench.ask(Request::OffsetCommit(commit("g", 5)));
    bench.commits_at_once = false;
    bench.send(Request::OffsetCommit(commit("g", 9)));
    let read = bench.send(Request::OffsetFetch(fetch("g", true)));
    assert!(bench.replies.is_empty());
    let Reply::OffsetFetch(now) = bench.ask(Request::OffsetFetch(fetch("g", false))) else {
        panic!()
    };
    assert_eq!(now.topics[0].partitions[0].offset.get(), 5);
    bench.commit_next();
    let Reply::OffsetFetch(stable) = bench.reply(read) else { panic!() };
    assert_eq!(stable.topics[0].partitions[0].offset.get(), 9);
}

#[test]
fn member_commits_in_its_generation_only() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    let mut error = |request| commit_error(bench.ask(Request::OffsetCommit(request)));
    assert_eq!(error(member_commit("g", &member, 1, 5)), ErrorCode::None);
    assert_eq!(error(member_commit("g", &member, 0, 6)), ErrorCode::IllegalGeneration);
    assert_eq!(error(member_commit("g", &member, 2, 6)), ErrorCode::IllegalGeneration);
    assert_eq!(error(member_commit("g", "x", 1, 6)), ErrorCode::UnknownMemberId);
    assert_eq!(error(member_commit("g", &member, -1, 6)), ErrorCode::IllegalGeneration);
    assert_eq!(error(commit("g", 6)), ErrorCode::UnknownMemberId);
    assert_eq!(error(member_commit("h", &member, 1, 6)), ErrorCode::GroupIdNotFound);
    let old = OffsetCommit { knows_group_id_not_found: false, ..member_commit("h", &member, 1, 6) };
    assert_eq!(error(old), ErrorCode::IllegalGeneration);
    assert_eq!(bench.offset("g", "topic", 0), 5);
}

#[test]
fn member_commits_while_others_are_joining_but_not_while_partitions_are_being_assigned() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    bench.send(Request::Join(join("g")));
    let request = || Request::OffsetCommit(member_commit("g", &member, 1, 5));
    assert_eq!(commit_error(bench.ask(request())), ErrorCode::None);
    bench.send(Request::Join(rejoin("g", &member)));
    assert_eq!(bench.state("g"), GroupState::CompletingRebalance);
    let request = Request::OffsetCommit(member_commit("g", &member, 2, 6));
    assert_eq!(commit_error(bench.ask(request)), ErrorCode::RebalanceInProgress);
}

#[test]
fn commit_counts_as_a_heartbeat() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    for offset in 0..5 {
        bench.pass_ms(9_000);
        let request = Request::OffsetCommit(member_commit("g", &member, 1, offset));
        assert_eq!(commit_error(bench.ask(request)), ErrorCode::None);
    }
}

#[test]
fn too_long_metadata_is_refused_for_its_partition_alone() {
    let mut bench = Bench::eager();
    let mut request = commit("g", 5);
    let mut second = request.topics[0].partitions[0].clone();
    request.topics[0].partitions[0].metadata = Some("ä".repeat(4_097).into());
    second.partition = PartitionIndex::new(1);
    second.metadata = Some("ä".repeat(4_096).into());
    request.topics[0].partitions.push(second);
    let Reply::OffsetCommit(topics) = bench.ask(Request::OffsetCommit(request)) else { panic!() };
    let errors: Vec<_> = topics[0].partitions.iter().map(|(_, error)| *error).collect();
    assert_eq!(errors, [ErrorCode::OffsetMetadataTooLarge, ErrorCode::None]);
    assert_eq!(bench.offset("g", "topic", 0), -1);
    assert_eq!(bench.offset("g", "topic", 1), 5);
}

#[test]
fn offset_of_a_deleted_topic_of_the_same_name_does_not_count() {
    let mut bench = Bench::eager();
    let ids = [Uuid::from_random([1; 16]), Uuid::from_random([2; 16])];
    let mut request = commit("g", 5);
    request.topics[0].id = ids[0];
    bench.ask(Request::OffsetCommit(request));
    for (id, expected) in [(ids[0], 5), (Uuid::ZERO, 5), (ids[1], -1)] {
        let topics = Some(vec![TopicPartitions {
            name: "topic".into(),
            id,
            partitions: vec![PartitionIndex::new(0)],
        }]);
        let fetch = OffsetFetch { group: "g".into(), topics, require_stable: false };
        let read = bench.shard.fetch_offsets(&fetch);
        assert_eq!(read.topics[0].partitions[0].offset.get(), expected);
    }
    let mut effects = Effects::default();
    bench.shard.topics_deleted(bench.now, &[("topic".into(), ids[1])], &mut effects);
    bench.take(effects);
    assert_eq!(bench.offset("g", "topic", 0), 5, "another topic was deleted");
    let mut effects = Effects::default();
    bench.shard.topics_deleted(bench.now, &[("topic".into(), ids[0])], &mut effects);
    bench.take(effects);
    assert_eq!(bench.offset("g", "topic", 0), -1);
    assert_eq!(bench.log.last().expect("a tombstone").value, None);
}

#[test]
fn kip_496_offsets_of_topics_that_are_read_stay() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    let mut request = member_commit("g", &member, 1, 5);
    request.topics.push(CommitTopic { name: "left".into(), ..request.topics[0].clone() });
    bench.ask(Request::OffsetCommit(request));
    let topic = |name: &str| TopicPartitions {
        name: name.into(),
        id: Uuid::ZERO,
        partitions: vec![PartitionIndex::new(0), PartitionIndex::new(7)],
    };
    let delete = |group: &str| {
        let topics = vec![topic("topic"), topic("left")];
        Request::OffsetDelete(OffsetDelete { group: group.into(), topics })
    };
    let Reply::OffsetDelete(reply) = bench.ask(delete("g")) else { panic!() };
    assert_eq!(reply.topics[0].partitions[0].1, ErrorCode::GroupSubscribedToTopic);
    assert_eq!(reply.topics[1].partitions[0].1, ErrorCode::None);
    assert_eq!((bench.offset("g", "topic", 0), bench.offset("g", "left", 0)), (5, -1));
    let Reply::OffsetDelete(reply) = bench.ask(delete("nobody")) else { panic!() };
    assert_eq!(reply.error, ErrorCode::GroupIdNotFound);
}

#[test]
fn offsets_of_members_of_another_protocol_are_not_deleted() {
    let mut bench = Bench::eager();
    let request = JoinGroup { protocol_type: "connect".into(), ..join("g") };
    bench.ask(Request::Join(request));
    let delete = Request::OffsetDelete(OffsetDelete { group: "g".into(), topics: Vec::new() });
    let Reply::OffsetDelete(reply) = bench.ask(delete) else { panic!() };
    assert_eq!(reply.error, ErrorCode::NonEmptyGroup);
}

#[test]
fn group_is_deleted_with_its_offsets_when_nobody_is_in_it() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    bench.ask(Request::OffsetCommit(member_commit("g", &member, 1, 5)));
    let delete = || Request::DeleteGroups(vec!["g".into(), "nobody".into()]);
    let errors = |reply| match reply {
        Reply::DeleteGroups(groups) => {
            groups.into_iter().map(|(_, error)| error).collect::<Vec<_>>()
        }
        other => panic!("not the answer to a deletion: {other:?}"),
    };
    let refused = errors(bench.ask(delete()));
    assert_eq!(refused, [ErrorCode::NonEmptyGroup, ErrorCode::GroupIdNotFound]);
    bench.ask(leave("g", &member));
    let done = errors(bench.ask(delete()));
    assert_eq!(done, [ErrorCode::None, ErrorCode::GroupIdNotFound]);
    assert_eq!(bench.offset("g", "topic", 0), -1);
    assert_eq!(bench.restarted(GroupConfig::default()).shard.group_count(), 0);
}

#[test]
fn group_whose_deletion_fails_is_still_there() {
    let mut bench = Bench::eager();
    bench.ask(Request::OffsetCommit(commit("g", 5)));
    bench.commits_at_once = false;
    let token = bench.send(Request::DeleteGroups(vec!["g".into()]));
    bench.fail_next(ErrorCode::KafkaStorageError);
    let reply = Reply::DeleteGroups(vec![("g".into(), ErrorCode::NotCoordinator)]);
    assert_eq!(bench.reply(token), reply);
    assert_eq!(bench.offset("g", "topic", 0), 5);
    assert_eq!(bench.state("g"), GroupState::Empty);
}
