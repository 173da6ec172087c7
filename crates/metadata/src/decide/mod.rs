//! The controller's decisions: a command and the image go in, records and the answer come out.
//! Nothing here changes an image; a decision whose records are never committed leaves no trace.

mod alter_configs;
mod brokers;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod elect_leaders;
mod leadership;
mod placement;
mod producer_ids;
mod update_features;

use model::Timestamp;

use crate::command::{Command, Response};
use crate::image::MetadataImage;
use crate::record::{ClusterRecord, MetadataRecord};

pub use create_topics::PARTITIONS_PER_REQUEST_MAX;
pub use producer_ids::PRODUCER_ID_BLOCK_SIZE;

/// What the controller's own configuration says about topics. Every controller must be given the
/// same, as in Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControllerDefaults {
    /// `num.partitions`.
    pub partition_count: i32,
    /// `default.replication.factor`.
    pub replication_factor: i16,
    /// `min.insync.replicas` of the controller's file.
    pub min_insync_replicas: i32,
    /// `delete.topic.enable`.
    pub delete_topic_enable: bool,
    /// `klamm.partitions.max`: no client may make the cluster hold more.
    pub partitions_max: usize,
}

impl Default for ControllerDefaults {
    fn default() -> Self {
        Self {
            partition_count: 1,
            replication_factor: 1,
            min_insync_replicas: 1,
            delete_topic_enable: true,
            partitions_max: usize::MAX,
        }
    }
}

/// What a decision may know besides the image.
pub struct DecisionContext<'a> {
    /// The controller's defaults.
    pub defaults: &'a ControllerDefaults,
    /// The time of the decision.
    pub now: Timestamp,
    /// Gives 16 random bytes at each call: ids of topics, where placement begins.
    pub random: &'a mut dyn FnMut() -> [u8; 16],
}

impl std::fmt::Debug for DecisionContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecisionContext").field("now", &self.now).finish_non_exhaustive()
    }
}

/// What the controller decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The records that do it; they are committed together or not at all.
    pub records: Vec<MetadataRecord>,
    /// The answer, to be given once the records are committed.
    pub response: Response,
}

/// Decides one command against an image to which every earlier decision is applied.
pub fn decide(
    image: &MetadataImage,
    command: &Command,
    context: &mut DecisionContext<'_>,
) -> Decision {
    let mut records = Vec::new();
    let out = &mut records;
    let response = match command {
        Command::FormatCluster(command) => {
            let cluster_id = image.cluster_id().unwrap_or(&command.cluster_id).clone();
            if image.cluster_id().is_none() {
                let cluster_id = cluster_id.clone();
                out.push(MetadataRecord::Cluster(ClusterRecord { cluster_id }));
                out.extend(command.records.iter().cloned());
            }
            Response::FormatCluster(cluster_id)
        }
        Command::RegisterBroker(command) => {
            Response::RegisterBroker(brokers::register(image, command, out))
        }
        Command::UnfenceBroker(command) => {
            Response::UnfenceBroker(brokers::unfence(image, command, out))
        }
        Command::FenceBroker(command) => Response::FenceBroker(brokers::fence(image, command, out)),
        Command::ControlledShutdown(command) => {
            Response::ControlledShutdown(brokers::controlled_shutdown(image, command, out))
        }
        Command::UnregisterBroker(command) => {
            Response::UnregisterBroker(brokers::unregister(image, command, out))
        }
        Command::AssignDirectories(command) => {
            Response::AssignDirectories(brokers::assign_directories(image, command, out))
        }
        Command::FailDirectories(command) => {
            Response::FailDirectories(brokers::fail_directories(image, command, out))
        }
        Command::CreateTopics(command) => {
            Response::CreateTopics(create_topics::decide(image, command, context, out))
        }
        Command::DeleteTopics(command) => {
            Response::DeleteTopics(delete_topics::decide(image, command, context, out))
        }
        Command::CreatePartitions(command) => {
            Response::CreatePartitions(create_partitions::decide(image, command, context, out))
        }
        Command::AlterConfigs(command) => {
            Response::AlterConfigs(alter_configs::decide(image, command, out))
        }
        Command::ElectLeaders(command) => {
            Response::ElectLeaders(elect_leaders::decide(image, command, out))
        }
        Command::UpdateFeatures(command) => {
            Response::UpdateFeatures(update_features::decide(image, command, out))
        }
        Command::AllocateProducerIds(command) => {
            Response::AllocateProducerIds(producer_ids::decide(image, command, out))
        }
    };
    Decision { records, response }
}
