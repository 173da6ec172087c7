//! Clients that are commands of a terminal, kcat and our own console tools: they write and read the
//! records of `record_client.py`, and what they print is brought into its lines.

use std::time::Duration;

use anyhow::{Context, Result};

use super::records;
use crate::command::{command, output, transcript};
use crate::interop::install::Installed;
use crate::interop::kcat;

const TIME_MAX: Duration = Duration::from_secs(60);

/// What stands for no key or value in lines.
const NOTHING: &str = "\\N";

/// Reads a topic with kcat.
pub(super) fn kcat_reads(client: &Installed, bootstrap: &str, topic: &str) -> Result<String> {
    let mut kcat = kcat::command_of(client)?;
    // The lengths tell what is empty from what is not there.
    let format = "record %o\t%K:%k\t%S:%s\t%T\t%h\n";
    kcat.args(["-b", bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", format]);
    let printed = output(&mut kcat)?;
    lines(&printed, topic, |columns| {
        let [offset, key, value, timestamp, headers] = columns else { return None };
        Some([
            (*offset).to_owned(),
            with_length(key)?,
            with_length(value)?,
            (*timestamp).to_owned(),
            in_hexadecimal(headers, '=')?,
        ])
    })
}

/// Writes a topic with our console producer: without timestamps of its own.
pub(super) fn klamm_writes(bootstrap: &str, topic: &str, codec: &str) -> Result<()> {
    let mut producer = command(testkit::klamm_binary()?);
    producer.args(["console-producer", "--bootstrap-server", bootstrap, "--topic", topic]);
    producer.args(["--compression-codec", codec]);
    for property in ["parse.key=true", "parse.headers=true", &format!("null.marker={NOTHING}")] {
        producer.args(["--reader-property", property]);
    }
    let mut input = String::new();
    for number in 0..records::RECORDS {
        let key = records::key(number);
        let value = records::value(number);
        input.push_str(&format!(
            "number:{number},empty:\t{}\t{}\n",
            key.as_deref().unwrap_or(NOTHING),
            value.as_deref().unwrap_or(NOTHING)
        ));
    }
    transcript(producer, &input, TIME_MAX).map(|_| ())
}

/// Reads a topic with our console consumer.
pub(super) fn klamm_reads(bootstrap: &str, topic: &str) -> Result<String> {
    let mut consumer = command(testkit::klamm_binary()?);
    consumer.args(["console-consumer", "--bootstrap-server", bootstrap, "--topic", topic]);
    consumer.args(["--partition", "0", "--offset", "earliest", "--timeout-ms", "60000"]);
    consumer.arg("--max-messages").arg(records::RECORDS.to_string());
    let null = format!("null.literal={NOTHING}");
    for property in
        ["print.timestamp=true", "print.offset=true", "print.headers=true", "print.key=true", &null]
    {
        consumer.args(["--formatter-property", property]);
    }
    // Without what it says on standard error, which may come in the middle of a line.
    let printed = output(&mut consumer)?;
    let printed: String = printed.lines().map(|line| format!("record {line}\n")).collect();
    lines(&printed, topic, |columns| {
        let [timestamp, offset, headers, key, value] = columns else { return None };
        let headers = if *headers == "NO_HEADERS" { "" } else { headers };
        Some([
            offset.strip_prefix("Offset:")?.to_owned(),
            or_nothing(key),
            or_nothing(value),
            timestamp.split_once(':').map_or("-", |(_, time)| time).to_owned(),
            in_hexadecimal(headers, ':')?,
        ])
    })
}

/// The lines of `record_client.py` from those of another program.
fn lines(
    printed: &str,
    topic: &str,
    bring: impl Fn(&[&str]) -> Option<[String; 5]>,
) -> Result<String> {
    let mut brought = String::new();
    for line in printed.lines() {
        let Some(rest) = line.strip_prefix("record ") else { continue };
        let columns: Vec<&str> = rest.split('\t').collect();
        let columns = bring(&columns).with_context(|| format!("what is `{line}`?"))?;
        brought.push_str(&format!("record\t{topic}\t{}\n", columns.join("\t")));
    }
    Ok(brought)
}

/// `3:abc`, or `-1:` for nothing.
fn with_length(text: &str) -> Option<String> {
    match text.split_once(':')? {
        ("-1", _) => Some("null".to_owned()),
        (_, text) => Some(records::hexadecimal(text)),
    }
}

fn or_nothing(text: &str) -> String {
    if text == NOTHING { "null".to_owned() } else { records::hexadecimal(text) }
}

/// Headers with their values as digits.
fn in_hexadecimal(headers: &str, between: char) -> Option<String> {
    let mut texts = Vec::new();
    for header in headers.split(',').filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(between)?;
        texts.push(format!("{name}={}", records::hexadecimal(value)));
    }
    Some(texts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_told_from_what_is_not_there() {
        assert_eq!(with_length("-1:").as_deref(), Some("null"));
        assert_eq!(with_length("0:").as_deref(), Some(""));
        assert_eq!(or_nothing("\\N"), "null");
        assert_eq!(in_hexadecimal("number=7,empty=", '=').as_deref(), Some("number=37,empty="));
        assert_eq!(in_hexadecimal("", ':').as_deref(), Some(""));
    }
}
