//! The wall clock, read at the edge and handed inward as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// The time of day. A clock set before 1970 counts as 1970.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
