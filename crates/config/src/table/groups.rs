//! Consumer groups and their committed offsets.

use super::reasons::THREADS;
use crate::def::{ConfigDef, int, list, long, short};

const GROUP_COMMIT: &str = "writes are gathered by group commit, without waiting";
const BUFFERS: &str = "buffers are sized as needed";
const PROTOCOLS: &str = "of the group protocols only classic is built yet";
const COMMIT_ACKS: &str = "a commit is acknowledged as acks=all promises";
const OFFSETS_CODEC: &str = "committed offsets are stored as they are";

/// Consumer groups and their committed offsets.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int(
        "group.coordinator.append.linger.ms",
        "How long a coordinator gathers writes before it appends them.",
    )
    .default("-1")
    .at_least(-1)
    .meaningless(GROUP_COMMIT),
    int("group.coordinator.background.threads", "How many threads compute assignments.")
        .default("2")
        .at_least(1)
        .meaningless(THREADS),
    int(
        "group.coordinator.cached.buffer.max.bytes",
        "The largest write buffer a coordinator keeps.",
    )
    .default("1048588")
    .at_least(524288)
    .cluster_wide()
    .meaningless(BUFFERS),
    list("group.coordinator.rebalance.protocols", "Which group protocols clients may speak.")
        .default("classic,consumer,streams")
        .one_of(&["consumer", "classic", "share", "streams"])
        .refused(PROTOCOLS)
        .harmless(&["classic", "classic,consumer"]),
    int("group.coordinator.threads", "How many threads coordinate groups.")
        .default("4")
        .at_least(1)
        .meaningless(THREADS),
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
    short(
        "offsets.commit.required.acks",
        "How many replicas must have a commit before it is acknowledged.",
    )
    .default("-1")
    .meaningless(COMMIT_ACKS),
    int("offsets.commit.timeout.ms", "How long a commit may wait until it is replicated.")
        .default("5000")
        .at_least(1)
        .effective(),
    int(
        "offsets.load.buffer.size",
        "How much is read at a time when committed offsets are loaded.",
    )
    .default("5242880")
    .at_least(1)
    .meaningless(BUFFERS),
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
    int("offsets.topic.compression.codec", "The codec of the topic of committed offsets.")
        .default("0")
        .meaningless(OFFSETS_CODEC),
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
