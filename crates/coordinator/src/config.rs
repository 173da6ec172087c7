//! The limits and times that groups obey, each named after Kafka's configuration.

/// How long a member that has just been added may take to send its first heartbeat after the join,
/// so that a client which gave up while it was parked does not hold a group for ever.
pub(crate) const NEW_MEMBER_JOIN_TIMEOUT_MS: i64 = 5 * 60 * 1000;
/// Member ids handed out and not used yet, per group; more are refused as a full group.
pub(crate) const PENDING_MEMBERS_MAX: usize = 10_000;
/// Protocols that one member may offer; clients offer a handful.
pub(crate) const PROTOCOLS_MAX: usize = 128;

/// What an operator can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupConfig {
    /// `group.min.session.timeout.ms`
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`
    pub max_size: i32,
    /// The shard's share of `klamm.groups.max`: a stranger that makes up group ids is stopped here.
    pub groups_max: usize,
    /// `offset.metadata.max.bytes`
    pub offset_metadata_max_bytes: i32,
    /// `offsets.retention.minutes`, in milliseconds
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`
    pub offsets_retention_check_interval_ms: i64,
    /// The largest record that the partition takes (`max.message.bytes` of the offsets topic).
    pub max_record_bytes: usize,
}

impl Default for GroupConfig {
    /// Kafka's defaults.
    fn default() -> Self {
        Self {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            max_size: i32::MAX,
            groups_max: 1_000_000,
            offset_metadata_max_bytes: 4_096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1000,
            offsets_retention_check_interval_ms: 600_000,
            max_record_bytes: 1_048_588,
        }
    }
}

impl GroupConfig {
    /// `group.max.size` as a count.
    pub(crate) fn max_members(&self) -> usize {
        usize::try_from(self.max_size).unwrap_or(0)
    }
}
