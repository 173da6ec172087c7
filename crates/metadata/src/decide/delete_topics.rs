//! DeleteTopics. Deleting is immediate: the topic is gone from the image with the record, and
//! brokers delete its files when they see that.

use std::collections::{BTreeMap, BTreeSet};

use model::{ErrorCode, TopicId};
use protocol::data::RemoveTopicRecord;

use super::DecisionContext;
use crate::command::{DeleteTopics, DeletedTopic, TopicSelector};
use crate::error::ApiError;
use crate::image::MetadataImage;
use crate::record::MetadataRecord;

pub(super) fn decide(
    image: &MetadataImage,
    command: &DeleteTopics,
    context: &DecisionContext<'_>,
    records: &mut Vec<MetadataRecord>,
) -> Vec<Result<DeletedTopic, ApiError>> {
    let mut named: BTreeMap<&TopicSelector, usize> = BTreeMap::new();
    for selector in &command.topics {
        *named.entry(selector).or_default() += 1;
    }
    let mut deleted: BTreeSet<TopicId> = BTreeSet::new();
    command
        .topics
        .iter()
        .map(|selector| {
            if !context.defaults.delete_topic_enable {
                return Err(ApiError::new(
                    ErrorCode::TopicDeletionDisabled,
                    "topics cannot be deleted on this cluster; to allow it, set \
                     delete.topic.enable=true and restart",
                ));
            }
            if named.get(selector).is_some_and(|count| *count > 1) {
                return Err(ApiError::new(
                    ErrorCode::InvalidRequest,
                    "the topic is named more than once in the request",
                ));
            }
            let topic = find(image, selector)?;
            if !deleted.insert(topic.topic_id) {
                return Err(ApiError::new(
                    ErrorCode::InvalidRequest,
                    "the topic is named both by its name and by its id",
                ));
            }
            records.push(RemoveTopicRecord { topic_id: topic.topic_id }.into());
            Ok(topic)
        })
        .collect()
}

fn find(image: &MetadataImage, selector: &TopicSelector) -> Result<DeletedTopic, ApiError> {
    match selector {
        TopicSelector::Name(name) => match image.topic(name) {
            Some(topic) => Ok(DeletedTopic { name: topic.name.clone(), topic_id: topic.id }),
            None => Err(ApiError::new(
                ErrorCode::UnknownTopicOrPartition,
                format!("there is no topic `{name}`"),
            )),
        },
        TopicSelector::Id(id) if id.is_zero() => Err(ApiError::new(
            ErrorCode::InvalidRequest,
            "neither a topic's name nor its id is given",
        )),
        TopicSelector::Id(id) => match image.topic_name(*id) {
            Some(name) => Ok(DeletedTopic { name: name.clone(), topic_id: *id }),
            None => Err(ApiError::new(
                ErrorCode::UnknownTopicId,
                format!("there is no topic of id {id}"),
            )),
        },
    }
}
