//! The composition root: from a configuration to a running node and back, step by step.
//!
//! The order matters. Ports are taken first, so that a second node ends before it touches a
//! folder; folders are opened and recovered before the broker is unfenced; clients are accepted
//! only then, and "ready" is said last.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use broker::{Broker, BrokerParts, Identity, Partitions};
use config::{BrokerSettings, DynamicConfigs, NodeConfig, TopicConfig, Values};
use metadata::{ControllerDefaults, Endpoint, RegisterBroker, UnfenceBroker};
use model::Uuid;
use net::{ConnectionBounds, ConnectionLimits, Listener, RequestMemory, SocketOptions};
use quorum::Quorum;
use storage::LogDirectory;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::daemon::READY;
use crate::folders::{self, Folders};
use crate::logging::Console;
use crate::machine;
use crate::pages::{self, Pages};

/// Requests in flight may take this share of the memory there is, unless configured.
const REQUEST_MEMORY_SHARE: u64 = 8;
const REQUEST_MEMORY_MIN: u64 = 16 << 20;
/// Two thirds of the open files are kept from connections, but never more than the logs can use.
const FILES_KEPT_MAX: usize = 16_384;
/// What is known of the machine's clock, beside the metadata log.
const CLOCK_FILE: &str = "klamm.clock";

/// What asks the node to stop. They are listened for before anything starts, so that none is missed
/// and none ends the process half-way.
#[derive(Debug)]
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    /// The terminal was closed; `None` where that is to be ignored, as under `nohup`.
    hangup: Option<Signal>,
}

impl StopSignals {
    /// Begins to listen.
    pub(crate) fn listen() -> Result<Self> {
        let hangup = (!machine::hangup_is_ignored()).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: hangup.transpose()?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hangup => {}
        }
    }
}

/// A running node.
#[derive(Debug)]
pub(crate) struct Node {
    config: Arc<NodeConfig>,
    started: Instant,
    identity: Identity,
    quorum: Arc<Quorum>,
    partitions: Arc<Partitions>,
    addresses: Vec<(String, std::net::SocketAddr)>,
    http_addresses: Vec<std::net::SocketAddr>,
    stop: watch::Sender<bool>,
    end_pages: watch::Sender<bool>,
    /// What ends by itself once `stop` is true.
    background: Vec<JoinHandle<()>>,
    applier: JoinHandle<()>,
    listeners: Vec<JoinHandle<()>>,
    /// Held as long as the metadata log is open.
    _metadata_folder: Option<LogDirectory>,
}

impl Node {
    /// Starts everything; returns when clients are served.
    /// `zookeeper` is where the ZooKeeper of an Apache Kafka's folders kept its data.
    pub(crate) async fn start(config: NodeConfig, zookeeper: Vec<PathBuf>) -> Result<Self> {
        let started = Instant::now();
        machine::raise_open_files();
        let config = Arc::new(config);
        let listeners = bind(&config).await?;
        let http_listeners = pages::bind(&config).await?;
        let (stop, stopped) = watch::channel(false);
        // It outlives the stop of the rest, to say that the node is stopping.
        let (end_pages, pages_end) = watch::channel(false);
        let pages = Pages::of_starting_node(stopped.clone());
        let (http_addresses, _) = pages::serve(http_listeners, &pages, &pages_end)?;
        let mut addresses = Vec::with_capacity(listeners.len());
        for listener in &listeners {
            addresses.push((listener.name().to_string(), listener.local_address()?));
        }
        let boot_id = machine::boot_id();
        let mut folders = open_folders(&config, boot_id.clone(), zookeeper).await?;
        let parts = std::mem::take(&mut folders.parts);
        let partitions = Partitions::new(Arc::clone(&config), parts, rand::random())?;
        let quorum = start_quorum(&config, &folders).await?;
        if let Some(adopted) = &folders.adopted {
            warn!("{}", adopted.report);
        }
        let advertised = advertised(&config, &addresses);
        let register = RegisterBroker {
            directories: partitions.folder_ids(),
            ..registration(&config, &folders, &addresses, boot_id.as_deref())
        };
        let registered = quorum.submit(register).await??;
        let identity = Identity {
            broker_id: folders.node_id,
            cluster_id: Arc::clone(&folders.cluster_id),
            broker_epoch: registered.broker_epoch,
        };
        info!(
            node_id = %identity.broker_id, cluster_id = %identity.cluster_id, start = ?folders.start,
            "registered"
        );
        let clock_file = folders.metadata.path.with_file_name(CLOCK_FILE);
        partitions.clock().keep_in(clock_file, boot_id.clone());
        let (applier, applied) = broker::apply_metadata(
            Arc::clone(&quorum),
            Arc::clone(&partitions),
            &identity,
            boot_id,
        )
        .await?;
        let unfence =
            UnfenceBroker { broker_id: identity.broker_id, broker_epoch: identity.broker_epoch };
        quorum.submit(unfence).await??;
        let broker = Broker::new(BrokerParts {
            identity: identity.clone(),
            node: Arc::clone(&config),
            quorum: Arc::clone(&quorum),
            partitions: Arc::clone(&partitions),
            applied,
            advertised,
            first_fetch_session: rand::random(),
        });
        broker.wait_until_unfenced().await;
        let mut settings = broker.watch_settings();
        settings.mark_changed();
        let limits = Arc::new(limits(&config));
        tokio::spawn(follow_bounds(settings, Arc::clone(&limits)));
        let background = broker.start_background(stopped.clone());
        let serve = |listener: Listener| {
            let (broker, limits) = (Arc::clone(&broker), Arc::clone(&limits));
            tokio::spawn(listener.serve(broker, limits, stopped.clone()))
        };
        let listeners = listeners.into_iter().map(serve).collect();
        pages.node_serves(Arc::clone(&broker), Arc::clone(&limits));
        let _metadata_folder = folders.metadata.held;
        Ok(Self {
            config,
            started,
            identity,
            quorum,
            partitions,
            addresses,
            http_addresses,
            end_pages,
            stop,
            background,
            applier,
            listeners,
            _metadata_folder,
        })
    }

