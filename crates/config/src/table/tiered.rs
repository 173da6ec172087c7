//! Remote storage.

use super::reasons::TIERED;
use crate::def::{ConfigDef, boolean, int, long, string};

/// Remote storage.
pub(super) const CONFIGS: &[ConfigDef] = &[
    long(
        "log.local.retention.bytes",
        "How many bytes stay on local disks of a topic in remote storage.",
    )
    .default("-2")
    .at_least(-2)
    .cluster_wide()
    .meaningless(TIERED),
    long(
        "log.local.retention.ms",
        "How long records stay on local disks of a topic in remote storage.",
    )
    .default("-2")
    .at_least(-2)
    .cluster_wide()
    .meaningless(TIERED),
    long("log.remote.copy.lag.bytes", "How far copying to remote storage may lag in bytes.")
        .default("-1")
        .at_least(-1)
        .cluster_wide()
        .meaningless(TIERED),
    long("log.remote.copy.lag.ms", "How far copying to remote storage may lag in time.")
        .default("0")
        .at_least(-1)
        .cluster_wide()
        .meaningless(TIERED),
    int("remote.fetch.max.wait.ms", "How long a fetch from remote storage may wait.")
        .default("500")
        .at_least(1)
        .cluster_wide()
        .meaningless(TIERED),
    long(
        "remote.list.offsets.request.timeout.ms",
        "How long a lookup of offsets in remote storage may take.",
    )
    .default("30000")
    .at_least(1)
    .cluster_wide()
    .meaningless(TIERED),
    long(
        "remote.log.index.file.cache.total.size.bytes",
        "Disk space for indexes fetched from remote storage.",
    )
    .default("1073741824")
    .at_least(1)
    .cluster_wide()
    .meaningless(TIERED),
    int("remote.log.manager.copier.thread.pool.size", "How many threads copy to remote storage.")
        .default("10")
        .at_least(1)
        .cluster_wide()
        .meaningless(TIERED),
    long(
        "remote.log.manager.copy.max.bytes.per.second",
        "Most bytes copied to remote storage in a second.",
    )
    .default("9223372036854775807")
    .at_least(1)
    .cluster_wide()
    .meaningless(TIERED),
    int("remote.log.manager.copy.quota.window.num", "How many samples that bound remembers.")
        .default("11")
        .at_least(1)
        .meaningless(TIERED),
    int("remote.log.manager.copy.quota.window.size.seconds", "How long such a sample lasts.")
        .default("1")
        .at_least(1)
        .meaningless(TIERED),
    int(
        "remote.log.manager.expiration.thread.pool.size",
        "How many threads delete from remote storage.",
    )
    .default("10")
    .at_least(1)
    .cluster_wide()
    .meaningless(TIERED),
    long(
        "remote.log.manager.fetch.max.bytes.per.second",
        "Most bytes fetched from remote storage in a second.",
    )
    .default("9223372036854775807")
    .at_least(1)
    .cluster_wide()
    .meaningless(TIERED),
    int("remote.log.manager.fetch.quota.window.num", "How many samples that bound remembers.")
        .default("11")
        .at_least(1)
        .meaningless(TIERED),
    int("remote.log.manager.fetch.quota.window.size.seconds", "How long such a sample lasts.")
        .default("1")
        .at_least(1)
        .meaningless(TIERED),
    int("remote.log.manager.follower.thread.pool.size", "How many threads follow remote storage.")
        .default("2")
        .at_least(1)
        .cluster_wide()
        .meaningless(TIERED),
    long("remote.log.manager.task.interval.ms", "How often remote storage is attended to.")
        .default("30000")
        .at_least(1)
        .meaningless(TIERED),
    int("remote.log.manager.thread.pool.size", "How many threads attend to remote storage.")
        .default("2")
        .at_least(1)
        .meaningless(TIERED),
    int(
        "remote.log.metadata.custom.metadata.max.bytes",
        "The largest note a storage plug-in may keep with a segment.",
    )
    .default("128")
    .at_least(0)
    .meaningless(TIERED),
    string(
        "remote.log.metadata.manager.class.name",
        "The Java class that keeps the list of remote segments.",
    )
    .default(
        "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
    )
    .non_empty()
    .meaningless(TIERED),
    string("remote.log.metadata.manager.class.path", "Where that class is found.")
        .meaningless(TIERED),
    string("remote.log.metadata.manager.impl.prefix", "What the keys of that class begin with.")
        .default("rlmm.config.")
        .non_empty()
        .meaningless(TIERED),
    string(
        "remote.log.metadata.manager.listener.name",
        "The listener by which that class reaches the brokers.",
    )
    .non_empty()
    .meaningless(TIERED),
    int("remote.log.reader.max.pending.tasks", "How many fetches from remote storage may wait.")
        .default("100")
        .at_least(1)
        .meaningless(TIERED),
    int("remote.log.reader.threads", "How many threads fetch from remote storage.")
        .default("10")
        .at_least(1)
        .cluster_wide()
        .meaningless(TIERED),
    string("remote.log.storage.manager.class.name", "The Java class that stores remote segments.")
        .non_empty()
        .meaningless(TIERED),
    string("remote.log.storage.manager.class.path", "Where that class is found.")
        .meaningless(TIERED),
    string("remote.log.storage.manager.impl.prefix", "What the keys of that class begin with.")
        .default("rsm.config.")
        .non_empty()
        .meaningless(TIERED),
    boolean("remote.log.storage.system.enable", "Whether old segments may move to remote storage.")
        .default("false")
        .refused(TIERED),
];
