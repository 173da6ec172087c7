//! Topics, replicas and fetches.

use super::reasons::{ELECTION, NO_PEERS, TIERED};
use crate::def::{ConfigDef, boolean, int, long, string};

const PURGATORY: &str = "finished requests are cleared away at once";
const MOVES: &str = "one partition is moved between folders at a time";

/// Topics, replicas and fetches.
pub(super) const CONFIGS: &[ConfigDef] = &[
    boolean(
        "auto.create.topics.enable",
        "Whether a topic that a client names is created if it is not there.",
    )
    .default("true")
    .effective(),
    boolean(
        "auto.leader.rebalance.enable",
        "Whether leadership returns to preferred replicas by itself.",
    )
    .default("true")
    .meaningless(NO_PEERS),
    string("broker.rack", "Where this broker stands; replicas are spread over racks.").effective(),
    boolean(
        "controlled.shutdown.enable",
        "Whether a stopping broker hands its leaderships over first.",
    )
    .default("true")
    .meaningless(NO_PEERS),
    int("controlled.shutdown.max.retries", "How often handing over is tried.")
        .default("3")
        .meaningless(NO_PEERS),
    long("controlled.shutdown.retry.backoff.ms", "The pause between two tries of handing over.")
        .default("5000")
        .meaningless(NO_PEERS),
    int("controller.socket.timeout.ms", "How long the controller waits for a broker's answer.")
        .default("30000")
        .meaningless(NO_PEERS),
    int("default.replication.factor", "Replicas of a topic created without a number.")
        .default("1")
        .range(1, 32767)
        .effective(),
    int(
        "delete.records.purgatory.purge.interval.requests",
        "How often finished requests to delete records are cleared away.",
    )
    .default("1")
    .meaningless(PURGATORY),
    boolean("delete.topic.enable", "Whether topics may be deleted.").default("true").effective(),
    boolean(
        "eligible.leader.replicas.enable",
        "Whether replicas that left the in-sync set safely may still be elected.",
    )
    .default("false")
    .meaningless(NO_PEERS),
    int("fetch.max.bytes", "The most bytes of records in one answer to a fetch.")
        .default("57671680")
        .at_least(1024)
        .effective(),
    int("fetch.purgatory.purge.interval.requests", "How often finished fetches are cleared away.")
        .default("1000")
        .meaningless(PURGATORY),
    boolean(
        "follower.fetch.last.tiered.offset.enable",
        "Whether a new follower starts at the last offset in remote storage.",
    )
    .default("false")
    .cluster_wide()
    .meaningless(TIERED),
    long(
        "leader.imbalance.check.interval.seconds",
        "How often leadership is compared with the preferred replicas.",
    )
    .default("300")
    .at_least(1)
    .meaningless(NO_PEERS),
    int(
        "leader.imbalance.per.broker.percentage",
        "The share of displaced leaders above which they return.",
    )
    .default("10")
    .meaningless(NO_PEERS),
    int("max.incremental.fetch.session.cache.slots", "How many fetch sessions are remembered.")
        .default("1000")
        .at_least(0)
        .effective(),
    int(
        "min.insync.replicas",
        "So many replicas must hold a record before acks=all is acknowledged.",
    )
    .default("1")
    .at_least(1)
    .cluster_wide()
    .effective(),
    int("num.partitions", "Partitions of a topic created without a number.")
        .default("1")
        .at_least(1)
        .effective(),
    int("num.replica.alter.log.dirs.threads", "How many threads move partitions between folders.")
        .meaningless(MOVES),
    int("num.replica.fetchers", "How many connections copy from each other broker.")
        .default("1")
        .at_least(1)
        .cluster_wide()
        .meaningless(NO_PEERS),
    int(
        "producer.purgatory.purge.interval.requests",
        "How often finished produce requests are cleared away.",
    )
    .default("1000")
    .meaningless(PURGATORY),
    int("replica.fetch.backoff.ms", "The pause of a follower after an error.")
        .default("1000")
        .at_least(0)
        .meaningless(NO_PEERS),
    int("replica.fetch.max.bytes", "Most bytes of one partition in a follower's fetch.")
        .default("1048576")
        .at_least(0)
        .meaningless(NO_PEERS),
    int("replica.fetch.min.bytes", "Fewest bytes for which a follower's fetch is answered early.")
        .default("1")
        .meaningless(NO_PEERS),
    int("replica.fetch.response.max.bytes", "Most bytes in the answer to a follower's fetch.")
        .default("10485760")
        .at_least(0)
        .meaningless(NO_PEERS),
    int("replica.fetch.wait.max.ms", "The longest wait of a follower's fetch.")
        .default("500")
        .meaningless(NO_PEERS),
    long(
        "replica.high.watermark.checkpoint.interval.ms",
        "How often high watermarks are written down.",
    )
    .default("5000")
    .at_least(1)
    .effective(),
    long(
        "replica.lag.time.max.ms",
        "How long a follower may lag before it leaves the in-sync set.",
    )
    .default("30000")
    .meaningless(NO_PEERS),
    string("replica.selector.class", "Which replica a consumer is sent to read from.")
        .meaningless(NO_PEERS),
    int("replica.socket.receive.buffer.bytes", "The receive buffer of a follower's connection.")
        .default("65536")
        .meaningless(NO_PEERS),
    int("replica.socket.timeout.ms", "How long a follower waits for an answer.")
        .default("30000")
        .meaningless(NO_PEERS),
    boolean(
        "unclean.leader.election.enable",
        "Whether a replica that may lack records can become leader when no other is there.",
    )
    .default("false")
    .cluster_wide()
    .meaningless(ELECTION),
];
