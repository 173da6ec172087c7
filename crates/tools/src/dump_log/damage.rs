//! Damage in a segment: where the next whole batch begins after it, and what can be saved.

use std::fmt;
use std::io;

use records::{BatchHeader, HEADER_LENGTH, MESSAGE_LENGTH_MIN};

use super::batch::{BATCH_BYTES_MAX, Found, find};
use super::source::Source;

/// How much is read at once in search of a batch.
const WINDOW_BYTES: usize = 256 * 1024;
/// How many bytes are summed up at most in search of batches, over a whole file: each byte of a
/// hostile file could look like the beginning of a long batch.
const SUMMED_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

const _: () = assert!(HEADER_LENGTH < WINDOW_BYTES && MESSAGE_LENGTH_MIN < HEADER_LENGTH);

/// A part of a segment that holds no whole batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    /// Where it begins.
    pub(super) position: u64,
    /// What is wrong there.
    pub(super) reason: String,
    /// The last offset before it, if there is one.
    pub(super) last_whole: Option<i64>,
    /// What comes after it.
    pub(super) after: After,
}

/// What comes after damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// A whole batch.
    Batch {
        /// Where it begins.
        position: u64,
        /// Its first offset.
        base_offset: i64,
    },
    /// Nothing to the end of what was looked at.
    End(u64),
    /// Nobody knows: the search has become too long, up to this position.
    Unknown(u64),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, reason, last_whole, after } = self;
        write!(f, "damaged at position {position}: {reason}.\n  ")?;
        match last_whole {
            Some(offset) => write!(f, "Records up to offset {offset} are whole")?,
            None => write!(f, "No record before it is whole")?,
        }
        match after {
            After::Batch { position: next, base_offset } => {
                write!(
                    f,
                    "; the next readable batch begins at position {next}, offset {base_offset}; \
                     {} bytes in between are damaged",
                    next - position
                )?;
                let last_lost = base_offset.wrapping_sub(1);
                match last_whole.map(|offset| offset.wrapping_add(1)) {
                    Some(lost) if lost == last_lost => write!(f, ", with offset {lost}")?,
                    Some(lost) if lost < last_lost => {
                        write!(f, ", with offsets {lost} to {last_lost}")?;
                    }
                    _ => {}
                }
                write!(f, ".")
            }
            After::End(end) => {
                write!(f, "; nothing readable follows in the {} bytes after them.", end - position)
            }
            After::Unknown(end) => write!(
                f,
                "; too much of what follows looks like batches and is none, so the search ended at \
                 position {end}."
            ),
        }
    }
}

/// Looks for whole batches; remembers how much it has summed up.
#[derive(Debug)]
pub(super) struct Search {
    summed_bytes_left: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self { summed_bytes_left: SUMMED_BYTES_MAX }
    }
}

impl Search {
    /// Whether so many bytes may be summed up still; then they count as summed up.
    pub(super) fn may_sum(&mut self, bytes: u64) -> bool {
        let left = self.summed_bytes_left.checked_sub(bytes);
        self.summed_bytes_left = left.unwrap_or(0);
        left.is_some()
    }

    /// The first whole batch from `position` on whose offset comes after `last_whole`.
    pub(super) fn next_batch(
        &mut self,
        source: &impl Source,
        mut position: u64,
        end: u64,
        last_whole: Option<i64>,
    ) -> io::Result<After> {
        loop {
            let left = usize::try_from(end.saturating_sub(position)).unwrap_or(usize::MAX);
            let window = source.read(position, WINDOW_BYTES.min(left))?;
            // Headers that the window cuts are seen whole in the next.
            let glance_bytes =
                if window.len() < WINDOW_BYTES { MESSAGE_LENGTH_MIN } else { HEADER_LENGTH };
            let Some(last) = window.len().checked_sub(glance_bytes) else {
                return Ok(After::End(end));
            };
            let places = last + 1;
            for place in 0..places {
                let Some(size) = glance(&window[place..], last_whole) else {
                    continue;
                };
                let candidate = position + place as u64;
                if size as u64 > end - candidate {
                    continue;
                }
                if !self.may_sum(size as u64) {
                    return Ok(After::Unknown(candidate));
                }
                if let Found::Batch(batch) = find(source, candidate, end)?
                    && batch.damage.is_none()
                {
                    let base_offset = batch.head.base_offset;
                    return Ok(After::Batch { position: candidate, base_offset });
                }
            }
            position += places as u64;
        }
    }
}

/// The size of the batch that may begin here, by what little can be told at once.
fn glance(bytes: &[u8], last_whole: Option<i64>) -> Option<usize> {
    let header = BatchHeader::parse_any_format(bytes).ok()?;
    let follows = last_whole.is_none_or(|last| header.base_offset.get() > last);
    (follows && header.size_in_bytes() <= BATCH_BYTES_MAX).then(|| header.size_in_bytes())
}
