//! The pages for monitoring: `/metrics`, `/health` and `/ready`, from before the node is ready until
//! it has stopped.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use anyhow::{Result, anyhow};
use broker::Broker;
use config::{HostPort, NodeConfig};
use http::{Doors, HttpListener, Page, Site, Status};
use net::ConnectionLimits;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

/// The type of Prometheus's text format.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is to look at once the node serves.
#[derive(Debug)]
struct Serving {
    broker: Arc<Broker>,
    connections: Arc<ConnectionLimits>,
}

/// The pages of one node.
#[derive(Debug)]
pub(crate) struct Pages {
    serving: OnceLock<Serving>,
    stopped: watch::Receiver<bool>,
}

impl Pages {
    /// The pages of a node that is starting, and stops when `stopped` becomes true.
    pub(crate) fn of_starting_node(stopped: watch::Receiver<bool>) -> Arc<Self> {
        Arc::new(Self { serving: OnceLock::new(), stopped })
    }

    /// From now on the node serves.
    pub(crate) fn node_serves(&self, broker: Arc<Broker>, connections: Arc<ConnectionLimits>) {
        // Nobody calls this twice; the first time counts.
        let _ = self.serving.set(Serving { broker, connections });
    }

    async fn metrics(&self) -> Page {
        let Some(Serving { broker, connections }) = self.serving.get() else {
            return Page::plain(Status::Unavailable, "starting: the logs are being opened\n");
        };
        let text = broker::metrics_page(broker, connections).await;
        Page { status: Status::Ok, content_type: METRICS_TYPE, text }
    }

    fn health(&self) -> Page {
        let complaints = match self.serving.get() {
            Some(serving) => broker::complaints(&serving.broker),
            None => Vec::new(),
        };
        reasons(&complaints, "healthy\n")
    }

    fn ready(&self) -> Page {
        if *self.stopped.borrow() {
            return Page::plain(Status::Unavailable, "stopping\n");
        }
        match self.serving.get() {
            Some(_) => Page::plain(Status::Ok, "ready\n"),
            None => Page::plain(Status::Unavailable, "starting: the logs are being opened\n"),
        }
    }
}

fn reasons(complaints: &[String], otherwise: &str) -> Page {
    match complaints {
        [] => Page::plain(Status::Ok, otherwise),
        _ => Page::plain(Status::Unavailable, complaints.join("\n") + "\n"),
    }
}

impl Site for Pages {
    fn page(self: &Arc<Self>, path: &str) -> Pin<Box<dyn Future<Output = Page> + Send>> {
        let pages = Arc::clone(self);
        match path {
            "/metrics" => Box::pin(async move { pages.metrics().await }),
            "/health" => Box::pin(async move { pages.health() }),
            "/ready" => Box::pin(async move { pages.ready() }),
            "/" => Box::pin(async { Page::plain(Status::Ok, "/metrics\n/health\n/ready\n") }),
            _ => Box::pin(async {
                Page::plain(Status::NotFound, "there are /metrics, /health and /ready\n")
            }),
        }
    }
}

/// Opens the doors for monitoring. Where nobody chose the port, the node starts without them when
/// another has it: several nodes on one machine are common.
pub(crate) async fn bind(config: &NodeConfig) -> Result<Vec<HttpListener>> {
    let mut listeners = Vec::new();
    for HostPort { host, port } in &config.http_listeners {
        match HttpListener::bind(host, *port).await {
            Ok(listener) => listeners.push(listener),
            Err(error) if config.is_set("klamm.http.listeners") => {
                return Err(anyhow!(
                    "klamm.http.listeners: cannot listen on {host}:{port}: {error}; choose another port, \
                     or leave the key empty"
                ));
            }
            Err(error) => {
                warn!(
                    %error,
                    "no /metrics and /health: cannot listen on {host}:{port}; klamm.http.listeners \
                     chooses another port, or none"
                );
            }
        }
    }
    Ok(listeners)
}

/// Serves the pages on all doors; returns where.
pub(crate) fn serve(
    listeners: Vec<HttpListener>,
    pages: &Arc<Pages>,
    stopped: &watch::Receiver<bool>,
) -> Result<(Vec<SocketAddr>, Vec<JoinHandle<()>>)> {
    let mut addresses = Vec::new();
    for listener in &listeners {
        addresses.push(listener.local_address()?);
    }
    let doors: Arc<Doors> = Arc::default();
    let serve = |listener: HttpListener| {
        let doors = Arc::clone(&doors);
        tokio::spawn(listener.serve(Arc::clone(pages), doors, stopped.clone()))
    };
    Ok((addresses, listeners.into_iter().map(serve).collect()))
}
