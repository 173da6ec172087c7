//! PushTelemetry (key 72), v0.
//! Takes the metrics of a client (KIP-714) and keeps the newest values of each.
//!
//! Gaps: none.

use std::sync::Arc;

use model::ErrorCode;
use protocol::messages::{PushTelemetryRequest, PushTelemetryResponse};
use records::Compression;
use telemetry::{MetricsReport, Push, PushError, read_metrics};
use tracing::debug;

use crate::Broker;
use crate::client_telemetry::client;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: PushTelemetryRequest,
) -> PushTelemetryResponse {
    let outcome = take(&broker, &context, request).await;
    let error_code = outcome.err().map_or(ErrorCode::None, PushError::code).code();
    PushTelemetryResponse { error_code, ..Default::default() }
}

async fn take(
    broker: &Broker,
    context: &RequestContext,
    request: PushTelemetryRequest,
) -> Result<(), PushError> {
    let bytes_max = usize::try_from(broker.settings().telemetry_max_bytes).unwrap_or(0);
    let codec = u8::try_from(request.compression_type).ok().and_then(Compression::from_codec_id);
    let push = Push {
        instance_id: request.client_instance_id,
        subscription_id: request.subscription_id,
        terminating: request.terminating,
        is_compression_known: codec.is_some(),
        bytes: request.metrics.len(),
        bytes_max,
    };
    let client = client(context.client_id.as_ref(), &context.connection);
    let telemetry = broker.client_telemetry();
    telemetry.with(broker, |clients, now| clients.check_push(now, &push, &client))?;
    let Some(codec) = codec.filter(|_| !request.metrics.is_empty()) else { return Ok(()) };
    // A small report may become a large one, so that no reactor spends its time on it.
    let read = broker.wait_for_disk(move || read(codec, &request.metrics, bytes_max)).await;
    let report = read.unwrap_or(Err(PushError::Unreadable));
    let received_at = crate::clock::now();
    telemetry.with(broker, |clients, _| match report {
        Ok(report) => {
            clients.store(received_at, push.instance_id, report);
            Ok(())
        }
        Err(error) => {
            clients.unreadable(push.instance_id);
            Err(error)
        }
    })
}

/// Decompresses and reads a report; what it becomes is bounded as what comes in is.
fn read(codec: Compression, metrics: &[u8], bytes_max: usize) -> Result<MetricsReport, PushError> {
    let bytes = codec.decompress(metrics, bytes_max).map_err(|error| {
        debug!(%error, "a report of a client's metrics cannot be decompressed");
        PushError::Unreadable
    })?;
    read_metrics(&bytes).map_err(|error| {
        debug!(%error, "a report of a client's metrics cannot be read");
        PushError::Unreadable
    })
}
