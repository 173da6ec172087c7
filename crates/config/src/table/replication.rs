//! Topics, replicas and fetches.

use crate::def::{ConfigDef, boolean, int, long, string};

/// Topics, replicas and fetches.
pub(super) const CONFIGS: &[ConfigDef] = &[
    boolean(
        "auto.create.topics.enable",
        "Whether a topic that a client names is created if it is not there.",
    )
    .default("true")
    .effective(),
    string("broker.rack", "Where this broker stands; replicas are spread over racks.").effective(),
    int("default.replication.factor", "Replicas of a topic created without a number.")
        .default("1")
        .range(1, 32767)
        .effective(),
    boolean("delete.topic.enable", "Whether topics may be deleted.").default("true").effective(),
    int("fetch.max.bytes", "The most bytes of records in one answer to a fetch.")
        .default("57671680")
        .at_least(1024)
        .effective(),
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
    long(
        "replica.high.watermark.checkpoint.interval.ms",
        "How often high watermarks are written down.",
    )
    .default("5000")
    .at_least(1)
    .effective(),
];
