//! What is refused.

use super::*;

fn join_error(bench: &mut Bench, request: JoinGroup) -> ErrorCode {
    match bench.ask(Request::Join(request)) {
        Reply::Join(reply) => reply.error,
        other => panic!("not the answer to a join: {other:?}"),
    }
}

#[test]
fn session_timeout_has_bounds() {
    let mut bench = Bench::eager();
    for (session_timeout_ms, error) in [
        (5_999, ErrorCode::InvalidSessionTimeout),
        (6_000, ErrorCode::None),
        (1_800_000, ErrorCode::None),
        (1_800_001, ErrorCode::InvalidSessionTimeout),
        (-1, ErrorCode::InvalidSessionTimeout),
    ] {
        let group = format!("g{session_timeout_ms}");
        let request = JoinGroup { session_timeout_ms, ..join(&group) };
        assert_eq!(join_error(&mut bench, request), error, "{session_timeout_ms}");
    }
    assert_eq!(join_error(&mut bench, join("")), ErrorCode::InvalidGroupId);
}

#[test]
fn full_group_takes_no_more_members() {
    let config =
        GroupConfig { max_size: 1, initial_rebalance_delay_ms: 0, ..GroupConfig::default() };
    let mut bench = Bench::new(config);
    let member = bench.stable_group("g");
    assert_eq!(join_error(&mut bench, join("g")), ErrorCode::GroupMaxSizeReached);
    assert_eq!(join_error(&mut bench, rejoin("g", &member)), ErrorCode::None);
    let none = Bench::new(GroupConfig { max_size: 0, ..config });
    let mut bench = none;
    assert_eq!(join_error(&mut bench, join("g")), ErrorCode::GroupMaxSizeReached);
    assert_eq!(bench.shard.group_count(), 0);
}

#[test]
fn rebalance_of_a_full_group_keeps_who_comes_first() {
    let mut bench = Bench::new(GroupConfig { max_size: 2, ..GroupConfig::default() });
    let first = bench.send(Request::Join(join("g")));
    let second = bench.send(Request::Join(join("g")));
    assert_eq!(join_error(&mut bench, join("g")), ErrorCode::GroupMaxSizeReached);
    bench.pass_ms(10_000);
    assert_eq!(bench.joined(first).error, ErrorCode::None);
    assert_eq!(bench.joined(second).error, ErrorCode::None);
}

#[test]
fn group_over_a_lowered_limit_rebalances_after_a_restart() {
    let mut bench = Bench::new(GroupConfig::default());
    let (a, b) = (bench.send(Request::Join(join("g"))), bench.send(Request::Join(join("g"))));
    bench.pass_ms(10_000);
    let (a, b) = (bench.joined(a), bench.joined(b));
    let leader = if a.members.is_empty() { &b } else { &a };
    bench.send(Request::Sync(sync("g", leader, &[])));
    let mut bench = bench.restarted(GroupConfig { max_size: 1, ..GroupConfig::default() });
    assert_eq!(bench.state("g"), GroupState::PreparingRebalance);
    let kept = bench.send(Request::Join(rejoin("g", &a.member)));
    assert_eq!(join_error(&mut bench, rejoin("g", &b.member)), ErrorCode::GroupMaxSizeReached);
    bench.pass_ms(60_000);
    assert_eq!(bench.joined(kept).members.len(), 1);
}

#[test]
fn what_no_record_could_hold_is_refused_before_it_is_kept() {
    let config = GroupConfig { max_record_bytes: 1_000, ..GroupConfig::default() };
    let mut bench = Bench::new(config);
    let long = "x".repeat(40_000);
    for request in [
        JoinGroup { client_id: long.as_str().into(), ..join("g") },
        JoinGroup { group: long.as_str().into(), ..join("g") },
        JoinGroup { instance: Some(long.as_str().into()), ..join("g") },
        JoinGroup { protocols: vec![protocol("range", &[0; 1_001])], ..join("g") },
        JoinGroup {
            protocols: (0..200).map(|i| protocol(&i.to_string(), b"")).collect(),
            ..join("g")
        },
    ] {
        assert_eq!(join_error(&mut bench, request), ErrorCode::InvalidRequest);
    }
    assert_eq!(bench.shard.group_count(), 0);
    assert!(bench.log.is_empty());
}

