//! A record as text for a terminal. What strangers wrote cannot move its cursor or change its
//! colours, and is shown up to a bound.

use client::ConsumerRecord;
use model::Timestamp;

use super::json::{self, Piece};
use crate::time;

/// A value in one line stands beside its key if it has no more letters than this.
const BESIDE_MAX: usize = 120;
/// The width of `partition:offset`.
const PLACE_COLUMNS: usize = 10;

/// How records are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Whether colours are used.
    pub(crate) colour: bool,
    /// How many bytes of a key, a header or a value are shown.
    pub(crate) bytes_max: usize,
}

/// Colours of a terminal.
#[derive(Debug, Clone, Copy)]
enum Colour {
    Grey,
    Cyan,
    Blue,
    Green,
    Yellow,
}

impl Colour {
    const fn code(self) -> &'static str {
        match self {
            Self::Grey => "90",
            Self::Cyan => "36",
            Self::Blue => "34",
            Self::Green => "32",
            Self::Yellow => "33",
        }
    }
}

impl Style {
    fn push(self, colour: Colour, text: &str, out: &mut String) {
        if !self.colour {
            out.push_str(text);
            return;
        }
        for part in ["\u{1b}[", colour.code(), "m", text, "\u{1b}[0m"] {
            out.push_str(part);
        }
    }
}

/// Adds a record to `out`: when and where, its key and headers, its value.
pub(crate) fn record(record: &ConsumerRecord, style: Style, out: &mut String) {
    let place = format!("{}:{}", record.partition, record.offset);
    style.push(Colour::Grey, &time_of(record.timestamp), out);
    out.push_str(&format!("  {place:<PLACE_COLUMNS$}  "));
    match &record.key {
        Some(key) => style.push(Colour::Cyan, &one_line(key, style.bytes_max), out),
        None => style.push(Colour::Grey, "-", out),
    }
    if !record.headers.is_empty() {
        let header = |header: &records::Header| {
            let value = header.value.as_deref().map(|value| one_line(value, style.bytes_max));
            let name = one_line(header.key.as_bytes(), style.bytes_max);
            format!("{name}={}", value.as_deref().unwrap_or("null"))
        };
        let headers: Vec<String> = record.headers.iter().map(header).collect();
        out.push_str("  ");
        style.push(Colour::Yellow, &format!("[{}]", headers.join(", ")), out);
    }
    match &record.value {
        Some(bytes) => value(bytes, style, out),
        None => {
            out.push_str("  ");
            style.push(Colour::Grey, "null", out);
        }
    }
    out.push('\n');
}

fn time_of(timestamp: Timestamp) -> String {
    match time::format("yyyy-MM-dd HH:mm:ss.SSS", timestamp.get()) {
        Ok(text) if timestamp.get() >= 0 => text,
        _ => format!("{:<23}", format!("({})", timestamp.get())),
    }
}

fn value(bytes: &[u8], style: Style, out: &mut String) {
    if bytes.len() <= style.bytes_max
        && let Ok(text) = std::str::from_utf8(bytes)
        && json::is_structure(text)
    {
        out.push_str("\n  ");
        json::lay_out(text, |piece| match piece {
            Piece::Name(text) => style.push(Colour::Blue, &safe(text), out),
            Piece::Text(text) => style.push(Colour::Green, &safe(text), out),
            Piece::Scalar(text) => style.push(Colour::Yellow, text, out),
            Piece::Mark(text) => out.push_str(text),
            Piece::Line(blanks) => {
                out.push_str("\n  ");
                out.extend(std::iter::repeat_n(' ', blanks));
            }
        });
        return;
    }
    let text = readable(bytes, style.bytes_max);
    if text.contains('\n') || text.chars().count() > BESIDE_MAX {
        for line in text.lines() {
            out.push_str("\n  ");
            out.push_str(line);
        }
    } else {
        out.push_str("  ");
        out.push_str(&text);
    }
}

/// Bytes in one line.
pub(super) fn one_line(bytes: &[u8], max: usize) -> String {
    readable(bytes, max).replace('\n', "\\n")
}

/// Bytes as text if that is what they are, else with what is no letter escaped; and how many there
/// are if not all are shown.
fn readable(bytes: &[u8], max: usize) -> String {
    let cut = &bytes[..bytes.len().min(max)];
    let mut text = match std::str::from_utf8(bytes) {
        Ok(whole) => safe(&whole[..whole.floor_char_boundary(max)]),
        Err(_) => cut.escape_ascii().to_string(),
    };
    if cut.len() < bytes.len() {
        text.push_str(&format!(" ... ({} bytes in all)", bytes.len()));
    }
    text
}

/// A text without what would command a terminal or turn the direction of writing. Line ends and tabs
/// stay.
fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if (letter.is_control() && !matches!(letter, '\n' | '\t')) || turns {
            safe.extend(letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    safe
}