    /// Says what listens where and what to try, and then that the node is ready. Nobody may be
    /// listening any more, which is no reason to stop.
    pub(crate) fn greet(&self, console: Console) {
        let took = self.started.elapsed().as_millis();
        let mut text = String::new();
        if console == Console::Warnings {
            text.push_str(&self.greeting());
        }
        let clients = self.addresses.iter().map(|(name, address)| format!("{name} {address}"));
        let http = self.http_addresses.iter().map(|address| format!("HTTP {address}"));
        let doors: Vec<_> = clients.chain(http).collect();
        text.push_str(&format!(
            "{READY} in {took} ms ({}); Ctrl-C or `klamm server-stop` stops it.\n",
            doors.join(", ")
        ));
        let mut output = std::io::stdout().lock();
        if let Err(error) = output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
            warn!(%error, "nobody reads the standard output");
        }
    }

    fn greeting(&self) -> String {
        let mut lines = vec![format!(
            "Klamm {}, node {} of cluster {}",
            env!("CARGO_PKG_VERSION"),
            self.identity.broker_id,
            self.identity.cluster_id
        )];
        for (name, address) in &self.addresses {
            lines.push(format!("  Kafka clients   {address}  ({name})"));
        }
        for address in &self.http_addresses {
            lines.push(format!("  monitoring      http://{address}/metrics  (/health, /ready)"));
        }
        for folder in &self.config.log_dirs {
            lines.push(format!("  data            {}", folder.display()));
        }
        lines.push("Try, in another terminal:".to_owned());
        lines.push(format!(
            "  {} topics --bootstrap-server {} --create --topic hello\n",
            program(),
            self.first_address()
        ));
        lines.join("\n")
    }

    fn first_address(&self) -> String {
        self.addresses.first().map(|(_, address)| address.to_string()).unwrap_or_default()
    }

    /// Serves until a signal, or until the node cannot go on; then stops cleanly.
    pub(crate) async fn run_until_stopped(self, mut signals: StopSignals) -> Result<()> {
        let failed = tokio::select! {
            () = signals.next() => None,
            reason = self.quorum.stopped() => Some(anyhow!("the metadata log has failed: {reason}")),
            reason = self.partitions.lost() => Some(anyhow!(reason)),
        };
        info!("stopping");
        self.stop().await?;
        match failed {
            None => Ok(()),
            Some(reason) => Err(reason),
        }
    }

    /// Takes no more requests, ends what works on the logs by itself, syncs and closes every log, and
    /// leaves the mark of a clean stop.
    async fn stop(self) -> Result<()> {
        let Self {
            identity,
            quorum,
            partitions,
            stop,
            background,
            applier,
            listeners,
            end_pages,
            ..
        } = self;
        let _ = stop.send(true);
        for task in background {
            if let Err(error) = task.await {
                warn!(%error, "a background task ended badly");
            }
        }
        applier.abort();
        // It was told to end; there is nothing to learn from how it did.
        let _ = applier.await;
        let epoch = identity.broker_epoch;
        tokio::task::spawn_blocking(move || partitions.close(epoch)).await?;
        quorum.shutdown().await;
        for listener in listeners {
            listener.abort();
        }
        let _ = end_pages.send(true);
        info!("stopped");
        Ok(())
    }
}

/// How the person called this program, for commands to copy.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "klamm".to_owned())
}

async fn bind(config: &NodeConfig) -> Result<Vec<Listener>> {
    let settings = &config.settings;
    let bytes = |size: Option<usize>| size.map(|size| u32::try_from(size).unwrap_or(u32::MAX));
    let options = SocketOptions {
        send_buffer_bytes: bytes(settings.socket_send_buffer_bytes),
        receive_buffer_bytes: bytes(settings.socket_receive_buffer_bytes),
        backlog: settings.socket_listen_backlog_size,
    };
    let mut listeners = Vec::new();
    for wanted in &config.listeners {
        let host = wanted.host.as_deref().unwrap_or_default();
        listeners.push(Listener::bind(&wanted.name, host, wanted.port, options).await?);
    }
    Ok(listeners)
}

