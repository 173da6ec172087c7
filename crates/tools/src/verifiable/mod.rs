//! Tools for tests of systems: what they do is printed as JSON, an event in each line.

use protocol::{Json, JsonObject};

use crate::failure::Failure;
use crate::output::print;
use crate::time;

pub(crate) mod consumer;
pub(crate) mod producer;

/// One event: its time, its name, and its fields in their order.
fn event(name: &'static str, fields: Vec<(&'static str, Json)>) -> String {
    let mut object = JsonObject::default();
    object.put("timestamp", Json::Number(time::now_ms()));
    object.put("name", Json::Text(name.into()));
    for (field, value) in fields {
        object.put(field, value);
    }
    format!("{}\n", Json::Object(object))
}

/// Prints an event.
fn tell(name: &'static str, fields: Vec<(&'static str, Json)>) -> Result<(), Failure> {
    print(&event(name, fields))
}

fn object(fields: Vec<(&'static str, Json)>) -> Json {
    let mut object = JsonObject::default();
    for (field, value) in fields {
        object.put(field, value);
    }
    Json::Object(object)
}

fn text(value: impl Into<String>) -> Json {
    Json::Text(value.into().into())
}

/// Bytes as text; null where there are none.
fn text_of(bytes: Option<&[u8]>) -> Json {
    bytes.map_or(Json::Null, |bytes| text(String::from_utf8_lossy(bytes)))
}

fn number(value: impl TryInto<i64>) -> Json {
    Json::Number(value.try_into().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line_that_begins_with_time_and_name() {
        let line = event("records_consumed", vec![("count", number(3)), ("key", text_of(None))]);
        let rest = line.strip_prefix("{\"timestamp\":").unwrap();
        let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        assert_eq!(rest, ",\"name\":\"records_consumed\",\"count\":3,\"key\":null}\n");
    }
}
