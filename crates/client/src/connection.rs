//! One connection to one node: requests go out pipelined, answers come back in the same order.
//!
//! Two tasks share the socket. The writer takes encoded requests from a bounded queue, notes what
//! answer is owed, then writes; the reader matches every frame with the oldest debt. Either of them
//! ends the connection for everyone when something is wrong; an answer that takes too long does too,
//! since all later ones would wait behind it.

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use model::ErrorCode;
use parking_lot::Mutex;
use protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};
use protocol::{ApiKey, Chunk, Message, Reader, Request, Str, frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot, watch};

use crate::config::ClientConfig;
use crate::error::ClientError;

/// Requests that may wait for being written.
const WRITE_QUEUE_MAX: usize = 256;
/// Answers that may be owed on one connection.
const OWED_MAX: usize = 1024;
/// The largest answer that is read: more than any `fetch.max.bytes` that makes sense.
const FRAME_BYTES_MAX: usize = 1 << 30;
/// What is set aside for an answer before its bytes have begun to arrive.
const FRAME_BYTES_AT_ONCE: usize = 1 << 20;
/// Our newest ApiVersions request; Kafka 2.4 and later answer it or say what they know.
const API_VERSIONS_VERSION: i16 = 4;

/// What a connection needs to know.
#[derive(Debug, Clone)]
pub struct ConnectionOptions {
    /// How the client calls itself.
    pub client_id: Str,
    /// How long connecting may take, the exchange of versions included.
    pub setup_timeout: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
}

impl From<&ClientConfig> for ConnectionOptions {
    fn from(config: &ClientConfig) -> Self {
        Self {
            client_id: Str::from(config.client_id.as_str()),
            setup_timeout: config.connection_setup_timeout,
            request_timeout: config.request_timeout,
        }
    }
}

/// The versions of each request that a node understands.
#[derive(Debug, Clone, Default)]
pub struct NodeVersions(BTreeMap<i16, (i16, i16)>);

impl NodeVersions {
    /// The node's range for a request, if it knows it.
    pub fn range(&self, api: ApiKey) -> Option<(i16, i16)> {
        self.0.get(&api.code()).copied()
    }

    /// Every request's number with the node's range, also of those that we do not know.
    pub fn all(&self) -> impl Iterator<Item = (i16, (i16, i16))> {
        self.0.iter().map(|(key, range)| (*key, *range))
    }
}

/// A connection; clones share it. It ends when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    address: Arc<str>,
    options: ConnectionOptions,
    versions: NodeVersions,
    next_correlation_id: AtomicI32,
    outgoing: mpsc::Sender<Outgoing>,
    end: Arc<End>,
}

/// Why and that the connection has ended.
#[derive(Debug)]
struct End {
    address: Arc<str>,
    reason: Mutex<Option<ClientError>>,
    ended: watch::Sender<bool>,
}

impl End {
    fn now(&self, error: ClientError) {
        self.reason.lock().get_or_insert(error);
        self.ended.send_replace(true);
    }

    fn error(&self) -> ClientError {
        let unknown = || ClientError::Disconnected {
            address: self.address.clone(),
            reason: "the connection has ended".into(),
        };
        self.reason.lock().clone().unwrap_or_else(unknown)
    }

    async fn wait(&self) {
        // An error means that the sender is gone, which cannot be: it is part of `self`.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    fn io(&self, error: &std::io::Error) -> ClientError {
        ClientError::Disconnected {
            address: self.address.clone(),
            reason: error.to_string().into(),
        }
    }
}

#[derive(Debug)]
struct Outgoing {
    chunks: Vec<Chunk>,
    owed: Option<Owed>,
}

/// An answer that somebody waits for.
#[derive(Debug)]
struct Owed {
    correlation_id: i32,
    answer: oneshot::Sender<Bytes>,
}

impl Connection {
    /// Connects to `host:port` and asks which versions the node understands.
    pub async fn open(address: &str, options: ConnectionOptions) -> Result<Self, ClientError> {
        let limit = options.setup_timeout;
        match tokio::time::timeout(limit, Self::establish(address, options)).await {
            Ok(result) => result,
            Err(_) => Err(ClientError::Timeout {
                what: format!("connecting to {address}").into(),
                ms: limit.as_millis() as u64,
            }),
        }
    }

