//! The topic of groups and committed offsets, made when the first client asks for a coordinator.

use std::sync::Arc;

use metadata::{CreateTopics, NewTopic};
use model::{ErrorCode, GROUP_METADATA_TOPIC};
use tracing::{info, warn};

use crate::Broker;

pub(super) async fn create(broker: &Arc<Broker>) -> Result<(), ErrorCode> {
    let settings = broker.settings();
    let config = |key: &str, value: String| (Arc::from(key), Some(Arc::from(value)));
    let topic = NewTopic {
        name: GROUP_METADATA_TOPIC.into(),
        partition_count: settings.offsets_topic_num_partitions,
        replication_factor: settings.offsets_topic_replication_factor,
        configs: vec![
            config("cleanup.policy", "compact".to_owned()),
            config("compression.type", "producer".to_owned()),
            config("segment.bytes", settings.offsets_topic_segment_bytes.to_string()),
        ],
        ..Default::default()
    };
    let command =
        CreateTopics { topics: vec![topic], validate_only: false, is_needed_by_node: true };
    let answers = broker.submit(command).await.map_err(|error| {
        warn!(%error, "cannot create the topic of groups");
        ErrorCode::CoordinatorNotAvailable
    })?;
    match answers.into_iter().next() {
        Some(Ok(created)) => {
            info!(partitions = created.partition_count, "created {GROUP_METADATA_TOPIC}");
            Ok(())
        }
        // Another client was quicker.
        Some(Err(error)) if error.code == ErrorCode::TopicAlreadyExists => Ok(()),
        Some(Err(error)) => {
            warn!(%error, "cannot create the topic of groups");
            Err(ErrorCode::CoordinatorNotAvailable)
        }
        None => Err(ErrorCode::CoordinatorNotAvailable),
    }
}
