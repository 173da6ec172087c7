//! From a frame to its handler and back: one table of what this node serves.
//!
//! The table is the only place where a version range is stated; ApiVersions answers from it.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use net::{ConnectionContext, Hold, Reply, Service, ServiceError};
use protocol::messages::ApiVersionsRequest;
use protocol::{ApiKey, Chunk, ErrorCounts, Message, Reader, Request, Str, frame};
use tracing::debug;

use crate::Broker;
use crate::handlers::{self, api_versions};
use crate::metrics::ApiFigures;

/// What a handler knows of a request besides its body.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// The version of the body.
    pub(crate) version: i16,
    /// What the client calls itself.
    pub(crate) client_id: Option<Str>,
    /// Where the request came from.
    pub(crate) connection: Arc<ConnectionContext>,
    /// Goes with bytes of the request that are kept beyond its response.
    pub(crate) memory: Hold,
    correlation_id: i32,
}

type Started = Pin<Box<dyn Future<Output = Reply> + Send>>;
type Start = Box<
    dyn Fn(&Arc<Broker>, RequestContext, Reader) -> Result<Started, ServiceError> + Send + Sync,
>;

/// One row of the table: an API, the versions served, and how a request of it is started.
pub(crate) struct Api {
    key: ApiKey,
    versions: RangeInclusive<i16>,
    start: Start,
    figures: Arc<ApiFigures>,
}

impl Api {
    /// A row whose handler is an async function: it runs when all earlier responses are out.
    pub(crate) fn new<R, F, Fut>(versions: RangeInclusive<i16>, handler: F) -> Self
    where
        R: Request + 'static,
        R::Response: Send,
        F: Fn(Arc<Broker>, RequestContext, R) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R::Response> + Send + 'static,
    {
        Self::silent(versions, move |broker, context, request| {
            let response = handler(broker, context, request);
            async move { Ok(Some(response.await)) }
        })
    }

    /// A row whose handler may have nothing to answer, or may have to end the connection. What the
    /// handler does before it returns its future happens in the order of the requests.
    pub(crate) fn silent<R, F, Fut>(versions: RangeInclusive<i16>, handler: F) -> Self
    where
        R: Request + 'static,
        R::Response: Send,
        F: Fn(Arc<Broker>, RequestContext, R) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<R::Response>, ServiceError>> + Send + 'static,
    {
        let figures = Arc::new(ApiFigures::new(&versions));
        let counted = Arc::clone(&figures);
        let start: Start = Box::new(move |broker, context, mut reader| {
            let began = Instant::now();
            let request_bytes = reader.position() + reader.remaining();
            let (version, correlation_id) = (context.version, context.correlation_id);
            let request = frame::decode_request::<R>(&mut reader, version).map_err(|error| {
                ServiceError(format!("malformed {:?} v{version} request: {error}", R::KEY))
            })?;
            let response = handler(Arc::clone(broker), context, request);
            let counted = Arc::clone(&counted);
            Ok(Box::pin(async move {
                let encoded = match response.await? {
                    Some(response) => {
                        let (frame, errors) = encode(R::KEY, version, correlation_id, &response)?;
                        counted.errors(&errors);
                        Some(frame)
                    }
                    None => None,
                };
                let response_bytes = encoded.iter().flatten().map(Chunk::length).sum();
                counted.answered(version, began.elapsed(), request_bytes, response_bytes);
                Ok(encoded)
            }))
        });
        Self { key: R::KEY, versions, start, figures }
    }
}

fn encode<M: Message>(
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    response: &M,
) -> Result<(Vec<Chunk>, ErrorCounts), ServiceError> {
    let header_version = key.response_header_version(version);
    frame::encode_response(correlation_id, header_version, response, version).map_err(|error| {
        ServiceError(format!("cannot encode {key:?} v{version} response: {error}"))
    })
}

/// The APIs that this node serves.
pub(crate) struct Dispatch {
    by_key: Vec<Option<Api>>,
}

impl std::fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.served()).finish()
    }
}

impl Dispatch {
    /// The table of [`handlers::table`].
    pub(crate) fn new() -> Self {
        let mut by_key = Vec::new();
        for api in handlers::table() {
            let index = api.key as usize;
            by_key.resize_with(by_key.len().max(index + 1), || None);
            by_key[index] = Some(api);
        }
        Self { by_key }
    }

    /// What is served, in the order of the keys.
    pub(crate) fn served(&self) -> impl Iterator<Item = (ApiKey, RangeInclusive<i16>)> + '_ {
        self.by_key.iter().flatten().map(|api| (api.key, api.versions.clone()))
    }

    /// The figures of each API that is served.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (ApiKey, &ApiFigures)> + '_ {
        self.by_key.iter().flatten().map(|api| (api.key, &*api.figures))
    }

    fn find(&self, key: i16) -> Option<&Api> {
        self.by_key.get(usize::try_from(key).ok()?)?.as_ref()
    }
}

impl Service for Broker {
    fn start(
        self: &Arc<Self>,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
        memory: Hold,
    ) -> Result<Started, ServiceError> {
        let started = self.begin(connection, frame, memory);
        started.inspect_err(|_| self.figures().request_refused())
    }
}

impl Broker {
    fn begin(
        self: &Arc<Self>,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
        memory: Hold,
    ) -> Result<Started, ServiceError> {
        // Key, version and correlation id stand first in every header that there is.
        let Some(&[k0, k1, v0, v1, c0, c1, c2, c3]) = frame.first_chunk() else {
            return Err(ServiceError(format!("a request of {} bytes is too short", frame.len())));
        };
        let (key, version) = (i16::from_be_bytes([k0, k1]), i16::from_be_bytes([v0, v1]));
        let Some(api) = self.dispatch().find(key) else {
            return Err(ServiceError(format!("this node does not serve requests with key {key}")));
        };
        if !api.versions.contains(&version) {
            if api.key == ApiVersionsRequest::KEY {
                return Ok(api_versions::too_new(self, i32::from_be_bytes([c0, c1, c2, c3])));
            }
            return Err(ServiceError(format!(
                "this node serves {:?} {}-{}, not {version}",
                api.key,
                api.versions.start(),
                api.versions.end()
            )));
        }
        let mut reader = Reader::new(frame);
        let header = frame::decode_request_header(&mut reader)
            .map_err(|error| ServiceError(format!("malformed {:?} request: {error}", api.key)))?;
        debug!(api = ?api.key, version, peer = %connection.peer, "request");
        let context = RequestContext {
            version,
            client_id: header.client_id,
            connection: Arc::clone(connection),
            memory,
            correlation_id: header.correlation_id,
        };
        (api.start)(self, context, reader)
    }
}
