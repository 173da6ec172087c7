//! From the text of `server.properties` to a checked [`NodeConfig`], or to every mistake at once.
//!
//! First each key is looked at by itself (known? of its type and range? built yet?), then what
//! several keys say together (`resolve`). Nothing is read from disk here.

use std::collections::BTreeMap;

use crate::def::{ConfigDef, Status};
use crate::layers::Values;
use crate::mistake::{Location, Mistake, Warning};
use crate::node::NodeConfig;
use crate::properties::Properties;
use crate::{resolve, suggest, table, value};

/// Reads a node's configuration: the text of a file by Kafka's rules, and `--override` pairs,
/// which win over it.
pub fn load(
    file_name: &str,
    text: impl AsRef<[u8]>,
    overrides: &[(String, String)],
) -> Result<(NodeConfig, Vec<Warning>), Refused> {
    let mut given = Given::read(file_name, text.as_ref(), overrides);
    given.check_each();
    let node = resolve::node(&mut given);
    given.mistakes.sort();
    given.mistakes.dedup();
    given.warnings.sort();
    let Given { mistakes, warnings, .. } = given;
    if mistakes.is_empty() { Ok((node, warnings)) } else { Err(Refused { mistakes, warnings }) }
}

/// A configuration with which a node does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Everything that has to be mended; never empty.
    pub mistakes: Vec<Mistake>,
    /// What there is to know besides: the cause of a mistake may stand here, as a key that is
    /// written wrong.
    pub warnings: Vec<Warning>,
}

/// One value that was given, with its place.
#[derive(Debug)]
struct GivenValue {
    text: String,
    location: Location,
}

/// Everything that was given, and what there is to say about it so far.
#[derive(Debug)]
pub(crate) struct Given {
    file: String,
    values: BTreeMap<String, GivenValue>,
    mistakes: Vec<Mistake>,
    warnings: Vec<Warning>,
}

impl Given {
    fn read(file_name: &str, text: &[u8], overrides: &[(String, String)]) -> Self {
        let file = file_name.to_owned();
        let properties = Properties::parse_bytes(text);
        let mut given =
            Self { file, values: BTreeMap::new(), mistakes: Vec::new(), warnings: Vec::new() };
        let line_of = |line| Location::Line { file: file_name.to_owned(), line };
        for error in properties.errors() {
            given.mistakes.push(Mistake {
                location: line_of(error.line),
                key: String::new(),
                found: None,
                what: error.reason.clone(),
            });
        }
        for entry in properties.entries() {
            let location = line_of(entry.line);
            if let Some(earlier) = given.values.get(&entry.key) {
                let what = format!("already set at {}; the later one counts", earlier.location);
                let key = entry.key.clone();
                given.warnings.push(Warning { location: location.clone(), key, what });
            }
            let text = entry.value.trim().to_owned();
            given.values.insert(entry.key.clone(), GivenValue { text, location });
        }
        for (key, value) in overrides {
            let text = value.trim().to_owned();
            let location = Location::Override;
            given.values.insert(key.trim().to_owned(), GivenValue { text, location });
        }
        given
    }

    fn check_each(&mut self) {
        let keys: Vec<String> = self.values.keys().cloned().collect();
        for key in keys {
            match table::broker(&key) {
                Some(def) => self.check_known(def),
                None => self.check_unknown(&key),
            }
        }
    }

    fn check_known(&mut self, def: &ConfigDef) {
        let Some(text) = self.text(def.name).map(str::to_owned) else { return };
        // An empty number or word is Kafka's way to leave a value out only where null is allowed.
        let is_null = text.is_empty() && def.default.is_none();
        if !is_null && let Err(allowed) = value::check(def, &text) {
            self.mistake(def.name, format!("allowed: {allowed}"));
            return;
        }
        match def.status {
            Status::Effective => {}
            Status::Meaningless(why) => {
                self.warn(def.name, format!("accepted, has no meaning here: {why}"));
            }
            Status::Refused(_) if def.is_harmless(&text) => {}
            Status::Refused(missing) => self.mistake(def.name, refusal(def, missing)),
        }
    }

