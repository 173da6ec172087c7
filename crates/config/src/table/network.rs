//! Listeners, connections and requests.

use crate::def::{ConfigDef, int, list, long, string};

/// Listeners, connections and requests.
pub(super) const CONFIGS: &[ConfigDef] = &[
    string("advertised.host.name", "Older name of the host in `advertised.listeners`.").effective(),
    list("advertised.listeners", "Where clients are told to come, one address per listener; without it, the address at which a client arrived.").effective(),
    int("advertised.port", "Older name of the port in `advertised.listeners`.").range(1, 65535).effective(),
    long("connections.max.idle.ms", "A connection without requests for so long is closed; negative is never.").default("600000").effective(),
    string("host.name", "Older name of the host in `listeners`.").effective(),
    string("inter.broker.listener.name", "The listener by which brokers reach each other.").effective(),
    string("listener.security.protocol.map", "The protocol of each listener name.").default("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT").effective(),
    list("listeners", "The doors this node opens: `NAME://host:port`, an empty host being every interface.").default("PLAINTEXT://:9092").effective(),
    int("max.connections", "Most connections open at once.").default("2147483647").at_least(0).cluster_wide().effective(),
    int("max.connections.per.ip", "Most connections open at once from one address.").default("2147483647").at_least(0).cluster_wide().effective(),
    int("max.request.partition.size.limit", "Most partitions in one answer that describes topics.").default("2000").at_least(1).effective(),
    int("port", "Older name of the port in `listeners`.").range(0, 65535).effective(),
    long("queued.max.request.bytes", "Most bytes of requests in memory at once; -1 takes a fraction of the machine's memory.").default("-1").at_least(-1).effective(),
    string("security.inter.broker.protocol", "The protocol between brokers, where `inter.broker.listener.name` does not say it.").default("PLAINTEXT").one_of(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]).effective(),
    int("socket.listen.backlog.size", "How many connections may wait to be accepted.").default("50").at_least(1).effective(),
    int("socket.receive.buffer.bytes", "The receive buffer of a connection; -1 leaves it to the system.").default("102400").effective(),
    int("socket.request.max.bytes", "The largest request that is read.").default("104857600").at_least(1).effective(),
    int("socket.send.buffer.bytes", "The send buffer of a connection; -1 leaves it to the system.").default("102400").effective(),
];
