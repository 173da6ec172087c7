//! A listening socket: binding with errors that say what to do, accepting within limits.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::connection::{self, ConnectionContext, Service};
use crate::delivery::Delivery;
use crate::memory::RequestMemory;

/// How long accepting rests after the process ran out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Sizes of the kernel's buffers and queue for a listener. `None` leaves the choice to the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SocketOptions {
    /// `socket.send.buffer.bytes`.
    pub send_buffer_bytes: Option<u32>,
    /// `socket.receive.buffer.bytes`.
    pub receive_buffer_bytes: Option<u32>,
    /// `socket.listen.backlog.size`.
    pub backlog: u32,
}

/// How many connections may be open, over all listeners. These bounds may change while the node runs;
/// connections that are open stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionBounds {
    /// `max.connections`, or what the machine allows.
    pub max: usize,
    /// What set that limit, for whoever reads the log.
    pub max_from: &'static str,
    /// `max.connections.per.ip`.
    pub per_ip_max: usize,
    /// `max.connections.per.ip.overrides`.
    pub per_ip_overrides: HashMap<IpAddr, usize>,
}

impl Default for ConnectionBounds {
    /// No bounds.
    fn default() -> Self {
        Self {
            max: usize::MAX,
            max_from: "max.connections",
            per_ip_max: usize::MAX,
            per_ip_overrides: HashMap::new(),
        }
    }
}

/// What connections are allowed, over all listeners that share it.
#[derive(Debug)]
pub struct ConnectionLimits {
    /// `socket.request.max.bytes`.
    pub request_bytes_max: usize,
    /// `connections.max.idle.ms`; `None` never closes an idle connection.
    pub idle_max: Option<Duration>,
    /// The budget for requests in flight.
    pub memory: RequestMemory,
    bounds: RwLock<ConnectionBounds>,
    open: Mutex<HashMap<IpAddr, usize>>,
    accepted: AtomicU64,
    refused: AtomicU64,
}

/// How many connections there were and are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionCounts {
    /// Open now.
    pub open: usize,
    /// Accepted so far.
    pub accepted: u64,
    /// Closed because a limit was reached, so far.
    pub refused: u64,
}

impl ConnectionLimits {
    /// Limits for the listeners of one node.
    pub fn new(
        request_bytes_max: usize,
        idle_max: Option<Duration>,
        memory: RequestMemory,
    ) -> Self {
        Self {
            request_bytes_max,
            idle_max,
            memory,
            bounds: RwLock::default(),
            open: Mutex::default(),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// How many connections there were and are.
    pub fn counts(&self) -> ConnectionCounts {
        let open = self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        ConnectionCounts {
            open: open.values().sum(),
            accepted: self.accepted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Sets how many connections may be open from now on.
    pub fn set_bounds(&self, bounds: ConnectionBounds) {
        *self.bounds.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = bounds;
    }

    /// Counts a connection in, unless a limit is reached; the text says which.
    fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Admission, &'static str> {
        let mut open = self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let of_ip = open.get(&ip).copied().unwrap_or(0);
        let bounds = self.bounds.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let ip_max = bounds.per_ip_overrides.get(&ip).copied().unwrap_or(bounds.per_ip_max);
        if of_ip >= ip_max {
            return Err("max.connections.per.ip");
        }
        if open.values().sum::<usize>() >= bounds.max {
            return Err(bounds.max_from);
        }
        open.insert(ip, of_ip + 1);
        Ok(Admission { limits: Arc::clone(self), ip })
    }
}

/// A connection that is counted as open until this is dropped.
#[derive(Debug)]
struct Admission {
    limits: Arc<ConnectionLimits>,
    ip: IpAddr,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.limits.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(count) = open.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.ip);
            }
        }
    }
}

