//! The budget of memory for requests in flight (`queued.max.request.bytes`).

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One permit stands for this many bytes, so that a 32-bit count of permits is enough.
const BYTES_PER_PERMIT: u64 = 1024;

/// Memory that requests being read or answered may take together. A connection waits for its
/// share before it reads a large frame, so many clients cannot exhaust the machine.
#[derive(Debug, Clone)]
pub struct RequestMemory {
    permits: Arc<Semaphore>,
    total: u32,
}

impl RequestMemory {
    /// A budget of `bytes`.
    pub fn new(bytes: u64) -> Self {
        let total = (bytes / BYTES_PER_PERMIT).clamp(1, u64::from(u32::MAX >> 3)) as u32;
        Self { permits: Arc::new(Semaphore::new(total as usize)), total }
    }

    /// Waits for room for `bytes`, held until the permit is dropped. A frame larger than the whole
    /// budget waits for all of it, and is then read alone.
    pub(crate) async fn reserve(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let permits = (bytes as u64).div_ceil(BYTES_PER_PERMIT).min(u64::from(self.total)) as u32;
        Arc::clone(&self.permits).acquire_many_owned(permits).await.ok()
    }
}
