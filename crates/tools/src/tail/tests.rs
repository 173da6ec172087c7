//! What `klamm tail` shows, and what its expressions mean, one claim each.

use std::sync::Arc;

use bytes::Bytes;
use model::{LeaderEpoch, Offset, PartitionIndex, Timestamp};
use records::{Header, TimestampType};

use super::expression::Expression;
use super::show::{self, Style};
use super::*;

fn record(key: Option<&[u8]>, value: Option<&[u8]>) -> ConsumerRecord {
    ConsumerRecord {
        topic: Arc::from("orders"),
        partition: PartitionIndex::new(1),
        offset: Offset::new(42),
        leader_epoch: LeaderEpoch::NONE,
        timestamp: Timestamp::new(1_500),
        timestamp_type: TimestampType::CreateTime,
        key: key.map(Bytes::copy_from_slice),
        value: value.map(Bytes::copy_from_slice),
        headers: vec![Header { key: "trace".into(), value: Some(Bytes::from_static(b"abc")) }],
    }
}

/// What is shown behind the time.
fn shown(record: &ConsumerRecord, bytes_max: usize) -> String {
    let mut text = String::new();
    show::record(record, Style { colour: false, bytes_max }, &mut text);
    text.split_once("  ").unwrap().1.to_owned()
}

fn holds(code: &str, record: &ConsumerRecord) -> Result<bool, String> {
    Expression::new(code).unwrap().holds(record)
}

#[test]
fn a_short_text_stands_beside_its_key_and_headers() {
    let text = shown(&record(Some(b"k"), Some(b"hello")), 100);
    assert_eq!(text, "1:42        k  [trace=abc]  hello\n");
    let text = shown(&record(None, None), 100);
    assert_eq!(text, "1:42        -  [trace=abc]  null\n");
}

#[test]
fn json_is_laid_out_with_its_order_and_digits() {
    let value = br#"{"z":1.10,"a":[],"o":{},"list":[true,"x,\"y"],"big":123456789012345678901}"#;
    let text = shown(&record(Some(b"k"), Some(value)), 1000);
    let wanted = r#"1:42        k  [trace=abc]
  {
    "z": 1.10,
    "a": [],
    "o": {},
    "list": [
      true,
      "x,\"y"
    ],
    "big": 123456789012345678901
  }
"#;
    assert_eq!(text, wanted);
}

#[test]
fn what_looks_like_json_and_is_not_stays_as_it_is() {
    let text = shown(&record(Some(b"k"), Some(b"{\"a\":")), 100);
    assert_eq!(text, "1:42        k  [trace=abc]  {\"a\":\n");
}

#[test]
fn bytes_of_strangers_cannot_command_the_terminal() {
    for value in [
        &b"\x1b[2J\x9b\x00\xff"[..],
        "\u{1b}]0;title\u{7}\u{9b}\u{202e}".as_bytes(),
        "{\"a\":\"\u{9b}2J\u{7f}\"}".as_bytes(),
    ] {
        let text = shown(&record(Some(value), Some(value)), 1000);
        let harmless = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(text.chars().all(harmless), "{text:?}");
    }
}

#[test]
fn a_long_value_is_cut_and_says_how_long_it_is() {
    let text = shown(&record(None, Some("äbcdefgh".as_bytes())), 4);
    assert!(text.ends_with("  äbc ... (9 bytes in all)\n"), "{text}");
    let text = shown(&record(None, Some(b"\xff\xfe\xfd")), 2);
    assert!(text.ends_with("  \\xff\\xfe ... (3 bytes in all)\n"), "{text}");
}

#[test]
fn json_that_nests_without_end_is_shown_within_bounds() {
    let deep = "[".repeat(5000) + &"]".repeat(5000);
    let text = shown(&record(None, Some(deep.as_bytes())), 16 * 1024);
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert_eq!(holds("true", &record(None, Some(deep.as_bytes()))), Ok(true));
}

#[test]
fn expressions_see_the_value_and_the_rest_of_the_record() {
    let json = record(Some(b"{\"id\":5}"), Some(br#"{"user":{"id":7},"kind":"y","n":1.5}"#));
    for (code, wanted) in [
        (r#".user.id == 7 and .kind != "x""#, true),
        (".user.id == 8", false),
        ("$partition == 1 and $offset == 42 and $timestamp == 1500", true),
        (r#"$headers.trace == "abc" and $topic == "orders" and $key.id == 5"#, true),
        (".nothing", false),
        ("empty", false),
        ("select(.n > 1)", true),
        (r#".kind | test("^[xyz]$")"#, true),
    ] {
        assert_eq!(holds(code, &json), Ok(wanted), "{code}");
    }
    assert_eq!(holds(r#". == "plain""#, &record(None, Some(b"plain"))), Ok(true));
    assert_eq!(holds(". == null and $key == null", &record(None, None)), Ok(true));
    assert!(holds(".user.id == 7", &record(None, Some(b"plain"))).is_err());
    assert_eq!(holds(".user?.id? == 7", &record(None, Some(b"plain"))), Ok(false));
}

#[test]
fn a_bad_expression_is_refused_with_its_place() {
    for (code, says, column) in [
        (".user.id = = 7", "expected here", 11),
        (".kind == error", "", 0),
        ("$nothing == 1", "there is no variable $nothing; there are $key", 0),
        (".kind == urgent", "there is no filter urgent", 9),
        (".a ==", "expected here", 5),
        ("(.a", "closing parenthesis", 3),
    ] {
        let Err(message) = Expression::new(code).map(|_| ()) else {
            assert_eq!(says, "", "{code}");
            continue;
        };
        assert!(message.contains(says), "{message}");
        let mark = message.lines().last().unwrap().find('^').unwrap();
        assert_eq!(mark, column + 2, "{message}");
    }
}
