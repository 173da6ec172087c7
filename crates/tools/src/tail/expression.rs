//! `--where`: an expression of jq over a record. The value is `.`, the rest of the record is in
//! variables.
//!
//! Values come from strangers: they are parsed by `serde_json`, which bounds how deep they nest,
//! before the interpreter sees them.

use client::ConsumerRecord;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data};
use jaq_json::{Num, Val};

use super::show::one_line;

type Data = data::JustLut<Val>;

/// The variables of an expression, in the order in which [`Expression::holds`] gives them.
const VARIABLES: [&str; 6] = ["$key", "$headers", "$partition", "$offset", "$timestamp", "$topic"];

/// How much of a reason is told, which may quote a whole record.
const REASON_MAX: usize = 200;

/// A compiled expression.
pub(crate) struct Expression {
    filter: jaq_core::compile::Filter<jaq_core::Native<Data>>,
}

impl Expression {
    /// Compiles an expression; what is wrong with it, and where, if it cannot be.
    pub(crate) fn new(code: &str) -> Result<Self, String> {
        let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(defs)
            .load(&arena, File { code, path: () })
            .map_err(|errors| bad_syntax(code, errors))?;
        let compiler = Compiler::default().with_funs(funs).with_global_vars(VARIABLES);
        let filter = compiler.compile(modules).map_err(|errors| unknown_names(code, errors))?;
        Ok(Self { filter })
    }

    /// Whether it is true of a record; why it cannot be said, if so. As in jq, all but `false` and
    /// `null` is true; an expression without a result is not.
    pub(crate) fn holds(&self, record: &ConsumerRecord) -> Result<bool, String> {
        let headers = record.headers.iter().map(|header| {
            let value = header.value.as_deref().map_or(Val::Null, text);
            (Val::from(header.key.clone()), value)
        });
        let variables = [
            record.key.as_deref().map_or(Val::Null, value),
            Val::obj(headers.collect()),
            number(i64::from(record.partition.get())),
            number(record.offset.get()),
            number(record.timestamp.get()),
            Val::from(record.topic.to_string()),
        ];
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new(variables));
        let input = record.value.as_deref().map_or(Val::Null, value);
        match self.filter.id.run((context, input)).next() {
            None => Ok(false),
            Some(Ok(found)) => Ok(!matches!(found, Val::Null | Val::Bool(false))),
            Some(Err(raised)) => Err(match raised.get_err() {
                Ok(error) => one_line(error.to_string().as_bytes(), REASON_MAX),
                Err(_) => "it does not say whether".to_owned(),
            }),
        }
    }
}

/// Bytes as JSON, else as text.
fn value(bytes: &[u8]) -> Val {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(json) => of_json(json),
        Err(_) => text(bytes),
    }
}

fn text(bytes: &[u8]) -> Val {
    Val::from(String::from_utf8_lossy(bytes).into_owned())
}

fn number(value: i64) -> Val {
    Val::Num(Num::from_dec_str(&value.to_string()))
}

/// The interpreter's own kind of value. `serde_json` has bounded the depth.
fn of_json(json: serde_json::Value) -> Val {
    match json {
        serde_json::Value::Null => Val::Null,
        serde_json::Value::Bool(value) => Val::from(value),
        serde_json::Value::Number(value) => Val::Num(Num::from_dec_str(&value.to_string())),
        serde_json::Value::String(value) => Val::from(value),
        serde_json::Value::Array(values) => values.into_iter().map(of_json).collect(),
        serde_json::Value::Object(fields) => Val::obj(
            fields.into_iter().map(|(key, value)| (Val::from(key), of_json(value))).collect(),
        ),
    }
}

/// The expression with a mark below the place that is wrong.
fn pointed(code: &str, part: &str, what: &str) -> String {
    let at = load::span(code, part).start.min(code.len());
    let column = code.get(..at).map_or(0, |before| before.chars().count());
    format!("--where: {what}\n  {code}\n  {:>width$}", "^", width = column + 1)
}

fn bad_syntax(code: &str, errors: load::Errors<&str, ()>) -> String {
    let first = errors.into_iter().next().map(|(_, error)| error);
    let end = &code[code.len()..];
    match first {
        Some(load::Error::Lex(list)) => match list.into_iter().next() {
            Some((expected, found)) => {
                pointed(code, found, &format!("{} expected here", expected.as_str()))
            }
            None => pointed(code, end, "it is no expression"),
        },
        Some(load::Error::Parse(list)) => match list.into_iter().next() {
            Some((expected, found)) => {
                let found = if found.is_empty() { end } else { found };
                pointed(code, found, &format!("{} expected here", expected.as_str()))
            }
            None => pointed(code, end, "it is no expression"),
        },
        Some(load::Error::Io(_)) => "--where: modules cannot be imported".to_owned(),
        None => pointed(code, end, "it is no expression"),
    }
}

fn unknown_names(code: &str, errors: jaq_core::compile::Errors<&str, ()>) -> String {
    let first = errors.into_iter().flat_map(|(_, list)| list).next();
    match first {
        Some((name, kind)) => {
            let mut what = format!("there is no {} {name}", kind.as_str());
            if matches!(kind, jaq_core::compile::Undefined::Var) {
                what.push_str(&format!("; there are {}", VARIABLES.join(", ")));
            } else {
                what.push_str(&format!("; did you mean the field .{name} or the text \"{name}\"?"));
            }
            pointed(code, name, &what)
        }
        None => "--where: it is no expression".to_owned(),
    }
}
