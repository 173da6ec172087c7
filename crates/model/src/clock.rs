//! How old something is, on a machine whose clock cannot be relied on.
//!
//! A Raspberry Pi starts in 1970, or when it was last switched off, and is set later by a time
//! server. [`ClockHistory`] compares the time of day with a clock that only runs, and so sees a jump;
//! [`Clock`] is one reading of it, by which ages are judged:
//!
//! - A stamp from before the clock jumped ahead counts as later by that jump, also after restarts:
//!   nobody can say whether the clock was behind all the time, or is wrong now.
//! - Nothing has an age until ten minutes after a jump ahead: a wrong time is mostly put right
//!   soon, and clients may have had the right one all the time.
//! - A stamp from before [`Timestamp::SET_FROM`] comes from a clock that nobody had set: the age counts from
//!   the start of this process.
//!
//! So an age may be judged too small, and is never judged too large for a jump that was seen.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::Timestamp;

/// A difference of this much between the two clocks is a jump; less is a clock that is slewed.
const JUMP_MIN_MS: i64 = 5_000;
/// So long nothing is judged by its age after the clock jumped ahead.
const SETTLING_MS: i64 = 10 * 60_000;
/// So many spans of each kind are told apart.
const SPANS_MAX: usize = 32;

/// Both clocks of the machine, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// The time of day.
    pub wall: Timestamp,
    /// Milliseconds since the machine started, on a clock that never jumps.
    pub since_boot_ms: i64,
}

/// Stamps up to `until` were given while the clock was behind by `behind_ms`, as it seems now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    until: Timestamp,
    behind_ms: i64,
}

impl Span {
    fn covers(&self, other: &Self) -> bool {
        other.until <= self.until && other.behind_ms <= self.behind_ms
    }

    fn merged(self, other: Self) -> Self {
        Self { until: self.until.max(other.until), behind_ms: self.behind_ms.max(other.behind_ms) }
    }
}

/// What is known of the time of day: how it has jumped since the machine started, and before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClockHistory {
    /// When the machine started, by the time of day as it is now.
    wall_at_boot: Option<Timestamp>,
    /// When this process started, on the clock since boot.
    started_ms: Option<i64>,
    /// Until when nothing is judged, on the clock since boot.
    settles_ms: i64,
    /// Since the machine started; each later jump moves all of them.
    recent: Vec<Span>,
    /// From before the machine started.
    earlier: Vec<Span>,
}

impl ClockHistory {
    /// Takes in a reading; returns by how much the clock has jumped, in milliseconds, if it has.
    pub fn observe(&mut self, reading: ClockReading) -> Option<i64> {
        let at_boot = reading.wall.plus_ms(reading.since_boot_ms.saturating_neg());
        self.started_ms.get_or_insert(reading.since_boot_ms);
        let before = self.wall_at_boot.replace(at_boot)?;
        let jump = at_boot.ms_since(before);
        if jump.abs() < JUMP_MIN_MS {
            return None;
        }
        for span in &mut self.recent {
            span.behind_ms = span.behind_ms.saturating_add(jump);
        }
        let until = before.plus_ms(reading.since_boot_ms);
        self.recent.push(Span { until, behind_ms: jump });
        bound(&mut self.recent);
        if jump > 0 {
            self.settles_ms = reading.since_boot_ms.saturating_add(SETTLING_MS);
        }
        Some(jump)
    }

    /// Ages as they are to be judged at this reading, which was observed.
    pub fn clock(&self, reading: ClockReading) -> Clock {
        let spans = self.recent.iter().chain(&self.earlier);
        let started = self.started_ms.unwrap_or(reading.since_boot_ms);
        Clock {
            now: reading.wall,
            settled: reading.since_boot_ms >= self.settles_ms,
            started: reading.wall.plus_ms(started.saturating_sub(reading.since_boot_ms)),
            spans: spans.filter(|span| span.behind_ms > 0).copied().collect(),
        }
    }

    /// Whether nothing worth keeping has been learnt since `newer` was this.
    pub fn knows_as_much_as(&self, newer: &Self) -> bool {
        let drift_ms = match (self.wall_at_boot, newer.wall_at_boot) {
            (Some(this), Some(newer)) => newer.ms_since(this).abs(),
            (this, newer) => i64::from(this != newer) * JUMP_MIN_MS,
        };
        drift_ms < JUMP_MIN_MS / 2
            && self.settles_ms == newer.settles_ms
            && self.recent == newer.recent
            && self.earlier == newer.earlier
    }

    /// As text to keep over restarts, with the id of this boot.
    pub fn to_text(&self, boot_id: &str) -> String {
        let mut text = format!("boot {boot_id}\nsettles {}\n", self.settles_ms);
        if let Some(at_boot) = self.wall_at_boot {
            let _ = writeln!(text, "wall-at-boot {at_boot}");
        }
        for (name, spans) in [("recent", &self.recent), ("earlier", &self.earlier)] {
            for Span { until, behind_ms } in spans {
                let _ = writeln!(text, "{name} {until} {behind_ms}");
            }
        }
        text
    }

