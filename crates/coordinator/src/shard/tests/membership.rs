//! Joining, assigning, beating, leaving.

use super::*;

#[test]
fn member_without_id_gets_one_and_joins_with_it() {
    let mut bench = Bench::eager();
    let request = JoinGroup { member_id_required: true, ..join("g") };
    let Reply::Join(first) = bench.ask(Request::Join(request)) else { panic!() };
    assert_eq!(first.error, ErrorCode::MemberIdRequired);
    assert!(first.member.starts_with("client-"), "{}", first.member);
    let request = JoinGroup { member_id_required: true, ..rejoin("g", &first.member) };
    let Reply::Join(second) = bench.ask(Request::Join(request)) else { panic!() };
    assert_eq!((second.error, second.generation), (ErrorCode::None, 1));
    assert_eq!((&second.member, &second.leader), (&first.member, &first.member));
    assert_eq!(second.members.len(), 1);
}

#[test]
fn member_id_that_is_not_used_is_forgotten_after_a_session() {
    let mut bench = Bench::eager();
    let request = JoinGroup { member_id_required: true, ..join("g") };
    let Reply::Join(first) = bench.ask(Request::Join(request)) else { panic!() };
    bench.pass_ms(10_000);
    let Reply::Join(late) = bench.ask(Request::Join(rejoin("g", &first.member))) else { panic!() };
    assert_eq!(late.error, ErrorCode::UnknownMemberId);
}

#[test]
fn made_up_member_id_is_unknown() {
    let mut bench = Bench::eager();
    let Reply::Join(reply) = bench.ask(Request::Join(rejoin("g", "me"))) else { panic!() };
    assert_eq!(reply.error, ErrorCode::UnknownMemberId);
    assert_eq!(bench.state("g"), GroupState::Dead);
}

#[test]
fn first_rebalance_waits_for_more_members_and_is_extended_by_each_round_of_them() {
    let mut bench = Bench::new(GroupConfig::default());
    let a = bench.send(Request::Join(join("g")));
    bench.pass_ms(2_999);
    let b = bench.send(Request::Join(join("g")));
    bench.pass_ms(1);
    assert!(bench.replies.is_empty(), "a member came, so another delay is added");
    bench.pass_ms(2_999);
    assert!(bench.replies.is_empty());
    bench.pass_ms(1);
    let (a, b) = (bench.joined(a), bench.joined(b));
    assert_eq!((a.generation, b.generation), (1, 1));
    assert_eq!(a.leader, b.leader);
    assert_eq!(a.members.len() + b.members.len(), 2, "the leader alone is told who is there");
}

#[test]
fn first_rebalance_waits_no_longer_than_the_rebalance_timeout() {
    let mut bench = Bench::new(GroupConfig::default());
    let request = || JoinGroup { rebalance_timeout_ms: 7_000, ..join("g") };
    let first = bench.send(Request::Join(request()));
    for _ in 0..6 {
        bench.pass_ms(1_000);
        bench.send(Request::Join(request()));
    }
    bench.pass_ms(1_000);
    assert_eq!(bench.joined(first).generation, 1);
}

#[test]
fn followers_get_their_part_when_the_leaders_assignment_is_committed() {
    let mut bench = Bench::new(GroupConfig::default());
    let (a, b) = (bench.send(Request::Join(join("g"))), bench.send(Request::Join(join("g"))));
    bench.pass_ms(10_000);
    let (a, b) = (bench.joined(a), bench.joined(b));
    let (leader, follower) = if a.members.is_empty() { (b, a) } else { (a, b) };
    let waits = bench.send(Request::Sync(sync("g", &follower, &[])));
    bench.commits_at_once = false;
    let parts: [(&str, &[u8]); 2] = [(&leader.member, b"one"), (&follower.member, b"two")];
    let leads = bench.send(Request::Sync(sync("g", &leader, &parts)));
    assert!(bench.replies.is_empty(), "nothing is told before it is committed");
    assert_eq!(bench.state("g"), GroupState::CompletingRebalance);
    bench.commit_next();
    assert_eq!(bench.synced(leads).assignment, "one");
    assert_eq!(bench.synced(waits).assignment, "two");
    assert_eq!(bench.state("g"), GroupState::Stable);
    let again = bench.send(Request::Sync(sync("g", &follower, &[])));
    assert_eq!(bench.synced(again).assignment, "two");
}

