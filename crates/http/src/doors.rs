//! What all doors of a node share: who is connected, and the pages that wait for their readers.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::{CONNECTIONS_MAX, CONNECTIONS_PER_IP_MAX, FINISHED_BYTES_MAX};

/// The doors of one node, which share their bounds.
#[derive(Debug, Default)]
pub struct Doors {
    by_ip: Mutex<HashMap<IpAddr, usize>>,
    finished: Mutex<Finished>,
}

/// The pages that are being sent, the oldest first.
#[derive(Debug, Default)]
struct Finished {
    pages: VecDeque<FinishedPage>,
    bytes: usize,
    next_id: u64,
}

#[derive(Debug)]
struct FinishedPage {
    id: u64,
    bytes: usize,
    /// Dropped, it ends the answer.
    _goes_on: oneshot::Sender<()>,
}

/// Nothing panics while it holds one of the locks; if it did, numbers would still be numbers.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Doors {
    /// Lets a connection in, if there are not too many.
    pub(crate) fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Admission> {
        let mut by_ip = lock(&self.by_ip);
        let of_ip = by_ip.get(&ip).copied().unwrap_or(0);
        if of_ip >= CONNECTIONS_PER_IP_MAX || by_ip.values().sum::<usize>() >= CONNECTIONS_MAX {
            return None;
        }
        by_ip.insert(ip, of_ip + 1);
        Some(Admission { doors: Arc::clone(self), ip })
    }

    /// Counts a page until its ticket is dropped. If there are too many bytes, those that have been
    /// there longest end: a reader that takes its time is less of a loss than one that just came.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize) -> Ticket {
        let mut finished = lock(&self.finished);
        let (goes_on, ended) = oneshot::channel();
        let id = finished.next_id;
        finished.next_id += 1;
        finished.bytes += bytes;
        finished.pages.push_back(FinishedPage { id, bytes, _goes_on: goes_on });
        while finished.bytes > FINISHED_BYTES_MAX && finished.pages.len() > 1 {
            let longest = finished.pages.pop_front();
            finished.bytes -= longest.map_or(0, |page| page.bytes);
        }
        Ticket { doors: Arc::clone(self), id, ended }
    }
}

/// A connection that counts as open until this is dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    doors: Arc<Doors>,
    ip: IpAddr,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut by_ip = lock(&self.doors.by_ip);
        if let Some(count) = by_ip.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                by_ip.remove(&self.ip);
            }
        }
    }
}

/// A page that counts as held until this is dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    doors: Arc<Doors>,
    id: u64,
    /// Resolves when the page must go.
    pub(crate) ended: oneshot::Receiver<()>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut finished = lock(&self.doors.finished);
        if let Some(at) = finished.pages.iter().position(|page| page.id == self.id) {
            let page = finished.pages.remove(at);
            finished.bytes -= page.map_or(0, |page| page.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_held_within_a_bound_and_the_oldest_goes_first() {
        let doors = Arc::new(Doors::default());
        let is_ended = |ticket: &mut Ticket| {
            ticket.ended.try_recv() == Err(oneshot::error::TryRecvError::Closed)
        };
        let mut slow = doors.hold(FINISHED_BYTES_MAX / 2);
        let mut slower = doors.hold(FINISHED_BYTES_MAX / 2);
        assert!(!is_ended(&mut slow) && !is_ended(&mut slower));
        let mut third = doors.hold(1);
        assert!(is_ended(&mut slow) && !is_ended(&mut slower) && !is_ended(&mut third));
        drop(slow);
        drop(slower);
        let mut fourth = doors.hold(FINISHED_BYTES_MAX - 1);
        assert!(!is_ended(&mut third) && !is_ended(&mut fourth));
        // One is served however large it is.
        let mut large = doors.hold(2 * FINISHED_BYTES_MAX);
        assert!(is_ended(&mut third) && is_ended(&mut fourth) && !is_ended(&mut large));
        drop((third, fourth, large));
        assert_eq!(lock(&doors.finished).bytes, 0);
        assert!(lock(&doors.finished).pages.is_empty());
    }
}
