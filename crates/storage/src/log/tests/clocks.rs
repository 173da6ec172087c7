//! Retention on a machine whose clock jumps: nothing goes before its time has really passed.

use model::{ClockHistory, ClockReading};

use super::*;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const YEAR_MS: i64 = 365 * DAY_MS;
const WEEK_MS: i64 = 7 * DAY_MS;

/// A log that keeps a week, on a machine whose clock can be set.
struct Machine {
    log: Log,
    history: ClockHistory,
    reading: ClockReading,
    _bench: Bench,
}

impl Machine {
    fn boots_at(wall: Timestamp) -> Self {
        let bench =
            Bench::new(LogConfig { retention_ms: WEEK_MS, ..(*Bench::tiny().config).clone() });
        let reading = ClockReading { wall, since_boot_ms: 0 };
        let log = bench.open_new();
        Self { log, history: ClockHistory::default(), reading, _bench: bench }
    }

    /// Appends for so many minutes, every record stamped by this machine.
    fn appends_for(&mut self, minutes: i64) {
        for _ in 0..minutes {
            self.passes(MINUTE_MS);
            append(&mut self.log, &batch_at(&["x"], self.reading.wall)).unwrap();
        }
    }

    /// Lets time pass and deletes what is too old; how many segments went.
    fn passes(&mut self, ms: i64) -> usize {
        self.reading.since_boot_ms += ms;
        self.reading.wall = self.reading.wall.plus_ms(ms);
        self.history.observe(self.reading);
        let clock = self.history.clock(self.reading);
        self.log.expire_producers(&clock);
        let end = self.log.log_end_offset();
        let deleted = self.log.retention(&clock, end).unwrap();
        let count = deleted.segments();
        deleted.remove().unwrap();
        count
    }

    fn is_set_to(&mut self, wall: Timestamp) {
        self.reading.wall = wall;
        assert_eq!(self.passes(0), 0, "nothing goes because the clock was set");
    }
}

#[test]
fn records_of_1970_stay_for_the_whole_week_after_the_clock_is_set() {
    let mut machine = Machine::boots_at(Timestamp::new(0));
    machine.appends_for(40);
    machine.is_set_to(START);
    machine.appends_for(40);
    assert_eq!(machine.passes(WEEK_MS - 81 * MINUTE_MS), 0);
    let first = machine.log.log_start_offset();
    assert_eq!(first, Offset::ZERO);
    assert!(machine.passes(60 * MINUTE_MS) > 0, "and go when their week is over");
    assert!(machine.log.log_start_offset() > Offset::new(30));
}

#[test]
fn records_before_a_jump_ahead_of_a_month_stay_for_their_week() {
    let mut machine = Machine::boots_at(START);
    machine.appends_for(40);
    machine.is_set_to(START.plus_ms(30 * DAY_MS));
    assert_eq!(machine.passes(WEEK_MS - 41 * MINUTE_MS), 0);
    assert!(machine.passes(60 * MINUTE_MS) > 0);
}

#[test]
fn a_jump_ahead_that_is_put_right_deletes_nothing_and_delays_nothing() {
    let mut machine = Machine::boots_at(START);
    machine.appends_for(40);
    let right = machine.reading.wall;
    machine.is_set_to(right.plus_ms(56 * YEAR_MS));
    // A client with the right time writes meanwhile.
    append(&mut machine.log, &batch_at(&["x"], right)).unwrap();
    assert_eq!(machine.passes(5 * MINUTE_MS), 0);
    machine.is_set_to(right.plus_ms(5 * MINUTE_MS));
    assert_eq!(machine.passes(WEEK_MS - 46 * MINUTE_MS), 0);
    assert!(machine.passes(60 * MINUTE_MS) > 0);
}

#[test]
fn a_jump_back_of_a_year_deletes_nothing_early() {
    let mut machine = Machine::boots_at(START);
    machine.appends_for(40);
    let right = machine.reading.wall;
    machine.is_set_to(right.plus_ms(-YEAR_MS));
    machine.appends_for(40);
    machine.is_set_to(right.plus_ms(40 * MINUTE_MS));
    assert_eq!(machine.passes(WEEK_MS - 81 * MINUTE_MS), 0);
    assert!(machine.passes(60 * MINUTE_MS) > 0);
}

#[test]
fn a_segment_of_1970_goes_with_an_older_looking_one_behind_it() {
    let mut machine = Machine::boots_at(Timestamp::new(0));
    machine.appends_for(40);
    machine.is_set_to(START);
    machine.appends_for(40);
    // Another boot: nobody knows any more how far the clock was behind.
    machine.history = ClockHistory::from_text("", "another");
    machine.reading.since_boot_ms = 0;
    machine.passes(0);
    assert!(machine.passes(WEEK_MS - 20 * MINUTE_MS) > 0, "those of the right time are too old");
    assert!(machine.log.log_start_offset() > Offset::new(40));
}

#[test]
fn an_idle_producer_is_remembered_when_the_clock_is_set() {
    let mut machine = Machine::boots_at(Timestamp::new(0));
    machine.passes(MINUTE_MS);
    let batch = idempotent_at(7, 0, 0, &[("x", machine.reading.wall)]);
    append(&mut machine.log, &batch).unwrap();
    machine.is_set_to(START);
    machine.passes(DAY_MS - 2 * MINUTE_MS);
    assert_eq!(machine.log.producer_count(), 1);
    machine.passes(2 * MINUTE_MS);
    assert_eq!(machine.log.producer_count(), 0);
}
