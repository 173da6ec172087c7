//! From schemas to Rust. The generated code is as plain and as little as can be: for each struct its
//! fields, what it defaults to, and one line per field for reading and for writing; everything that
//! can be shared lies in the runtime of the protocol crate.

use std::fmt::Write;

use crate::emit_json::emit_json;
use crate::schema::{Field, Message, Role, Struct, Type, Versions};

/// What every generated file begins with.
pub(crate) const HEADER: &str =
    "//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.\n\n";

/// Words that need the raw form as a field's name.
const KEYWORDS: &[&str] = &["type", "match", "ref", "move", "in", "final", "override"];

/// `FetchRequest` as `fetch_request`.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let after_lower = index > 0 && !letters[index - 1].is_uppercase();
        let before_lower = letters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let in_acronym = letter.is_uppercase() && index > 0 && (after_lower || before_lower);
        // `KRaft` is one word.
        if in_acronym && !(index == 1 && name.starts_with("KRaft")) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// The file of one message.
pub(crate) fn message_file(message: &Message, api: Option<&str>) -> String {
    let mut out = String::from(HEADER);
    out.push_str("use crate::prelude::*;\n\n");
    for (index, part) in message.structs.iter().enumerate() {
        let doc = if index == 0 {
            describe(message, api)
        } else {
            format!("Part of [`{}`].", message.name)
        };
        emit_struct(&mut out, message, part, &doc);
        if api.is_none() {
            emit_json(&mut out, message, part);
        }
    }
    emit_message(&mut out, message, api);
    out
}

fn describe(message: &Message, api: Option<&str>) -> String {
    let (first, last) = (message.versions.start(), message.versions.end());
    let what = match message.role {
        Role::Request(key) => format!("The request of {} (key {key})", api.unwrap_or_default()),
        Role::Response(key) => format!("The response of {} (key {key})", api.unwrap_or_default()),
        Role::Record(kind) => format!("A record of type {kind}"),
        Role::Data => "Stored or embedded data".to_owned(),
    };
    let versions = if first == last { format!("v{first}") } else { format!("v{first} to v{last}") };
    match message.flexible_since {
        Some(since) => format!("{what}, {versions}, flexible from v{since}."),
        None => format!("{what}, {versions}."),
    }
}

fn emit_struct(out: &mut String, message: &Message, part: &Struct, doc: &str) {
    let plain = part.fields.iter().all(|field| default_value(field) == "Default::default()");
    let default = if plain { ", Default" } else { "" };
    let _ = writeln!(
        out,
        "/// {doc}\n#[derive(Debug, Clone, PartialEq{default})]\npub struct {} {{",
        part.name
    );
    for field in &part.fields {
        if let Some(doc) = field_doc(field, &part.versions) {
            let _ = writeln!(out, "/// {doc}");
        }
        let _ = writeln!(out, "pub {}: {},", identifier(field), rust_type(field));
    }
    out.push_str("}\n\n");
    if !plain {
        let _ = writeln!(out, "impl Default for {} {{ fn default() -> Self {{ Self {{", part.name);
        for field in &part.fields {
            let _ = writeln!(out, "{}: {},", identifier(field), default_value(field));
        }
        out.push_str("} } }\n\n");
    }
    let _ = writeln!(
        out,
        "impl Wire for {} {{\nconst SIZE_MIN: usize = {};\n",
        part.name,
        size_min(message, part)
    );
    emit_get(out, message, part);
    emit_put(out, message, part);
    out.push_str("}\n\n");
}

