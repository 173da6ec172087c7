//! From the text of a schema to its values. Mistakes are reported with file and line.

use anyhow::{Context, Result, bail, ensure};

use crate::schema::{FIXED, Field, Message, Role, Schema, Struct, Type, Versions};

/// How far a nested field is indented.
const INDENT: usize = 2;

/// Reads the text of one file.
pub(crate) fn parse(text: &str) -> Result<Schema> {
    let mut parser =
        Parser { schema: Schema { api: None, messages: Vec::new() }, api: None, open: Vec::new() };
    for (index, line) in text.lines().enumerate() {
        let content = line.split('#').next().unwrap_or_default().trim_end();
        if !content.is_empty() {
            parser.line(content).with_context(|| format!("line {}: {content}", index + 1))?;
        }
    }
    for message in &parser.schema.messages {
        check(message).with_context(|| message.name.clone())?;
    }
    Ok(parser.schema)
}

struct Api {
    key: i16,
    name: String,
    versions: Versions,
    flexible_since: Option<i16>,
}

struct Parser {
    schema: Schema,
    api: Option<Api>,
    /// The structs that the current line may belong to, by depth: index in the message.
    open: Vec<usize>,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        if line.starts_with(' ') {
            return self.field(line, &words);
        }
        match words[..] {
            ["api", key, name, versions, ref rest @ ..] => {
                let versions = absolute_versions(versions)?;
                let flexible_since = flexible(rest)?;
                let key = key.parse()?;
                self.schema.api = Some(name.to_owned());
                self.api = Some(Api { key, name: name.to_owned(), versions, flexible_since });
                Ok(())
            }
            ["request"] => self.half("Request", Role::Request),
            ["response"] => self.half("Response", Role::Response),
            ["record", kind, name, versions, ref rest @ ..] => {
                let role = Role::Record(kind.parse()?);
                self.message(name, role, absolute_versions(versions)?, flexible(rest)?);
                Ok(())
            }
            ["data", name, versions, ref rest @ ..] => {
                self.message(name, Role::Data, absolute_versions(versions)?, flexible(rest)?);
                Ok(())
            }
            ["struct", name] => {
                let message = self.schema.messages.last_mut().context("no message yet")?;
                let versions = message.versions.clone();
                let known = message.structs.iter().position(|candidate| candidate.name == name);
                let index = known.unwrap_or(message.structs.len());
                if known.is_none() {
                    let name = name.to_owned();
                    message.structs.push(Struct { name, versions, fields: vec![] });
                } else {
                    // Mentioned above by a field, and shared from here on.
                    message.structs[index].versions = versions;
                }
                self.open = vec![index];
                Ok(())
            }
            _ => bail!("expected api, request, response, record, data or struct"),
        }
    }

    fn half(&mut self, suffix: &str, role: fn(i16) -> Role) -> Result<()> {
        let api = self.api.as_ref().context("no `api` line yet")?;
        let name = format!("{}{suffix}", api.name);
        let (key, versions, flexible_since) = (api.key, api.versions.clone(), api.flexible_since);
        self.message(&name, role(key), versions, flexible_since);
        Ok(())
    }

    fn message(&mut self, name: &str, role: Role, versions: Versions, flexible_since: Option<i16>) {
        let root = Struct { name: name.to_owned(), versions: versions.clone(), fields: vec![] };
        let (name, structs) = (name.to_owned(), vec![root]);
        self.schema.messages.push(Message { name, role, versions, flexible_since, structs });
        self.open = vec![0];
    }

    fn field(&mut self, line: &str, words: &[&str]) -> Result<()> {
        let indent = line.len() - line.trim_start().len();
        ensure!(indent.is_multiple_of(INDENT), "indentation is by {INDENT}");
        let depth = indent / INDENT;
        ensure!(depth <= self.open.len(), "indented deeper than the struct above");
        self.open.truncate(depth);
        let message = self.schema.messages.last_mut().context("no message yet")?;
        let owner = self.open[depth - 1];
        let field = parse_field(words, &message.structs[owner].versions)?;
        if let Some(name) = struct_name(&field.kind) {
            let known = message.structs.iter().position(|candidate| candidate.name == name);
            let index = known.unwrap_or(message.structs.len());
            if known.is_none() {
                let versions = field.versions.clone();
                message.structs.push(Struct { name: name.to_owned(), versions, fields: vec![] });
            }
            self.open.push(index);
        }
        message.structs[owner].fields.push(field);
        Ok(())
    }
}

fn struct_name(kind: &Type) -> Option<&str> {
    match kind {
        Type::Struct(name) => Some(name),
        Type::Array(element) => struct_name(element),
        _ => None,
    }
}

