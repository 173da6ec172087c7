//! The records that the programs `record_client.*` and `RecordClient.java` write and read: which they are, and
//! whether what was printed as read is what was written.
//!
//! Record n of a topic follows from n alone, whoever wrote it; see `tests/interop/python/record_client.py`.

use anyhow::{Context, Result, bail};

/// How many there are in a topic.
pub(super) const RECORDS: usize = 120;
const FIRST_TIMESTAMP: usize = 1_700_000_000_000;

/// What a client does not know, it prints as this.
const UNKNOWN: &str = "-";

/// What the records of a client carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Abilities {
    /// Timestamps, since Kafka 0.10.
    pub(super) timestamps: bool,
    /// Headers, since Kafka 0.11.
    pub(super) headers: bool,
}

/// Compares what a client printed of one topic with what another wrote.
pub(super) fn check_read(printed: &str, topic: &str, writer: Abilities) -> Result<()> {
    let start = format!("record\t{topic}\t");
    let mut count = 0;
    for line in printed.lines() {
        let Some(columns) = line.strip_prefix(&start) else { continue };
        let columns: Vec<&str> = columns.split('\t').collect();
        check_record(&columns, count, writer)
            .with_context(|| format!("record {count} of {topic} was read as `{line}`"))?;
        count += 1;
    }
    if count != RECORDS {
        bail!("{topic}: {count} of {RECORDS} records were read");
    }
    Ok(())
}

fn check_record(columns: &[&str], number: usize, writer: Abilities) -> Result<()> {
    let text = |text: Option<String>| text.map_or("null".into(), |text| hexadecimal(&text));
    let (expected_key, expected_value) = (text(key(number)), text(value(number)));
    let &[offset, key, value, timestamp, headers] = columns else { bail!("columns are missing") };
    let expected_headers = match writer.headers {
        true => format!("number={},empty=", hexadecimal(&number.to_string())),
        false => String::new(),
    };
    let expected_timestamp = (FIRST_TIMESTAMP + number).to_string();
    let timestamp_matters = writer.timestamps && timestamp != UNKNOWN;
    for (what, found, expected, matters) in [
        ("offset", offset, number.to_string(), true),
        ("key", key, expected_key, true),
        ("value", value, expected_value, true),
        ("timestamp", timestamp, expected_timestamp, timestamp_matters),
        ("headers", headers, expected_headers, headers != UNKNOWN),
    ] {
        if matters && found != expected {
            bail!("its {what} should be `{expected}`");
        }
    }
    Ok(())
}

/// The key of a record.
pub(super) fn key(number: usize) -> Option<String> {
    (!number.is_multiple_of(3)).then(|| format!("key-{number}"))
}

/// The value of a record.
pub(super) fn value(number: usize) -> Option<String> {
    let is_deleted = !number.is_multiple_of(3) && number % 50 == 7;
    (!is_deleted).then(|| format!("value {number} ").repeat(number % 20))
}

/// The bytes of a text as digits.
pub(super) fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_came_otherwise_is_reported() {
        let writer = Abilities { timestamps: true, headers: true };
        let good = ["0", "null", "", "1700000000000", "number=30,empty="];
        assert!(check_record(&good, 0, writer).is_ok());
        for (column, wrong) in [(0, "1"), (1, ""), (2, "null"), (3, "-1"), (4, "")] {
            let mut columns = good;
            columns[column] = wrong;
            assert!(check_record(&columns, 0, writer).is_err(), "column {column}");
        }
        let old = ["0", "null", "", "-", "-"];
        assert!(check_record(&old, 0, writer).is_ok());
    }
}