#[test]
fn assignment_larger_than_a_record_is_refused() {
    let config = GroupConfig {
        max_record_bytes: 1_000,
        initial_rebalance_delay_ms: 0,
        ..GroupConfig::default()
    };
    let mut bench = Bench::new(config);
    let token = bench.send(Request::Join(join("g")));
    let joined = bench.joined(token);
    let parts: [(&str, &[u8]); 1] = [(&joined.member, &[0; 1_000])];
    let token = bench.send(Request::Sync(sync("g", &joined, &parts)));
    assert_eq!(bench.synced(token).error, ErrorCode::UnknownServerError);
}

#[test]
fn member_ids_handed_out_are_bounded() {
    let mut bench = Bench::new(GroupConfig::default());
    let request = || JoinGroup { member_id_required: true, ..join("g") };
    for _ in 0..10_000 {
        assert_eq!(join_error(&mut bench, request()), ErrorCode::MemberIdRequired);
    }
    assert_eq!(join_error(&mut bench, request()), ErrorCode::GroupMaxSizeReached);
    bench.pass_ms(10_000);
    assert_eq!(join_error(&mut bench, request()), ErrorCode::MemberIdRequired);
}

#[test]
fn lists_are_filtered_by_state_and_type_whatever_their_case() {
    let mut bench = Bench::eager();
    bench.stable_group("stable");
    bench.ask(Request::OffsetCommit(commit("simple", 1)));
    let list = |bench: &Bench, states: &[&str], types: &[&str]| {
        let filter = ListFilter {
            states: states.iter().map(|&state| state.into()).collect(),
            types: types.iter().map(|&kind| kind.into()).collect(),
        };
        let listed = bench.shard.list_groups(&filter);
        listed.iter().map(|group| group.group.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(list(&bench, &[], &[]), ["simple", "stable"]);
    assert_eq!(list(&bench, &["sTABLE"], &[]), ["stable"]);
    assert_eq!(list(&bench, &[" empty", "Dead"], &["Classic"]), ["simple"]);
    assert_eq!(list(&bench, &[], &["consumer"]), [""; 0]);
}

#[test]
fn a_survey_keeps_to_its_room_and_counts_do_not_depend_on_it() {
    let mut bench = Bench::eager();
    bench.stable_group("stable");
    for group in ["c", "a", "b"] {
        bench.ask(Request::OffsetCommit(commit(group, 1)));
    }
    let counts = bench.shard.count_groups();
    assert_eq!((counts.groups(), counts.by_state["Empty"], counts.by_state["Stable"]), (4, 3, 1));
    assert_eq!(counts.offsets, 3);
    let survey = |room| {
        let surveyed = bench.shard.survey(room);
        let seen = surveyed.iter().map(|group| (group.group.to_string(), group.offsets.len()));
        seen.collect::<Vec<_>>()
    };
    let seen = |groups: &[(&str, usize)]| -> Vec<(String, usize)> {
        groups.iter().map(|(group, offsets)| ((*group).to_owned(), *offsets)).collect()
    };
    assert_eq!(survey(0), seen(&[]));
    assert_eq!(survey(2), seen(&[("a", 0), ("b", 0)]));
    assert_eq!(survey(5), seen(&[("a", 1), ("b", 0), ("c", 0), ("stable", 0)]));
    assert_eq!(survey(100), seen(&[("a", 1), ("b", 1), ("c", 1), ("stable", 0)]));
}

#[test]
fn strangers_make_no_more_groups_than_the_shard_may_hold() {
    let config =
        GroupConfig { groups_max: 2, initial_rebalance_delay_ms: 0, ..GroupConfig::default() };
    let mut bench = Bench::new(config);
    let member = bench.stable_group("a");
    bench.stable_group("b");
    assert_eq!(join_error(&mut bench, join("c")), ErrorCode::PolicyViolation);
    assert_eq!(join_error(&mut bench, rejoin("a", &member)), ErrorCode::None);
    assert_eq!(bench.shard.group_count(), 2);
}
