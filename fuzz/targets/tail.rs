//! Records of strangers as `klamm tail` shows them, and expressions over them.
//!
//! What is shown commands no terminal and is bounded; JSON keeps its meaning when it is laid out.

#![no_main]

use std::sync::Arc;

use bytes::Bytes;
use client::ConsumerRecord;
use klamm_fuzz::read_pairs;
use libfuzzer_sys::fuzz_target;
use model::{LeaderEpoch, Offset, PartitionIndex, Timestamp};
use records::{Header, TimestampType};
use tools::offline::{Where, tail};

/// What people ask. None of them loops: how long an expression takes is for whoever wrote it.
const EXPRESSIONS: [&str; 12] = [
    ".",
    ".a.b == 1",
    ".[] | select(. > 1)",
    "$key == \"k\" and $headers.h != null",
    "tojson | length > 10",
    "keys",
    "tostring | test(\"a+b\")",
    "to_entries | map(.value) | add",
    "[.. | numbers] | max",
    "fromjson",
    "ascii_downcase | explode | implode",
    "$offset * $timestamp + .[0]",
];

thread_local! {
    static COMPILED: Vec<Where> = EXPRESSIONS
        .iter()
        .map(|code| Where::new(code).expect("an expression of jq"))
        .collect();
}

/// Whether a letter does more than stand there.
fn commands(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut pairs = read_pairs(data).into_iter();
    let Some((key, value)) = pairs.next() else { return };
    let header = |(name, value): (Vec<u8>, Vec<u8>)| Header {
        key: String::from_utf8_lossy(&name).into_owned(),
        value: Some(value.into()),
    };
    let record = ConsumerRecord {
        topic: Arc::from("orders"),
        partition: PartitionIndex::new(1),
        offset: Offset::new(42),
        leader_epoch: LeaderEpoch::NONE,
        timestamp: Timestamp::new(i64::from(choice) << 40),
        timestamp_type: TimestampType::CreateTime,
        key: Some(key.into()),
        value: Some(value.into()),
        headers: pairs.map(header).collect(),
    };
    let value = record.value.clone().unwrap_or_default();
    let plain = tail(&record, false, usize::MAX);
    assert!(!plain.contains(commands), "a terminal is commanded: {plain:?}");
    assert!(plain.ends_with('\n'));
    let coloured = tail(&record, true, usize::MAX);
    assert!(coloured.len() >= plain.len());
    for bytes_max in [0, 1, usize::from(choice)] {
        let cut = tail(&record, false, bytes_max);
        // Each of the parts may be four times as long when it is escaped, or laid out deeply.
        let parts = 3 + 2 * record.headers.len();
        assert!(cut.len() <= 200 * parts + parts * 100 * (bytes_max + 1), "{bytes_max}: {cut}");
    }
    check_layout(&value, &plain);
    COMPILED.with(|expressions| {
        for expression in expressions {
            if let Err(reason) = expression.holds(&record) {
                assert!(!reason.is_empty() && !reason.contains(commands), "{reason:?}");
            }
        }
    });
});

/// The value, where it is laid out, is the same JSON as before.
fn check_layout(value: &Bytes, shown: &str) {
    let Ok(text) = std::str::from_utf8(value) else { return };
    let is_structure = text.trim_ascii_start().starts_with(['{', '[']);
    let Ok(before) = serde_json::from_slice::<serde_json::Value>(value) else { return };
    // What turns the direction of writing, or commands a terminal, is shown in other letters.
    if !is_structure || !text.is_ascii() || text.contains('\u{7f}') {
        return;
    }
    let laid_out = shown.split_once('\n').map_or("", |(_, lines)| lines);
    let after: Result<serde_json::Value, _> = serde_json::from_str(laid_out);
    assert_eq!(after.ok(), Some(before), "another meaning: {shown}");
}
