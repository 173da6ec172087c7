//! What a topic demands of each record that a producer sends, and which records fall short.

use model::Timestamp;

use crate::error::{ProduceError, RecordError};
use crate::produced::ProduceLimits;

/// More records than this are not named one by one: an answer must stay small whatever is sent.
const RECORD_ERRORS_MAX: usize = 1000;

/// Collects what is wrong with the records of one batch.
#[derive(Debug)]
pub(crate) struct RecordCheck<'l> {
    limits: &'l ProduceLimits,
    errors: Vec<RecordError>,
    rejected: usize,
    timestamp_rejected: bool,
    max_timestamp: Timestamp,
}

impl<'l> RecordCheck<'l> {
    pub(crate) fn new(limits: &'l ProduceLimits) -> Self {
        Self {
            limits,
            errors: Vec::new(),
            rejected: 0,
            timestamp_rejected: false,
            max_timestamp: Timestamp::NONE,
        }
    }

    /// Looks at the next record.
    pub(crate) fn record(&mut self, index: usize, timestamp: Timestamp, has_key: bool) {
        self.max_timestamp = self.max_timestamp.max(timestamp);
        if self.limits.keys_required && !has_key {
            let reason = "a compacted topic takes no record without a key".to_owned();
            return self.reject(index, reason);
        }
        if let Some(bounds) = self.limits.timestamps
            && let Err(error) = bounds.check(timestamp)
        {
            self.timestamp_rejected = true;
            self.reject(index, error.to_string());
        }
    }

    fn reject(&mut self, index: usize, reason: String) {
        self.rejected += 1;
        if self.errors.len() < RECORD_ERRORS_MAX {
            self.errors.push(RecordError { index, reason });
        }
    }

    /// The latest timestamp, when there is nothing wrong with any record.
    pub(crate) fn finish(self) -> Result<Timestamp, ProduceError> {
        if self.rejected == 0 {
            return Ok(self.max_timestamp);
        }
        Err(ProduceError::Records {
            rejected: self.rejected,
            errors: self.errors,
            timestamp_rejected: self.timestamp_rejected,
        })
    }
}
