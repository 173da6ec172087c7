//! One file per API key, and the table of them all in the order of the keys.

pub(crate) mod api_versions;
pub(crate) mod describe_topic_partitions;
mod fetch;
mod init_producer_id;
mod list_offsets;
pub(crate) mod metadata;
mod offset_for_leader_epoch;
mod produce;

use crate::dispatch::Api;

/// What this node serves. A version range that is stated here is served as a whole.
pub(crate) fn table() -> Vec<Api> {
    vec![
        Api::silent(3..=13, produce::handle),
        Api::new(4..=18, fetch::handle),
        Api::new(0..=11, list_offsets::handle),
        Api::new(0..=13, metadata::handle),
        Api::new(0..=5, api_versions::handle),
        Api::new(0..=5, init_producer_id::handle),
        Api::new(0..=4, offset_for_leader_epoch::handle),
        Api::new(0..=0, describe_topic_partitions::handle),
    ]
}
