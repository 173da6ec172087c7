//! Java's properties syntax in full, with the line on which each entry begins.
//!
//! Order is kept and doubled keys are kept too: which one wins, and whether that deserves a
//! warning, is for the reader to say. `write` gives text that `parse` reads back unchanged.

/// One `key=value` of a properties file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, with its escapes resolved.
    pub key: String,
    /// The value, with its escapes resolved; trailing blanks belong to it, as in Java.
    pub value: String,
    /// The line on which the entry begins, counted from 1.
    pub line: usize,
}

/// A line that Java's rules cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct PropertiesError {
    /// The line on which the entry begins, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The entries of a properties file, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    entries: Vec<Entry>,
    errors: Vec<PropertiesError>,
}

impl Properties {
    /// Reads text. Lines that cannot be read are listed in [`Properties::errors`]; the rest is
    /// read all the same, so that every mistake of a file can be told at once.
    pub fn parse(text: &str) -> Self {
        let mut properties = Self::default();
        let mut lines = NaturalLines::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        while let Some((line, logical)) = next_logical_line(&mut lines) {
            match split_entry(&logical) {
                Ok((key, value)) => properties.entries.push(Entry { key, value, line }),
                Err(reason) => properties.errors.push(PropertiesError { line, reason }),
            }
        }
        properties
    }

    /// Reads bytes: UTF-8 where they are UTF-8, else ISO-8859-1, which is what Java assumes.
    pub fn parse_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::parse(text),
            Err(_) => Self::parse(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>()),
        }
    }

    /// The entries in the order of the file, doubled keys included.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lines that could not be read.
    pub fn errors(&self) -> &[PropertiesError] {
        &self.errors
    }

    /// The value of a key: the last one wins, as in Java.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().rev().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let line = self.entries.last().map_or(1, |entry| entry.line + 1);
        self.entries.push(Entry { key: key.into(), value: value.into(), line });
    }

    /// The entries as text, one per line, escaped so that Java and we read the same back.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            escape_into(&mut text, &entry.key, Part::Key);
            text.push('=');
            escape_into(&mut text, &entry.value, Part::Value);
            text.push('\n');
        }
        text
    }
}

/// Lines as an editor shows them, with any of the three line ends.
struct NaturalLines<'a> {
    rest: Option<&'a str>,
    number: usize,
}

impl<'a> NaturalLines<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: Some(text), number: 0 }
    }
}

impl<'a> Iterator for NaturalLines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        self.number += 1;
        let Some(end) = rest.find(['\n', '\r']) else {
            self.rest = None;
            return Some((self.number, rest));
        };
        let (line, after) = rest.split_at(end);
        let skip = if after.starts_with("\r\n") { 2 } else { 1 };
        self.rest = after.get(skip..);
        Some((self.number, line))
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{c}')
}

/// The next entry's text with its continuation lines joined, skipping comments and blank lines.
fn next_logical_line(lines: &mut NaturalLines<'_>) -> Option<(usize, String)> {
    loop {
        let (number, line) = lines.next()?;
        let line = line.trim_start_matches(is_blank);
        // As in Java, a backslash alone continues nothing: the next line begins afresh. (At the
        // very end of a file Java makes an empty key of it, which nobody can mean.)
        if line.is_empty() || line == "\\" || line.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = String::from(line);
        while is_continued(&logical) {
            logical.pop();
            let Some((_, more)) = lines.next() else { break };
            logical.push_str(more.trim_start_matches(is_blank));
        }
        return Some((number, logical));
    }
}

/// An odd number of backslashes at the end asks for the next line; an even number is backslashes.
fn is_continued(line: &str) -> bool {
    line.chars().rev().take_while(|&character| character == '\\').count() % 2 == 1
}

fn split_entry(line: &str) -> Result<(String, String), String> {
    let mut escaped = false;
    let key_end = line
        .find(|character: char| {
            let ends = !escaped && (is_blank(character) || matches!(character, '=' | ':'));
            escaped = character == '\\' && !escaped;
            ends
        })
        .unwrap_or(line.len());
    let (key, rest) = line.split_at(key_end);
    let rest = rest.trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(is_blank);
    Ok((unescape(key)?, unescape(value)?))
}

fn unescape(text: &str) -> Result<String, String> {
    if !text.contains('\\') {
        return Ok(text.to_owned());
    }
    // Java's characters are UTF-16: an emoji is written as two \u escapes in a row.
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let plain = match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some('u') => {
                    units.push(unicode_escape(&mut characters)?);
                    continue;
                }
                Some(other) => other,
                None => continue,
            },
            other => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    String::from_utf16(&units).map_err(|_| String::from("half of a surrogate pair after \\u"))
}

fn unicode_escape(characters: &mut std::str::Chars<'_>) -> Result<u16, String> {
    let digits: String = characters.take(4).collect();
    let valid = digits.len() == 4 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    match u16::from_str_radix(&digits, 16) {
        Ok(unit) if valid => Ok(unit),
        _ => Err(format!("\\u needs four hexadecimal digits, found \\u{digits}")),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Key,
    Value,
}

fn escape_into(text: &mut String, part: &str, kind: Part) {
    for (index, character) in part.chars().enumerate() {
        match character {
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\u{c}' => text.push_str("\\f"),
            '\\' | '#' | '!' | '=' | ':' => text.extend(['\\', character]),
            ' ' if kind == Part::Key || index == 0 => text.push_str("\\ "),
            ' '..='~' => text.push(character),
            other => {
                let mut buffer = [0; 2];
                for unit in other.encode_utf16(&mut buffer) {
                    text.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