    fn check_unknown(&mut self, key: &str) {
        if let Some(inner) = listener_key(key) {
            return self.check_listener_key(key, inner);
        }
        if let Some(why) = table::foreign_prefix(key) {
            return self.warn(key, format!("accepted, has no meaning here: {why}"));
        }
        if table::topic(key).is_some() {
            let node_key = table::topic(key).and_then(|def| def.synonyms.first());
            let hint = match node_key {
                Some((node_key, _)) => format!("the node's key is {node_key}"),
                None => String::from("set it with the configs tool"),
            };
            return self.warn(key, format!("ignored: a configuration of topics; {hint}"));
        }
        let hint = match suggest::nearest_broker_key(key) {
            Some(near) => format!("unknown, ignored; the nearest known key is {near}"),
            None => String::from("unknown, ignored"),
        };
        self.warn(key, hint);
    }

    /// `listener.name.NAME.KEY` sets a key for one listener, which is for TLS, SASL and limits.
    fn check_listener_key(&mut self, key: &str, inner: &str) {
        match table::broker(inner).map(|def| def.status) {
            Some(Status::Meaningless(why)) => {
                self.warn(key, format!("accepted, has no meaning here: {why}"));
            }
            Some(Status::Refused(missing)) => {
                self.mistake_hiding(key, format!("refused: {missing}"));
            }
            Some(Status::Effective) => self.mistake_hiding(
                key,
                format!("refused: {inner} cannot yet be set for one listener; set it for all"),
            ),
            None => self.mistake_hiding(
                key,
                String::from("refused: configurations of one listener are not built yet"),
            ),
        }
    }

    /// The text given for a key.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|value| value.text.as_str())
    }

    /// The text given for a key, unless it is empty.
    pub(crate) fn filled(&self, key: &str) -> Option<&str> {
        self.text(key).filter(|text| !text.is_empty())
    }

    fn location(&self, key: &str) -> Location {
        match self.values.get(key) {
            Some(value) => value.location.clone(),
            None => Location::File(self.file.clone()),
        }
    }

    /// Records that a key's value cannot be used.
    pub(crate) fn mistake(&mut self, key: &str, what: impl Into<String>) {
        let sensitive = table::broker(key).is_some_and(ConfigDef::is_sensitive);
        let found = self.text(key).filter(|_| !sensitive).map(str::to_owned);
        let location = self.location(key);
        self.mistakes.push(Mistake { location, key: key.to_owned(), found, what: what.into() });
    }

    /// The same for a value that may be a secret.
    fn mistake_hiding(&mut self, key: &str, what: String) {
        let location = self.location(key);
        self.mistakes.push(Mistake { location, key: key.to_owned(), found: None, what });
    }

    /// Records something to know about a key.
    pub(crate) fn warn(&mut self, key: &str, what: impl Into<String>) {
        let location = self.location(key);
        self.warnings.push(Warning { location, key: key.to_owned(), what: what.into() });
    }

    /// The values of known keys, as the static layer of the broker's configuration.
    pub(crate) fn static_values(&self) -> Values {
        self.values
            .iter()
            .filter(|(key, value)| {
                table::broker(key)
                    .is_some_and(|def| !(value.text.is_empty() && def.default.is_none()))
            })
            .map(|(key, value)| (key.clone(), value.text.clone()))
            .collect()
    }
}

/// The key inside `listener.name.NAME.KEY`.
fn listener_key(key: &str) -> Option<&str> {
    key.strip_prefix("listener.name.")?.split_once('.').map(|(_, inner)| inner)
}

/// Why a refused key is refused, and which values it may have.
pub(crate) fn refusal(def: &ConfigDef, missing: &str) -> String {
    let mut harmless: Vec<&str> = def.default.into_iter().collect();
    harmless.extend(def.harmless);
    harmless.retain(|value| !value.is_empty());
    if harmless.is_empty() {
        format!("refused: {missing}; leave it out or empty")
    } else {
        format!("refused: {missing}; allowed for now: {}", harmless.join(", "))
    }
}

#[cfg(test)]
mod tests;
