//! InitProducerId (key 22), v0-v5.
//! Gives an idempotent producer its id (KIP-98).
//! - v2: flexible   - v3: a producer that goes on under its id (KIP-360)   - v5: transactions v2
//!
//! v6 is for two-phase commit and not stable in Kafka either.
//! Gaps: transactions; a transactional id is refused.

use std::sync::Arc;

use model::{ErrorCode, ProducerEpoch, ProducerId};
use protocol::messages::{InitProducerIdRequest, InitProducerIdResponse};
use tracing::{info, warn};

use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    if let Some(transactional_id) = &request.transactional_id {
        info!(
            %transactional_id,
            client_id = context.client_id.as_deref().unwrap_or(""),
            "a transactional producer was refused: transactions are not served yet"
        );
        // The response has no room for words; this one ends a producer with "not supported".
        let error = if transactional_id.is_empty() {
            ErrorCode::InvalidRequest
        } else {
            ErrorCode::UnsupportedVersion
        };
        return failed(error);
    }
    // Half of an identity is none.
    if (request.producer_id == ProducerId::NONE) != (request.producer_epoch == ProducerEpoch::NONE)
    {
        return failed(ErrorCode::InvalidRequest);
    }
    // An idempotent producer has no state to go on with: it always gets a fresh id, as in Kafka.
    match broker.producer_ids().next(&broker).await {
        Ok(producer_id) => InitProducerIdResponse {
            producer_id,
            producer_epoch: ProducerEpoch::new(0),
            ..Default::default()
        },
        Err(error) => {
            warn!(%error, "cannot allocate producer ids");
            failed(ErrorCode::CoordinatorLoadInProgress)
        }
    }
}

fn failed(error: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse {
        error_code: error.code(),
        producer_id: ProducerId::NONE,
        producer_epoch: ProducerEpoch::NONE,
        ..Default::default()
    }
}
