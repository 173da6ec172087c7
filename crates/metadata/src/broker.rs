//! A broker as the controller knows it.

use std::sync::Arc;

use model::{BrokerId, Uuid};

/// Where clients or brokers reach a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name, such as `PLAINTEXT`.
    pub name: Arc<str>,
    /// The advertised host.
    pub host: Arc<str>,
    /// The advertised port.
    pub port: u16,
    /// Kafka's number of the security protocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    pub security_protocol: i16,
}

/// How the broker's last run ended, as far as its folders tell (DESIGN D6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartKind {
    /// The folder had never been used.
    Fresh,
    /// The mark of a clean stop is there; it holds the epoch under which the broker stopped.
    Clean {
        /// The broker epoch in the mark.
        previous_broker_epoch: i64,
    },
    /// No mark, but the machine has run on since: what was written is still there.
    Unclean,
    /// No mark, and the machine was restarted or is another: what was not synced may be gone.
    Lossy,
}

/// One broker's registration. It is replaced by every start of the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerRegistration {
    /// `node.id`.
    pub broker_id: BrokerId,
    /// Grows with every registration in the cluster; requests with an older one are refused.
    pub broker_epoch: i64,
    /// Drawn by the broker at each start, so that a repeated registration is recognised.
    pub incarnation_id: Uuid,
    /// The advertised listeners, the broker's default one first.
    pub endpoints: Arc<[Endpoint]>,
    /// `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// The ids of the log folders that are online.
    pub directories: Arc<[Uuid]>,
    /// A fenced broker leads nothing and takes no clients.
    pub fenced: bool,
    /// The broker is handing over its partitions before it stops.
    pub in_controlled_shutdown: bool,
    /// Brokers with the same one are on one machine and count as one copy; zero: unknown.
    pub machine_id: Uuid,
}

impl BrokerRegistration {
    /// Whether the broker may lead and be placed in an ISR.
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// The listener of this name.
    pub fn endpoint(&self, listener: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| &*endpoint.name == listener)
    }
}
