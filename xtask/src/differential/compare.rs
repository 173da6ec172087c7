//! Two answers, field by field.
//!
//! What must differ between any two clusters (ids, ports, times, the wording of messages) is reduced
//! to what can be compared: whether it is there.

use std::collections::{BTreeMap, BTreeSet};

use super::connection::Answer;
use super::value::{OwnWords, TopicIds, Value};

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

/// Lists all differences of two answers, each with its path with the names of all elements.
pub(super) fn differences(
    api: &str,
    [kafka, klamm]: &[Answer; 2],
    [theirs, ours]: [(&TopicIds, &OwnWords); 2],
) -> BTreeMap<Difference, String> {
    let mut found = Comparison::default();
    match (kafka, klamm) {
        (Answer::Body(kafka), Answer::Body(klamm)) => {
            let theirs = Normal { api, ids: theirs.0, words: theirs.1, is_internal: false };
            let ours = Normal { api, ids: ours.0, words: ours.1, is_internal: false };
            found.value(&Place::default(), &theirs.value("", kafka), &ours.value("", klamm));
        }
        (kafka, klamm) if kafka == klamm => {}
        (kafka, klamm) => {
            found.differs(&Place::default().field("answer"), &describe(kafka), &describe(klamm));
        }
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

/// Reduces everything that must differ between two clusters.
struct Normal<'a> {
    api: &'a str,
    ids: &'a TopicIds,
    words: &'a OwnWords,
    /// Whether this is within what is said of a coordinator's topic.
    is_internal: bool,
}

impl Normal<'_> {
    fn value(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::Struct(fields) => {
                // How long a coordinator's records are is its own affair.
                let internal = Value::Text("__consumer_offsets".into());
                let is_internal = self.is_internal || value.get("name") == Some(&internal);
                let inside = Self { is_internal, ..*self };
                let kept = fields.iter().filter(|(name, _)| !is_dropped(name));
                let one =
                    |(name, value): &(String, Value)| (name.clone(), inside.value(name, value));
                Value::Struct(kept.map(one).collect())
            }
            Value::List(elements) => {
                merged(elements.iter().map(|one| self.value(name, one)).collect())
            }
            Value::Bytes(bytes) if name == "records" => frames(bytes),
            Value::Bytes(bytes) if bytes.len() == 16 => self.topic_name(bytes),
            Value::Text(text) if !text.is_empty() => self.text(name, text),
            Value::Number(0..) if name == "producer_id" => Value::Text("<a producer_id>".into()),
            Value::Number(_) if name == "partition_size" && self.is_internal => {
                Value::Text("<a partition_size>".into())
            }
            Value::Number(1..) if self.is_own(name) => Value::Text(format!("<a {name}>")),
            Value::Number(number) if is_present(*number) => Value::Text("<now>".into()),
            other => other.clone(),
        }
    }

    fn text(&self, name: &str, text: &str) -> Value {
        match self.words.iter().find(|(_, word)| *word == text) {
            Some((known, _)) => Value::Own(known.clone()),
            None if self.is_own(name) => Value::Text(format!("<a {name}>")),
            None => Value::Text(text.to_owned()),
        }
    }

    fn topic_name(&self, id: &[u8]) -> Value {
        if id.iter().all(|byte| *byte == 0) {
            return Value::TopicId(String::new());
        }
        let known = self.ids.iter().find(|(_, known)| known.as_slice() == id);
        Value::TopicId(known.map_or_else(|| "a topic".to_owned(), |(name, _)| name.clone()))
    }

    /// What each cluster has of its own.
    fn is_own(&self, name: &str) -> bool {
        const OWN: [&str; 11] = [
            "cluster_id",
            "error_message",
            "batch_index_error_message",
            "host",
            "client_host",
            "port",
            "log_dir",
            "leader",
            "member_id",
            "session_id",
            "subscription_id",
        ];
        // Their logs of metadata hold other records.
        const OF_QUORUM: [&str; 5] = [
            "high_watermark",
            "log_end_offset",
            "leader_epoch",
            "last_fetch_timestamp",
            "last_caught_up_timestamp",
        ];
        OWN.contains(&name) || self.api == "DescribeQuorum" && OF_QUORUM.contains(&name)
    }
}

/// The elements, those of the same topic as one: Kafka answers some partitions of a fetch first, and
/// names their topic again for the others.
fn merged(elements: Vec<Value>) -> Value {
    let mut merged: Vec<Value> = Vec::new();
    for element in elements {
        let name = identity(&element);
        let first = merged.iter_mut().find(|one| !name.is_empty() && identity(one) == name);
        match (first.and_then(|one| one.get_mut("partitions")), element.get("partitions")) {
            (Some(Value::List(all)), Some(Value::List(more))) => all.extend(more.iter().cloned()),
            _ => merged.push(element),
        }
    }
    Value::List(merged)
}

