//! Where segments begin: for readers who want to know what is likely in memory, and for clients of
//! Kafka 0.9, to whom ListOffsets names segments.

use model::{Offset, Timestamp};

use super::Log;
use crate::error::StorageError;
use crate::segment::Segment;

impl Log {
    /// Where the segment begins that takes the appends; its end was written lately.
    pub fn active_segment_base_offset(&self) -> Offset {
        self.active().base_offset()
    }

    /// Where the segments begin whose records are all from before `timestamp`, newest first; every
    /// segment's beginning when there is no timestamp. The first segment begins at the log start
    /// offset.
    pub fn segment_starts_before(
        &self,
        timestamp: Option<Timestamp>,
    ) -> Result<Vec<Offset>, StorageError> {
        self.check_alive()?;
        let is_before =
            |segment: &Segment| match timestamp {
                None => Ok(true),
                Some(limit) => Ok(segment.size() > 0
                    && segment.largest_timestamp(&self.folder)?.timestamp <= limit),
            };
        let mut starts = Vec::new();
        for segment in self.segments.iter().rev() {
            if is_before(segment)? {
                starts.push(segment.base_offset().max(self.log_start_offset));
            }
        }
        Ok(starts)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::fs::SimulatedFileSystem;
    use crate::{LogConfig, OpenFiles, OpenState};

    #[test]
    fn an_empty_log_begins_with_its_only_segment() {
        let state = OpenState {
            recovery_point: Offset::ZERO,
            log_start_offset: Offset::ZERO,
            clean: true,
            now: Timestamp::new(0),
            cleaned_to: Offset::ZERO,
            jitter_seed: 0,
        };
        let (log, _) = Log::open(
            Arc::new(SimulatedFileSystem::new()),
            OpenFiles::new(10),
            PathBuf::from("/data/t-0"),
            Arc::new(LogConfig::default()),
            state,
        )
        .unwrap();
        assert_eq!(log.active_segment_base_offset(), Offset::ZERO);
        assert_eq!(log.segment_starts_before(None).unwrap(), [Offset::ZERO]);
        assert_eq!(log.segment_starts_before(Some(Timestamp::new(9))).unwrap(), []);
    }
}
