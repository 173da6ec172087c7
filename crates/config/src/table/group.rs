//! Single groups.

use super::reasons::{CONSUMER, SHARE, STREAMS};
use super::rules::is_offset_reset;
use crate::def::{ConfigDef, boolean, int, list, string};

/// Single groups.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int("consumer.assignment.interval.ms", "The shortest time between two assignments.")
        .default("1000")
        .at_least(0)
        .synonyms(&[("group.consumer.assignment.interval.ms", 1)])
        .meaningless(CONSUMER),
    int("consumer.heartbeat.interval.ms", "How often members report.")
        .default("5000")
        .at_least(1)
        .synonyms(&[("group.consumer.heartbeat.interval.ms", 1)])
        .meaningless(CONSUMER),
    int("consumer.session.timeout.ms", "How long a silent member is kept.")
        .default("45000")
        .at_least(1)
        .synonyms(&[("group.consumer.session.timeout.ms", 1)])
        .meaningless(CONSUMER),
    boolean(
        "errors.deadletterqueue.copy.record.enable",
        "Whether a given-up record is copied to the dead letter queue whole.",
    )
    .default("false")
    .meaningless(SHARE),
    string("errors.deadletterqueue.topic.name", "The topic that given-up records go to.")
        .default("")
        .meaningless(SHARE),
    int("share.assignment.interval.ms", "The shortest time between two assignments.")
        .default("1000")
        .at_least(0)
        .synonyms(&[("group.share.assignment.interval.ms", 1)])
        .meaningless(SHARE),
    string("share.auto.offset.reset", "Where the group begins in a partition it has not read.")
        .default("latest")
        .rule(is_offset_reset, "latest, earliest, or by_duration: and a duration such as PT1H")
        .meaningless(SHARE),
    int("share.delivery.count.limit", "How often a record is delivered before it is given up.")
        .default("5")
        .at_least(2)
        .synonyms(&[("group.share.delivery.count.limit", 1)])
        .meaningless(SHARE),
    int("share.heartbeat.interval.ms", "How often members report.")
        .default("5000")
        .at_least(1)
        .synonyms(&[("group.share.heartbeat.interval.ms", 1)])
        .meaningless(SHARE),
    string("share.isolation.level", "Whether records of open transactions are delivered.")
        .default("read_uncommitted")
        .one_of(&["read_committed", "read_uncommitted"])
        .meaningless(SHARE),
    int(
        "share.partition.max.record.locks",
        "How many records of a partition may be locked at once.",
    )
    .default("2000")
    .at_least(100)
    .synonyms(&[("group.share.partition.max.record.locks", 1)])
    .meaningless(SHARE),
    int("share.record.lock.duration.ms", "How long a delivered record stays locked.")
        .default("30000")
        .at_least(1000)
        .synonyms(&[("group.share.record.lock.duration.ms", 1)])
        .meaningless(SHARE),
    boolean("share.renew.acknowledge.enable", "Whether a member may extend its lock on a record.")
        .default("true")
        .meaningless(SHARE),
    int("share.session.timeout.ms", "How long a silent member is kept.")
        .default("45000")
        .at_least(1)
        .synonyms(&[("group.share.session.timeout.ms", 1)])
        .meaningless(SHARE),
    int("streams.assignment.interval.ms", "The shortest time between two assignments.")
        .default("1000")
        .at_least(0)
        .synonyms(&[("group.streams.assignment.interval.ms", 1)])
        .meaningless(STREAMS),
    string("streams.assignor.name", "The server's assignor.")
        .synonyms(&[("group.streams.assignors", 1)])
        .meaningless(STREAMS),
    int("streams.heartbeat.interval.ms", "How often members report.")
        .default("5000")
        .at_least(1)
        .synonyms(&[("group.streams.heartbeat.interval.ms", 1)])
        .meaningless(STREAMS),
    int(
        "streams.initial.rebalance.delay.ms",
        "How long the first assignment waits for more members.",
    )
    .default("3000")
    .at_least(0)
    .synonyms(&[("group.streams.initial.rebalance.delay.ms", 1)])
    .meaningless(STREAMS),
    int("streams.num.standby.replicas", "How many standby copies of a task are kept.")
        .default("0")
        .at_least(0)
        .synonyms(&[("group.streams.num.standby.replicas", 1)])
        .meaningless(STREAMS),
    list("streams.rack.aware.assignment.tags", "Tags by which standby copies are spread.")
        .default("")
        .synonyms(&[("group.streams.rack.aware.assignment.tags", 1)])
        .meaningless(STREAMS),
    int("streams.session.timeout.ms", "How long a silent member is kept.")
        .default("45000")
        .at_least(1)
        .synonyms(&[("group.streams.session.timeout.ms", 1)])
        .meaningless(STREAMS),
];
