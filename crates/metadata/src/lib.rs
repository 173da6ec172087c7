//! The cluster's metadata: which brokers, topics, partitions and configurations there are.
//!
//! Three things, in the order in which a change passes them:
//! 1. a [`Command`] says what somebody wants;
//! 2. [`decide()`] looks at the [`MetadataImage`], which it cannot change, and gives the
//!    [`MetadataRecord`]s that would do it, and the answer;
//! 3. once the records are committed, [`MetadataImage::replay`] alone changes the image, and notes
//!    in a [`MetadataDelta`] what changed, so that a broker can react.
//!
//! A restart, a snapshot and a learner take the same path (3). Invariant: this crate reads no
//! clock, no file and no random source; time and random bytes are arguments. The rules that every
//! image obeys have names in [`invariants`].

mod broker;
mod command;
mod configs;
mod decide;
mod delta;
mod error;
mod features;
mod image;
pub mod invariants;
mod record;
mod replay;
mod topic;

pub use broker::{BrokerRegistration, Endpoint, StartKind};
pub use command::{
    AllocateProducerIds, AlterConfigs, AssignDirectories, Command, ConfigAlteration,
    ConfigOperation, ControlledShutdown, CreatePartitions, CreateTopics, CreatedTopic,
    DeleteTopics, DeletedTopic, ElectLeaders, ElectedLeaders, Election, FailDirectories,
    FeatureChange, FeatureUpdate, FenceBroker, FormatCluster, NewPartitions, NewTopic,
    ProducerIdBlock, RegisterBroker, RegisteredBroker, Request, ResourceAlteration, Response,
    TopicSelector, UnfenceBroker, UnregisterBroker, UpdateFeatures,
};
pub use decide::{
    ControllerDefaults, Decision, DecisionContext, PARTITIONS_PER_REQUEST_MAX,
    PRODUCER_ID_BLOCK_SIZE, decide,
};
pub use delta::MetadataDelta;
pub use error::{ApiError, ReplayError};
pub use features::{SUPPORTED_FEATURES, SupportedFeature};
pub use image::{ConfigResource, ConfigValues, MetadataImage, ResourceType};
pub use record::{BrokerMachineRecord, ClusterRecord, CountersRecord, MetadataRecord, RecordError};
pub use topic::{PartitionImage, TopicImage};

#[cfg(test)]
mod tests;