#[test]
fn assignment_that_cannot_be_written_is_told_and_everyone_joins_anew() {
    let mut bench = Bench::eager();
    let token = bench.send(Request::Join(join("g")));
    let joined = bench.joined(token);
    bench.commits_at_once = false;
    let parts: [(&str, &[u8]); 1] = [(&joined.member, b"one")];
    let token = bench.send(Request::Sync(sync("g", &joined, &parts)));
    bench.fail_next(ErrorCode::KafkaStorageError);
    assert_eq!(bench.synced(token).error, ErrorCode::NotCoordinator);
    assert_eq!(bench.state("g"), GroupState::PreparingRebalance);
}

#[test]
fn heartbeat_tells_of_a_rebalance() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    assert_eq!(bench.ask(heartbeat("g", &member, 1)), Reply::Heartbeat(ErrorCode::None));
    let newcomer = bench.send(Request::Join(join("g")));
    let beat = bench.ask(heartbeat("g", &member, 1));
    assert_eq!(beat, Reply::Heartbeat(ErrorCode::RebalanceInProgress));
    let back = bench.send(Request::Join(rejoin("g", &member)));
    let (back, newcomer) = (bench.joined(back), bench.joined(newcomer));
    assert_eq!((back.generation, newcomer.generation), (2, 2));
    assert_eq!(back.leader, member, "who led stays the leader");
}

#[test]
fn heartbeat_of_another_generation_or_member_is_refused() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    for (group, member, generation, error) in [
        ("g", &*member, 0, ErrorCode::IllegalGeneration),
        ("g", &*member, 2, ErrorCode::IllegalGeneration),
        ("g", "other", 1, ErrorCode::UnknownMemberId),
        ("h", &*member, 1, ErrorCode::UnknownMemberId),
        ("", &*member, 1, ErrorCode::InvalidGroupId),
    ] {
        let reply = bench.ask(heartbeat(group, member, generation));
        assert_eq!(reply, Reply::Heartbeat(error), "{group} {member} {generation}");
    }
}

#[test]
fn silent_member_is_out_after_its_session() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    bench.pass_ms(9_000);
    assert_eq!(bench.ask(heartbeat("g", &member, 1)), Reply::Heartbeat(ErrorCode::None));
    bench.pass_ms(9_999);
    assert_eq!(bench.state("g"), GroupState::Stable);
    bench.pass_ms(1);
    assert_eq!(bench.state("g"), GroupState::Empty);
    let beat = bench.ask(heartbeat("g", &member, 1));
    assert_eq!(beat, Reply::Heartbeat(ErrorCode::UnknownMemberId));
}

#[test]
fn clock_that_jumps_ends_no_session() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    bench.now.wall = bench.now.wall.plus_ms(10 * 365 * 24 * 3_600_000);
    bench.pass_ms(1);
    assert_eq!(bench.ask(heartbeat("g", &member, 1)), Reply::Heartbeat(ErrorCode::None));
}

#[test]
fn rebalance_drops_dynamic_members_that_do_not_come_back_in_time() {
    let mut bench = Bench::eager();
    let first = bench.stable_group("g");
    let newcomer = bench.send(Request::Join(join("g")));
    for _ in 0..10 {
        bench.pass_ms(5_999);
        bench.ask(heartbeat("g", &first, 1));
    }
    assert!(bench.replies.is_empty(), "the rebalance waits for the first member");
    bench.pass_ms(10);
    let newcomer = bench.joined(newcomer);
    assert_eq!(newcomer.leader, newcomer.member);
    assert_eq!(newcomer.members.len(), 1);
    let beat = bench.ask(heartbeat("g", &first, 1));
    assert_eq!(beat, Reply::Heartbeat(ErrorCode::UnknownMemberId));
}

