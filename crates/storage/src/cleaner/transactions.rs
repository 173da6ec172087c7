//! Which transactions were aborted, as the cleaner walks over the batches of a log in order: their
//! records go at once, and a marker goes once nothing of its transaction is left.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::{Offset, ProducerId};
use records::{BatchBody, BatchHeader, ControlType, UNCOMPRESSED_BYTES_MAX, control_type};

use crate::transaction_index::AbortedTransaction;

/// What a marker means for the cleaner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Batches of its transaction were seen: it stays.
    Stays,
    /// As [`Marker::Stays`], and the transaction index has to name the transaction.
    StaysAborted(AbortedTransaction),
    /// Nothing of its transaction is left: it may go, after its delay.
    MayGo,
}

/// The transactions that are open where the cleaner is.
#[derive(Debug)]
pub(crate) struct OpenTransactions {
    /// All aborted transactions of the log, by their first offsets, and how many have begun.
    aborted: Arc<[AbortedTransaction]>,
    begun: usize,
    /// Those that are open here, and whether a batch of them was seen.
    open_aborted: HashMap<ProducerId, (AbortedTransaction, bool)>,
    /// Producers with batches of a transaction that is not among the aborted ones.
    open_committed: HashSet<ProducerId>,
}

impl OpenTransactions {
    /// At the start of the log; `aborted` is sorted by first offset.
    pub(crate) fn new(aborted: Arc<[AbortedTransaction]>) -> Self {
        let (open_aborted, open_committed) = Default::default();
        Self { aborted, begun: 0, open_aborted, open_committed }
    }

    fn begin_up_to(&mut self, offset: Offset) {
        while let Some(next) = self.aborted.get(self.begun).filter(|a| a.first_offset <= offset) {
            self.open_aborted.entry(next.producer_id).or_insert((*next, false));
            self.begun += 1;
        }
    }

    /// Passes a batch of records; returns whether they were aborted.
    pub(crate) fn pass_batch(&mut self, batch: &BatchHeader) -> bool {
        self.begin_up_to(batch.last_offset());
        if !batch.is_transactional() {
            return false;
        }
        match self.open_aborted.get_mut(&batch.producer_id) {
            Some((_, seen)) => {
                *seen = true;
                true
            }
            None => {
                self.open_committed.insert(batch.producer_id);
                false
            }
        }
    }

    /// Passes a batch of markers; `Err` says why the log cannot be cleaned.
    pub(crate) fn pass_control(
        &mut self,
        header: &BatchHeader,
        batch: &[u8],
    ) -> Result<Marker, String> {
        self.begin_up_to(header.last_offset());
        let body =
            BatchBody::decode(batch, UNCOMPRESSED_BYTES_MAX).map_err(|error| error.to_string())?;
        // An empty batch of markers was cleaned before.
        let Some(record) = body.records().next() else { return Ok(Marker::MayGo) };
        let record = record.map_err(|error| error.to_string())?;
        let producer_id = header.producer_id;
        match record.key.and_then(control_type) {
            Some(ControlType::Abort) => match self.open_aborted.remove(&producer_id) {
                Some((aborted, true)) => Ok(Marker::StaysAborted(aborted)),
                Some((_, false)) => Ok(Marker::MayGo),
                // To go on would make records for good that readers must not see.
                None if self.open_committed.contains(&producer_id) => Err(format!(
                    "the transaction of producer {producer_id} that was aborted here is not in the transaction index; remove the .txnindex files of the partition and start the node without its clean-shutdown mark to build them again"
                )),
                None => Ok(Marker::MayGo),
            },
            Some(ControlType::Commit) if self.open_committed.remove(&producer_id) => {
                Ok(Marker::Stays)
            }
            Some(ControlType::Commit) => Ok(Marker::MayGo),
            _ => Ok(Marker::Stays),
        }
    }
}
