//! Every metric, its type, labels and meaning: `docs/metrics.md` comes from here, and so does what
//! a scrape says of each.

/// How a metric's values are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only grows, from the start of the process.
    Counter,
    /// It is what it is at the moment.
    Gauge,
    /// Durations in buckets.
    Histogram,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric.
#[derive(Debug)]
pub(crate) struct MetricDef {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) labels: &'static [&'static str],
    /// Whether users decide how many series there are, so that they are bounded.
    pub(crate) is_bounded: bool,
    pub(crate) help: &'static str,
    /// What Kafka says of this over JMX; empty where it says nothing.
    pub(crate) jmx: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> MetricDef {
    MetricDef { name, kind: Kind::Counter, labels: &[], is_bounded: false, help, jmx: "" }
}

const fn gauge(name: &'static str, help: &'static str) -> MetricDef {
    MetricDef { kind: Kind::Gauge, ..counter(name, help) }
}

const fn histogram(name: &'static str, help: &'static str) -> MetricDef {
    MetricDef { kind: Kind::Histogram, ..counter(name, help) }
}

impl MetricDef {
    const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    /// As many series as users have topics or groups.
    const fn by_bounded(self, labels: &'static [&'static str]) -> Self {
        Self { labels, is_bounded: true, ..self }
    }

    const fn jmx(self, jmx: &'static str) -> Self {
        Self { jmx, ..self }
    }
}

const PARTITION: &[&str] = &["topic", "partition"];

