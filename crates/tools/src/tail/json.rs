//! JSON laid out in lines, as it was written: fields keep their order and numbers their digits, which
//! a detour over a value would lose.

use serde::de::IgnoredAny;

/// How far each level is moved to the right.
const INDENT: usize = 2;
/// No line begins further to the right than this many levels, however deep a value nests.
const DEPTH_MAX: usize = 40;

/// A piece of laid out JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// The name of a field, with its quotes.
    Name(&'a str),
    /// A text, with its quotes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Scalar(&'a str),
    /// A bracket, a comma or a colon.
    Mark(&'a str),
    /// The end of a line, and how many blanks the next one begins with.
    Line(usize),
}

/// Whether a text is an object or an array of JSON, which are worth laying out.
pub(super) fn is_structure(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '['])
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Hands out the pieces of valid JSON in order.
pub(super) fn lay_out<'a>(text: &'a str, mut out: impl FnMut(Piece<'a>)) {
    let mut tokens = Tokens(text).peekable();
    let mut depth = 0usize;
    let line = |depth: usize| Piece::Line(depth.min(DEPTH_MAX) * INDENT);
    let mut is_empty = false;
    while let Some(token) = tokens.next() {
        match token {
            "{" | "[" => {
                out(Piece::Mark(token));
                depth += 1;
                is_empty = matches!(tokens.peek(), Some(&("}" | "]")));
                if !is_empty {
                    out(line(depth));
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                if !is_empty {
                    out(line(depth));
                }
                is_empty = false;
                out(Piece::Mark(token));
            }
            "," => {
                out(Piece::Mark(token));
                out(line(depth));
            }
            ":" => out(Piece::Mark(": ")),
            text if text.starts_with('"') && tokens.peek() == Some(&":") => out(Piece::Name(text)),
            text if text.starts_with('"') => out(Piece::Text(text)),
            other => out(Piece::Scalar(other)),
        }
    }
}

/// The tokens of valid JSON.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_ascii_start();
        let end = match rest.bytes().next()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => quoted_len(rest),
            _ => rest
                .find(|c: char| c.is_ascii_whitespace() || "{}[],:\"".contains(c))
                .unwrap_or(rest.len()),
        };
        let (token, rest) = rest.split_at(end);
        self.0 = rest;
        Some(token)
    }
}

/// The length of the text in quotes that `rest` begins with.
fn quoted_len(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}
