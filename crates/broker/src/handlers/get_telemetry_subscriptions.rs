//! GetTelemetrySubscriptions (key 71), v0.
//! Which of its metrics a client is to push, and how often (KIP-714).
//!
//! Kafka names this request only when a plug-in takes the metrics. Here they are always taken, so
//! that it is always named; a client for which there is no subscription is asked for nothing.
//! Gaps: none.

use std::sync::Arc;

use model::Uuid;
use protocol::Str;
use protocol::messages::{GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse};
use records::Compression;

use crate::Broker;
use crate::client_telemetry::client;
use crate::dispatch::RequestContext;

/// How reports may be compressed, the preferred way first, as in Kafka.
const COMPRESSIONS: [Compression; 4] =
    [Compression::Zstd, Compression::Lz4, Compression::Gzip, Compression::Snappy];

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: GetTelemetrySubscriptionsRequest,
) -> GetTelemetrySubscriptionsResponse {
    let client = client(context.client_id.as_ref(), &context.connection);
    let fresh_id = Uuid::from_random(rand::random());
    let assignment = broker.client_telemetry().with(&broker, |clients, now| {
        clients.get(now, request.client_instance_id, fresh_id, &client)
    });
    match assignment {
        Ok(assignment) => GetTelemetrySubscriptionsResponse {
            client_instance_id: assignment.instance_id,
            subscription_id: assignment.subscription_id,
            accepted_compression_types: COMPRESSIONS.map(|codec| codec.codec_id() as i8).to_vec(),
            push_interval_ms: assignment.interval_ms,
            telemetry_max_bytes: broker.settings().telemetry_max_bytes,
            delta_temporality: true,
            requested_metrics: assignment.metrics.into_iter().map(Str::from).collect(),
            ..Default::default()
        },
        Err(error) => GetTelemetrySubscriptionsResponse {
            error_code: error.code().code(),
            ..Default::default()
        },
    }
}