/// The table, in the order of a scrape.
pub(crate) const METRICS: &[MetricDef] = &[
    gauge("klamm_build_info", "The version of this node; always 1.")
        .by(&["version"])
        .jmx("kafka.server:type=app-info"),
    // Requests.
    counter("klamm_requests_total", "Requests answered, by API and version.")
        .by(&["api", "version"])
        .jmx("kafka.network:type=RequestMetrics,name=RequestsPerSec,request=*,version=*"),
    counter("klamm_request_errors_total", "Errors in responses, by API and error; a response may tell several, one for each partition.")
        .by(&["api", "error"])
        .jmx("kafka.network:type=RequestMetrics,name=ErrorsPerSec,request=*,error=*"),
    counter("klamm_requests_refused_total", "Requests that could not be read, or have no answer; their connection was closed."),
    counter("klamm_request_bytes_total", "Bytes of requests, by API.")
        .by(&["api"])
        .jmx("kafka.network:type=RequestMetrics,name=RequestBytes,request=*"),
    counter("klamm_response_bytes_total", "Bytes of responses, by API.")
        .by(&["api"])
        .jmx("kafka.network:type=SocketServer,name=NetworkProcessor outgoing-byte-rate"),
    histogram("klamm_request_duration_seconds", "From a whole request to its response, by API; waits that the client asked for are part of it.")
        .by(&["api"])
        .jmx("kafka.network:type=RequestMetrics,name=TotalTimeMs,request=*"),
    // Connections and memory.
    gauge("klamm_connections", "Open connections of clients.")
        .jmx("kafka.server:type=socket-server-metrics connection-count"),
    counter("klamm_connections_accepted_total", "Connections of clients that were accepted.")
        .jmx("kafka.server:type=socket-server-metrics connection-creation-total"),
    counter("klamm_connections_refused_total", "Connections that were closed because a limit was reached.")
        .jmx("kafka.network:type=SocketServer,name=ConnectionsRejected"),
    gauge("klamm_request_memory_bytes", "Memory granted to requests that are being read or answered; those of up to 4 KiB need no grant and are not counted.")
        .jmx("kafka.network:type=SocketServer,name=MemoryPoolUsed"),
    gauge("klamm_request_memory_max_bytes", "The budget for it (queued.max.request.bytes).")
        .jmx("kafka.network:type=SocketServer,name=MemoryPoolAvailable"),
    gauge("klamm_fetch_sessions", "Incremental fetch sessions that are open.")
        .jmx("kafka.server:type=FetchSessionCache,name=NumIncrementalFetchSessions"),
    // Topics and partitions.
    gauge("klamm_topics", "Topics of the cluster.")
        .jmx("kafka.controller:type=KafkaController,name=GlobalTopicCount"),
    gauge("klamm_partitions", "Partitions that this node holds.")
        .jmx("kafka.server:type=ReplicaManager,name=PartitionCount"),
    gauge("klamm_partitions_offline", "Partitions of the cluster that nobody leads, or whose log this node cannot use.")
        .jmx("kafka.controller:type=KafkaController,name=OfflinePartitionsCount"),
    gauge("klamm_damaged_batches", "Damaged batches that readers met, and were not given; the node's log names each."),
    counter("klamm_topic_received_records_total", "Records that producers have written, by topic.")
        .by_bounded(&["topic"])
        .jmx("kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec,topic=*"),
    counter("klamm_topic_received_bytes_total", "Bytes of records that producers have written, by topic.")
        .by_bounded(&["topic"])
        .jmx("kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec,topic=*"),
    counter("klamm_topic_sent_bytes_total", "Bytes of records that consumers have read, by topic.")
        .by_bounded(&["topic"])
        .jmx("kafka.server:type=BrokerTopicMetrics,name=BytesOutPerSec,topic=*"),
    gauge("klamm_partition_log_start_offset", "The first offset of the log.")
        .by_bounded(PARTITION)
        .jmx("kafka.log:type=Log,name=LogStartOffset,topic=*,partition=*"),
    gauge("klamm_partition_log_end_offset", "The offset that the next record gets.")
        .by_bounded(PARTITION)
        .jmx("kafka.log:type=Log,name=LogEndOffset,topic=*,partition=*"),
    gauge("klamm_partition_high_watermark", "The end of what is committed, and can be read.")
        .by_bounded(PARTITION)
        .jmx("kafka.cluster:type=Partition,name=LastStableOffsetLag (base)"),
    gauge("klamm_partition_size_bytes", "Bytes of the log's segments.")
        .by_bounded(PARTITION)
        .jmx("kafka.log:type=Log,name=Size,topic=*,partition=*"),
    gauge("klamm_partition_segments", "Segments of the log.")
        .by_bounded(PARTITION)
        .jmx("kafka.log:type=Log,name=NumLogSegments,topic=*,partition=*"),
    // Groups.
    gauge("klamm_groups", "Groups that this node coordinates, by state.")
        .by(&["state"])
        .jmx("kafka.server:type=group-coordinator-metrics group-count"),
    gauge("klamm_group_partitions_silent", "Partitions of __consumer_offsets whose groups are missing on this page, since they are being loaded, cannot be read, or were too busy to answer.")
        .jmx("kafka.server:type=group-coordinator-metrics num-partitions,state=loading"),
    gauge("klamm_group_members", "Members of a group.")
        .by_bounded(&["group"]),
    gauge("klamm_group_committed_offset", "The offset that a group has committed.")
        .by_bounded(&["group", "topic", "partition"]),
    gauge("klamm_group_lag", "Committed records of a partition that the group has not committed as read.")
        .by_bounded(&["group", "topic", "partition"])
        .jmx("kafka.consumer:type=consumer-fetch-manager-metrics records-lag (of clients)"),
    // Disks.
    gauge("klamm_log_folder_usable_bytes", "Bytes that this node may still write to the disk of a folder of log.dirs.")
        .by(&["folder"]),
    gauge("klamm_log_folder_total_bytes", "Bytes of the disk of a folder of log.dirs.")
        .by(&["folder"]),
    gauge("klamm_log_folder_failed", "Whether a folder of log.dirs has failed and takes no more records.")
        .by(&["folder"])
        .jmx("kafka.log:type=LogManager,name=OfflineLogDirectoryCount"),
    histogram("klamm_log_folder_sync_duration_seconds", "How long a sync of a partition's records takes.")
        .by(&["folder"])
        .jmx("kafka.log:type=LogFlushStats,name=LogFlushRateAndTimeMs"),
    // The log cleaner.
    counter("klamm_log_cleaner_runs_total", "Cleanings of a log that reached their end."),
    counter("klamm_log_cleaner_failed_runs_total", "Cleanings of a log that did not."),
    counter("klamm_log_cleaner_read_bytes_total", "Bytes that the log cleaner has read."),
    counter("klamm_log_cleaner_written_bytes_total", "Bytes that the log cleaner has written.")
        .jmx("kafka.log:type=LogCleaner,name=cleaner-recopy-percent (from both)"),
    gauge("klamm_log_cleaner_last_run_seconds", "How long the last cleaning took.")
        .jmx("kafka.log:type=LogCleaner,name=max-clean-time-secs"),
    gauge("klamm_log_cleaner_uncleanable_partitions", "Partitions that cannot be cleaned; the log says why.")
        .jmx("kafka.log:type=LogCleanerManager,name=uncleanable-partitions-count,logDirectory=*"),
    gauge("klamm_log_cleaner_max_dirty_ratio", "The greatest share of uncleaned bytes of any log when it was last looked, from 0 to 1.")
        .jmx("kafka.log:type=LogCleanerManager,name=max-dirty-percent"),
    // The process.
    counter("klamm_clock_jumps_total", "How often the clock of the machine has jumped; see ARCHITECTURE.md, Invariants."),
    counter("process_cpu_seconds_total", "Processor time that this process has used.")
        .jmx("java.lang:type=OperatingSystem ProcessCpuTime"),
    gauge("process_resident_memory_bytes", "Memory that this process has in use.")
        .jmx("java.lang:type=Memory HeapMemoryUsage"),
    gauge("process_open_fds", "Files and sockets that this process has open.")
        .jmx("java.lang:type=OperatingSystem OpenFileDescriptorCount"),
    gauge("process_max_fds", "How many it may have open.")
        .jmx("java.lang:type=OperatingSystem MaxFileDescriptorCount"),
    gauge("process_start_time_seconds", "When this process started, in seconds since 1970 by the clock as it was then.")
        .jmx("java.lang:type=Runtime StartTime"),
    gauge("klamm_metrics_series_left_out", "Series of topics, partitions and groups that are not on this page, since there are more than klamm.http.metrics.series.max, or their names are too long."),
];