    async fn establish(address: &str, options: ConnectionOptions) -> Result<Self, ClientError> {
        let stream = TcpStream::connect(address).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => {
                ClientError::NothingListens { addresses: address.into() }
            }
            _ => ClientError::Connect { address: address.into(), reason: error.to_string().into() },
        })?;
        // Latency only; a socket that cannot do it still works.
        let _ = stream.set_nodelay(true);
        let mut connection = Self::start(address, options, stream, NodeVersions::default());
        let versions = connection.ask_versions().await?;
        match Arc::get_mut(&mut connection.shared) {
            Some(shared) => shared.versions = versions,
            None => return Err(ClientError::State("a connection was shared before it was set up")),
        }
        Ok(connection)
    }

    fn start(
        address: &str,
        options: ConnectionOptions,
        stream: TcpStream,
        versions: NodeVersions,
    ) -> Self {
        let (read, write) = stream.into_split();
        let (outgoing, queue) = mpsc::channel(WRITE_QUEUE_MAX);
        let (owe, owed) = mpsc::channel(OWED_MAX);
        let address: Arc<str> = address.into();
        let end = Arc::new(End {
            address: address.clone(),
            reason: Mutex::new(None),
            ended: watch::channel(false).0,
        });
        tokio::spawn(write_all(write, queue, owe, end.clone()));
        tokio::spawn(read_all(read, owed, end.clone()));
        let next_correlation_id = AtomicI32::new(0);
        let shared = Shared { address, options, versions, next_correlation_id, outgoing, end };
        Self { shared: Arc::new(shared) }
    }

    /// The exchange of versions. A node that does not know our version of the question answers in
    /// version 0 with error 35 and, since Kafka 2.4, with the versions of the question it knows.
    async fn ask_versions(&self) -> Result<NodeVersions, ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: Str::from_static("klamm"),
            client_software_version: Str::from_static(env!("CARGO_PKG_VERSION")),
            ..ApiVersionsRequest::default()
        };
        let unsupported = ErrorCode::UnsupportedVersion.code();
        let mut version = API_VERSIONS_VERSION;
        loop {
            let timeout = self.shared.options.setup_timeout;
            let mut body = self.exchange(&request, version, timeout).await?;
            let code: i16 = body.clone().get().map_err(|error| self.malformed(&error))?;
            let answered_in = if code == unsupported { 0 } else { version };
            let response = ApiVersionsResponse::decode(&mut body, answered_in)
                .map_err(|error| self.malformed(&error))?;
            if code == unsupported && version > 0 {
                let question = ApiKey::ApiVersions.code();
                let known = response.api_keys.iter().find(|api| api.api_key == question);
                version = known.map_or(0, |api| api.max_version.clamp(0, version - 1));
                continue;
            }
            ClientError::check(code, None, || format!("ApiVersions at {}", self.address()))?;
            let ranges = response.api_keys.iter();
            let ranges = ranges.map(|api| (api.api_key, (api.min_version, api.max_version)));
            return Ok(NodeVersions(ranges.collect()));
        }
    }

    /// The address that the connection goes to.
    pub fn address(&self) -> &str {
        &self.shared.address
    }

    /// What the node understands.
    pub fn versions(&self) -> &NodeVersions {
        &self.shared.versions
    }

    /// How long an answer may take.
    pub fn request_timeout(&self) -> Duration {
        self.shared.options.request_timeout
    }

    /// Whether the connection has ended; one must open another then.
    pub fn is_closed(&self) -> bool {
        *self.shared.end.ended.borrow()
    }

    /// The newest version of `R` that the node understands, that we know and that lies within
    /// `allowed`.
    pub fn version_within<R: Request>(
        &self,
        allowed: RangeInclusive<i16>,
    ) -> Result<i16, ClientError> {
        let ours_min = *R::VERSIONS.start().max(allowed.start());
        let ours_max = *R::VERSIONS.end().min(allowed.end());
        let version = self.versions().range(R::KEY).and_then(|(min, max)| {
            let version = ours_max.min(max);
            (version >= ours_min.max(min)).then_some(version)
        });
        version.ok_or_else(|| ClientError::UnsupportedVersion {
            address: self.shared.address.clone(),
            api: R::KEY,
            ours: format!("v{ours_min} to v{ours_max}").into(),
        })
    }

    /// The newest version of `R` that both sides know.
    pub fn version<R: Request>(&self) -> Result<i16, ClientError> {
        self.version_within::<R>(R::VERSIONS)
    }

    /// Sends `request` in the newest version that both sides know, and waits for the answer.
    pub async fn call<R: Request>(&self, request: &R) -> Result<R::Response, ClientError> {
        let version = self.version::<R>()?;
        self.call_in(request, version, self.shared.options.request_timeout).await
    }

    /// Sends `request` in `version` and waits for the answer for at most `timeout`.
    pub async fn call_in<R: Request>(
        &self,
        request: &R,
        version: i16,
        timeout: Duration,
    ) -> Result<R::Response, ClientError> {
        let mut body = self.exchange(request, version, timeout).await?;
        R::Response::decode(&mut body, version).map_err(|error| self.malformed(&error))
    }

    /// Sends a request that has no answer: produce with acks=0.
    pub async fn tell<R: Request>(&self, request: &R, version: i16) -> Result<(), ClientError> {
        let (chunks, _) = self.encode(request, version)?;
        self.queue(Outgoing { chunks, owed: None }).await
    }

    /// Sends a request and returns at once with a future of its answer, so that the caller decides
    /// on the order of requests without waiting for answers.
    pub(crate) async fn begin<R: Request>(
        &self,
        request: &R,
        version: i16,
        timeout: Duration,
    ) -> Result<
        impl Future<Output = Result<R::Response, ClientError>> + Send + 'static + use<R>,
        ClientError,
    >
    where
        R::Response: Send,
    {
        let (answer, correlation_id) = self.send(request, version).await?;
        let this = self.clone();
        Ok(async move {
            let mut body = this.answer::<R>(answer, correlation_id, version, timeout).await?;
            R::Response::decode(&mut body, version).map_err(|error| this.malformed(&error))
        })
    }

    async fn exchange<R: Request>(
        &self,
        request: &R,
        version: i16,
        timeout: Duration,
    ) -> Result<Reader, ClientError> {
        let (answer, correlation_id) = self.send(request, version).await?;
        self.answer::<R>(answer, correlation_id, version, timeout).await
    }

    async fn send<R: Request>(
        &self,
        request: &R,
        version: i16,
    ) -> Result<(oneshot::Receiver<Bytes>, i32), ClientError> {
        let (chunks, correlation_id) = self.encode(request, version)?;
        let (sender, receiver) = oneshot::channel();
        let owed = Some(Owed { correlation_id, answer: sender });
        self.queue(Outgoing { chunks, owed }).await?;
        Ok((receiver, correlation_id))
    }

    async fn queue(&self, outgoing: Outgoing) -> Result<(), ClientError> {
        self.shared.outgoing.send(outgoing).await.map_err(|_| self.shared.end.error())
    }

    async fn answer<R: Request>(
        &self,
        answer: oneshot::Receiver<Bytes>,
        correlation_id: i32,
        version: i16,
        timeout: Duration,
    ) -> Result<Reader, ClientError> {
        let frame = match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(frame)) => frame,
            Ok(Err(_)) => return Err(self.shared.end.error()),
            Err(_) => {
                let error = ClientError::Timeout {
                    what: format!("{:?} at {}", R::KEY, self.address()).into(),
                    ms: timeout.as_millis() as u64,
                };
                self.shared.end.now(error.clone());
                return Err(error);
            }
        };
        let mut reader = Reader::new(frame);
        let header_version = R::KEY.response_header_version(version);
        let found = frame::decode_response_header(&mut reader, header_version)
            .map_err(|error| self.malformed(&error))?;
        debug_assert_eq!(found, correlation_id, "the reader has matched them");
        Ok(reader)
    }

    fn encode<R: Request>(
        &self,
        request: &R,
        version: i16,
    ) -> Result<(Vec<Chunk>, i32), ClientError> {
        let id = self.shared.next_correlation_id.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        let client_id = Some(&self.shared.options.client_id);
        Ok((frame::encode_request(id, client_id, request, version)?, id))
    }

    fn malformed(&self, error: &protocol::DecodeError) -> ClientError {
        let error = ClientError::malformed(self.address(), error);
        self.shared.end.now(error.clone());
        error
    }
}

