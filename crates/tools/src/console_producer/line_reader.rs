//! Lines into records: `headers <TAB> key <TAB> value`, where headers and key are asked for.
//!
//! Works on bytes, so that what is no UTF-8 reaches the topic as it is.

use crate::connect::{Pairs, get};
use crate::failure::Failure;

/// A header of a record.
type Header = (String, Option<Vec<u8>>);

/// A line as a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<Header>,
}

/// How lines are taken apart.
#[derive(Debug)]
pub(super) struct LineReader {
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    ignore_error: bool,
    null_marker: Option<String>,
    line_number: u64,
}

impl LineReader {
    /// From the properties of Kafka's line reader.
    pub(super) fn new(properties: &Pairs) -> Result<Self, Failure> {
        let text = |name: &str, default: &str| get(properties, name).unwrap_or(default).to_owned();
        let is_true = |name: &str| text(name, "").trim().eq_ignore_ascii_case("true");
        let reader = Self {
            parse_key: is_true("parse.key"),
            key_separator: text("key.separator", "\t"),
            parse_headers: is_true("parse.headers"),
            headers_delimiter: text("headers.delimiter", "\t"),
            headers_separator: text("headers.separator", ","),
            headers_key_separator: text("headers.key.separator", ":"),
            ignore_error: is_true("ignore.error"),
            null_marker: get(properties, "null.marker").map(str::to_owned),
            line_number: 0,
        };
        reader.check()?;
        Ok(reader)
    }

    /// Separators that are the same could not be told apart, and empty ones not be found.
    fn check(&self) -> Result<(), Failure> {
        let separators = [
            ("key.separator", &self.key_separator),
            ("headers.delimiter", &self.headers_delimiter),
            ("headers.separator", &self.headers_separator),
            ("headers.key.separator", &self.headers_key_separator),
        ];
        for (index, (name, value)) in separators.iter().enumerate() {
            if value.is_empty() {
                return Err(Failure::Refused(format!("{name} may not be empty")));
            }
            if self.null_marker.as_ref() == Some(value) {
                return Err(Failure::Refused(format!("null.marker and {name} may not be equal")));
            }
            // The key's separator stands where no header can be.
            let others = separators[index + 1..].iter().filter(|_| index > 0);
            if let Some((other, _)) = others.into_iter().find(|(_, other)| other == value) {
                return Err(Failure::Refused(format!("{name} and {other} may not be equal")));
            }
        }
        Ok(())
    }

    /// The record in a line, which has no line end.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<Line, Failure> {
        self.line_number += 1;
        let (headers, rest) =
            self.cut(self.parse_headers, line, line, &self.headers_delimiter, "headers delimiter")?;
        let (key, value) =
            self.cut(self.parse_key, line, rest, &self.key_separator, "key separator")?;
        Ok(Line {
            key: key.and_then(|key| self.unless_null(key)),
            value: self.unless_null(value),
            headers: match headers.and_then(|headers| self.unless_null(headers)) {
                Some(headers) => self.headers(&headers)?,
                None => Vec::new(),
            },
        })
    }

    /// What stands before the separator, and what after it.
    fn cut<'a>(
        &self,
        wanted: bool,
        line: &[u8],
        rest: &'a [u8],
        separator: &str,
        name: &str,
    ) -> Result<(Option<&'a [u8]>, &'a [u8]), Failure> {
        match find(rest, separator.as_bytes()).filter(|_| wanted) {
            Some(at) => Ok((Some(&rest[..at]), &rest[at + separator.len()..])),
            None if !wanted || self.ignore_error => Ok((None, rest)),
            None => Err(Failure::Refused(format!(
                "No {name} found on line number {}: '{}'",
                self.line_number,
                String::from_utf8_lossy(line)
            ))),
        }
    }

    fn unless_null(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let is_null = self.null_marker.as_ref().is_some_and(|marker| marker.as_bytes() == bytes);
        (!is_null).then(|| bytes.to_vec())
    }

    fn headers(&self, mut rest: &[u8]) -> Result<Vec<Header>, Failure> {
        let separator = self.headers_separator.as_bytes();
        let mut headers = Vec::new();
        while let Some(at) = find(rest, separator) {
            headers.push(self.header(&rest[..at])?);
            rest = &rest[at + separator.len()..];
        }
        headers.push(self.header(rest)?);
        Ok(headers)
    }

    fn header(&self, pair: &[u8]) -> Result<Header, Failure> {
        let separator = self.headers_key_separator.as_bytes();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let Some(at) = find(pair, separator) else {
            if self.ignore_error {
                return Ok((text(pair), None));
            }
            return Err(Failure::Refused(format!(
                "No header key separator found in pair '{}' on line number {}",
                text(pair),
                self.line_number
            )));
        };
        let key = self.unless_null(&pair[..at]).ok_or_else(|| {
            Failure::Refused(
                "Header keys should not be equal to the null marker as they can't be null".into(),
            )
        })?;
        Ok((text(&key), self.unless_null(&pair[at + separator.len()..])))
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(properties: &[(&str, &str)]) -> Result<LineReader, Failure> {
        let properties = properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        LineReader::new(&properties.collect())
    }

    fn line(key: Option<&str>, value: Option<&str>, headers: &[(&str, Option<&str>)]) -> Line {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Line {
            key: key.map(bytes),
            value: value.map(bytes),
            headers: headers.iter().map(|(k, v)| ((*k).to_owned(), v.map(bytes))).collect(),
        }
    }

    #[test]
    fn line_is_the_value_by_itself() {
        let mut reader = reader(&[]).unwrap();
        assert_eq!(reader.read(b"a\tb").unwrap(), line(None, Some("a\tb"), &[]));
        assert_eq!(reader.read(b"").unwrap(), line(None, Some(""), &[]));
        assert_eq!(reader.read(&[0xff]).unwrap().value.unwrap(), [0xff]);
    }

    #[test]
    fn headers_and_key_come_before_the_value() {
        let mut reader = reader(&[
            ("parse.key", "true"),
            ("parse.headers", " TRUE"),
            ("key.separator", "::"),
            ("null.marker", "NULL"),
        ])
        .unwrap();
        assert_eq!(
            reader.read(b"h1:v1,h2:NULL\tk::v::w").unwrap(),
            line(Some("k"), Some("v::w"), &[("h1", Some("v1")), ("h2", None)])
        );
        assert_eq!(reader.read(b"NULL\tNULL::NULL").unwrap(), line(None, None, &[]));
    }

    #[test]
    fn missing_separator_names_the_line_unless_errors_are_ignored() {
        let mut strict = reader(&[("parse.key", "true")]).unwrap();
        strict.read(b"k\tv").unwrap();
        assert_eq!(
            strict.read(b"kv").unwrap_err().to_string(),
            "No key separator found on line number 2: 'kv'"
        );
        let mut lenient = reader(&[("parse.key", "true"), ("ignore.error", "true")]).unwrap();
        assert_eq!(lenient.read(b"kv").unwrap(), line(None, Some("kv"), &[]));
    }

    #[test]
    fn separators_that_cannot_be_told_apart_are_refused() {
        for (properties, message) in [
            (
                [("headers.delimiter", ","), ("parse.headers", "true")],
                "headers.delimiter and headers.separator may not be equal",
            ),
            (
                [("null.marker", "\t"), ("parse.key", "true")],
                "null.marker and key.separator may not be equal",
            ),
            ([("key.separator", ""), ("parse.key", "true")], "key.separator may not be empty"),
        ] {
            assert_eq!(reader(&properties).unwrap_err().to_string(), message);
        }
    }
}
