//! The cluster as its clients see it: connections to its nodes, a cache of its metadata, the finding
//! of coordinators, and retries with growing pauses.
//!
//! A node has one connection per [`Lane`], so that a heartbeat never waits behind a fetch that is
//! parked at the node: answers on one connection come in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use model::{BrokerId, ErrorCode, PartitionIndex};
use parking_lot::Mutex;
use protocol::messages::metadata_request::MetadataRequestTopic;
use protocol::messages::{FindCoordinatorRequest, MetadataRequest};
use protocol::{Request, Str};
use rand::Rng;
use tokio::time::Instant;

use crate::config::ClientConfig;
use crate::connection::{Connection, ConnectionOptions};
use crate::error::ClientError;
use crate::metadata::{ClusterMetadata, Node, TopicMetadata};

/// What a connection is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Short requests: metadata, offsets, administration.
    General,
    /// Records on their way to the node.
    Produce,
    /// Fetches, which a node may park.
    Fetch,
    /// A group's coordinator, which may park a join.
    Group,
}

/// Connections and metadata; clones share them.
#[derive(Debug, Clone)]
pub struct Cluster {
    shared: Arc<Shared>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Connection>>>;

#[derive(Debug)]
struct Shared {
    config: ClientConfig,
    options: ConnectionOptions,
    connections: Mutex<BTreeMap<(BrokerId, Lane), Slot>>,
    bootstrap: Slot,
    metadata: Mutex<Arc<ClusterMetadata>>,
}

impl Cluster {
    /// A view of the cluster behind `bootstrap.servers`. Nothing is connected yet.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        if config.bootstrap_servers.is_empty() {
            return Err(crate::config::ConfigError {
                name: "bootstrap.servers".to_owned(),
                value: String::new(),
                reason: "at least one host:port is needed, such as localhost:9092".to_owned(),
            }
            .into());
        }
        Ok(Self {
            shared: Arc::new(Shared {
                config: config.clone(),
                options: ConnectionOptions::from(config),
                connections: Mutex::default(),
                bootstrap: Slot::default(),
                metadata: Mutex::default(),
            }),
        })
    }

    /// The properties that the cluster was made with.
    pub fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    /// What is known at the moment, without asking anybody.
    pub fn known(&self) -> Arc<ClusterMetadata> {
        self.shared.metadata.lock().clone()
    }

    /// A connection to a node that metadata has named.
    pub async fn node(&self, id: BrokerId, lane: Lane) -> Result<Connection, ClientError> {
        let address =
            match self.known().nodes.get(&id) {
                Some(node) => node.address(),
                None => {
                    self.refresh(&[], false).await?.nodes.get(&id).map(Node::address).ok_or_else(
                        || api_error(ErrorCode::BrokerNotAvailable, format!("node {id}")),
                    )?
                }
            };
        let slot = self.shared.connections.lock().entry((id, lane)).or_default().clone();
        let mut slot = slot.lock().await;
        if let Some(connection) = slot
            .as_ref()
            .filter(|connection| !connection.is_closed() && connection.address() == address)
        {
            return Ok(connection.clone());
        }
        let connection = Connection::open(&address, self.shared.options.clone()).await?;
        *slot = Some(connection.clone());
        Ok(connection)
    }

    /// A connection to any node: one that is open, else one that metadata names, else one of the
    /// bootstrap addresses.
    pub async fn any(&self) -> Result<Connection, ClientError> {
        let nodes: Vec<BrokerId> = self.known().nodes.keys().copied().collect();
        if !nodes.is_empty() {
            let first = rand::rng().random_range(0..nodes.len());
            for at in 0..nodes.len() {
                let id = nodes[(first + at) % nodes.len()];
                if let Ok(connection) = self.node_known(id).await {
                    return Ok(connection);
                }
            }
        }
        let mut slot = self.shared.bootstrap.lock().await;
        if let Some(connection) = slot.as_ref().filter(|connection| !connection.is_closed()) {
            return Ok(connection.clone());
        }
        let connection = self.bootstrap().await?;
        *slot = Some(connection.clone());
        Ok(connection)
    }

    /// As [`Cluster::node`], for a node whose address is known; never asks for metadata.
    async fn node_known(&self, id: BrokerId) -> Result<Connection, ClientError> {
        if !self.known().nodes.contains_key(&id) {
            return Err(api_error(ErrorCode::BrokerNotAvailable, format!("node {id}")));
        }
        Box::pin(self.node(id, Lane::General)).await
    }

    async fn bootstrap(&self) -> Result<Connection, ClientError> {
        let servers = &self.config().bootstrap_servers;
        let mut last = None;
        let mut all_refused = true;
        for server in servers {
            match Connection::open(server, self.shared.options.clone()).await {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    all_refused &= matches!(error, ClientError::NothingListens { .. });
                    last = Some(error);
                }
            }
        }
        Err(match last {
            Some(error) if !all_refused => error,
            _ => ClientError::NothingListens { addresses: servers.join(", ").into() },
        })
    }

    /// Asks for the nodes and for `topics`, which may be none, and keeps the answer.
    pub async fn refresh(
        &self,
        topics: &[Arc<str>],
        create: bool,
    ) -> Result<Arc<ClusterMetadata>, ClientError> {
        self.ask(Some(topics), create).await
    }

    /// Asks for the nodes and for all topics, and keeps the answer.
    pub async fn refresh_all(&self) -> Result<Arc<ClusterMetadata>, ClientError> {
        self.ask(None, false).await
    }

    async fn ask(
        &self,
        topics: Option<&[Arc<str>]>,
        create: bool,
    ) -> Result<Arc<ClusterMetadata>, ClientError> {
        let named = |name: &Arc<str>| MetadataRequestTopic {
            name: Some(Str::from(&**name)),
            ..MetadataRequestTopic::default()
        };
        let mut request = MetadataRequest {
            topics: topics.map(|topics| topics.iter().map(named).collect()),
            allow_auto_topic_creation: create,
            ..MetadataRequest::default()
        };
        let connection = self.any().await?;
        let version = connection.version::<MetadataRequest>()?;
        if version < 4 {
            request.allow_auto_topic_creation = true;
        }
        let timeout = self.config().request_timeout;
        let response = connection.call_in(&request, version, timeout).await?;
        ClientError::check(response.error_code, None, || "metadata".to_owned())?;
        let mut newer = ClusterMetadata::from_response(&response);
        if newer.nodes.is_empty() {
            return Err(api_error(ErrorCode::BrokerNotAvailable, "metadata".to_owned()));
        }
        let mut metadata = self.shared.metadata.lock();
        if topics.is_some() {
            let mut merged = ClusterMetadata::clone(&metadata);
            merged.merge(newer);
            newer = merged;
        }
        *metadata = Arc::new(newer);
        Ok(metadata.clone())
    }

    /// A topic with a leader for each partition, waited for until `deadline`. `create` lets the node
    /// create it where it is configured to.
    pub async fn topic(
        &self,
        name: &str,
        create: bool,
        deadline: Instant,
    ) -> Result<TopicMetadata, ClientError> {
        let mut backoff = self.backoff();
        loop {
            if let Some(topic) = self.known().topics.get(name)
                && topic.error.is_none()
                && !topic.partitions.is_empty()
            {
                return Ok(topic.clone());
            }
            let error = match self.refresh(&[name.into()], create).await {
                Ok(metadata) => match metadata.topics.get(name) {
                    Some(topic) if topic.error.is_none() => continue,
                    Some(topic) => api_error(topic.error, format!("topic {name}")),
                    None => api_error(ErrorCode::UnknownTopicOrPartition, format!("topic {name}")),
                },
                Err(error) => error,
            };
            // A topic that is not there may appear: somebody else creates it, or the node does.
            let wait = error.is_retriable();
            if !wait || !backoff.pause_before(deadline).await {
                return Err(error);
            }
        }
    }

    /// The leaders of partitions, grouped by leader; those without one come with `None`.
    pub fn by_leader(
        &self,
        partitions: impl IntoIterator<Item = (Arc<str>, PartitionIndex)>,
    ) -> BTreeMap<Option<BrokerId>, Vec<(Arc<str>, PartitionIndex)>> {
        let known = self.known();
        let mut grouped: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (topic, partition) in partitions {
            let leader = known.leader(&topic, partition);
            grouped.entry(leader).or_default().push((topic, partition));
        }
        grouped
    }

    /// The coordinator of a group.
    pub async fn coordinator(&self, group: &str) -> Result<BrokerId, ClientError> {
        let connection = self.any().await?;
        let version = connection.version::<FindCoordinatorRequest>()?;
        let mut request = FindCoordinatorRequest::default();
        if version >= 4 {
            request.coordinator_keys = vec![Str::from(group)];
        } else {
            request.key = Str::from(group);
        }
        let timeout = self.config().request_timeout;
        let mut response = connection.call_in(&request, version, timeout).await?;
        let context = || format!("finding the coordinator of group {group}");
        let found = match response.coordinators.pop() {
            Some(found) => {
                ClientError::check(found.error_code, found.error_message.as_deref(), context)?;
                Node { id: found.node_id, host: found.host.into(), port: found.port, rack: None }
            }
            None => {
                let message = response.error_message.as_deref();
                ClientError::check(response.error_code, message, context)?;
                let host = response.host.into();
                Node { id: response.node_id, host, port: response.port, rack: None }
            }
        };
        let id = found.id;
        let mut metadata = self.shared.metadata.lock();
        if !metadata.nodes.contains_key(&id) {
            Arc::make_mut(&mut metadata).nodes.insert(id, found);
        }
        Ok(id)
    }

    /// The node to ask for changes: the controller where metadata names one (before KRaft it must be
    /// that one), else any.
    pub async fn controller(&self) -> Result<Connection, ClientError> {
        if self.known().controller.is_none() {
            self.refresh(&[], false).await?;
        }
        match self.known().controller {
            Some(id) => self.node(id, Lane::General).await,
            None => self.any().await,
        }
    }

    /// Sends `request` to any node, again after retriable failures of the network.
    pub async fn call_any<R: Request>(&self, request: &R) -> Result<R::Response, ClientError> {
        retry!(self, self.any().await?.call(request).await)
    }

    /// A count of the attempts at something, for [`retry!`].
    pub(crate) fn attempts(&self) -> Attempts<'_> {
        let deadline = Instant::now() + self.config().default_api_timeout;
        Attempts { cluster: self, deadline, backoff: self.backoff() }
    }

    /// A fresh series of pauses, as `retry.backoff.ms` and `retry.backoff.max.ms` say.
    pub fn backoff(&self) -> Backoff {
        Backoff::new(self.config().retry_backoff, self.config().retry_backoff_max)
    }

    /// The topics that the cache holds.
    pub fn known_topics(&self) -> BTreeSet<Arc<str>> {
        self.known().topics.keys().cloned().collect()
    }
}

