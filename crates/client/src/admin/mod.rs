//! Administration: topics, configurations, groups and their offsets, offsets of partitions, the
//! cluster itself. One file per subject; every call retries what may be retried until
//! `default.api.timeout.ms` is over.
//!
//! Calls about several things answer for each of them, in the order in which they were given.

mod cluster_info;
mod configs;
mod elections;
mod features;
mod groups;
mod log_dirs;
mod offsets;
mod reassignments;
mod topics;

pub use cluster_info::{
    ClusterDescription, ClusterNode, EndpointType, QuorumDescription, QuorumListener, QuorumReplica,
};
pub use configs::{
    AlterOperation, ConfigAlteration, ConfigDescription, ConfigEntry, ConfigResource, ConfigSource,
    ConfigSynonym, ResourceType,
};
pub use elections::ElectionType;
pub use features::{FeatureMetadata, UpgradeType};
pub(crate) use groups::assignment_of;
pub use groups::{CommittedOffset, GroupDescription, GroupListing, GroupMember, OffsetToCommit};
pub use log_dirs::{LogDirDescription, LogDirReplica};
pub(crate) use offsets::list_offsets;
pub use offsets::{FoundOffset, OffsetSpec};
pub use reassignments::Reassignment;
pub use topics::NewTopic;

use crate::cluster::Cluster;
use crate::config::ClientConfig;
use crate::error::ClientError;

/// An admin client; clones share its connections.
#[derive(Debug, Clone)]
pub struct Admin {
    cluster: Cluster,
}

impl Admin {
    /// An admin client towards `bootstrap.servers`. Nothing is connected yet.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        Ok(Self { cluster: Cluster::new(config)? })
    }

    /// The cluster's connections and metadata, for requests that have no method here.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn timeout_ms(&self) -> i32 {
        i32::try_from(self.cluster.config().request_timeout.as_millis()).unwrap_or(i32::MAX)
    }
}