async fn write_all(
    mut socket: OwnedWriteHalf,
    mut queue: mpsc::Receiver<Outgoing>,
    owe: mpsc::Sender<Owed>,
    end: Arc<End>,
) {
    let work = async {
        while let Some(Outgoing { chunks, owed }) = queue.recv().await {
            if let Some(owed) = owed
                && owe.send(owed).await.is_err()
            {
                return Err(end.error());
            }
            write_chunks(&mut socket, chunks).await.map_err(|error| end.io(&error))?;
        }
        Err(ClientError::Disconnected {
            address: end.address.clone(),
            reason: "the client has closed it".into(),
        })
    };
    let result: Result<(), ClientError> = tokio::select! {
        result = work => result,
        () = end.wait() => Ok(()),
    };
    if let Err(error) = result {
        end.now(error);
    }
}

async fn write_chunks(socket: &mut OwnedWriteHalf, chunks: Vec<Chunk>) -> std::io::Result<()> {
    let mut rest: std::collections::VecDeque<Bytes> = chunks
        .into_iter()
        .map(|chunk| match chunk {
            Chunk::Bytes(bytes) => Ok(bytes),
            Chunk::File(_) => Err(std::io::Error::other("a client sends no files")),
        })
        .collect::<Result<_, _>>()?;
    while !rest.is_empty() {
        let slices: Vec<IoSlice<'_>> = rest.iter().take(64).map(|b| IoSlice::new(b)).collect();
        let mut written = socket.write_vectored(&slices).await?;
        if written == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        while let Some(front) = rest.front_mut() {
            if written < front.len() {
                front.advance(written);
                break;
            }
            written -= front.len();
            rest.pop_front();
        }
    }
    Ok(())
}

