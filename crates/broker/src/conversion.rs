//! The bounds of conversions between formats and codecs, and the order of appends that need one.
//!
//! A conversion takes a core and the memory of what it decompresses. So it runs on the pool for
//! blocking work, few at a time, and what was made for a consumer counts as taken until it is sent.
//! No answer takes more than a share of what is free, so that many consumers find room; and while one
//! waits for it, those that take nothing of their answers lose their connections.
//! Of one partition, appends stay in the order in which they came: while one of them waits for its
//! conversion, those after it wait behind it, whether they need one or not.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::thread;

use bytes::Bytes;
use net::ConnectionContext;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Duration, Instant, timeout};

use crate::Broker;
use crate::disk::Job;
use crate::partition::Partition;

/// Conversions at the same time, at most: each may take the memory of two decompressed batches.
const AT_ONCE_MAX: usize = 2;
/// Memory for records that were made for consumers of old formats and are not sent yet.
const SERVED_BYTES_MAX: u64 = 64 << 20;
/// The part of the free memory that one answer may take; all of it if its first batch is larger.
const SHARE: u64 = 8;
/// But as much as this is always worth an answer.
const SHARE_BYTES_MIN: u64 = 64 << 10;
/// The unit in which that memory is counted.
const UNIT_BYTES: u64 = 1 << 10;
/// A consumer of an old format waits so long for others to take theirs; then it is answered with
/// nothing, and asks again.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whoever took nothing of its answer for so long, while another waits, is given up. A consumer that
/// reads at all takes something in that time: the system's buffer for its connection is small.
const STILL_MAX: Duration = Duration::from_secs(3);
/// How often whoever waits looks for such.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The node's conversions.
#[derive(Debug)]
pub(crate) struct Conversions {
    turns: Semaphore,
    served: Arc<Semaphore>,
    /// The memory that is taken, and some that was given back since the last was taken.
    rooms: Mutex<Vec<Weak<Room>>>,
}

impl Conversions {
    pub(crate) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Semaphore::new(cores.min(AT_ONCE_MAX)),
            served: Arc::new(Semaphore::new((SERVED_BYTES_MAX / UNIT_BYTES) as usize)),
            rooms: Mutex::default(),
        }
    }

    /// Does work that converts something, when it is its turn. `None` if the work panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let _turn = self.turns.acquire().await;
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// What one answer should read at most, but for a first batch that is larger.
    pub(crate) fn share(&self) -> u64 {
        let free = self.served.available_permits() as u64 * UNIT_BYTES;
        (free / SHARE).max(SHARE_BYTES_MIN)
    }

    /// Takes memory for so many bytes that are made for the consumer behind a connection, if there is
    /// any in time.
    pub(crate) async fn room(
        &self,
        bytes: u64,
        connection: &Arc<ConnectionContext>,
    ) -> Option<Arc<Room>> {
        let units = bytes.min(SERVED_BYTES_MAX).div_ceil(UNIT_BYTES) as u32;
        let mut taken = Box::pin(Arc::clone(&self.served).acquire_many_owned(units));
        let deadline = Instant::now() + PATIENCE;
        let permit = loop {
            match timeout(LOOK_EVERY, &mut taken).await {
                Ok(permit) => break permit.ok()?,
                Err(_) if Instant::now() >= deadline => return None,
                Err(_) => self.give_up_who_stand_still(),
            }
        };
        let room = Arc::new(Room {
            connection: Arc::clone(connection),
            served: Arc::clone(&self.served),
            taken: Mutex::new(Taken { permit, held_bytes: 0 }),
        });
        let mut rooms = self.rooms.lock();
        rooms.retain(|room| room.strong_count() > 0);
        rooms.push(Arc::downgrade(&room));
        Some(room)
    }

    fn give_up_who_stand_still(&self) {
        for room in self.rooms.lock().iter().filter_map(Weak::upgrade) {
            let delivery = &room.connection.delivery;
            if delivery.stands_still().is_some_and(|time| time >= STILL_MAX) {
                delivery.give_up();
            }
        }
    }
}

/// Memory that was taken; given back with the last of the bytes that were made in it.
#[derive(Debug)]
pub(crate) struct Room {
    connection: Arc<ConnectionContext>,
    served: Arc<Semaphore>,
    taken: Mutex<Taken>,
}

#[derive(Debug)]
struct Taken {
    permit: OwnedSemaphorePermit,
    held_bytes: u64,
}

impl Room {
    /// Lets the memory of `bytes` count as taken until the last of them is dropped. Tiny records
    /// become more than what was read; `None` if there is no memory for that now.
    pub(crate) fn hold(self: &Arc<Self>, bytes: Vec<u8>) -> Option<Bytes> {
        let mut taken = self.taken.lock();
        let held_bytes = taken.held_bytes + bytes.len() as u64;
        let units = held_bytes.min(SERVED_BYTES_MAX).div_ceil(UNIT_BYTES) as usize;
        if let Some(more) = units.checked_sub(taken.permit.num_permits()) {
            let more = Arc::clone(&self.served).try_acquire_many_owned(more as u32).ok()?;
            taken.permit.merge(more);
        }
        taken.held_bytes = held_bytes;
        Some(Bytes::from_owner(Held { bytes, _room: Arc::clone(self) }))
    }
}

