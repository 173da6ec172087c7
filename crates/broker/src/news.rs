//! The fetches that wait for news of a partition.
//!
//! A fetch that gave up lets go of its end and is forgotten at the next chance, so that a partition
//! that is polled for days and never written to remembers only who waits now.

use std::sync::{Arc, Weak};

use tokio::sync::Notify;

/// The waiting fetches of one partition.
#[derive(Debug, Default)]
pub(crate) struct NewsReaders(Vec<Weak<Notify>>);

impl NewsReaders {
    /// Adds a fetch, once.
    pub(crate) fn add(&mut self, reader: &Arc<Notify>) {
        self.0.retain(|waiting| waiting.strong_count() > 0);
        if !self.0.iter().any(|waiting| waiting.as_ptr() == Arc::as_ptr(reader)) {
            self.0.push(Arc::downgrade(reader));
        }
    }

    /// Wakes them all; who wants more news adds itself again.
    pub(crate) fn wake(self) {
        for reader in self.0.iter().filter_map(Weak::upgrade) {
            reader.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetches_that_gave_up_are_forgotten() {
        let mut readers = NewsReaders::default();
        for _ in 0..1000 {
            readers.add(&Arc::new(Notify::new()));
        }
        assert_eq!(readers.0.len(), 1);
    }

    #[tokio::test]
    async fn each_fetch_is_woken_once_however_often_it_was_added() {
        let (mut readers, reader) = (NewsReaders::default(), Arc::new(Notify::new()));
        readers.add(&reader);
        readers.add(&reader);
        assert_eq!(readers.0.len(), 1);
        readers.wake();
        reader.notified().await;
    }
}
