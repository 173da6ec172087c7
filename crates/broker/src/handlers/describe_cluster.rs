//! DescribeCluster (key 60), v0-v2.
//! The cluster's id, controller and brokers (KIP-700).
//! - v1: which kind of endpoint (KIP-919)   - v2: fenced brokers (KIP-1073)
//!
//! Gaps: none; without an authorizer every operation is allowed to everybody.

use std::sync::Arc;

use model::{BrokerId, ErrorCode};
use protocol::Str;
use protocol::messages::describe_cluster_response::DescribeClusterBroker;
use protocol::messages::{DescribeClusterRequest, DescribeClusterResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::operations;

const ENDPOINT_BROKERS: i8 = 1;
const ENDPOINT_CONTROLLERS: i8 = 2;
/// The first version that tells fenced brokers apart.
const FENCED_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    let refused = match request.endpoint_type {
        ENDPOINT_BROKERS => None,
        ENDPOINT_CONTROLLERS => Some((
            ErrorCode::MismatchedEndpointType,
            "this is an endpoint of brokers, not of controllers",
        )),
        _ => Some((ErrorCode::UnsupportedEndpointType, "there is no such kind of endpoint")),
    };
    if let Some((error, message)) = refused {
        return DescribeClusterResponse {
            error_code: error.code(),
            error_message: Some(Str::from_static(message)),
            endpoint_type: ENDPOINT_BROKERS,
            ..Default::default()
        };
    }
    let mut response = DescribeClusterResponse {
        cluster_id: broker.identity().cluster_id.as_ref().into(),
        controller_id: broker.identity().broker_id,
        brokers: brokers(&broker, &context, request.include_fenced_brokers),
        ..Default::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = operations::CLUSTER;
    }
    response
}

/// The brokers, each with its address on the listener that the client came through.
fn brokers(
    broker: &Broker,
    context: &RequestContext,
    with_fenced: bool,
) -> Vec<DescribeClusterBroker> {
    let this: BrokerId = broker.identity().broker_id;
    broker
        .image()
        .brokers()
        .filter(|registration| with_fenced || !registration.fenced)
        .filter_map(|registration| {
            let (host, port) = if registration.broker_id == this {
                broker.address_for(&context.connection)
            } else {
                let endpoint = registration.endpoint(&context.connection.listener)?;
                (endpoint.host.to_string(), endpoint.port)
            };
            Some(DescribeClusterBroker {
                broker_id: registration.broker_id,
                host: host.into(),
                port: i32::from(port),
                rack: registration.rack.as_deref().map(Str::from),
                is_fenced: registration.fenced && context.version >= FENCED_SINCE,
            })
        })
        .collect()
}