    /// What an earlier run has kept. A line that makes no sense is left out. After another boot the
    /// clock begins anew; only the spans go on.
    pub fn from_text(text: &str, boot_id: &str) -> Self {
        let mut history = Self::default();
        let mut same_boot = false;
        for line in text.lines().take(4 * SPANS_MAX) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |index: usize| words.get(index)?.parse::<i64>().ok();
            let span = || {
                // Four words are what earlier versions wrote.
                let (until, behind_ms) = (Timestamp::new(number(1)?), number(2)?);
                (words.len() == 3).then_some(Span { until, behind_ms })
            };
            match words.first().copied() {
                Some("boot") => same_boot = words.get(1) == Some(&boot_id),
                Some("settles") if same_boot => history.settles_ms = number(1).unwrap_or(0),
                Some("wall-at-boot") if same_boot => {
                    history.wall_at_boot = number(1).map(Timestamp::new);
                }
                Some("recent") if same_boot => history.recent.extend(span()),
                Some("recent" | "earlier") => history.earlier.extend(span()),
                _ => {}
            }
        }
        history.earlier.retain(|span| span.behind_ms > 0);
        bound(&mut history.recent);
        bound(&mut history.earlier);
        history
    }
}

/// Drops spans that others cover, and merges the oldest where they are too many.
fn bound(spans: &mut Vec<Span>) {
    let mut index = 0;
    while index < spans.len() {
        let span = spans[index];
        let covered = spans.iter().enumerate().any(|(at, other)| {
            at != index && other.covers(&span) && (*other != span || at < index)
        });
        if covered {
            spans.remove(index);
        } else {
            index += 1;
        }
    }
    while spans.len() > SPANS_MAX {
        let oldest = spans.remove(0);
        spans[0] = spans[0].merged(oldest);
    }
}

/// One reading of the time, and how ages are judged at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    now: Timestamp,
    settled: bool,
    /// When this process started, by the time of day as it is now.
    started: Timestamp,
    spans: Arc<[Span]>,
}

