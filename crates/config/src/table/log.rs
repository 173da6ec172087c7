//! The logs of this node, and the defaults of topics that do not say it themselves.

use super::reasons::{COMPACTION, RECOMPRESSION};
use crate::def::{ConfigDef, boolean, int, list, long, string};

/// The logs of this node, and the defaults of topics that do not say it themselves.
pub(super) const CONFIGS: &[ConfigDef] = &[
    string("compression.type", "How records are compressed on disk; `producer` keeps them as they came.").default("producer").one_of(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]).cluster_wide().refused(RECOMPRESSION),
    list("log.cleanup.policy", "What happens to old records of topics that do not say it themselves.").default("delete").one_of(&["compact", "delete"]).cluster_wide().refused(COMPACTION),
    list("log.dir", "The data folder, where `log.dirs` is missing.").default("klamm-data").kafka_default("/tmp/kafka-logs").effective(),
    list("log.dirs", "The data folders, separated by commas.").effective(),
    long("log.flush.interval.messages", "After so many records a log is synced; 1 syncs before acks=all is acknowledged.").default("9223372036854775807").at_least(1).cluster_wide().effective(),
    long("log.flush.interval.ms", "After so long a log with new records is synced; `klamm.sync.interval.ms` bounds it in any case.").at_least(0).cluster_wide().effective(),
    int("log.flush.offset.checkpoint.interval.ms", "How often the point up to which logs are synced is written down.").default("60000").at_least(0).effective(),
    int("log.flush.start.offset.checkpoint.interval.ms", "How often the offsets at which logs begin are written down.").default("60000").at_least(0).effective(),
    int("log.index.interval.bytes", "One index entry is written for so many bytes of records.").default("4096").at_least(0).cluster_wide().effective(),
    int("log.index.size.max.bytes", "The largest offset index of a segment.").default("10485760").at_least(4).cluster_wide().effective(),
    long("log.message.timestamp.after.max.ms", "How far a producer's timestamp may lie ahead of the broker's clock.").default("3600000").at_least(0).cluster_wide().effective(),
    long("log.message.timestamp.before.max.ms", "How far a producer's timestamp may lie behind the broker's clock.").default("9223372036854775807").at_least(0).cluster_wide().effective(),
    string("log.message.timestamp.type", "Whether records carry the producer's time or that of their append.").default("CreateTime").one_of(&["CreateTime", "LogAppendTime"]).cluster_wide().effective(),
    boolean("log.preallocate", "Whether the space of a segment is reserved when it is created.").default("false").cluster_wide().effective(),
    long("log.retention.bytes", "Oldest segments are deleted above so many bytes of a partition; -1 is no bound.").default("-1").at_least(-1).cluster_wide().effective(),
    long("log.retention.check.interval.ms", "How often retention looks for segments to delete.").default("300000").at_least(1).effective(),
    int("log.retention.hours", "How many hours records are kept at least; -1 is for ever.").default("168").effective(),
    int("log.retention.minutes", "How many minutes records are kept at least; wins over the hours.").effective(),
    long("log.retention.ms", "How many milliseconds records are kept at least; wins over minutes and hours.").cluster_wide().effective(),
    int("log.roll.hours", "After so many hours a new segment begins.").default("168").at_least(1).effective(),
    int("log.roll.jitter.hours", "Up to so many hours are taken off, so that segments do not roll all at once.").default("0").at_least(0).effective(),
    long("log.roll.jitter.ms", "Up to so many milliseconds are taken off, so that segments do not roll all at once.").at_least(0).cluster_wide().effective(),
    long("log.roll.ms", "After so many milliseconds a new segment begins.").at_least(1).cluster_wide().effective(),
    int("log.segment.bytes", "The size at which a new segment begins.").default("1073741824").at_least(14).cluster_wide().effective(),
    long("log.segment.delete.delay.ms", "How long the files of a deleted segment stay before they are removed.").default("60000").at_least(0).cluster_wide().effective(),
    int("message.max.bytes", "The largest batch of records that is accepted, after compression.").default("1048588").at_least(0).cluster_wide().effective(),
    string("metadata.log.dir", "The folder of the metadata log; by default the first data folder.").effective(),
    int("num.recovery.threads.per.data.dir", "How many logs of a folder are recovered at once after an unclean stop.").default("2").at_least(1).cluster_wide().effective(),
];
