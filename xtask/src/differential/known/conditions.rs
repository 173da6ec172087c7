//! What a request must be like for a row of the table.

use crate::differential::value::Value;

/// Whether the request has a field with this name and one of the values, at any depth.
fn has(value: &Value, name: &str, is_wanted: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Value::Struct(fields) => fields
            .iter()
            .any(|(field, value)| field == name && is_wanted(value) || has(value, name, is_wanted)),
        Value::List(elements) => elements.iter().any(|element| has(element, name, is_wanted)),
        _ => false,
    }
}

fn is_empty_text(value: &Value) -> bool {
    *value == Value::Text(String::new())
}

fn is_empty_list(value: &Value) -> bool {
    *value == Value::List(Vec::new())
}

/// There is no such level of isolation.
pub(super) fn unknown_isolation(request: &Value) -> bool {
    has(request, "isolation_level", &|level| ![0, 1].map(Value::Number).contains(level))
}

/// A partition is sent no records at all, not even an empty batch.
pub(super) fn no_records(request: &Value) -> bool {
    has(request, "records", &|records| *records == Value::Null)
}

/// The name of a topic is empty.
pub(super) fn empty_topic_name(request: &Value) -> bool {
    has(request, "name", &is_empty_text)
}

/// A topic of the request has no partitions.
pub(super) fn no_partitions(request: &Value) -> bool {
    has(request, "partitions", &is_empty_list) || has(request, "partition_indexes", &is_empty_list)
}

/// Offsets of no group are asked for.
pub(super) fn no_groups(request: &Value) -> bool {
    request.get("groups").is_some_and(is_empty_list)
}

/// There is no such operation on a configuration.
pub(super) fn unknown_operation(request: &Value) -> bool {
    has(request, "config_operation", &|kind| !(0..4).map(Value::Number).any(|it| it == *kind))
}

/// Some topics are asked for by id, others by name.
pub(super) fn ids_and_names(request: &Value) -> bool {
    let is_id = |id: &Value| matches!(id, Value::TopicId(name) if !name.is_empty());
    let topics = request.get("topics").map(Value::elements).unwrap_or_default();
    let by_id = |topic: &&Value| topic.get("topic_id").is_some_and(is_id);
    topics.iter().any(|topic| by_id(&topic)) && topics.iter().any(|topic| !by_id(&topic))
}

/// Loggers are among the kinds of resources that are asked for.
pub(super) fn loggers(request: &Value) -> bool {
    request.get("resource_types").is_some_and(|kinds| {
        kinds.elements().is_empty() || kinds.elements().contains(&Value::Number(8))
    })
}

/// A partition may bring less than a batch.
pub(super) fn small_partition(request: &Value) -> bool {
    has(request, "partition_max_bytes", &|limit| matches!(limit, Value::Number(..=100)))
}

/// A topic has no id, where only ids say which it is.
pub(super) fn no_topic_id(request: &Value) -> bool {
    has(request, "topic_id", &|id| *id == Value::TopicId(String::new()))
}

/// A topic has neither a name nor an id.
pub(super) fn no_topic(request: &Value) -> bool {
    let topics = request.get("topics").map(Value::elements).unwrap_or_default();
    topics.iter().any(|topic| {
        topic.get("name") == Some(&Value::Null)
            && topic.get("topic_id") == Some(&Value::TopicId(String::new()))
    })
}

/// The name of a topic is empty, or it has neither a name nor an id.
pub(super) fn unnamed_topic(request: &Value) -> bool {
    empty_topic_name(request) || no_topic(request)
}

/// The group is the one to which more metadata is committed than allowed.
pub(super) fn wordy_group(request: &Value) -> bool {
    request.get("group_id") == Some(&Value::Text("wordy".into()))
}

/// Fewer than no offsets are asked for.
pub(super) fn negative_count(request: &Value) -> bool {
    has(request, "max_num_offsets", &|count| matches!(count, Value::Number(..=-1)))
}
