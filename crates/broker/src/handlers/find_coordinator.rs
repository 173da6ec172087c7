//! FindCoordinator (key 10), v0-v6.
//! Which broker coordinates a group.
//! - v1: kinds of keys, messages (KIP-98)   - v3: flexible   - v4: several keys (KIP-699)
//! - v5: TRANSACTION_ABORTABLE              - v6: share groups (KIP-932)
//!
//! The topic of groups is made when the first client asks, and the client is answered when it is
//! there.
//!
//! Gaps: transactions and share groups, refused with the reason.

use std::sync::Arc;

use model::{BrokerId, ErrorCode};
use protocol::Str;
use protocol::messages::find_coordinator_response::Coordinator;
use protocol::messages::{FindCoordinatorRequest, FindCoordinatorResponse};

use crate::Broker;
use crate::dispatch::RequestContext;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
/// From here on a request names several keys.
const BATCH_SINCE: i16 = 4;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let kind = request.key_type;
    let found = find(&broker, kind).await;
    if context.version >= BATCH_SINCE {
        let answer = |key| coordinator(&broker, &context, kind, key, &found);
        let coordinators = request.coordinator_keys.into_iter().map(answer).collect();
        return FindCoordinatorResponse { coordinators, ..Default::default() };
    }
    let answer = coordinator(&broker, &context, kind, request.key, &found);
    FindCoordinatorResponse {
        error_code: answer.error_code,
        error_message: answer.error_message,
        node_id: answer.node_id,
        host: answer.host,
        port: answer.port,
        ..Default::default()
    }
}

/// Whether this node, the only one, coordinates keys of the kind.
async fn find(broker: &Arc<Broker>, kind: i8) -> Result<(), (ErrorCode, &'static str)> {
    match kind {
        GROUP => broker.groups().ensure_topic(broker).await.map_err(|error| {
            (error, "the topic of groups is not there yet; the broker's log says why")
        }),
        // Final, so that a producer ends instead of asking for ever, and of the codes for which
        // clients show the message.
        TRANSACTION => Err((
            ErrorCode::InvalidRequest,
            "transactions are not served yet; produce without a transactional.id",
        )),
        _ => Err((ErrorCode::InvalidRequest, "this kind of coordinator is not served yet")),
    }
}

/// What Kafka sends where a message would stand.
fn no_error(version: i16) -> &'static str {
    if version < BATCH_SINCE { "NONE" } else { "" }
}

fn coordinator(
    broker: &Broker,
    context: &RequestContext,
    kind: i8,
    key: Str,
    found: &Result<(), (ErrorCode, &'static str)>,
) -> Coordinator {
    let found = found.and_then(|()| match kind != GROUP || broker.groups().coordinates(&key) {
        true => Ok(()),
        false => Err((
            ErrorCode::CoordinatorNotAvailable,
            "the partition that keeps the group is not served; the broker's log says why",
        )),
    });
    match found {
        Ok(()) => {
            let (host, port) = broker.address_for(&context.connection);
            Coordinator {
                key,
                node_id: broker.identity().broker_id,
                host: host.into(),
                port: i32::from(port),
                error_code: ErrorCode::None.code(),
                error_message: Some(Str::from_static(no_error(context.version))),
            }
        }
        Err((error, message)) => Coordinator {
            key,
            node_id: BrokerId::NONE,
            host: Str::EMPTY,
            port: -1,
            error_code: error.code(),
            error_message: Some(Str::from_static(message)),
        },
    }
}