/// Why a listener cannot be opened, and the way out.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The host name has no address.
    #[error("listener {name}: the host `{host}` has no address ({reason}); correct `listeners`")]
    Resolve {
        /// The listener's name.
        name: String,
        /// The host as configured.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// Another process holds the port.
    #[error(
        "listener {name}: port {port} on {host} is taken by another process; stop it \
         (`klamm server-stop` stops a Klamm) or choose another port in `listeners`"
    )]
    Taken {
        /// The listener's name.
        name: String,
        /// The host as configured.
        host: String,
        /// The port that is taken.
        port: u16,
    },
    /// The address is not one of this machine's.
    #[error(
        "listener {name}: {host} is not an address of this machine; `listeners` names addresses to \
         listen on, `advertised.listeners` the one that clients are told"
    )]
    NotLocal {
        /// The listener's name.
        name: String,
        /// The host as configured.
        host: String,
    },
    /// Anything else, such as a privileged port.
    #[error("listener {name}: cannot listen on {host}:{port}: {source}")]
    Other {
        /// The listener's name.
        name: String,
        /// The host as configured.
        host: String,
        /// The port as configured.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

/// A listening socket that has a name, as in `listeners`.
#[derive(Debug)]
pub struct Listener {
    name: Arc<str>,
    socket: TcpListener,
    options: SocketOptions,
}

impl Listener {
    /// Opens the socket. An empty host is every interface, over IPv6 and IPv4 where there is IPv6.
    pub async fn bind(
        name: &str,
        host: &str,
        port: u16,
        options: SocketOptions,
    ) -> Result<Self, BindError> {
        let addresses = resolve(name, host, port).await?;
        let mut last = None;
        for address in addresses {
            match listen(address, options) {
                Ok(socket) => return Ok(Self { name: name.into(), socket, options }),
                Err(error) => last = Some(error),
            }
        }
        let source = last.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable));
        let (name, host) = (name.to_owned(), host.to_owned());
        Err(match source.kind() {
            io::ErrorKind::AddrInUse => BindError::Taken { name, host, port },
            io::ErrorKind::AddrNotAvailable => BindError::NotLocal { name, host },
            _ => BindError::Other { name, host, port, source },
        })
    }

    /// The listener's name, as in `listeners`.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The address that the socket really has; the port is the system's choice if 0 was asked for.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts connections until `stop` becomes true. Each connection is a task of its own, and
    /// ends by itself when `stop` becomes true.
    pub async fn serve<S: Service>(
        self,
        service: Arc<S>,
        limits: Arc<ConnectionLimits>,
        mut stop: watch::Receiver<bool>,
    ) {
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer, &service, &limits, &stop),
                Err(error) => {
                    warn!(listener = %self.name, %error, "cannot accept a connection; trying again");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit<S: Service>(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        service: &Arc<S>,
        limits: &Arc<ConnectionLimits>,
        stop: &watch::Receiver<bool>,
    ) {
        let admission = match limits.admit(peer.ip().to_canonical()) {
            Ok(admission) => {
                limits.accepted.fetch_add(1, Ordering::Relaxed);
                admission
            }
            Err(limit) => {
                limits.refused.fetch_add(1, Ordering::Relaxed);
                info!(%peer, limit, "connection refused: limit reached");
                return;
            }
        };
        let local = match stream.local_addr().and_then(|local| {
            stream.set_nodelay(true)?;
            Ok(local)
        }) {
            Ok(local) => local,
            Err(error) => {
                debug!(%peer, %error, "connection was gone before it was served");
                return;
            }
        };
        let context = ConnectionContext {
            listener: Arc::clone(&self.name),
            local: SocketAddr::new(local.ip().to_canonical(), local.port()),
            peer: SocketAddr::new(peer.ip().to_canonical(), peer.port()),
            software: OnceLock::new(),
            delivery: Delivery::default(),
        };
        let connection = connection::serve(
            stream,
            context,
            Arc::clone(service),
            Arc::clone(limits),
            stop.clone(),
        );
        tokio::spawn(async move {
            connection.await;
            drop(admission);
        });
    }

    /// The options this listener was opened with.
    pub fn options(&self) -> SocketOptions {
        self.options
    }
}

async fn resolve(name: &str, host: &str, port: u16) -> Result<Vec<SocketAddr>, BindError> {
    if host.is_empty() {
        let everywhere = [IpAddr::from([0u16; 8]), IpAddr::from([0u8; 4])];
        return Ok(everywhere.map(|ip| SocketAddr::new(ip, port)).to_vec());
    }
    let failed = |reason: String| BindError::Resolve {
        name: name.to_owned(),
        host: host.to_owned(),
        reason,
    };
    let mut addresses: Vec<_> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| failed(error.to_string()))?
        .collect();
    // `localhost` first means 127.0.0.1: every client tries that one.
    addresses.sort_by_key(|address| !address.is_ipv4());
    if addresses.is_empty() {
        return Err(failed("no address found".to_owned()));
    }
    Ok(addresses)
}

fn listen(address: SocketAddr, options: SocketOptions) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for connections of the last run to time out.
    socket.set_reuseaddr(true)?;
    if let Some(bytes) = options.send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.receive_buffer_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.bind(address)?;
    socket.listen(options.backlog.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named_with_the_way_out() {
        let first =
            Listener::bind("PLAINTEXT", "127.0.0.1", 0, SocketOptions::default()).await.unwrap();
        let port = first.local_address().unwrap().port();
        let second = Listener::bind("OTHER", "127.0.0.1", port, SocketOptions::default()).await;
        let message = second.unwrap_err().to_string();
        assert!(message.contains(&format!("port {port} on 127.0.0.1 is taken")), "{message}");
        assert!(message.contains("klamm server-stop"), "{message}");
    }

    #[test]
    fn limits_count_connections_per_address_and_in_all() {
        let limits = Arc::new(ConnectionLimits::new(100, None, RequestMemory::new(1 << 20)));
        let bounds = ConnectionBounds { max: 3, per_ip_max: 2, ..ConnectionBounds::default() };
        limits.set_bounds(bounds);
        let [one, two] = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2])];
        let first = limits.admit(one).unwrap();
        let _second = limits.admit(one).unwrap();
        assert_eq!(limits.admit(one).unwrap_err(), "max.connections.per.ip");
        let _third = limits.admit(two).unwrap();
        assert_eq!(limits.admit(two).unwrap_err(), "max.connections");
        drop(first);
        assert!(limits.admit(two).is_ok());
        limits.set_bounds(ConnectionBounds::default());
        assert!(limits.admit(two).is_ok());
    }
}
