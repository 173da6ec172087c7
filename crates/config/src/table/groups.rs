//! Consumer groups and their committed offsets.

use crate::def::{ConfigDef, int, long, short};

/// Consumer groups and their committed offsets.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int(
        "group.initial.rebalance.delay.ms",
        "How long the first rebalance of an empty group waits for more members.",
    )
    .default("0")
    .kafka_default("3000")
    .at_least(0)
    .effective(),
    int("group.max.session.timeout.ms", "The longest session timeout that a member may ask for.")
        .default("1800000")
        .at_least(1)
        .effective(),
    int("group.max.size", "The most members of a group.")
        .default("2147483647")
        .at_least(1)
        .effective(),
    int("group.min.session.timeout.ms", "The shortest session timeout that a member may ask for.")
        .default("6000")
        .at_least(1)
        .effective(),
    int("offset.metadata.max.bytes", "The longest note that may be committed with an offset.")
        .default("4096")
        .at_least(0)
        .effective(),
    int("offsets.commit.timeout.ms", "How long a commit may wait until it is replicated.")
        .default("5000")
        .at_least(1)
        .effective(),
    long(
        "offsets.retention.check.interval.ms",
        "How often committed offsets are looked through for expired ones.",
    )
    .default("600000")
    .at_least(1)
    .effective(),
    int("offsets.retention.minutes", "How long the offsets of an empty group are kept.")
        .default("10080")
        .at_least(1)
        .effective(),
    int(
        "offsets.topic.num.partitions",
        "Partitions of the topic of committed offsets; fixed once it exists.",
    )
    .default("50")
    .at_least(1)
    .effective(),
    short(
        "offsets.topic.replication.factor",
        "Replicas of the topic of committed offsets, as far as there are brokers.",
    )
    .default("3")
    .at_least(1)
    .effective(),
    int("offsets.topic.segment.bytes", "Segment size of the topic of committed offsets.")
        .default("104857600")
        .at_least(1)
        .effective(),
];
