//! Listeners, host and port pairs, quorum voters and `zookeeper.connect`, as Kafka writes them.

use std::collections::BTreeMap;
use std::fmt;

use crate::value::split_list;

/// How bytes travel on a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecurityProtocol {
    /// In clear, nobody proves who they are.
    Plaintext,
    /// TLS.
    Ssl,
    /// In clear, clients prove who they are.
    SaslPlaintext,
    /// TLS, clients prove who they are.
    SaslSsl,
}

impl SecurityProtocol {
    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// Kafka's number, as AlterPartition and RegisterBroker carry it.
    pub const fn id(self) -> i16 {
        match self {
            Self::Plaintext => 0,
            Self::Ssl => 1,
            Self::SaslPlaintext => 2,
            Self::SaslSsl => 3,
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl]
            .into_iter()
            .find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }
}

/// A door of this node, or the address under which clients are told to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its name, in capitals.
    pub name: String,
    /// The host; `None` is every interface, or for an advertised listener the address at which
    /// the client's connection arrived.
    pub host: Option<String>,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// How bytes travel on it.
    pub protocol: SecurityProtocol,
}

impl fmt::Display for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or_default();
        let address = HostPort { host: host.to_owned(), port: self.port };
        write!(formatter, "{}://{address}", self.name)
    }
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// A name or an address, an IPv6 address without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl HostPort {
    /// Whether the address can only mean this machine.
    pub fn is_loopback(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.host.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|address| address.is_loopback())
    }

    /// Reads `host:port`, or `[IPv6]:port`.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.trim().rsplit_once(':')?;
        let port = port.parse().ok()?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        let valid = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._%:".contains(c));
        let bracketed = bare.is_some();
        (valid && (bracketed || !host.contains(':'))).then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

/// A member of the metadata quorum, of `controller.quorum.voters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voter {
    /// Its node id.
    pub id: i32,
    /// Where its controller listens.
    pub address: HostPort,
}

/// `zookeeper.connect`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZooKeeperConnect {
    /// The addresses of the coordination nodes.
    pub hosts: Vec<HostPort>,
    /// The path under which this cluster's znodes stand; `/` when there is none.
    pub chroot: String,
}

/// The port of a coordination address that names none.
const ZOOKEEPER_PORT: u16 = 2181;

impl ZooKeeperConnect {
    /// Reads `host:port,host:port/chroot`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (hosts, chroot) = match text.find('/') {
            Some(start) => text.split_at(start),
            None => (text, "/"),
        };
        let hosts = split_list(hosts)
            .map(|host| {
                HostPort::parse(host)
                    .or_else(|| HostPort::parse(&format!("{host}:{ZOOKEEPER_PORT}")))
            })
            .collect::<Option<Vec<_>>>()?;
        let valid = !hosts.is_empty()
            && hosts.iter().all(|address| !address.host.is_empty())
            && !chroot.contains("//")
            && (chroot == "/" || !chroot.ends_with('/'));
        valid.then(|| Self { hosts, chroot: chroot.to_owned() })
    }
}

/// Reads `id@host:port`.
pub(crate) fn parse_voter(text: &str) -> Option<Voter> {
    let (id, address) = text.split_once('@')?;
    let id = id.trim().parse().ok().filter(|&id: &i32| id >= 0)?;
    let address = HostPort::parse(address).filter(|address| !address.host.is_empty())?;
    Some(Voter { id, address })
}

/// The protocol of each listener name.
pub(crate) type ProtocolMap = BTreeMap<String, SecurityProtocol>;

/// Reads `NAME:PROTOCOL,NAME:PROTOCOL`; the error is the element that cannot be read.
pub(crate) fn parse_protocol_map(text: &str) -> Result<ProtocolMap, String> {
    split_list(text)
        .map(|element| {
            let (name, protocol) = element.split_once(':').ok_or(element)?;
            let protocol = SecurityProtocol::parse(protocol.trim()).ok_or(element)?;
            Ok((name.trim().to_ascii_uppercase(), protocol))
        })
        .collect::<Result<_, &str>>()
        .map_err(str::to_owned)
}

/// Reads `NAME://host:port`; the error says what is wrong.
pub(crate) fn parse_listener(text: &str, protocols: &ProtocolMap) -> Result<Listener, String> {
    let (name, address) =
        text.split_once("://").ok_or("each listener is written NAME://host:port")?;
    let name = name.trim().to_ascii_uppercase();
    let address = HostPort::parse(address).ok_or_else(|| {
        format!("{text} has no host and port after {name}://, a port is from 0 to 65535")
    })?;
    let protocol = *protocols.get(&name).ok_or_else(|| {
        format!("listener name {name} has no protocol in listener.security.protocol.map")
    })?;
    let host = Some(address.host).filter(|host| !host.is_empty());
    Ok(Listener { name, host, port: address.port, protocol })
}
