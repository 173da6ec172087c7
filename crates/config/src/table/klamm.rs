//! Klamm's own keys.

use crate::def::{ConfigDef, int, list, string};

const HTTP: &str = "the console and the metrics listener are not built yet";
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
    list("klamm.http.listeners", "Where the console and the metrics listen.").refused(HTTP),
    string(
        "klamm.machine.id",
        "Names the machine; nodes of one name count as one copy of a record.",
    )
    .effective(),
    int("klamm.sync.interval.ms", "The longest time a record stays unsynced on disk.")
        .default("1000")
        .range(1, 600000)
        .effective(),
    list("klamm.zookeeper.listeners", "Where the ZooKeeper protocol is spoken.").refused(ZOOKEEPER),
];