#[test]
fn member_that_does_not_ask_for_its_part_is_out_after_the_rebalance_timeout() {
    let mut bench = Bench::eager();
    let token = bench.send(Request::Join(join("g")));
    let joined = bench.joined(token);
    for _ in 0..12 {
        bench.pass_ms(4_999);
        bench.ask(heartbeat("g", &joined.member, 1));
    }
    assert_eq!(bench.state("g"), GroupState::CompletingRebalance);
    bench.pass_ms(12);
    assert_eq!(bench.state("g"), GroupState::Empty);
}

#[test]
fn leaving_rebalances_at_once() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    let newcomer = bench.send(Request::Join(join("g")));
    let Reply::Leave(left) = bench.ask(leave("g", &member)) else { panic!() };
    assert_eq!(left.members[0].error, ErrorCode::None);
    let newcomer = bench.joined(newcomer);
    assert_eq!((newcomer.error, newcomer.generation), (ErrorCode::None, 2));
    let Reply::Leave(again) = bench.ask(leave("g", &member)) else { panic!() };
    assert_eq!(again.members[0].error, ErrorCode::UnknownMemberId);
}

#[test]
fn who_leaves_while_parked_is_answered() {
    let mut bench = Bench::new(GroupConfig::default());
    let request = JoinGroup { member_id_required: true, ..join("g") };
    let Reply::Join(first) = bench.ask(Request::Join(request)) else { panic!() };
    let parked = bench.send(Request::Join(rejoin("g", &first.member)));
    bench.ask(leave("g", &first.member));
    assert_eq!(bench.joined(parked).error, ErrorCode::UnknownMemberId);
}

#[test]
fn leaving_a_group_that_is_not_there_fails_member_by_member() {
    let mut bench = Bench::eager();
    let Reply::Leave(left) = bench.ask(leave("g", "m")) else { panic!() };
    assert_eq!(left.error, ErrorCode::None);
    assert_eq!(left.members[0].error, ErrorCode::UnknownMemberId);
}

#[test]
fn protocol_is_the_one_that_most_members_prefer_of_those_that_all_offer() {
    let check = |members: &[&[&str]], chosen: &str| {
        let mut bench = Bench::new(GroupConfig::default());
        let mut tokens = Vec::new();
        for offers in members {
            let protocols = offers.iter().map(|name| protocol(name, b"")).collect();
            tokens.push(bench.send(Request::Join(JoinGroup { protocols, ..join("g") })));
        }
        bench.pass_ms(10_000);
        for token in tokens {
            assert_eq!(bench.joined(token).protocol.as_deref(), Some(chosen), "{members:?}");
        }
    };
    check(&[&["range"]], "range");
    check(&[&["a", "b"], &["b", "a"], &["b", "a"]], "b");
    check(&[&["a", "b"], &["b"]], "b");
    check(&[&["a", "a", "b"], &["b", "c"]], "b");
    check(&[&["sticky", "range"], &["range", "sticky"]], "sticky");
}

#[test]
fn member_that_shares_no_protocol_is_refused() {
    let mut bench = Bench::eager();
    bench.stable_group("g");
    for request in [
        JoinGroup { protocols: vec![protocol("other", b"")], ..join("g") },
        JoinGroup { protocol_type: "connect".into(), ..join("g") },
        JoinGroup { protocols: Vec::new(), ..join("g") },
        JoinGroup { protocols: Vec::new(), ..join("new") },
        JoinGroup { protocol_type: "".into(), ..join("new") },
    ] {
        let Reply::Join(reply) = bench.ask(Request::Join(request)) else { panic!() };
        assert_eq!(reply.error, ErrorCode::InconsistentGroupProtocol);
    }
    assert_eq!(bench.state("new"), GroupState::Dead);
    assert_eq!(bench.state("g"), GroupState::Stable);
}