async fn read_all(mut socket: OwnedReadHalf, mut owed: mpsc::Receiver<Owed>, end: Arc<End>) {
    let work = async {
        let mut buffer = BytesMut::new();
        loop {
            let frame =
                read_frame(&mut socket, &mut buffer).await.map_err(|error| end.io(&error))?;
            let found = frame.first_chunk::<4>().map(|id| i32::from_be_bytes(*id));
            // The debt was noted before the request was written, so it is there.
            match owed.try_recv() {
                Ok(debt) if found == Some(debt.correlation_id) => {
                    // Whoever no longer waits has dropped the other end.
                    let _ = debt.answer.send(frame);
                }
                _ => {
                    return Err(ClientError::Malformed {
                        address: end.address.clone(),
                        reason: "it answers what was not asked".into(),
                    });
                }
            }
        }
    };
    let result: Result<(), ClientError> = tokio::select! {
        result = work => result,
        () = end.wait() => Ok(()),
    };
    if let Err(error) = result {
        end.now(error);
    }
}

async fn read_frame(socket: &mut OwnedReadHalf, buffer: &mut BytesMut) -> std::io::Result<Bytes> {
    let invalid = |text: &'static str| std::io::Error::new(std::io::ErrorKind::InvalidData, text);
    while buffer.len() < frame::LENGTH_BYTES {
        fill(socket, buffer, frame::LENGTH_BYTES).await?;
    }
    let length = usize::try_from(buffer.get_i32())
        .ok()
        .filter(|length| *length <= FRAME_BYTES_MAX)
        .ok_or_else(|| invalid("a frame has an absurd length; is this a Kafka port?"))?;
    while buffer.len() < length {
        let missing = length - buffer.len();
        fill(socket, buffer, missing.min(FRAME_BYTES_AT_ONCE.max(buffer.len()))).await?;
    }
    Ok(buffer.split_to(length).freeze())
}

async fn fill(
    socket: &mut OwnedReadHalf,
    buffer: &mut BytesMut,
    expected: usize,
) -> std::io::Result<()> {
    if buffer.capacity() - buffer.len() < expected.min(FRAME_BYTES_AT_ONCE) {
        buffer.reserve(expected.max(16 * 1024));
    }
    if socket.read_buf(buffer).await? == 0 {
        return Err(std::io::Error::new(
            std::io::ErrorKind::UnexpectedEof,
            "the node has closed it",
        ));
    }
    Ok(())
}
