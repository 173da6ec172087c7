//! Java's properties syntax, as the file format allows it.

use super::*;

fn pairs(text: &str) -> Vec<(String, String, usize)> {
    let properties = Properties::parse(text);
    assert_eq!(properties.errors(), &[]);
    properties.entries.into_iter().map(|entry| (entry.key, entry.value, entry.line)).collect()
}

fn check(text: &str, expected: &[(&str, &str, usize)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|&(key, value, line)| (key.to_owned(), value.to_owned(), line))
        .collect();
    assert_eq!(pairs(text), expected, "{text:?}");
}

#[test]
fn the_three_separators_and_blanks_around_them_mean_the_same() {
    for text in ["a=b", "a:b", "a b", "a\tb", "  a = b", "a =b", "a : b", "a \u{c} b"] {
        check(text, &[("a", "b", 1)]);
    }
    check("a = = b", &[("a", "= b", 1)]);
    check("a\n", &[("a", "", 1)]);
    check("=b", &[("", "b", 1)]);
}

#[test]
fn comments_begin_with_hash_or_exclamation_mark_and_are_never_continued() {
    check("# a=b\\\n  ! c=d\n\n e=f # part of the value", &[("e", "f # part of the value", 4)]);
}

#[test]
fn an_odd_number_of_backslashes_continues_the_line() {
    check("a=b,\\\n   c,\\\r\n\td\ne=f", &[("a", "b,c,d", 1), ("e", "f", 4)]);
    check("a=b\\\\\nc=d", &[("a", "b\\", 1), ("c", "d", 2)]);
    check("a=b\\\n# not a comment", &[("a", "b# not a comment", 1)]);
    check("a=b\\", &[("a", "b", 1)]);
    check("\\\n# a comment\n\\\n\na=b", &[("a", "b", 5)]);
}

#[test]
fn escapes_are_resolved_in_keys_and_values() {
    check(r"a\=\:\ b=\t\n\r\f\\\z", &[("a=: b", "\t\n\r\u{c}\\z", 1)]);
    check(r"k=\u00e4\uD83D\uDE00", &[("k", "ä😀", 1)]);
    check("path=C\\:\\\\data", &[("path", "C:\\data", 1)]);
}

#[test]
fn trailing_blanks_belong_to_the_value_and_the_last_of_doubled_keys_wins() {
    check("a=b  ", &[("a", "b  ", 1)]);
    assert_eq!(Properties::parse("a=1\na=2").get("a"), Some("2"));
}

#[test]
fn a_broken_escape_names_its_line_and_spares_the_others() {
    let properties = Properties::parse("a=1\nb=\\u12G4\nc=3\nd=\\uD83D");
    let lines: Vec<_> = properties.errors().iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 4]);
    assert_eq!(properties.get("c"), Some("3"));
}

#[test]
fn bytes_are_utf8_or_else_latin_1_and_a_byte_order_mark_is_skipped() {
    assert_eq!(Properties::parse_bytes("k=ä".as_bytes()).get("k"), Some("ä"));
    assert_eq!(Properties::parse_bytes(b"k=\xe4").get("k"), Some("ä"));
    assert_eq!(Properties::parse_bytes(b"\xef\xbb\xbfk=v").get("k"), Some("v"));
}

#[test]
fn what_is_written_is_read_back() {
    let mut properties = Properties::default();
    properties.push("key with = : # !", "  value: \\ \t\n ä 😀 ");
    properties.push("", "");
    let text = properties.write();
    assert!(text.is_ascii());
    let read = Properties::parse(&text);
    assert_eq!(read, properties);
}
