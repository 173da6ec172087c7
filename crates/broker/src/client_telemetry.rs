//! The shell around `telemetry`: the clock, the lock, and the subscriptions out of the metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Instant;

use config::ClientMetricsConfig;
use metadata::{ConfigValues, MetadataImage, ResourceType};
use net::ConnectionContext;
use parking_lot::Mutex;
use protocol::Str;
use telemetry::{Client, ClientInstances, ClientMetrics, Subscription};

use crate::Broker;

/// What the software of a client is called that does not say, as in Kafka.
const UNKNOWN: &str = "unknown";

/// The clients that report, and what they are asked for.
#[derive(Debug)]
pub(crate) struct ClientTelemetry {
    started: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: ClientInstances,
    /// The image from which the subscriptions were taken.
    image: Weak<MetadataImage>,
    subscriptions: BTreeMap<Arc<str>, Arc<ConfigValues>>,
}

impl Default for ClientTelemetry {
    fn default() -> Self {
        Self { started: Instant::now(), state: Mutex::default() }
    }
}

impl ClientTelemetry {
    /// Works with the clients, by the newest subscriptions; the work is given the time.
    pub(crate) fn with<T>(
        &self,
        broker: &Broker,
        work: impl FnOnce(&mut ClientInstances, u64) -> T,
    ) -> T {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut state = self.state.lock();
        // Looked at under the lock, so that it never goes back.
        let image = broker.image();
        if !std::ptr::eq(state.image.as_ptr(), Arc::as_ptr(&image)) {
            state.follow(&image);
        }
        work(&mut state.clients, now)
    }

    /// What the clients reported last.
    pub(crate) fn reported(&self) -> Vec<ClientMetrics> {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.state.lock().clients.reported(now)
    }
}

impl State {
    fn follow(&mut self, image: &Arc<MetadataImage>) {
        self.image = Arc::downgrade(image);
        let mut gone: BTreeSet<Arc<str>> = self.subscriptions.keys().cloned().collect();
        for (resource, values) in image.configs_of(ResourceType::ClientMetrics) {
            gone.remove(&resource.name);
            let known = self.subscriptions.get(&resource.name);
            if known.is_some_and(|known| Arc::ptr_eq(known, values)) {
                continue;
            }
            let texts = values.iter().map(|(key, value)| (key.to_string(), value.to_string()));
            let subscription = Subscription::new(&ClientMetricsConfig::resolve(&texts.collect()));
            self.clients.set_subscription(&resource.name, Some(subscription));
            self.subscriptions.insert(Arc::clone(&resource.name), Arc::clone(values));
        }
        for name in gone {
            self.clients.set_subscription(&name, None);
            self.subscriptions.remove(&name);
        }
    }
}

/// What subscriptions may choose a client by.
pub(crate) fn client(client_id: Option<&Str>, connection: &Arc<ConnectionContext>) -> Client {
    let software = connection.software.get();
    let or_unknown = |text: Option<&str>| text.unwrap_or(UNKNOWN).to_owned();
    let peer: SocketAddr = connection.peer;
    let open: Arc<dyn std::any::Any + Send + Sync> = Arc::clone(connection) as _;
    Client {
        client_id: client_id.map(Str::to_string).unwrap_or_default(),
        software_name: or_unknown(software.map(|software| &*software.name)),
        software_version: or_unknown(software.map(|software| &*software.version)),
        address: peer.ip(),
        port: peer.port(),
        connection: Arc::downgrade(&open),
    }
}
