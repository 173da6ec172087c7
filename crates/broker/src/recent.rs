//! Which part of a log was appended so lately that it lies in memory: it can be read without waiting
//! for the disk.

use std::collections::VecDeque;

use model::Offset;

/// Bytes at the end of a log that count as recent. A machine short of memory may have dropped some
/// of them; reading those takes a moment longer, and is right all the same.
const RECENT_BYTES: u64 = 32 << 20;
/// Bytes between two marks.
const MARK_BYTES: u64 = RECENT_BYTES / 8;

/// The recent end of one log.
#[derive(Debug)]
pub(crate) struct Recent {
    from: Offset,
    appended: u64,
    /// Offsets, with the bytes that had been appended before them; ascending.
    marks: VecDeque<(Offset, u64)>,
}

impl Recent {
    /// A log that was opened and ends here: nothing of it is recent.
    pub(crate) fn new(log_end_offset: Offset) -> Self {
        Self { from: log_end_offset, appended: 0, marks: VecDeque::new() }
    }

    /// From this offset on everything is recent.
    pub(crate) fn from(&self) -> Offset {
        self.from
    }

    /// Notes an append.
    pub(crate) fn appended(&mut self, base_offset: Offset, bytes: u64) {
        let is_far = |(_, before): &(Offset, u64)| self.appended - before >= MARK_BYTES;
        if self.marks.back().is_none_or(is_far) {
            self.marks.push_back((base_offset, self.appended));
        }
        self.appended += bytes;
        while self.marks.len() > 1 && self.appended - self.marks[0].1 > RECENT_BYTES {
            self.marks.pop_front();
        }
        self.from = self.marks[0].0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_appended_are_recent() {
        let mut recent = Recent::new(Offset::new(100));
        assert_eq!(recent.from(), Offset::new(100));
        let mut offset = 100;
        for _ in 0..1000 {
            recent.appended(Offset::new(offset), 1 << 20);
            offset += 10;
        }
        let records_from = offset - recent.from().get();
        let mebibytes = records_from / 10;
        assert!((28..=36).contains(&mebibytes), "{mebibytes}");
        assert!(recent.marks.len() <= 10);
    }
}
