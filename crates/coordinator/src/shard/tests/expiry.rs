//! Offsets and groups that nobody needs (KIP-211).

use model::{ClockHistory, ClockReading};

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

/// A bench on a machine whose clock can be set.
struct Machine {
    bench: Bench,
    history: ClockHistory,
}

impl Machine {
    fn boots_at(wall: Timestamp) -> Self {
        let mut bench = Bench::eager();
        bench.now.wall = wall;
        Self { bench, history: ClockHistory::default() }
    }

    fn passes_ms(&mut self, ms: u64) {
        for _ in 0..ms / CHECK_MS {
            self.looks();
            self.bench.pass_ms(CHECK_MS);
        }
        self.looks();
    }

    fn looks(&mut self) {
        let since_boot_ms = i64::try_from(self.bench.now.ticks_ms).unwrap();
        let reading = ClockReading { wall: self.bench.now.wall, since_boot_ms };
        self.history.observe(reading);
        self.bench.shard.set_clock(self.history.clock(reading));
    }
}

#[test]
fn offsets_outlive_a_clock_that_jumps_ahead_or_back_for_as_long_as_they_should() {
    let today = Timestamp::new(1_795_000_000_000);
    let year_ms = 365 * DAY_MS as i64;
    for (boot, set) in [
        (Timestamp::new(0), today),
        (today, today.plus_ms(30 * DAY_MS as i64)),
        (today, today.plus_ms(-year_ms)),
        (today.plus_ms(year_ms), today),
    ] {
        let mut machine = Machine::boots_at(boot);
        machine.passes_ms(CHECK_MS);
        machine.bench.ask(Request::OffsetCommit(commit("g", 5)));
        let request = OffsetCommit { retention_ms: Some(DAY_MS as i64), ..commit("short", 5) };
        machine.bench.ask(Request::OffsetCommit(request));
        machine.passes_ms(CHECK_MS);
        machine.bench.now.wall = set;
        machine.passes_ms(DAY_MS - 3 * CHECK_MS);
        assert_eq!(machine.bench.offset("short", "topic", 0), 5, "{boot} {set}");
        machine.passes_ms(6 * DAY_MS);
        assert_eq!(machine.bench.offset("g", "topic", 0), 5, "{boot} {set}");
        if set > boot {
            machine.passes_ms(5 * CHECK_MS);
            assert_eq!(machine.bench.offset("g", "topic", 0), -1, "{boot} {set}");
            assert_eq!(machine.bench.offset("short", "topic", 0), -1, "{boot} {set}");
        }
    }
}

#[test]
fn no_member_is_lost_when_the_clock_jumps() {
    let mut bench = Bench::eager();
    let member = bench.stable_group("g");
    for wall in [1_795_000_000_000, 0, i64::MAX, 1_700_000_000_000] {
        bench.now.wall = Timestamp::new(wall);
        bench.pass_ms(9_000);
        bench.ask(heartbeat("g", &member, 1));
        assert_eq!(bench.state("g"), GroupState::Stable);
    }
}
