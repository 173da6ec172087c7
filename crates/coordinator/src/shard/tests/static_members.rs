//! Members with a `group.instance.id` (KIP-345, KIP-814).

use super::*;

/// A stable group of one static member; its id.
fn stable(bench: &mut Bench) -> Arc<str> {
    let token = bench.send(Request::Join(static_join("g", "i")));
    let joined = bench.joined(token);
    let parts: [(&str, &[u8]); 1] = [(&joined.member, b"all")];
    let token = bench.send(Request::Sync(SyncGroup {
        instance: Some("i".into()),
        ..sync("g", &joined, &parts)
    }));
    assert_eq!(bench.synced(token).error, ErrorCode::None);
    joined.member
}

#[test]
fn kip_345_static_member_is_not_asked_for_an_id_first() {
    let mut bench = Bench::eager();
    let request = JoinGroup { member_id_required: true, ..static_join("g", "i") };
    let Reply::Join(joined) = bench.ask(Request::Join(request)) else { panic!() };
    assert_eq!(joined.error, ErrorCode::None);
    assert!(joined.member.starts_with("i-"));
}

#[test]
fn kip_345_restarted_static_member_takes_its_place_without_a_rebalance() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    let Reply::Join(back) = bench.ask(Request::Join(static_join("g", "i"))) else { panic!() };
    assert_eq!((back.error, back.generation), (ErrorCode::None, 1));
    assert_ne!(back.member, old);
    assert_eq!(back.leader, old, "an old client must not compute an assignment");
    assert_eq!(bench.state("g"), GroupState::Stable);
    let token = bench
        .send(Request::Sync(SyncGroup { instance: Some("i".into()), ..sync("g", &back, &[]) }));
    assert_eq!(bench.synced(token).assignment, "all");
    let restarted = bench.restarted(GroupConfig::default());
    let described = restarted.shard.describe_group("g").expect("the group is there");
    assert_eq!(described.members[0].member, back.member);
}

#[test]
fn kip_814_restarted_static_leader_is_told_to_skip_the_assignment() {
    let mut bench = Bench::eager();
    stable(&mut bench);
    let request = JoinGroup { can_skip_assignment: true, ..static_join("g", "i") };
    let Reply::Join(back) = bench.ask(Request::Join(request)) else { panic!() };
    assert!(back.skip_assignment);
    assert_eq!(back.leader, back.member);
    assert_eq!(back.members.len(), 1);
}

#[test]
fn kip_345_former_self_is_fenced() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    bench.ask(Request::Join(static_join("g", "i")));
    let beat = |instance: Option<&str>| {
        Request::Heartbeat(Heartbeat {
            group: "g".into(),
            member: old.clone(),
            instance: instance.map(Arc::from),
            generation: 1,
        })
    };
    assert_eq!(bench.ask(beat(Some("i"))), Reply::Heartbeat(ErrorCode::FencedInstanceId));
    assert_eq!(bench.ask(beat(Some("j"))), Reply::Heartbeat(ErrorCode::UnknownMemberId));
    assert_eq!(bench.ask(beat(None)), Reply::Heartbeat(ErrorCode::UnknownMemberId));
    let request = OffsetCommit { instance: Some("i".into()), ..member_commit("g", &old, 1, 5) };
    let error = commit_error(bench.ask(Request::OffsetCommit(request)));
    assert_eq!(error, ErrorCode::FencedInstanceId);
}

#[test]
fn kip_345_parked_former_self_is_fenced() {
    let mut bench = Bench::new(GroupConfig::default());
    let first = bench.send(Request::Join(static_join("g", "i")));
    let second = bench.send(Request::Join(static_join("g", "i")));
    assert_eq!(bench.joined(first).error, ErrorCode::FencedInstanceId);
    bench.pass_ms(10_000);
    assert_eq!(bench.joined(second).error, ErrorCode::None);
}

#[test]
fn kip_345_changed_subscription_that_changes_the_protocol_rebalances() {
    let mut bench = Bench::eager();
    stable(&mut bench);
    let request = JoinGroup { protocols: vec![protocol("sticky", b"")], ..static_join("g", "i") };
    let Reply::Join(back) = bench.ask(Request::Join(request)) else { panic!() };
    // The member is alone, but what everyone offered counts when it asks to be let in.
    assert_eq!(back.error, ErrorCode::InconsistentGroupProtocol);
    let both = vec![protocol("sticky", b""), protocol("range", b"")];
    let request = JoinGroup { protocols: both, ..static_join("g", "i") };
    let Reply::Join(back) = bench.ask(Request::Join(request)) else { panic!() };
    assert_eq!((back.error, back.generation), (ErrorCode::None, 2));
    assert_eq!(back.protocol.as_deref(), Some("sticky"));
}

#[test]
fn replacement_that_cannot_be_written_is_undone() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    bench.commits_at_once = false;
    let token = bench.send(Request::Join(static_join("g", "i")));
    bench.fail_next(ErrorCode::KafkaStorageError);
    assert_eq!(bench.joined(token).error, ErrorCode::NotCoordinator);
    let beat = Request::Heartbeat(Heartbeat {
        group: "g".into(),
        member: old.clone(),
        instance: Some("i".into()),
        generation: 1,
    });
    assert_eq!(bench.ask(beat), Reply::Heartbeat(ErrorCode::None));
}

#[test]
fn kip_345_static_member_stays_through_a_rebalance_that_it_misses() {
    let mut bench = Bench::eager();
    let away = stable(&mut bench);
    let newcomer =
        bench.send(Request::Join(JoinGroup { rebalance_timeout_ms: 1_000, ..join("g") }));
    // The static member's own rebalance timeout of a minute counts; its session is longer here.
    for _ in 0..7 {
        bench.pass_ms(9_000);
        bench.ask(Request::Heartbeat(Heartbeat {
            group: "g".into(),
            member: away.clone(),
            instance: Some("i".into()),
            generation: 1,
        }));
    }
    let newcomer = bench.joined(newcomer);
    assert_eq!(newcomer.leader, newcomer.member, "who is here leads");
    assert_eq!(newcomer.members.len(), 2, "the static member keeps its part");
}

#[test]
fn kip_345_static_member_is_removed_by_its_instance_id() {
    let mut bench = Bench::eager();
    stable(&mut bench);
    let members = vec![
        LeavingMember { member: "".into(), instance: Some("nobody".into()) },
        LeavingMember { member: "".into(), instance: None },
        LeavingMember { member: "x".into(), instance: Some("i".into()) },
        LeavingMember { member: "".into(), instance: Some("i".into()) },
    ];
    let request = Request::Leave(LeaveGroup { group: "g".into(), members });
    let Reply::Leave(left) = bench.ask(request) else { panic!() };
    let errors: Vec<_> = left.members.iter().map(|member| member.error).collect();
    assert_eq!(
        errors,
        [
            ErrorCode::UnknownMemberId,
            ErrorCode::UnknownMemberId,
            ErrorCode::FencedInstanceId,
            ErrorCode::None
        ]
    );
    assert_eq!(bench.state("g"), GroupState::Empty);
}
