//! Which part of a log was appended so lately that it lies in memory as it was then: it can be read
//! without waiting for the disk, and without verifying it again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use model::Offset;

/// Bytes at the end of a log that count as recent. A machine short of memory may have dropped some
/// of them; reading those takes a moment longer, and is right all the same.
const RECENT_BYTES: u64 = 32 << 20;
/// How long it counts as recent. Later it may have left memory unseen.
const RECENT_TIME: Duration = Duration::from_secs(60);
/// Bytes, or time, between two marks.
const MARK_BYTES: u64 = RECENT_BYTES / 8;
const MARK_TIME: Duration = Duration::from_secs(10);

/// The recent end of one log.
#[derive(Debug)]
pub(crate) struct Recent {
    from: Offset,
    appended: u64,
    /// Ascending.
    marks: VecDeque<Mark>,
}

#[derive(Debug)]
struct Mark {
    offset: Offset,
    /// What had been appended before it.
    appended_before: u64,
    at: Instant,
}

impl Recent {
    /// A log that was opened and ends here: nothing of it is recent.
    pub(crate) fn new(log_end_offset: Offset) -> Self {
        Self { from: log_end_offset, appended: 0, marks: VecDeque::new() }
    }

    /// From this offset on everything is recent, until the time.
    pub(crate) fn from(&self) -> (Offset, Option<Instant>) {
        (self.from, self.marks.front().map(|mark| mark.at + RECENT_TIME + MARK_TIME))
    }

    /// Notes an append.
    pub(crate) fn appended(&mut self, base_offset: Offset, bytes: u64, now: Instant) {
        let is_far = |last: &Mark| {
            self.appended - last.appended_before >= MARK_BYTES || now - last.at >= MARK_TIME
        };
        if self.marks.back().is_none_or(is_far) {
            let appended_before = self.appended;
            self.marks.push_back(Mark { offset: base_offset, appended_before, at: now });
        }
        self.appended += bytes;
        let is_old = |first: &Mark| {
            self.appended - first.appended_before > RECENT_BYTES || now - first.at >= RECENT_TIME
        };
        while self.marks.len() > 1 && is_old(&self.marks[0]) {
            self.marks.pop_front();
        }
        self.from = self.marks[0].offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_appended_are_recent() {
        let mut recent = Recent::new(Offset::new(100));
        let now = Instant::now();
        assert_eq!(recent.from(), (Offset::new(100), None));
        let mut offset = 100;
        for _ in 0..1000 {
            recent.appended(Offset::new(offset), 1 << 20, now);
            offset += 10;
        }
        let records_from = offset - recent.from().0.get();
        let mebibytes = records_from / 10;
        assert!((28..=36).contains(&mebibytes), "{mebibytes}");
        assert!(recent.marks.len() <= 10);
    }

    #[test]
    fn what_was_appended_a_minute_ago_is_not_recent() {
        let mut recent = Recent::new(Offset::ZERO);
        let start = Instant::now();
        let second = |number: u64| start + Duration::from_secs(number);
        for number in 0..200 {
            recent.appended(Offset::new(number as i64), 1, second(number));
            let (from, until) = recent.from();
            assert!(from.get() + 60 >= number as i64, "{from} at {number}");
            assert!(until.is_some_and(|until| until > second(number)));
            assert!(recent.marks.len() <= 8);
        }
        let until = recent.from().1.unwrap();
        assert!(until <= second(200 + 70));
    }
}