async fn open_folders(
    config: &Arc<NodeConfig>,
    boot_id: Option<String>,
    zookeeper: Vec<PathBuf>,
) -> Result<Folders> {
    let config = Arc::clone(config);
    tokio::task::spawn_blocking(move || folders::open(&config, boot_id.as_deref(), &zookeeper))
        .await?
}

async fn start_quorum(config: &NodeConfig, folders: &Folders) -> Result<Arc<Quorum>> {
    let settings = &config.settings;
    let identity = quorum::Identity {
        node_id: folders.node_id,
        directory_id: folders.metadata.directory_id,
        cluster_id: Arc::clone(&folders.cluster_id),
    };
    // What a topic gets that is created without configurations of its own.
    let topic = TopicConfig::resolve(&Values::new(), config, &DynamicConfigs::default());
    let options = quorum::Options {
        defaults: ControllerDefaults {
            partition_count: settings.num_partitions,
            replication_factor: settings.default_replication_factor,
            min_insync_replicas: i32::try_from(topic.min_insync_replicas).unwrap_or(i32::MAX),
            delete_topic_enable: settings.delete_topic_enable,
            partitions_max: settings.partitions_max,
        },
        first_records: folders
            .adopted
            .as_ref()
            .map(|adopted| adopted.records.clone())
            .unwrap_or_default(),
        ..Default::default()
    };
    let folder = &folders.metadata.path;
    let quorum = Quorum::start(folder, identity, options)
        .await
        .with_context(|| format!("the metadata in {}", folder.display()))?;
    Ok(Arc::new(quorum))
}

/// Where clients are told to come, by listener.
fn advertised(
    config: &NodeConfig,
    addresses: &[(String, std::net::SocketAddr)],
) -> HashMap<String, (String, u16)> {
    let told = config.advertised_listeners.iter().filter_map(|listener| {
        let bound = addresses.iter().find(|(name, _)| *name == listener.name)?.1;
        let port = if listener.port == 0 { bound.port() } else { listener.port };
        Some((listener.name.clone(), (listener.host.clone()?, port)))
    });
    told.collect()
}

fn registration(
    config: &NodeConfig,
    folders: &Folders,
    addresses: &[(String, std::net::SocketAddr)],
    boot_id: Option<&str>,
) -> RegisterBroker {
    let advertised = advertised(config, addresses);
    let endpoints = config.listeners.iter().zip(addresses).map(|(listener, (name, bound))| {
        let (host, port) = advertised
            .get(name)
            .cloned()
            .unwrap_or_else(|| (listener.host.clone().unwrap_or_else(host_name), bound.port()));
        Endpoint {
            name: name.as_str().into(),
            host: host.into(),
            port,
            security_protocol: listener.protocol.id(),
        }
    });
    RegisterBroker {
        broker_id: folders.node_id,
        incarnation_id: Uuid::from_random(rand::random()),
        cluster_id: Some(Arc::clone(&folders.cluster_id)),
        endpoints: endpoints.collect(),
        rack: config.settings.broker_rack.as_deref().map(Into::into),
        directories: Vec::new(),
        machine_id: machine::machine_id(config.settings.machine_id.as_deref(), boot_id),
        start: folders.start,
    }
}

/// The name by which other machines may know this one.
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn limits(config: &NodeConfig) -> ConnectionLimits {
    let settings = &config.settings;
    let memory = settings.queued_max_request_bytes.unwrap_or_else(|| {
        (machine::memory_bytes() / REQUEST_MEMORY_SHARE).max(REQUEST_MEMORY_MIN)
    });
    let idle = settings.connections_max_idle_ms.and_then(|ms| u64::try_from(ms).ok());
    let limits = ConnectionLimits::new(
        settings.socket_request_max_bytes,
        idle.map(Duration::from_millis),
        RequestMemory::new(memory),
    );
    limits.set_bounds(connection_bounds(settings));
    limits
}

fn connection_bounds(settings: &BrokerSettings) -> ConnectionBounds {
    let mut bounds = ConnectionBounds {
        max: settings.max_connections,
        per_ip_max: settings.max_connections_per_ip,
        per_ip_overrides: settings.max_connections_per_ip_overrides.iter().collect(),
        ..ConnectionBounds::default()
    };
    // Connections must not take the descriptors that the logs need.
    let files = machine::open_files_max();
    let for_connections = files - (files / 3 * 2).min(FILES_KEPT_MAX);
    if for_connections < bounds.max {
        (bounds.max, bounds.max_from) = (for_connections, "the limit of open files (ulimit -n)");
    }
    bounds
}

/// Keeps the bounds as `max.connections` and its relatives are while the node runs.
async fn follow_bounds(
    mut settings: watch::Receiver<Arc<BrokerSettings>>,
    limits: Arc<ConnectionLimits>,
) {
    while settings.changed().await.is_ok() {
        let bounds = connection_bounds(&settings.borrow_and_update());
        limits.set_bounds(bounds);
    }
}