/// Records as their batches or messages. What follows the last whole one is nothing to a client, and
/// Kafka pads what it converts to the size that it announced before.
fn frames(mut bytes: &[u8]) -> Value {
    let mut frames = Vec::new();
    while let Some(&length) = bytes.get(8..).and_then(|rest| rest.first_chunk()) {
        let size = usize::try_from(i32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let Some((frame, rest)) = bytes.split_at_checked(size.saturating_add(12)) else { break };
        frames.push(Value::Bytes(frame.to_vec()));
        bytes = rest;
    }
    Value::List(frames)
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

/// The way to a field, and the same with the names of all elements.
#[derive(Default, Clone)]
struct Place {
    path: String,
    full: String,
}

impl Place {
    fn field(&self, name: &str) -> Self {
        Self { path: join(&self.path, name), full: join(&self.full, name) }
    }

    /// Elements that are told apart have their name in the path.
    fn element(&self, name: &str) -> Self {
        const TOLD_APART: [&str; 4] = ["configs", "features", "groups", "synonyms"];
        let is_told = TOLD_APART.iter().any(|list| self.path.ends_with(list));
        Self {
            path: format!("{}[{}]", self.path, if is_told { name } else { "" }),
            full: format!("{}[{name}]", self.full),
        }
    }
}

#[derive(Default)]
struct Comparison {
    differences: BTreeMap<Difference, String>,
}

impl Comparison {
    fn differs(&mut self, place: &Place, kafka: &str, klamm: &str) {
        let difference = Difference {
            path: place.path.clone(),
            kafka: kafka.to_owned(),
            klamm: klamm.to_owned(),
        };
        self.differences.entry(difference).or_insert_with(|| place.full.clone());
    }

    fn value(&mut self, place: &Place, kafka: &Value, klamm: &Value) {
        match (kafka, klamm) {
            (Value::Struct(kafka), Value::Struct(klamm)) => self.part(place, kafka, klamm),
            (Value::List(kafka), Value::List(klamm)) => self.list(place, kafka, klamm),
            (kafka, klamm) if kafka == klamm => {}
            (kafka, klamm) => self.differs(place, &short(kafka), &short(klamm)),
        }
    }

    fn part(&mut self, place: &Place, kafka: &[(String, Value)], klamm: &[(String, Value)]) {
        let find = |fields: &[(String, Value)], name: &str| {
            fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
        };
        // With another error everything else differs too, which would be no news.
        let error = "error_code";
        if let (Some(one), Some(other)) = (find(kafka, error), find(klamm, error))
            && one != other
        {
            return self.differs(&place.field(error), &short(&one), &short(&other));
        }
        let names: BTreeSet<&String> = kafka.iter().chain(klamm).map(|(name, _)| name).collect();
        for name in names {
            let place = place.field(name);
            match (find(kafka, name), find(klamm, name)) {
                (Some(kafka), Some(klamm)) => self.value(&place, &kafka, &klamm),
                (Some(kafka), None) => self.differs(&place, &short(&kafka), "absent"),
                (None, Some(klamm)) => self.differs(&place, "absent", &short(&klamm)),
                (None, None) => {}
            }
        }
    }

    /// Elements with the same name are compared with each other, in whatever order they come.
    fn list(&mut self, place: &Place, kafka: &[Value], klamm: &[Value]) {
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
            let place = place.element(&name);
            match pair {
                [Some(kafka), Some(klamm)] => self.value(&place, kafka, klamm),
                [Some(_), None] => self.differs(&place, "an element", "none"),
                [None, Some(_)] => self.differs(&place, "none", "an element"),
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
    let has_name = |name| matches!(element.get(name), Some(Value::Text(text)) if !text.is_empty());
    match element {
        Value::Struct(_) => {
            // The id says nothing more than the name, and is missing beside an error.
            let is_told = |name: &&&str| **name != "topic_id" || !has_name("name");
            let parts = NAMES.iter().filter(is_told).filter_map(|name| element.get(name));
            let parts = parts.map(Value::to_string);
            let parts: Vec<String> = parts.collect();
            match element.get("member_id") {
                Some(member) if parts.is_empty() => member.to_string(),
                _ => parts.join("/"),
            }
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
        let (ids, words) = (TopicIds::new(), OwnWords::new());
        let own = [(&ids, &words); 2];
        let found = differences("", &[answer(kafka), answer(klamm)], own);
        found.into_keys().map(|it| format!("{}: {} -> {}", it.path, it.kafka, it.klamm)).collect()
    }

    #[test]
    fn the_order_of_topics_and_the_wording_of_messages_do_not_count() {
        assert_eq!(
            found(vec![topic("a", 3), topic("b", 0)], vec![topic("b", 0), topic("a", 3)]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_topic_that_is_named_twice_is_one() {
        let part = |index: i64| {
            let index = Value::Struct(vec![("partition".into(), Value::Number(index))]);
            let partitions = ("partitions".into(), Value::List(vec![index]));
            Value::Struct(vec![("name".into(), Value::Text("a".into())), partitions])
        };
        assert_eq!(
            found(vec![part(7), topic("b", 0), part(0)], vec![topic("b", 0), part(0)]),
            ["topics[].partitions[]: an element -> none"]
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
