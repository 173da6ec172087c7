//! A broker's own settings, typed: limits, intervals and defaults that are one value each.
//! (What becomes a topic's default is read by `TopicConfig`; listeners and folders by `NodeConfig`.)

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::layers::Layers;
use crate::settings::{Setting, settings};
use crate::table;
use crate::value::split_list;

settings! {
    /// What one broker is configured to do. Read it again when the brokers' dynamic configuration
    /// changes.
    BrokerSettings {
        auto_create_topics_enable: bool = "auto.create.topics.enable",
        broker_rack: Option<String> = "broker.rack",
        connections_max_idle_ms: Option<i64> = "connections.max.idle.ms",
        default_replication_factor: i16 = "default.replication.factor",
        delete_topic_enable: bool = "delete.topic.enable",
        fetch_max_bytes: u32 = "fetch.max.bytes",
        group_initial_rebalance_delay_ms: i32 = "group.initial.rebalance.delay.ms",
        group_max_session_timeout_ms: i32 = "group.max.session.timeout.ms",
        group_max_size: usize = "group.max.size",
        group_min_session_timeout_ms: i32 = "group.min.session.timeout.ms",
        http_metrics_series_max: usize = "klamm.http.metrics.series.max",
        machine_id: Option<String> = "klamm.machine.id",
        groups_max: usize = "klamm.groups.max",
        partitions_max: usize = "klamm.partitions.max",
        sync_interval_ms: u64 = "klamm.sync.interval.ms",
        log_cleaner_backoff_ms: u64 = "log.cleaner.backoff.ms",
        log_cleaner_dedupe_buffer_size: u64 = "log.cleaner.dedupe.buffer.size",
        log_cleaner_enable: bool = "log.cleaner.enable",
        log_cleaner_io_buffer_load_factor: f64 = "log.cleaner.io.buffer.load.factor",
        log_cleaner_io_buffer_size: usize = "log.cleaner.io.buffer.size",
        log_cleaner_io_max_bytes_per_second: f64 = "log.cleaner.io.max.bytes.per.second",
        log_cleaner_threads: usize = "log.cleaner.threads",
        log_flush_offset_checkpoint_interval_ms: u64 = "log.flush.offset.checkpoint.interval.ms",
        log_flush_start_offset_checkpoint_interval_ms: u64 =
            "log.flush.start.offset.checkpoint.interval.ms",
        log_retention_check_interval_ms: u64 = "log.retention.check.interval.ms",
        max_connections: usize = "max.connections",
        max_connections_per_ip: usize = "max.connections.per.ip",
        max_connections_per_ip_overrides: ConnectionsByIp = "max.connections.per.ip.overrides",
        max_incremental_fetch_session_cache_slots: usize =
            "max.incremental.fetch.session.cache.slots",
        max_request_partition_size_limit: usize = "max.request.partition.size.limit",
        num_partitions: i32 = "num.partitions",
        num_recovery_threads_per_data_dir: usize = "num.recovery.threads.per.data.dir",
        offset_metadata_max_bytes: usize = "offset.metadata.max.bytes",
        offsets_commit_timeout_ms: u64 = "offsets.commit.timeout.ms",
        offsets_retention_check_interval_ms: u64 = "offsets.retention.check.interval.ms",
        offsets_retention_minutes: i64 = "offsets.retention.minutes",
        offsets_topic_num_partitions: i32 = "offsets.topic.num.partitions",
        offsets_topic_replication_factor: i16 = "offsets.topic.replication.factor",
        offsets_topic_segment_bytes: u32 = "offsets.topic.segment.bytes",
        producer_id_expiration_ms: i64 = "producer.id.expiration.ms",
        queued_max_request_bytes: Option<u64> = "queued.max.request.bytes",
        replica_alter_log_dirs_io_max_bytes_per_second: u64 =
            "replica.alter.log.dirs.io.max.bytes.per.second",
        replica_high_watermark_checkpoint_interval_ms: u64 =
            "replica.high.watermark.checkpoint.interval.ms",
        socket_listen_backlog_size: u32 = "socket.listen.backlog.size",
        socket_receive_buffer_bytes: Option<usize> = "socket.receive.buffer.bytes",
        socket_request_max_bytes: usize = "socket.request.max.bytes",
        socket_send_buffer_bytes: Option<usize> = "socket.send.buffer.bytes",
        telemetry_max_bytes: i32 = "telemetry.max.bytes",
    }
}

impl BrokerSettings {
    pub(crate) fn resolve(layers: Layers<'_>) -> Self {
        Self::read(
            |key| table::broker(key).and_then(|def| layers.first(def)),
            |key| table::broker(key).and_then(|def| def.default),
        )
    }
}

/// How many connections single addresses may have open at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionsByIp(BTreeMap<IpAddr, usize>);

impl ConnectionsByIp {
    /// Reads `address:number,address:number`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bound = |pair: &str| {
            let (address, number) = pair.rsplit_once(':')?;
            let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
            Some((address, number.trim().parse().ok()?))
        };
        split_list(text).map(bound).collect::<Option<_>>().map(Self)
    }

    /// The bound of one address, if it has its own.
    pub fn of(&self, address: IpAddr) -> Option<usize> {
        self.0.get(&address).copied()
    }

    /// Every address with its bound.
    pub fn iter(&self) -> impl Iterator<Item = (IpAddr, usize)> + '_ {
        self.0.iter().map(|(address, number)| (*address, *number))
    }
}

impl Setting for ConnectionsByIp {
    fn read(text: Option<&str>) -> Option<Self> {
        Self::parse(text?)
    }
}
