//! Offsets and groups that nobody needs (KIP-211).

use super::*;

const DAY_MS: u64 = 24 * 3_600_000;
const CHECK_MS: u64 = 600_000;

#[test]
fn kip_211_offsets_of_consumers_that_assign_themselves_expire_by_their_commit() {
    let mut bench = Bench::eager();
    bench.ask(Request::OffsetCommit(commit("g", 5)));
    bench.pass_ms(6 * DAY_MS);
    bench.ask(Request::OffsetCommit(commit("g", 6)));
    bench.pass_ms(6 * DAY_MS);
    assert_eq!(bench.offset("g", "topic", 0), 6);
    bench.pass_ms(DAY_MS + CHECK_MS);
    assert_eq!(bench.offset("g", "topic", 0), -1);
    assert_eq!(bench.state("g"), GroupState::Dead, "a group without offsets goes with them");
    assert_eq!(bench.restarted(GroupConfig::default()).shard.group_count(), 0);
}

#[test]
fn kip_211_offsets_of_a_group_expire_from_the_day_that_it_is_empty() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    bench.ask(Request::OffsetCommit(member_commit("g", &member, 1, 5)));
    for _ in 0..(10 * DAY_MS / 9_000) {
        bench.pass_ms(9_000);
        bench.ask(heartbeat("g", &member, 1));
    }
    assert_eq!(bench.offset("g", "topic", 0), 5, "it has a member that reads the topic");
    bench.ask(leave("g", &member));
    bench.pass_ms(6 * DAY_MS);
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.offset("g", "topic", 0), 5, "six days later, and after a restart");
    bench.pass_ms(DAY_MS + CHECK_MS);
    assert_eq!(bench.offset("g", "topic", 0), -1);
}

#[test]
fn kip_211_stable_group_loses_offsets_of_topics_that_it_no_longer_reads() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    let mut request = member_commit("g", &member, 1, 5);
    request.topics.push(CommitTopic { name: "left".into(), ..request.topics[0].clone() });
    bench.ask(Request::OffsetCommit(request));
    for _ in 0..(7 * DAY_MS + CHECK_MS) / 9_000 + 1 {
        bench.pass_ms(9_000);
        bench.ask(heartbeat("g", &member, 1));
    }
    assert_eq!((bench.offset("g", "topic", 0), bench.offset("g", "left", 0)), (5, -1));
    assert_eq!(bench.state("g"), GroupState::Stable);
}

#[test]
fn retention_that_a_client_asked_for_counts_from_the_commit() {
    let mut bench = Bench::eager();
    let request = OffsetCommit { retention_ms: Some(1_000), ..commit("short", 5) };
    bench.ask(Request::OffsetCommit(request));
    let request = OffsetCommit { retention_ms: Some(-1), ..commit("usual", 5) };
    bench.ask(Request::OffsetCommit(request));
    let mut bench = bench.restarted(GroupConfig::default());
    bench.pass_ms(CHECK_MS);
    assert_eq!(bench.offset("short", "topic", 0), -1);
    assert_eq!(bench.offset("usual", "topic", 0), 5);
}

#[test]
fn empty_group_without_offsets_goes() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    bench.ask(leave("g", &member));
    assert_eq!(bench.state("g"), GroupState::Empty);
    bench.pass_ms(CHECK_MS);
    assert_eq!(bench.state("g"), GroupState::Dead);
    assert_eq!(bench.restarted(GroupConfig::default()).shard.group_count(), 0);
}
