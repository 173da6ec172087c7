//! Two answers, field by field.
//!
//! What must differ between any two clusters (ids, ports, times, the wording of messages) is reduced
//! to what can be compared: whether it is there.

use std::collections::{BTreeMap, BTreeSet};

use super::connection::Answer;
use super::value::{TopicIds, Value};

/// Times this close to now are the present.
const PRESENT_MS: u64 = 86_400_000;

/// A field in which two answers differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// The way to the field, without indexes.
    pub(super) path: String,
    pub(super) kafka: String,
    pub(super) klamm: String,
}

/// Lists all differences of two answers.
pub(super) fn differences(
    (kafka, kafka_ids): (&Answer, &TopicIds),
    (klamm, klamm_ids): (&Answer, &TopicIds),
) -> BTreeSet<Difference> {
    let mut found = Comparison::default();
    match (kafka, klamm) {
        (Answer::Body(kafka), Answer::Body(klamm)) => {
            found.value("", &normal("", kafka, kafka_ids), &normal("", klamm, klamm_ids));
        }
        (kafka, klamm) if kafka == klamm => {}
        (kafka, klamm) => found.differs("answer", &describe(kafka), &describe(klamm)),
    }
    found.differences
}

fn describe(answer: &Answer) -> String {
    match answer {
        Answer::Closed => "closed".to_owned(),
        Answer::Silence => "silence".to_owned(),
        Answer::Undecodable(why) => format!("undecodable: {why}"),
        Answer::Body(value) => match error_code(value) {
            Some(code) => format!("an answer with error {code}"),
            None => "an answer".to_owned(),
        },
    }
}

/// The first error in an answer that is not 0.
fn error_code(value: &Value) -> Option<i64> {
    match value {
        Value::Struct(fields) => fields.iter().find_map(|(name, value)| match value {
            Value::Number(code) if name == "error_code" && *code != 0 => Some(*code),
            value => error_code(value),
        }),
        Value::List(elements) => elements.iter().find_map(error_code),
        _ => None,
    }
}

/// The value with everything reduced that must differ.
fn normal(name: &str, value: &Value, ids: &TopicIds) -> Value {
    match value {
        Value::Struct(fields) => {
            let one = |(name, value): &(String, Value)| (name.clone(), normal(name, value, ids));
            Value::Struct(fields.iter().filter(|(name, _)| !is_dropped(name)).map(one).collect())
        }
        Value::List(elements) => {
            Value::List(elements.iter().map(|one| normal(name, one, ids)).collect())
        }
        Value::Bytes(bytes) if bytes.len() == 16 => topic_name(bytes, ids),
        Value::Text(text) if is_own(name) && !text.is_empty() => Value::Text(format!("<a {name}>")),
        Value::Number(0..) if name == "producer_id" => Value::Text("<a producer_id>".into()),
        Value::Number(number) if is_own(name) && *number > 0 => Value::Text(format!("<a {name}>")),
        Value::Number(number) if is_present(*number) => Value::Text("<now>".into()),
        other => other.clone(),
    }
}

fn topic_name(id: &[u8], ids: &TopicIds) -> Value {
    if id.iter().all(|byte| *byte == 0) {
        return Value::TopicId(String::new());
    }
    let known = ids.iter().find(|(_, known)| known.as_slice() == id);
    Value::TopicId(known.map_or_else(|| "a topic".to_owned(), |(name, _)| name.clone()))
}

fn is_present(number: i64) -> bool {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (now.as_millis() as i64).abs_diff(number) < PRESENT_MS
}

/// What tells nothing about behaviour.
fn is_dropped(name: &str) -> bool {
    ["throttle_time_ms", "documentation", "total_bytes", "usable_bytes"].contains(&name)
}

/// What each cluster has of its own.
fn is_own(name: &str) -> bool {
    const OWN: [&str; 10] = [
        "cluster_id",
        "error_message",
        "batch_index_error_message",
        "host",
        "port",
        "log_dir",
        "leader",
        "member_id",
        "producer_id",
        "session_id",
    ];
    OWN.contains(&name)
}

#[derive(Default)]
struct Comparison {
    differences: BTreeSet<Difference>,
}

impl Comparison {
    fn differs(&mut self, path: &str, kafka: &str, klamm: &str) {
        self.differences.insert(Difference {
            path: path.to_owned(),
            kafka: kafka.to_owned(),
            klamm: klamm.to_owned(),
        });
    }