fn emit_get(out: &mut String, message: &Message, part: &Struct) {
    let tagged: Vec<&Field> = part.fields.iter().filter(|field| field.tag.is_some()).collect();
    let flexible = has_flexible(message, part);
    let reader = if part.fields.is_empty() && !flexible { "_" } else { "r" };
    let _ = writeln!(out, "fn get({reader}: &mut Reader) -> Result<Self, DecodeError> {{");
    let mut body = String::new();
    for field in part.fields.iter().filter(|field| field.tag.is_none()) {
        let name = identifier(field);
        let read = if field.inflexible { "r.get_inflexible()?" } else { "r.get()?" };
        let value = match partial_null(field) {
            Some(nullable) => format!(
                "if {} {{ {read} }} else {{ Some({read}) }}",
                condition(&nullable, &field.versions)
            ),
            None => read.to_owned(),
        };
        if field.versions == part.versions {
            let _ = writeln!(body, "m.{name} = {value};");
        } else {
            let when = condition(&field.versions, &part.versions);
            let _ = writeln!(body, "if {when} {{ m.{name} = {value}; }}");
        }
    }
    if flexible && tagged.is_empty() {
        body.push_str("r.tags(&mut |_, _| Ok(false))?;\n");
    } else if flexible {
        body.push_str("r.tags(&mut |r, tag| { match tag {\n");
        for field in tagged {
            let (tag, name) = (field.tag.unwrap_or_default(), identifier(field));
            let guard = if starts_later(message, field, part) {
                format!(" if {}", condition(&field.versions, &part.versions))
            } else {
                String::new()
            };
            let _ = writeln!(body, "{tag}{guard} => m.{name} = r.get()?,");
        }
        body.push_str("_ => return Ok(false), } Ok(true) })?;\n");
    }
    if uses_version(&body) {
        out.push_str("let v = r.version();\n");
    }
    let mutable = if body.contains("m.") { "mut " } else { "" };
    let _ = writeln!(out, "let {mutable}m = Self::default();\n{body}Ok(m)\n}}\n");
}

fn emit_put(out: &mut String, message: &Message, part: &Struct) {
    let flexible = has_flexible(message, part);
    let mut body = String::new();
    for field in part.fields.iter().filter(|field| field.tag.is_none()) {
        let name = identifier(field);
        let plain = if field.inflexible {
            format!("w.put_inflexible(&self.{name})?;")
        } else if is_error_code(message, field) {
            format!("w.error_code(self.{name})?;")
        } else {
            format!("self.{name}.put(w)?;")
        };
        let write = match partial_null(field) {
            Some(nullable) => format!(
                "if {} {{ {plain} }} else {{ w.required(&self.{name}, \"{}\")?; }}",
                condition(&nullable, &field.versions),
                field.name
            ),
            None => plain,
        };
        if field.versions == part.versions {
            let _ = writeln!(body, "{write}");
        } else {
            let when = condition(&field.versions, &part.versions);
            let _ = writeln!(body, "if {when} {{ {write} }}{}", absent(field));
        }
    }
    for field in part.fields.iter().filter(|field| field.tag.is_some() && !field.ignorable) {
        if field.versions != part.versions {
            let lacking = outside(&field.versions, &part.versions);
            let set = set_condition(field);
            let _ = writeln!(body, "w.absent({lacking} && {set}, \"{}\")?;", field.name);
        }
    }
    if flexible {
        emit_put_tags(&mut body, message, part);
    }
    let writer = if body.is_empty() { "_" } else { "w" };
    let _ = writeln!(out, "fn put(&self, {writer}: &mut Writer) -> Result<(), EncodeError> {{");
    if uses_version(&body) {
        out.push_str("let v = w.version();\n");
    }
    match body.trim_end().strip_suffix("?;") {
        Some(last)
            if !last.ends_with('}')
                && part.fields.iter().all(|field| field.tag.is_none())
                && flexible =>
        {
            let _ = writeln!(out, "{last}\n}}");
        }
        _ => {
            let _ = writeln!(out, "{body}Ok(())\n}}");
        }
    }
}

fn emit_put_tags(body: &mut String, message: &Message, part: &Struct) {
    let mut tagged: Vec<&Field> = part.fields.iter().filter(|field| field.tag.is_some()).collect();
    tagged.sort_by_key(|field| field.tag);
    body.push_str("w.tags(&[\n");
    for field in tagged {
        let name = identifier(field);
        let mut set = set_condition(field);
        if starts_later(message, field, part) {
            set = format!("{} && {set}", condition(&field.versions, &part.versions));
        }
        let put = if field.is_option() && matches!(field.kind, Type::Struct(_)) {
            format!("put_tagged_struct(&self.{name}, w)")
        } else {
            format!("self.{name}.put(w)")
        };
        let _ = writeln!(body, "({}, {set}, &|w| {put}),", field.tag.unwrap_or_default());
    }
    body.push_str("])?;\n");
}

