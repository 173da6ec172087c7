//! The order of a partition's appends while it goes over to another disk.
//!
//! Appends that are queued for the old disk come first. Until they are done, those that come after the
//! switch wait here, and not in the queue of the new disk, whose other partitions go on meanwhile,
//! however long the old disk takes.

use std::sync::mpsc::Sender;

use parking_lot::Mutex;

use crate::disk::Job;

/// The appends that wait. They are bounded by the memory for requests.
#[derive(Default)]
pub(crate) struct Switching(Mutex<Option<Waiting>>);

struct Waiting {
    /// How many disks have appends queued that come first.
    disks: usize,
    /// The queue of the new disk; none when the node stops.
    to: Option<Sender<Job>>,
    jobs: Vec<Job>,
}

impl std::fmt::Debug for Switching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waiting = self.0.lock();
        let jobs = waiting.as_ref().map(|waiting| waiting.jobs.len());
        f.debug_struct("Switching").field("waiting", &jobs).finish()
    }
}

impl Switching {
    /// Whether appends have to wait.
    pub(crate) fn is_under_way(&self) -> bool {
        self.0.lock().is_some()
    }

    /// Lets an append wait if it has to, or gives it back.
    pub(crate) fn wait(&self, job: Job) -> Option<Job> {
        match &mut *self.0.lock() {
            None => Some(job),
            Some(waiting) => {
                waiting.jobs.push(job);
                None
            }
        }
    }

    /// From here on appends wait, for one disk more.
    pub(crate) fn begin(&self, to: Option<Sender<Job>>) {
        let mut waiting = self.0.lock();
        match &mut *waiting {
            None => *waiting = Some(Waiting { disks: 1, to, jobs: Vec::new() }),
            Some(waiting) => {
                waiting.disks += 1;
                waiting.to = to;
            }
        }
    }

    /// An old disk has done what was queued for it. After the last one, what waits is queued for the
    /// new disk, ahead of all that comes later.
    pub(crate) fn end(&self) {
        let mut under_way = self.0.lock();
        let Some(waiting) = &mut *under_way else { return };
        waiting.disks -= 1;
        if waiting.disks > 0 {
            return;
        }
        if let Some(Waiting { to: Some(to), jobs, .. }) = under_way.take() {
            for job in jobs {
                // A job that is dropped tells whoever waits that the node stops.
                let _ = to.send(job);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn appends_wait_for_all_disks_and_go_to_the_last_one_in_order() {
        let switching = Switching::default();
        let done = Arc::new(Mutex::new(Vec::new()));
        let job = |number: i32| -> Job {
            let done = Arc::clone(&done);
            Box::new(move || done.lock().push(number))
        };
        assert!(switching.wait(job(0)).is_some());
        let ((first, passed), (second, last)) = (channel(), channel());
        switching.begin(Some(first));
        assert!(switching.wait(job(1)).is_none());
        switching.begin(Some(second));
        assert!(switching.wait(job(2)).is_none());
        switching.end();
        assert!(switching.is_under_way());
        assert!(switching.wait(job(3)).is_none());
        switching.end();
        assert!(!switching.is_under_way());
        last.try_iter().for_each(|job| job());
        assert_eq!((passed.try_iter().count(), &*done.lock()), (0, &vec![1, 2, 3]));
    }
}
