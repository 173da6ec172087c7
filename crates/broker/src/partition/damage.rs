//! The damaged batches of a partition that readers met: each is told once, in the log, with the
//! command that shows what can be saved. Readers get everything before and behind it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::Offset;
use parking_lot::Mutex;
use tracing::error;

use super::Partition;

/// So many are remembered; a disk with more is beyond counting.
const DAMAGES_MAX: usize = 100;

/// Where batches are damaged: segment and position.
#[derive(Debug, Default)]
pub(super) struct Damages(Mutex<BTreeSet<(PathBuf, u64)>>);

impl Damages {
    /// Adds one; returns whether it was not known.
    fn add(&self, segment: &Path, position: u64) -> bool {
        let mut known = self.0.lock();
        known.len() < DAMAGES_MAX && known.insert((segment.to_owned(), position))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.lock().len()
    }
}

impl Partition {
    /// Notes that a reader met a damaged batch.
    pub(super) fn note_damage(&self, segment: &Path, position: u64, offset: Offset, reason: &str) {
        if self.damages.add(segment, position) {
            let segment = segment.display();
            error!(
                partition = %self.topic_partition, %segment, position, %offset, reason,
                "a batch is damaged and is not served; consumers can seek past it; what can be saved \
                 tells: klamm dump-log --files {segment} --skip-damage"
            );
        }
    }
}