/// Runs an expression, as an async block, until it succeeds, fails for good, or
/// `default.api.timeout.ms` is over. (A function that takes an async closure would yield futures
/// that cannot be spawned.)
macro_rules! retry {
    ($cluster:expr, $attempt:expr) => {{
        let mut attempts = $cluster.attempts();
        loop {
            let result: Result<_, ClientError> = async { $attempt }.await;
            if let Some(done) = attempts.settle(result).await {
                break done;
            }
        }
    }};
}
pub(crate) use retry;

/// The attempts at something so far.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    cluster: &'a Cluster,
    deadline: Instant,
    backoff: Backoff,
}

impl Attempts<'_> {
    /// The final result, or `None` after a pause when it is worth another attempt.
    pub(crate) async fn settle<T>(
        &mut self,
        result: Result<T, ClientError>,
    ) -> Option<Result<T, ClientError>> {
        let error = match result {
            Ok(value) => return Some(Ok(value)),
            Err(error) => error,
        };
        // Nothing listening is told at once: waiting for a node that was never there helps no one.
        let hopeless = matches!(error, ClientError::NothingListens { .. })
            && self.cluster.known().nodes.is_empty();
        if hopeless || !error.is_retriable() {
            return Some(Err(error));
        }
        if error.code() == Some(ErrorCode::NotController) || error.is_network() {
            Arc::make_mut(&mut self.cluster.shared.metadata.lock()).controller = None;
        }
        if !self.backoff.pause_before(self.deadline).await {
            return Some(Err(error));
        }
        None
    }
}

/// Pauses that double from one retry to the next, each shortened or stretched a little by chance.
#[derive(Debug, Clone)]
pub struct Backoff {
    next: Duration,
    max: Duration,
}

impl Backoff {
    /// A series from `first` up to `max`.
    pub fn new(first: Duration, max: Duration) -> Self {
        Self { next: first.min(max), max }
    }

    /// The next pause.
    pub fn next_pause(&mut self) -> Duration {
        let pause = self.next.mul_f64(rand::rng().random_range(0.8..1.2));
        self.next = (self.next * 2).min(self.max);
        pause
    }

    /// Pauses; false, without pausing, when the pause would end after `deadline`.
    pub async fn pause_before(&mut self, deadline: Instant) -> bool {
        let pause = self.next_pause();
        if Instant::now() + pause >= deadline {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }
}

pub(crate) fn api_error(code: ErrorCode, context: String) -> ClientError {
    ClientError::Api { code, context: context.into(), message: code.message().into() }
}
