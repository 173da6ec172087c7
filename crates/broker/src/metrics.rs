//! What the node tells about itself: counters that hot paths touch, and the page that a scrape gets.
//!
//! Hot paths only add to relaxed counters. Everything else, above all what there are many of
//! (partitions, groups), is read from the state there is when somebody asks; the table is in
//! `table`.

mod histogram;
mod page;
mod process;
mod scrape;
mod table;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::Timestamp;
use parking_lot::Mutex;
use protocol::ErrorCounts;

pub(crate) use histogram::Histogram;
pub use scrape::metrics_page;
pub use table::markdown;

/// Why this node is not well, in words; nothing when it is.
pub fn complaints(broker: &crate::Broker) -> Vec<String> {
    let folders = broker.partitions().folder_figures();
    let failed = folders.iter().filter(|folder| folder.has_failed).map(|folder| {
        format!(
            "the log folder {} has failed and takes no more records; check the disk, and start the \
             node again",
            folder.path.display()
        )
    });
    failed.collect()
}

/// Counters of the node as a whole.
#[derive(Debug)]
pub(crate) struct NodeFigures {
    started: Timestamp,
    /// Requests that could not be read or have no answer.
    refused: AtomicU64,
    /// One scrape at a time: they have to look at everything.
    scraping: Arc<tokio::sync::Mutex<()>>,
}

impl Default for NodeFigures {
    fn default() -> Self {
        Self { started: crate::clock::now(), refused: AtomicU64::new(0), scraping: Arc::default() }
    }
}

impl NodeFigures {
    pub(crate) fn request_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counters of one API.
#[derive(Debug)]
pub(crate) struct ApiFigures {
    first_version: i16,
    /// Requests by version.
    requests: Box<[AtomicU64]>,
    request_bytes: AtomicU64,
    response_bytes: AtomicU64,
    duration: Histogram,
    /// Errors told, by their code. Only a response that tells one comes here.
    errors: Mutex<BTreeMap<i16, u64>>,
}

impl ApiFigures {
    pub(crate) fn new(versions: &RangeInclusive<i16>) -> Self {
        Self {
            first_version: *versions.start(),
            requests: versions.clone().map(|_| AtomicU64::new(0)).collect(),
            request_bytes: AtomicU64::new(0),
            response_bytes: AtomicU64::new(0),
            duration: Histogram::default(),
            errors: Mutex::default(),
        }
    }

    /// Counts a request whose response is ready.
    pub(crate) fn answered(
        &self,
        version: i16,
        took: Duration,
        request_bytes: usize,
        response_bytes: u64,
    ) {
        let index = usize::try_from(version - self.first_version).unwrap_or(usize::MAX);
        if let Some(requests) = self.requests.get(index) {
            requests.fetch_add(1, Ordering::Relaxed);
        }
        self.request_bytes.fetch_add(request_bytes as u64, Ordering::Relaxed);
        self.response_bytes.fetch_add(response_bytes, Ordering::Relaxed);
        self.duration.record(took);
    }

    /// Counts the errors of a response.
    pub(crate) fn errors(&self, told: &ErrorCounts) {
        if told.is_empty() {
            return;
        }
        let mut errors = self.errors.lock();
        for (code, count) in told {
            *errors.entry(*code).or_default() += count;
        }
    }

    /// How many requests of each version were answered.
    fn by_version(&self) -> impl Iterator<Item = (i16, u64)> + '_ {
        (self.first_version..).zip(self.requests.iter().map(|count| count.load(Ordering::Relaxed)))
    }
}
