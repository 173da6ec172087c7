//! Producer ids for idempotent producers, in blocks from the controller (KIP-730).

use model::ProducerId;
use tokio::sync::Mutex;

use crate::Broker;

/// What is left of the current block. A block that a restart cuts short is lost, which costs
/// nothing: there are 2^63 ids.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    block: Mutex<Option<(i64, i64)>>,
}

impl ProducerIds {
    /// An id that no producer of the cluster had before.
    pub(crate) async fn next(&self, broker: &Broker) -> Result<ProducerId, String> {
        let mut block = self.block.lock().await;
        let (next, end) = match *block {
            Some((next, end)) if next < end => (next, end),
            _ => allocate(broker).await?,
        };
        *block = Some((next + 1, end));
        Ok(ProducerId::new(next))
    }
}

async fn allocate(broker: &Broker) -> Result<(i64, i64), String> {
    let command = metadata::AllocateProducerIds {
        broker_id: broker.identity().broker_id,
        broker_epoch: broker.identity().broker_epoch,
    };
    let answer = broker.quorum().submit(command).await.map_err(|error| error.to_string())?;
    let block = answer.map_err(|error| error.to_string())?;
    Ok((block.first.get(), block.first.get() + block.length))
}
