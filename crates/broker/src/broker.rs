//! The broker: everything a handler can reach, built once by the composition root.

use std::collections::HashMap;
use std::sync::Arc;

use config::{BrokerSettings, NodeConfig};
use metadata::{CreateTopics, MetadataImage, NewTopic};
use model::{BrokerId, ErrorCode, PartitionIndex, TopicId, is_internal_topic};
use net::ConnectionContext;
use parking_lot::Mutex;
use quorum::{Quorum, SubmitError};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::background;
use crate::cleaner::{Cleaner, CleanerFigures};
use crate::client_telemetry::ClientTelemetry;
use crate::conversion::Conversions;
use crate::dispatch::Dispatch;
use crate::fetch_session::FetchSessions;
use crate::groups::Groups;
use crate::metrics::NodeFigures;
use crate::partition::Partition;
use crate::partitions::Partitions;
use crate::producer_ids::ProducerIds;

/// Clients' reads that wait for the disk at the same time.
const DISK_WAITS_MAX: usize = 64;

/// Who this broker is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `node.id`.
    pub broker_id: BrokerId,
    /// The cluster's id.
    pub cluster_id: Arc<str>,
    /// The epoch of this run's registration.
    pub broker_epoch: i64,
}

/// What a broker is built from.
#[derive(Debug)]
pub struct BrokerParts {
    /// Who it is.
    pub identity: Identity,
    /// The node's configuration.
    pub node: Arc<NodeConfig>,
    /// The metadata quorum.
    pub quorum: Arc<Quorum>,
    /// The partitions of this node.
    pub partitions: Arc<Partitions>,
    /// The image that the partitions have caught up with.
    pub applied: watch::Receiver<Arc<MetadataImage>>,
    /// Where clients are told to come, by listener; a listener without an entry is told as the
    /// address at which the client's connection arrived.
    pub advertised: HashMap<String, (String, u16)>,
    /// A random number, from which the ids of fetch sessions start.
    pub first_fetch_session: i32,
}

/// One node's broker.
#[derive(Debug)]
pub struct Broker {
    identity: Identity,
    node: Arc<NodeConfig>,
    dispatch: Dispatch,
    quorum: Arc<Quorum>,
    partitions: Arc<Partitions>,
    applied: watch::Receiver<Arc<MetadataImage>>,
    fetch_sessions: Mutex<FetchSessions>,
    producer_ids: ProducerIds,
    groups: Groups,
    cleaner: Arc<Cleaner>,
    client_telemetry: ClientTelemetry,
    advertised: HashMap<String, (String, u16)>,
    disk_waits: Semaphore,
    conversions: Conversions,
    figures: NodeFigures,
}

impl Broker {
    /// Builds the broker; it serves as soon as listeners are given to it.
    pub fn new(parts: BrokerParts) -> Arc<Self> {
        let slots = parts.node.settings.max_incremental_fetch_session_cache_slots;
        Arc::new(Self {
            identity: parts.identity,
            node: parts.node,
            dispatch: Dispatch::new(),
            quorum: parts.quorum,
            partitions: parts.partitions,
            applied: parts.applied,
            fetch_sessions: Mutex::new(FetchSessions::new(slots, parts.first_fetch_session)),
            producer_ids: ProducerIds::default(),
            groups: Groups::default(),
            cleaner: Arc::default(),
            client_telemetry: ClientTelemetry::default(),
            advertised: parts.advertised,
            disk_waits: Semaphore::new(DISK_WAITS_MAX),
            conversions: Conversions::new(),
            figures: NodeFigures::default(),
        })
    }

    /// Who this broker is.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The node's configuration, as the file has it.
    pub(crate) fn node(&self) -> &Arc<NodeConfig> {
        &self.node
    }

    /// The broker's settings in force, with what was changed while it runs.
    pub(crate) fn settings(&self) -> Arc<BrokerSettings> {
        self.partitions.settings()
    }

    /// The broker's settings in force, and whenever they change. For what lies outside the broker.
    pub fn watch_settings(&self) -> watch::Receiver<Arc<BrokerSettings>> {
        self.partitions.watch_settings()
    }

    /// The log cleaner.
    pub(crate) fn cleaner(&self) -> &Arc<Cleaner> {
        &self.cleaner
    }

    /// What the log cleaner has done, for metrics.
    pub fn cleaner_figures(&self) -> CleanerFigures {
        self.cleaner.figures()
    }

    /// The table of what is served.
    pub(crate) fn dispatch(&self) -> &Dispatch {
        &self.dispatch
    }

    /// The metadata quorum.
    pub(crate) fn quorum(&self) -> &Quorum {
        &self.quorum
    }

    /// The partitions of this node.
    pub(crate) fn partitions(&self) -> &Arc<Partitions> {
        &self.partitions
    }

    /// The partition of a topic by its name, or why it cannot be used. One that the metadata knows and
    /// that is not here lies in a folder that is missing or has failed.
    pub(crate) fn partition_by_name(
        &self,
        topic: &str,
        index: PartitionIndex,
    ) -> Result<Arc<Partition>, ErrorCode> {
        let found = self.partitions.by_name(topic, index);
        found.ok_or_else(|| match self.image().topic(topic).and_then(|it| it.partition(index)) {
            Some(_) => ErrorCode::KafkaStorageError,
            None => ErrorCode::UnknownTopicOrPartition,
        })
    }

