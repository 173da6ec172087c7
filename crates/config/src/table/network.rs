//! Listeners, connections and requests.

use super::reasons::NO_PEERS;
use super::rules::is_connections_by_ip;
use crate::def::{ConfigDef, int, list, long, string};

const NO_LOGIN: &str = "logins are not built yet";
const NO_PROTECTION: &str = "TLS and SASL are not built yet";
const EARLY: &str = "every listener opens when the node is ready";
const RATES: &str = "bounds on the rate of connections are not built yet";
const BY_BYTES: &str =
    "requests in memory are bounded by their bytes, see queued.max.request.bytes";

/// Listeners, connections and requests.
pub(super) const CONFIGS: &[ConfigDef] = &[
    string("advertised.host.name", "Older name of the host in `advertised.listeners`.").effective(),
    list(
        "advertised.listeners",
        "Where clients are told to come; without it, the address at which they arrived.",
    )
    .effective(),
    int("advertised.port", "Older name of the port in `advertised.listeners`.")
        .range(1, 65535)
        .effective(),
    int(
        "connection.failed.authentication.delay.ms",
        "How long a failed login waits for its answer.",
    )
    .default("100")
    .at_least(0)
    .meaningless(NO_LOGIN),
    long(
        "connections.max.idle.ms",
        "A connection without requests for so long is closed, and one whose request takes longer to \
         arrive or that takes nothing of an answer for so long; negative is never.",
    )
    .default("600000")
    .effective(),
    string(
        "control.plane.listener.name",
        "A listener of its own for what the controller tells brokers, in the ZooKeeper era.",
    )
    .meaningless(NO_PEERS),
    list("early.start.listeners", "Listeners that accept before the authorizer is ready.")
        .meaningless(EARLY),
    string("host.name", "Older name of the host in `listeners`.").effective(),
    string("inter.broker.listener.name", "The listener by which brokers reach each other.")
        .meaningless(NO_PEERS),
    string("listener.security.protocol.map", "The protocol of each listener name.")
        .default("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT")
        .effective(),
    list(
        "listeners",
        "The doors this node opens: `NAME://host:port`, an empty host being every interface.",
    )
    .default("PLAINTEXT://:9092")
    .effective(),
    int("max.connection.creation.rate", "Most new connections in a second.")
        .default("2147483647")
        .at_least(0)
        .cluster_wide()
        .refused(RATES),
    int("max.connections", "Most connections open at once.")
        .default("2147483647")
        .at_least(0)
        .cluster_wide()
        .effective(),
    int("max.connections.per.ip", "Most connections open at once from one address.")
        .default("2147483647")
        .at_least(0)
        .cluster_wide()
        .effective(),
    string("max.connections.per.ip.overrides", "Most connections from particular addresses.")
        .default("")
        .rule(
            is_connections_by_ip,
            "addresses with numbers such as 127.0.0.1:100,10.0.0.7:5; names of hosts are not looked up",
        )
        .cluster_wide()
        .effective(),
    int("max.request.partition.size.limit", "Most partitions in one answer that describes topics.")
        .default("2000")
        .at_least(1)
        .effective(),
    int("port", "Older name of the port in `listeners`.").range(0, 65535).effective(),
    long(
        "queued.max.request.bytes",
        "Most bytes of requests in memory at once; -1 takes a share of the memory.",
    )
    .default("-1")
    .at_least(-1)
    .effective(),
    int("queued.max.requests", "How many requests may wait for a thread.")
        .default("500")
        .at_least(1)
        .meaningless(BY_BYTES),
    int("request.timeout.ms", "How long a request to another node may take.")
        .default("30000")
        .meaningless(NO_PEERS),
    string(
        "security.inter.broker.protocol",
        "The protocol between brokers, where `inter.broker.listener.name` does not say it.",
    )
    .default("PLAINTEXT")
    .one_of(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
    .refused(NO_PROTECTION),
    long(
        "socket.connection.setup.timeout.max.ms",
        "The longest wait for a connection to another node, after failures.",
    )
    .default("30000")
    .meaningless(NO_PEERS),
    long("socket.connection.setup.timeout.ms", "The first wait for a connection to another node.")
        .default("10000")
        .meaningless(NO_PEERS),
    int("socket.listen.backlog.size", "How many connections may wait to be accepted.")
        .default("50")
        .at_least(1)
        .effective(),
    int(
        "socket.receive.buffer.bytes",
        "The receive buffer of a connection; -1 leaves it to the system.",
    )
    .default("102400")
    .effective(),
    int("socket.request.max.bytes", "The largest request that is read.")
        .default("104857600")
        .at_least(1)
        .effective(),
    int("socket.send.buffer.bytes", "The send buffer of a connection; -1 leaves it to the system.")
        .default("102400")
        .effective(),
];
