//! ApiVersions (key 18), v0-v5.
//! What this node serves, from the dispatch table; how every client begins.
//! - v3: names the client's software, flexible (KIP-511); the response header stays v0, as the
//!   client cannot know yet what the node speaks
//! - v3 also tells features (KIP-584)   - v5: the client names the node that it believes to talk to (KIP-1242)
//!
//! A version above v5 is answered in the layout of v0 with UNSUPPORTED_VERSION and the range, so
//! that the client can ask again.
//!
//! A request that is refused, for what it says of its software or of the node that it looks for, is
//! told the error and nothing else, as in Kafka.
//! Gaps: none.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use metadata::SUPPORTED_FEATURES;
use model::{BrokerId, ErrorCode};
use net::{ClientSoftware, Reply, ServiceError};
use protocol::Str;
use protocol::messages::api_versions_response::{
    ApiVersion, FinalizedFeatureKey, SupportedFeatureKey,
};
use protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};
use protocol::{ApiKey, frame};

use crate::Broker;
use crate::clock;
use crate::dispatch::RequestContext;

/// Since this version a client says what it runs.
const SOFTWARE_SINCE: i16 = 3;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: ApiVersionsRequest,
) -> ApiVersionsResponse {
    let error = check(&broker, context.version, &request);
    if !error.is_none() {
        return ApiVersionsResponse { error_code: error.code(), ..Default::default() };
    }
    if context.version >= SOFTWARE_SINCE {
        // Whoever says it twice is taken at the first word.
        let _ = context.connection.software.set(ClientSoftware {
            name: request.client_software_name.as_str().into(),
            version: request.client_software_version.as_str().into(),
        });
    }
    let api_keys = broker
        .dispatch()
        .served()
        .map(|(key, versions)| ApiVersion {
            api_key: key as i16,
            min_version: *versions.start(),
            max_version: *versions.end(),
        })
        .collect();
    let mut response = ApiVersionsResponse { api_keys, ..Default::default() };
    tell_features(&broker, &mut response);
    response
}

/// What is supported, and what of it is finalized. A level out of the range that is supported, as a
/// cluster that was adopted from Kafka may have, is not told: clients would rely on it.
fn tell_features(broker: &Broker, response: &mut ApiVersionsResponse) {
    // As in Kafka, how far the metadata log is known, which grows with every change of a feature. Looked
    // at first, so that no later level goes under an earlier number.
    response.finalized_features_epoch = broker.quorum().status(clock::now()).high_watermark;
    let image = broker.image();
    for feature in &SUPPORTED_FEATURES {
        let name = Str::from_static(feature.name);
        response.supported_features.push(SupportedFeatureKey {
            name: name.clone(),
            min_version: feature.level_min,
            max_version: feature.level_max,
        });
        let level = image.feature_level(feature.name);
        if feature.contains(level) {
            response.finalized_features.push(FinalizedFeatureKey {
                name,
                max_version_level: level,
                min_version_level: level,
            });
        }
    }
}

fn check(broker: &Broker, version: i16, request: &ApiVersionsRequest) -> ErrorCode {
    if version >= SOFTWARE_SINCE
        && !(is_acceptable(&request.client_software_name)
            && is_acceptable(&request.client_software_version))
    {
        return ErrorCode::InvalidRequest;
    }
    // A node without its cluster is nobody, and a cluster is asked for through one of its nodes.
    if request.cluster_id.is_some() != (request.node_id != BrokerId::NONE) {
        return ErrorCode::InvalidRequest;
    }
    let identity = broker.identity();
    let is_another = request.cluster_id.as_ref().is_some_and(|cluster_id| {
        **cluster_id != *identity.cluster_id || request.node_id != identity.broker_id
    });
    if is_another { ErrorCode::RebootstrapRequired } else { ErrorCode::None }
}

/// The name or version of a client's software (KIP-511): letters and digits, with `-` and `.` between.
fn is_acceptable(text: &str) -> bool {
    let is_end = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    is_end(text.bytes().next())
        && is_end(text.bytes().last())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'.')
}

/// Answers a version that this node does not know.
pub(crate) fn too_new(
    broker: &Arc<Broker>,
    correlation_id: i32,
) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
    let versions = broker.dispatch().served().find(|(key, _)| *key == ApiKey::ApiVersions);
    let api_keys = versions
        .map(|(key, versions)| ApiVersion {
            api_key: key as i16,
            min_version: *versions.start(),
            max_version: *versions.end(),
        })
        .into_iter()
        .collect();
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys,
        ..Default::default()
    };
    let reply = frame::encode_response(correlation_id, 0, &response, 0)
        .map(|(frame, _)| Some(frame))
        .map_err(|error| ServiceError(format!("cannot encode ApiVersions: {error}")));
    Box::pin(std::future::ready(reply))
}
