//! Klamm's own keys.

use crate::def::{ConfigDef, int, list, string};

const ZOOKEEPER: &str = "the ZooKeeper protocol is not built yet";

/// Klamm's own keys.
pub(super) const CONFIGS: &[ConfigDef] = &[
    string(
        "klamm.acks.all.durability",
        "What acks=all promises: `any-failure`, `page-cache` as in Kafka, or `synced`.",
    )
    .default("any-failure")
    .one_of(&["any-failure", "page-cache", "synced"])
    .cluster_wide()
    .effective(),
    int("klamm.groups.max", "How many consumer groups the node keeps; the partitions share them.")
        .default("100000")
        .range(1, 2147483647)
        .effective(),
    list(
        "klamm.http.listeners",
        "Where `/metrics`, `/health` and `/ready` are served, as http://host:port; empty for nowhere. \
         Where nothing is set, a port that is taken is passed over with a warning.",
    )
    .default("http://localhost:9021")
    .effective(),
    int(
        "klamm.http.metrics.series.max",
        "The most series of topics, partitions and groups on `/metrics`, each of 320 bytes on average; the rest is counted.",
    )
    .default("50000")
    .range(0, 10_000_000)
    .effective(),
    string(
        "klamm.machine.id",
        "Names the machine; nodes of one name count as one copy of a record.",
    )
    .effective(),
    int("klamm.partitions.max", "How many partitions clients may make the cluster hold.")
        .default("100000")
        .range(1, 2147483647)
        .effective(),
    int("klamm.sync.interval.ms", "The longest time a record stays unsynced on disk.")
        .default("1000")
        .range(1, 600000)
        .effective(),
    list("klamm.zookeeper.listeners", "Where the ZooKeeper protocol is spoken.").refused(ZOOKEEPER),
];
