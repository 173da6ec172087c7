//! What is wrong with a configuration, said so that a person can mend it: where, which key, what
//! was found, what is allowed. Passwords are never echoed.

use std::fmt;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A line of a file, counted from 1.
    Line {
        /// The file's name as the person gave it.
        file: String,
        /// The line.
        line: usize,
    },
    /// The whole file: something is missing, or two keys do not fit.
    File(String),
    /// `--override key=value` on the command line.
    Override,
    /// A request of a client.
    Request,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line } => write!(formatter, "{file}:{line}"),
            Self::File(file) => formatter.write_str(file),
            Self::Override => formatter.write_str("--override"),
            Self::Request => formatter.write_str("request"),
        }
    }
}

/// A value that Klamm cannot start with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{location}: {}", self.message())]
pub struct Mistake {
    /// Where it stands.
    pub location: Location,
    /// The key; empty if the line has no readable key.
    pub key: String,
    /// The value, unless it is secret or missing.
    pub found: Option<String>,
    /// What is allowed, or why it is refused.
    pub what: String,
}

impl Mistake {
    /// The message for a client, who knows where the value stands.
    pub fn message(&self) -> String {
        if self.key.is_empty() {
            return self.what.clone();
        }
        match &self.found {
            Some(found) => format!("{}: found \"{found}\"; {}", self.key, self.what),
            None => format!("{}: {}", self.key, self.what),
        }
    }
}

/// A value that Klamm starts with all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Where it stands.
    pub location: Location,
    /// The key.
    pub key: String,
    /// What to know about it.
    pub what: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}: {}", self.location, self.key, self.what)
    }
}