/// The text of `docs/metrics.md`.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Metrics\n\n\
         What `/metrics` says, on every address of `klamm.http.listeners`, in Prometheus's text format.\n\
         This file is made from the table in `crates/broker/src/metrics/table.rs`:\n\
         `KLAMM_BLESS=1 cargo test -p broker` writes it anew.\n\n\
         A counter only grows; take `rate()` of it. A histogram has `_bucket`, `_sum` and `_count`; take\n\
         `histogram_quantile()` of the rate of its buckets. Metrics marked * have as many series as there\n\
         are topics, partitions or groups; together they are bounded by `klamm.http.metrics.series.max`, and to\n\
         so many times 320 bytes.\n\n\
         The last column names what Apache Kafka says over JMX, for those who bring dashboards along; it\n\
         is not always the same in every detail.\n\n\
         | name | type | labels | meaning | in Kafka's JMX |\n\
         |---|---|---|---|---|\n",
    );
    for def in METRICS {
        let star = if def.is_bounded { " *" } else { "" };
        let labels: Vec<String> = def.labels.iter().map(|label| format!("`{label}`")).collect();
        let jmx = if def.jmx.is_empty() { String::new() } else { format!("`{}`", def.jmx) };
        text.push_str(&format!(
            "| `{}`{star} | {} | {} | {} | {jmx} |\n",
            def.name,
            def.kind.name(),
            labels.join(", "),
            def.help
        ));
    }
    text.push_str(include_str!("cost.md"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions_of_prometheus() {
        for def in METRICS {
            let MetricDef { name, kind, .. } = def;
            assert!(name.starts_with("klamm_") || name.starts_with("process_"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert_eq!(*kind == Kind::Counter, name.ends_with("_total"), "{name}");
            assert!(*kind != Kind::Histogram || name.ends_with("_seconds"), "{name}");
            assert!(def.help.ends_with('.') && !def.help.contains(['\\', '\n', '|']), "{name}");
            assert_eq!(METRICS.iter().filter(|other| other.name == *name).count(), 1, "{name}");
        }
    }
}