fn emit_message(out: &mut String, message: &Message, api: Option<&str>) {
    let (name, first, last) = (&message.name, message.versions.start(), message.versions.end());
    let _ = writeln!(
        out,
        "impl Message for {name} {{\nconst NAME: &'static str = \"{name}\";\n\
         const VERSIONS: RangeInclusive<i16> = {first}..={last};\n\
         const FLEXIBLE_SINCE: Option<i16> = {:?};\n}}\n",
        message.flexible_since
    );
    match message.role {
        Role::Request(_) => {
            let api = api.unwrap_or_default();
            let _ = writeln!(
                out,
                "impl Request for {name} {{\nconst KEY: ApiKey = ApiKey::{api};\n\
                 type Response = super::{api}Response;\n}}"
            );
        }
        Role::Record(kind) => {
            let _ = writeln!(out, "impl Record for {name} {{\nconst TYPE: i16 = {kind};\n}}");
        }
        Role::Response(_) | Role::Data => {}
    }
}

/// Whether a response tells an error, or that there is none, in this field.
fn is_error_code(message: &Message, field: &Field) -> bool {
    matches!(message.role, Role::Response(_))
        && field.name.ends_with("error_code")
        && field.nullable.is_none()
}

fn has_flexible(message: &Message, part: &Struct) -> bool {
    message.is_flexible(*part.versions.end())
}

/// Whether a struct occurs in flexible versions that lack the tagged field.
pub(crate) fn starts_later(message: &Message, field: &Field, part: &Struct) -> bool {
    let flexible_since = message.flexible_since.unwrap_or(0).max(*part.versions.start());
    *field.versions.start() > flexible_since || field.versions.end() < part.versions.end()
}

/// The versions in which a field may be null, when these are not all that it has.
fn partial_null(field: &Field) -> Option<Versions> {
    field.nullable.clone().filter(|nullable| field.is_option() && *nullable != field.versions)
}

fn uses_version(body: &str) -> bool {
    ["v < ", "v > "].iter().any(|test| body.contains(test))
        || body.contains("v >=")
        || body.contains("v <=")
        || body.contains("v ==")
        || body.contains("(&v)")
}

/// The test whether `v`, known to lie within `outer`, lies within `inner`.
pub(crate) fn condition(inner: &Versions, outer: &Versions) -> String {
    let (first, last) = (inner.start(), inner.end());
    match (first == outer.start(), last == outer.end()) {
        _ if first == last && first != outer.start() && last != outer.end() => {
            format!("v == {first}")
        }
        (false, true) => format!("v >= {first}"),
        (true, false) => format!("v <= {last}"),
        _ => format!("({first}..={last}).contains(&v)"),
    }
}

/// The test whether `v`, known to lie within `outer`, lies outside `inner`.
fn outside(inner: &Versions, outer: &Versions) -> String {
    match (inner.start() == outer.start(), inner.end() == outer.end()) {
        (_, true) => format!("v < {}", inner.start()),
        (true, _) => format!("v > {}", inner.end()),
        _ => format!("!{}", condition(inner, outer)),
    }
}

fn absent(field: &Field) -> String {
    if field.ignorable {
        return String::new();
    }
    format!(" else {{ w.absent({}, \"{}\")?; }}", set_condition(field), field.name)
}

pub(crate) fn identifier(field: &Field) -> String {
    let raw = if KEYWORDS.contains(&field.name.as_str()) { "r#" } else { "" };
    format!("{raw}{}", field.name)
}

fn rust_type(field: &Field) -> String {
    let plain = plain_type(&field.kind);
    if field.is_option() { format!("Option<{plain}>") } else { plain }
}

fn plain_type(kind: &Type) -> String {
    match kind {
        Type::Fixed(fixed) => fixed.rust.to_owned(),
        Type::String => "Str".to_owned(),
        Type::Bytes => "Bytes".to_owned(),
        Type::Records => "Records".to_owned(),
        Type::Struct(name) => name.clone(),
        Type::Array(element) => format!("Vec<{}>", plain_type(element)),
    }
}

fn default_value(field: &Field) -> String {
    match (&field.default, &field.kind) {
        (None, _) => "Default::default()".to_owned(),
        (Some(value), Type::Fixed(fixed)) if fixed.newtype => {
            format!("{}::new({value})", fixed.rust)
        }
        (Some(value), Type::Fixed(_)) => value.clone(),
        (Some(_), _) => "Some(Default::default())".to_owned(),
    }
}