struct Held {
    bytes: Vec<u8>,
    _room: Arc<Room>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The appends of one partition that wait for a conversion, or behind one. What waits is bounded by
/// the memory for requests.
#[derive(Default)]
pub(crate) struct Lane(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Whether somebody takes the jobs out.
    is_running: bool,
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waiting = self.0.lock();
        f.debug_struct("Lane").field("waiting", &waiting.jobs.len()).finish()
    }
}

impl Lane {
    /// Whether an append must wait behind others.
    pub(crate) fn is_busy(&self) -> bool {
        self.0.lock().is_running
    }

    /// Adds a job; `true` when nobody takes the jobs out yet.
    fn push(&self, job: Job) -> bool {
        let mut waiting = self.0.lock();
        waiting.jobs.push_back(job);
        !std::mem::replace(&mut waiting.is_running, true)
    }

    /// The next job; after `None` the lane is no longer busy.
    fn pop(&self) -> Option<Job> {
        let mut waiting = self.0.lock();
        let job = waiting.jobs.pop_front();
        waiting.is_running = job.is_some();
        job
    }
}

/// Queues a job that prepares an append and hands it to the disk.
pub(crate) fn prepare(broker: &Arc<Broker>, partition: &Arc<Partition>, job: Job) {
    if !partition.lane().push(job) {
        return;
    }
    let (broker, partition) = (Arc::clone(broker), Arc::clone(partition));
    tokio::spawn(async move {
        while let Some(job) = partition.lane().pop() {
            // Whoever waits for a job that panicked is told so by its dropped reply.
            broker.conversions().run(job).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lane_is_busy_from_the_first_job_until_the_last_is_done() {
        let lane = Lane::default();
        assert!(!lane.is_busy());
        assert!(lane.push(Box::new(|| {})));
        assert!(!lane.push(Box::new(|| {})));
        assert!(lane.pop().is_some());
        assert!(lane.pop().is_some() && lane.is_busy());
        assert!(lane.pop().is_none() && !lane.is_busy());
        assert!(lane.push(Box::new(|| {})));
    }

    fn connection() -> Arc<ConnectionContext> {
        let address = "127.0.0.1:9092".parse().unwrap();
        Arc::new(ConnectionContext {
            listener: "TEST".into(),
            local: address,
            peer: address,
            software: Default::default(),
            delivery: Default::default(),
        })
    }

    #[tokio::test]
    async fn memory_counts_as_taken_until_the_bytes_are_dropped() {
        let conversions = Conversions::new();
        let units = || conversions.served.available_permits();
        let all = units();
        let room = conversions.room(10 * UNIT_BYTES, &connection()).await.unwrap();
        let bytes = room.hold(vec![1, 2, 3]).unwrap();
        drop(room);
        assert_eq!(units(), all - 10);
        let part = bytes.slice(1..);
        drop(bytes);
        assert_eq!(units(), all - 10);
        drop(part);
        assert_eq!(units(), all);
        // More than there is takes all, so that nothing is too large to be served.
        let room = conversions.room(2 * SERVED_BYTES_MAX, &connection()).await.unwrap();
        assert_eq!(units(), 0);
        drop(room);
    }

    #[tokio::test]
    async fn what_grows_takes_more_memory_if_there_is_any() {
        let conversions = Conversions::new();
        let units = || conversions.served.available_permits() as u64;
        let all = units();
        let grown = vec![0; 5 * UNIT_BYTES as usize];
        let room = conversions.room(2 * UNIT_BYTES, &connection()).await.unwrap();
        let first = room.hold(grown.clone()).unwrap();
        let second = room.hold(grown.clone()).unwrap();
        assert_eq!(units(), all - 10);
        let rest = conversions.room((all - 10) * UNIT_BYTES, &connection()).await.unwrap();
        assert!(room.hold(grown).is_none());
        assert_eq!(units(), 0);
        drop((first, second, room, rest));
        assert_eq!(units(), all);
    }

    #[tokio::test]
    async fn answers_that_take_their_share_leave_room_for_others() {
        let conversions = Conversions::new();
        let mut rooms = Vec::new();
        for _ in 0..3 * SHARE {
            rooms.push(conversions.room(conversions.share(), &connection()).await.unwrap());
        }
        assert!(conversions.share() > SHARE_BYTES_MIN);
        let (_all, rest) = (rooms, conversions.served.available_permits() as u64 * UNIT_BYTES);
        let _rest = conversions.room(rest, &connection()).await.unwrap();
        assert_eq!(conversions.share(), SHARE_BYTES_MIN);
    }
}
