//! What can be asked of the controller, and what it answers. Each command is a struct of its own,
//! whose answer's type is [`Request::Answer`]; the [`Command`] and [`Response`] enums carry them
//! through the quorum.

use std::sync::Arc;

use model::{BrokerId, PartitionIndex, ProducerId, TopicId, Uuid};

use crate::broker::{Endpoint, StartKind};
use crate::error::ApiError;
use crate::image::ConfigResource;
use crate::record::MetadataRecord;

/// A command with the type of its answer.
pub trait Request: Into<Command> {
    /// What the controller answers.
    type Answer;

    /// Takes the answer out of the response to this command; `None` for another command's.
    fn answer(response: Response) -> Option<Self::Answer>;
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident => $answer:ty;)*) => {
        /// Something asked of the controller.
        #[derive(Debug, Clone)]
        pub enum Command {
            $($(#[$doc])* $name($name),)*
        }

        /// The controller's answer to the command of the same name.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Response {
            $($(#[$doc])* $name($answer),)*
        }

        $(
            impl From<$name> for Command {
                fn from(command: $name) -> Self {
                    Self::$name(command)
                }
            }

            impl Request for $name {
                type Answer = $answer;

                fn answer(response: Response) -> Option<$answer> {
                    match response {
                        Response::$name(answer) => Some(answer),
                        _ => None,
                    }
                }
            }
        )*
    };
}

commands! {
    /// Form the cluster; the answer is its id, which an earlier command may have set.
    FormatCluster => Arc<str>;
    /// Register a starting broker.
    RegisterBroker => Result<RegisteredBroker, ApiError>;
    /// Let a registered broker lead and serve.
    UnfenceBroker => Result<(), ApiError>;
    /// Take leadership from a broker that is not heard of.
    FenceBroker => Result<(), ApiError>;
    /// Move leadership away from a broker that wants to stop.
    ControlledShutdown => Result<(), ApiError>;
    /// Forget a broker for good.
    UnregisterBroker => Result<(), ApiError>;
    /// Note in which folder a broker keeps replicas.
    AssignDirectories => Result<(), ApiError>;
    /// Take leadership from the replicas in folders that have failed.
    FailDirectories => Result<(), ApiError>;
    /// Create topics.
    CreateTopics => Vec<Result<CreatedTopic, ApiError>>;
    /// Delete topics.
    DeleteTopics => Vec<Result<DeletedTopic, ApiError>>;
    /// Add partitions to topics.
    CreatePartitions => Vec<Result<(), ApiError>>;
    /// Change configurations.
    AlterConfigs => Vec<Result<(), ApiError>>;
    /// Elect leaders of partitions.
    ElectLeaders => Vec<ElectedLeaders>;
    /// Finalize features at other levels.
    UpdateFeatures => Result<(), ApiError>;
    /// Hand out a block of producer ids.
    AllocateProducerIds => Result<ProducerIdBlock, ApiError>;
}

/// Form the cluster with this id, unless it is formed.
#[derive(Debug, Clone)]
pub struct FormatCluster {
    /// The id that a new cluster gets.
    pub cluster_id: Arc<str>,
    /// What a new cluster begins with: the metadata of a Kafka that it takes over.
    pub records: Vec<MetadataRecord>,
}

/// A broker starts. Repeating the command with the same incarnation changes nothing.
#[derive(Debug, Clone)]
pub struct RegisterBroker {
    /// `node.id`.
    pub broker_id: BrokerId,
    /// Drawn at this start.
    pub incarnation_id: Uuid,
    /// The cluster that the broker's folders belong to; `None` when they are empty.
    pub cluster_id: Option<Arc<str>>,
    /// The advertised listeners, the default one first.
    pub endpoints: Vec<Endpoint>,
    /// `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// The ids of the log folders that are online.
    pub directories: Vec<Uuid>,
    /// The boot id or `klamm.machine.id`; zero when unknown.
    pub machine_id: Uuid,
    /// How the last run ended.
    pub start: StartKind,
}

/// The answer to [`RegisterBroker`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredBroker {
    /// The epoch to send with every later request of this run.
    pub broker_epoch: i64,
}

/// The broker is caught up with its own registration and may lead.
#[derive(Debug, Clone)]
pub struct UnfenceBroker {
    /// The broker.
    pub broker_id: BrokerId,
    /// The epoch of its registration.
    pub broker_epoch: i64,
}

/// The broker has not been heard of for a session timeout.
#[derive(Debug, Clone)]
pub struct FenceBroker {
    /// The broker.
    pub broker_id: BrokerId,
    /// The epoch of its registration.
    pub broker_epoch: i64,
}

/// The broker is about to stop. Where another ISR member is active, it leads from now on.
#[derive(Debug, Clone)]
pub struct ControlledShutdown {
    /// The broker.
    pub broker_id: BrokerId,
    /// The epoch of its registration.
    pub broker_epoch: i64,
}

/// The broker will not come back.
#[derive(Debug, Clone)]
pub struct UnregisterBroker {
    /// The broker.
    pub broker_id: BrokerId,
}

/// Where a broker put replicas that had no folder yet.
#[derive(Debug, Clone)]
pub struct AssignDirectories {
    /// The broker.
    pub broker_id: BrokerId,
    /// The epoch of its registration.
    pub broker_epoch: i64,
    /// Partition by partition, the id of the folder.
    pub assignments: Vec<(TopicId, PartitionIndex, Uuid)>,
}

/// Log folders of a running broker have failed: nothing in them is served until it starts again.
#[derive(Debug, Clone)]
pub struct FailDirectories {
    /// The broker.
    pub broker_id: BrokerId,
    /// The epoch of its registration.
    pub broker_epoch: i64,
    /// The ids of the folders.
    pub directories: Vec<Uuid>,
}

/// Create topics, each for itself: one that is refused does not hinder the others.
#[derive(Debug, Clone)]
pub struct CreateTopics {
    /// The topics, answered in this order.
    pub topics: Vec<NewTopic>,
    /// Only say what would happen.
    pub validate_only: bool,
    /// The node itself cannot work without them, so that the bound on what clients may make the
    /// cluster hold does not count. Never set for a client, whatever names it gives.
    pub is_needed_by_node: bool,
}

/// One topic to create.
#[derive(Debug, Clone, Default)]
pub struct NewTopic {
    /// The name.
    pub name: Arc<str>,
    /// How many partitions; -1 for the default, or when `assignments` are given.
    pub partition_count: i32,
    /// How many replicas; -1 for the default, or when `assignments` are given.
    pub replication_factor: i16,
    /// The replicas of each partition, chosen by hand.
    pub assignments: Vec<(PartitionIndex, Vec<BrokerId>)>,
    /// Configurations that differ from the defaults.
    pub configs: Vec<(Arc<str>, Option<Arc<str>>)>,
}

/// A topic that was created, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id.
    pub topic_id: TopicId,
    /// How many partitions it has.
    pub partition_count: i32,
    /// How many replicas each has.
    pub replication_factor: i16,
}