fn parse_field(words: &[&str], owner: &Versions) -> Result<Field> {
    let [name, kind, options @ ..] = words else { bail!("expected a name and a type") };
    let mut field = Field {
        name: (*name).to_owned(),
        kind: parse_type(kind)?,
        versions: owner.clone(),
        nullable: None,
        default: None,
        tag: None,
        ignorable: false,
        inflexible: false,
    };
    let mut options = options.iter();
    while let Some(&option) = options.next() {
        match option {
            "nullable" => field.nullable = Some(field.versions.clone()),
            "ignorable" => field.ignorable = true,
            "inflexible" => field.inflexible = true,
            "=" => field.default = Some((*options.next().context("no value after =")?).to_owned()),
            _ => {
                if let Some(tag) = option.strip_prefix("tag:") {
                    field.tag = Some(tag.parse()?);
                } else if let Some(versions) = option.strip_prefix("nullable:") {
                    field.nullable = Some(parse_versions(versions, &field.versions)?);
                } else {
                    ensure!(field.nullable.is_none(), "versions stand before `nullable`");
                    field.versions = parse_versions(option, owner)?;
                }
            }
        }
    }
    Ok(field)
}

fn parse_type(text: &str) -> Result<Type> {
    if let Some(element) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Ok(Type::Array(Box::new(parse_type(element)?)));
    }
    if let Some(fixed) = FIXED.iter().find(|fixed| fixed.name == text) {
        return Ok(Type::Fixed(fixed));
    }
    match text {
        "string" => Ok(Type::String),
        "bytes" => Ok(Type::Bytes),
        "records" => Ok(Type::Records),
        _ if text.starts_with(char::is_uppercase) => Ok(Type::Struct(text.to_owned())),
        _ => bail!("unknown type `{text}`"),
    }
}

/// `3`, `3-5` or `3+`, within the versions of the owner.
fn parse_versions(text: &str, owner: &Versions) -> Result<Versions> {
    let versions = match (text.strip_suffix('+'), text.split_once('-')) {
        (Some(first), _) => first.parse()?..=*owner.end(),
        (None, Some((first, last))) => first.parse()?..=last.parse()?,
        (None, None) => text.parse()?..=text.parse()?,
    };
    let inside = owner.contains(versions.start()) && owner.contains(versions.end());
    ensure!(inside && !versions.is_empty(), "versions {text} are not within {owner:?}");
    Ok(versions)
}

fn absolute_versions(text: &str) -> Result<Versions> {
    parse_versions(text, &(0..=i16::MAX))
}

fn flexible(words: &[&str]) -> Result<Option<i16>> {
    match words {
        [] => Ok(None),
        ["flexible", since] => {
            Ok(Some(since.strip_suffix('+').context("flexible takes N+")?.parse()?))
        }
        _ => bail!("expected `flexible N+`"),
    }
}

/// What the generator relies on.
fn check(message: &Message) -> Result<()> {
    for part in &message.structs {
        for field in &part.fields {
            let name = || format!("{}.{}", part.name, field.name);
            if let Some(known) = struct_name(&field.kind) {
                let target = message.structs.iter().find(|candidate| candidate.name == known);
                let target = target.with_context(|| format!("{}: no struct {known}", name()))?;
                let covered = target.versions.contains(field.versions.start())
                    && target.versions.contains(field.versions.end());
                ensure!(covered, "{} occurs outside the versions of {known}", name());
            }
            if field.tag.is_some() {
                let flexible = message.is_flexible(*field.versions.start());
                ensure!(flexible, "{} is tagged in an inflexible version", name());
                let never_null = field.nullable.as_ref().is_none_or(|n| *n == field.versions);
                ensure!(never_null, "{} is tagged and null in some versions only", name());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
api 3 Metadata 0-13 flexible 9+
request
  topics [Topic] nullable:1+ = []  # all topics when null
    topic_id uuid 10+ ignorable
  shared Shared 2-4
struct Shared
  rack string tag:0 9+ nullable
response
";

    #[test]
    fn fields_take_their_versions_from_the_struct_around_them() {
        let schema = parse(GOOD).unwrap();
        assert_eq!(schema.api.as_deref(), Some("Metadata"));
        let [request, response] = &schema.messages[..] else { panic!("two messages") };
        assert_eq!((request.role, response.role), (Role::Request(3), Role::Response(3)));
        let topics = &request.structs[0].fields[0];
        assert_eq!((topics.versions.clone(), topics.nullable.clone()), (0..=13, Some(1..=13)));
        assert_eq!(topics.default.as_deref(), Some("[]"));
        let topic_id = &request.find("Topic").fields[0];
        assert_eq!((topic_id.versions.clone(), topic_id.ignorable), (10..=13, true));
        assert_eq!(request.structs[0].fields[1].versions, 2..=4);
        assert_eq!(request.find("Shared").fields[0].tag, Some(0));
    }

    #[test]
    fn mistakes_are_refused_with_their_reason() {
        let bad = [
            ("api 3 Metadata 0-13\nrequest\n  name strong", "unknown type `strong`"),
            ("api 3 Metadata 0-13\nrequest\n  name string 12-14", "not within"),
            ("api 3 Metadata 0-13\nrequest\n      name string", "deeper"),
            (
                "api 3 Metadata 0-13\nrequest\n  name string tag:0",
                "tagged in an inflexible version",
            ),
            ("data A 0-3\n  name string nullable 1+", "versions stand before"),
            ("request\n", "no `api` line"),
            ("hello\n", "expected api, request"),
        ];
        for (text, reason) in bad {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
    }
}
