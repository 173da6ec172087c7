//! The budget of memory for requests in flight (`queued.max.request.bytes`).
//!
//! A frame is granted memory as its bytes arrive, so a claim that is never kept takes nothing from
//! anybody. When frames that are half read have used up the budget, one of them at a time may
//! exceed it to be finished: the node goes over its budget by at most one frame, and never stands
//! still.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One permit stands for this many bytes, so that a 32-bit count of permits is enough.
const BYTES_PER_PERMIT: u64 = 1024;

/// Memory that requests being read or answered may take together. A connection waits for its
/// share before it reads more of a large frame, so many clients cannot exhaust the machine.
#[derive(Debug, Clone)]
pub struct RequestMemory {
    permits: Arc<Semaphore>,
    total: u32,
    /// Whoever holds it may exceed the budget until its request is answered.
    overdraft: Arc<Semaphore>,
}

/// What one frame was granted; given back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Grant {
    permit: Option<OwnedSemaphorePermit>,
    overdraft: Option<OwnedSemaphorePermit>,
}

/// Keeps a request's memory counted while somebody works on its bytes, also after its connection
/// has ended.
#[derive(Debug, Clone, Default)]
pub struct Hold {
    _grant: Option<Arc<Grant>>,
}

impl Hold {
    pub(crate) fn new(grant: Grant) -> Self {
        let counts = !grant.is_empty() || grant.is_unbounded();
        Self { _grant: counts.then(|| Arc::new(grant)) }
    }
}

impl Grant {
    /// Takes what another grant holds.
    pub(crate) fn merge(&mut self, more: Self) {
        match (&mut self.permit, more.permit) {
            (Some(permit), Some(more)) => permit.merge(more),
            (None, Some(more)) => self.permit = Some(more),
            (_, None) => {}
        }
        self.overdraft = self.overdraft.take().or(more.overdraft);
    }

    /// Whether it may grow without asking.
    fn is_unbounded(&self) -> bool {
        self.overdraft.is_some()
    }

    fn is_empty(&self) -> bool {
        self.permit.is_none()
    }
}

impl RequestMemory {
    /// A budget of `bytes`.
    pub fn new(bytes: u64) -> Self {
        let total = (bytes / BYTES_PER_PERMIT).clamp(1, u64::from(u32::MAX >> 3)) as u32;
        let (permits, overdraft) = (Semaphore::new(total as usize), Semaphore::new(1));
        Self { permits: Arc::new(permits), total, overdraft: Arc::new(overdraft) }
    }

    /// The budget, in bytes.
    pub fn total_bytes(&self) -> u64 {
        u64::from(self.total) * BYTES_PER_PERMIT
    }

    /// How much of it is taken.
    pub fn used_bytes(&self) -> u64 {
        let free = self.permits.available_permits() as u64 * BYTES_PER_PERMIT;
        self.total_bytes().saturating_sub(free)
    }

    /// Grants `bytes` more at once, if they are there.
    pub(crate) fn try_grow(&self, grant: &mut Grant, bytes: usize) -> bool {
        if grant.is_unbounded() {
            return true;
        }
        match Arc::clone(&self.permits).try_acquire_many_owned(self.permits_for(bytes)) {
            Ok(permit) => {
                grant.merge(Grant { permit: Some(permit), overdraft: None });
                true
            }
            Err(_) => false,
        }
    }

    /// Waits for `bytes` more. A frame that holds some memory already, which nobody else gets
    /// before it is finished, may wait for its turn to exceed the budget as well.
    pub(crate) fn grow(
        &self,
        grant: &Grant,
        bytes: usize,
    ) -> impl Future<Output = Grant> + Send + 'static {
        let permits = Arc::clone(&self.permits).acquire_many_owned(self.permits_for(bytes));
        let overdraft = (!grant.is_empty()).then(|| Arc::clone(&self.overdraft).acquire_owned());
        async move {
            let overdraft = async {
                match overdraft {
                    Some(turn) => turn.await,
                    None => std::future::pending().await,
                }
            };
            // Neither semaphore is ever closed: an error cannot come, and would grant nothing.
            tokio::select! {
                biased;
                permit = permits => Grant { permit: permit.ok(), overdraft: None },
                turn = overdraft => Grant { permit: None, overdraft: turn.ok() },
            }
        }
    }

    fn permits_for(&self, bytes: usize) -> u32 {
        (bytes as u64).div_ceil(BYTES_PER_PERMIT).min(u64::from(self.total)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_that_hold_the_whole_budget_together_are_finished_one_after_the_other() {
        let memory = RequestMemory::new(4096);
        let (mut first, mut second) = (Grant::default(), Grant::default());
        assert!(memory.try_grow(&mut first, 2048) && memory.try_grow(&mut second, 2048));
        assert!(!memory.try_grow(&mut first, 1));
        let more = memory.grow(&first, 4096).await;
        first.merge(more);
        assert!(memory.try_grow(&mut first, 1 << 20), "it may exceed the budget");
        let waiting = tokio::spawn(memory.grow(&second, 4096));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished(), "one at a time");
        drop(first);
        second.merge(waiting.await.unwrap());
        drop(second);
        assert!(memory.try_grow(&mut Grant::default(), 4096), "all was given back");
    }

    #[tokio::test]
    async fn a_frame_that_holds_nothing_waits_for_the_budget() {
        let memory = RequestMemory::new(4096);
        let mut first = Grant::default();
        assert!(memory.try_grow(&mut first, 4096));
        let waiting = tokio::spawn(memory.grow(&Grant::default(), 1));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap();
    }
}
