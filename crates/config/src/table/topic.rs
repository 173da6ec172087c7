//! Topics.

use super::reasons::{ELECTION, FORMAT, GROWING, SHARE, THROTTLES, TIERED};
use super::rules::{is_gzip_level, is_replica_list};
use crate::def::{ConfigDef, boolean, double, int, list, long, string};

/// Topics.
pub(super) const CONFIGS: &[ConfigDef] = &[
    list("cleanup.policy", "`delete` removes old records, `compact` keeps the newest of each key.")
        .default("delete")
        .one_of(&["compact", "delete"])
        .synonyms(&[("log.cleanup.policy", 1)])
        .effective(),
    int("compression.gzip.level", "The gzip level, where records are compressed again.")
        .default("-1")
        .rule(is_gzip_level, "a whole number from 1 to 9, or -1")
        .effective(),
    int("compression.lz4.level", "The lz4 level, where records are compressed again.")
        .default("9")
        .range(1, 17)
        .effective(),
    string(
        "compression.type",
        "How records are compressed on disk; `producer` keeps them as they came.",
    )
    .default("producer")
    .one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
    .effective(),
    int("compression.zstd.level", "The zstd level, where records are compressed again.")
        .default("3")
        .range(-131072, 22)
        .effective(),
    long("delete.retention.ms", "How long a compacted topic keeps the marks of deleted keys.")
        .default("86400000")
        .at_least(0)
        .synonyms(&[("log.cleaner.delete.retention.ms", 1)])
        .effective(),
    boolean(
        "errors.deadletterqueue.group.enable",
        "Whether share groups may use the topic as a dead letter queue.",
    )
    .default("false")
    .refused(SHARE),
    long(
        "file.delete.delay.ms",
        "How long the files of a deleted segment stay before they are removed.",
    )
    .default("60000")
    .at_least(0)
    .synonyms(&[("log.segment.delete.delay.ms", 1)])
    .effective(),
    long(
        "flush.messages",
        "After so many records the log is synced; 1 syncs before acks=all is acknowledged.",
    )
    .default("9223372036854775807")
    .at_least(1)
    .synonyms(&[("log.flush.interval.messages", 1)])
    .effective(),
    long("flush.ms", "After so long a log with new records is synced.")
        .default("9223372036854775807")
        .at_least(0)
        .synonyms(&[("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)])
        .effective(),
    list(
        "follower.replication.throttled.replicas",
        "Replicas whose copying is slowed down on the follower's side.",
    )
    .default("")
    .rule(is_replica_list, "*, none, or partition:broker,partition:broker")
    .refused(THROTTLES),
    int("index.interval.bytes", "One index entry is written for so many bytes of records.")
        .default("4096")
        .at_least(0)
        .synonyms(&[("log.index.interval.bytes", 1)])
        .effective(),
    string(
        "klamm.acks.all.durability",
        "What acks=all promises: `any-failure`, `page-cache` as in Kafka, or `synced`.",
    )
    .default("any-failure")
    .one_of(&["any-failure", "page-cache", "synced"])
    .effective(),
    list(
        "leader.replication.throttled.replicas",
        "Replicas whose copying is slowed down on the leader's side.",
    )
    .default("")
    .rule(is_replica_list, "*, none, or partition:broker,partition:broker")
    .refused(THROTTLES),
    long(
        "local.retention.bytes",
        "How many bytes stay on local disks of a topic in remote storage.",
    )
    .default("-2")
    .at_least(-2)
    .synonyms(&[("log.local.retention.bytes", 1)])
    .meaningless(TIERED),
    long(
        "local.retention.ms",
        "How long records stay on local disks of a topic in remote storage.",
    )
    .default("-2")
    .at_least(-2)
    .synonyms(&[("log.local.retention.ms", 1)])
    .meaningless(TIERED),
    long("max.compaction.lag.ms", "The longest time before a record is compacted.")
        .default("9223372036854775807")
        .at_least(1)
        .synonyms(&[("log.cleaner.max.compaction.lag.ms", 1)])
        .effective(),
    int(
        "max.decompressed.message.bytes",
        "The largest size of a batch after decompression; where it is not set, 64 times \
         `max.message.bytes`, but 1 to 128 MiB.",
    )
    .default("2147483639")
    .range(1, 2147483639)
    .effective(),
    int("max.message.bytes", "The largest batch of records that is accepted, after compression.")
        .default("1048588")
        .at_least(0)
        .synonyms(&[("message.max.bytes", 1)])
        .effective(),
    boolean(
        "message.downconversion.enable",
        "Whether records are converted for clients that need an older format.",
    )
    .default("true")
    .synonyms(&[("log.message.downconversion.enable", 1)])
    .effective(),
    string("message.format.version", "The format of records on disk in older versions of Kafka.")
        .default("3.0-IV1")
        .synonyms(&[("log.message.format.version", 1)])
        .meaningless(FORMAT),
    long(
        "message.timestamp.after.max.ms",
        "How far a producer's timestamp may lie ahead of the broker's clock.",
    )
    .default("3600000")
    .at_least(0)
    .synonyms(&[("log.message.timestamp.after.max.ms", 1)])
    .effective(),
    long(
        "message.timestamp.before.max.ms",
        "How far a producer's timestamp may lie behind the broker's clock.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .synonyms(&[("log.message.timestamp.before.max.ms", 1)])
    .effective(),
    long(
        "message.timestamp.difference.max.ms",
        "Older name of both bounds on a producer's timestamp.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .synonyms(&[("log.message.timestamp.difference.max.ms", 1)])
    .effective(),
    string(
        "message.timestamp.type",
        "Whether records carry the producer's time or that of their append.",
    )
    .default("CreateTime")
    .one_of(&["CreateTime", "LogAppendTime"])
    .synonyms(&[("log.message.timestamp.type", 1)])
    .effective(),
    double(
        "min.cleanable.dirty.ratio",
        "The share of uncompacted records at which compaction begins.",
    )
    .default("0.5")
    .fraction(0.0, 1.0)
    .synonyms(&[("log.cleaner.min.cleanable.ratio", 1)])
    .effective(),
    long("min.compaction.lag.ms", "The shortest time before a record is compacted.")
        .default("0")
        .at_least(0)
        .synonyms(&[("log.cleaner.min.compaction.lag.ms", 1)])
        .effective(),
    int(
        "min.insync.replicas",
        "So many replicas must hold a record before acks=all is acknowledged.",
    )
    .default("1")
    .at_least(1)
    .effective(),
    boolean("preallocate", "Whether the space of a segment is reserved when it is created.")
        .default("false")
        .synonyms(&[("log.preallocate", 1)])
        .meaningless(GROWING),
    long("remote.copy.lag.bytes", "How far copying to remote storage may lag in bytes.")
        .default("-1")
        .at_least(-1)
        .synonyms(&[("log.remote.copy.lag.bytes", 1)])
        .meaningless(TIERED),
    long("remote.copy.lag.ms", "How far copying to remote storage may lag in time.")
        .default("0")
        .at_least(-1)
        .synonyms(&[("log.remote.copy.lag.ms", 1)])
        .meaningless(TIERED),
    boolean("remote.log.copy.disable", "Whether nothing more is copied to remote storage.")
        .default("false")
        .refused(TIERED),
    boolean(
        "remote.log.delete.on.disable",
        "Whether remote records go when remote storage is switched off.",
    )
    .default("false")
    .refused(TIERED),
    boolean("remote.storage.enable", "Whether old segments move to remote storage.")
        .default("false")
        .refused(TIERED),
    long(
        "retention.bytes",
        "Oldest segments are deleted above so many bytes of a partition; -1 is no bound.",
    )
    .default("-1")
    .at_least(-1)
    .synonyms(&[("log.retention.bytes", 1)])
    .effective(),
    long("retention.ms", "How long records are kept at least; -1 is for ever.")
        .default("604800000")
        .at_least(-1)
        .synonyms(&[
            ("log.retention.ms", 1),
            ("log.retention.minutes", 60000),
            ("log.retention.hours", 3600000),
        ])
        .effective(),
    int("segment.bytes", "The size at which a new segment begins.")
        .default("1073741824")
        .at_least(14)
        .synonyms(&[("log.segment.bytes", 1)])
        .effective(),
    int("segment.index.bytes", "The largest offset index of a segment.")
        .default("10485760")
        .at_least(4)
        .synonyms(&[("log.index.size.max.bytes", 1)])
        .effective(),
    long(
        "segment.jitter.ms",
        "Up to so much time is taken off, so that segments roll at different times.",
    )
    .default("0")
    .at_least(0)
    .synonyms(&[("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", 3600000)])
    .effective(),
    long("segment.ms", "After so long a new segment begins.")
        .default("604800000")
        .at_least(1)
        .synonyms(&[("log.roll.ms", 1), ("log.roll.hours", 3600000)])
        .effective(),
    boolean(
        "unclean.leader.election.enable",
        "Whether a replica that may lack records can become leader when no other is there.",
    )
    .default("false")
    .meaningless(ELECTION),
];
