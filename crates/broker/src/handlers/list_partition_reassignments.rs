//! ListPartitionReassignments (key 46), v0.
//! The partitions on their way to other brokers (KIP-455): none, with one broker.
//! Gaps: none.

use std::sync::Arc;

use protocol::messages::{ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    _broker: Arc<Broker>,
    _context: RequestContext,
    _request: ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    ListPartitionReassignmentsResponse::default()
}
