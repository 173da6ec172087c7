//! Quotas and throttles.

use crate::def::{ConfigDef, class, int, long};

const QUOTAS: &str = "quotas are not built yet";

/// Quotas and throttles.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int(
        "alter.log.dirs.replication.quota.window.num",
        "How many samples the quota on moves between folders remembers.",
    )
    .default("11")
    .at_least(1)
    .meaningless(QUOTAS),
    int("alter.log.dirs.replication.quota.window.size.seconds", "How long such a sample lasts.")
        .default("1")
        .at_least(1)
        .meaningless(QUOTAS),
    class("client.quota.callback.class", "The Java class that computes quotas.").refused(QUOTAS),
    int(
        "controller.quota.window.num",
        "How many samples the quota on changes of topics remembers.",
    )
    .default("11")
    .at_least(1)
    .meaningless(QUOTAS),
    int("controller.quota.window.size.seconds", "How long such a sample lasts.")
        .default("1")
        .at_least(1)
        .meaningless(QUOTAS),
    long(
        "follower.replication.throttled.rate",
        "Most bytes in a second that throttled followers copy.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .cluster_wide()
    .refused(QUOTAS),
    long(
        "leader.replication.throttled.rate",
        "Most bytes in a second that are copied from throttled leaders.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .cluster_wide()
    .refused(QUOTAS),
    long(
        "quota.consumer.default",
        "Older default of the bytes in a second that a client may fetch.",
    )
    .default("9223372036854775807")
    .at_least(1)
    .refused(QUOTAS),
    long(
        "quota.producer.default",
        "Older default of the bytes in a second that a client may produce.",
    )
    .default("9223372036854775807")
    .at_least(1)
    .refused(QUOTAS),
    int("quota.window.num", "How many samples a client's quota remembers.")
        .default("11")
        .at_least(1)
        .meaningless(QUOTAS),
    int("quota.window.size.seconds", "How long such a sample lasts.")
        .default("1")
        .at_least(1)
        .meaningless(QUOTAS),
    long(
        "replica.alter.log.dirs.io.max.bytes.per.second",
        "Most bytes in a second that are moved between folders.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .cluster_wide()
    .effective(),
    int("replication.quota.window.num", "How many samples the replication throttle remembers.")
        .default("11")
        .at_least(1)
        .meaningless(QUOTAS),
    int("replication.quota.window.size.seconds", "How long such a sample lasts.")
        .default("1")
        .at_least(1)
        .meaningless(QUOTAS),
];
