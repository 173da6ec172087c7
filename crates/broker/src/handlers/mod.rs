//! One file per API key, and the table of them all in the order of the keys.

mod admin;
mod alter_configs;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
pub(crate) mod api_versions;
mod create_partitions;
mod create_topics;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
pub(crate) mod describe_topic_partitions;
mod elect_leaders;
mod fetch;
mod find_coordinator;
mod get_telemetry_subscriptions;
mod group_words;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
pub(crate) mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod once;
mod operations;
mod produce;
mod push_telemetry;
mod sync_group;
mod update_features;

use crate::dispatch::Api;

/// What this node serves. A version range that is stated here is served as a whole.
pub(crate) fn table() -> Vec<Api> {
    vec![
        Api::silent(0..=13, produce::handle),
        Api::new(0..=18, fetch::handle),
        Api::new(0..=11, list_offsets::handle),
        Api::new(0..=13, metadata::handle),
        Api::new(0..=10, offset_commit::handle),
        Api::new(0..=10, offset_fetch::handle),
        Api::new(0..=6, find_coordinator::handle),
        Api::new(0..=9, join_group::handle),
        Api::new(0..=4, heartbeat::handle),
        Api::new(0..=5, leave_group::handle),
        Api::new(0..=5, sync_group::handle),
        Api::new(0..=6, describe_groups::handle),
        Api::new(0..=5, list_groups::handle),
        Api::new(0..=5, api_versions::handle),
        Api::new(0..=7, create_topics::handle),
        Api::new(0..=6, delete_topics::handle),
        Api::new(0..=2, delete_records::handle),
        Api::new(0..=5, init_producer_id::handle),
        Api::new(0..=4, offset_for_leader_epoch::handle),
        Api::new(0..=4, describe_configs::handle),
        Api::new(0..=2, alter_configs::handle),
        Api::new(0..=2, alter_replica_log_dirs::handle),
        Api::new(0..=5, describe_log_dirs::handle),
        Api::new(0..=3, create_partitions::handle),
        Api::new(0..=3, delete_groups::handle),
        Api::new(0..=2, elect_leaders::handle),
        Api::new(0..=1, incremental_alter_configs::handle),
        Api::new(0..=1, alter_partition_reassignments::handle),
        Api::new(0..=0, list_partition_reassignments::handle),
        Api::new(0..=0, offset_delete::handle),
        Api::new(0..=2, describe_quorum::handle),
        Api::new(0..=2, update_features::handle),
        Api::new(0..=2, describe_cluster::handle),
        Api::new(0..=0, describe_producers::handle),
        Api::new(0..=0, get_telemetry_subscriptions::handle),
        Api::new(0..=0, push_telemetry::handle),
        Api::new(0..=1, list_config_resources::handle),
        Api::new(0..=0, describe_topic_partitions::handle),
    ]
}
