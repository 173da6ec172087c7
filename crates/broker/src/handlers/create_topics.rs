//! CreateTopics (key 19), v0-v7.
//! Creates topics, each for itself (KIP-4).
//! - v1: validate only, messages   - v4: -1 stands for the defaults (KIP-464)   - v5: flexible, and
//!   the answer says what the topic has become (KIP-525)   - v7: topic ids (KIP-516)
//!
//! Gaps: none.

use std::sync::Arc;

use metadata::{ApiError, CreateTopics, CreatedTopic, NewTopic};
use protocol::Str;
use protocol::messages::create_topics_request::CreatableTopic;
use protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::{on_the_wire, submit_within};

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    let topics: Vec<NewTopic> = request.topics.iter().map(new_topic).collect();
    let command =
        CreateTopics { topics, validate_only: request.validate_only, is_needed_by_node: false };
    let answer = submit_within(&broker, request.timeout_ms, command).await;
    let results = match answer {
        Ok(results) => results,
        Err(error) => vec![Err(error); request.topics.len()],
    };
    let topics =
        request.topics.iter().zip(results).map(|(topic, it)| result(&broker, topic, it)).collect();
    CreateTopicsResponse { topics, ..Default::default() }
}

fn new_topic(topic: &CreatableTopic) -> NewTopic {
    NewTopic {
        name: topic.name.as_str().into(),
        partition_count: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: topic
            .assignments
            .iter()
            .map(|assignment| (assignment.partition_index, assignment.broker_ids.clone()))
            .collect(),
        configs: topic
            .configs
            .iter()
            .map(|config| {
                let value = config.value.as_ref().map(|value| Arc::from(value.as_str()));
                (Arc::from(config.name.as_str()), value)
            })
            .collect(),
    }
}

fn result(
    broker: &Broker,
    topic: &CreatableTopic,
    result: Result<CreatedTopic, ApiError>,
) -> CreatableTopicResult {
    let (error_code, error_message) = on_the_wire(&result);
    let name = topic.name.clone();
    match result {
        Ok(created) => CreatableTopicResult {
            name,
            topic_id: created.topic_id,
            error_code,
            error_message,
            num_partitions: created.partition_count,
            replication_factor: created.replication_factor,
            configs: Some(configs(broker, topic)),
            ..Default::default()
        },
        Err(_) => CreatableTopicResult {
            name,
            error_code,
            error_message,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
            ..Default::default()
        },
    }
}

fn configs(broker: &Broker, topic: &CreatableTopic) -> Vec<CreatableTopicConfigs> {
    let overrides = topic
        .configs
        .iter()
        .filter_map(|config| Some((config.name.to_string(), config.value.as_ref()?.to_string())))
        .collect();
    let dynamic = broker.partitions().dynamic();
    config::describe_topic(&overrides, broker.node(), &dynamic)
        .into_iter()
        .map(|described| CreatableTopicConfigs {
            name: Str::from_static(described.name),
            value: described.value.map(Str::from),
            read_only: described.read_only,
            config_source: described.source.id(),
            is_sensitive: described.is_sensitive,
        })
        .collect()
}