/// Delete topics, each for itself.
#[derive(Debug, Clone)]
pub struct DeleteTopics {
    /// The topics, answered in this order.
    pub topics: Vec<TopicSelector>,
}

/// A topic by its name or by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicSelector {
    /// Whichever topic has this name now.
    Name(Arc<str>),
    /// The topic of this id, and no later one of its name.
    Id(TopicId),
}

/// A topic that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedTopic {
    /// The name it had.
    pub name: Arc<str>,
    /// Its id.
    pub topic_id: TopicId,
}

/// Add partitions to topics, each for itself.
#[derive(Debug, Clone)]
pub struct CreatePartitions {
    /// The topics, answered in this order.
    pub topics: Vec<NewPartitions>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// The partitions to add to one topic.
#[derive(Debug, Clone)]
pub struct NewPartitions {
    /// The topic's name.
    pub topic: Arc<str>,
    /// How many partitions it shall have in all.
    pub count: i32,
    /// The replicas of each new partition, chosen by hand.
    pub assignments: Option<Vec<Vec<BrokerId>>>,
}

/// Change configurations, each resource for itself and as a whole.
#[derive(Debug, Clone)]
pub struct AlterConfigs {
    /// The resources, answered in this order.
    pub resources: Vec<ResourceAlteration>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// The changes to one resource.
#[derive(Debug, Clone)]
pub struct ResourceAlteration {
    /// The resource.
    pub resource: ConfigResource,
    /// What to do with it.
    pub alteration: ConfigAlteration,
}

/// How a resource's configurations change.
#[derive(Debug, Clone)]
pub enum ConfigAlteration {
    /// These values replace all there are (AlterConfigs); what is not named goes back to default.
    Replace(Vec<(Arc<str>, Option<Arc<str>>)>),
    /// Each named value is changed by itself (IncrementalAlterConfigs).
    Incremental(Vec<(Arc<str>, ConfigOperation)>),
}

/// What to do with one configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigOperation {
    /// Set the value.
    Set(Option<Arc<str>>),
    /// Go back to the default.
    Delete,
    /// Add the elements to a list.
    Append(Option<Arc<str>>),
    /// Take the elements out of a list.
    Subtract(Option<Arc<str>>),
}

/// Hand a broker a block of producer ids, which nobody else gets.
#[derive(Debug, Clone)]
pub struct AllocateProducerIds {
    /// The broker.
    pub broker_id: BrokerId,
    /// The epoch of its registration.
    pub broker_epoch: i64,
}

/// A block of producer ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerIdBlock {
    /// The first id of the block.
    pub first: ProducerId,
    /// How many ids it has.
    pub length: i64,
}

/// Give partitions the leader that they should have.
#[derive(Debug, Clone)]
pub struct ElectLeaders {
    /// Which leader that is.
    pub election: Election,
    /// The partitions, answered in this order; `None` for all there are.
    pub partitions: Option<Vec<(Arc<str>, Vec<PartitionIndex>)>>,
}

/// Which leader a partition should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Election {
    /// The first of its replicas.
    Preferred,
    /// Any, where it has none.
    Unclean,
}

/// What became of a topic's partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct ElectedLeaders {
    /// The topic's name.
    pub topic: Arc<str>,
    /// Partition by partition.
    pub partitions: Vec<(PartitionIndex, Result<(), ApiError>)>,
}

/// Finalize features at other levels, together or not at all.
#[derive(Debug, Clone)]
pub struct UpdateFeatures {
    /// The node that is asked, for the words of a refusal.
    pub controller_id: BrokerId,
    /// The features.
    pub updates: Vec<FeatureUpdate>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// The new level of one feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureUpdate {
    /// The feature.
    pub name: Arc<str>,
    /// The level; 0 turns the feature off.
    pub level: i16,
    /// In which direction the level may go; `None` for one that is not known.
    pub change: Option<FeatureChange>,
}

/// In which direction a feature's level may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureChange {
    /// Up only.
    Upgrade,
    /// Down, where nothing is lost.
    SafeDowngrade,
    /// Down, whatever is lost.
    UnsafeDowngrade,
}
