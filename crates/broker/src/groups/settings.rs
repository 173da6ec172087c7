//! What the broker's settings mean to the coordinator.

use std::sync::Arc;

use config::{BrokerSettings, NodeConfig};
use coordinator::GroupConfig;

const INITIAL_REBALANCE_DELAY: &str = "group.initial.rebalance.delay.ms";
const MS_PER_MINUTE: i64 = 60_000;

/// The limits that groups obey. On one node the first rebalance does not wait unless the
/// configuration says so (DESIGN D13).
pub(super) fn group_config(
    node: &NodeConfig,
    settings: &Arc<BrokerSettings>,
    max_message_bytes: usize,
    partition_count: usize,
) -> GroupConfig {
    let delay = settings.group_initial_rebalance_delay_ms;
    let int = |size: usize| i32::try_from(size).unwrap_or(i32::MAX);
    GroupConfig {
        min_session_timeout_ms: settings.group_min_session_timeout_ms,
        max_session_timeout_ms: settings.group_max_session_timeout_ms,
        initial_rebalance_delay_ms: if node.is_set(INITIAL_REBALANCE_DELAY) { delay } else { 0 },
        max_size: int(settings.group_max_size),
        groups_max: settings.groups_max.div_ceil(partition_count.max(1)),
        offset_metadata_max_bytes: int(settings.offset_metadata_max_bytes),
        offsets_retention_ms: settings.offsets_retention_minutes.saturating_mul(MS_PER_MINUTE),
        offsets_retention_check_interval_ms: i64::try_from(
            settings.offsets_retention_check_interval_ms,
        )
        .unwrap_or(i64::MAX),
        max_record_bytes: max_message_bytes,
    }
}
