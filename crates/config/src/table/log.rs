//! The logs of this node, and the defaults of topics that do not say it themselves.

use super::reasons::{FORMAT, GROWING, NO_PEERS};
use super::rules::is_gzip_level;
use crate::def::{ConfigDef, boolean, double, int, list, long, string};

const CORDON: &str = "placing partitions by cordoned folders is not built yet";

/// The logs of this node, and the defaults of topics that do not say it themselves.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int("compression.gzip.level", "The gzip level, where records are compressed again.")
        .default("-1")
        .rule(is_gzip_level, "a whole number from 1 to 9, or -1")
        .cluster_wide()
        .effective(),
    int("compression.lz4.level", "The lz4 level, where records are compressed again.")
        .default("9")
        .range(1, 17)
        .cluster_wide()
        .effective(),
    string(
        "compression.type",
        "How records are compressed on disk; `producer` keeps them as they came.",
    )
    .default("producer")
    .one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])
    .cluster_wide()
    .effective(),
    int("compression.zstd.level", "The zstd level, where records are compressed again.")
        .default("3")
        .range(-131072, 22)
        .cluster_wide()
        .effective(),
    list("cordoned.log.dirs", "Folders that get no new partitions.")
        .default("")
        .per_broker()
        .refused(CORDON),
    long("log.cleaner.backoff.ms", "How long the cleaner sleeps when there is nothing to compact.")
        .default("15000")
        .at_least(0)
        .cluster_wide()
        .effective(),
    long("log.cleaner.dedupe.buffer.size", "Memory for the keys that the cleaner remembers.")
        .default("134217728")
        .cluster_wide()
        .effective(),
    long(
        "log.cleaner.delete.retention.ms",
        "How long compacted topics keep the marks of deleted keys.",
    )
    .default("86400000")
    .at_least(0)
    .cluster_wide()
    .effective(),
    boolean("log.cleaner.enable", "Whether the cleaner runs at all.").default("true").effective(),
    double("log.cleaner.io.buffer.load.factor", "How full the cleaner's table of keys may become.")
        .default("0.9")
        .cluster_wide()
        .effective(),
    int("log.cleaner.io.buffer.size", "Memory for the cleaner's reads and writes.")
        .default("524288")
        .at_least(0)
        .cluster_wide()
        .effective(),
    double(
        "log.cleaner.io.max.bytes.per.second",
        "The most that the cleaner reads and writes in a second.",
    )
    .default("1.7976931348623157E308")
    .cluster_wide()
    .effective(),
    long("log.cleaner.max.compaction.lag.ms", "The longest time before a record is compacted.")
        .default("9223372036854775807")
        .at_least(1)
        .cluster_wide()
        .effective(),
    double(
        "log.cleaner.min.cleanable.ratio",
        "The share of uncompacted records at which compaction begins.",
    )
    .default("0.5")
    .fraction(0.0, 1.0)
    .cluster_wide()
    .effective(),
    long("log.cleaner.min.compaction.lag.ms", "The shortest time before a record is compacted.")
        .default("0")
        .at_least(0)
        .cluster_wide()
        .effective(),
    int("log.cleaner.threads", "How many threads compact.")
        .default("1")
        .at_least(0)
        .cluster_wide()
        .effective(),
    list(
        "log.cleanup.policy",
        "What happens to old records of topics that do not say it themselves.",
    )
    .default("delete")
    .one_of(&["compact", "delete"])
    .cluster_wide()
    .effective(),
    list("log.dir", "The data folder, where `log.dirs` is missing.")
        .default("klamm-data")
        .kafka_default("/tmp/kafka-logs")
        .effective(),
    long(
        "log.dir.failure.timeout.ms",
        "How long a broker that cannot report a failed folder goes on.",
    )
    .default("30000")
    .at_least(1)
    .meaningless(NO_PEERS),
    list("log.dirs", "The data folders, separated by commas.").effective(),
    long(
        "log.flush.interval.messages",
        "After so many records a log is synced; 1 syncs before acks=all is acknowledged.",
    )
    .default("9223372036854775807")
    .at_least(1)
    .cluster_wide()
    .effective(),
    long(
        "log.flush.interval.ms",
        "After so long a log is synced; `klamm.sync.interval.ms` bounds it in any case.",
    )
    .at_least(0)
    .cluster_wide()
    .synonyms(&[("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)])
    .effective(),
    int(
        "log.flush.offset.checkpoint.interval.ms",
        "How often the point up to which logs are synced is written down.",
    )
    .default("60000")
    .at_least(0)
    .effective(),
    long(
        "log.flush.scheduler.interval.ms",
        "How often logs are synced, where `log.flush.interval.ms` is missing.",
    )
    .default("9223372036854775807")
    .effective(),
    int(
        "log.flush.start.offset.checkpoint.interval.ms",
        "How often the offsets at which logs begin are written down.",
    )
    .default("60000")
    .at_least(0)
    .effective(),
    int("log.index.interval.bytes", "One index entry is written for so many bytes of records.")
        .default("4096")
        .at_least(0)
        .cluster_wide()
        .effective(),
    int("log.index.size.max.bytes", "The largest offset index of a segment.")
        .default("10485760")
        .at_least(4)
        .cluster_wide()
        .effective(),
    boolean(
        "log.message.downconversion.enable",
        "Whether records are converted for clients that need an older format.",
    )
    .default("true")
    .effective(),
    string(
        "log.message.format.version",
        "The format of records on disk in older versions of Kafka.",
    )
    .default("3.0-IV1")
    .meaningless(FORMAT),
    long(
        "log.message.timestamp.after.max.ms",
        "How far a producer's timestamp may lie ahead of the broker's clock.",
    )
    .default("3600000")
    .at_least(0)
    .cluster_wide()
    .effective(),
    long(
        "log.message.timestamp.before.max.ms",
        "How far a producer's timestamp may lie behind the broker's clock.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .cluster_wide()
    .effective(),
    long(
        "log.message.timestamp.difference.max.ms",
        "Older name of both bounds on a producer's timestamp.",
    )
    .default("9223372036854775807")
    .at_least(0)
    .effective(),
    string(
        "log.message.timestamp.type",
        "Whether records carry the producer's time or that of their append.",
    )
    .default("CreateTime")
    .one_of(&["CreateTime", "LogAppendTime"])
    .cluster_wide()
    .effective(),
    boolean("log.preallocate", "Whether the space of a segment is reserved when it is created.")
        .default("false")
        .cluster_wide()
        .meaningless(GROWING),
    long(
        "log.retention.bytes",
        "Oldest segments are deleted above so many bytes of a partition; -1 is no bound.",
    )
    .default("-1")
    .at_least(-1)
    .cluster_wide()
    .effective(),
    long("log.retention.check.interval.ms", "How often retention looks for segments to delete.")
        .default("300000")
        .at_least(1)
        .effective(),
    int("log.retention.hours", "How many hours records are kept at least; -1 is for ever.")
        .default("168")
        .effective(),
    int(
        "log.retention.minutes",
        "How many minutes records are kept at least; wins over the hours.",
    )
    .synonyms(&[("log.retention.minutes", 1), ("log.retention.hours", 60)])
    .effective(),
    long(
        "log.retention.ms",
        "How many milliseconds records are kept at least; wins over minutes and hours.",
    )
    .cluster_wide()
    .synonyms(&[
        ("log.retention.ms", 1),
        ("log.retention.minutes", 60000),
        ("log.retention.hours", 3600000),
    ])
    .effective(),
    int("log.roll.hours", "After so many hours a new segment begins.")
        .default("168")
        .at_least(1)
        .effective(),
    int(
        "log.roll.jitter.hours",
        "Up to so many hours are taken off, so that segments roll at different times.",
    )
    .default("0")
    .at_least(0)
    .effective(),
    long(
        "log.roll.jitter.ms",
        "Up to so many milliseconds are taken off, so that segments roll at different times.",
    )
    .at_least(0)
    .cluster_wide()
    .synonyms(&[("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", 3600000)])
    .effective(),
    long("log.roll.ms", "After so many milliseconds a new segment begins.")
        .at_least(1)
        .cluster_wide()
        .synonyms(&[("log.roll.ms", 1), ("log.roll.hours", 3600000)])
        .effective(),
    int("log.segment.bytes", "The size at which a new segment begins.")
        .default("1073741824")
        .at_least(14)
        .cluster_wide()
        .effective(),
    long(
        "log.segment.delete.delay.ms",
        "How long the files of a deleted segment stay before they are removed.",
    )
    .default("60000")
    .at_least(0)
    .cluster_wide()
    .effective(),
    int(
        "max.decompressed.message.bytes",
        "The largest size of a batch after decompression; where it is not set, 64 times \
         `message.max.bytes`, but 1 to 128 MiB.",
    )
        .default("2147483639")
        .range(1, 2147483639)
        .cluster_wide()
        .effective(),
    int("message.max.bytes", "The largest batch of records that is accepted, after compression.")
        .default("1048588")
        .at_least(0)
        .cluster_wide()
        .effective(),
    string("metadata.log.dir", "The folder of the metadata log; by default the first data folder.")
        .effective(),
    int(
        "num.recovery.threads.per.data.dir",
        "How many logs of a folder are opened, and recovered, at once at a start, and closed at a stop.",
    )
    .default("2")
    .at_least(1)
    .cluster_wide()
    .effective(),
];