#[test]
fn follower_that_joins_again_unchanged_gets_the_current_generation() {
    let mut bench = Bench::new(GroupConfig::default());
    let (a, b) = (bench.send(Request::Join(join("g"))), bench.send(Request::Join(join("g"))));
    bench.pass_ms(10_000);
    let (a, b) = (bench.joined(a), bench.joined(b));
    let (leader, follower) = if a.members.is_empty() { (b, a) } else { (a, b) };
    let Reply::Join(again) = bench.ask(Request::Join(rejoin("g", &follower.member))) else {
        panic!()
    };
    assert_eq!((again.error, again.generation), (ErrorCode::None, 1));
    assert_eq!(bench.state("g"), GroupState::CompletingRebalance);
    let parts: [(&str, &[u8]); 0] = [];
    bench.send(Request::Sync(sync("g", &leader, &parts)));
    let Reply::Join(again) = bench.ask(Request::Join(rejoin("g", &follower.member))) else {
        panic!()
    };
    assert_eq!((again.error, again.generation), (ErrorCode::None, 1));
    assert_eq!(bench.state("g"), GroupState::Stable);
}

#[test]
fn leader_that_joins_again_has_partitions_assigned_anew() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    let Reply::Join(again) = bench.ask(Request::Join(rejoin("g", &member))) else { panic!() };
    assert_eq!((again.error, again.generation), (ErrorCode::None, 2));
}

#[test]
fn sync_is_checked_against_the_generation() {
    let mut bench = Bench::eager();
    let token = bench.send(Request::Join(join("g")));
    let joined = bench.joined(token);
    let good = sync("g", &joined, &[]);
    for (request, error) in [
        (SyncGroup { generation: 7, ..good.clone() }, ErrorCode::IllegalGeneration),
        (SyncGroup { member: "x".into(), ..good.clone() }, ErrorCode::UnknownMemberId),
        (SyncGroup { group: "x".into(), ..good.clone() }, ErrorCode::UnknownMemberId),
        (SyncGroup { group: "".into(), ..good.clone() }, ErrorCode::InvalidGroupId),
        (
            SyncGroup { protocol: Some("x".into()), ..good.clone() },
            ErrorCode::InconsistentGroupProtocol,
        ),
        (
            SyncGroup { protocol_type: Some("x".into()), ..good.clone() },
            ErrorCode::InconsistentGroupProtocol,
        ),
        (SyncGroup { protocol: None, protocol_type: None, ..good.clone() }, ErrorCode::None),
    ] {
        let token = bench.send(Request::Sync(request));
        assert_eq!(bench.synced(token).error, error);
    }
}

#[test]
fn newcomer_during_the_assignment_sends_everyone_back_to_join() {
    let mut bench = Bench::new(GroupConfig::default());
    let (a, b) = (bench.send(Request::Join(join("g"))), bench.send(Request::Join(join("g"))));
    bench.pass_ms(10_000);
    let (a, b) = (bench.joined(a), bench.joined(b));
    let follower = if a.members.is_empty() { a } else { b };
    let waits = bench.send(Request::Sync(sync("g", &follower, &[])));
    bench.send(Request::Join(join("g")));
    assert_eq!(bench.synced(waits).error, ErrorCode::RebalanceInProgress);
    assert_eq!(bench.state("g"), GroupState::PreparingRebalance);
}

#[test]
fn unloading_answers_everything_that_waits() {
    let mut bench = Bench::new(GroupConfig::default());
    let parked = bench.send(Request::Join(join("g")));
    bench.commits_at_once = false;
    let commits = bench.send(Request::OffsetCommit(commit("h", 1)));
    let mut effects = Effects::default();
    bench.shard.unload(bench.now, &mut effects);
    bench.take(effects);
    assert_eq!(bench.joined(parked).error, ErrorCode::NotCoordinator);
    assert_eq!(commit_error(bench.reply(commits)), ErrorCode::NotCoordinator);
    assert_eq!(bench.shard.group_count(), 0);
    assert_eq!(bench.shard.next_deadline(), None);
}

#[test]
fn members_are_still_there_after_a_restart() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.ask(heartbeat("g", &member, 1)), Reply::Heartbeat(ErrorCode::None));
    let described = bench.shard.describe_group("g").expect("the group is there");
    assert_eq!(described.members[0].assignment, "all");
    assert_eq!(&*described.members[0].client_host, "/127.0.0.1");
    bench.pass_ms(10_000);
    assert_eq!(bench.state("g"), GroupState::Empty, "a session begins with the restart");
}