impl Clock {
    /// A clock that has always been right.
    pub fn steady(now: Timestamp) -> Self {
        Self { now, settled: true, started: Timestamp::new(i64::MIN), spans: Arc::default() }
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How long ago the stamp was given; `None` while nobody can say. Everything that deletes by
    /// age asks this.
    pub fn age_ms(&self, stamp: Timestamp) -> Option<i64> {
        self.settled.then(|| self.now.ms_since(self.corrected(stamp)))
    }

    /// The stamp as a clock would have given it that had always been as it is now.
    fn corrected(&self, stamp: Timestamp) -> Timestamp {
        let spans = self.spans.iter().filter(|span| stamp <= span.until);
        let behind_ms = spans.map(|span| span.behind_ms).max().unwrap_or(0);
        let corrected = stamp.plus_ms(behind_ms);
        let unset = !stamp.is_of_set_clock() && self.now.is_of_set_clock();
        if unset { corrected.max(self.started) } else { corrected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    const YEAR: i64 = 365 * DAY;
    const TODAY: Timestamp = Timestamp::new(1_795_000_000_000);

    /// A machine with a clock that can be set.
    struct Machine {
        history: ClockHistory,
        reading: ClockReading,
    }

    impl Machine {
        fn boots_at(wall: Timestamp) -> Self {
            let reading = ClockReading { wall, since_boot_ms: 0 };
            let mut machine = Self { history: ClockHistory::default(), reading };
            machine.runs(0);
            machine
        }

        fn runs(&mut self, ms: i64) -> Clock {
            self.reading.since_boot_ms += ms;
            self.reading.wall = self.reading.wall.plus_ms(ms);
            self.history.observe(self.reading);
            self.history.clock(self.reading)
        }

        fn is_set_to(&mut self, wall: Timestamp) {
            self.reading.wall = wall;
        }

        fn process_restarts(&mut self) {
            self.history = ClockHistory::from_text(&self.history.to_text("a"), "a");
        }

        fn reboots_at(&mut self, wall: Timestamp) {
            self.history = ClockHistory::from_text(&self.history.to_text("a"), "b");
            self.reading = ClockReading { wall, since_boot_ms: 0 };
            self.runs(0);
        }
    }

    #[test]
    fn a_stamp_of_1970_is_not_56_years_old_when_the_clock_is_set() {
        let mut machine = Machine::boots_at(Timestamp::new(0));
        let stamp = machine.runs(5 * MINUTE).now();
        machine.runs(MINUTE);
        machine.is_set_to(TODAY);
        assert_eq!(machine.runs(0).age_ms(stamp), None);
        assert_eq!(machine.runs(SETTLING_MS).age_ms(stamp), Some(MINUTE + SETTLING_MS));
        let week = machine.runs(7 * DAY);
        assert_eq!(week.age_ms(stamp), Some(7 * DAY + MINUTE + SETTLING_MS));
        // What clients with the right time have stamped is as old as it says.
        assert_eq!(week.age_ms(TODAY), Some(7 * DAY + SETTLING_MS));
    }

    #[test]
    fn a_stamp_of_1970_counts_from_the_start_of_the_process_after_another_boot() {
        let mut machine = Machine::boots_at(Timestamp::new(0));
        let stamp = machine.runs(DAY).now();
        machine.reboots_at(TODAY);
        assert_eq!(machine.runs(MINUTE).age_ms(stamp), Some(MINUTE));
    }

    #[test]
    fn the_stamps_of_a_stale_clock_are_corrected_also_after_restarts_and_boots() {
        let mut machine = Machine::boots_at(TODAY);
        let stamp = machine.runs(MINUTE).now();
        machine.process_restarts();
        machine.runs(MINUTE);
        machine.is_set_to(TODAY.plus_ms(30 * DAY));
        machine.runs(0);
        machine.process_restarts();
        let age = |clock: Clock| clock.age_ms(stamp).unwrap();
        let seen = age(machine.runs(SETTLING_MS));
        assert_eq!(seen, MINUTE + SETTLING_MS);
        machine.reboots_at(TODAY.plus_ms(31 * DAY));
        assert_eq!(age(machine.runs(MINUTE)), DAY + 2 * MINUTE);
    }

    #[test]
    fn a_clock_that_is_set_ahead_by_mistake_makes_nothing_older() {
        let mut machine = Machine::boots_at(TODAY);
        // Of an earlier boot, by a clock that was right.
        let old = TODAY.plus_ms(-3 * DAY);
        machine.runs(MINUTE);
        machine.is_set_to(TODAY.plus_ms(30 * DAY));
        machine.runs(0);
        let clock = machine.runs(SETTLING_MS);
        assert_eq!(clock.age_ms(old), Some(3 * DAY + MINUTE + SETTLING_MS));
    }

    #[test]
    fn a_jump_between_two_runs_of_one_boot_is_seen() {
        let mut machine = Machine::boots_at(TODAY);
        let stamp = machine.runs(MINUTE).now();
        machine.is_set_to(TODAY.plus_ms(YEAR));
        machine.process_restarts();
        assert_eq!(machine.runs(0).age_ms(stamp), None);
        assert!(machine.runs(SETTLING_MS).age_ms(stamp).unwrap() < DAY);
    }

    #[test]
    fn a_jump_ahead_and_back_leaves_ages_as_they_were() {
        let mut machine = Machine::boots_at(TODAY);
        let stamp = machine.runs(MINUTE).now();
        machine.is_set_to(TODAY.plus_ms(30 * DAY));
        let wrong = machine.runs(MINUTE);
        assert_eq!(wrong.age_ms(stamp), None);
        let future = wrong.now();
        machine.is_set_to(TODAY.plus_ms(2 * MINUTE));
        let clock = machine.runs(SETTLING_MS);
        assert_eq!(clock.age_ms(stamp), Some(SETTLING_MS + MINUTE));
        assert!(clock.age_ms(future).unwrap() < 0);
    }

    #[test]
    fn a_year_back_makes_nothing_older() {
        let mut machine = Machine::boots_at(TODAY);
        let stamp = machine.runs(MINUTE).now();
        machine.is_set_to(TODAY.plus_ms(-YEAR));
        let clock = machine.runs(MINUTE);
        assert!(clock.age_ms(stamp).unwrap() < 0);
        let second = clock.now();
        machine.is_set_to(TODAY.plus_ms(3 * MINUTE));
        machine.runs(SETTLING_MS);
        let clock = machine.runs(DAY);
        assert_eq!(clock.age_ms(second), Some(DAY + SETTLING_MS));
        assert_eq!(clock.age_ms(stamp), Some(DAY + SETTLING_MS + MINUTE));
    }

    #[test]
    fn a_slewed_clock_jumps_never() {
        let mut machine = Machine::boots_at(TODAY);
        for _ in 0..1_000 {
            machine.reading.wall = machine.reading.wall.plus_ms(JUMP_MIN_MS / 2);
            assert!(machine.runs(MINUTE).age_ms(TODAY).is_some());
        }
        assert!(machine.history.recent.is_empty());
    }

    #[test]
    fn spans_stay_few_however_often_the_clock_jumps() {
        let mut machine = Machine::boots_at(TODAY);
        let stamp = machine.runs(0).now();
        for round in 1..1_000 {
            machine.is_set_to(TODAY.plus_ms(round * DAY));
            machine.runs(1);
        }
        assert!(machine.history.recent.len() <= SPANS_MAX);
        let clock = machine.runs(SETTLING_MS);
        assert!(clock.age_ms(stamp).unwrap() <= SETTLING_MS + 1_000);
    }

    #[test]
    fn text_of_nonsense_gives_an_empty_history() {
        let text = "boot a\nrecent 1\nearlier x y z\nwall-at-boot ?\n\u{0}";
        assert_eq!(ClockHistory::from_text(text, "a"), ClockHistory::default());
    }
}
