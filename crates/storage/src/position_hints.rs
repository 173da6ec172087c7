//! A few positions of offsets that were seen lately: ends of appends and of reads. A consumer at the
//! tail asks for exactly those again, and finds them without touching an index.

use model::Offset;
use parking_lot::Mutex;

/// How many positions are remembered.
const HINTS: usize = 8;

/// Where a batch begins, or the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PositionHint {
    /// The first offset of the batch, after the last offset of the batch before.
    pub(crate) offset: Offset,
    /// The base offset of the segment.
    pub(crate) segment: Offset,
    /// The position in the segment.
    pub(crate) position: u32,
}

/// The latest positions; the oldest makes room.
#[derive(Debug, Default)]
pub(crate) struct PositionHints(Mutex<([Option<PositionHint>; HINTS], usize)>);

impl PositionHints {
    /// Remembers a position.
    pub(crate) fn add(&self, hint: PositionHint) {
        let mut state = self.0.lock();
        if state.0.contains(&Some(hint)) {
            return;
        }
        let next = state.1;
        state.0[next] = Some(hint);
        state.1 = (next + 1) % HINTS;
    }

    /// The position of an offset in a segment.
    pub(crate) fn find(&self, segment: Offset, offset: Offset) -> Option<u32> {
        let state = self.0.lock();
        let matches = |hint: &&PositionHint| hint.segment == segment && hint.offset == offset;
        state.0.iter().flatten().find(matches).map(|hint| hint.position)
    }

    /// Forgets everything, as positions change.
    pub(crate) fn clear(&self) {
        *self.0.lock() = Default::default();
    }
}
