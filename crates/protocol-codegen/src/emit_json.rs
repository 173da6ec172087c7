//! From schemas to `ToJson`, for what is stored: Kafka's tools print these records as JSON, so the
//! names and the order of fields are those of the protocol guide.

use std::fmt::Write;

use crate::emit::{condition, identifier, set_condition, starts_later};
use crate::schema::{Message, Struct};

/// `leader_epoch` as `leaderEpoch`; `KRaft` is the one word with a capital inside.
fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for (index, word) in name.replace("kraft", "kRaft").split('_').enumerate() {
        let mut letters = word.chars();
        if index > 0 {
            camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        }
        camel.extend(letters);
    }
    camel
}

/// The implementation for one struct. A tagged field is left out when it has its default.
pub(crate) fn emit_json(out: &mut String, message: &Message, part: &Struct) {
    let mut body = String::new();
    for field in &part.fields {
        let (json, name) = (camel_case(&field.name), identifier(field));
        let set = format!("o.set(\"{json}\", &self.{name}, v);");
        let mut conditions = Vec::new();
        let late = field.versions != part.versions;
        if late && (field.tag.is_none() || starts_later(message, field, part)) {
            conditions.push(condition(&field.versions, &part.versions));
        }
        if field.tag.is_some() {
            conditions.push(set_condition(field));
        }
        let _ = match conditions[..] {
            [] => writeln!(body, "{set}"),
            _ => writeln!(body, "if {} {{ {set} }}", conditions.join(" && ")),
        };
    }
    let (version, object) =
        if part.fields.is_empty() { ("_", "let o") } else { ("v", "let mut o") };
    let _ = writeln!(
        out,
        "impl ToJson for {} {{\nfn to_json(&self, {version}: i16) -> Json {{\n\
         {object} = JsonObject::default();\n{body}Json::Object(o)\n}}\n}}\n",
        part.name
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_json_are_those_of_the_protocol_guide() {
        for (ours, theirs) in [
            ("offset", "offset"),
            ("last_known_elr", "lastKnownElr"),
            ("kraft_version", "kRaftVersion"),
        ] {
            assert_eq!(camel_case(ours), theirs);
        }
    }
}