    /// The partition of a topic by its id, or why it cannot be used.
    pub(crate) fn partition_by_id(
        &self,
        id: TopicId,
        index: PartitionIndex,
    ) -> Result<Arc<Partition>, ErrorCode> {
        let found = self.partitions.by_id(id, index);
        found.ok_or_else(|| match self.image().topic_by_id(id).map(|it| it.partition(index)) {
            Some(Some(_)) => ErrorCode::KafkaStorageError,
            Some(None) => ErrorCode::UnknownTopicOrPartition,
            None => ErrorCode::UnknownTopicId,
        })
    }

    /// The open fetch sessions.
    pub(crate) fn fetch_sessions(&self) -> &Mutex<FetchSessions> {
        &self.fetch_sessions
    }

    /// The ids for idempotent producers.
    pub(crate) fn producer_ids(&self) -> &ProducerIds {
        &self.producer_ids
    }

    /// The figures of the node as a whole.
    pub(crate) fn figures(&self) -> &NodeFigures {
        &self.figures
    }

    /// The fetch sessions of this node.
    pub(crate) fn fetch_sessions_open(&self) -> usize {
        self.fetch_sessions.lock().count()
    }

    /// The groups that this node coordinates.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The clients that push their metrics.
    pub(crate) fn client_telemetry(&self) -> &ClientTelemetry {
        &self.client_telemetry
    }

    /// The metrics that clients pushed last.
    pub fn client_metrics(&self) -> Vec<telemetry::ClientMetrics> {
        self.client_telemetry.reported()
    }

    /// The conversions between formats and codecs.
    pub(crate) fn conversions(&self) -> &Conversions {
        &self.conversions
    }

    /// Follows the metadata that this node's partitions have caught up with.
    pub(crate) fn applied(&self) -> watch::Receiver<Arc<MetadataImage>> {
        self.applied.clone()
    }

    /// The newest metadata that this node's partitions have caught up with: what it names can be
    /// produced to and fetched from.
    pub(crate) fn image(&self) -> Arc<MetadataImage> {
        Arc::clone(&self.applied.borrow())
    }

    /// Does work for a client that may wait for the disk, on the pool for such work. Clients together
    /// take a bounded part of it, so that the node's own work is never behind theirs. `None` if the
    /// work panicked.
    pub(crate) async fn wait_for_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let _turn = self.disk_waits.acquire().await;
        tokio::task::spawn_blocking(work).await.ok()
    }

    /// Where a client of this connection finds this node: the advertised address of the listener,
    /// else the very address at which it has found it already (DESIGN D13).
    pub(crate) fn address_for(&self, connection: &ConnectionContext) -> (String, u16) {
        match self.advertised.get(&*connection.listener) {
            Some((host, port)) => (host.clone(), *port),
            None => (connection.local.ip().to_string(), connection.local.port()),
        }
    }

    /// Asks the controller for something, and waits until this node's partitions show it.
    pub(crate) async fn submit<R: metadata::Request>(
        &self,
        command: R,
    ) -> Result<R::Answer, SubmitError> {
        let answer = self.quorum.submit(command).await?;
        self.wait_until_applied().await;
        Ok(answer)
    }

    /// Waits until this node's partitions show the newest committed metadata.
    async fn wait_until_applied(&self) {
        let mut applied = self.applied.clone();
        // The sender lives as long as the node; when it is gone there is nothing to wait for.
        let _ = applied.wait_for(|applied| Arc::ptr_eq(applied, &self.quorum.image())).await;
    }

    /// Waits until clients are shown that this broker serves.
    pub async fn wait_until_unfenced(&self) {
        self.wait_until_applied().await;
    }

    /// Starts what happens by itself until `stop` becomes true.
    pub fn start_background(self: &Arc<Self>, stop: watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        background::start(self, &stop)
    }

    /// Creates topics with the broker's defaults, as a client that mentions them asks for.
    /// Internal topics have their own way, with their own configuration.
    pub(crate) async fn auto_create_topics(&self, names: Vec<Arc<str>>) {
        let topics: Vec<NewTopic> = names
            .into_iter()
            .filter(|name| !is_internal_topic(name))
            .map(|name| NewTopic {
                name,
                partition_count: -1,
                replication_factor: -1,
                ..Default::default()
            })
            .collect();
        if topics.is_empty() {
            return;
        }
        let wanted: Vec<Arc<str>> = topics.iter().map(|topic| Arc::clone(&topic.name)).collect();
        match self
            .submit(CreateTopics { topics, validate_only: false, is_needed_by_node: false })
            .await
        {
            Ok(answers) => {
                for (name, answer) in wanted.iter().zip(answers) {
                    match answer {
                        Ok(_) => info!(topic = %name, "created a topic that a client asked for"),
                        // Another client may have been quicker.
                        Err(error) => info!(topic = %name, %error, "topic not created"),
                    }
                }
            }
            Err(error) => warn!(%error, "cannot create topics that a client asked for"),
        }
    }
}