    fn value(&mut self, path: &str, kafka: &Value, klamm: &Value) {
        match (kafka, klamm) {
            (Value::Struct(kafka), Value::Struct(klamm)) => self.part(path, kafka, klamm),
            (Value::List(kafka), Value::List(klamm)) => self.list(path, kafka, klamm),
            (kafka, klamm) if kafka == klamm => {}
            (kafka, klamm) => self.differs(path, &short(kafka), &short(klamm)),
        }
    }

    fn part(&mut self, path: &str, kafka: &[(String, Value)], klamm: &[(String, Value)]) {
        let find = |fields: &[(String, Value)], name: &str| {
            fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
        };
        // With another error everything else differs too, which would be no news.
        let error = "error_code";
        if let (Some(one), Some(other)) = (find(kafka, error), find(klamm, error))
            && one != other
        {
            return self.differs(&join(path, error), &short(&one), &short(&other));
        }
        let names: BTreeSet<&String> = kafka.iter().chain(klamm).map(|(name, _)| name).collect();
        for name in names {
            match (find(kafka, name), find(klamm, name)) {
                (Some(kafka), Some(klamm)) => self.value(&join(path, name), &kafka, &klamm),
                (Some(kafka), None) => self.differs(&join(path, name), &short(&kafka), "absent"),
                (None, Some(klamm)) => self.differs(&join(path, name), "absent", &short(&klamm)),
                (None, None) => {}
            }
        }
    }

    /// Elements with the same name are compared with each other, in whatever order they come.
    fn list(&mut self, path: &str, kafka: &[Value], klamm: &[Value]) {
        let mut pairs: BTreeMap<(String, usize), [Option<&Value>; 2]> = BTreeMap::new();
        for (side, elements) in [kafka, klamm].into_iter().enumerate() {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for element in elements {
                let name = identity(element);
                let count = seen.entry(name.clone()).or_default();
                pairs.entry((name, *count)).or_default()[side] = Some(element);
                *count += 1;
            }
        }
        for ((name, _), pair) in pairs {
            // Configurations are told apart by name; of topics and partitions it does not matter.
            let is_config = ["configs", "features", "groups", "synonyms", "responses[].partitions"]
                .iter()
                .any(|list| path.ends_with(list));
            let path = if is_config { format!("{path}[{name}]") } else { format!("{path}[]") };
            match pair {
                [Some(kafka), Some(klamm)] => self.value(&path, kafka, klamm),
                [Some(_), None] => self.differs(&path, "an element", "none"),
                [None, Some(_)] => self.differs(&path, "none", "an element"),
                [None, None] => {}
            }
        }
    }
}

/// What an element is called, of which the answer may have several.
pub(super) fn identity(element: &Value) -> String {
    const NAMES: [&str; 11] = [
        "name",
        "topic",
        "topic_id",
        "topic_name",
        "resource_type",
        "resource_name",
        "group_id",
        "key",
        "partition_index",
        "partition",
        "index",
    ];
    match element {
        Value::Struct(_) => {
            let parts = NAMES.iter().filter_map(|name| element.get(name)).map(Value::to_string);
            parts.collect::<Vec<_>>().join("/")
        }
        other => other.to_string(),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn short(value: &Value) -> String {
    match value {
        Value::List(elements) => format!("{} elements", elements.len()),
        Value::Struct(_) => "a struct".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str, error: i64) -> Value {
        Value::Struct(vec![
            ("name".into(), Value::Text(name.into())),
            ("error_code".into(), Value::Number(error)),
            ("error_message".into(), Value::Text(format!("words about {name} and {error}"))),
        ])
    }

    fn found(kafka: Vec<Value>, klamm: Vec<Value>) -> Vec<String> {
        let answer =
            |topics| Answer::Body(Value::Struct(vec![("topics".into(), Value::List(topics))]));
        let ids = TopicIds::new();
        let found = differences((&answer(kafka), &ids), (&answer(klamm), &ids));
        found.into_iter().map(|it| format!("{}: {} -> {}", it.path, it.kafka, it.klamm)).collect()
    }

    #[test]
    fn the_order_of_topics_and_the_wording_of_messages_do_not_count() {
        assert_eq!(
            found(vec![topic("a", 3), topic("b", 0)], vec![topic("b", 0), topic("a", 3)]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn another_error_is_one_difference_and_a_missing_element_is_another() {
        assert_eq!(
            found(vec![topic("a", 3), topic("b", 0)], vec![topic("a", 17)]),
            ["topics[]: an element -> none", "topics[].error_code: 3 -> 17"]
        );
    }
}