/// The test whether a field differs from its default.
pub(crate) fn set_condition(field: &Field) -> String {
    let name = identifier(field);
    match (&field.default, &field.kind) {
        (None, _) if field.is_option() => format!("self.{name}.is_some()"),
        (Some(_), kind) if field.is_option() => {
            format!(
                "self.{name} != Some({})",
                if matches!(kind, Type::Array(_)) { "Vec::new()" } else { "Default::default()" }
            )
        }
        (None, Type::Fixed(fixed)) if fixed.rust == "bool" => format!("self.{name}"),
        (Some(_), Type::Fixed(fixed)) if fixed.rust == "bool" => format!("!self.{name}"),
        (None, Type::Fixed(fixed)) if fixed.rust == "Uuid" => format!("!self.{name}.is_zero()"),
        (None, Type::Fixed(fixed)) if fixed.rust == "f64" => format!("self.{name} != 0.0"),
        (None, Type::Fixed(fixed)) if fixed.newtype => {
            format!("self.{name} != {}::new(0)", fixed.rust)
        }
        (None, Type::Fixed(_)) => format!("self.{name} != 0"),
        (_, Type::Fixed(_)) => format!("self.{name} != {}", default_value(field)),
        (_, Type::Records) => format!("!self.{name}.is_null()"),
        (_, Type::Struct(kind)) => format!("self.{name} != {kind}::default()"),
        (_, Type::String | Type::Bytes | Type::Array(_)) => format!("!self.{name}.is_empty()"),
    }
}

fn field_doc(field: &Field, owner: &Versions) -> Option<String> {
    let mut notes = Vec::new();
    let (first, last) = (*field.versions.start(), *field.versions.end());
    match (first == *owner.start(), last == *owner.end()) {
        (true, true) => {}
        _ if first == last => notes.push(format!("v{first} only")),
        (false, true) => notes.push(format!("From v{first} on")),
        (true, false) => notes.push(format!("Up to v{last}")),
        (false, false) => notes.push(format!("v{first} to v{last}")),
    }
    if let Some(nullable) = partial_null(field) {
        notes.push(format!("null from v{} on", nullable.start()));
    }
    if field.ignorable && field.versions != *owner {
        notes.push("dropped silently in others".to_owned());
    }
    if notes.is_empty() { None } else { Some(format!("{}.", notes.join("; "))) }
}

/// The fewest bytes that a struct takes in any of its versions, at least 1.
fn size_min(message: &Message, part: &Struct) -> usize {
    let sizes = part.versions.clone().map(|version| size_in(message, part, version));
    sizes.min().unwrap_or(1).max(1)
}

fn size_in(message: &Message, part: &Struct, version: i16) -> usize {
    let flexible = message.is_flexible(version);
    let fields = part.fields.iter();
    let present = fields.filter(|field| field.tag.is_none() && field.versions.contains(&version));
    let size = |field: &Field| match &field.kind {
        Type::Struct(_) if field.is_nullable(version) => 1,
        Type::Struct(name) => size_in(message, message.find(name), version),
        Type::Fixed(fixed) => fixed.size,
        _ if flexible && !field.inflexible => 1,
        Type::String => 2,
        Type::Bytes | Type::Records | Type::Array(_) => 4,
    };
    present.map(size).sum::<usize>() + usize::from(flexible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_the_words_of_the_message() {
        for (name, file) in [
            ("FetchRequest", "fetch_request"),
            ("LeaderAndIsrRequest", "leader_and_isr_request"),
            ("KRaftVersionRecord", "kraft_version_record"),
            ("ClearElrRecord", "clear_elr_record"),
        ] {
            assert_eq!(snake_case(name), file);
        }
    }

    #[test]
    fn version_tests_are_as_short_as_the_range_around_them_allows() {
        for (inner, outer, expected) in [
            (3..=9, 0..=9, "v >= 3"),
            (0..=4, 0..=9, "v <= 4"),
            (2..=4, 0..=9, "(2..=4).contains(&v)"),
            (2..=2, 0..=9, "v == 2"),
        ] {
            assert_eq!(condition(&inner, &outer), expected);
        }
    }
}
