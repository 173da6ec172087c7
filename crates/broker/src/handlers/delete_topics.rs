//! DeleteTopics (key 20), v0-v6.
//! Deletes topics, each for itself, at once (KIP-4).
//! - v4: flexible   - v5: messages   - v6: by topic id (KIP-516)
//!
//! Before v3 a client does not know TOPIC_DELETION_DISABLED and gets INVALID_REQUEST.
//! Gaps: none.

use std::sync::Arc;

use metadata::{ApiError, DeleteTopics, DeletedTopic, TopicSelector};
use model::{ErrorCode, TopicId};
use protocol::Str;
use protocol::messages::delete_topics_response::DeletableTopicResult;
use protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::{on_the_wire, submit_within};

/// The first version whose clients know TOPIC_DELETION_DISABLED.
const DISABLED_SINCE: i16 = 3;
/// The first version in which a topic without a name can be answered.
const NAME_NULLABLE_SINCE: i16 = 6;

/// One topic as the request names it.
struct Named {
    name: Option<Str>,
    id: TopicId,
}

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let by_name = request
        .topic_names
        .into_iter()
        .map(|name| Named { name: Some(name), id: TopicId::default() });
    let either =
        request.topics.into_iter().map(|topic| Named { name: topic.name, id: topic.topic_id });
    let named: Vec<Named> = by_name.chain(either).collect();
    let (asked, contradictory): (Vec<Named>, Vec<Named>) =
        named.into_iter().partition(|it| it.name.is_none() || it.id.is_zero());
    let topics = asked
        .iter()
        .map(|it| match &it.name {
            Some(name) => TopicSelector::Name(name.as_str().into()),
            None => TopicSelector::Id(it.id),
        })
        .collect();
    let answer = submit_within(&broker, request.timeout_ms, DeleteTopics { topics }).await;
    let results = match answer {
        Ok(results) => results,
        Err(error) => vec![Err(error); asked.len()],
    };
    let refused = contradictory.into_iter().map(|it| {
        let message = "a topic is named either by its name or by its id, not by both";
        (it, Err(ApiError::new(ErrorCode::InvalidRequest, message)))
    });
    let responses = asked
        .into_iter()
        .zip(results)
        .chain(refused)
        .map(|(named, result)| respond(named, result, context.version))
        .collect();
    DeleteTopicsResponse { responses, ..Default::default() }
}

fn respond(
    named: Named,
    result: Result<DeletedTopic, ApiError>,
    version: i16,
) -> DeletableTopicResult {
    let (mut error_code, error_message) = on_the_wire(&result);
    if error_code == ErrorCode::TopicDeletionDisabled.code() && version < DISABLED_SINCE {
        error_code = ErrorCode::InvalidRequest.code();
    }
    let (name, topic_id) = match result {
        Ok(deleted) => (Some(Str::from(&*deleted.name)), deleted.topic_id),
        Err(_) => (named.name, named.id),
    };
    let name = if version < NAME_NULLABLE_SINCE { Some(name.unwrap_or_default()) } else { name };
    DeletableTopicResult { name, topic_id, error_code, error_message }
}
