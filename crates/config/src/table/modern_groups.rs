//! Groups of the newer protocols: consumer, share and streams.

use super::reasons::{CONSUMER, SHARE, STREAMS};
use crate::def::{ConfigDef, boolean, class, int, list, short, string};

/// Groups of the newer protocols: consumer, share and streams.
pub(super) const CONFIGS: &[ConfigDef] = &[
    boolean(
        "errors.deadletterqueue.auto.create.topics.enable",
        "Whether dead letter queues of share groups are created by themselves.",
    )
    .default("false")
    .cluster_wide()
    .refused(SHARE),
    string(
        "errors.deadletterqueue.topic.name.prefix",
        "What the names of dead letter queues begin with.",
    )
    .default("dlq.")
    .cluster_wide()
    .meaningless(SHARE),
    int(
        "group.consumer.assignment.interval.ms",
        "The shortest time between two assignments of a consumer group.",
    )
    .default("1000")
    .at_least(0)
    .cluster_wide()
    .meaningless(CONSUMER),
    list(
        "group.consumer.assignors",
        "The server's assignors of consumer groups, the first being the default.",
    )
    .default("uniform,range")
    .meaningless(CONSUMER),
    int("group.consumer.heartbeat.interval.ms", "How often members of consumer groups report.")
        .default("5000")
        .at_least(1)
        .meaningless(CONSUMER),
    int(
        "group.consumer.max.assignment.interval.ms",
        "The largest assignment interval a consumer group may have.",
    )
    .default("15000")
    .at_least(0)
    .meaningless(CONSUMER),
    int(
        "group.consumer.max.heartbeat.interval.ms",
        "The largest heartbeat interval a consumer group may have.",
    )
    .default("15000")
    .at_least(1)
    .meaningless(CONSUMER),
    int(
        "group.consumer.max.session.timeout.ms",
        "The longest session timeout a consumer group may have.",
    )
    .default("60000")
    .at_least(1)
    .meaningless(CONSUMER),
    int("group.consumer.max.size", "The most members of a consumer group.")
        .default("2147483647")
        .at_least(1)
        .meaningless(CONSUMER),
    string(
        "group.consumer.migration.policy",
        "Whether groups may change between the classic and the consumer protocol.",
    )
    .default("bidirectional")
    .one_of_any_case(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"])
    .meaningless(CONSUMER),
    int(
        "group.consumer.min.assignment.interval.ms",
        "The smallest assignment interval a consumer group may have.",
    )
    .default("0")
    .at_least(0)
    .meaningless(CONSUMER),
    int(
        "group.consumer.min.heartbeat.interval.ms",
        "The smallest heartbeat interval a consumer group may have.",
    )
    .default("5000")
    .at_least(1)
    .meaningless(CONSUMER),
    int(
        "group.consumer.min.session.timeout.ms",
        "The shortest session timeout a consumer group may have.",
    )
    .default("45000")
    .at_least(1)
    .meaningless(CONSUMER),
    int(
        "group.consumer.session.timeout.ms",
        "How long a silent member of a consumer group is kept.",
    )
    .default("45000")
    .at_least(1)
    .meaningless(CONSUMER),
    int(
        "group.share.assignment.interval.ms",
        "The shortest time between two assignments of a share group.",
    )
    .default("1000")
    .at_least(0)
    .cluster_wide()
    .meaningless(SHARE),
    list("group.share.assignors", "The server's assignors of share groups.")
        .default("simple")
        .meaningless(SHARE),
    int(
        "group.share.delivery.count.limit",
        "How often a record is delivered to a share group before it is given up.",
    )
    .default("5")
    .range(2, 10)
    .meaningless(SHARE),
    int("group.share.heartbeat.interval.ms", "How often members of share groups report.")
        .default("5000")
        .at_least(1)
        .meaningless(SHARE),
    int(
        "group.share.max.assignment.interval.ms",
        "The largest assignment interval a share group may have.",
    )
    .default("15000")
    .at_least(0)
    .meaningless(SHARE),
    int(
        "group.share.max.delivery.count.limit",
        "The largest delivery count limit a share group may have.",
    )
    .default("10")
    .range(5, 25)
    .meaningless(SHARE),
    short("group.share.max.groups", "The most share groups at once, in early versions.")
        .default("10")
        .range(1, 100)
        .meaningless(SHARE),
    int(
        "group.share.max.heartbeat.interval.ms",
        "The largest heartbeat interval a share group may have.",
    )
    .default("15000")
    .at_least(1)
    .meaningless(SHARE),
    int(
        "group.share.max.partition.max.record.locks",
        "The largest bound on locked records a share group may have.",
    )
    .default("4000")
    .range(2000, 10000)
    .meaningless(SHARE),
    int("group.share.max.record.lock.duration.ms", "The longest lock a share group may have.")
        .default("60000")
        .range(30000, 3600000)
        .meaningless(SHARE),
    int(
        "group.share.max.session.timeout.ms",
        "The longest session timeout a share group may have.",
    )
    .default("60000")
    .at_least(1)
    .meaningless(SHARE),
    int("group.share.max.share.sessions", "How many share sessions a broker keeps.")
        .default("2000")
        .at_least(1)
        .meaningless(SHARE),
    int("group.share.max.size", "The most members of a share group.")
        .default("200")
        .range(1, 1000)
        .meaningless(SHARE),
    int(
        "group.share.min.assignment.interval.ms",
        "The smallest assignment interval a share group may have.",
    )
    .default("0")
    .at_least(0)
    .meaningless(SHARE),
    int(
        "group.share.min.delivery.count.limit",
        "The smallest delivery count limit a share group may have.",
    )
    .default("2")
    .range(2, 5)
    .meaningless(SHARE),
    int(
        "group.share.min.heartbeat.interval.ms",
        "The smallest heartbeat interval a share group may have.",
    )
    .default("5000")
    .at_least(1)
    .meaningless(SHARE),
    int(
        "group.share.min.partition.max.record.locks",
        "The smallest bound on locked records a share group may have.",
    )
    .default("100")
    .range(100, 2000)
    .meaningless(SHARE),
    int("group.share.min.record.lock.duration.ms", "The shortest lock a share group may have.")
        .default("15000")
        .range(1000, 30000)
        .meaningless(SHARE),
    int(
        "group.share.min.session.timeout.ms",
        "The shortest session timeout a share group may have.",
    )
    .default("45000")
    .at_least(1)
    .meaningless(SHARE),
    int(
        "group.share.partition.max.record.locks",
        "How many records of a partition may be locked at once.",
    )
    .default("2000")
    .range(100, 10000)
    .meaningless(SHARE),
    int("group.share.record.lock.duration.ms", "How long a delivered record stays locked.")
        .default("30000")
        .range(1000, 3600000)
        .meaningless(SHARE),
    int("group.share.session.timeout.ms", "How long a silent member of a share group is kept.")
        .default("45000")
        .at_least(1)
        .meaningless(SHARE),
    int(
        "group.streams.assignment.interval.ms",
        "The shortest time between two assignments of a streams group.",
    )
    .default("1000")
    .at_least(0)
    .cluster_wide()
    .meaningless(STREAMS),
    list("group.streams.assignors", "The server's assignors of streams groups.")
        .default("sticky")
        .meaningless(STREAMS),
    int("group.streams.heartbeat.interval.ms", "How often members of streams groups report.")
        .default("5000")
        .at_least(1)
        .meaningless(STREAMS),
    int(
        "group.streams.initial.rebalance.delay.ms",
        "How long the first assignment of a streams group waits for more members.",
    )
    .default("3000")
    .at_least(0)
    .meaningless(STREAMS),
    int(
        "group.streams.max.assignment.interval.ms",
        "The largest assignment interval a streams group may have.",
    )
    .default("15000")
    .at_least(0)
    .meaningless(STREAMS),
    int(
        "group.streams.max.heartbeat.interval.ms",
        "The largest heartbeat interval a streams group may have.",
    )
    .default("15000")
    .at_least(1)
    .meaningless(STREAMS),
    int(
        "group.streams.max.session.timeout.ms",
        "The longest session timeout a streams group may have.",
    )
    .default("60000")
    .at_least(1)
    .meaningless(STREAMS),
    int("group.streams.max.size", "The most members of a streams group.")
        .default("2147483647")
        .at_least(1)
        .meaningless(STREAMS),
    int(
        "group.streams.max.standby.replicas",
        "The most standby copies of a task a streams group may have.",
    )
    .default("2")
    .at_least(0)
    .meaningless(STREAMS),
    int(
        "group.streams.min.assignment.interval.ms",
        "The smallest assignment interval a streams group may have.",
    )
    .default("0")
    .at_least(0)
    .meaningless(STREAMS),
    int(
        "group.streams.min.heartbeat.interval.ms",
        "The smallest heartbeat interval a streams group may have.",
    )
    .default("5000")
    .at_least(1)
    .meaningless(STREAMS),
    int(
        "group.streams.min.session.timeout.ms",
        "The shortest session timeout a streams group may have.",
    )
    .default("45000")
    .at_least(1)
    .meaningless(STREAMS),
    int(
        "group.streams.num.standby.replicas",
        "How many standby copies of a task a streams group keeps.",
    )
    .default("0")
    .at_least(0)
    .meaningless(STREAMS),
    list("group.streams.rack.aware.assignment.tags", "Tags by which standby copies are spread.")
        .default("")
        .meaningless(STREAMS),
    int("group.streams.session.timeout.ms", "How long a silent member of a streams group is kept.")
        .default("45000")
        .at_least(1)
        .meaningless(STREAMS),
    class(
        "group.streams.topology.description.plugin.class",
        "A Java class that stores descriptions of topologies.",
    )
    .meaningless(STREAMS),
    int(
        "share.coordinator.append.linger.ms",
        "How long the share coordinator gathers writes before it appends them.",
    )
    .default("-1")
    .at_least(-1)
    .meaningless(SHARE),
    int(
        "share.coordinator.cached.buffer.max.bytes",
        "The largest write buffer the share coordinator keeps.",
    )
    .default("1048588")
    .at_least(524288)
    .cluster_wide()
    .meaningless(SHARE),
    int(
        "share.coordinator.load.buffer.size",
        "How much is read at a time when share state is loaded.",
    )
    .default("5242880")
    .at_least(1)
    .meaningless(SHARE),
    int(
        "share.coordinator.snapshot.update.records.per.snapshot",
        "How many changes of share state are written between two snapshots.",
    )
    .default("500")
    .range(0, 500)
    .meaningless(SHARE),
    int(
        "share.coordinator.state.topic.compression.codec",
        "The codec of the topic of share state.",
    )
    .default("0")
    .meaningless(SHARE),
    short(
        "share.coordinator.state.topic.min.isr",
        "The fewest in-sync replicas of the topic of share state.",
    )
    .default("2")
    .at_least(1)
    .meaningless(SHARE),
    int("share.coordinator.state.topic.num.partitions", "Partitions of the topic of share state.")
        .default("50")
        .at_least(1)
        .meaningless(SHARE),
    short(
        "share.coordinator.state.topic.replication.factor",
        "Replicas of the topic of share state.",
    )
    .default("3")
    .at_least(1)
    .meaningless(SHARE),
    int("share.coordinator.state.topic.segment.bytes", "Segment size of the topic of share state.")
        .default("104857600")
        .at_least(1)
        .meaningless(SHARE),
    int("share.coordinator.threads", "How many threads keep share state.")
        .default("1")
        .at_least(1)
        .meaningless(SHARE),
    int("share.coordinator.write.timeout.ms", "How long a write of share state may take.")
        .default("5000")
        .at_least(1)
        .meaningless(SHARE),
    int(
        "share.fetch.purgatory.purge.interval.requests",
        "How often finished share fetches are cleared away.",
    )
    .default("1000")
    .meaningless(SHARE),
];
